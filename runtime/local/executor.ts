import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ComponentSpec, Definitions, Json, ParameterType } from "../../language/spec/types.ts";
import type { Artifact } from "../events.ts";
import { UserError } from "../user-error.ts";
import { isList, tryParse } from "./json.ts";
import { newValue, type OldValue, oldParameters } from "./old-kfp.ts";
import type { Values } from "./state.ts";

/** An artifact as an ExecutorInput has it (RuntimeArtifact of pipeline_spec.proto). */
export interface RuntimeArtifact {
  readonly name: string;
  readonly type: { readonly schemaTitle?: string; readonly schemaVersion?: string; readonly instanceSchema?: string };
  readonly uri: string;
  readonly metadata: Readonly<Record<string, Json>>;
}

/** ExecutorInput of pipeline_spec.proto: what a component gets to know, as `{{$}}`. */
export interface ExecutorInput {
  readonly inputs: {
    readonly parameterValues: Readonly<Record<string, Json>>;
    /** Of schema 2.0.0: what the executors of SDK 1.8 read. */
    readonly parameters?: Readonly<Record<string, OldValue>>;
    readonly artifacts: Readonly<Record<string, { readonly artifacts: readonly RuntimeArtifact[] }>>;
  };
  readonly outputs: {
    readonly parameters: Readonly<Record<string, { readonly outputFile: string }>>;
    readonly artifacts: Readonly<Record<string, { readonly artifacts: readonly RuntimeArtifact[] }>>;
    readonly outputFile: string;
  };
}

/** An artifact as a component left it; not yet measured. */
export interface WrittenArtifact {
  readonly name: string;
  readonly type: string;
  readonly uri: string;
  readonly metadata: Readonly<Record<string, Json>>;
  /** A local file or folder that the component chose instead of the one at `uri`. */
  readonly customPath?: string;
}

export interface Written {
  readonly parameters: Readonly<Record<string, Json>>;
  readonly artifacts: Readonly<Record<string, readonly WrittenArtifact[]>>;
}

/** The input of a component whose outputs are to stand in `folder`. `schemaVersion` is that of its spec. */
export function executorInput(
  component: ComponentSpec,
  inputs: Values,
  folder: string,
  schemaVersion?: string,
): ExecutorInput {
  const given = Object.fromEntries(Object.entries(inputs.parameters).filter(([, value]) => value !== null));
  return {
    inputs: {
      parameterValues: given,
      ...(schemaVersion === "2.0.0" && { parameters: oldParameters(given, component.inputDefinitions) }),
      artifacts: mapValues(inputs.artifacts, (list) => ({ artifacts: list.map(asRuntimeArtifact) })),
    },
    outputs: {
      parameters: mapValues(component.outputDefinitions?.parameters ?? {}, (_, name) => ({
        outputFile: join(folder, name),
      })),
      artifacts: mapValues(component.outputDefinitions?.artifacts ?? {}, ({ artifactType }, name) => ({
        artifacts: [{ name, type: artifactType, uri: join(folder, name), metadata: {} }],
      })),
      outputFile: join(folder, "executor_output.json"),
    },
  };
}

/** Makes the folders that outputs are written into, as KFP's launcher does. */
export async function prepareOutputs({ outputs }: ExecutorInput): Promise<void> {
  const files = [outputs.outputFile, ...Object.values(outputs.parameters).map((parameter) => parameter.outputFile)];
  for (const { artifacts } of Object.values(outputs.artifacts))
    files.push(...artifacts.map((artifact) => artifact.uri));
  for (const folder of new Set(files.map((file) => dirname(file)))) await mkdir(folder, { recursive: true });
}

/**
 * What a component wrote: its executor output where it wrote one, and files of
 * output parameters for the rest (as KFP's launcher does; kfp.md §D.2). A
 * parameter that was not written is absent. Throws UserError where a value
 * cannot be read as its type.
 */
