import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { analyzeYaml } from "../../../language/yaml/front-end.ts";
import { createYamlAnswers } from "../../../language/services/yaml.ts";
import { memoryFiles } from "../python/check.ts";
import { options } from "./marked.ts";

const workspace = resolve(import.meta.dirname, "../../vscode/services-workspace");
const text = readFileSync(resolve(workspace, "compiled.yaml"), "utf8");
const files = memoryFiles({ "/flow.yaml": text });
const answers = createYamlAnswers(files);

/** The place of `|` in a part of the file, where that is first. */
const at = (part: string): number => {
  const found = text.indexOf(part.replace("|", ""));
  if (found < 0) throw new Error(part);
  return found + part.indexOf("|");
};
const lineOf = (offset: number | undefined): string =>
  offset === undefined
    ? "nowhere"
    : (text
        .slice(text.lastIndexOf("\n", offset) + 1)
        .split("\n", 1)[0]
        ?.trim() ?? "");

test.each([
  ["a component", "name: comp-l|oad\n", "comp-load:"],
  ["an executor", "executorLabel: exec-c|ount", "exec-count:"],
  ["a producer", "producerTask: co|unt", "count:"],
  ["an output of a producer", "outputParameterKey: Out|put", "Output:"],
  ["an input that is passed on", "componentInputArtifact: pipelinechannel--l|oad", "pipelinechannel--load-data:"],
  ["an input in a condition", "parameter_values['pipelinechannel--c|ount", "pipelinechannel--count-Output:"],
  ["what a loop iterates over", "inputParameter: pipelinechannel--r|ates", "pipelinechannel--rates:"],
])("definition of %s", (_, part, expected) => {
  expect(lineOf(answers.definition("/flow.yaml", at(part))?.start)).toBe(expected);
});

test("references of an executor reach the second document", () => {
  const lines = answers
    .references("/flow.yaml", at("executorLabel: exec-l|oad"), true)
    .map(({ start }) => lineOf(start));
  expect(lines).toEqual(["exec-load:", "exec-load:", "executorLabel: exec-load"]);
  expect(answers.references("/flow.yaml", at("executorLabel: exec-l|oad"), false)).toHaveLength(2);
  expect(answers.references("/flow.yaml", at("parameter|Type"), true)).toEqual([]);
});

test("hover: tasks, components, executors, inputs and outputs", () => {
  const { compiled } = analyzeYaml("/flow.yaml", files, options).definitions[0]?.compile() ?? {};
  if (!compiled) throw new Error("it does not compile");
  const hover = (part: string) => answers.hover("/flow.yaml", at(part), compiled);
  expect(hover("producerTask: co|unt")).toMatchObject({ node: "root.count" });
  expect(hover("producerTask: co|unt")?.text).toContain("count() → Output: int");
  expect(hover("name: comp-l|oad\n")?.text).toBe(
    "```\nload(rows: int, seed: int = 7) → data: Dataset\n```\n\nImage `python:3.12`\n\nPackages `pandas==2.2.0`",
  );
  expect(hover("executorLabel: exec-l|oad")?.text).toBe("Image `python:3.12`\n\nPackages `pandas==2.2.0`");
  expect(hover("name: comp-for-l|oop-2")?.text).toMatch(/1 step$/);
  expect(hover("componentInputArtifact: pipelinechannel--l|oad")?.text).toContain("Input of `condition-1`");
  expect(hover("outputParameterKey: Out|put")?.text).toBe("```\nOutput: int\n```\n\nOutput of `count`");
  expect(hover("se|ed:")?.text).toBe("```\nseed: int = 7\n```\n\nInput of `load`\n\nWhere chance begins.");
  expect(hover("parameter|Type")).toBeUndefined();
});

test("outline: steps of the pipeline, components with theirs, executors", () => {
  const [pipeline] = answers.outline("/flow.yaml", analyzeYaml("/flow.yaml", files, options));
  const shown = pipeline?.children.map(({ name, detail, children }) =>
    [name, detail, ...children.map((child) => child.name)].filter((one) => one !== "").join(" "),
  );
  expect(pipeline?.name).toBe("flow");
  expect(shown).toEqual([
    "comp-condition-1 component for-loop-2",
    "comp-count component",
    "comp-for-loop-2 component train",
    "comp-load component",
    "comp-train component",
    "exec-count executor",
    "exec-load executor",
    "exec-train executor",
    "condition-1",
    "count",
    "load",
  ]);
});
