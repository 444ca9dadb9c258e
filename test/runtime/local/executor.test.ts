import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ComponentSpec, Definitions, Json } from "../../../language/spec/types.ts";
import { record } from "../../../runtime/local/artifacts.ts";
import { executorInput, parseParameter, prepareOutputs, readOutputs } from "../../../runtime/local/executor.ts";
import { noValues } from "../../../runtime/local/state.ts";
import { dataset, integer, list, scratch, text } from "./run-package.ts";

/**
 * What the KFP executor (2.17.0) wrote for each of these functions, and what
 * kfp.local read out of it.
 */
interface Case {
  readonly name: string;
  readonly source: string;
  readonly outputDefinitions: Definitions;
  readonly files: Readonly<Record<string, string>>;
  readonly kfpLocal?: Readonly<Record<string, Json>>;
}

// SAFETY: our own fixture, of that shape.
const cases = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures/executor-outputs.json"), "utf8"),
) as readonly Case[];

async function read({ outputDefinitions, files }: Pick<Case, "outputDefinitions" | "files">) {
  const folder = scratch();
  const component: ComponentSpec = { outputDefinitions };
  const input = executorInput(component, noValues, folder);
  await prepareOutputs(input);
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), content.replaceAll("$ROOT", folder));
  return { folder, written: await readOutputs(input, outputDefinitions) };
}

describe("outputs as KFP's executor writes them", () => {
  test.each(cases.filter(({ kfpLocal }) => kfpLocal !== undefined))(
    "$name: read as kfp.local reads them",
    async (one) => {
      const { folder, written } = await read(one);
      const artifacts = Object.entries(written.artifacts).map(([key, [artifact]]) => [
        key,
        { type: artifact?.type, uri: artifact?.uri.replace(folder, "$ROOT"), metadata: artifact?.metadata },
      ]);
      expect({ ...written.parameters, ...Object.fromEntries(artifacts) }).toEqual(one.kfpLocal);
    },
  );

  test("with numbers that JSON does not have, which kfp.local cannot read", async () => {
    const [nan] = cases.filter(({ kfpLocal }) => kfpLocal === undefined);
    if (nan === undefined) throw new Error("the fixture lacks the case");
    const { written } = await read(nan);
    expect(written.artifacts["m"]?.[0]?.metadata).toEqual({
      loss: "NaN",
      gain: "-Infinity",
      note: 'NaN is not \\"a\\" number',
      n: 1,
    });
  });
});

test("an artifact at a path of the component's own choosing is copied to its place", async () => {
  const one = cases.find(({ name }) => name === "custom path");
  if (one === undefined) throw new Error("the fixture lacks the case");
  const { folder, written } = await read(one);
  const [artifact] = written.artifacts["d"] ?? [];
  if (artifact === undefined) throw new Error("no artifact");
  expect(await record(artifact, "id")).toMatchObject({ uri: join(folder, "d"), sizeBytes: 1 });
  expect(readFileSync(join(folder, "d"), "utf8")).toBe("x");
});

test("a folder has a digest of what is in it, whatever the order", async () => {
  const folder = scratch();
  const write = (name: string, files: readonly string[]) => {
    for (const file of files) {
      mkdirSync(join(folder, name, file, ".."), { recursive: true });
      writeFileSync(join(folder, name, file), file);
    }
    return record({ name, type: "system.Model", uri: join(folder, name), metadata: {} }, "id");
  };
  const a = await write("a", ["x/1", "y", "x/2"]);
  const b = await write("b", ["y", "x/2", "x/1"]);
  const c = await write("c", ["y", "x/1", "x/3"]);
  expect(a).toMatchObject({ sizeBytes: 7 });
  expect(b.digest).toBe(a.digest);
  expect(c.digest).not.toBe(a.digest);
});

test("an executor's value goes before its file; what nobody wrote is absent", async () => {
  const outputDefinitions: Definitions = { parameters: { a: text, b: text, c: integer }, artifacts: { d: dataset } };
  const { written, folder } = await read({
    outputDefinitions,
    files: { "executor_output.json": '{"parameterValues": {"a": "said"}}', a: "filed", b: "filed" },
  });
  expect(written.parameters).toEqual({ a: "said", b: "filed" });
  expect(written.artifacts).toEqual({
    d: [{ name: "d", type: "system.Dataset", uri: join(folder, "d"), metadata: {} }],
  });
});

test.each([
  ["a\n", "STRING", "a\n"],
  [" 41\n", "NUMBER_INTEGER", 41],
  ["1e3", "NUMBER_DOUBLE", 1000],
  ["nan", "NUMBER_DOUBLE", "nan"],
  ["True", "BOOLEAN", true],
  ["0\n", "BOOLEAN", false],
  ["[1, 2]", "LIST", [1, 2]],
  ['{"a": null}', "STRUCT", { a: null }],
] as const)("the text %j as %s is %j", (content, type, expected) => {
  expect(parseParameter(content, type, "x")).toEqual(expected);
});

test.each([
  ["3.5", "NUMBER_INTEGER"],
  ["", "NUMBER_DOUBLE"],
  ["yes", "BOOLEAN"],
  ['{"a": 1}', "LIST"],
  ["{", "STRUCT"],
] as const)("the text %j is not %s, and the message says so", (content, type) => {
  expect(() => parseParameter(content, type, "x")).toThrow(
    `Output x was written as ${JSON.stringify(content)}, which is not ${type}.`,
  );
});

test("an executor output that is no JSON is an error in words", async () => {
  await expect(read({ outputDefinitions: {}, files: { "executor_output.json": "oops" } })).rejects.toThrow(
    "The executor output is not JSON: oops",
  );
});

test("the executor input holds what KFP's driver writes", () => {
  const component: ComponentSpec = {
    outputDefinitions: { parameters: { n: integer, l: list }, artifacts: { data: dataset } },
  };
  const artifact = { id: "r/t/in", name: "in", type: "system.Model", uri: "/in", metadata: { a: 1 } };
  expect(executorInput(component, { parameters: { x: 1, none: null }, artifacts: { in: [artifact] } }, "/out")).toEqual(
    {
      inputs: {
        parameterValues: { x: 1 },
        artifacts: {
          in: {
            artifacts: [
              {
                name: "in",
                type: { schemaTitle: "system.Model", schemaVersion: "0.0.1" },
                uri: "/in",
                metadata: { a: 1 },
              },
            ],
          },
        },
      },
      outputs: {
        parameters: { n: { outputFile: "/out/n" }, l: { outputFile: "/out/l" } },
        artifacts: {
          data: {
            artifacts: [
              {
                name: "data",
                type: { schemaTitle: "system.Dataset", schemaVersion: "0.0.1" },
                uri: "/out/data",
                metadata: {},
              },
            ],
          },
        },
        outputFile: "/out/executor_output.json",
      },
    },
  );
});
