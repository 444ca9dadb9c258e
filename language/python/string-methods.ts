import type { Span } from "../source.ts";
import { formatOne } from "./format-fields.ts";
import { type Machine, raise, sizeLimit } from "./machine.ts";
import {
  codePoints,
  plainText,
  argument,
  builtin,
  type CallArguments,
  dict,
  isObject,
  keyOf,
  list,
  tuple,
  type Value,
} from "./values.ts";

type Method = (text: string, given: CallArguments, machine: Machine) => Value;

/** A method of `str`, bound to a text; undefined where there is none of that name. */
export function stringMethod(machine: Machine, text: string, name: string): Value | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined)
    return name === "__len__" ? builtin(name, () => BigInt(codePoints(text).length)) : undefined;
  return builtin(name, (given) => {
    const wrong = given.positional.find(({ value }) => isObject(value) && value.kind === "unknown");
    return wrong === undefined ? method(text, given, machine) : wrong.value;
  });
}

function textArgument(given: CallArguments, index: number, name?: string): string {
  const value = argument(given, index, name);
  return typeof value === "string" ? value : raise("TypeError", "expected a str", given.span);
}

function optionalNumber(given: CallArguments, index: number, name?: string): number | undefined {
  const value = argument(given, index, name);
  return typeof value === "bigint" ? Number(value) : undefined;
}

/** One prefix or a tuple of them. */
function options(given: CallArguments): readonly string[] {
  const value = argument(given, 0);
  if (typeof value === "string") return [value];
  if (value !== undefined && isObject(value) && value.kind === "tuple")
    return value.items.filter((one) => typeof one === "string");
  return raise("TypeError", "expected a str or a tuple of str", given.span);
}

