/**
 * A package as the KFP SDK writes it, byte for byte: a header comment, then
 * `yaml.dump_all([spec, platform], sort_keys=True)` of PyYAML.
 */
import { compareCodePoints, pythonFloat, pythonValue } from "./python-text.ts";
import { itemShape, memberShape, pipelineSpecShape, platformSpecShape, type Shape } from "./schema.ts";
import type { Definitions, Json, ParameterType, PipelinePackage } from "./types.ts";
import { yamlFloat, yamlString } from "./yaml-scalar.ts";

/** The SDK's text of a package. Key order of dict defaults in the header is random there, sorted here. */
export function writePackage(pkg: PipelinePackage): string {
  const platform = pkg.platform && Object.keys(pkg.platform.platforms).length > 0 ? pkg.platform : undefined;
  // SAFETY: the spec types are JSON: their optional members are absent or undefined, which `present` skips.
  const documents = [writeDocument(pkg.spec as unknown as JsonObject, pipelineSpecShape)];
  if (platform) documents.push(writeDocument(platform as unknown as JsonObject, platformSpecShape));
  return header(pkg) + documents.join("---\n");
}

/**
 * One YAML document in PyYAML's block style; ends with a line break. A number is `3` where
 * the schema has an int32 (retries, parallelism, times to live). Everywhere else it is a
 * double, or stands in a protobuf Struct or Value (`deploymentSpec`, defaults, constants,
 * platform config), which knows no integers: `3.0`. An int64 is a string.
 */
export function writeDocument(root: readonly Json[] | JsonObject, rootShape: Shape | undefined): string {
  let out = "";
  const long = new Map<string, string>();

  /** Every task repeats the program of its component: long texts are folded once for each place they start at. */
  function string(text: string, column: number, indent: number): string {
    if (text.length < 200) return yamlString(text, column, indent, true);
    const key = `${column} ${indent} ${text}`;
    const written = long.get(key) ?? yamlString(text, column, indent, true);
    long.set(key, written);
    return written;
  }

  /** Writes a value where a mapping's colon or a list's dash stands before it, at `column`. */
  function value(item: Json, column: number, indent: number, shape: Shape | undefined): void {
    if (typeof item === "string") out += ` ${string(item, column + 1, indent + 2)}`;
    else if (typeof item === "number")
      out += ` ${shape === "integer" && Number.isInteger(item) ? String(item) : yamlFloat(pythonFloat(item))}`;
    else if (item === null) out += " null";
    else if (typeof item === "boolean") out += item ? " true" : " false";
    else out += isList(item) ? " []" : " {}";
  }

  function sequence(items: readonly Json[], indent: number, shape: Shape | undefined): void {
    const pad = `\n${" ".repeat(indent)}`;
    items.forEach((item, i) => {
      out += i === 0 ? "-" : `${pad}-`;
      if (isBlock(item)) {
        out += " ";
        block(item, indent + 2, itemShape(shape));
      } else value(item, indent + 1, indent, itemShape(shape));
    });
  }

  function mapping(object: JsonObject, indent: number, shape: Shape | undefined): void {
    const pad = `\n${" ".repeat(indent)}`;
    present(object).forEach((key, i) => {
      const item = object[key] ?? null;
      if (i > 0) out += pad;
      const inner = memberShape(shape, key);
      if (isSimpleKey(key)) {
        const written = yamlString(key, indent, indent + 2, false);
        out += `${written}:`;
        if (!isBlock(item)) value(item, indent + written.length + 1, indent, inner);
        else if (isList(item)) {
          // PyYAML does not indent a list under its key.
          out += pad;
          sequence(item, indent, inner);
        } else {
          out += `${pad}  `;
          block(item, indent + 2, inner);
        }
      } else {
        out += `? ${yamlString(key, indent + 2, indent + 2, true)}${pad}:`;
        if (isBlock(item)) {
          out += " ";
          block(item, indent + 2, inner);
        } else value(item, indent + 1, indent, inner);
      }
    });
  }

  function block(item: readonly Json[] | JsonObject, indent: number, shape: Shape | undefined): void {
    if (isList(item)) sequence(item, indent, shape);
    else mapping(item, indent, shape);
  }

  if (isBlock(root)) block(root, 0, rootShape);
  else out = isList(root) ? "[]" : "{}";
  return `${out}\n`;
}

type JsonObject = { readonly [key: string]: Json };

/** Names of the members that are set, in Python's order. An optional member of the spec types may be there, undefined. */
function present(object: JsonObject): readonly string[] {
  return Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort(compareCodePoints);
}

function isBlock(item: Json): item is readonly Json[] | JsonObject {
  if (typeof item !== "object" || item === null) return false;
  return isList(item) ? item.length > 0 : Object.values(item).some((member: Json | undefined) => member !== undefined);
}

function isList(item: Json): item is readonly Json[] {
  return Array.isArray(item);
}

/** PyYAML counts the tag `!!str` (5) to a key's length and asks for less than 128 characters, on one line. */
function isSimpleKey(key: string): boolean {
  if (key === "" || /[\n\x85\u2028\u2029]/.test(key)) return false;
  return key.length < 123 || Array.from(key).length < 123;
}

const typeWords: Readonly<Record<ParameterType, string>> = {
  STRING: "str",
  NUMBER_INTEGER: "int",
  NUMBER_DOUBLE: "float",
  LIST: "list",
  STRUCT: "dict",
  BOOLEAN: "bool",
  TASK_FINAL_STATUS: "PipelineTaskFinalStatus",
  TASK_CONFIG: "TaskConfig",
};

/** The comment with name, description, inputs and outputs. A line break in a default breaks it, as in the SDK. */
function header(pkg: PipelinePackage): string {
  const { spec } = pkg;
  const lines = ["# PIPELINE DEFINITION", `# Name: ${spec.pipelineInfo.name}`];
  const description = pkg.description ?? spec.pipelineInfo.description;
  if (description) lines.push(`# Description: ${pythonLines(description).join(`\n#${" ".repeat(14)}`)}`);
  if (spec.root.inputDefinitions) lines.push("# Inputs:", ...signature(spec.root.inputDefinitions));
  if (spec.root.outputDefinitions) lines.push("# Outputs:", ...signature(spec.root.outputDefinitions));
  return `${lines.join("\n")}\n`;
}

function signature(definitions: Definitions): string[] {
  const lines: [name: string, line: string][] = [];
  for (const [name, parameter] of Object.entries(definitions.parameters ?? {})) {
    const { defaultValue } = parameter;
    const text =
      typeof defaultValue === "string"
        ? `'${defaultValue}'`
        : defaultValue === undefined
          ? undefined
          : pythonValue(defaultValue);
    lines.push([
      name,
      `#    ${name}: ${typeWords[parameter.parameterType]}${text === undefined ? "" : ` [Default: ${text}]`}`,
    ]);
  }
  for (const [name, artifact] of Object.entries(definitions.artifacts ?? {})) {
    lines.push([name, `#    ${name}: ${artifact.artifactType.schemaTitle ?? ""}`]);
  }
  return lines.sort(([a], [b]) => compareCodePoints(a, b)).map(([, line]) => line);
}

/** `str.splitlines()`: more characters end a line than in JavaScript, and a last one opens no further line. */
export function pythonLines(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
