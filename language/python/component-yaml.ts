/** Component YAML of the SDK's first version (`ComponentSpec.from_v1_component_spec`); compiled files are read by `spec/read.ts`. */
import type { Component, InputDefinition, OutputDefinition, ValueType } from "../graph/model.ts";
import { sanitizeName } from "../graph/names.ts";
import { plainYaml } from "../spec/plain-yaml.ts";
import type { ContainerSpec, Json } from "../spec/types.ts";
import { parameterTypeOf } from "./annotations.ts";
import { artifactClasses } from "./artifact-types.ts";
import { checkShape } from "./component-yaml-shape.ts";
import { pythonJson } from "./placeholders.ts";

type JsonObject = { readonly [key: string]: Json };

/** A component, and what the SDK refuses only when it is used: placeholders that do not go with their types. */
export interface OldComponent {
  readonly component: Component;
  readonly mismatches: readonly string[];
}

/** The component; undefined where the text is no component of that kind. Throws an Error that says what is wrong with one. */
export function readOldComponent(text: string): OldComponent | undefined {
  const root = plainYaml(text);
  if (!isObject(root) || !("implementation" in root)) return undefined;
  checkShape(root);
  const implementation = root["implementation"];
  const container = isObject(implementation) ? implementation["container"] : undefined;
  if (!isObject(container)) throw new Error("its implementation has no container");
  const outputs = objects(root["outputs"]);
  const element = (value: Json): string => {
    const made = placeholder(value, outputs);
    return typeof made === "string" ? made : pythonJson(made);
  };
  const inputs = objects(root["inputs"]);
  for (const [what, all] of [
    ["inputs", inputs],
    ["outputs", outputs],
  ] as const) {
    const names = all.map((one) => one["name"]);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) throw new Error(`two of its ${what} are called "${text_(twice)}"`);
  }
  const used = [container["command"], container["args"]].flatMap((part) => items(part)).flatMap(primitives);
  for (const { key, name } of used) {
    const known = key.startsWith("output") ? outputs : inputs;
    if (known.every((one) => ioName(one["name"]) !== name))
      throw new Error(`there is no ${key.startsWith("output") ? "output" : "input"} "${name}"`);
  }
  const spec: ContainerSpec = { image: text_(container["image"]) };
  const command = items(container["command"]).map(element);
  const args = items(container["args"]).map(element);
  if (command.length > 0) spec.command = command;
  if (args.length > 0) spec.args = args;
  const env = isObject(container["env"]) ? Object.entries(container["env"]) : [];
  if (env.length > 0) spec.env = env.map(([name, value]) => ({ name, value: element(value) }));
  const description = root["description"];
  const component: Component = {
    name: sanitizeName(typeof root["name"] === "string" ? root["name"] : "name"),
    ...(typeof description === "string" && description !== "" && { description }),
    inputs: inputs.map(input),
    outputs: outputs.map(
      (output): OutputDefinition => ({ name: ioName(output["name"]), type: typeOf(output["type"]) }),
    ),
    implementation: { kind: "container", container: spec },
  };
  const mismatches = used.flatMap(({ key, name }) => {
    const of = (key === "outputUri" ? component.outputs : component.inputs).find((one) => one.name === name);
    if (of === undefined || key === "outputPath" || key === "isPresent") return [];
    const isParameter = of.type.kind === "parameter";
    if (isParameter === (key === "inputValue")) return [];
    return [`${key} is not for "${name}", which is ${isParameter ? "a parameter" : "an artifact"}`];
  });
  return { component, mismatches };
}

/** The inputs and outputs that an element of a command names. */
function primitives(value: Json): readonly { readonly key: string; readonly name: string }[] {
  if (isList(value)) return value.flatMap((one) => primitives(one));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, of]) =>
    /^(?:inputValue|inputPath|inputUri|outputPath|outputUri|isPresent)$/.test(key)
      ? [{ key, name: ioName(of) }]
      : primitives(of),
  );
}

function input(spec: JsonObject): InputDefinition {
  const type = typeOf(spec["type"]);
  const name = ioName(spec["name"]);
  if (type.kind === "parameter" && type.type === "TASK_FINAL_STATUS") return { name, type, optional: true };
  const standard = "default" in spec ? defaultOf(spec["default"] ?? null, type) : null;
  return {
    name,
    type,
    optional: spec["optional"] === true || "default" in spec,
    ...(standard !== null && type.kind === "parameter" && { defaultValue: standard }),
  };
}

