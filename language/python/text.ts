import type { Span } from "../source.ts";
import { pythonFloat, pythonString } from "../spec/python-text.ts";
import { classAttribute } from "./class-values.ts";
import {
  plainText,
  identityOf,
  isObject,
  isUnknown,
  NotKnown,
  type NativeValue,
  type UnknownValue,
  type Value,
} from "./values.ts";

/** Calls a method of a user's class; given by the evaluator, which this module must not import. */
export type CallMethod = (self: Value, name: string) => Value | undefined;

/** The text that the work gives, or what is not known of it. */
export function knownText(work: () => string): string | UnknownValue {
  try {
    return work();
  } catch (problem) {
    if (problem instanceof NotKnown) return problem.value;
    throw problem;
  }
}

/** `str(x)`. Throws an NotKnown. */
export function str(value: Value, call: CallMethod, span?: Span): string {
  if (typeof value === "string") return value;
  if (isObject(value)) {
    if (value.kind === "native") return value.text?.(span) ?? nativeRepr(value);
    if (value.kind === "instance") {
      const own = ownText(call(value, "__str__"));
      if (own !== undefined) return own;
      if (value.inner !== undefined) return str(value.inner, call);
      const args = value.attributes.get("args");
      if (
        args !== undefined &&
        isObject(args) &&
        args.kind === "tuple" &&
        classAttribute(value.class, "__repr__") === undefined
      ) {
        const [first] = args.items;
        if (args.items.length === 0) return "";
        return args.items.length === 1 && first !== undefined ? str(first, call) : repr(args, call);
      }
    }
  }
  return repr(value, call);
}

/** `repr(x)`. Throws an NotKnown. */
export function repr(value: Value, call: CallMethod, depth = 0): string {
  if (value === null) return "None";
  switch (typeof value) {
    case "boolean":
      return value ? "True" : "False";
    case "bigint":
      return value.toString();
    case "number":
      return pythonFloat(value);
    case "string":
      return pythonString(value);
    default:
  }
  if (depth > 50) return "...";
  const inner = (item: Value): string => repr(item, call, depth + 1);
  switch (value.kind) {
    case "list":
      return value.type === "deque"
        ? `deque([${value.items.map(inner).join(", ")}])`
        : `[${value.items.map(inner).join(", ")}]`;
    case "tuple": {
      const names = value.class === undefined ? undefined : classAttribute(value.class, "_fields");
      if (value.class !== undefined && names !== undefined && isObject(names) && names.kind === "tuple") {
        return `${value.class.name}(${value.items.map((item, i) => `${plainText(names.items[i])}=${inner(item)}`).join(", ")})`;
      }
      return `(${value.items.map(inner).join(", ")}${value.items.length === 1 ? "," : ""})`;
    }
    case "dict":
      if (value.type !== undefined) return `${value.type}(${repr({ kind: "dict", entries: value.entries }, call)})`;
      return `{${[...value.entries.values()].map(([key, item]) => `${inner(key)}: ${inner(item)}`).join(", ")}}`;
    case "set":
      return value.items.size === 0 ? "set()" : `{${[...value.items.values()].map(inner).join(", ")}}`;
    case "bytes":
      return `b${pythonString(value.bytes)}`;
    case "range":
      return value.step === 1n
        ? `range(${value.start}, ${value.stop})`
        : `range(${value.start}, ${value.stop}, ${value.step})`;
    case "slice":
      return `slice(${inner(value.lower)}, ${inner(value.upper)}, ${inner(value.step)})`;
    case "ellipsis":
      return "Ellipsis";
    case "function":
      return `<function ${value.qualname} at ${address(value)}>`;
    case "builtin":
      return `<built-in function ${value.name}>`;
    case "class":
      return `<class '${value.module === "builtins" ? "" : `${value.module}.`}${value.qualname}'>`;
    case "module":
      return `<module '${value.name}'>`;
    case "unknown":
      throw new NotKnown(value);
    case "native":
      return nativeRepr(value);
    case "instance": {
      const own = ownText(call(value, "__repr__"));
      if (own !== undefined) return own;
      if (value.inner !== undefined) return repr(value.inner, call, depth);
      const args = value.attributes.get("args");
      if (args !== undefined && isObject(args) && args.kind === "tuple") {
        return `${value.class.name}(${args.items.map(inner).join(", ")})`;
      }
      return `<${value.class.module}.${value.class.qualname} object at ${address(value)}>`;
    }
  }
}

/** What a class's own method gave. */
function ownText(given: Value | undefined): string | undefined {
  if (given !== undefined && isUnknown(given)) throw new NotKnown(given);
  return typeof given === "string" ? given : undefined;
}

function nativeRepr(value: NativeValue): string {
  return value.repr?.() ?? value.text?.() ?? `<${value.type} object at ${address(value)}>`;
}

function address(value: object): string {
  return `0x${identityOf(value).toString(16).padStart(12, "0")}`;
}
