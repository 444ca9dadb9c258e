/**
 * Text → syntax tree, by recursive descent. @lezer/python was tried first and
 * reads every file of the corpus, but its tree is not Python's: `not a and b`
 * comes out as `not (a and b)`, `with (a as b, c as d):`, `as self.x`, `@a[0]`
 * and `except*` are errors in it, and the end of a function's source
 * (`inspect.getsource`) needs the tokens that its tree leaves out. This parser is
 * also faster, and loads in a fraction of the time that Lezer's tables take.
 */
import { checkChain, Cursor, Unparsable } from "./cursor.ts";
import {
  parseArguments,
  parseExpressions,
  parseNamed,
  parseParameters,
  parsePrimary,
  parseTargets,
  parseTest,
} from "./parse-expression.ts";
import { lateDeclarations } from "./local-names.ts";
import { parsePattern, takesAll } from "./parse-pattern.ts";
import { columnOf, lineEnd, recover, unclosed } from "./parse-recovery.ts";
import { parseSimple, skipTypeParameters } from "./parse-simple.ts";
import { checkTarget } from "./parse-target.ts";
import type { Argument, Expression, FunctionDefinition, Module, Statement } from "./syntax.ts";
import { Lexer, type Token } from "./tokens.ts";

/** The tree of a file. Never throws; what does not parse is a `broken` statement and a problem. */
export function parseModule(text: string): Module {
  const { body, problems } = parseLines(text, textStart(text));
  return { body, problems };
}

/** After the byte order mark, where there is one. */
export function textStart(text: string): number {
  return text.charCodeAt(0) === 0xfeff ? 1 : 0;
}

/**
 * The statements from a line's start on, to the end of the text or to a statement of the outermost block at
 * which `meets` answers true; `met` is where that is. `tokens`: how many words and signs were read for it.
 */
export function parseLines(
  text: string,
  start: number,
  meets: (start: number) => boolean = () => false,
): Module & { readonly met?: number; readonly tokens: number } {
  const cursor = new Cursor(new Lexer(text, start, text.length, false));
  const parser: Parser = { cursor, problems: [], blamed: [], lastProblemEnd: -1, depth: 0, statement: start };
  const body: Statement[] = [];
  let met: number | undefined;
  while (met === undefined && cursor.peek().kind !== "end") {
    met = parseStatements(parser, body, meets);
    // A dedent that closes nothing, or an indent that nothing opened.
    const { kind } = cursor.peek();
    if (kind === "dedent" || kind === "indent") cursor.next();
  }
  const { stoppedAt } = cursor.lexer;
  if (stoppedAt !== undefined) {
    // Whatever is wrong with the last statement is that.
    while (parser.problems.at(-1)?.statement === parser.statement) parser.problems.pop();
    const message = "the file is too long; it is read up to here";
    parser.problems.push({ message, start: stoppedAt, end: stoppedAt, statement: parser.statement });
  }
  const nothing = text.indexOf("\0", start);
  if (nothing >= 0 && (met === undefined || nothing < met))
    cursor.complain("Python reads no file with a null character", { start: nothing, end: nothing + 1 });
  while (parser.blamed.length < cursor.lexer.complaints.length) parser.blamed.push(start);
  const seen = new Set(parser.problems.map((problem) => problem.start));
  for (const [i, complaint] of cursor.lexer.complaints.entries()) {
    if (!seen.has(complaint.start))
      parser.problems.push({ ...complaint, statement: parser.blamed[i] ?? parser.statement });
    seen.add(complaint.start);
  }
  return { body, problems: parser.problems, tokens: cursor.tokensRead, ...(met !== undefined && { met }) };
}

interface Parser {
  readonly cursor: Cursor;
  readonly problems: Module["problems"][number][];
  /** For each of the lexer's complaints the statement that it came up in. */
  readonly blamed: number[];
  lastProblemEnd: number;
  depth: number;
  /** Where the statement of the outermost block begins that is being read. */
  statement: number;
}

/** CPython refuses 100 levels of indentation. */
const deepestBlock = 100;

