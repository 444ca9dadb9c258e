/** What TypeScript says of cells: names of other cells are known, nothing is wrong that is right, and what is wrong is said. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { analyzePython } from "../../../../language/python/front-end.ts";
import { declarationsOf } from "../../../../language/declarations.ts";
import { createCellTypes } from "../../../../language/services/typescript/cells.ts";
import type { Files } from "../../../../language/source.ts";
import { createTypeChecker } from "../../../../language/typescript/type-checker.ts";
import { memoryFiles } from "../../python/check.ts";
import { options, path } from "./source.ts";

const steps = `from kfp import dsl

@dsl.component
def train(rows: int, rate: float = 0.1) -> float:
    """Trains a model."""
    return 1.0
`;
const cells = `// %%
import { component, pipeline, type Int } from "millrace";
import { train } from "./steps.py";

// %% Load
export const load = component({}, ({ rows = 10 }: { rows?: Int }): { rows: Int } => ({ rows }));

// %% Pipeline
export const p = pipeline({}, ({ n = 3 }: { n?: Int }) => {
  const { rows } = load({ rows: n });
  const trained = train({ rows });
  return { score: trained.output };
});
`;

function notebook(text: string, others: Readonly<Record<string, string>> = {}) {
  const python = memoryFiles({ "/w/steps.py": steps });
  const { definitions } = analyzePython("/w/steps.py", python, options);
  const { text: types, map } = declarationsOf("/w/steps.py", definitions, python, "../../steps.py");
  let current = text;
  const all = memoryFiles({
    [path]: text,
    "/w/steps.py": steps,
    "/w/.millrace/types/steps.d.py.ts": types,
    "/w/.millrace/types/steps.d.py.ts.map": map,
    "/w/.millrace/types/millrace.d.ts": readFileSync(
      join(import.meta.dirname, "../../../../language/millrace.d.ts"),
      "utf8",
    ),
    ...others,
  });
  const files: Files = {
    read: (file) => (file === path ? current : all.read(file)),
    list: (folder) => all.list(folder),
  };
  const types_ = createCellTypes(
    createTypeChecker(files, () => "/w"),
    files,
  );
  return {
    types: types_,
    at: (word: string, nth = 0) => {
      let offset = current.indexOf(word);
      for (let i = 0; i < nth; i++) offset = current.indexOf(word, offset + 1);
      return offset;
    },
    change: (before: string, after: string) => (current = current.replace(before, after)),
    text: () => current,
  };
}

test("a right notebook has no problem, with and without a tsconfig.json", () => {
  expect(notebook(cells).types.problemsOf(path)).toEqual([]);
  const strict = {
    "/w/tsconfig.json":
      '{ "compilerOptions": { "strict": true, "exactOptionalPropertyTypes": true, "module": "nodenext" } }',
  };
  expect(notebook(cells, strict).types.problemsOf(path)).toEqual([]);
});

test("a wrong one has its own, as soon as it is wrong", () => {
  const { types, change } = notebook(cells);
  expect(types.problemsOf(path)).toEqual([]);
  change("load({ rows: n })", 'load({ rows: "many" })');
  expect(types.problemsOf(path).map(({ message, severity }) => [severity, message])).toEqual([
    ["error", "Type 'string' is not assignable to type 'number'."],
    ["hint", "'n' is declared but its value is never read."],
  ]);
  change('load({ rows: "many" })', "load({ rows: n }");
  expect(types.problemsOf(path).map(({ message }) => message)).toContain("')' expected.");
});

test("names of other cells complete, say what they are, and lead to where they are defined", () => {
  const { types, at, change, text } = notebook(cells);
  const place = at("load(", 0);
  expect(types.complete(path, place + 2).map(({ label }) => label)).toEqual(
    expect.arrayContaining(["load", "train", "n"]),
  );
  expect(types.hover(path, place)?.text).toContain("const load: Component\n(inputs?: ");
  const [definition] = types.definitions(path, place);
  expect(text().slice(definition?.start, definition?.end)).toBe("load");
  expect(definition?.start).toBe(at("load ="));
  const [python] = types.definitions(path, at("train({"));
  expect(python?.path).toBe("/w/steps.py");
  expect(steps.slice(python?.start, python?.end)).toBe("train");
  change("train({ rows })", "train({ rows, ra })");
  const [rate] = types.complete(path, at("ra }") + 2);
  expect(rate).toMatchObject({ label: "rate" });
  expect(types.details(path, at("ra }") + 2, "rate")?.detail).toContain("rate?: number");
});

test("options complete with what their comments say; calls have their signature", () => {
  const { types, at, change } = notebook(cells);
  change("train({ rows })", "train({ rows }, { mem })");
  const place = at("mem }") + 3;
  expect(types.complete(path, place).map(({ label }) => label)).toContain("memory");
  expect(types.details(path, place, "memory")?.says).toContain('"16Gi"');
  const help = types.signature(path, at("{ rows }, {"));
  expect(help?.activeParameter).toBe(0);
  expect(help?.signatures[0]?.label).toContain("inputs");
});

test("a name is renamed in every cell", () => {
  const { types, at, text } = notebook(cells);
  const found = types.renamePlaces(path, at("load ="));
  expect(found?.places.map(({ start, end }) => text().slice(start, end))).toEqual(["load", "load"]);
  expect(types.renamePlaces(path, at("component("))).toMatchObject({ places: [{}, {}] });
});
