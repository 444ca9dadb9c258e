import { namedTupleOf } from "./classes.ts";
import { type Machine, raise } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import { emptyClass } from "./stdlib-data.ts";
import { TypeForm } from "./type-forms.ts";
import {
  plainText,
  argument,
  builtin,
  type CallArguments,
  type ClassValue,
  dict,
  isNumeric,
  isObject,
  list,
  type NativeValue,
  tuple,
  unknown,
  type Value,
} from "./values.ts";

export function typingModule(machine: Machine): Names {
  const forms =
    "Any Callable ClassVar Collection Deque DefaultDict Dict Final FrozenSet Generator Iterable Iterator List Literal Mapping MutableMapping MutableSequence NoReturn Optional OrderedDict Sequence Set Tuple Type Union Counter Awaitable Coroutine Hashable Sized Text Never Self Required NotRequired TypeAlias Annotated Concatenate LiteralString Pattern IO TextIO";
  const names: Record<string, Value> = {};
  for (const name of forms.split(" ")) names[name] = new TypeForm("typing", name);
  const base = (name: string): ClassValue => emptyClass(name, "typing");
  return {
    ...names,
    TYPE_CHECKING: false,
    Protocol: base("Protocol"),
    Generic: base("Generic"),
    TypedDict: { ...base("TypedDict"), bases: [] },
    NamedTuple: {
      ...base("NamedTuple"),
      construct: (given, self) => {
        if (self.name !== "NamedTuple") return raise("TypeError", `${self.name}() takes no arguments`, given.span);
        const name = argument(given, 0, "typename");
        const fields: [string, Value][] = [];
        for (const pair of machine.iterate(argument(given, 1, "fields") ?? list([]), given.span)) {
          const [field = null, type = null] = machine.iterate(pair, given.span);
          fields.push([plainText(field), type]);
        }
        for (const [field, { value }] of given.keywords)
          if (field !== "typename" && field !== "fields") fields.push([field, value]);
        const made = emptyClass(plainText(name));
        made.attributes.set("__annotations__", dict(fields));
        return namedTupleOf(
          made,
          fields.map(([field]) => field),
        );
      },
    },
    TypeVar: builtin("TypeVar", (given) => new TypeForm("typing", plainText(argument(given, 0)))),
    ParamSpec: builtin("ParamSpec", (given) => new TypeForm("typing", plainText(argument(given, 0)))),
    NewType: builtin("NewType", (given) => argument(given, 1) ?? null),
    cast: builtin("cast", (given) => argument(given, 1) ?? null),
    overload: builtin("overload", (given) => argument(given, 0) ?? null),
    runtime_checkable: builtin("runtime_checkable", (given) => argument(given, 0) ?? null),
    final: builtin("final", (given) => argument(given, 0) ?? null),
    get_type_hints: builtin(
      "get_type_hints",
      (given) => machine.attribute(argument(given, 0) ?? null, "__annotations__", given.span) ?? dict(),
    ),
  };
}

