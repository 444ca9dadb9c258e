import { expect, test } from "vitest";
import { analyzeFile } from "../../language/analyze-file.ts";
import { memoryFiles } from "./python/check.ts";

const options = { sdkVersion: "2.17.0", roots: [], env: {} };

/** A pipeline whose one step is loaded from a text in another module. */
const files = memoryFiles({
  "/w/pipeline.py": `
from kfp import dsl
from steps import größe

@dsl.pipeline
def main():
    größe()
`,
  "/w/steps.py": `
from kfp import components
größe = components.load_component_from_text("""
name: measure
implementation: {container: {image: alpine, command: [echo, hello]}}
""")
`,
  "/w/broken.py": 'from kfp import components\ncomponents.load_component_from_text("a: [")\n',
});

test.each(["the first time", "again"])("a Python file that loads a component, %s", async () => {
  const { definitions, diagnostics } = await analyzeFile("/w/pipeline.py", files, options);
  expect(diagnostics).toEqual([]);
  const { compiled } = definitions.find(({ symbol }) => symbol === "main")?.compile() ?? {};
  expect(Object.keys(compiled?.spec.root.dag?.tasks ?? {})).toEqual(["measure"]);
});

test("a text that is no component", async () => {
  const { diagnostics } = await analyzeFile("/w/broken.py", files, options);
  expect(diagnostics.map(({ code }) => code)).toEqual(["component-text"]);
});

const component = `name: Count lines
description: Counts.
inputs:
- {name: Text, type: String, description: What to count in.}
outputs:
- {name: lines, type: Integer}
implementation:
  container:
    image: alpine
    command: [sh, -c, 'wc -l < "$0" > "$1"', {inputPath: Text}, {outputPath: lines}]
`;

test("component YAML of the SDK's first version: a component to draw, to run and to import", async () => {
  const yaml = memoryFiles({
    "/w/count.yaml": component.replace("inputPath", "inputValue"),
    "/w/wrong.yaml": component.replace("outputPath: lines", "outputPath: line"),
    "/w/other.yaml": "apiVersion: v1\nkind: Pod\nspec:\n  containers: []\n",
    "/w/p.ts": `import { pipeline } from "millrace";
import count from "./count.yaml";
export const p = pipeline({}, () => { count({ text: "a" }); });
`,
  });
  const [definition] = (await analyzeFile("/w/count.yaml", yaml, options)).definitions;
  expect(definition).toMatchObject({ kind: "component", name: "count-lines", description: "Counts." });
  expect(definition?.inputs).toMatchObject({ parameters: { text: { parameterType: "STRING" } } });
  const { compiled, diagnostics } = definition?.compile() ?? {};
  expect(diagnostics).toEqual([]);
  expect(Object.keys(compiled?.spec.root.dag?.tasks ?? {})).toEqual(["count-lines"]);

  const wrong = await analyzeFile("/w/wrong.yaml", yaml, options);
  expect(wrong.diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ["component-text", expect.stringContaining('there is no output "line"')],
  ]);
  expect(await analyzeFile("/w/other.yaml", yaml, options)).toMatchObject({ definitions: [], diagnostics: [] });

  const typescript = await analyzeFile("/w/p.ts", yaml, options);
  expect(typescript.diagnostics).toEqual([]);
  const made = typescript.definitions[0]?.compile().compiled;
  expect(Object.keys(made?.spec.root.dag?.tasks ?? {})).toEqual(["count-lines"]);
});
