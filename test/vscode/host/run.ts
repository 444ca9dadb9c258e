/** Entry of the tests inside the extension host (contract of `extensionTestsPath`): mocha over the suites of this folder. */
import Mocha from "mocha";
import { registerServices } from "./services.ts";
import { registerSuites } from "./suites.ts";
import { registerTypeScriptSuites } from "./typescript-suites.ts";

export function run(): Promise<void> {
  // As for the tests through the window: a busy machine may be late once; the report says where.
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000, reporter: "base", retries: 1 });
  mocha.suite.emit("pre-require", globalThis as never, "", mocha);
  if (process.env.SUITES === "services") registerServices();
  else if (process.env.SUITES === "typescript") registerTypeScriptSuites();
  else registerSuites();
  return new Promise((done, fail) => {
    const say = (line: string) => console.log(`[test] ${line}`);
    const runner = mocha.run((failures) => {
      const { passes = 0 } = runner.stats ?? {};
      say(`in the extension host: ${passes} passed, ${failures} failed`);
      if (failures) fail(new Error(`${failures} failed`));
      else done();
    });
    runner.on("pass", (test) => say(`✓ ${test.fullTitle()} (${test.duration ?? 0} ms)`));
    runner.on("retry", (test: Mocha.Test, error: unknown) => say(`again: ${test.fullTitle()}: ${String(error)}`));
    runner.on("fail", (test, error: unknown) =>
      say(`✗ ${test.fullTitle()}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    );
  });
}
