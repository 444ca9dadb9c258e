import type { Json } from "../../language/spec/types.ts";
import { isList } from "./json.ts";
import type { ExecutorInput, RuntimeArtifact } from "./executor.ts";

/** What placeholders of a task may refer to (kfp.dsl's constants, and those of KFP's launcher). */
export interface PlaceholderValues {
  readonly executorInput: ExecutorInput;
  readonly jobName: string;
  readonly jobId: string;
  readonly taskName: string;
  readonly taskId: string;
  readonly pipelineRoot: string;
  readonly workspacePath: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/**
 * The command line of a container: placeholders replaced, Concat joined,
 * IfPresent decided. An element may become none or several.
 */
export function resolveCommand(elements: readonly string[], values: PlaceholderValues): string[] {
  return elements.flatMap((element) => {
    const structure = parseStructure(element);
    return structure === undefined ? [resolveText(element, values)] : resolveStructure(structure, values);
  });
}

/**
 * A constant of the spec with its placeholders replaced, at any depth. A text
 * that is one placeholder and nothing else becomes the value itself, unless
 * `asText`; inside a longer text everything but a string is written as JSON.
 */
export function resolveValue(value: Json, values: PlaceholderValues, asText: boolean): Json {
  if (typeof value === "string") {
    const whole = asText ? undefined : onePlaceholder.exec(value)?.[1];
    const found = whole === undefined ? undefined : lookUp(whole, values);
    return found ?? resolveText(value, values);
  }
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map((item) => resolveValue(item, values, asText));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [resolveText(key, values), resolveValue(item, values, asText)]),
  );
}

/** One pass: what a placeholder brings in is not searched for placeholders again. */
export function resolveText(text: string, values: PlaceholderValues): string {
  if (!text.includes("{{$")) return text;
  return text.replaceAll(anyPlaceholder, (whole, inner: string) => {
    const found = lookUp(inner, values);
    if (found === undefined) return whole;
    return typeof found === "string" ? found : JSON.stringify(found);
  });
}

const anyPlaceholder = /\{\{\$((?:\.[^{}]*)?)\}\}/g;
const onePlaceholder = /^\{\{\$((?:\.[^{}]*)?)\}\}$/;

/** The value of what stands between `{{$` and `}}`; undefined where it is none of ours and stays as it is. */
function lookUp(inner: string, values: PlaceholderValues): Json | undefined {
  switch (inner) {
    case "":
      // SAFETY: an ExecutorInput is JSON through and through.
      return JSON.stringify(values.executorInput);
    case ".pipeline_job_name":
    case ".pipeline_job_resource_name":
      return values.jobName;
    case ".pipeline_job_uuid":
      return values.jobId;
    case ".pipeline_task_name":
      return values.taskName;
    case ".pipeline_task_uuid":
      return values.taskId;
    case ".pipeline_root":
      return values.pipelineRoot;
    case ".workspace_path":
      return values.workspacePath;
    // A run started by hand has no schedule: KFP gives its time of creation then.
    case ".pipeline_job_create_time_utc":
    case ".pipeline_job_schedule_time_utc":
      return new Date(values.createdAt).toISOString().replace(/\.\d+Z$/, "Z");
    case ".outputs.output_file":
    case ".outputMetadataUri":
      return values.executorInput.outputs.outputFile;
  }
  const [, side, kind, quoted, rest = ""] =
    /^\.(inputs|outputs)\.(parameters|artifacts)\[(['"].*?['"])\](.*)$/.exec(inner) ?? [];
  if (side === undefined || kind === undefined || quoted === undefined) return undefined;
  const name = quoted.slice(1, -1);
  if (kind === "artifacts")
    return ofArtifacts(values.executorInput[side === "inputs" ? "inputs" : "outputs"].artifacts[name]?.artifacts, rest);
  if (side === "outputs")
    return rest === ".output_file" ? values.executorInput.outputs.parameters[name]?.outputFile : undefined;
  // As kfp.local: an input that was not given is null, whatever the text around it.
  return values.executorInput.inputs.parameterValues[name] ?? null;
}

function ofArtifacts(artifacts: readonly RuntimeArtifact[] | undefined, rest: string): Json | undefined {
  const first = artifacts?.[0];
  if (artifacts === undefined || first === undefined) return rest === "" ? [] : null;
  // SAFETY: a RuntimeArtifact is JSON through and through.
  if (rest === "") return artifacts as unknown as Json;
  if (rest === ".uri") return first.uri;
  if (rest === ".path") return localPath(first.uri);
  if (rest === ".name") return first.name;
  if (rest === ".metadata") return first.metadata;
  const key = /^\.metadata\[(['"])(.*)\1\]$/.exec(rest)?.[2];
  return key === undefined ? undefined : (first.metadata[key] ?? null);
}

/** Where KFP's own code looks for a URI: buckets are mounted under `/gcs`, `/s3`, `/minio`, `/oci`. */
export function localPath(uri: string): string {
  const [, scheme, rest = ""] = /^(gs|s3|minio|oci|file):\/\/(.*)$/.exec(uri) ?? [];
  if (scheme === undefined) return uri;
  if (scheme === "file") return decodeURIComponent(rest);
  return scheme === "oci" ? `/oci/${rest.replaceAll("/", "_")}` : `/${scheme === "gs" ? "gcs" : scheme}/${rest}`;
}

/** Concat and IfPresent of container components, which the SDK writes as JSON text. */
type Structure =
  | string
  | { readonly Concat: readonly Structure[] }
  | {
      readonly IfPresent: {
        readonly InputName: string;
        readonly Then: Structure | readonly Structure[];
        readonly Else?: Structure | readonly Structure[];
      };
    };

function parseStructure(element: string): Structure | undefined {
  if (!element.startsWith('{"Concat": ') && !element.startsWith('{"IfPresent": ')) return undefined;
  try {
    // SAFETY: the prefix is the SDK's mark for this structure; other text that happens to begin so and is no JSON stays text.
    return JSON.parse(element) as Structure;
  } catch {
    return undefined;
  }
}

function isStructures(structure: Structure | readonly Structure[]): structure is readonly Structure[] {
  return Array.isArray(structure);
}

function resolveStructure(structure: Structure | readonly Structure[], values: PlaceholderValues): string[] {
  if (typeof structure === "string") return [resolveText(structure, values)];
  if (isStructures(structure)) return structure.flatMap((part) => resolveStructure(part, values));
  if ("Concat" in structure) return [structure.Concat.flatMap((part) => resolveStructure(part, values)).join("")];
  const { InputName, Then, Else } = structure.IfPresent;
  const { parameterValues, artifacts } = values.executorInput.inputs;
  const present = (parameterValues[InputName] ?? null) !== null || artifacts[InputName] !== undefined;
  if (present) return resolveStructure(Then, values);
  return Else === undefined ? [] : resolveStructure(Else, values);
}
