/**
 * Python's values while compiling. None is null, an int a bigint, a float a
 * number, so that `1` and `1.0` differ as they do in Python; everything else
 * that is not text or a truth value is an object with a `kind`.
 */
import type { Component, Task } from "../graph/model.ts";
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
import type { ClassDefinition, Expression, FunctionDefinition, Parameter } from "./syntax.ts";
import type { Scope } from "./scope.ts";

export type Value = null | boolean | bigint | number | string | ObjectValue;

export type ObjectValue =
  | ListValue
  | TupleValue
  | DictValue
  | SetValue
  | BytesValue
  | RangeValue
  | SliceValue
  | EllipsisValue
  | FunctionValue
  | BuiltinValue
  | ClassValue
  | InstanceValue
  | ModuleValue
  | UnknownValue
  | NativeValue;

export interface ListValue {
  readonly kind: "list";
  readonly items: Value[];
  /** Of another class that is used like a list. */
  readonly type?: "deque";
}
export interface TupleValue {
  readonly kind: "tuple";
  readonly items: readonly Value[];
  /** Of a named tuple. */
  readonly class?: ClassValue;
}
export interface DictValue {
  readonly kind: "dict";
  /** By `keyOf`. */
  readonly entries: Map<string, [key: Value, value: Value]>;
  /** Of a defaultdict. */
  readonly missing?: Value;
  readonly type?: "OrderedDict" | "Counter";
}
export interface SetValue {
  readonly kind: "set";
  readonly items: Map<string, Value>;
}
export interface BytesValue {
  readonly kind: "bytes";
  /** One character a byte. */
  readonly bytes: string;
}
export interface RangeValue {
  readonly kind: "range";
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;
}
export interface SliceValue {
  readonly kind: "slice";
  readonly lower: Value;
  readonly upper: Value;
  readonly step: Value;
}
export interface EllipsisValue {
  readonly kind: "ellipsis";
}

/** A function of the user's, with what it closes over. */
export interface FunctionValue {
  readonly kind: "function";
  readonly name: string;
  readonly qualname: string;
  readonly parameters: readonly Parameter[];
  readonly body: FunctionDefinition | { readonly kind: "lambda"; readonly body: Expression };
  readonly defaults: ReadonlyMap<string, Value>;
  readonly scope: Scope;
  readonly span: Span;
  readonly attributes: Map<string, Value>;
  /** A decorator of it that is not known: any attribute may exist. */
  readonly open?: UnknownValue;
}

/** A function of ours. */
export interface BuiltinValue {
  readonly kind: "builtin";
  readonly name: string;
  /** What it is of the SDK, wherever it is found there: `kubernetes.mount_pvc`. */
  readonly member?: string;
  readonly call: (list: CallArguments) => Value;
}

export interface ClassValue {
  readonly kind: "class";
  readonly name: string;
  readonly qualname: string;
  readonly module: string;
  readonly bases: readonly ClassValue[];
  readonly attributes: Map<string, Value>;
  /** Makes a value of a built-in class; absent: an instance, then `__init__`. */
  readonly construct?: (list: CallArguments, self: ClassValue) => Value;
  readonly definition?: ClassDefinition;
  /** It or a base of it is not known: any attribute may exist. */
  readonly open?: boolean;
  /** The source has set an attribute of it. */
  changed?: boolean;
}

export interface InstanceValue {
  readonly kind: "instance";
  readonly class: ClassValue;
  readonly attributes: Map<string, Value>;
  /** What an object of a class that derives from `dict`, `list`, `str`, … holds as one of those. */
  readonly inner?: Value;
}

export interface ModuleValue {
  readonly kind: "module";
  readonly name: string;
  readonly path: string | undefined;
  readonly names: Map<string, Value>;
  /** Names made when first asked for. */
  readonly lookup?: (name: string) => Value | undefined;
  /** The source has set a name of it from outside. */
  changed?: boolean;
}

