/** What an expression of a pipeline evaluates to: known now, or a channel of the run. */
import type { Argument, Channel, Component, Condition, LoopGroup, Task, ValueType } from "../graph/model.ts";
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
import type { Context } from "./context.ts";
import type { PipelineDefinition } from "./pipelines.ts";
import type { Region, Scope } from "./scope.ts";
import type { ts } from "./syntax.ts";

export type Primitive = null | undefined | boolean | number | string;

export type Value =
  | { readonly kind: "constant"; readonly value: Primitive }
  | ListValue
  | ObjectValue
  | { readonly kind: "channel"; readonly channel: Channel }
  | { readonly kind: "template"; readonly parts: readonly (string | Channel)[] }
  /** A comparison whose answer only the run knows. */
  | { readonly kind: "condition"; readonly condition: Condition }
  | { readonly kind: "step"; readonly task: Task }
  /** One of several steps, by a runtime condition; an output of it is a OneOf. */
  | { readonly kind: "choice"; readonly arms: readonly Value[]; readonly outputs: Map<string, Value> }
  | { readonly kind: "component"; readonly component: Component; readonly pipeline?: PipelineDefinition }
  | FunctionValue
  | { readonly kind: "native"; readonly name: string; readonly call: Native }
  | GatheredValue
  | { readonly kind: "parallel"; readonly items: Value; readonly limit?: number; readonly name?: string }
  /** Something that a diagnostic has been said about, or that has no meaning here; silent from here on. */
  | { readonly kind: "unknown" };

/** What each turn of a loop of the run gives, seen from outside: `map` takes outputs out of it, `after` waits for its steps. */
export interface GatheredValue {
  readonly kind: "gathered";
  readonly each: Value;
  readonly loop: LoopGroup;
}

export interface ListValue {
  readonly kind: "list";
  readonly items: Value[];
  readonly region: Region | undefined;
}

export interface ObjectValue {
  readonly kind: "object";
  readonly entries: Map<string, Entry>;
  readonly region: Region | undefined;
}

export interface Entry {
  readonly value: Value;
  readonly span: Span;
}

export interface FunctionValue {
  readonly kind: "function";
  readonly node: ts.ArrowFunction | ts.FunctionExpression | ts.FunctionDeclaration | ts.MethodDeclaration;
  readonly scope: Scope;
}

export interface Call {
  readonly arguments: readonly Entry[];
  /** The call itself; absent for a callback that `map` and the like call. */
  readonly node?: ts.CallExpression;
  readonly scope?: Scope;
  readonly span: Span;
  readonly context: Context;
}

export type Native = (call: Call) => Value;

export const unknown: Value = { kind: "unknown" };
export const nothing: Value = { kind: "constant", value: undefined };

export function constant(value: Primitive): Value {
  return { kind: "constant", value };
}

export function list(items: Value[], region?: Region): ListValue {
  return { kind: "list", items, region };
}

/** Members that are called like the index of a list come first, as everywhere in JavaScript. */
export function object(entries: Iterable<readonly [string, Entry]>, region?: Region): ObjectValue {
  const all = new Map(entries);
  const isIndex = (key: string) => /^(?:0|[1-9]\d{0,8})$/.test(key);
  if (![...all.keys()].some(isIndex)) return { kind: "object", entries: all, region };
  const first = [...all].filter(([key]) => isIndex(key)).sort(([a], [b]) => Number(a) - Number(b));
  return { kind: "object", entries: new Map([...first, ...all]), region };
}

/** Whether nothing of it waits for the run. */
export function isKnown(value: Value): boolean {
  switch (value.kind) {
    case "channel":
    case "template":
    case "condition":
    case "choice":
    case "step":
    case "gathered":
    case "unknown":
      return false;
    case "list":
      return value.items.every(isKnown);
    case "object":
      return [...value.entries.values()].every((entry) => isKnown(entry.value));
    default:
      return true;
  }
}

/** JavaScript's truth of a known value. */
export function isTruthy(value: Value): boolean {
  return value.kind === "constant" ? Boolean(value.value) : true;
}

/** The truth of a value where it is known although its content may not be: a step is something. */
export function truthOf(value: Value): boolean | undefined {
  switch (value.kind) {
    case "step":
    case "gathered":
    case "list":
    case "object":
      return true;
    default:
      return isKnown(value) ? isTruthy(value) : undefined;
  }
}

