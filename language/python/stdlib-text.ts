/** `string` and `textwrap`. */
import { raise } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import { emptyClass } from "./stdlib-data.ts";
import {
  plainText,
  argument,
  builtin,
  type CallArguments,
  isObject,
  list,
  type NativeValue,
  type Value,
} from "./values.ts";

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
