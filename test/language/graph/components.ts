/** The components of fixtures/components.py, and short ways to write arguments. */
import type { GivenArguments } from "../../../language/graph/builder.ts";
import { isChannel } from "../../../language/graph/channels.ts";
import type { Argument, Channel, Component, InputDefinition, ValueType } from "../../../language/graph/model.ts";
import { parameterType } from "../../../language/graph/types.ts";

export const span = { path: "/pipeline.py", start: 0, end: 1 };

export const text = parameterType("STRING");
export const integer = parameterType("NUMBER_INTEGER");
export const float = parameterType("NUMBER_DOUBLE");
export const boolean = parameterType("BOOLEAN");
export const list = parameterType("LIST");
export const struct = parameterType("STRUCT");
export const status = parameterType("TASK_FINAL_STATUS");
export const records: ValueType = {
  kind: "parameter",
  type: "LIST",
  element: { ...struct, element: integer } as ValueType,
};
export const artifact = (name: string, isList = false): ValueType => ({
  kind: "artifact",
  type: { schemaTitle: `system.${name}`, schemaVersion: "0.0.1" },
  list: isList,
});

export function input(
  name: string,
  type: ValueType,
  ...defaults: readonly InputDefinition["defaultValue"][]
): InputDefinition {
  const [defaultValue] = defaults;
  return { name, type, optional: defaults.length > 0, ...(defaultValue === undefined ? {} : { defaultValue }) };
}

export function container(
  name: string,
  inputs: readonly InputDefinition[],
  out?: ValueType,
  command?: string[],
  args?: string[],
): Component {
  return {
    name,
    inputs,
    outputs: out ? [{ name: "out", type: out }] : [],
    implementation: {
      kind: "container",
      container: { image: "alpine", ...(command ? { command } : {}), ...(args ? { args } : {}) },
    },
  };
}

export const echo = container(
  "echo",
  [input("text", text)],
  text,
  ["echo", "{{$.inputs.parameters['text']}}"],
  ["{{$.outputs.parameters['out'].output_file}}"],
);
export const recordsOf = container("records", [], records);
export const count = container("count", [input("n", integer, 3), input("f", float, 1)]);
export const make = container("make", [], artifact("Dataset"));
export const gather = container("gather", [input("texts", list, []), input("options", struct, {})]);
export const join = container("join", [input("sets", artifact("Dataset", true))]);
export const use = container("use", [input("data", artifact("Artifact"))]);
export const reportStatus = container("report", [input("status", status), input("text", text, "x")]);

/** A Python-like value: numbers are integers unless wrapped by `float`. */
export type Value = Argument | string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

export function argument(value: Value | undefined): Argument {
  if (value === null || value === undefined) return { kind: "null" };
  if (typeof value === "string") return { kind: "string", value };
  if (typeof value === "number") return { kind: Number.isInteger(value) ? "integer" : "number", value };
  if (typeof value === "boolean") return { kind: "boolean", value };
  if (isList(value)) return { kind: "list", items: value.map(argument) };
  if (isArgument(value)) return value;
  return { kind: "struct", entries: Object.entries(value).map(([key, member]) => [key, argument(member)]) };
}

export function given(values: Readonly<Record<string, Value | undefined>>): GivenArguments {
  return new Map(Object.entries(values).map(([name, value]) => [name, { value: argument(value), span }]));
}

export const template = (...parts: readonly (string | Channel)[]): Argument => ({ kind: "template", parts });

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isArgument(value: Argument | { readonly [key: string]: Value }): value is Argument {
  if (typeof value.kind !== "string") return false;
  // SAFETY: only looks at `kind`.
  return (
    isChannel(value as Argument) || ["template", "string", "integer", "number", "list", "struct"].includes(value.kind)
  );
}