export async function readOutputs(input: ExecutorInput, definitions: Definitions | undefined): Promise<Written> {
  const text = await readText(input.outputs.outputFile);
  const output = text === undefined || text.trim() === "" ? {} : asObject(parseOutput(text), "executor output");
  const written = asObject(output["parameterValues"] ?? {}, "parameterValues");
  const old = asObject(output["parameters"] ?? {}, "parameters");
  const parameters: Record<string, Json> = {};
  for (const [name, { parameterType }] of Object.entries(definitions?.parameters ?? {})) {
    const value = written[name] ?? newValue(old[name]) ?? (await readParameterFile(input, name, parameterType));
    // 2.0 is the integer 2, as KFP casts it; beyond that an executor's value is taken at its word.
    const cast = parameterType === "NUMBER_INTEGER" && typeof value === "number" ? Math.trunc(value) : value;
    if (cast !== undefined) parameters[name] = cast;
  }
  const artifactsWritten = asObject(output["artifacts"] ?? {}, "artifacts");
  const artifacts = mapValues(input.outputs.artifacts, ({ artifacts: expected }, key) => {
    const list = asObject(artifactsWritten[key] ?? {}, key)["artifacts"];
    if (!isList(list) || list.length === 0) return expected.map((one) => merge(one, {}, key));
    return list.map((one, i) => merge(expected[i] ?? expected[0], one, key));
  });
  return { parameters, artifacts };
}

/** The text of an output parameter's file as its type, as KFP's launcher reads it. Throws UserError. */
export function parseParameter(text: string, type: ParameterType, name: string): Json {
  const value = parseText(text, type);
  if (value !== undefined) return value;
  throw new UserError(
    "output-type",
    `Output ${name} was written as ${JSON.stringify(text.slice(0, 80))}, which is not ${type}.`,
  );
}

function parseText(text: string, type: ParameterType): Json | undefined {
  const trimmed = text.trim();
  switch (type) {
    case "STRING":
      return text;
    case "NUMBER_INTEGER":
      return /^[+-]?\d+$/.test(trimmed) ? Number(trimmed) : undefined;
    case "NUMBER_DOUBLE":
      if (/^[+-]?(nan|inf(inity)?)$/i.test(trimmed)) return trimmed;
      return trimmed === "" || Number.isNaN(Number(trimmed)) ? undefined : Number(trimmed);
    case "BOOLEAN":
      return /^(true|t|1)$/i.test(trimmed) ? true : /^(false|f|0)$/i.test(trimmed) ? false : undefined;
    case "LIST": {
      const value = tryParse(text);
      return isList(value) ? value : undefined;
    }
    case "STRUCT":
    case "TASK_FINAL_STATUS":
    case "TASK_CONFIG":
      return tryParse(text);
  }
}

function merge(expected: RuntimeArtifact | undefined, written: Json, key: string): WrittenArtifact {
  const { name, uri, metadata, custom_path, customPath, type } = asObject(written, key);
  const title = typeof type === "object" && type !== null && "schemaTitle" in type ? type.schemaTitle : undefined;
  const custom = custom_path ?? customPath;
  return {
    name: typeof name === "string" && name !== "" ? name : (expected?.name ?? key),
    type: typeof title === "string" && title !== "" ? title : (expected?.type.schemaTitle ?? "system.Artifact"),
    uri: typeof uri === "string" && uri !== "" ? uri : (expected?.uri ?? ""),
    metadata: metadata === undefined || metadata === null ? {} : asObject(metadata, `metadata of ${key}`),
    ...(typeof custom === "string" && custom !== "" && { customPath: custom }),
  };
}

async function readParameterFile(input: ExecutorInput, name: string, type: ParameterType): Promise<Json | undefined> {
  const file = input.outputs.parameters[name]?.outputFile;
  const text = file === undefined ? undefined : await readText(file);
  return text === undefined ? undefined : parseParameter(text, type, name);
}

function asRuntimeArtifact({ name, type, uri, metadata }: Artifact): RuntimeArtifact {
  return { name, type: { schemaTitle: type, schemaVersion: "0.0.1" }, uri, metadata };
}

/**
 * Python's json writes NaN and Infinity, which JSON does not have; they become
 * text, so that one undefined metric does not lose all the others.
 */
function parseOutput(text: string): Json {
  const value =
    tryParse(text) ??
    tryParse(
      text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
        token.startsWith('"') ? token : `"${token}"`,
      ),
    );
  if (value === undefined) throw new UserError("output-json", `The executor output is not JSON: ${text.slice(0, 80)}`);
  return value;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

function asObject(value: unknown, what: string): Readonly<Record<string, Json>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UserError("output-json", `The ${what} is not a JSON object.`);
  // SAFETY: it came out of JSON.parse, or is a RuntimeArtifact, and is an object.
  return value as Readonly<Record<string, Json>>;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]));
}
