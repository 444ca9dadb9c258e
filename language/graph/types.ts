/** Which value may go where, as the SDK checks it (`kfp/dsl/types/type_utils.py`). */
import type { ArtifactType, ParameterType } from "../spec/types.ts";
import type { Argument, Channel, ValueType } from "./model.ts";

export function parameterType(type: ParameterType): ValueType {
  return { kind: "parameter", type };
}

/** Type of what a caller gives; undefined: null, which the SDK takes nowhere. */
export function argumentType(value: Argument): ValueType | undefined {
  switch (value.kind) {
    case "null":
      return undefined;
    case "string":
    case "template":
      return parameterType("STRING");
    case "integer":
      return parameterType("NUMBER_INTEGER");
    case "number":
      return parameterType("NUMBER_DOUBLE");
    case "boolean":
      return parameterType("BOOLEAN");
    case "list":
      return parameterType("LIST");
    case "struct":
      return parameterType("STRUCT");
    default:
      return value.type;
  }
}

/**
 * Whether a value of type `given` may be used as `expected`. No conversions: an integer
 * is not a double. `system.Artifact` goes with every artifact; other artifacts need the
 * same title and the same major version.
 */
export function isCompatible(given: ValueType, expected: ValueType): boolean {
  if (given.kind === "parameter") return expected.kind === "parameter" && plain(given.type) === plain(expected.type);
  if (expected.kind === "parameter") return false;
  if (given.list !== expected.list) return false;
  const generic = "system.Artifact";
  if (given.type.schemaTitle === generic || expected.type.schemaTitle === generic) return true;
  return given.type.schemaTitle === expected.type.schemaTitle && major(given.type) === major(expected.type);
}

/** Same type in every respect: what a OneOf asks of its channels. */
export function isSameType(a: ValueType, b: ValueType): boolean {
  if (a.kind === "parameter" && b.kind === "parameter") {
    if (a.type !== b.type) return false;
    return a.element === undefined || b.element === undefined
      ? a.element === b.element
      : isSameType(a.element, b.element);
  }
  if (a.kind === "parameter" || b.kind === "parameter") return false;
  return (
    a.list === b.list && a.type.schemaTitle === b.type.schemaTitle && a.type.schemaVersion === b.type.schemaVersion
  );
}

/** The parameter type that a group's input or a condition sees. */
export function plain(type: ParameterType): ParameterType {
  return type === "TASK_FINAL_STATUS" || type === "TASK_CONFIG" ? "STRUCT" : type;
}

/**
 * Whether the SDK lets anything pass: an item of a list, or a member of a struct,
 * of which the source does not say the type.
 */
export function isUnchecked(value: Argument): boolean {
  if (value.kind === "loop-item") {
    const { items } = value.loop;
    return items.kind === "channel" && value.type.kind === "parameter" && elementOf(items.channel) === undefined;
  }
  if (value.kind !== "loop-field" || value.item.type.kind !== "parameter") return false;
  const { members, element } = value.item.type;
  return element === undefined && members?.[value.field] === undefined;
}

/** Type of a member of a loop's item; the SDK takes strings for unknown ones. */
export function memberType(item: Channel, field: string): ValueType {
  const members = item.type.kind === "parameter" ? item.type.members : undefined;
  return members?.[field] ?? elementOf(item) ?? parameterType("STRING");
}

/** Type of a list's items or a struct's members. */
export function elementOf(channel: Channel): ValueType | undefined {
  return channel.type.kind === "parameter" ? channel.type.element : undefined;
}

/** As messages say it: `an integer`, `a list`, `system.Dataset`. */
export function typeName(type: ValueType): string {
  if (type.kind === "parameter") return parameterNames[type.type];
  const title = type.type.schemaTitle ?? type.type.instanceSchema ?? "an artifact";
  return type.list ? `a list of ${title}` : title;
}

const parameterNames: Readonly<Record<ParameterType, string>> = {
  STRING: "a string",
  NUMBER_INTEGER: "an integer",
  NUMBER_DOUBLE: "a float",
  BOOLEAN: "a boolean",
  LIST: "a list",
  STRUCT: "a struct",
  TASK_FINAL_STATUS: "a task's final status",
  TASK_CONFIG: "a task configuration",
};

function major(type: ArtifactType): string | undefined {
  return type.schemaVersion?.split(".")[0];
}