export function mathModule(machine: Machine): Names {
  const float = (name: string, work: (value: number) => number): Value =>
    builtin(name, (given) => {
      const value = argument(given, 0) ?? null;
      if (!isNumeric(value))
        return isObject(value) && value.kind === "unknown"
          ? value
          : raise("TypeError", "must be real number", given.span);
      const result = work(Number(value));
      return Number.isNaN(result) ? raise("ValueError", "math domain error", given.span) : result;
    });
  const whole = (name: string, work: (value: number) => number): Value =>
    builtin(name, (given) => {
      const value = argument(given, 0) ?? null;
      if (typeof value === "bigint") return value;
      return typeof value === "number" && Number.isFinite(value)
        ? BigInt(work(value))
        : raise("ValueError", "cannot convert float to integer", given.span);
    });
  const test = (name: string, work: (value: number) => boolean): Value =>
    builtin(name, (given) => {
      const value = argument(given, 0) ?? null;
      return isNumeric(value) ? work(Number(value)) : value;
    });
  const counted = (name: string, count: number, work: (a: bigint, b: bigint) => bigint): Value =>
    builtin(name, (given) => {
      const numbers: bigint[] = [];
      for (const { value } of given.positional) {
        if (isObject(value) && value.kind === "unknown") return value;
        if (typeof value !== "bigint" || value < 0n)
          return raise("ValueError", `${name}() takes whole numbers, 0 or more`, given.span);
        if (value > 2_000n) return raise("OverflowError", "the number is too large", given.span);
        numbers.push(value);
      }
      const [a = 0n, b = 0n] = numbers;
      return numbers.length === count
        ? work(a, b)
        : raise("TypeError", `${name}() takes ${count} arguments`, given.span);
    });
  return {
    pi: Math.PI,
    tau: 2 * Math.PI,
    e: Math.E,
    inf: Infinity,
    nan: Number.NaN,
    ceil: whole("ceil", Math.ceil),
    floor: whole("floor", Math.floor),
    trunc: whole("trunc", Math.trunc),
    sqrt: float("sqrt", Math.sqrt),
    exp: float("exp", Math.exp),
    sin: float("sin", Math.sin),
    cos: float("cos", Math.cos),
    tan: float("tan", Math.tan),
    isnan: test("isnan", Number.isNaN),
    isinf: test("isinf", (value) => Math.abs(value) === Infinity),
    isfinite: test("isfinite", Number.isFinite),
    isclose: builtin("isclose", (given) => {
      const [a, b] = [Number(argument(given, 0) ?? 0), Number(argument(given, 1) ?? 0)];
      const [relative, absolute] = [argument(given, 2, "rel_tol") ?? 1e-9, argument(given, 3, "abs_tol") ?? 0];
      return Math.abs(a - b) <= Math.max(Number(relative) * Math.max(Math.abs(a), Math.abs(b)), Number(absolute));
    }),
    factorial: counted("factorial", 1, (n) => product(1n, n)),
    comb: counted("comb", 2, (n, k) => (k > n ? 0n : product(n - k + 1n, n) / product(1n, k))),
    perm: counted("perm", 2, (n, k) => (k > n ? 0n : product(n - k + 1n, n))),
    lcm: counted("lcm", 2, (a, b) => {
      let [x, y] = [a, b];
      while (y !== 0n) [x, y] = [y, x % y];
      return x === 0n ? 0n : (a * b) / x;
    }),
    log2: float("log2", Math.log2),
    log10: float("log10", Math.log10),
    fabs: float("fabs", Math.abs),
    log: builtin("log", (given) => {
      const [value, base] = [Number(argument(given, 0) ?? 0), argument(given, 1)];
      return base === undefined ? Math.log(value) : Math.log(value) / Math.log(Number(base));
    }),
    pow: builtin("pow", (given) => Number(argument(given, 0) ?? 0) ** Number(argument(given, 1) ?? 0)),
    prod: builtin("prod", (given) => {
      let product: Value = argument(given, 1, "start") ?? 1n;
      for (const item of machine.iterate(argument(given, 0) ?? null, given.span))
        product = machine.binary("*", product, item, given.span);
      return product;
    }),
    gcd: builtin("gcd", ({ positional }) => {
      const numbers = positional.map(({ value }) => (typeof value === "bigint" ? (value < 0n ? -value : value) : 0n));
      return numbers.reduce((left, right) => {
        let [a, b] = [left, right];
        while (b !== 0n) [a, b] = [b, a % b];
        return a;
      }, 0n);
    }),
  };
}

function product(from: bigint, to: bigint): bigint {
  let result = 1n;
  for (let at = from; at <= to; at++) result *= at;
  return result;
}

export function stringModule(): Names {
  const lower = "abcdefghijklmnopqrstuvwxyz";
  const digits = "0123456789";
  const template = emptyClass("Template", "string");
  return {
    ascii_lowercase: lower,
    ascii_uppercase: lower.toUpperCase(),
    ascii_letters: lower + lower.toUpperCase(),
    digits,
    hexdigits: `${digits}abcdefABCDEF`,
    punctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    whitespace: " \t\n\r\v\f",
    octdigits: "01234567",
    printable: `${digits}${lower}${lower.toUpperCase()}!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~ \t\n\r\v\f`,
    capwords: builtin("capwords", (given) =>
      plainText(argument(given, 0))
        .split(/\s+/)
        .filter((word) => word !== "")
        .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
        .join(" "),
    ),
    Template: { ...template, construct: (given) => new TemplateText(plainText(argument(given, 0, "template"))) },
  };
}

