/** What is made of a statement that does not parse. */
import { type Cursor, Unparsable } from "./cursor.ts";
import type { Statement } from "./syntax.ts";
import { isLineBreak } from "./tokens.ts";

/** Where the next statement has begun inside of a bracket, the bracket is what is wrong. */
export function unclosed(cursor: Cursor, start: number, problem: Unparsable): Unparsable | undefined {
  const open = cursor.lexer.brackets.at(-1);
  const { text } = cursor.lexer;
  if (open === undefined || open < start || !/[\r\n]/.test(text.slice(open, problem.start))) return undefined;
  const lines = text
    .slice(open, problem.end)
    .split(/\r\n|\n|\r/)
    .slice(1);
  const indent = columnOf(text, start);
  const outdented = lines.some(
    (line) => /^[ \t]*[^\s#)\]}]/.test(line) && line.length - line.trimStart().length <= indent,
  );
  return outdented ? new Unparsable(`"${text.charAt(open)}" was never closed`, open, open + 1) : undefined;
}

/**
 * Skips what did not parse: to the end of its line, or, with a bracket open, to
 * the next line that is indented no deeper than the statement.
 */
export function recover(cursor: Cursor, start: number, problem: Unparsable): Statement {
  const { text } = cursor.lexer;
  const open = cursor.lexer.brackets[0];
  const indent = columnOf(text, start);
  let at = open !== undefined && open >= start ? lineEnd(text, open) : lineEnd(text, Math.max(problem.start, start));
  while (open !== undefined && at < text.length) {
    let first = at;
    while (text.charAt(first) === " " || text.charAt(first) === "\t") first++;
    const sign = text.charAt(first);
    if (!/[\r\n#)\]}]/.test(sign) && first - at <= indent && first < text.length) break;
    at = lineEnd(text, at);
  }
  // What it was to bind stands at its beginning.
  const beginning = text.slice(start, Math.min(start + 500, lineEnd(text, start)));
  const names = [...beginning.matchAll(/([A-Za-z_]\w*)\s*=(?!=)/g)].map((m) => m[1] ?? "");
  const defined = /^(?:async\s+)?(?:def|class)\s+(\w+)/.exec(text.slice(start, start + 200))?.[1];
  cursor.resume(at);
  return { kind: "broken", names: defined === undefined ? names.slice(0, 1) : [defined], start, end: at };
}

export function columnOf(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && !isLineBreak(text.charCodeAt(at - 1))) at--;
  return offset - at;
}

/** After the line break that ends the line of `offset`. */
export function lineEnd(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && !isLineBreak(text.charCodeAt(at))) at++;
  if (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10) at++;
  return Math.min(at + 1, text.length);
}