/** Statements up to a dedent, the end, or, of the outermost block, the start of one that `meets` wants: that is answered. */
function parseStatements(parser: Parser, into: Statement[], meets?: (start: number) => boolean): number | undefined {
  const { cursor } = parser;
  for (;;) {
    cursor.forget();
    const token = cursor.peek();
    if (token.kind === "end" || token.kind === "dedent") return undefined;
    if (token.kind === "newline") {
      cursor.next();
      continue;
    }
    if (token.kind === "indent") {
      report(parser, new Unparsable("unexpected indent", token.start, token.start + 1));
      cursor.next();
      // What it stood in was not read: it may have been anything.
      cursor.within({ scope: "async function", loops: 1 }, () => parseStatements(parser, into));
      if (cursor.peek().kind === "dedent") cursor.next();
      continue;
    }
    const { start } = token;
    if (meets?.(start)) return start;
    if (meets) parser.statement = start;
    const { depth } = parser;
    try {
      parseStatement(parser, into);
    } catch (problem) {
      parser.depth = depth;
      if (!(problem instanceof Unparsable)) throw problem;
      const found = unclosed(cursor, start, problem) ?? problem;
      report(parser, found);
      into.push(recover(cursor, start, problem));
    }
    while (parser.blamed.length < cursor.lexer.complaints.length) parser.blamed.push(parser.statement);
  }
}

/** One problem for a run of lines that all follow from it. */
function report(parser: Parser, problem: Unparsable): void {
  const { text } = parser.cursor.lexer;
  const between = parser.lastProblemEnd < 0 ? undefined : text.slice(parser.lastProblemEnd, problem.start);
  parser.lastProblemEnd = Math.max(parser.lastProblemEnd, problem.end);
  if (between !== undefined && between.split("\n").length <= 2 && problem.message === "unexpected indent") return;
  parser.problems.push({
    message: problem.message,
    start: problem.start,
    end: Math.max(problem.end, problem.start + 1),
    statement: parser.statement,
  });
}

function parseStatement(parser: Parser, into: Statement[]): void {
  const { cursor } = parser;
  const compound = parseCompound(parser);
  if (compound !== undefined) {
    into.push(compound);
    return;
  }
  for (;;) {
    into.push(parseSimple(cursor));
    if (!cursor.take(";")) break;
    if (cursor.peek().kind === "newline" || cursor.peek().kind === "end") break;
  }
  const token = cursor.peek();
  if (token.kind === "newline") cursor.next();
  else if (token.kind !== "end") throw cursor.unexpected("expected the end of the statement");
}

function parseCompound(parser: Parser): Statement | undefined {
  const { cursor } = parser;
  const token = cursor.peek();
  if (token.kind !== "name" && token.text !== "@") return undefined;
  const { start } = token;
  switch (token.text) {
    case "if":
      return parseIf(parser);
    case "while": {
      cursor.next();
      const test = parseNamed(cursor);
      const body = parseLoop(parser);
      return { kind: "while", test, body, otherwise: parseElse(parser), start, end: cursor.lastEnd };
    }
    case "for":
      return parseFor(parser, start);
    case "try":
      return parseTry(parser);
    case "with":
      return parseWith(parser, start);
    case "def":
      return parseFunction(parser, start, [], false);
    case "class":
      return parseClass(parser, start, []);
    case "@":
      return parseDecorated(parser);
    case "async": {
      const { text } = cursor.peek(1);
      if (text !== "def" && text !== "for" && text !== "with") return undefined;
      cursor.next();
      if (text === "def") return parseFunction(parser, start, [], true);
      return text === "for" ? parseFor(parser, start) : parseWith(parser, start);
    }
    case "match":
      return parseMatch(parser);
    default:
      return undefined;
  }
}

function parseBlock(parser: Parser): Statement[] {
  const { cursor } = parser;
  cursor.expect(":");
  const body: Statement[] = [];
  if (cursor.peek().kind !== "newline") {
    if (cursor.peek().kind === "end") throw cursor.unexpected("expected a statement");
    parseStatement(parser, body);
    return body;
  }
  cursor.next();
  if (cursor.peek().kind !== "indent") {
    // Half-typed: the block is still to be written. What follows stands by itself.
    const { start } = cursor.peek();
    report(
      parser,
      new Unparsable("expected an indented block", Math.max(0, cursor.lastEnd - 1), Math.min(start, cursor.lastEnd)),
    );
    return body;
  }
  if (++parser.depth > deepestBlock) throw cursor.unexpected("too many levels of indentation");
  cursor.next();
  parseStatements(parser, body);
  if (cursor.peek().kind === "dedent") cursor.next();
  parser.depth--;
  return body;
}