function strip(text: string, given: CallArguments, left: boolean, right: boolean): string {
  const set = argument(given, 0);
  const gone =
    typeof set === "string"
      ? (char: string): boolean => set.includes(char)
      : (char: string): boolean => /\s/.test(char);
  let from = 0;
  let to = text.length;
  while (left && from < to && gone(text.charAt(from))) from++;
  while (right && to > from && gone(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}

function split(text: string, given: CallArguments): Value {
  const separator = argument(given, 0, "sep");
  const most = optionalNumber(given, 1, "maxsplit") ?? -1;
  if (separator === undefined || separator === null) {
    const words = text.trim();
    if (words === "") return list([]);
    if (most < 0) return list(words.split(/\s+/));
    const parts: string[] = [];
    let rest = text.trimStart();
    while (parts.length < most) {
      const found = /\s+/.exec(rest);
      if (found === null || rest.trimEnd().length <= found.index) break;
      parts.push(rest.slice(0, found.index));
      rest = rest.slice(found.index + found[0].length);
    }
    return list([...parts, rest.trimEnd()].filter((part) => part !== ""));
  }
  if (typeof separator !== "string" || separator === "") return raise("ValueError", "empty separator", given.span);
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return list(parts);
  return list([...parts.slice(0, most), parts.slice(most).join(separator)]);
}

function rsplit(text: string, given: CallArguments): Value {
  const separator = argument(given, 0, "sep");
  const most = optionalNumber(given, 1, "maxsplit") ?? -1;
  const parts = typeof separator === "string" ? text.split(separator) : text.trim().split(/\s+/);
  if (most < 0 || parts.length <= most + 1) return list(parts);
  const head = parts.slice(0, parts.length - most).join(typeof separator === "string" ? separator : " ");
  return list([head, ...(most === 0 ? [] : parts.slice(-most))]);
}

function pad(text: string, given: CallArguments, place: "left" | "right" | "both"): string {
  const width = Math.min(optionalNumber(given, 0) ?? 0, sizeLimit);
  const fill = argument(given, 1);
  const missing = width - codePoints(text).length;
  if (missing <= 0) return text;
  const char = typeof fill === "string" ? fill : " ";
  const before = place === "left" ? missing : place === "right" ? 0 : Math.floor(missing / 2) + (missing & width & 1);
  return char.repeat(before) + text + char.repeat(missing - before);
}

function find(text: string, given: CallArguments, last: boolean): number {
  const wanted = textArgument(given, 0);
  const from = optionalNumber(given, 1) ?? 0;
  const to = optionalNumber(given, 2) ?? text.length;
  const part = text.slice(0, to < 0 ? to + text.length : to);
  return last ? part.lastIndexOf(wanted) : part.indexOf(wanted, from < 0 ? from + text.length : from);
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}

function every(text: string, pattern: RegExp): boolean {
  return text !== "" && pattern.test(text);
}

const methods: Readonly<Record<string, Method>> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  casefold: (text) => text.toLowerCase(),
  capitalize: (text) => capitalize(text),
  title: (text) => text.replace(/\p{L}+/gu, capitalize),
  swapcase: (text) =>
    codePoints(text)
      .map((char) => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase()))
      .join(""),
  strip: (text, given) => strip(text, given, true, true),
  lstrip: (text, given) => strip(text, given, true, false),
  rstrip: (text, given) => strip(text, given, false, true),
  split,
  rsplit,
  splitlines: (text, given) => {
    const keep = argument(given, 0, "keepends") === true;
    const lines =
      text.match(/[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]|$)/g) ?? [];
    if (lines.at(-1) === "") lines.pop();
    return list(keep ? lines : lines.map((line) => line.replace(/(?:\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029])$/, "")));
  },
  partition: (text, given) => {
    const separator = textArgument(given, 0);
    const at = text.indexOf(separator);
    return tuple(at < 0 ? [text, "", ""] : [text.slice(0, at), separator, text.slice(at + separator.length)]);
  },
  rpartition: (text, given) => {
    const separator = textArgument(given, 0);
    const at = text.lastIndexOf(separator);
    return tuple(at < 0 ? ["", "", text] : [text.slice(0, at), separator, text.slice(at + separator.length)]);
  },
  replace: (text, given) => {
    const [before, after] = [textArgument(given, 0, "old"), textArgument(given, 1, "new")];
    const most = optionalNumber(given, 2, "count") ?? -1;
    if (before.length === 0 || (after.length > before.length && text.length * after.length > sizeLimit * 10)) {
      if (text.length * (after.length + 1) > sizeLimit) raise("MemoryError", "this text is too large", given.span);
    }
    if (most < 0) return text.replaceAll(before, () => after);
    let result = text;
    let at = 0;
    for (let done = 0; done < most; done++) {
      const found = result.indexOf(before, at);
      if (found < 0) break;
      result = result.slice(0, found) + after + result.slice(found + before.length);
      at = found + after.length;
    }
    return result;
  },
  join: (text, given, machine) => {
    const parts = machine.iterate(argument(given, 0) ?? null, given.span);
    const texts: string[] = [];
    for (const [i, part] of parts.entries()) {
      if (typeof part === "string") texts.push(part);
      else if (isObject(part) && part.kind === "unknown") return part;
      else raise("TypeError", `sequence item ${i}: expected str instance`, given.span);
    }
    return texts.join(text);
  },
  startswith: (text, given) => {
    const from = optionalNumber(given, 1) ?? 0;
    return options(given).some((prefix) => text.startsWith(prefix, from));
  },
  endswith: (text, given) => options(given).some((suffix) => text.endsWith(suffix)),
  removeprefix: (text, given) => {
    const prefix = textArgument(given, 0);
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix: (text, given) => {
    const suffix = textArgument(given, 0);
    return suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  find: (text, given) => BigInt(find(text, given, false)),
  rfind: (text, given) => BigInt(find(text, given, true)),
  index: (text, given) => {
    const at = find(text, given, false);
    return at < 0 ? raise("ValueError", "substring not found", given.span) : BigInt(at);
  },
  rindex: (text, given) => {
    const at = find(text, given, true);
    return at < 0 ? raise("ValueError", "substring not found", given.span) : BigInt(at);
  },
  count: (text, given) => {
    const wanted = textArgument(given, 0);
    return BigInt(wanted === "" ? text.length + 1 : text.split(wanted).length - 1);
  },
  ljust: (text, given) => pad(text, given, "right"),
  rjust: (text, given) => pad(text, given, "left"),
  center: (text, given) => pad(text, given, "both"),
  zfill: (text, given) => {
    const width = Math.min(optionalNumber(given, 0) ?? 0, sizeLimit);
    const sign = /^[-+]/.exec(text)?.[0] ?? "";
    return sign + text.slice(sign.length).padStart(width - sign.length, "0");
  },
  expandtabs: (text, given) => {
    const size = Math.min(optionalNumber(given, 0, "tabsize") ?? 8, 100);
    let column = 0;
    return text.replace(/[^]/gu, (char) => {
      if (char !== "\t") {
        column = char === "\n" || char === "\r" ? 0 : column + 1;
        return char;
      }
      const spaces = size === 0 ? 0 : size - (column % size);
      column += spaces;
      return " ".repeat(spaces);
    });
  },
  isdigit: (text) => every(text, /^\p{Nd}+$/u),
  isdecimal: (text) => every(text, /^\p{Nd}+$/u),
  isnumeric: (text) => every(text, /^\p{N}+$/u),
  isalpha: (text) => every(text, /^\p{L}+$/u),
  isalnum: (text) => every(text, /^[\p{L}\p{N}]+$/u),
  isspace: (text) => every(text, /^\s+$/),
  isupper: (text) => text !== text.toLowerCase() && text === text.toUpperCase(),
  islower: (text) => text !== text.toUpperCase() && text === text.toLowerCase(),
  istitle: (text) => text !== "" && text === text.replace(/\p{L}+/gu, capitalize) && /\p{Lu}/u.test(text),
  isidentifier: (text) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text),
  isascii: (text) => !/[^\0-\x7f]/.test(text),
  encode: (text) => ({ kind: "bytes", bytes: String.fromCharCode(...new TextEncoder().encode(text).slice(0, 60_000)) }),
  format: (text, given, machine) => formatFields(machine, text, given),
  format_map: (text, given, machine) => {
    const mapping = argument(given, 0) ?? null;
    const keywords = new Map<string, { value: Value; span: Span }>();
    if (isObject(mapping) && mapping.kind === "dict") {
      for (const [key, value] of mapping.entries.values())
        if (typeof key === "string") keywords.set(key, { value, span: given.span });
    }
    return formatFields(machine, text, { positional: [], keywords, span: given.span });
  },
  translate: (text, given) => {
    const table = argument(given, 0);
    if (table === undefined || !isObject(table) || table.kind !== "dict") return text;
    return codePoints(text)
      .map((char) => {
        const to = table.entries.get(keyOf(BigInt(char.codePointAt(0) ?? 0)))?.[1];
        if (to === undefined) return char;
        return to === null ? "" : typeof to === "bigint" ? String.fromCodePoint(Number(to)) : plainText(to);
      })
      .join("");
  },
  maketrans: (_, given) => {
    const from = argument(given, 0);
    const to = argument(given, 1);
    if (typeof from !== "string" || typeof to !== "string") return from ?? null;
    const targets = codePoints(to);
    return dict(
      codePoints(from).map(
        (char, i) => [BigInt(char.codePointAt(0) ?? 0), BigInt(targets[i]?.codePointAt(0) ?? 0)] as const,
      ),
    );
  },
};