class TemplateText implements NativeValue {
  readonly kind = "native";
  readonly type = "Template";
  private readonly template: string;
  constructor(template: string) {
    this.template = template;
  }
  attribute(name: string): Value | undefined {
    if (name === "template") return this.template;
    if (name !== "substitute" && name !== "safe_substitute") return undefined;
    return builtin(name, (given) => {
      const mapping = argument(given, 0);
      const value = (key: string): Value | undefined =>
        given.keywords.get(key)?.value ??
        (mapping !== undefined && isObject(mapping) && mapping.kind === "dict"
          ? mapping.entries.get(`s${key}`)?.[1]
          : undefined);
      return this.template.replace(
        /\$(?:(\$)|(\w+)|\{(\w+)\})/g,
        (whole, dollar?: string, bare?: string, braced?: string) => {
          if (dollar !== undefined) return "$";
          const found = value(bare ?? braced ?? "");
          if (found === undefined)
            return name === "substitute" ? raise("KeyError", `'${bare ?? braced ?? ""}'`, given.span) : whole;
          return typeof found === "string"
            ? found
            : isObject(found) && found.kind === "native"
              ? (found.text?.() ?? "")
              : plainText(found);
        },
      );
    });
  }
}

/** `textwrap.dedent`, as Python 3.11 has it. */
export function dedent(text: string): string {
  const cleaned = text.replace(/^[ \t]+$/gm, "");
  let margin: string | undefined;
  for (const [, indent = ""] of cleaned.matchAll(/(^[ \t]*)(?=[^ \t\n])/gm)) {
    if (margin === undefined || margin.startsWith(indent)) margin = indent;
    else if (!indent.startsWith(margin)) {
      let same = 0;
      while (same < margin.length && margin[same] === indent[same]) same++;
      margin = margin.slice(0, same);
    }
  }
  if (margin === undefined || margin === "") return cleaned;
  const { length } = margin;
  const found = margin;
  return cleaned
    .split("\n")
    .map((line) => (line.startsWith(found) ? line.slice(length) : line))
    .join("\n");
}

export function textwrapModule(): Names {
  const text = (given: CallArguments): string => {
    const value = argument(given, 0, "text");
    return typeof value === "string" ? value : raise("TypeError", "expected a str", given.span);
  };
  const width = (given: CallArguments): number => {
    const value = argument(given, 1, "width");
    return typeof value === "bigint" ? Number(value) : 70;
  };
  return {
    dedent: builtin("dedent", (given) => dedent(text(given))),
    wrap: builtin("wrap", (given) => list(wrapped(text(given), width(given)))),
    fill: builtin("fill", (given) => wrapped(text(given), width(given)).join("\n")),
    shorten: builtin("shorten", (given) => {
      const words = text(given)
        .split(/\s+/)
        .filter((word) => word !== "");
      if (words.join(" ").length <= width(given)) return words.join(" ");
      const mark = given.keywords.get("placeholder")?.value ?? " [...]";
      const end = plainText(mark);
      while (words.length > 0 && words.join(" ").length + end.length > width(given)) words.pop();
      return words.length === 0 ? end.trimStart() : words.join(" ") + end;
    }),
    indent: builtin("indent", (given) => {
      const prefix = plainText(argument(given, 1, "prefix"));
      return text(given).replace(/^(?=.*\S)/gm, prefix);
    }),
  };
}

/** `textwrap.wrap` with its standard settings; longer words are cut. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.split(/\s+/)) {
    if (piece === "") continue;
    const joint = line === "" ? "" : " ";
    if (line.length + joint.length + piece.length <= width) {
      line += joint + piece;
      continue;
    }
    if (line !== "") lines.push(line);
    line = piece;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** `re`, for the patterns that mean the same in JavaScript. */
