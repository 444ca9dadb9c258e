import { expect, test } from "vitest";
import { readMeanings } from "../../../language/python/front-end.ts";
import { channelMarks } from "../../../language/services/channel-marks.ts";
import { pythonHover } from "../../../language/services/python-hover.ts";
import {
  passedOnWhole,
  referencesOf,
  refusedName,
  renameable,
  renamePlaces,
} from "../../../language/services/rename.ts";
import { signatureAt } from "../../../language/services/signature.ts";
import { definitionOf, symbolAt } from "../../../language/services/symbols.ts";
import type { Files, Span } from "../../../language/source.ts";
import { body, marked, options, path, steps } from "./marked.ts";

function at(source: string, others: Readonly<Record<string, string>> = {}) {
  const { text, offset, files } = marked(source, others);
  return { text, offset, files, meanings: readMeanings(path, files, options) };
}

/** `steps.py:6 rows`: file, line counted from one, and what stands there. */
function places(spans: readonly Span[], files: Files): readonly string[] {
  return spans
    .map((span) => {
      const text = files.read(span.path) ?? "";
      const line = text.slice(0, span.start).split("\n").length;
      return `${span.path.slice(3)}:${line} ${text.slice(span.start, span.end)}`;
    })
    .sort();
}

function hover(source: string, others = ""): string | undefined {
  const { offset, meanings } = at(source);
  return pythonHover(meanings, path, offset, others)?.text;
}

test("hover: a component says its signature, description, image and packages", () => {
  for (const source of [body("lo$0ad(rows=1)"), body("load(rows=1)").replace("import load", "import lo$0ad")])
    expect(hover(source)).toBe(
      [
        "```python\nload(rows: int, seed: int = 7) → data: Dataset, Output: float\n```",
        "Loads customers.",
        "Image `python:3.12`",
        "Packages `pandas==2.2.0`",
      ].join("\n\n"),
    );
});

