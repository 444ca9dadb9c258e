/** Literals of text, and what stands in the braces of f-strings. */
import { Cursor, Unparsable } from "./cursor.ts";
import { brokenEscape, namedCharacter, stringParts, unescape } from "./literals.ts";
import type { Expression, FormattedString, Replacement } from "./syntax.ts";
import { Lexer } from "./tokens.ts";

/** Reads what stands in the braces of an f-string. */
type ParseField = (cursor: Cursor) => Expression;

/** One or more literals in a row. */
export function parseStrings(cursor: Cursor, parseField: ParseField): Expression {
  const { start } = cursor.peek();
  const parts: (string | Replacement)[] = [];
  let text = "";
  let bytes = false;
  let mixed: boolean | undefined;
  let character: string | undefined;
  while (cursor.peek().kind === "string") {
    const token = cursor.next();
    const literal = stringParts(token.text);
    bytes ||= literal.bytes;
    const inside = token.text.slice(literal.from, literal.to);
    if (!literal.raw) {
      const broken = brokenEscape(inside);
      const from = token.start + literal.from;
      if (broken) cursor.complain("an escape breaks off", { start: from + broken.start, end: from + broken.end });
      if (!literal.bytes) character ??= namedCharacter(inside);
    }
    if (literal.bytes && /[^\0-\x7f]/.test(inside)) cursor.complain("bytes are of ASCII signs", token);
    if (mixed !== undefined && mixed !== literal.bytes) cursor.complain("text and bytes do not mix", token);
    mixed = literal.bytes;
    if (!literal.formatted) {
      text += unescape(inside, literal.raw, literal.bytes);
      continue;
    }
    const read = parseFormatted(cursor, parseField, token.start + literal.from, token.start + literal.to, literal.raw);
    for (const part of read.parts) {
      if (typeof part === "string") text += part;
      else {
        if (text !== "") parts.push(text);
        text = "";
        parts.push(part);
      }
    }
  }
  const end = cursor.lastEnd;
  const named = character !== undefined && { character };
  if (parts.length === 0) return { kind: "constant", value: bytes ? { bytes: text } : text, ...named, start, end };
  if (text !== "") parts.push(text);
  return { kind: "formatted", parts, ...named, start, end };
}

function parseFormatted(
  cursor: Cursor,
  parseField: ParseField,
  start: number,
  end: number,
  raw: boolean,
): { readonly parts: FormattedString["parts"] } {
  const { text } = cursor.lexer;
  const parts: (string | Replacement)[] = [];
  let literal = start;
  let before = "";
  const flush = (to: number): void => {
    const piece = before + unescape(text.slice(literal, to), raw, false);
    before = "";
    if (piece !== "") parts.push(piece);
  };
  for (let at = start; at < end; ) {
    const sign = text.charAt(at);
    if (sign === "\\" && !raw) {
      if (text.startsWith("N{", at + 1)) at += Math.max(2, text.indexOf("}", at) - at + 1);
      else at += /[{}]/.test(text.charAt(at + 1)) ? 1 : 2;
    } else if ((sign === "{" || sign === "}") && text.charAt(at + 1) === sign && at + 1 < end) {
      before += unescape(text.slice(literal, at), raw, false) + sign;
      at += 2;
      literal = at;
    } else if (sign === "{") {
      flush(at);
      const field = parseReplacement(cursor, parseField, at, end, raw);
      if (field.label !== "") parts.push(field.label);
      parts.push(field.replacement);
      at = field.end;
      literal = at;
    } else if (sign === "}") throw new Unparsable("single } in an f-string", at, at + 1);
    else at++;
  }
  flush(end);
  return { parts };
}

/** `{…}` at `open`. `label` is the text that `{x=}` shows before the value. */
function parseReplacement(
  outer: Cursor,
  parseField: ParseField,
  open: number,
  limit: number,
  raw: boolean,
): { replacement: Replacement; label: string; end: number } {
  const { text } = outer.lexer;
  const cursor = new Cursor(new Lexer(text, open + 1, limit, true), outer);
  const expression = outer.nested(() => parseField(cursor));
  let at = cursor.peek().start;
  let label = "";
  if (text.charAt(at) === "=") {
    at++;
    while (at < limit && /\s/.test(text.charAt(at))) at++;
    label = text.slice(open + 1, at);
  }
  let conversion: "r" | "s" | "a" | undefined;
  if (text.charAt(at) === "!") {
    const letter = text.charAt(at + 1);
    if (letter !== "r" && letter !== "s" && letter !== "a") throw new Unparsable("invalid conversion", at, at + 2);
    conversion = letter;
    at += 2;
    while (at < limit && /\s/.test(text.charAt(at))) at++;
  }
  let spec: FormattedString["parts"] | undefined;
  if (text.charAt(at) === ":") {
    const from = ++at;
    for (let depth = 0; at < limit; at++) {
      const sign = text.charAt(at);
      if (sign === "{") depth++;
      else if (sign === "}" && depth-- === 0) break;
      else if (depth > 0 && (sign === '"' || sign === "'")) {
        const close = text.indexOf(sign, at + 1);
        if (close > at && close < limit) at = close;
      }
    }
    spec = parseFormatted(outer, parseField, from, at, raw).parts;
  }
  if (at >= limit || text.charAt(at) !== "}") throw new Unparsable('expected "}" in an f-string', at, at + 1);
  if (label !== "" && conversion === undefined && spec === undefined) conversion = "r";
  return {
    replacement: { expression, ...(conversion && { conversion }), ...(spec && { spec }) },
    label,
    end: at + 1,
  };
}
