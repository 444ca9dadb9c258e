/** A message of protobuf that a library changes: a component's `pipeline_spec`, by the names that Python gives its fields. */
import type { Json } from "../spec/types.ts";
import { fromJson } from "./json-values.ts";
import { raise } from "./machine.ts";
import type { Span } from "../source.ts";
import {
  argument,
  builtin,
  firstOf,
  isObject,
  isUnknown,
  list,
  NotKnown,
  type NativeValue,
  plainText,
  soughtKey,
  tuple,
  unknown,
  type Value,
} from "./values.ts";

/** Fields that are messages or maps: asked for where they are absent, they are empty. */
const composite = new Set(
  `components root dag tasks outputs inputs parameters artifacts inputDefinitions outputDefinitions deploymentSpec
  pipelineInfo valueFromParameter parameterSelectors artifactSelectors componentRef cachingOptions`.split(/\s+/),
);

/** A message, a map or a struct, which differ only in how they are asked. */
export class MessageValue implements NativeValue {
  readonly kind = "native";
  readonly type = "Message";
  private fields: Map<string, Value>;
  /** Made by asking for it: it is written only when something is put into it. */
  private readonly implied: boolean;

  constructor(json: Readonly<Record<string, Json>>, implied = false) {
    this.fields = new Map(Object.entries(json).map(([name, value]) => [name, valueOf(value)]));
    this.implied = implied;
  }

  attribute(name: string, span: Span): Value | undefined {
    switch (name) {
      case "keys":
        return builtin(name, () => list([...this.fields.keys()]));
      case "values":
        return builtin(name, () => list([...this.fields.values()]));
      case "items":
        return builtin(name, () => list([...this.fields].map((entry) => tuple(entry))));
      case "get":
        return builtin(name, (given) => firstOf(this.fields.get(keyText(given)), argument(given, 1)) ?? null);
      case "pop":
        return builtin(name, (given) => {
          const key = keyText(given);
          const value = firstOf(this.fields.get(key), argument(given, 1));
          this.fields.delete(key);
          return value === undefined ? raise("KeyError", `'${key}'`, given.span) : value;
        });
      case "get_or_create_list":
        return builtin(name, (given) => this.made(keyText(given), () => list([])));
      case "get_or_create_struct":
        return builtin(name, (given) => this.made(keyText(given), () => new MessageValue({})));
      case "CopyFrom":
        return builtin(name, (given) => {
          const other = argument(given, 0, "other_msg") ?? null;
          if (!(other instanceof MessageValue)) throw new NotKnown(notWorkedOut("CopyFrom", given.span));
          this.fields = new MessageValue(other.json()).fields;
          return null;
        });
      case "HasField":
        return builtin(name, (given) => this.fields.has(camel(keyText(given))));
      default: {
        const field = camel(name);
        if (composite.has(field)) return this.made(field, () => new MessageValue({}, true));
        return this.fields.get(field) ?? notWorkedOut(name, span);
      }
    }
  }

  setAttribute(name: string, value: Value): boolean {
    this.fields.set(camel(name), value);
    return true;
  }

  /** A map's item is made by asking for it. */
  item(key: Value): Value {
    return this.made(soughtKey(key).slice(1), () => new MessageValue({}));
  }

  iterate(): readonly Value[] {
    return [...this.fields.keys()];
  }

  truth(): boolean {
    return this.fields.size > 0;
  }

  operate(operator: string, other: Value): Value | undefined {
    if (operator !== "==" && operator !== "!=") return undefined;
    return (other instanceof MessageValue && sorted(this.json()) === sorted(other.json())) === (operator === "==");
  }

  /** As `json_format` writes it. Throws a NotKnown where something was put in that is not known, or is no JSON. */
  json(): Record<string, Json> {
    const made: Record<string, Json> = {};
    for (const [name, value] of this.fields)
      if (!(value instanceof MessageValue && value.implied && value.isEmpty())) made[name] = jsonOf(value);
    return made;
  }

  private isEmpty(): boolean {
    return Object.keys(this.json()).length === 0;
  }

  private made(name: string, make: () => Value): Value {
    const before = this.fields.get(name);
    if (before !== undefined) return before;
    const value = make();
    this.fields.set(name, value);
    return value;
  }
}

function valueOf(json: Json): Value {
  if (typeof json !== "object" || json === null) return fromJson(json);
  // SAFETY: of JSON's objects, what is not a list has names.
  return Array.isArray(json) ? list(json.map(valueOf)) : new MessageValue(json as Record<string, Json>);
}

function jsonOf(value: Value): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number")
    return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof MessageValue) return value.json();
  if (isObject(value) && value.kind === "list") return value.items.map(jsonOf);
  throw new NotKnown(isUnknown(value) ? value : unknown("what was put into a message of protobuf is not worked out"));
}

function notWorkedOut(name: string, span: Span): ReturnType<typeof unknown> {
  return unknown(`"${name}" of a message of protobuf is not worked out`, span);
}

function keyText(given: Parameters<typeof argument>[0]): string {
  const key = argument(given, 0, "key") ?? null;
  if (isUnknown(key)) throw new NotKnown(key);
  return plainText(key);
}

function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Maps have no order. */
function sorted(json: Json): string {
  return JSON.stringify(json, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
