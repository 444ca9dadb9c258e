/** Tokens with lookahead, and the bounds of what is read of them. */
import type { Lexer, Token } from "./tokens.ts";

/** Why and where a statement does not parse. Thrown by the parser, caught at the statement. */
export class Unparsable extends Error {
  readonly start: number;
  readonly end: number;
  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

/** CPython gives up at 200 open brackets; so do we, for any nesting. */
const deepest = 200;

/** Operators, dots and brackets one after another: each is a level of the tree. Python 3.11 refuses 3,000. */
export const longestChain = 3_000;

/** Words and signs of one file: ten times what the longest files written by hand have. */
export const mostTokens = 1_000_000;

export const keywords = new Set(
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  ),
);

export interface Around {
  readonly scope: "module" | "class" | "function" | "async function";
  /** Those of that scope, one in another. */
  readonly loops: number;
}

/** Reads tokens with lookahead; `mark` and `rewind` try a second reading of the same tokens. */
export class Cursor {
  readonly lexer: Lexer;
  /** How many `yield`s were read: a function whose body adds to it is a generator. */
  yields = 0;
  /** How many `global` and `nonlocal` statements were read. */
  declarations = 0;
  /** What the statements that are read now stand in. */
  around: Around = { scope: "module", loops: 0 };
  /** Where the last token ended that is more than layout. */
  lastEnd = 0;
  private tokens: Token[] = [];
  private index = 0;
  private depth = 0;
  /** Shared with the cursors of an f-string's fields. */
  private readonly allowance: { tokens: number };

  /** `outer` reads the string that this is a field of. */
  constructor(lexer: Lexer, outer?: Cursor) {
    this.lexer = lexer;
    this.depth = outer?.depth ?? 0;
    if (outer) this.around = outer.around;
    this.allowance = outer?.allowance ?? { tokens: mostTokens };
  }

  /** Words and signs that were read so far, those that were read twice counted twice. */
  get tokensRead(): number {
    return mostTokens - this.allowance.tokens;
  }

  peek(ahead = 0): Token {
    while (this.tokens.length <= this.index + ahead) {
      // What is longer than any file is read up to there: its tree would not fit into memory.
      if (--this.allowance.tokens < 0) this.lexer.stop();
      this.tokens.push(this.lexer.next());
    }
    const token = this.tokens[this.index + ahead];
    if (token === undefined) throw new Error("unreachable");
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.index++;
    if (token.end > token.start && token.kind !== "newline") this.lastEnd = token.end;
    return token;
  }

  /** Lets go of old tokens; no mark may be kept over it. */
  forget(): void {
    if (this.index < 256) return;
    this.tokens = this.tokens.slice(this.index - 1);
    this.index = 1;
  }

  at(text: string): boolean {
    const token = this.peek();
    return token.text === text && (token.kind === "operator" || token.kind === "name");
  }

  take(text: string): boolean {
    if (!this.at(text)) return false;
    this.next();
    return true;
  }

  expect(text: string): Token {
    if (!this.at(text)) throw this.unexpected(`expected "${text}"`);
    return this.next();
  }

  identifier(): Token {
    const token = this.peek();
    if (token.kind !== "name" || keywords.has(token.text)) throw this.unexpected("expected a name");
    return this.next();
  }

  unexpected(why: string): Unparsable {
    const token = this.peek();
    if (token.kind === "wrong" && /^[a-zA-Z]{0,2}["']/.test(token.text)) {
      return new Unparsable("unterminated string literal", token.start, token.end);
    }
    const open = this.lexer.brackets.at(-1);
    if ((token.kind === "end" || token.kind === "dedent") && open !== undefined) {
      return new Unparsable(`"${this.lexer.text.charAt(open)}" was never closed`, open, open + 1);
    }
    const found = token.text.trim() === "" ? "the line ends" : `found "${token.text}"`;
    return new Unparsable(`${why}, but ${found}`, token.start, Math.max(token.end, token.start));
  }

  /** Says what is wrong without giving up the statement. */
  complain(message: string, { start, end }: { readonly start: number; readonly end: number }): void {
    this.lexer.complaints.push({ message, start, end });
  }

  /** Reads what stands in something else. */
  within<T>(around: Around, parse: () => T): T {
    const before = this.around;
    this.around = around;
    try {
      return parse();
    } finally {
      this.around = before;
    }
  }

  mark(): number {
    return this.index;
  }

  rewind(mark: number): void {
    this.index = mark;
    const before = this.tokens.slice(0, mark).findLast((token) => token.end > token.start && token.kind !== "newline");
    this.lastEnd = before?.end ?? 0;
  }

  /** Forgets what was read ahead and goes on at a line's start. */
  resume(lineStart: number): void {
    this.tokens.length = this.index;
    this.lexer.resume(lineStart);
  }

  nested<T>(parse: () => T): T {
    if (++this.depth > deepest) {
      const token = this.peek();
      throw new Unparsable("too deeply nested", token.start, token.end);
    }
    try {
      return parse();
    } finally {
      this.depth--;
    }
  }
}

/** Throws at the link of a chain that is one too many. */
export function checkChain(links: number, { start, end }: Token): void {
  if (links >= longestChain) throw new Unparsable("too deeply nested", start, end);
}