/** A value that cannot be known while compiling, and why. Whatever is done with it is not known either. */
export interface UnknownValue {
  readonly kind: "unknown";
  readonly reason: string;
  readonly span: Span | undefined;
  /** It comes out of a module that is not in the workspace. */
  readonly outside?: boolean;
  /** Whatever it is, it is a component: a call of it is a step. */
  readonly component?: boolean;
  /** A step that could not be read gave it. */
  readonly step?: Task;
  /** A message of protobuf, or text of YAML: what it says is known, though it is not, itself. */
  readonly says?: () => Json | undefined;
}

/** A value with behaviour of its own: all that the DSL adds, and parts of the standard library. */
export interface NativeValue {
  readonly kind: "native";
  /** `type(x).__name__`. */
  readonly type: string;
  /** What `isinstance` compares, where that is asked. */
  readonly class?: ClassValue;
  /** What a call of it makes a task of. */
  readonly component?: Component;
  /** A step or a value of the run that is being described: nothing can take it without the graph changing. */
  readonly runtime?: boolean;
  /** The step that it is. */
  readonly step?: Task;
  attribute?(name: string, span: Span): Value | undefined;
  setAttribute?(name: string, value: Value, span: Span): boolean;
  item?(key: Value, span: Span): Value | undefined;
  call?(list: CallArguments): Value;
  /** Own rule for an operator; undefined: Python's usual one. */
  operate?(operator: string, other: Value, reflected: boolean, span: Span): Value | undefined;
  iterate?(span: Span): readonly Value[] | undefined;
  /** `str(x)`; raises at the span what cannot be text. */
  text?(span?: Span): string;
  /** `repr(x)`, where it is not `str(x)`. */
  repr?(): string;
  truth?(): boolean;
  /** A stand-in for what only the run knows: Python takes it for true. `input`: the pipeline's input that it is. */
  readonly standsFor?: "condition" | "value";
  readonly input?: string | undefined;
  enter?(span: Span): Value;
  exit?(): void;
  /** What equality and dict keys compare, where two objects may be equal. */
  key?(): string;
}

/** One argument of a call with the expression that it came from. */
export interface Given {
  readonly value: Value;
  readonly span: Span;
}

export interface CallArguments {
  readonly positional: readonly Given[];
  readonly keywords: ReadonlyMap<string, Given>;
  /** Of the whole call. */
  readonly span: Span;
}

export function list(items: Value[]): ListValue {
  return { kind: "list", items };
}

export function tuple(items: readonly Value[]): TupleValue {
  return { kind: "tuple", items };
}

export function dict(entries: Iterable<readonly [Value, Value]> = []): DictValue {
  const value: DictValue = { kind: "dict", entries: new Map() };
  for (const [key, item] of entries) value.entries.set(keyOf(key), [key, item]);
  return value;
}

export function setOf(items: Iterable<Value>): SetValue {
  const value: SetValue = { kind: "set", items: new Map() };
  for (const item of items) {
    const key = keyOf(item);
    if (!value.items.has(key)) value.items.set(key, item);
  }
  return value;
}

export function unknown(reason: string, span?: Span): UnknownValue {
  return { kind: "unknown", reason, span };
}

/** A text that names a character. */
export function unknownCharacter(character: string, span: Span): UnknownValue {
  return unknown(`the names of characters are in Python's tables alone: "${character}"`, span);
}

/** Thrown where what follows depends on what is not known; the expression that it stands in is not known, then. */
export class NotKnown extends Error {
  readonly value: UnknownValue;
  constructor(value: UnknownValue) {
    super();
    this.value = value;
  }
}

export function builtin(name: string, call: (list: CallArguments) => Value, member?: string): BuiltinValue {
  return { kind: "builtin", name, call, ...(member !== undefined && { member }) };
}

export function isUnknown(value: Value): value is UnknownValue {
  return isObject(value) && value.kind === "unknown";
}

