/** A mutant of a compiled file: read, drawn and written again, or refused at a place in it. */
import assert from "node:assert/strict";
import { dagView } from "../../../language/dag/from-spec.ts";
import { toMermaid } from "../../../language/dag/mermaid.ts";
import { toText } from "../../../language/dag/text.ts";
import { readPackage } from "../../../language/spec/read.ts";
import { writePackage } from "../../../language/spec/write.ts";

export { specMutant as make } from "./mutants.ts";

export function attempt(text: string): string {
  const read = readPackage("/w/pipeline.yaml", text);
  for (const { span, message } of read.diagnostics) {
    assert.ok(
      span.start >= 0 && span.start <= span.end && span.end <= text.length + 1,
      `"${message}" at ${span.start}`,
    );
    assert.doesNotMatch(message, /undefined|\[object/);
  }
  if (!read.package) {
    assert.ok(read.diagnostics.length > 0, "refused without a word");
    return "refused";
  }
  const dag = dagView(read.package);
  toText(dag);
  toMermaid(dag);
  const written = writePackage(read.package);
  if (read.diagnostics.some(({ severity }) => severity === "error")) return "errors";
  const again = readPackage("/w/pipeline.yaml", written);
  const errors = again.diagnostics.filter(({ severity }) => severity === "error");
  assert.deepEqual(errors, []);
  assert.ok(again.package);
  assert.equal(writePackage(again.package), written, "what was written is read back as something else");
  return "read";
}
