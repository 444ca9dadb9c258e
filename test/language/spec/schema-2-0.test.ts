import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPackage } from "../../../language/spec/read.ts";

/** As SDK 1.6 to 1.8 wrote it. */
const old = {
  pipelineSpec: {
    components: {
      "comp-hello": {
        executorLabel: "exec-hello",
        inputDefinitions: {
          parameters: { text: { type: "STRING" }, times: { type: "INT" }, rate: { type: "DOUBLE" } },
        },
        outputDefinitions: { parameters: { type: { type: "STRING" } } },
      },
      "comp-import": {
        executorLabel: "exec-import",
        inputDefinitions: { parameters: { uri: { type: "STRING" } } },
        outputDefinitions: { artifacts: { artifact: { artifactType: { schemaTitle: "system.Dataset" } } } },
      },
    },
    deploymentSpec: {
      executors: {
        "exec-hello": { container: { image: "python:3.7", args: ["{{$.inputs.parameters['text']}}"] } },
        "exec-import": {
          importer: {
            artifactUri: { constantValue: { stringValue: "gs://b/k" } },
            typeSchema: { schemaTitle: "system.Dataset" },
            metadata: { parameters: { a: { type: "kept" } } },
          },
        },
      },
    },
    pipelineInfo: { name: "hello-world" },
    root: {
      dag: {
        tasks: {
          hello: {
            componentRef: { name: "comp-hello" },
            inputs: {
              parameters: {
                text: { componentInputParameter: "text" },
                times: { runtimeValue: { constantValue: { intValue: "9007199254740991" } } },
                rate: { runtimeValue: { constantValue: { doubleValue: 0.5 } } },
              },
            },
            taskInfo: { name: "hello" },
            triggerPolicy: { condition: "inputs.parameters['text'].string_value == 'heads'" },
          },
          import: {
            componentRef: { name: "comp-import" },
            inputs: { parameters: { uri: { runtimeValue: { constantValue: { stringValue: "gs://b/k" } } } } },
            taskInfo: { name: "import" },
          },
        },
      },
      inputDefinitions: { parameters: { text: { type: "STRING" } } },
    },
    schemaVersion: "2.0.0",
    sdkVersion: "kfp-1.8.9",
  },
  runtimeConfig: { parameters: { text: { stringValue: "hi" } } },
};

test("schema 2.0.0 is read in the words of 2.1.0", () => {
  const { package: read, diagnostics, sourceMap } = readPackage("/p.json", JSON.stringify(old));
  expect(diagnostics).toEqual([]);
  expect([...sourceMap.keys()]).toEqual(["root.hello", "root.import"]);
  const { spec } = read ?? {};
  expect(spec?.components?.["comp-hello"]?.inputDefinitions?.parameters).toEqual({
    text: { parameterType: "STRING" },
    times: { parameterType: "NUMBER_INTEGER" },
    rate: { parameterType: "NUMBER_DOUBLE" },
  });
  expect(spec?.components?.["comp-hello"]?.outputDefinitions?.parameters).toEqual({
    type: { parameterType: "STRING" },
  });
  const { hello } = spec?.root.dag?.tasks ?? {};
  expect(hello?.inputs?.parameters).toEqual({
    text: { componentInputParameter: "text" },
    times: { runtimeValue: { constant: 9007199254740991 } },
    rate: { runtimeValue: { constant: 0.5 } },
  });
  expect(hello?.triggerPolicy?.condition).toBe("inputs.parameter_values['text'] == 'heads'");
  const importer = spec?.deploymentSpec.executors?.["exec-import"]?.importer;
  expect(importer?.artifactUri).toEqual({ constant: "gs://b/k" });
  expect(importer?.metadata).toEqual({ parameters: { a: { type: "kept" } } });
});

test("what a user's constants hold is left as it is", () => {
  const constant = {
    parameters: { x: { type: "INT" } },
    constantValue: { intValue: "1" },
    condition: "inputs.parameters['a'].int_value",
  };
  const text = JSON.stringify(old).replace('{"constantValue":{"doubleValue":0.5}}', JSON.stringify({ constant }));
  const { package: read } = readPackage("/p.json", text);
  expect(read?.spec.root.dag?.tasks.hello?.inputs?.parameters?.rate).toEqual({ runtimeValue: { constant } });
});

test("in 2.1.0 a type is wanted by its new name", () => {
  const text = JSON.stringify(old).replace('"2.0.0"', '"2.1.0"').replaceAll('{"type":"STRING"}', "{}");
  expect(readPackage("/p.json", text).diagnostics.map(({ message }) => message)).toEqual(
    expect.arrayContaining(['"text" has no "parameterType".']),
  );
});

test("what the job of SDK 1.8 gives is a default", () => {
  const text = readFileSync(join(import.meta.dirname, "fixtures/sdk/kfp-1.8.22.json"), "utf8");
  const { package: pkg, diagnostics } = readPackage("/job.json", text);
  expect(diagnostics).toEqual([]);
  expect(pkg?.spec.root.inputDefinitions).toEqual({
    parameters: { name: { parameterType: "STRING", defaultValue: "world" } },
  });
});
