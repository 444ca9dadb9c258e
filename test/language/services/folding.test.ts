import { expect, test } from "vitest";
import { cellFolds, pythonFolds } from "../../../language/services/folding.ts";

/** Each fold as its first and last line with what stands there. */
function folds(text: string): readonly string[] {
  const lines = text.split("\n");
  return pythonFolds(text).map(({ start, end, kind }) => {
    const what = kind ? ` ${kind}` : "";
    return `${start + 1}-${end + 1}${what}: ${lines[start]?.trim()} … ${lines[end]?.trim()}`;
  });
}

test("imports, decorators and signatures of many lines, blocks, calls, comments", () => {
  const text = `from kfp import dsl
from kfp.dsl import (
    Input,
)

# One
# two
@dsl.component(
    base_image="x",
)
def load(
    rows: int,
) -> int:
    """Loads.

  Less indented.
    """
    return rows


@dsl.pipeline
def flow():
    with dsl.If(1 == 1):
        a = load(
            rows=1,
        )
    # After it.
    for x in [1]:
        if x:
            load(rows=1)
        else:
            load(rows=2)

    load(rows=3)
`;
  expect(folds(text)).toEqual([
    "1-4 imports: from kfp import dsl … )",
    "2-4: from kfp.dsl import ( … )",
    "6-7 comment: # One … # two",
    "8-10: @dsl.component( … )",
    "11-18: def load( … return rows",
    '14-17: """Loads. … """',
    "22-34: def flow(): … load(rows=3)",
    "23-26: with dsl.If(1 == 1): … )",
    "24-26: a = load( … )",
    "28-32: for x in [1]: … load(rows=2)",
    "29-30: if x: … load(rows=1)",
    "31-32: else: … load(rows=2)",
  ]);
});

test("cells from mark to mark, over the blocks in them, and regions", () => {
  expect(
    folds("import kfp\n\n# %% Load\nx = [\n  1,\n]\n\n# %% [markdown]\n# text\n# region A\ny = 1\n# endregion\n"),
  ).toEqual([
    "3-6 region: # %% Load … ]",
    "4-6: x = [ … ]",
    "8-12 region: # %% [markdown] … # endregion",
    "10-12 region: # region A … # endregion",
  ]);
  expect(cellFolds("import kfp\nx = 1\n", "python")).toEqual([]);
  expect(cellFolds("// %% One\nlet x = 1;\n\n// %%\n", "typescript")).toEqual([
    { start: 0, end: 1, kind: "region" },
    { start: 3, end: 3, kind: "region" },
  ]);
});

test("tabs, CRLF, one line, nothing, what does not parse", () => {
  expect(folds("if x:\n\ty = 1\n\tif y:\n\t\tz = 1\n")).toEqual(["1-4: if x: … z = 1", "3-4: if y: … z = 1"]);
  expect(pythonFolds("def f():\r\n    return 1\r\n\r\nx = 1\r\n")).toEqual([{ start: 0, end: 1 }]);
  expect(folds("def f(): return 1\n")).toEqual([]);
  expect(folds("")).toEqual([]);
  expect(folds("def f(\n    load(\n\nclass A:\n    x = 1\n").at(-1)).toBe("4-5: class A: … x = 1");
});