function parseLoop(parser: Parser): Statement[] {
  const { scope, loops } = parser.cursor.around;
  return parser.cursor.within({ scope, loops: loops + 1 }, () => parseBlock(parser));
}

function parseElse(parser: Parser): Statement[] {
  return parser.cursor.take("else") ? parseBlock(parser) : [];
}

function parseIf(parser: Parser, links = 0): Statement {
  const { cursor } = parser;
  checkChain(links, cursor.peek());
  const { start } = cursor.next();
  const test = parseNamed(cursor);
  const body = parseBlock(parser);
  const otherwise = cursor.at("elif") ? [parseIf(parser, links + 1)] : parseElse(parser);
  return { kind: "if", test, body, otherwise, start, end: cursor.lastEnd };
}

function parseFor(parser: Parser, start: number): Statement {
  const { cursor } = parser;
  cursor.expect("for");
  const target = parseTargets(cursor);
  checkTarget(cursor, target);
  cursor.expect("in");
  const iterable = parseExpressions(cursor);
  const body = parseLoop(parser);
  return { kind: "for", target, iterable, body, otherwise: parseElse(parser), start, end: cursor.lastEnd };
}

function parseTry(parser: Parser): Statement {
  const { cursor } = parser;
  const { start } = cursor.next();
  const body = parseBlock(parser);
  let all: Token | undefined;
  const handlers: { type?: Expression; name?: string; body: Statement[] }[] = [];
  while (cursor.at("except")) {
    const word = cursor.next();
    cursor.take("*");
    const type = cursor.at(":") ? undefined : parseExpressions(cursor);
    if (all) cursor.complain("an except for everything is the last", all);
    all ??= type === undefined ? word : undefined;
    const name = cursor.take("as") ? cursor.identifier().text : undefined;
    handlers.push({ ...(type && { type }), ...(name && { name }), body: parseBlock(parser) });
  }
  const otherwise = parseElse(parser);
  const last = cursor.take("finally");
  if (handlers.length === 0 && !last) cursor.complain("a try needs an except or a finally", { start, end: start + 3 });
  const final = last ? parseBlock(parser) : [];
  return { kind: "try", body, handlers, otherwise, final, start, end: cursor.lastEnd };
}

type WithItem = { context: Expression; target?: Expression };

function parseWith(parser: Parser, start: number): Statement {
  const { cursor } = parser;
  cursor.expect("with");
  const items = parseBracketedItems(cursor) ?? parseItems(cursor, ":");
  for (const { target } of items) if (target) checkTarget(cursor, target);
  const body = parseBlock(parser);
  return { kind: "with", items, body, start, end: cursor.lastEnd };
}

function parseItems(cursor: Cursor, close: string): WithItem[] {
  const items: WithItem[] = [];
  do {
    if (cursor.at(close)) break;
    const context = parseTest(cursor);
    items.push(cursor.take("as") ? { context, target: parsePrimary(cursor) } : { context });
  } while (cursor.take(","));
  return items;
}

/** `with (a as b, c as d):`; undefined where the bracket begins an expression. */
function parseBracketedItems(cursor: Cursor): WithItem[] | undefined {
  if (!cursor.at("(")) return undefined;
  const mark = cursor.mark();
  try {
    cursor.next();
    const items = parseItems(cursor, ")");
    if (cursor.take(")") && cursor.at(":") && items.length > 0) return items;
  } catch (problem) {
    if (!(problem instanceof Unparsable)) throw problem;
  }
  cursor.rewind(mark);
  return undefined;
}

function parseDecorated(parser: Parser): Statement {
  const { cursor } = parser;
  const { start } = cursor.peek();
  const decorators: Expression[] = [];
  while (cursor.take("@")) {
    decorators.push(parseNamed(cursor));
    if (cursor.peek().kind !== "newline") throw cursor.unexpected("expected the end of the decorator");
    cursor.next();
  }
  if (cursor.at("class")) return parseClass(parser, start, decorators);
  const async = cursor.take("async");
  if (!cursor.at("def")) throw cursor.unexpected('expected "def" or "class" after a decorator');
  return parseFunction(parser, start, decorators, async);
}

