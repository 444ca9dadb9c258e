/** `re`: its functions, and the matches that they give. */
import type { Machine } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import { TypeForm } from "./type-forms.ts";
import { plainText, argument, builtin, dict, list, type NativeValue, tuple, unknown, type Value } from "./values.ts";

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
