import type { Json } from "../spec/types.ts";
import { dict, isObject, list, type Value } from "./values.ts";
import { PlainMember } from "./classes.ts";

/** A value as JSON; undefined where it holds something that JSON cannot. */
export function toJson(value: Value, depth = 0): Json | undefined {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (depth > 100) return undefined;
  if (value instanceof PlainMember) return toJson(value.value, depth + 1);
  if (value.kind === "list" || value.kind === "tuple") {
    const items: Json[] = [];
    for (const item of value.items) {
      const json = toJson(item, depth + 1);
      if (json === undefined) return undefined;
      items.push(json);
    }
    return items;
  }
  if (value.kind !== "dict") return undefined;
  const entries: [string, Json][] = [];
  for (const [key, item] of value.entries.values()) {
    const json = toJson(item, depth + 1);
    if (json === undefined || isObject(key)) return undefined;
    entries.push([key === null ? "null" : String(key), json]);
  }
  return Object.fromEntries(entries);
}

/** As protobuf gives it: its numbers are floats. */
export function fromJson(json: Json): Value {
  if (json === null || typeof json !== "object") return json;
  if (isJsonList(json)) return list(json.map(fromJson));
  return dict(Object.entries(json).map(([key, item]) => [key, fromJson(item)] as const));
}

function isJsonList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

/** What in a value the SDK cannot write into a spec (`to_protobuf_value`); undefined: nothing. */
export function unwritable(value: Value, depth = 0): string | undefined {
  if (!isObject(value) || depth > 100) return undefined;
  if (value.kind === "tuple") return "a tuple";
  if (value.kind === "list") {
    if (value.items.includes(null)) return "None inside a list";
    return first(value.items, (item) => unwritable(item, depth + 1));
  }
  if (value.kind !== "dict") return undefined;
  return first([...value.entries.values()], ([key, item]) => {
    if (typeof key !== "string") return "a dict with a key that is not text";
    return item === null ? "None inside a dict" : unwritable(item, depth + 1);
  });
}

function first<T>(items: readonly T[], of: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = of(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
