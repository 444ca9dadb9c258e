/** What a ladder of conditions is called in the picture. */
import { expect, test } from "vitest";
import { dagView } from "../../../language/dag/from-spec.ts";
import { analyzed, head } from "../services/typescript/source.ts";

test.each([
  ["a === 1 || b === 2", "b > 3 || a > 3", ["If a == 1 || b == 2", "Elif b > 3 || a > 3", "Else"]],
  ["a === 1 && b === 2", "!(b > 3)", ["If a == 1 && b == 2", "Elif !(b > 3)", "Else"]],
  [
    "a === 1",
    "(a > 1 || b > 1) && (a > 2 || b > 2)",
    ["If a == 1", "Elif (a > 1 || b > 1) && (a > 2 || b > 2)", "Else"],
  ],
])("if (%s) … else if (%s)", (first, second, labels) => {
  const { analysis } = analyzed(`${head}export const p = pipeline({}, ({ a, b }: { a: Int; b: Int }) => {
  if (${first}) say({ text: "1" });
  else if (${second}) say({ text: "2" });
  else say({ text: "3" });
});`);
  expect(analysis.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const compiled = analysis.definitions.findLast(({ kind }) => kind === "pipeline")?.compile().compiled;
  if (!compiled) throw new Error("It does not compile.");
  expect(
    dagView(compiled)
      .nodes.filter(({ kind }) => kind === "condition")
      .map(({ label }) => label),
  ).toEqual(labels);
});