/** Whether two values are the same one. */
export function isSame(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.kind === "constant" && b.kind === "constant") return Object.is(a.value, b.value);
  if (a.kind === "step" && b.kind === "step") return a.task === b.task;
  return a.kind === "channel" && b.kind === "channel" && isSameChannel(a.channel, b.channel);
}

function isSameChannel(a: Channel, b: Channel): boolean {
  if (a === b) return true;
  if (a.kind === "pipeline-input") return b.kind === "pipeline-input" && a.name === b.name;
  if (a.kind === "task-output") return b.kind === "task-output" && a.task === b.task && a.key === b.key;
  if (a.kind === "loop-item") return b.kind === "loop-item" && a.loop === b.loop;
  return a.kind === "loop-field" && b.kind === "loop-field" && a.field === b.field && a.item.loop === b.item.loop;
}

/** A value as it is now: what can change is copied. */
export function snapshot(value: Value): Value {
  if (value.kind === "list") return { ...value, items: value.items.map(snapshot) };
  if (value.kind !== "object") return value;
  const entries = [...value.entries].map(([key, entry]) => [key, { ...entry, value: snapshot(entry.value) }] as const);
  return { ...value, entries: new Map(entries) };
}

/** Whether a value is still what its snapshot shows. */
export function isAsBefore(before: Value, now: Value): boolean {
  if (isSame(before, now)) return true;
  if (before.kind === "list")
    return (
      now.kind === "list" &&
      before.items.length === now.items.length &&
      before.items.every((item, index) => isAsBefore(item, now.items[index] ?? nothing))
    );
  if (before.kind !== "object" || now.kind !== "object" || before.entries.size !== now.entries.size) return false;
  return [...before.entries].every(([key, { value }]) => isAsBefore(value, now.entries.get(key)?.value ?? nothing));
}

/** A known value as JSON; undefined where it has none (functions, channels, `undefined`). */
export function toJson(value: Value): Json | undefined {
  switch (value.kind) {
    case "constant":
      return value.value;
    case "list":
      return value.items.map((item) => toJson(item) ?? null);
    case "object": {
      const json: Record<string, Json> = {};
      for (const [key, entry] of value.entries) {
        const member = toJson(entry.value);
        if (member !== undefined) json[key] = member;
      }
      return json;
    }
    default:
      return undefined;
  }
}

export function fromJson(json: Json, span: Span): Value {
  if (json === null || typeof json !== "object") return constant(json);
  if (Array.isArray(json)) return list(json.map((item: Json) => fromJson(item, span)));
  return object(Object.entries(json).map(([key, member]) => [key, { value: fromJson(member, span), span }] as const));
}

/**
 * What a task's input of a type gets; undefined where the value cannot be one.
 * JavaScript has one kind of number: the input's type says which is meant.
 */
export function toArgument(value: Value, type?: ValueType): Argument | undefined {
  switch (value.kind) {
    case "constant":
      return primitiveArgument(value.value, type);
    case "channel":
      return value.channel;
    case "template":
      return { kind: "template", parts: value.parts };
    case "list": {
      const items = value.items.map((item) => toArgument(item));
      return items.every((item) => item !== undefined) ? { kind: "list", items } : undefined;
    }
    case "object": {
      const entries: (readonly [string, Argument])[] = [];
      for (const [key, entry] of value.entries) {
        if (entry.value.kind === "constant" && entry.value.value === undefined) continue;
        const argument = toArgument(entry.value);
        if (!argument) return undefined;
        entries.push([key, argument]);
      }
      return { kind: "struct", entries };
    }
    default:
      return undefined;
  }
}

function primitiveArgument(value: Primitive, type: ValueType | undefined): Argument | undefined {
  switch (typeof value) {
    case "string":
      return { kind: "string", value };
    case "boolean":
      return { kind: "boolean", value };
    case "number": {
      const double = type?.kind === "parameter" && type.type === "NUMBER_DOUBLE";
      return { kind: Number.isInteger(value) && !double ? "integer" : "number", value };
    }
    default:
      return value === null ? { kind: "null" } : undefined;
  }
}

/** Text of a value inside a template string; undefined where it has none. */
export function toParts(value: Value): readonly (string | Channel)[] | undefined {
  if (value.kind === "constant") return [String(value.value)];
  if (value.kind === "channel") return [value.channel];
  return value.kind === "template" ? value.parts : undefined;
}

/** Adjacent texts joined; without channels, a constant. */
export function template(parts: readonly (string | Channel)[]): Value {
  const joined: (string | Channel)[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  const [only = ""] = joined;
  return joined.length < 2 && typeof only === "string" ? constant(only) : { kind: "template", parts: joined };
}
