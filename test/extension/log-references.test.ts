import { expect, test } from "vitest";
import { logReferences } from "../../extension/log-references.ts";

const named = (lines: readonly string[]) =>
  logReferences(lines).map(({ file, line, column, text, at }) => [
    `${file}:${line}:${column}`,
    lines[at.line]?.slice(at.start, at.end),
    text,
  ]);

test("finds Python's and JavaScript's places, of a step and of a whole run", () => {
  expect(
    named([
      "Traceback (most recent call last):",
      '  File "/tmp/tmp.1/ephemeral_component.py", line 11, in bad',
      "    return inner(x)",
      "           ^^^^^^^^",
      '[a step]   File "/home/me/lib/deep.py", line 3, in f',
      "[a step]     raise ValueError(1)",
      '  File "<frozen runpy>", line 198, in _run_module_as_main',
      "/tmp/x/ephemeral_component.py:5: UserWarning: old",
      "  warnings.warn('old')",
      "    at inner (/tmp/millrace-1/p.ts:5:11)",
      "    at async file:///tmp/a%20b/p.mts:7:15",
      "file:///tmp/x/component.mjs:249",
      "at http://example.com/x.js:1:2 nothing, nor at 12:30:11",
    ]),
  ).toEqual([
    ["/tmp/tmp.1/ephemeral_component.py:11:1", '/tmp/tmp.1/ephemeral_component.py", line 11', "return inner(x)"],
    ["/home/me/lib/deep.py:3:1", '/home/me/lib/deep.py", line 3', "raise ValueError(1)"],
    ["/tmp/x/ephemeral_component.py:5:1", "/tmp/x/ephemeral_component.py:5", "warnings.warn('old')"],
    ["/tmp/millrace-1/p.ts:5:11", "/tmp/millrace-1/p.ts:5:11", undefined],
    ["/tmp/a%20b/p.mts:7:15", "file:///tmp/a%20b/p.mts:7:15", undefined],
    ["/tmp/x/component.mjs:249:1", "file:///tmp/x/component.mjs:249", undefined],
  ]);
});

test("of a long log those at its end", () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `  File "/x/${index}.py", line 1, in f`);
  const found = logReferences(lines);
  expect(found).toHaveLength(500);
  expect(found.at(-1)?.file).toBe("/x/4999.py");
  expect(logReferences([`/${"x".repeat(5_000_000)}.py:1: UserWarning`])).toEqual([]);
});