function parseFunction(parser: Parser, start: number, decorators: Expression[], async: boolean): FunctionDefinition {
  const { cursor } = parser;
  cursor.expect("def");
  const name = cursor.identifier();
  skipTypeParameters(cursor);
  cursor.expect("(");
  const parameters = parseParameters(cursor, ")", true);
  cursor.expect(")");
  const returns = cursor.take("->") ? parseExpressions(cursor) : undefined;
  const { yields, declarations } = cursor;
  const body = cursor.within({ scope: async ? "async function" : "function", loops: 0 }, () => parseBlock(parser));
  const generator = cursor.yields > yields;
  cursor.yields = yields;
  if (cursor.declarations > declarations)
    lateDeclarations({ parameters, body }, (message, at) => cursor.complain(message, at));
  const bodyEnd = Math.max(name.end, body.at(-1)?.end ?? 0);
  const { text } = cursor.lexer;
  return {
    kind: "function",
    name: name.text,
    nameStart: name.start,
    parameters,
    ...(returns && { returns }),
    body,
    decorators,
    async,
    generator,
    firstLine: start - columnOf(text, start),
    lastLineEnd: sourceEnd(cursor, body, lineEnd(text, bodyEnd)),
    start,
    end: bodyEnd,
  };
}

/** Where `inspect.getsource` ends: comments after the body that stand at its column or deeper belong to it. */
function sourceEnd(cursor: Cursor, body: readonly Statement[], end: number): number {
  const { text, comments } = cursor.lexer;
  const first = body[0];
  if (first === undefined) return end;
  const column = columnOf(text, first.start);
  // A body on the line of its `def` has no column of its own.
  if (text.slice(first.start - column, first.start).trim() !== "") return end;
  // What follows has been read only as far as the next token, so the comments kept are those before it.
  let last = end;
  for (let i = comments.length - 1; i >= 0; i--) {
    const comment = comments[i];
    if (comment === undefined || comment.start < end) break;
    if (comment.column >= column) {
      last = Math.max(last, lineEnd(text, comment.start));
    }
  }
  return last;
}

function parseClass(parser: Parser, start: number, decorators: Expression[]): Statement {
  const { cursor } = parser;
  cursor.expect("class");
  const name = cursor.identifier();
  skipTypeParameters(cursor);
  const list: Argument[] = cursor.take("(") ? parseArguments(cursor) : [];
  const body = cursor.within({ scope: "class", loops: 0 }, () => parseBlock(parser));
  const end = Math.max(name.end, body.at(-1)?.end ?? 0);
  const { text } = cursor.lexer;
  return {
    kind: "class",
    name: name.text,
    nameStart: name.start,
    arguments: list,
    body,
    decorators,
    firstLine: start - columnOf(text, start),
    lastLineEnd: sourceEnd(cursor, body, lineEnd(text, end)),
    start,
    end,
  };
}

function parseMatch(parser: Parser): Statement | undefined {
  const { cursor } = parser;
  const { start } = cursor.peek();
  const mark = cursor.mark();
  // `match` is a name like any other unless a subject, a colon and a block follow.
  try {
    cursor.next();
    const subject = parseExpressions(cursor);
    if (
      cursor.at(":") &&
      cursor.peek(1).kind === "newline" &&
      cursor.peek(2).kind === "indent" &&
      cursor.peek(3).text === "case"
    ) {
      for (let i = 0; i < 3; i++) cursor.next();
      return parseCases(parser, subject, start);
    }
  } catch (problem) {
    if (!(problem instanceof Unparsable)) throw problem;
    if (cursor.mark() > mark + 3 && cursor.at("case")) throw problem;
  }
  cursor.rewind(mark);
  return undefined;
}

function parseCases(parser: Parser, subject: Expression, start: number): Statement {
  const { cursor } = parser;
  const cases: Extract<Statement, { kind: "match" }>["cases"][number][] = [];
  while (cursor.at("case")) {
    const word = cursor.next();
    const pattern = parsePattern(cursor);
    const guard = cursor.take("if") ? parseNamed(cursor) : undefined;
    cases.push({ pattern, ...(guard && { guard }), body: parseBlock(parser) });
    if (cursor.at("case") && !guard && takesAll(pattern))
      cursor.complain("a case that takes everything is the last", word);
  }
  if (cursor.peek().kind === "dedent") cursor.next();
  return { kind: "match", subject, cases, start, end: cursor.lastEnd };
}
