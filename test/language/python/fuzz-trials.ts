/** One mutant of a pipeline file: read, compiled and written; nothing is thrown, and what is said of it has a place in it. */
import assert from "node:assert/strict";
import { writePackage } from "../../../language/spec/write.ts";
import { analyze } from "./check.ts";

export { mutant as make } from "./mutants.ts";

export function attempt(text: string): string {
  const { definitions, diagnostics } = analyze(text);
  let compiled = 0;
  const said = [...diagnostics];
  for (const definition of definitions) {
    const result = definition.compile();
    said.push(...result.diagnostics);
    if (result.compiled === undefined) continue;
    compiled++;
    assert.match(writePackage(result.compiled), /^# (?:PIPELINE|COMPONENT) DEFINITION\n/);
  }
  for (const { span, message } of said) {
    assert.ok(
      span.start >= 0 && span.start <= span.end && span.end <= text.length + 1,
      `"${message}" at ${span.start}`,
    );
    assert.doesNotMatch(message, /undefined|\[object/);
  }
  if (compiled === 0) return "nothing";
  return said.some(({ severity }) => severity === "error") ? "errors" : "compiled";
}