test("hover: steps, channels, inputs, outputs, and what the SDK has", () => {
  expect(hover(body("a = load(rows=1)\na.set_caching_options(False)\na$0.set_retry(3)"))).toMatch(
    /^```python\nload\([\s\S]*Not cached\.\n\nStep `load`$/,
  );
  expect(hover(body('a = load(rows=1)\ntrain(data=a.outputs["da$0ta"])'))).toBe(
    "```python\ndata: Dataset\n```\n\nOutput `data` of step `load`",
  );
  expect(hover(body("load(rows=ro$0ws)"))).toBe("```python\nrows: int = 3\n```\n\nInput of `fit`");
  expect(hover(body("load(ro$0ws=1)"))).toBe("```python\nrows: int\n```\n\nInput of `load`\n\nHow many customers.");
  expect(hover(body("with dsl.ParallelFor(names) as name:\n    print(na$0me)"))).toContain(
    "Item of the loop `for-loop-1`",
  );
  expect(hover(body("a = load(rows=1)\na.out$0puts"))).toContain("data: Dataset\nOutput: float");
  expect(hover(body("with dsl.Parallel$0For(names) as name:\n    load(rows=1)"))).toContain("parallelism: int = None");
  expect(
    hover(body("with dsl.Parallel$0For(names) as name:\n    load(rows=1)"), "(class) ParallelFor"),
  ).toBeUndefined();
  expect(hover(body("pr$0int(1)"))).toBeUndefined();
  expect(hover(body("load(rows=1)").replace("def fit", "def f$0it"))).toContain("Pipeline, 1 step at its top");
});

test("hover beside another server: what it says already is left out", () => {
  const signature =
    "(function) def load(\n    rows: int,\n    data: Unknown,\n    seed: int = 7\n) -> float\nLoads\ncustomers.";
  expect(hover(body("lo$0ad(rows=1)"), signature)).toBe(
    ["Gives `data: Dataset`, `Output: float`", "Image `python:3.12`", "Packages `pandas==2.2.0`"].join("\n\n"),
  );
  expect(hover(body("lo$0ad(rows=1)"), "(variable) load: PythonComponent")).toMatch(/^```python\nload\(/);
  expect(hover(body("load(rows=ro$0ws)"), "(parameter) rows: int")).toBe("Input of `fit`, default `3`");
  expect(hover(body("load(rows=ro$0ws)"), "(parameter) rows: Unknown")).toBe(hover(body("load(rows=ro$0ws)")));
});

test.each([
  ["a component, through its decorator", body("lo$0ad(rows=1)"), "steps.py:5 load"],
  ["an argument", body("load(ro$0ws=1)"), "steps.py:5 rows"],
  ["an output", body('a = load(rows=1)\ntrain(data=a.outputs["$0data"])'), "steps.py:5 data"],
  [
    "an output that only the return type names",
    body('a = load(rows=1)\nprint(a.outputs["Out$0put"])'),
    "steps.py:5 float",
  ],
  [
    "the only output",
    body("x = one()\nprint(x.out$0put)").replace(
      "@dsl.pipeline",
      "@dsl.component\ndef one() -> int:\n    return 1\n\n@dsl.pipeline",
    ),
    "pipeline.py:5 int",
  ],
  ["an import", body("load(rows=1)").replace("import load", "import $0load"), "steps.py:5 load"],
  ["a parameter of a pipeline, in its body", body("load(rows=row$0s)"), "pipeline.py:5 rows"],
])("definition of %s", (_, source, expected) => {
  const { offset, files, meanings } = at(source);
  const symbol = symbolAt(meanings, path, offset);
  expect(symbol && places([definitionOf(symbol)], files)).toEqual([expected]);
});

test("through modules, other names and decorators of one's own", () => {
  for (const [imports, call] of [
    ["import steps", "steps.lo$0ad(rows=1)"],
    ["import steps as s", "s.load(ro$0ws=1)"],
    ["from steps import load as l", "l(ro$0ws=1)"],
    ["from shared import load", "load(ro$0ws=1)"],
  ] as const) {
    const { offset, files, meanings } = at(body(call).replace("from steps import load, train", imports), {
      "shared.py": "from steps import *\n",
    });
    const symbol = symbolAt(meanings, path, offset);
    expect(symbol && places([definitionOf(symbol)], files)).toEqual([
      call.includes("lo$0ad") ? "steps.py:5 load" : "steps.py:5 rows",
    ]);
  }
});

const other = `import steps

def helper(n):
    return steps.load(rows=n, seed=1)

@steps.dsl.pipeline
def second():
    helper(3)
    steps.load(rows=4)
`;

test("references: all files that are read", () => {
  const { offset, files, meanings } = at(body("lo$0ad(rows=1)\nload(rows=2)"), { "other.py": other });
  const symbol = symbolAt(meanings, path, offset);
  if (!symbol) throw new Error("no symbol");
  const readings = [meanings, readMeanings("/w/other.py", files, options)];
  expect(places(referencesOf(readings, symbol), files)).toEqual([
    "other.py:4 load",
    "other.py:9 load",
    "pipeline.py:2 load",
    "pipeline.py:6 load",
    "pipeline.py:7 load",
    "steps.py:5 load",
  ]);
});

test("rename of an input: its definition, docstring and body, and every call that names it", () => {
  const { offset, files, meanings } = at(body("load(ro$0ws=rows)\ntrain(data=load(rows=2).outputs['data'])"), {
    "other.py": other,
  });
  const symbol = renameable(meanings, path, offset);
  if (!symbol) throw new Error("nothing to rename");
  const readings = [meanings, readMeanings("/w/other.py", files, options)];
  const found = renamePlaces(readings, symbol);
  expect(places(found, files)).toEqual([
    "other.py:4 rows",
    "other.py:9 rows",
    "pipeline.py:6 rows",
    "pipeline.py:7 rows",
    "steps.py:12 rows",
    "steps.py:12 rows",
    "steps.py:15 rows",
    "steps.py:15 rows",
    "steps.py:5 rows",
    "steps.py:9 rows",
  ]);
  // What comes out of it still is a pipeline: nothing was missed, and nothing else was touched.
  const edited = (file: string): string =>
    found
      .filter(({ path: one }) => one === file)
      .sort((a, b) => b.start - a.start)
      .reduce((text, { start, end }) => `${text.slice(0, start)}count${text.slice(end)}`, files.read(file) ?? "");
  expect(edited("/w/steps.py")).toContain(
    "    def inner(rows):\n        return rows\n    return [count for _ in range(count)]",
  );
  expect(edited("/w/steps.py")).toContain('print(count, f"{count:>5}")');
  expect(edited(path)).toContain("load(count=rows)");
});

test("rename of a pipeline's input, and of an output", () => {
  const renamed = (source: string): readonly string[] => {
    const { offset, files, meanings } = at(source);
    const symbol = renameable(meanings, path, offset);
    return symbol ? places(renamePlaces([meanings], symbol), files) : [];
  };
  expect(renamed(body("load(rows=row$0s)"))).toEqual(["pipeline.py:5 rows", "pipeline.py:6 rows"]);
  expect(renamed(body("a = load(rows=1)\ntrain(data=a.outputs['da$0ta'])"))).toEqual([
    "pipeline.py:7 data",
    "steps.py:10 data",
    "steps.py:5 data",
  ]);
});

test("arguments by dict and by partial are renamed where they are written, and refused where they are not", () => {
  const renamed = (source: string): readonly string[] | undefined => {
    const { offset, files, meanings } = at(source);
    const symbol = renameable(meanings, path, offset);
    if (!symbol) return undefined;
    const whole = passedOnWhole([meanings], symbol);
    if (whole) return [`refused: ${places([whole], files).join()}`];
    return places(renamePlaces([meanings], symbol), files).filter((place) => place.startsWith("pipeline"));
  };
  expect(
    renamed(body("import functools\nload(ro$0ws=1)\nload(**{'rows': 2})\np = functools.partial(load, rows=3)\np()")),
  ).toEqual(["pipeline.py:7 rows", "pipeline.py:8 rows", "pipeline.py:9 rows"]);
  expect(renamed(body("given = dict(rows=1)\nload(**given)\nload(ro$0ws=1)"))).toEqual([
    "refused: pipeline.py:7 given",
  ]);
  const whole = body('a = load(rows=1)\ntrain(data=a.outputs["da$0ta"])\nprint(a.outputs)');
  expect(renamed(whole)).toEqual(["refused: pipeline.py:8 a.outputs"]);
});

test("an input and an output of one name are two", () => {
  const source = `import collections
from typing import NamedTuple
from kfp import dsl
from steps import load

@dsl.pipeline
def inner(rows: int) -> NamedTuple("O", [("rows", float)]):
    made = collections.namedtuple("O", ["rows"])
    return made(load(rows=rows).outputs["Output"])

@dsl.pipeline
def outer():
    inner(ro$0ws=1)
`;
  const { offset, files, meanings } = at(source);
  const symbol = renameable(meanings, path, offset);
  expect(symbol && places(renamePlaces([meanings], symbol), files)).toEqual([
    "pipeline.py:13 rows",
    "pipeline.py:7 rows",
    "pipeline.py:9 rows",
  ]);
});

test("what is not renamed here, and names that will not do", () => {
  for (const source of [body("lo$0ad(rows=1)"), body("a$0 = load(rows=1)"), body("print(a.outputs['Out$0put'])")]) {
    const { offset, meanings } = at(source);
    expect(renameable(meanings, path, offset)).toBeUndefined();
  }
  const { offset, meanings } = at(body("load(ro$0ws=1)"));
  const symbol = renameable(meanings, path, offset);
  if (!symbol) throw new Error("nothing to rename");
  for (const name of ["seed", "data", "class", "1st", "a b", ""]) expect(refusedName(symbol, name)).toBeTruthy();
  for (const name of ["count", "größe", "rows"]) expect(refusedName(symbol, name)).toBeUndefined();
});

test("marks of channels: parameters of pipelines, outputs, loop items", () => {
  const { text, meanings } = at(
    body(
      'a = load(rows=rows)\nk = 1\nwith dsl.ParallelFor(names) as name:\n    train(data=a.outputs["data"], rate=$0k)\n    print(name, a.output)',
    ),
  );
  const shown = channelMarks(meanings, path).map(({ start, end }) => {
    const line = text.slice(0, start).split("\n").length;
    return `${line} ${text.slice(start, end)}`;
  });
  expect(shown).toEqual(["5 rows", "5 names", "6 rows", "8 names", "8 name", "9 data", "10 name"]);
});

test.each([
  ["the first", "load($0)", 0],
  ["one by name", "load(rows=1, seed=$0)", 1],
  ["the next that is not given", "load(rows=1, $0", 1],
  ["in a value", "load(seed=1 + $0", 1],
])("signature: %s", (_, line, active) => {
  const { offset, files } = marked(body(line));
  expect(signatureAt(path, offset, files, options)).toEqual({
    label: "load(rows: int, seed: int = 7) → data: Dataset, Output: float",
    says: "Loads customers.",
    parameters: [{ label: "rows: int", says: "How many customers." }, { label: "seed: int = 7" }],
    active,
  });
});

test("no signature outside of a component's brackets", () => {
  for (const line of ["lo$0ad(rows=1)", "print($0)", "load(rows=1)$0", "load(rows=len($0"]) {
    const { offset, files } = marked(body(line));
    expect(signatureAt(path, offset, files, options)).toBeUndefined();
  }
});

test("files that do not parse, and garbage, throw nothing", () => {
  const source = body('a = load(rows=rows)\ntrain(data=a.outputs["data"])');
  for (let i = 0; i < source.length; i += 7) {
    for (const garbled of [
      source.slice(0, i),
      source.slice(0, i) + source.slice(i + 5),
      `${source.slice(0, i)}("'[${source.slice(i)}`,
    ]) {
      const { files } = marked(`${garbled}$0`);
      const meanings = readMeanings(path, files, options);
      const at = Math.min(i, garbled.length);
      pythonHover(meanings, path, at, "def f(x: int)");
      symbolAt(meanings, path, at);
      channelMarks(meanings, path);
      signatureAt(path, at, files, options);
    }
  }
  expect(steps).toContain("def load");
});
