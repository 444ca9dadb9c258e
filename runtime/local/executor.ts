import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ComponentSpec, Definitions, Json, ParameterType } from "../../language/spec/types.ts";
import type { Artifact } from "../events.ts";
import { UserError } from "../user-error.ts";
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

/** The input of a component whose outputs are to stand in `folder`. */
export function executorInput(component: ComponentSpec, inputs: Values, folder: string): ExecutorInput {
  const given = Object.entries(inputs.parameters).filter(([, value]) => value !== null);
  return {
    inputs: {
      parameterValues: Object.fromEntries(given),
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
  const output =
    text === undefined || text.trim() === "" ? {} : asObject(parseJson(text, "executor output"), "executor output");
  const written = asObject(output["parameterValues"] ?? {}, "parameterValues");
  const parameters: Record<string, Json> = {};
  for (const [name, { parameterType }] of Object.entries(definitions?.parameters ?? {})) {
    const value = written[name] ?? (await readParameterFile(input, name, parameterType));
    if (value !== undefined) parameters[name] = asType(value, parameterType, name);
  }
  const artifactsWritten = asObject(output["artifacts"] ?? {}, "artifacts");
  const artifacts = mapValues(input.outputs.artifacts, ({ artifacts: expected }, key) => {
    const list = asObject(artifactsWritten[key] ?? {}, key)["artifacts"];
    const found = Array.isArray(list) && list.length > 0 ? list : undefined;
    return (found ?? expected).map((one: Json | RuntimeArtifact, i: number) =>
      merge(expected[i] ?? expected[0], one, key),
    );
  });
  return { parameters, artifacts };
}

/** A parameter's text as its type, as KFP's launcher reads it. Throws UserError. */
export function parseParameter(text: string, type: ParameterType, name: string): Json {
  if (type === "STRING") return text;
  const value = parseJson(type === "BOOLEAN" ? text.trim().toLowerCase() : text, `output ${name}`);
  return asType(value, type, name);
}

function merge(expected: RuntimeArtifact | undefined, written: Json | RuntimeArtifact, key: string): WrittenArtifact {
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

/** Integers stay integers (2.0 too, as KFP casts them); anything of another type is the component's mistake. */
function asType(value: Json, type: ParameterType, name: string): Json {
  switch (type) {
    case "NUMBER_INTEGER":
      if (typeof value === "number") return Math.trunc(value);
      break;
    case "NUMBER_DOUBLE":
      if (typeof value === "number" || value === "NaN" || value === "Infinity" || value === "-Infinity") return value;
      break;
    case "BOOLEAN":
      if (typeof value === "boolean") return value;
      break;
    case "STRING":
      if (typeof value === "string") return value;
      break;
    case "LIST":
      if (Array.isArray(value)) return value;
      break;
    default:
      return value;
  }
  throw new UserError("output-type", `Output ${name} is ${JSON.stringify(value)}, which is not ${type}.`);
}

function asRuntimeArtifact({ name, type, uri, metadata }: Artifact): RuntimeArtifact {
  return { name, type: { schemaTitle: type, schemaVersion: "0.0.1" }, uri, metadata };
}

/**
 * Python's json writes NaN and Infinity, which JSON does not have; they become
 * text, so that one undefined metric does not lose all the others.
 */
function parseJson(text: string, what: string): Json {
  try {
    // SAFETY: JSON.parse gives JSON.
    return JSON.parse(text) as Json;
  } catch {
    const repaired = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
      token.startsWith('"') ? token : `"${token}"`,
    );
    try {
      // SAFETY: JSON.parse gives JSON.
      return JSON.parse(repaired) as Json;
    } catch (cause) {
      throw new UserError("output-json", `The ${what} is not JSON: ${text.slice(0, 80)}`, { cause });
    }
  }
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
