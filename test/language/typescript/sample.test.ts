/** The sample in both languages: one graph. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { analyzePython } from "../../../language/python/front-end.ts";
import type { PipelineSpec } from "../../../language/spec/types.ts";
import { analyzeTypeScript } from "../../../language/typescript/front-end.ts";
import { diskFiles } from "../../../runtime/compile/disk.ts";

const folder = join(import.meta.dirname, "../../../samples/churn");
const options = { sdkVersion: "2.17.0", roots: [], env: {} };

function churn(language: "ts" | "py"): PipelineSpec {
  const analyze = language === "ts" ? analyzeTypeScript : analyzePython;
  const { definitions, diagnostics } = analyze(join(folder, `pipeline.${language}`), diskFiles(), options);
  expect(diagnostics).toEqual([]);
  const { compiled } = definitions.find((each) => each.symbol === "churn")?.compile() ?? {};
  if (!compiled) throw new Error(`pipeline.${language} does not compile`);
  return compiled.spec;
}

test("the TypeScript pipeline is the Python one and a report", () => {
  const python = churn("py");
  // SAFETY: the text of a spec is a spec; only one name in it changes.
  const typescript = JSON.parse(JSON.stringify(churn("ts")).replaceAll("nEstimators", "n_estimators")) as PipelineSpec;
  const { report, ...tasks } = typescript.root.dag?.tasks ?? {};
  expect(tasks).toEqual(python.root.dag?.tasks);
  expect(report?.dependentTasks).toEqual(["evaluate", "load-data"]);
  expect(typescript.root.inputDefinitions).toEqual(python.root.inputDefinitions);
  const { "comp-report": component, ...components } = typescript.components ?? {};
  expect(components).toEqual(python.components);
  expect(component?.outputDefinitions?.artifacts?.["report"]?.artifactType.schemaTitle).toBe("system.HTML");
  const { "exec-report": executor, ...executors } = typescript.deploymentSpec.executors ?? {};
  expect(executors).toEqual(python.deploymentSpec.executors);
  expect(executor?.container?.image).toBe("node:24-slim");
});

test("every step of the TypeScript pipeline has its place in the file", () => {
  const path = join(folder, "pipeline.ts");
  const { definitions } = analyzeTypeScript(path, diskFiles(), options);
  const { compiled } = definitions.find((each) => each.symbol === "churn")?.compile() ?? {};
  const text = diskFiles().read(path) ?? "";
  const places = [...(compiled?.sourceMap ?? [])].map(([task, span]) => [task, text.slice(span.start, span.end)]);
  expect(Object.fromEntries(places)).toMatchObject({
    "root.load-data": "load_data({ rows })",
    "root.train": "train({ dataset: data, n_estimators: nEstimators })",
    "root.evaluate": "evaluate({ dataset: data, model: out_model })",
    "root.report": "report({ metrics, data })",
  });
  expect(compiled?.bodies).toEqual([{ executorLabel: "exec-report", path, symbol: "report", packages: [] }]);
});
