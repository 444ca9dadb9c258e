import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pythonValue } from "../../../language/spec/python-text.ts";
import type { Json, PipelinePackage } from "../../../language/spec/types.ts";
import { writeDocument, writePackage } from "../../../language/spec/write.ts";

// What the real PyYAML and `repr` of Python 3.11 wrote for these values.
// SAFETY: the fixture is written with this shape.
const oracle = JSON.parse(readFileSync(new URL("fixtures/pyyaml.json", import.meta.url), "utf8")) as {
  documents: { value: readonly Json[] | { readonly [key: string]: Json }; yaml: string }[];
  reprs: [Json, string][];
};

test("documents are PyYAML's, byte for byte", () => {
  for (const { value, yaml } of oracle.documents) expect(writeDocument(value, undefined)).toBe(yaml);
  expect(oracle.documents.length).toBeGreaterThan(400);
});

test("values in the header are Python's repr", () => {
  for (const [value, repr] of oracle.reprs) expect(pythonValue(value)).toBe(repr);
});

const small: PipelinePackage = {
  spec: {
    pipelineInfo: { name: "p", description: "One\r\ntwo\u2028three\n" },
    deploymentSpec: { executors: { "exec-a": { container: { image: "x", resources: { cpuLimit: 2 } } } } },
    root: {
      inputDefinitions: {
        parameters: {
          z: { parameterType: "NUMBER_INTEGER", defaultValue: 3 },
          a: { parameterType: "STRUCT", defaultValue: { maxRetryCount: 1, b: [true, null, "it's"] } },
          s: { parameterType: "STRING", defaultValue: "a 'b'" },
        },
        artifacts: { d: { artifactType: { schemaTitle: "system.Dataset", schemaVersion: "0.0.1" } } },
      },
      dag: {
        tasks: {
          a: {
            componentRef: { name: "comp-a" },
            retryPolicy: { maxRetryCount: 3, backoffFactor: 2 },
            inputs: { parameters: { n: { runtimeValue: { constant: 5 } } } },
          },
        },
      },
    },
    schemaVersion: "2.1.0",
    sdkVersion: "kfp-2.17.0",
  },
  platform: { platforms: { kubernetes: { pipelineConfig: { resourceTtlOnCompletion: 60 } } } },
};

test("numbers print by their place in the schema, the header in Python's words", () => {
  expect(writePackage(small)).toMatchInlineSnapshot(`
    "# PIPELINE DEFINITION
    # Name: p
    # Description: One
    #              two
    #              three
    # Inputs:
    #    a: dict [Default: {'b': [True, None, "it's"], 'maxRetryCount': 1.0}]
    #    d: system.Dataset
    #    s: str [Default: 'a 'b'']
    #    z: int [Default: 3.0]
    deploymentSpec:
      executors:
        exec-a:
          container:
            image: x
            resources:
              cpuLimit: 2.0
    pipelineInfo:
      description: "One\\r\\ntwo\\Lthree\\n"
      name: p
    root:
      dag:
        tasks:
          a:
            componentRef:
              name: comp-a
            inputs:
              parameters:
                n:
                  runtimeValue:
                    constant: 5.0
            retryPolicy:
              backoffFactor: 2.0
              maxRetryCount: 3
      inputDefinitions:
        artifacts:
          d:
            artifactType:
              schemaTitle: system.Dataset
              schemaVersion: 0.0.1
        parameters:
          a:
            defaultValue:
              b:
              - true
              - null
              - it's
              maxRetryCount: 1.0
            parameterType: STRUCT
          s:
            defaultValue: a 'b'
            parameterType: STRING
          z:
            defaultValue: 3.0
            parameterType: NUMBER_INTEGER
    schemaVersion: 2.1.0
    sdkVersion: kfp-2.17.0
    ---
    platforms:
      kubernetes:
        pipelineConfig:
          resourceTtlOnCompletion: 60
    "
  `);
});

test("a platform document without platforms is left out", () => {
  expect(writePackage({ spec: small.spec, platform: { platforms: {} } })).not.toContain("---");
});
