/** Specs of schema 2.0.0, which SDK 1.6 to 1.8 wrote: fields that `pipeline_spec.proto` still has, as deprecated. */
import type { Json } from "./types.ts";

/**
 * What a PipelineJob gives its inputs, as their defaults: SDK 1.8 wrote them into the file's `runtimeConfig`. Each value has
 * the form of schema 2.0.0 (`parameters`), or is plain (`parameterValues`).
 */
export function withJobValues(spec: Json, runtimeConfig: Json | undefined): Json {
  if (!isObject(spec) || runtimeConfig === undefined || !isObject(runtimeConfig)) return spec;
  const { parameters = {}, parameterValues = {} } = runtimeConfig;
  const { root = null } = spec;
  if (!isObject(root) || !isObject(parameters) || !isObject(parameterValues)) return spec;
  const { inputDefinitions = null } = root;
  const definitions = isObject(inputDefinitions) ? (inputDefinitions["parameters"] ?? null) : null;
  if (!isObject(inputDefinitions) || !isObject(definitions)) return spec;
  const given: Record<string, Json> = { ...parameterValues };
  for (const [name, value] of Object.entries(parameters)) given[name] = isObject(value) ? primitive(value) : value;
  const defined = Object.entries(definitions).map(([name, each]): readonly [string, Json] => {
    const value = given[name];
    const isOpen = isObject(each) && each["defaultValue"] === undefined && value !== undefined;
    return [name, isOpen ? { ...each, defaultValue: value } : each];
  });
  return {
    ...spec,
    root: { ...root, inputDefinitions: { ...inputDefinitions, parameters: Object.fromEntries(defined) } },
  };
}

/** The same in the words of schema 2.1.0. */
export function modernSpec(spec: Json): Json {
  if (!isObject(spec)) return spec;
  return Object.fromEntries(
    Object.entries(spec).map(([name, value]) => [
      name,
      // What runs a step is the user's own text but for an importer's address.
      name === "root" || name === "components" || name === "deploymentSpec" ? modern(value, name, "") : value,
    ]),
  );
}

function modern(value: Json, name: string, above: string): Json {
  if (name === "condition" && typeof value === "string")
    return value.replace(
      /\binputs\.parameters(\['[^']*'\])\.(?:string|int|double)_value\b/g,
      "inputs.parameter_values$1",
    );
  if (!isObject(value) || ofTheUser.has(name)) return value;
  const entries = Object.entries(value).map(([inner, one]): readonly [string, Json] => {
    if (inner === "constantValue" && isObject(one)) return ["constant", primitive(one)];
    if (inner === "type" && above === "parameters" && typeof one === "string")
      return ["parameterType", parameterTypes[one] ?? one];
    return [inner, modern(one, inner, name)];
  });
  return Object.fromEntries(entries);
}

/** Members whose values are not of the schema. */
const ofTheUser: ReadonlySet<string> = new Set(["container", "metadata", "constant", "defaultValue"]);

/** 64-bit numbers are text in protobuf's JSON. */
function primitive(value: { readonly [key: string]: Json }): Json {
  const { stringValue, intValue, doubleValue } = value;
  if (stringValue !== undefined) return stringValue;
  return Number(intValue ?? doubleValue ?? 0);
}

const parameterTypes: Readonly<Record<string, string>> = {
  INT: "NUMBER_INTEGER",
  DOUBLE: "NUMBER_DOUBLE",
  STRING: "STRING",
};

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