/** `template.format(...)` */
function formatFields(machine: Machine, template: string, given: CallArguments): Value {
  let next = 0;
  let unknown: Value | undefined;
  const fill = (text: string): string =>
    text.replace(
      /\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[{}]/g,
      (whole, field: string | undefined, conversion: string | undefined, spec: string | undefined) => {
        if (whole === "{{") return "{";
        if (whole === "}}") return "}";
        if (field === undefined)
          return raise("ValueError", "Single '{' or '}' encountered in format string", given.span);
        const value = fieldValue(machine, field, given, () => next++);
        const shown =
          conversion === undefined
            ? value
            : conversion === "s"
              ? machine.text(value, given.span, "str")
              : machine.text(value, given.span, "repr");
        const text = formatOne(machine, shown, spec === undefined ? "" : fill(spec), given.span);
        if (typeof text === "string") return text;
        unknown = text;
        return "";
      },
    );
  const result = fill(template);
  return unknown ?? result;
}

function fieldValue(machine: Machine, field: string, given: CallArguments, next: () => number): Value {
  const [, name = "", path = ""] = /^([^.[]*)([\s\S]*)$/.exec(field) ?? [];
  const found =
    name === ""
      ? given.positional[next()]
      : /^\d+$/.test(name)
        ? given.positional[Number(name)]
        : given.keywords.get(name);
  if (found === undefined) {
    return name === "" || /^\d+$/.test(name)
      ? raise("IndexError", "Replacement index out of range for positional args tuple", given.span)
      : raise("KeyError", `'${name}'`, given.span);
  }
  let { value } = found;
  for (const [, member, key] of path.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
    if (member !== undefined) {
      const next = machine.attribute(value, member, given.span);
      value = next === undefined ? raise("AttributeError", `no attribute '${member}'`, given.span) : next;
    } else if (key !== undefined) value = machine.item(value, /^\d+$/.test(key) ? BigInt(key) : key, given.span);
  }
  return value;
}
