/** What KFP 2.17's server refuses of a compiled file, at the key where it stands. */
import { expect, it } from "vitest";
import { analyzeYaml } from "../../../language/yaml/front-end.ts";
import { memoryFiles } from "../python/check.ts";

function check(marked: { readonly executor: string; readonly task: string }): void {
  const source = `components:
  comp-c:
    executorLabel: exec-c
deploymentSpec:
  executors:
    ${marked.executor}
pipelineInfo: {name: c}
root:
  dag:
    tasks:
      ${marked.task}
schemaVersion: 2.1.0
sdkVersion: kfp-2.17.0
`;
  checkSource(source);
}

function checkSource(source: string): void {
  const text = source.replaceAll("$0", "");
  const { diagnostics } = analyzeYaml("/w/c.yaml", memoryFiles({ "/w/c.yaml": text }), {
    sdkVersion: "2.17.0",
    roots: [],
    env: {},
  });
  const start = source.indexOf("$0");
  const wanted = start < 0 ? [] : [["server-refuses", start, source.indexOf("$0", start + 2) - 2]];
  expect(diagnostics.map(({ code, span }) => [code, span.start, span.end])).toEqual(wanted);
}

const container = "exec-c: {container: {image: alpine}}";
const importer = "exec-c: {importer: {artifactUri: {constant: a}, typeSchema: {schemaTitle: system.Model}}}";
const task = "componentRef: {name: comp-c}, taskInfo: {name: c}";

it("a custom job", () => check({ executor: "$0exec-c$0: {customJob: {customJob: {}}}", task: `c: {${task}}` }));
it("a resolver", () => check({ executor: "$0exec-c$0: {resolver: {}}", task: `c: {${task}}` }));
it("a loop over artifacts", () =>
  check({
    executor: container,
    task: `$0c$0: {artifactIterator: {itemInput: a, items: {inputArtifact: b}}, ${task}}`,
  }));
it("a condition on an importer", () =>
  check({ executor: importer, task: `$0c$0: {triggerPolicy: {condition: "true"}, ${task}}` }));
it("a schema that is not 2.1.0", () =>
  checkSource(
    'pipelineInfo: {name: c}\nroot:\n  dag: {tasks: {}}\n  inputDefinitions:\n    artifacts:\n      a:\n        artifactType:\n          schemaVersion: 0.0.1\n"$0schemaVersion$0": 2.0.0\nsdkVersion: kfp-1.8.22\n',
  ));
it("a component of nothing", () => {
  const source =
    "components:\n  $0comp-c$0:\n    inputDefinitions: {}\npipelineInfo: {name: c}\nroot:\n  dag:\n    tasks:\n      c: {componentRef: {name: comp-c}, taskInfo: {name: c}}\nschemaVersion: 2.1.0\nsdkVersion: kfp-2.17.0\n";
  checkSource(source);
});
it("a command that its driver has no room for", () =>
  check({
    executor: `$0exec-c$0: {container: {image: alpine, args: [${"x".repeat(129_000)}]}}`,
    task: `c: {${task}}`,
  }));
it("not one that it has", () =>
  check({ executor: `exec-c: {container: {image: alpine, args: [${"x".repeat(126_000)}]}}`, task: `c: {${task}}` }));
it("not a condition on a container", () =>
  check({ executor: container, task: `c: {triggerPolicy: {condition: "true"}, ${task}}` }));
it("not an importer", () => check({ executor: importer, task: `c: {${task}}` }));
