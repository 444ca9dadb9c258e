/** Python pipelines as TypeScript: what converts compiles to the same spec. The corpus where it lies beside the project. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { convertPipeline } from "../../language/convert/pipeline.ts";
import { analyzePython } from "../../language/python/front-end.ts";
import type { Files } from "../../language/source.ts";
import { analyzeTypeScript } from "../../language/typescript/front-end.ts";
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
  const disk = diskFiles();
  const written = new Map([[target, text], ...conversion.components.map((each) => [each.path, each.text] as const)]);
  const files: Files = { ...disk, read: (each) => written.get(each) ?? disk.read(each) };
  const { definitions, diagnostics } = analyzeTypeScript(target, files, options);
  const { compiled } = definitions[0]?.compile() ?? {};
  const errors = diagnostics.filter((each) => each.severity === "error");
  if (errors[0] || !compiled) return { kind: "different", reason: errors[0]?.message ?? "nothing", text };
  const { spec, platform } = python.compiled;
  const [a, b] = [
    JSON.stringify({ spec, platform }),
    JSON.stringify({ spec: compiled.spec, platform: compiled.platform }),
  ].map(sorted);
  if (a === b) return { kind: "equal", text };
  let at = 0;
  while (a?.[at] === b?.[at]) at++;
  return {
    kind: "different",
    reason: `…${a?.slice(at - 60, at + 60) ?? ""} | …${b?.slice(at - 60, at + 60) ?? ""}`,
    text,
  };
}

/** JSON with its keys in order. */
function sorted(json: string): string {
  const order = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(order)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, each]) => [key, order(each)]),
          )
        : value;
  return JSON.stringify(order(JSON.parse(json)));
}

test("the sample", () => {
  const path = resolve(import.meta.dirname, "../../samples/churn/pipeline.py");
  const converted = outcome(path, "churn", []);
  expect(converted).toMatchObject({ kind: "equal" });
  expect(converted.text).toContain('import { evaluate, load_data, train } from "./pipeline.py";');
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
  expect(of("equal").length).toBeGreaterThan(0);
});

if (!existsSync(corpus)) console.log("convert: the corpus is skipped, there is no ../shared/corpus");
