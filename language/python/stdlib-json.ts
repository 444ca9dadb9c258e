import { pythonFloat } from "../spec/python-text.ts";
import { type Machine, raise } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import { knownText } from "./text.ts";
import { FileValue, textOfBytes } from "./file-value.ts";
import { plainOf } from "./class-values.ts";
import {
  argument,
  builtin,
  type CallArguments,
  type DictValue,
  isObject,
  isUnknown,
  keyOf,
  list,
  NotKnown,
  truth,
  typeName,
  type Value,
} from "./values.ts";

export function jsonModule(machine: Machine): Names {
  return {
    dumps: builtin("dumps", (given) => {
      const value = argument(given, 0, "obj") ?? null;
      return findUnknown(value, 0) ?? knownText(() => dumps(machine, value, given));
    }),
    loads: builtin("loads", (given) => {
      const value = argument(given, 0, "s") ?? null;
      return typeof value === "string"
        ? parseJson(value, given)
        : isUnknown(value)
          ? value
          : raise("TypeError", "the JSON object must be str", given.span);
    }),
    load: builtin("load", (given) => {
      const file = argument(given, 0, "fp") ?? null;
      const text = file instanceof FileValue ? file.rest() : file;
      if (text === file && !isUnknown(text)) return raise("TypeError", "expected a file", given.span);
      const plain = isObject(text) && text.kind === "bytes" ? textOfBytes(text) : text;
      return typeof plain === "string" ? parseJson(plain, given) : plain;
    }),
    dump: builtin("dump", (given) => {
      const value = argument(given, 0, "obj") ?? null;
      const file = argument(given, 1, "fp");
      if (file instanceof FileValue)
        file.write(findUnknown(value, 0) ?? knownText(() => dumps(machine, value, given)), given.span);
      return null;
    }),
    JSONDecodeError: machine.module("builtins")?.lookup?.("ValueError") ?? null,
  };
}

