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
