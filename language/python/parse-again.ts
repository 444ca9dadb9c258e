/** Syntax trees of files that were parsed before, with only the statements parsed again that an edit touches. */
import type { Work } from "../analyze.ts";
import { mostTokens } from "./cursor.ts";
import { parseLines, textStart } from "./parse.ts";
import type { Module, Statement } from "./syntax.ts";
import { isLineBreak } from "./tokens.ts";

interface Parsed {
  readonly text: string;
  readonly tree: Module;
  /** At least as many as reading the whole text takes. */
  readonly tokens: number;
}

/** What reading a statement took that was parsed alone. */
const tokensOf = new WeakMap<Statement, number>();

/** The last tree of each file. */
export class Parses {
  private readonly files = new Map<string, Parsed>();
  private size = 0;

  get(path: string): Parsed | undefined {
    const known = this.files.get(path);
    // The one that was asked for last is forgotten last.
    if (known && this.files.delete(path)) this.files.set(path, known);
    return known;
  }

  set(path: string, parsed: Parsed): void {
    this.size += parsed.text.length - (this.files.get(path)?.text.length ?? 0);
    this.files.delete(path);
    this.files.set(path, parsed);
    for (const [oldest, { text }] of this.files) {
      if (this.size <= mostCharacters || this.files.size === 1) break;
      this.files.delete(oldest);
      this.size -= text.length;
    }
  }
}

/** Of all files together: a tree takes some fifty times the room of its text. */
const mostCharacters = 3_000_000;

/** As `parseModule`; trees are shared with whoever asked before. */
export function parseAgain(path: string, text: string, parses?: Parses, onWork?: (work: Work) => void): Module {
  const known = parses?.get(path);
  if (known?.text === text) return known.tree;
  const again = known && known.tokens <= mostTokens ? between(known, text) : undefined;
  // How much is read of a file that is too long must not depend on what was parsed before.
  const { tree, tokens, parsed } = again && again.tokens <= mostTokens ? again : whole(text);
  parses?.set(path, { text, tree, tokens });
  onWork?.({ kind: "parse", path, statements: parsed });
  return tree;
}

interface Again {
  readonly tree: Module;
  readonly tokens: number;
  /** Statements of the outermost block. */
  readonly parsed: number;
}

function whole(text: string): Again {
  const { body, problems, tokens } = parseLines(text, textStart(text));
  return { tree: { body, problems }, tokens, parsed: body.length };
}

/**
 * The tree of an edited text: statements before and after the edit as they were. What was
 * wrong is parsed again, since complaints depend on one another.
 */
function between({ text: before, tree, tokens }: Parsed, text: string): Again {
  const { body, problems } = tree;
  const same = commonStart(before, text);
  const tail = commonEnd(before, text, same);
  const firstProblem = problems.reduce((least, { statement }) => Math.min(least, statement), before.length);
  const cut = body.findLast(
    (one) => one.start < firstProblem && isOutermost(before, one) && lineEnd(before, one.start) < same,
  );
  const from = cut?.start ?? textStart(text);
  // What breaks off in the middle is there twice: what was read of it, and what was not.
  const first = cut ? body.findIndex(({ start }) => start === from) : 0;
  const delta = text.length - before.length;
  // A statement that begins a line of what is the same to the end, by its place in the new text.
  const rest = new Map<number, number>();
  const lastProblem = problems.reduce((most, { end }) => Math.max(most, end), -1);
  for (let i = body.length - 1; i >= first; i--) {
    const one = body[i];
    if (!one || one.start <= before.length - tail || one.start <= lastProblem) break;
    if (isOutermost(before, one)) rest.set(one.start + delta, i);
  }
  const read = parseLines(text, from, (start) => rest.has(start));
  const after = read.met === undefined ? body.length : (rest.get(read.met) ?? body.length);
  const replaced = body.slice(first, after).reduce((sum, one) => sum + (tokensOf.get(one) ?? 0), 0);
  const [only, ...others] = read.body;
  if (only && others.length === 0) tokensOf.set(only, read.tokens);
  return {
    tokens: tokens - replaced + read.tokens,
    tree: {
      body: [...body.slice(0, first), ...read.body, ...body.slice(after).map((one) => moved(one, delta))],
      problems: read.problems,
    },
    parsed: read.body.length,
  };
}

/** At the very start of its line: no block around it, no statement before it there. */
function isOutermost(text: string, { start }: Statement): boolean {
  return start === 0 || isLineBreak(text.charCodeAt(start - 1));
}

function lineEnd(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && !isLineBreak(text.charCodeAt(at))) at++;
  return at;
}

function commonStart(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

/** Characters at the ends that are the same, beyond `start`. */
function commonEnd(a: string, b: string, start: number): number {
  const most = Math.min(a.length, b.length) - start;
  let length = 0;
  while (length < most && a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length)) length++;
  return length;
}

const offsets = new Set("start end nameStart nameEnd firstLine lastLineEnd pathStart pathEnd".split(" "));

/** A copy of a part of a tree that stands so many characters later. */
function moved<T>(part: T, by: number): T {
  if (by === 0 || typeof part !== "object" || part === null) return part;
  // SAFETY: a copy of an array of parts, or of a part, has its type.
  if (Array.isArray(part)) return (part as readonly unknown[]).map((one) => moved(one, by)) as T;
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(part) as Iterable<[string, unknown]>)
    copy[name] = typeof value === "number" && offsets.has(name) ? value + by : moved(value, by);
  return copy as T;
}