function findUnknown(value: Value, depth: number): Value | undefined {
  if (!isObject(value) || depth > 100) return undefined;
  if (value.kind === "unknown") return value;
  const items =
    value.kind === "list" || value.kind === "tuple"
      ? value.items
      : value.kind === "dict"
        ? [...value.entries.values()].map(([, one]) => one)
        : [];
  for (const one of items) {
    const found = findUnknown(one, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** JSON text → values, with Python's ints and floats told apart. */
export function parseJson(text: string, given: CallArguments): Value {
  let at = 0;
  const fail = (): never => raise("ValueError", `not JSON at character ${at}`, given.span);
  const space = (): void => {
    while (/[ \t\r\n]/.test(text.charAt(at))) at++;
  };
  const value = (depth: number): Value => {
    space();
    if (depth > 200) return fail();
    const sign = text.charAt(at);
    if (sign === "{") {
      at++;
      const made: DictValue = { kind: "dict", entries: new Map() };
      space();
      if (text.charAt(at) === "}") at++;
      else {
        for (;;) {
          space();
          const key = string();
          space();
          if (text.charAt(at++) !== ":") return fail();
          made.entries.set(keyOf(key), [key, value(depth + 1)]);
          space();
          const next = text.charAt(at++);
          if (next === "}") break;
          if (next !== ",") return fail();
        }
      }
      return made;
    }
    if (sign === "[") {
      at++;
      const items: Value[] = [];
      space();
      if (text.charAt(at) === "]") at++;
      else {
        for (;;) {
          items.push(value(depth + 1));
          space();
          const next = text.charAt(at++);
          if (next === "]") break;
          if (next !== ",") return fail();
        }
      }
      return list(items);
    }
    if (sign === '"') return string();
    const word = /(?:true|false|null|NaN|-?Infinity|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)/y;
    word.lastIndex = at;
    const found = word.exec(text)?.[0];
    if (found === undefined) return fail();
    at += found.length;
    if (found === "true" || found === "false") return found === "true";
    if (found === "null") return null;
    return /^-?\d+$/.test(found) ? BigInt(found) : Number(found);
  };
  const string = (): string => {
    const literal = /"(?:[^"\\]|\\[\s\S])*"/y;
    literal.lastIndex = at;
    const found = literal.exec(text)?.[0];
    if (found === undefined) return fail();
    at += found.length;
    try {
      const read: unknown = JSON.parse(
        found.replace(/[\n\r\t]/g, (char) => (char === "\n" ? "\\n" : char === "\r" ? "\\r" : "\\t")),
      );
      return typeof read === "string" ? read : fail();
    } catch {
      return fail();
    }
  };
  const result = value(0);
  space();
  return at === text.length ? result : fail();
}

interface Style {
  readonly indent: string | undefined;
  readonly item: string;
  readonly key: string;
  readonly sort: boolean;
  readonly ascii: boolean;
  readonly fallback: Value;
}

/** Throws an NotKnown. */
function dumps(machine: Machine, value: Value, given: CallArguments): string {
  const option = (name: string): Value => given.keywords.get(name)?.value ?? null;
  const indent = option("indent");
  const separators = option("separators");
  const [item, key] =
    isObject(separators) && (separators.kind === "tuple" || separators.kind === "list")
      ? separators.items.map(String)
      : [indent === null ? ", " : ",", ": "];
  const style: Style = {
    indent:
      typeof indent === "bigint"
        ? " ".repeat(Math.min(Number(indent), 100))
        : typeof indent === "string"
          ? indent
          : undefined,
    item: item ?? ", ",
    key: key ?? ": ",
    sort: truth(option("sort_keys")),
    ascii: given.keywords.get("ensure_ascii")?.value !== false,
    fallback: option("default"),
  };
  return write(machine, value, style, "", given);
}

function write(machine: Machine, value: Value, style: Style, margin: string, given: CallArguments): string {
  if (isUnknown(value)) throw new NotKnown(value);
  if (margin.length > 2000) return raise("ValueError", "Circular reference detected", given.span);
  const plain = plainOf(value);
  if (!Object.is(plain, value)) return write(machine, plain, style, margin, given);
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number")
    return Number.isFinite(value)
      ? pythonFloat(value)
      : Number.isNaN(value)
        ? "NaN"
        : value > 0
          ? "Infinity"
          : "-Infinity";
  if (typeof value === "string") return quote(value, style.ascii);
  const inner = `${margin}${style.indent ?? " "}`;
  const wrap = (open: string, parts: readonly string[], close: string): string => {
    if (parts.length === 0) return open + close;
    if (style.indent === undefined) return open + parts.join(style.item) + close;
    return `${open}\n${inner}${parts.join(`${style.item}\n${inner}`)}\n${margin}${close}`;
  };
  if (value.kind === "list" || value.kind === "tuple") {
    return wrap(
      "[",
      value.items.map((one) => write(machine, one, style, inner, given)),
      "]",
    );
  }
  if (value.kind === "dict") {
    const entries = [...value.entries.values()].map(([key, one]) => [jsonKey(key, given), one] as const);
    if (style.sort) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return wrap(
      "{",
      entries.map(([key, one]) => quote(key, style.ascii) + style.key + write(machine, one, style, inner, given)),
      "}",
    );
  }
  if (value.kind === "native" && value.key?.().startsWith("s") === true)
    return quote(value.key().slice(1), style.ascii);
  if (style.fallback !== null) {
    const replaced = machine.call(style.fallback, {
      positional: [{ value, span: given.span }],
      keywords: new Map(),
      span: given.span,
    });
    return write(machine, replaced, style, `${margin} `, given);
  }
  return raise("TypeError", `Object of type ${typeName(value)} is not JSON serializable`, given.span);
}

function jsonKey(key: Value, given: CallArguments): string {
  if (typeof key === "string") return key;
  if (key === null) return "null";
  if (typeof key === "boolean" || typeof key === "bigint") return String(key);
  if (typeof key === "number") return pythonFloat(key);
  return raise("TypeError", `keys must be str, int, float, bool or None, not ${typeName(key)}`, given.span);
}

function quote(text: string, ascii: boolean): string {
  const quoted = JSON.stringify(text);
  return ascii
    ? quoted.replace(/[\x7f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
    : quoted;
}
