import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cell, type CellLanguage, readCells, writeCells } from "../../language/cells.ts";

const languages = ["python", "typescript"] as const;

/** Lines as files have them, thrown together: markers, comments, blanks, every line ending. */
const line = fc.oneof(
  fc.constantFrom(
    "# %%",
    "# %% Load",
    "# %% [markdown] About",
    "# %% [md]",
    "#%%",
    "// %%",
    "// %% [markdown]",
    "# %%%",
    "# text",
    "#",
    "// x",
    "",
    "  ",
    "x = 1",
    '# %% A {"k": 1}',
    "\ufeff",
  ),
  fc.string({ maxLength: 12 }),
);
const source = fc
  .array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n", "\r", "")), { maxLength: 12 })
  .map((lines) => lines.map(([text, eol]) => text + eol).join(""));

test.each(languages)("any text comes back to the byte: %s", (language) => {
  fc.assert(
    fc.property(
      fc.oneof(
        source,
        fc.string({ unit: "binary" }),
        source.map((s) => `\ufeff${s}`),
      ),
      (text) => {
        expect(writeCells(readCells(text, language), language)).toBe(text);
      },
    ),
    { numRuns: 3000 },
  );
});

test.each(languages)("an edited cell reads back as it was edited; the others stay to the byte: %s", (language) => {
  const edit = fc
    .array(fc.constantFrom("x", "", "# a", "  y", "// z"), { minLength: 1, maxLength: 4 })
    .map((lines) => `${lines.join("\n")}!`);
  fc.assert(
    fc.property(source, fc.nat(), edit, (text, at, newText) => {
      const cells = readCells(text, language);
      if (cells.length === 0) return;
      const index = at % cells.length;
      const edited = cells.map((cell, i): Cell => (i === index ? { ...cell, text: newText } : cell));
      const again = readCells(writeCells(edited, language), language);
      expect(again.map(({ kind, text: t }) => [kind, t])).toEqual(edited.map(({ kind, text: t }) => [kind, t]));
      for (const [i, cell] of cells.entries())
        if (i !== index && i !== 0)
          expect(again[i]?.raw?.source.startsWith(cell.text === "" ? "" : (cell.raw?.source.trimEnd() ?? ""))).toBe(
            true,
          );
    }),
    { numRuns: 3000 },
  );
});

/** `kind title: text`, one a cell. */
function said(text: string, language: CellLanguage): string[] {
  return readCells(text, language).map(({ kind, title, text: t }) => `${kind} ${title ?? "-"}: ${JSON.stringify(t)}`);
}

test("what a cell is", () => {
  expect(
    said(
      "import kfp\n\n# %% Load\nx = 1\n\n\n# %% [markdown] About\n# # Title\n#\n# text\n\n# %% [md]\nno comment\n#%%\n",
      "python",
    ),
  ).toEqual([
    'code -: "import kfp"',
    'code Load: "x = 1"',
    'markdown About: "# Title\\n\\ntext"',
    'code -: "no comment"',
    'code -: ""',
  ]);
  expect(said('// %% A b {"tags": []}\nconst a = 1;\n// %% [markdown]\n// Hi\n', "typescript")).toEqual([
    'code A b: "const a = 1;"',
    'markdown -: "Hi"',
  ]);
  expect(said("", "python")).toEqual([]);
  expect(said("    # %% indented\n", "python")).toEqual(['code -: "    # %% indented"']);
});

test("new, moved and retitled cells", () => {
  const [first, second] = readCells("import a\n\n# %% Two\nb()\n", "python");
  if (!first || !second) throw new Error("two cells");
  expect(writeCells([second, first], "python")).toBe("# %% Two\nb()\n# %%\nimport a\n\n");
  expect(writeCells([first, second, { kind: "markdown", title: "End", text: "Bye\n\nnow" }], "python")).toBe(
    "import a\n\n# %% Two\nb()\n# %% [markdown] End\n# Bye\n#\n# now\n",
  );
  expect(writeCells([first, { ...second, title: "Zwei" }], "python")).toBe("import a\n\n# %% Zwei\nb()\n");
  expect(writeCells([first, { ...second, kind: "markdown", text: "b" }], "python")).toBe(
    "import a\n\n# %% [markdown] Two\n# b\n",
  );
});