/** Old files write every default as text. */
function defaultOf(value: Json, type: ValueType): Json {
  if (value === null || type.kind === "artifact") return value;
  switch (type.type) {
    case "NUMBER_INTEGER":
      return Math.trunc(numberOf(value, /^\s*[-+]?\d+(?:_\d+)*\s*$/, "a whole number"));
    case "NUMBER_DOUBLE":
      return numberOf(value, /^\s*[-+]?(?:\d|\.\d)[\d_]*\.?\d*(?:e[-+]?\d+)?\s*$/i, "a number");
    case "STRING":
      return typeof value === "string" ? value : pythonText(value);
    case "BOOLEAN":
      if (typeof value !== "string") return value;
      if (!/^(?:y|yes|t|true|on|1|n|no|f|false|off|0)$/i.test(value))
        throw new Error(`the default "${value}" must be true or false`);
      return /^(?:y|yes|t|true|on|1)$/i.test(value);
    default:
      try {
        return typeof value === "string" ? jsonOf(value) : value;
      } catch {
        return value;
      }
  }
}

/** As Python's `int` and `float` read it. */
function numberOf(value: Json, form: RegExp, wanted: string): number {
  if (typeof value === "string" && !form.test(value)) throw new Error(`the default "${value}" must be ${wanted}`);
  return Number(typeof value === "string" ? value.replaceAll("_", "") : value);
}

function jsonOf(text: string): Json {
  // SAFETY: what JSON.parse gives is JSON.
  return JSON.parse(text) as Json;
}

/** `str(x)` of a scalar that YAML read as something else. */
function pythonText(value: Json): string {
  if (value === true) return "True";
  if (value === false) return "False";
  return typeof value === "number" || typeof value === "string" ? String(value) : JSON.stringify(value);
}

function typeOf(type: Json | undefined): ValueType {
  if (typeof type === "string") {
    const plain = /^(?:typing\.)?(?:list|dict)\[/i.test(type) ? (type.split("[")[0] ?? type) : type;
    const parameter = parameterTypeOf(plain);
    if (parameter !== undefined && !plain.includes("[")) return parameter;
    if (/^google.[A-Za-z]+$/.test(type))
      return { kind: "artifact", type: { schemaTitle: type, schemaVersion: "0.0.1" }, list: false };
    for (const name of artifactClasses().keys()) {
      if (name.toLowerCase() === type.toLowerCase())
        return { kind: "artifact", type: { schemaTitle: `system.${name}`, schemaVersion: "0.0.1" }, list: false };
    }
  }
  return { kind: "artifact", type: { schemaTitle: "system.Artifact", schemaVersion: "0.0.1" }, list: false };
}

/** One placeholder as text, or as the JSON of `Concat` and `IfPresent`. */
function placeholder(value: Json, outputs: readonly JsonObject[]): Json {
  if (!isObject(value)) return value;
  const [first] = Object.entries(value);
  if (first === undefined || Object.keys(value).length !== 1) throw new Error("a placeholder has one key");
  const [key, of] = first;
  const name = ioName(of);
  const list = (some: Json | undefined): Json =>
    isList(some)
      ? some.map((one) => placeholder(one, outputs))
      : some === undefined
        ? null
        : placeholder(some, outputs);
  switch (key) {
    case "inputValue":
      return `{{$.inputs.parameters['${name}']}}`;
    case "inputPath":
      return `{{$.inputs.artifacts['${name}'].path}}`;
    case "inputUri":
      return `{{$.inputs.artifacts['${name}'].uri}}`;
    case "outputUri":
      return `{{$.outputs.artifacts['${name}'].uri}}`;
    case "outputPath": {
      const output = outputs.find((one) => one["name"] === of);
      if (output === undefined) throw new Error(`there is no output "${text_(of)}"`);
      return typeOf(output["type"]).kind === "parameter"
        ? `{{$.outputs.parameters['${name}'].output_file}}`
        : `{{$.outputs.artifacts['${name}'].path}}`;
    }
    case "executorInput":
      return "{{$}}";
    case "concat":
      return { Concat: items(of).map((one) => placeholder(one, outputs)) };
    case "if": {
      if (!isObject(of) || !isObject(of["cond"])) throw new Error('"if" needs "cond" and "then"');
      const otherwise = of["else"];
      const empty = otherwise === undefined || otherwise === null || (isList(otherwise) && otherwise.length === 0);
      return {
        IfPresent: {
          InputName: ioName(of["cond"]["isPresent"]),
          Then: list(of["then"]),
          ...(empty ? {} : { Else: list(otherwise) }),
        },
      };
    }
    default:
      throw new Error(`there is no placeholder "${key}"`);
  }
}

/** `utils.sanitize_input_name` */
function ioName(name: Json | undefined): string {
  return text_(name)
    .toLowerCase()
    .replace(/[^_0-9a-z]+/g, "_")
    .replace(/^_+|_+$/g, "");
}

function text_(value: Json | undefined): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : pythonText(value);
}

function items(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return items(value).filter(isObject);
}

function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
