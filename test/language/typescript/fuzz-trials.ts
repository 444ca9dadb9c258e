/** One mutant of a TypeScript pipeline: read, compiled, written and read back; nothing is thrown, what is said has a place. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readPackage } from "../../../language/spec/read.ts";
import { writePackage } from "../../../language/spec/write.ts";
import { analyzeTypeScript } from "../../../language/typescript/front-end.ts";
import { mutantOf } from "../python/mutants.ts";

const twins = join(import.meta.dirname, "fixtures/twins");
const steps = readFileSync(join(twins, "steps.py"), "utf8");
const churn = join(import.meta.dirname, "../../../samples/churn");
const files = [
  readFileSync(join(churn, "pipeline.ts"), "utf8"),
  ...readdirSync(twins).flatMap((name) => (name.endsWith(".ts") ? [readFileSync(join(twins, name), "utf8")] : [])),
];
const beside: Readonly<Record<string, string>> = {
  "/w/steps.py": steps,
  "/w/pipeline.py": readFileSync(join(churn, "pipeline.py"), "utf8"),
};

export function make(seed: number, index: number): string {
  return mutantOf(files, seed, index);
}

export function attempt(text: string): string {
  const path = "/w/p.ts";
  const { definitions, diagnostics } = analyzeTypeScript(
    path,
    { read: (asked) => (asked === path ? text : beside[asked]), list: () => ["p.ts", "steps.py", "pipeline.py"] },
    { sdkVersion: "2.17.0", roots: [], env: {} },
  );
  let compiled = 0;
  const said = [...diagnostics];
  for (const definition of definitions) {
    const result = definition.compile();
    said.push(...result.diagnostics);
    if (result.compiled === undefined || said.some(({ severity }) => severity === "error")) continue;
    compiled++;
    const written = writePackage(result.compiled);
    const again = readPackage("p.yaml", written);
    assert.deepEqual(
      again.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message),
      [],
    );
    assert.ok(again.package);
    assert.equal(writePackage(again.package), written);
  }
  for (const { span, message } of said) {
    if (span.path !== path) continue;
    assert.ok(
      span.start >= 0 && span.start <= span.end && span.end <= text.length + 1,
      `"${message}" at ${span.start}`,
    );
    assert.doesNotMatch(message, /\[object/);
  }
  if (said.some(({ severity }) => severity === "error")) return "errors";
  return compiled > 0 ? "compiled" : "nothing";
}
