import { describe, expect, test } from "vitest";
import { fromCells, languageOf, readOrigin, toCells } from "../../extension/notebook-cells.ts";
import { plainText } from "../../extension/plain-text.ts";
import { readTable } from "../../extension/read-table.ts";

describe("a log as plain text", () => {
  test.each([
    ["\u001b[31mred\u001b[0m\n", "red\n"],
    ["10%\r50%\r100%\ndone\n", "100%\ndone\n"],
    ["windows\r\nlines\r\n", "windows\nlines\n"],
    ["\u001b]8;;http://x\u0007link\u001b]8;;\u0007\n", "link\n"],
    ["\u001b[?25l\u001b[2Kx\n", "x\n"],
    ["plain [31m text\n", "plain [31m text\n"],
  ])("%j", (text, plain) => {
    expect(plainText()(text)).toBe(plain);
    // The same in two chunks, wherever it is cut.
    for (let cut = 0; cut <= text.length; cut++) {
      const clean = plainText();
      const joined = clean(text.slice(0, cut)) + clean(text.slice(cut));
      // A line that was shown before it was started anew cannot be taken back.
      if (!/[^\r]\r[^\n]/.test(text)) expect(joined).toBe(plain);
    }
  });
});

describe("a table", () => {
  test.each([
    [
      "a,b\n1,2\n3,4\n",
      "x.csv",
      {
        columns: ["a", "b"],
        rows: [
          ["1", "2"],
          ["3", "4"],
        ],
      },
    ],
    ['a,b\r\n"x, ""y""\nz",2\r\n', "x.csv", { columns: ["a", "b"], rows: [['x, "y"\nz', "2"]] }],
    ["a\tb\n1\t2\n9\t", "x", { columns: ["a", "b"], rows: [["1", "2"]] }],
    [
      '{"a": 1, "b": "x"}\n{"a": [2]}\n{"a"',
      "x.jsonl",
      {
        columns: ["a", "b"],
        rows: [
          ["1", "x"],
          ["[2]", ""],
        ],
      },
    ],
    ["just words\n", "x.txt", undefined],
    ["a,b\n1\n", "x.csv", undefined],
    ["", "x.csv", undefined],
  ])("%j", (text, name, table) => {
    expect(readTable(text, name, 10)).toEqual(table);
  });
  test("no more rows than asked for", () => {
    expect(readTable(`a,b\n${"1,2\n".repeat(1000)}`, "x.csv", 3)?.rows.length).toBe(3);
  });
});

describe("cells", () => {
  test.each([
    ["# %% One\nx = 1\n\n# %% [markdown]\n# Hello\n\n# %%\n", "python"],
    ['// %% Load\nimport { component } from "millrace";\n', "typescript"],
    ['import { component } from "millrace";\nexport const a = 1;\n', "typescript"],
    ["from kfp import dsl\r\n# %%\r\nx = 1\r\n", "python"],
    ["", "python"],
  ] as const)("%j is read, and written back to the byte", (text, language) => {
    expect(languageOf(text)).toBe(language);
    const read = toCells(text);
    const kept = read.cells.map((cell) => ({
      ...cell,
      ...readOrigin(JSON.parse(JSON.stringify({ origin: cell.origin }))),
    }));
    expect(fromCells(kept, language).text).toBe(text);
  });
  test("metadata from elsewhere is not trusted", () => {
    for (const metadata of [undefined, null, 1, {}, { origin: 3 }, { origin: { raw: { marker: 1 }, title: {} } }])
      expect(readOrigin(metadata)).toEqual({ origin: {} });
  });
});
