/** Python pipelines as TypeScript: what converts compiles to the same spec. The corpus where it lies beside the project. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { convertPipeline } from "../../language/convert/pipeline.ts";
import { difference } from "../../language/convert/same-spec.ts";
import { analyzePython } from "../../language/python/front-end.ts";
import { diskFiles } from "../../runtime/compile/disk.ts";

const corpus = resolve(import.meta.dirname, "../../../shared/corpus");

type Outcome =
  | { readonly kind: "equal" | "not a pipeline"; readonly text: string }
  | { readonly kind: "unfit" | "different"; readonly reason: string; readonly text: string };

/** Converts one pipeline of a file and compiles both. */
function outcome(path: string, symbol: string, roots: readonly string[]): Outcome {
  const options = { sdkVersion: "2.17.0", roots, env: {} };
  const analyses = new Map<string, ReturnType<typeof analyzePython>>();
  const analysis = (file: string) => {
    const known = analyses.get(file) ?? analyzePython(file, diskFiles(), options);
    analyses.set(file, known);
    return known;
  };
  const definition = analysis(path).definitions.find((each) => each.symbol === symbol);
  const python = definition?.compile();
  if (
    definition?.kind !== "pipeline" ||
    !python?.compiled ||
    python.diagnostics.some((each) => each.severity === "error")
  )
    return { kind: "not a pipeline", text: "" };
  const conversion = convertPipeline(definition, (file) => analysis(file).definitions);
  if (conversion.kind === "unfit") return { ...conversion, text: "" };
  const { text } = conversion;
  const target = join(path, "../converted.ts");
  const written = new Map([[target, text], ...conversion.components.map((each) => [each.path, each.text] as const)]);
  const reason = difference(python.compiled, target, written, diskFiles(), options);
  return reason === undefined ? { kind: "equal", text } : { kind: "different", reason, text };
}

test("the sample", () => {
  const path = resolve(import.meta.dirname, "../../samples/churn/pipeline.py");
  const converted = outcome(path, "churn", []);
  expect(converted).toMatchObject({ kind: "equal" });
  expect(converted.text).toContain('import { evaluate, load_data, train } from "./pipeline.py";');
});

test("what a TypeScript engineer would write", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-convert-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "all.py");
  writeFileSync(
    path,
    `from typing import Dict, List
from kfp import dsl

@dsl.component
def say(text: str) -> str:
    return text

@dsl.component
def join(all: List[str], rest: Dict[str, int] = {}) -> str:
    return ",".join(all)

@dsl.pipeline(name="all")
def everything(default: str = "a", parallel: List[str] = ["x", "y"], deep: bool = True, sizes: Dict[str, int] = {"a b": 1}):
    late = say(text="late")
    with dsl.ParallelFor(parallel, parallelism=2) as one:
        first = say(text=one)
        second = say(text=first.output)
    with dsl.If(deep == True):
        say(text=default)
    join(all=dsl.Collected(first.output))
    join(all=dsl.Collected(second.output), rest=sizes).after(late)
`,
  );
  const converted = outcome(path, "everything", []);
  expect(converted).toMatchObject({ kind: "equal" });
  expect(converted.text).toBe(`import { parallel, pipeline } from "millrace";
import { join, say } from "./all.py";

export const everything = pipeline(
  { name: "all" },
  ({
    default: defaultInput = "a",
    parallel: parallelInput = ["x", "y"],
    deep = true,
    sizes = { "a b": 1 },
  }: {
    default?: string;
    parallel?: readonly string[];
    deep?: boolean;
    sizes?: Record<string, any>;
  }) => {
    const say2 = say({ text: "late" });
    const results = parallel(parallelInput, { limit: 2 }).map((item) => {
      const say3 = say({ text: item });
      const say4 = say({ text: say3.output });
      return { say3: say3.output, say4: say4.output };
    });
    if (deep) {
      say({ text: defaultInput });
    }
    join({ all: results.map((each) => each.say3) });
    join({ all: results.map((each) => each.say4), rest: sizes }, { after: [say2] });
  },
);
`);
});

test.skipIf(!existsSync(corpus))("the corpus", { timeout: 120_000 }, () => {
  // SAFETY: the corpus's own index; its README names these fields.
  const cases = JSON.parse(readFileSync(join(corpus, "index.json"), "utf8")) as readonly {
    readonly name: string;
    readonly entry: string;
    readonly function: string;
    readonly python_path?: readonly string[];
  }[];
  const outcomes = cases.map((one) => {
    const folder = join(corpus, one.name);
    const roots = (one.python_path ?? []).map((root) => resolve(folder, root));
    return { name: one.name, ...outcome(join(folder, one.entry), one.function, roots) };
  });
  const of = (kind: Outcome["kind"]) => outcomes.filter((each) => each.kind === kind);
  const pipelines = outcomes.length - of("not a pipeline").length;
  console.log(`convert: ${of("equal").length} of ${pipelines} pipelines of the corpus, all of them to an equal spec`);
  const reasons = Map.groupBy(of("unfit"), (each) => ("reason" in each ? each.reason.replace(/"[^"]*"/g, "…") : ""));
  for (const [reason, all] of [...reasons].sort((a, b) => b[1].length - a[1].length))
    console.log(
      `  ${all.length} not: ${reason} (${all
        .map(({ name }) => name)
        .join(", ")
        .slice(0, 200)})`,
    );
  for (const each of of("different")) console.log(`  different: ${each.name}: ${"reason" in each ? each.reason : ""}`);
  expect(of("different").map(({ name }) => name)).toEqual([]);
  // What TypeScript has no words for; of each, why.
  expect(Object.fromEntries(of("unfit").map((each) => [each.name, "reason" in each ? each.reason : ""]))).toEqual({
    artifacts_complex: '"double-2" is made in a branch and used outside of it',
    conditional_producer_and_consumers: '"add" is collected, but not from a loop',
    k8s_nodeaffinity: "a step has an affinity that says nothing",
    pipeline_with_dynamic_importer_metadata: "a member of an importer's metadata is called after a value of the run",
  });
});

if (!existsSync(corpus)) console.log("convert: the corpus is skipped, there is no ../shared/corpus");
