import { expect, test } from "vitest";
import { cachedHints, inlayHints, useless } from "../../../../language/services/typescript/inlay.ts";
import { analyzed, head, path } from "./source.ts";

/** The source with its hints written into it. */
function shown(body: string): string {
  const { text, marks } = analyzed(
    `${head}export const p = pipeline({}, ({ n = 3, list }: { n?: Int; list: string[] }) => {\n${body}\n});\n`,
  );
  let result = text;
  for (const { offset, label } of [...inlayHints(path, marks)].reverse())
    result = `${result.slice(0, offset)}⟨${label}⟩${result.slice(offset)}`;
  return result.slice(result.indexOf("=> {\n", result.indexOf("export const p")) + 5, -"\n});\n".length);
}

test.each([
  ["for (const x of ['a', 'b']) say({ text: x });", "for (const x of ['a', 'b'])⟨unrolled ×2⟩ say({ text: x });"],
  ["for (const x of list) { say({ text: x }); }", "for (const x of list)⟨ParallelFor⟩ { say({ text: x }); }"],
  [
    "for (const x of parallel(list, { limit: 2 })) say({ text: x });",
    "for (const x of parallel(list, { limit: 2 }))⟨ParallelFor, 2 at once⟩ say({ text: x });",
  ],
  ["for (let i = 0; i < 4; i++) say({ text: 'a' });", "for (let i = 0; i < 4; i++)⟨unrolled ×4⟩ say({ text: 'a' });"],
  ["for (const k in { a: 1 }) say({ text: k });", "for (const k in { a: 1 })⟨unrolled ×1⟩ say({ text: k });"],
  [
    "const all = list.map((x) => say({ text: x }).output);",
    "const all = list.map⟨ParallelFor⟩((x) => say({ text: x }).output);",
  ],
  ["if (n > 2) say({ text: 'a' });", "if (n > 2)⟨condition of the run⟩ say({ text: 'a' });"],
  [
    "if (1 > 2) say({ text: 'a' }); else if (n > 1) say({ text: 'b' });",
    "if (1 > 2)⟨decided while compiling: false⟩ say({ text: 'a' }); else if (n > 1)⟨condition of the run⟩ say({ text: 'b' });",
  ],
  [
    "const t = n > 1 ? say({ text: 'a' }).output : say({ text: 'b' }).output;",
    "const t = n > 1⟨condition of the run⟩ ? say({ text: 'a' }).output : say({ text: 'b' }).output;",
  ],
  [
    "switch (n) { case 1: say({ text: 'a' }); break; default: say({ text: 'b' }); }",
    "switch (n)⟨condition of the run⟩ { case 1: say({ text: 'a' }); break; default: say({ text: 'b' }); }",
  ],
  [
    "for (const x of ['a', 'b']) { if (x === 'a') say({ text: x }); }",
    "for (const x of ['a', 'b'])⟨unrolled ×2⟩ { if (x === 'a')⟨differs from time to time⟩ say({ text: x }); }",
  ],
  [
    "const all = (xs: readonly string[]) => { for (const x of xs) say({ text: x }); }; all(['a']); all(list);",
    "const all = (xs: readonly string[]) => { for (const x of xs)⟨ParallelFor or unrolled⟩ say({ text: x }); }; all(['a']); all(list);",
  ],
])("%s", (body, expected) => expect(shown(body)).toBe(expected));

test("arms that no pipeline has, and what makes no step, are faded", () => {
  const faded = (body: string) => {
    const source = `${head}export const p = pipeline({}, ({ n = 3, list }: { n?: Int; list: string[] }) => {\n${body}\n});\n`;
    const { text, marks, analysis } = analyzed(source);
    return useless(path, marks, analysis.diagnostics).map(({ span }) => text.slice(span.start, span.end));
  };
  expect(faded("if (1 > 2) say({ text: 'a' }); else say({ text: 'b' });")).toEqual(["say({ text: 'a' });"]);
  expect(faded("if (1 < 2) say({ text: 'a' }); else say({ text: 'b' });")).toEqual(["say({ text: 'b' });"]);
  expect(faded("if (n < 2) { const a = 1; } say({ text: 'b' });")).toEqual(["if (n < 2) { const a = 1; }"]);
  expect(faded("for (const x of list) {} say({ text: 'b' });")).toEqual(["for (const x of list) {}"]);
  expect(faded("if (n < 2) say({ text: 'a' }); for (const x of ['a']) if (x === 'a') say({ text: x });")).toEqual([]);
  // What cannot be read yet may well make a step.
  expect(faded("if (list.length > 2) say({ text: 'a' });")).toEqual([]);
});

test("a step that the cache will answer says so behind its call", () => {
  const source = `${head}export const p = pipeline({}, () => {\nsay({ text: "a" });\nfor (const text of ["b", "c"]) say({ text });\n});\n`;
  const { text, analysis } = analyzed(source);
  const { compiled } = analysis.definitions.find(({ symbol }) => symbol === "p")?.compile() ?? {};
  const hints = cachedHints(path, compiled?.sourceMap ?? new Map(), new Set(["root.say", "root.say-3"]));
  expect(hints.map(({ offset, label }) => [label, text.slice(text.lastIndexOf("\n", offset) + 1, offset)])).toEqual([
    ["cached", 'say({ text: "a" })'],
    ["cached, 1 of 2", 'for (const text of ["b", "c"]) say({ text })'],
  ]);
});