export function reModule(machine: Machine): Names {
  const compile = (pattern: Value, flags: Value): RegExp | undefined => {
    if (typeof pattern !== "string") return undefined;
    const bits = typeof flags === "bigint" ? Number(flags) : 0;
    const letters = `dgu${bits & 2 ? "i" : ""}${bits & 8 ? "m" : ""}${bits & 16 ? "s" : ""}`;
    const translated = pattern
      .replaceAll("(?P<", "(?<")
      .replace(/\(\?P=(\w+)\)/g, "\\k<$1>")
      .replaceAll("\\A", "^")
      .replaceAll("\\Z", "$");
    // A pattern that can take exponential time is left alone: nested repetition.
    if (/\([^)]*[*+][^)]*\)[*+{]/.test(translated)) return undefined;
    try {
      return new RegExp(translated, letters);
    } catch {
      try {
        return new RegExp(translated, letters.replace("u", ""));
      } catch {
        return undefined;
      }
    }
  };
  const use = (name: string, shift: number, pattern?: RegExp): Value =>
    builtin(name, (given) => {
      const at = (index: number): Value => argument(given, index - shift) ?? null;
      const flagsAt = name === "sub" ? 4 : name === "split" ? 3 : 2;
      const regex = pattern ?? compile(at(0), given.keywords.get("flags")?.value ?? at(flagsAt));
      const subject = name === "sub" ? at(2) : at(1);
      if (regex === undefined || typeof subject !== "string")
        return unknown("this regular expression is not worked out", given.span);
      const string = subject;
      switch (name) {
        case "match":
        case "fullmatch":
        case "search": {
          regex.lastIndex = 0;
          const anchored =
            name === "search"
              ? regex
              : new RegExp(`^(?:${regex.source})${name === "fullmatch" ? "$" : ""}`, regex.flags.replace("m", ""));
          anchored.lastIndex = 0;
          const found = anchored.exec(string);
          return found === null ? null : new Match(found);
        }
        case "findall":
          return list(
            [...string.matchAll(regex)].map(
              (found): Value =>
                found.length === 1
                  ? found[0]
                  : found.length === 2
                    ? (found[1] ?? "")
                    : tuple(found.slice(1).map((one: string | undefined) => one ?? "")),
            ),
          );
        case "finditer":
          return list([...string.matchAll(regex)].map((found) => new Match(found)));
        case "split":
          return list(withNone(string.split(regex)));
        default: {
          const replacement = at(1);
          return string.replace(regex, (...parts: unknown[]) => {
            const groups = parts
              .slice(
                0,
                parts.findIndex((one) => typeof one === "number"),
              )
              .map((one) => (typeof one === "string" ? one : ""));
            if (typeof replacement !== "string") {
              const found = Object.assign([...groups], { index: 0, input: string });
              const made = machine.call(replacement, {
                positional: [{ value: new Match(found), span: given.span }],
                keywords: new Map(),
                span: given.span,
              });
              return typeof made === "string" ? made : "";
            }
            return replacement.replace(/\\(?:(\d+)|g<(\w+)>|n|\\)/g, (whole, number?: string, group?: string) => {
              if (whole === "\\n") return "\n";
              if (whole === "\\\\") return "\\";
              return groups[Number(number ?? group ?? 0)] ?? "";
            });
          });
        }
      }
    });
  const operations = ["match", "fullmatch", "search", "findall", "finditer", "split", "sub"];
  const compiled = (regex: RegExp, source: string): NativeValue => ({
    kind: "native",
    type: "Pattern",
    attribute: (name) => (name === "pattern" ? source : operations.includes(name) ? use(name, 1, regex) : undefined),
  });
  return {
    ...Object.fromEntries(operations.map((name) => [name, use(name, 0)])),
    compile: builtin("compile", (given) => {
      const source = argument(given, 0) ?? null;
      const regex = compile(source, argument(given, 1, "flags") ?? null);
      return regex === undefined || typeof source !== "string"
        ? unknown("this regular expression is not worked out", given.span)
        : compiled(regex, source);
    }),
    escape: builtin("escape", (given) => plainText(argument(given, 0)).replace(/[^\w]/g, "\\$&")),
    I: 2n,
    IGNORECASE: 2n,
    M: 8n,
    MULTILINE: 8n,
    S: 16n,
    DOTALL: 16n,
    Pattern: new TypeForm("typing", "Pattern"),
    Match: new TypeForm("typing", "Match"),
  };
}

/** Groups that did not take part are undefined, whatever their type says. */
function withNone(parts: readonly (string | undefined)[]): Value[] {
  return parts.map((part) => part ?? null);
}

class Match implements NativeValue {
  readonly kind = "native";
  readonly type = "Match";
  private readonly found: readonly (string | undefined)[] & {
    readonly index?: number;
    readonly groups?: Record<string, string>;
  };
  constructor(found: Match["found"]) {
    this.found = found;
  }
  item(key: Value): Value {
    return (typeof key === "string" ? this.found.groups?.[key] : this.found[Number(key)]) ?? null;
  }
  attribute(name: string): Value | undefined {
    switch (name) {
      case "group":
        return builtin(name, (given) =>
          given.positional.length < 2
            ? this.item(argument(given, 0) ?? 0n)
            : tuple(given.positional.map(({ value }) => this.item(value))),
        );
      case "groups":
        return builtin(name, () => tuple(this.found.slice(1).map((one) => one ?? null)));
      case "groupdict":
        return builtin(name, () => dict(Object.entries(this.found.groups ?? {})));
      case "start":
        return builtin(name, () => BigInt(this.found.index ?? 0));
      case "end":
        return builtin(name, () => BigInt((this.found.index ?? 0) + (this.found[0]?.length ?? 0)));
      default:
        return undefined;
    }
  }
}
