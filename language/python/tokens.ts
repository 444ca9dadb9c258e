import type { Located } from "./syntax.ts";

/** `string` is a literal with its prefix and quotes; `wrong` is a character that starts no token. */
export type TokenKind = "name" | "number" | "string" | "operator" | "newline" | "indent" | "dedent" | "end" | "wrong";

export interface Token extends Located {
  readonly kind: TokenKind;
  readonly text: string;
}

export interface Comment extends Located {
  readonly column: number;
}

const operator = /\*\*=?|\/\/=?|>>=?|<<=?|!=|->|\.\.\.|:=|[-+*/%&|^@=<>]=?|[()[\]{},:.;~!]/y;
const number =
  /0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d(?:_?\d)*)?[jJ]?/y;
const name = /[\p{XID_Start}_][\p{XID_Continue}]*/uy;
// What most names are, found much faster. A name may go on with what is not ASCII.
const plainName = /[A-Za-z_]\w*(?![\w\u0080-\uffff])/y;
const stringStart = /(?:[rRuUbBfFtT]|[rR][bBfFtT]|[bBfFtT][rR])?(?:"""|'''|"|')/y;
const blank = /(?:[ \t\f]|\\(?:\r\n|\n|\r))*/y;

/**
 * The tokens of a text, made on demand so that a parser can start in the middle
 * (an f-string's replacement) and resume after an error. Comments are kept aside.
 */
export class Lexer {
  readonly comments: Comment[] = [];
  /** Offsets of the brackets that are open. */
  brackets: number[] = [];
  readonly text: string;
  private position: number;
  private readonly end: number;
  private readonly indents = [0];
  /** What is wrong although it can be read. */
  readonly complaints: { readonly message: string; readonly start: number; readonly end: number }[] = [];
  private pendingDedents = 0;
  private atLineStart: boolean;
  private lineHasTokens = false;
  stoppedAt: number | undefined;
  /** Inside an f-string's braces line breaks mean nothing. */
  private readonly nested: boolean;

  constructor(text: string, start: number, end: number, nested: boolean) {
    this.text = text;
    this.position = start;
    this.end = end;
    this.nested = nested;
    this.atLineStart = !nested;
  }

  /** Ends the text here, for good: nothing more is read. */
  stop(): void {
    this.stoppedAt ??= this.position;
    this.position = this.end;
  }

  /** Continues at a line's start as if no bracket were open. */
  resume(lineStart: number): void {
    this.position = this.stoppedAt === undefined ? lineStart : this.end;
    this.brackets = [];
    this.atLineStart = true;
    this.lineHasTokens = false;
    this.pendingDedents = 0;
  }

  next(): Token {
    if (this.pendingDedents > 0) {
      this.pendingDedents--;
      return this.token("dedent", this.position, this.position);
    }
    for (;;) {
      if (this.atLineStart) {
        const change = this.indentation();
        if (change !== undefined) return change;
      }
      this.skipBlanks();
      if (this.position >= this.end) return this.finish();
      const code = this.text.charCodeAt(this.position);
      if (code === 35) {
        this.comment();
        continue;
      }
      if (code === 10 || code === 13) {
        const start = this.position;
        this.position += code === 13 && this.text.charCodeAt(start + 1) === 10 ? 2 : 1;
        if (this.nested || this.brackets.length > 0) continue;
        this.atLineStart = true;
        if (!this.lineHasTokens) continue;
        this.lineHasTokens = false;
        return this.token("newline", start, this.position);
      }
      this.lineHasTokens = true;
      return this.word(code);
    }
  }

  private skipBlanks(): void {
    while (this.position < this.end && this.text.charCodeAt(this.position) === 32) this.position++;
    const code = this.text.charCodeAt(this.position);
    if (code === 9 || code === 12 || code === 92) this.position += this.match(blank)?.length ?? 0;
  }

  private word(code: number): Token {
    const start = this.position;
    if (code > 47 || code === 34 || code === 39 || code === 46) {
      const plain = this.match(plainName);
      // A prefix of a string has at most two letters.
      const quote = plain === undefined || plain.length <= 2 ? this.match(stringStart) : undefined;
      if (quote !== undefined) return this.string(quote);
      if (plain !== undefined) return this.take("name", plain.length);
      if ((code >= 48 && code <= 57) || code === 46) {
        const digits = this.match(number);
        if (digits !== undefined) return this.take("number", digits.length);
      }
      const word = this.match(name);
      if (word !== undefined) return this.take("name", word.length);
    }
    const sign = this.match(operator);
    if (sign === undefined) return this.take("wrong", 1);
    if (sign === "(" || sign === "[" || sign === "{") this.brackets.push(start);
    else if (sign === ")" || sign === "]" || sign === "}") this.brackets.pop();
    // `f"{x:=5}"` gives x a format; only in brackets of its own is it an assignment.
    if (sign === ":=" && this.nested && this.brackets.length === 0) return this.take("operator", 1);
    return this.take("operator", sign.length);
  }

  /** The `indent` or `dedent` that a line starts with; skips blank lines and those of a comment. */
  private indentation(): Token | undefined {
    let column = 0;
    let at = this.position;
    for (; at < this.end; at++) {
      const code = this.text.charCodeAt(at);
      if (code === 32) column++;
      else if (code === 9) column = (Math.floor(column / 8) + 1) * 8;
      else if (code === 12 || code === 0xfeff) column = 0;
      else break;
    }
    const code = this.text.charCodeAt(at);
    if (at >= this.end || code === 10 || code === 13 || code === 35) {
      this.atLineStart = false;
      return undefined;
    }
    this.position = at;
    this.atLineStart = false;
    const top = this.indents[this.indents.length - 1] ?? 0;
    if (column > top) {
      this.indents.push(column);
      return this.token("indent", at, at);
    }
    let dedents = 0;
    while (column < (this.indents[this.indents.length - 1] ?? 0)) {
      this.indents.pop();
      dedents++;
    }
    if (dedents === 0) return undefined;
    if (column !== (this.indents[this.indents.length - 1] ?? 0))
      this.complaints.push({ message: "this is indented as no line around it", start: at, end: at + 1 });
    this.pendingDedents = dedents - 1;
    return this.token("dedent", at, at);
  }

  private comment(): void {
    const start = this.position;
    while (this.position < this.end) {
      const code = this.text.charCodeAt(this.position);
      if (code === 10 || code === 13) break;
      this.position++;
    }
    let lineStart = start;
    while (lineStart > 0 && !isLineBreak(this.text.charCodeAt(lineStart - 1))) lineStart--;
    this.comments.push({ start, end: this.position, column: start - lineStart });
  }

  private finish(): Token {
    if (!this.nested && this.lineHasTokens && this.brackets.length === 0) {
      this.lineHasTokens = false;
      return this.token("newline", this.end, this.end);
    }
    if (!this.nested && this.indents.length > 1) {
      this.indents.pop();
      return this.token("dedent", this.end, this.end);
    }
    return this.token("end", this.end, this.end);
  }

  private string(opening: string): Token {
    const start = this.position;
    const close = stringEnd(this.text, start, opening, this.end);
    this.position = close.end;
    return { kind: close.closed ? "string" : "wrong", text: this.text.slice(start, close.end), start, end: close.end };
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    return found !== undefined && this.position + found.length <= this.end && found.length > 0 ? found : undefined;
  }

  private take(kind: TokenKind, length: number): Token {
    const start = this.position;
    this.position += length;
    return this.token(kind, start, this.position);
  }

  private token(kind: TokenKind, start: number, end: number): Token {
    return { kind, text: this.text.slice(start, end), start, end };
  }
}

export function isLineBreak(code: number): boolean {
  return code === 10 || code === 13;
}

/** Where a literal that opens at `start` ends; unclosed ones end at the line's or the text's end. */
function stringEnd(text: string, start: number, opening: string, end: number): { end: number; closed: boolean } {
  const quote = opening.slice(opening.endsWith('"""') || opening.endsWith("'''") ? -3 : -1);
  const prefix = opening.slice(0, opening.length - quote.length).toLowerCase();
  const formatted = prefix.includes("f") || prefix.includes("t");
  let braces = 0;
  let lineEnd: number | undefined;
  // What was found out ahead, so that no part of a long line is walked twice.
  const unclosedBefore = new Map<string, number>();
  let field = { from: 0, to: 0, closes: false };
  const fieldCloses = (from: number): boolean => {
    if (from < field.from || from > field.to) field = { from, ...closeOfField(text, from, end, quote) };
    return field.closes;
  };
  for (let at = start + opening.length; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 92 && braces === 0) {
      // A raw string's backslash keeps the quote after it, too. None keeps a brace of an f-string.
      if (formatted && /[{}]/.test(text.charAt(at + 1))) continue;
      at++;
      if (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10) at++;
      continue;
    }
    if (braces === 0 && text.startsWith(quote, at)) return { end: at + quote.length, closed: true };
    if (quote.length === 1 && isLineBreak(code)) {
      if (braces === 0) return { end: lineEnd ?? at, closed: false };
      lineEnd ??= at;
    }
    if (!formatted) continue;
    if (code === 123) {
      if (braces === 0 && text.charCodeAt(at + 1) === 123) at++;
      else braces++;
    } else if (code === 125 && braces > 0) braces--;
    else if (braces > 0 && (code === 34 || code === 39)) {
      // Python 3.12 lets a replacement hold the string's own quotes; before, such a quote ended the string.
      const sign = text.charAt(at);
      const inner = text.startsWith(sign.repeat(3), at) ? sign.repeat(3) : sign;
      const known = at < (unclosedBefore.get(inner) ?? 0);
      const close = known ? { end: at, closed: false } : stringEnd(text, at, inner, end);
      if (!known && !close.closed) unclosedBefore.set(inner, close.end);
      if (close.closed && fieldCloses(close.end)) at = close.end - 1;
      else if (text.startsWith(quote, at)) return { end: at + quote.length, closed: true };
    }
  }
  return { end: lineEnd ?? end, closed: false };
}

/** Whether a `}` follows before the line ends, or before the text does in a long string; and where that is decided. */
function closeOfField(text: string, from: number, end: number, quote: string): { to: number; closes: boolean } {
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 125) return { to: at, closes: true };
    if (isLineBreak(code) && quote.length === 1) return { to: at, closes: false };
  }
  return { to: end, closes: false };
}
