/** What a runner leaves that is killed: nothing. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { processStart } from "../../../runtime/store/process.ts";
import { scratch } from "./run-package.ts";

const entry = join(import.meta.dirname, "../../../runtime/local/process.ts");
const log = `{ write() {}, tail: () => [], close() {} }`;

/** A process that runs each script as a step does. */
function runner(folder: string, scripts: readonly string[]): ReturnType<typeof spawn> {
  const program = join(folder, "runner.mts");
  const steps = scripts.map(
    (script) =>
      `runProcess({ command: ["sh", "-c", ${JSON.stringify(script)}], cwd: ${JSON.stringify(folder)}, env: process.env, log: ${log}, signal: new AbortController().signal })`,
  );
  writeFileSync(
    program,
    `import { runProcess } from ${JSON.stringify(entry)};\nawait Promise.all([${steps.join(", ")}]);\n`,
  );
  return spawn(process.execPath, [program], { stdio: "ignore" });
}

async function until(is: () => boolean): Promise<void> {
  while (!is()) await pause(20);
}

function pids(file: string): number[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split(/\s+/).filter(Boolean).map(Number) : [];
}

test.skipIf(process.platform === "win32")(
  "steps of a runner that is killed end, those that will not too",
  async () => {
    const folder = scratch();
    const child = runner(folder, [
      "sleep 300 & echo $$ $! > polite; wait",
      "trap '' TERM; echo $$ > stubborn; while :; do sleep 0.2; done",
      "exit 0",
    ]);
    const seen = () => [...pids(join(folder, "polite")), ...pids(join(folder, "stubborn"))];
    await until(() => seen().length === 3);
    const begun = seen();
    expect(begun.every((pid) => processStart(pid) !== undefined)).toBe(true);
    child.kill("SIGKILL");
    await until(() => begun.every((pid) => processStart(pid) === undefined));
  },
  60_000,
);

test.skipIf(process.platform === "win32")(
  "a runner that ends leaves its watcher nothing to do, and does not wait for it",
  async () => {
    const folder = scratch();
    const child = runner(folder, ["true"]);
    const status = await new Promise((done) => child.once("exit", done));
    expect(status).toBe(0);
  },
);
