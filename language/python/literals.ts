/** What Python's number and string literals say. */

/** The value of a number literal: an exact bigint for an int, a number for a float; undefined for a complex one. */
export function numberValue(text: string): bigint | number | undefined {
  const digits = text.replaceAll("_", "").toLowerCase();
  if (digits.endsWith("j")) return undefined;
  if (/^0[xbo]/.test(digits)) return BigInt(digits);
  if (/^\d+$/.test(digits)) return digits.length < 4096 ? BigInt(digits) : undefined;
  return Number(digits);
}

export interface StringParts {
  readonly raw: boolean;
  readonly bytes: boolean;
  readonly formatted: boolean;
  /** Offsets of what stands between the quotes, relative to the literal. */
  readonly from: number;
  readonly to: number;
}

export function stringParts(literal: string): StringParts {
  let prefix = 0;
  while (prefix < literal.length && literal[prefix] !== '"' && literal[prefix] !== "'") prefix++;
  const letters = literal.slice(0, prefix).toLowerCase();
  const quote = literal.startsWith('"""', prefix) || literal.startsWith("'''", prefix) ? 3 : 1;
  return {
    raw: letters.includes("r"),
    bytes: letters.includes("b"),
    formatted: letters.includes("f") || letters.includes("t"),
    from: prefix + quote,
    to: Math.max(prefix + quote, literal.length - quote),
  };
}

const simpleEscapes: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The text between the quotes with its escapes resolved; line breaks are `\n` as Python's reader makes them. */
export function unescape(text: string, raw: boolean, bytes: boolean): string {
  const lines = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  if (raw || !lines.includes("\\")) return lines;
  return lines.replace(
    /\\(\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[\s\S])/g,
    (whole, escape: string) => {
      if (escape === "\n") return "";
      const simple = simpleEscapes[escape];
      if (simple !== undefined) return simple;
      const first = escape.charAt(0);
      if (first >= "0" && first <= "7") return String.fromCodePoint(Number.parseInt(escape, 8));
      if (escape.length === 1) return whole;
      if (first === "x") return String.fromCodePoint(Number.parseInt(escape.slice(1), 16));
      if (bytes) return whole;
      if (first === "u" || first === "U") {
        const code = Number.parseInt(escape.slice(1), 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      }
      // Names of characters would need the Unicode name table.
      return whole;
    },
  );
}

/** Where an escape breaks off: the digits that it needs are not there. */
export function brokenEscape(text: string): { readonly start: number; readonly end: number } | undefined {
  for (const { 0: whole, index } of text.matchAll(/\\[\s\S]/g)) {
    const rest = text.slice(index + 2, index + 10);
    const needed = {
      "\\x": /^[0-9a-fA-F]{2}/,
      "\\u": /^[0-9a-fA-F]{4}/,
      "\\U": /^00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}/,
    }[whole];
    if (needed !== undefined && !needed.test(rest)) return { start: index, end: index + 2 };
  }
  return undefined;
}

/** The name of the first character that is written by its name, which would need Unicode's table of them. */
export function namedCharacter(text: string): string | undefined {
  for (const { 0: whole, 1: name } of text.matchAll(/\\(?:N\{([^}]+)\}|[\s\S])/g)) if (name !== undefined) return whole;
  return undefined;
}