export function isObject(value: Value): value is ObjectValue {
  return typeof value === "object" && value !== null;
}

/** The argument at a position or of a name; undefined where the call has neither. */
export function argument(given: CallArguments, index: number, name?: string): Value | undefined {
  return (given.positional[index] ?? (name === undefined ? undefined : given.keywords.get(name)))?.value;
}

/** Text of a value that should be text or a number: a name, a key. Anything else has none. */
export function plainText(value: Value | undefined): string {
  return value === undefined || value === null || isObject(value) ? "" : String(value);
}

/** The code points of a text, which is what Python counts. */
export function codePoints(text: string): string[] {
  return Array.from(text);
}

/** A name of a module. */
export function member(module: ModuleValue, name: string): Value | undefined {
  const own = module.names.get(name);
  return own === undefined ? module.lookup?.(name) : own;
}

/** The first that there is. `??` will not do: None is null, and there. */
export function firstOf(...values: readonly (Value | undefined)[]): Value | undefined {
  return values.find((value) => value !== undefined);
}

let identities = 0;
const identity = new WeakMap<object, number>();

/** A number that stands for this very object. */
export function identityOf(value: object): number {
  const known = identity.get(value);
  if (known !== undefined) return known;
  identity.set(value, ++identities);
  return identities;
}

/** Equal for values that are equal dict keys in Python: `1`, `1.0` and `True` are one. */
export function keyOf(value: Value): string {
  if (typeof value === "string") return `s${value}`;
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "n1" : "n0";
  if (typeof value === "bigint" || typeof value === "number") return `n${value}`;
  switch (value.kind) {
    case "tuple":
      return `t${value.items.map((item) => JSON.stringify(keyOf(item))).join()}`;
    case "bytes":
      return `b${value.bytes}`;
    case "instance":
      return value.inner === undefined ? `o${identityOf(value)}` : keyOf(value.inner);
    case "native": {
      const key = value.key?.();
      return key === undefined ? `o${identityOf(value)}` : `k${key}`;
    }
    default:
      return `o${identityOf(value)}`;
  }
}

/** `keyOf` of what is looked up. Throws a NotKnown. */
export function soughtKey(value: Value): string {
  if (isUnknown(value)) throw new NotKnown(value);
  return keyOf(value);
}

/** The name of a value's type, as `type(x).__name__` gives it. */
export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "float";
    case "string":
      return "str";
    default:
  }
  switch (value.kind) {
    case "builtin":
      return "builtin_function_or_method";
    case "class":
      return "type";
    case "instance":
      return value.class.name;
    case "tuple":
      return value.class?.name ?? "tuple";
    case "native":
      return value.type;
    case "list":
    case "dict":
      return value.type ?? value.kind;
    default:
      return value.kind;
  }
}

/** `bool(x)` of what has no `__bool__` of its own. An unknown value counts as true. */
export function truth(value: Value): boolean {
  if (value === null || value === false || value === "" || value === 0 || value === 0n) return false;
  if (!isObject(value)) return true;
  switch (value.kind) {
    case "list":
    case "tuple":
      return value.items.length > 0;
    case "dict":
      return value.entries.size > 0;
    case "set":
      return value.items.size > 0;
    case "bytes":
      return value.bytes !== "";
    case "range":
      return rangeLength(value) > 0n;
    case "instance":
      return value.inner === undefined || truth(value.inner);
    case "native":
      return value.truth?.() ?? true;
    default:
      return true;
  }
}

export function rangeLength({ start, stop, step }: RangeValue): bigint {
  const length = step > 0n ? (stop - start + step - 1n) / step : (start - stop - step - 1n) / -step;
  return length > 0n ? length : 0n;
}

export function isNumeric(value: Value): value is boolean | bigint | number {
  return typeof value === "bigint" || typeof value === "number" || typeof value === "boolean";
}
