/**
 * Text → syntax tree, by recursive descent. @lezer/python was tried first and
 * reads every file of the corpus, but its tree is not Python's: `not a and b`
 * comes out as `not (a and b)`, `with (a as b, c as d):`, `as self.x`, `@a[0]`
 * and `except*` are errors in it, and the end of a function's source
 * (`inspect.getsource`) needs the tokens that its tree leaves out. This parser is
 * also faster, and loads in a fraction of the time that Lezer's tables take.
 */
import {
  checkChain,
  Cursor,
  parseArguments,
  parseExpressions,
  parseNamed,
  parseParameters,
  parsePrimary,
  parseTargets,
  parseTest,
  parseYield,
  Unparsable,
} from "./parse-expression.ts";
import { parsePattern } from "./parse-pattern.ts";
import type {
  Argument,
  BinaryOperator,
  Expression,
  FunctionDefinition,
  ImportFromStatement,
  Module,
  Statement,
} from "./syntax.ts";
import { isLineBreak, Lexer } from "./tokens.ts";

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
 * which `meets` answers true; `met` is where that is.
 */
export function parseLines(
  text: string,
  start: number,
  meets: (start: number) => boolean = () => false,
): Module & { readonly met?: number } {
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
  const seen = new Set(parser.problems.map((problem) => problem.start));
  for (const [i, complaint] of cursor.lexer.complaints.entries()) {
    if (!seen.has(complaint.start))
      parser.problems.push({ ...complaint, statement: parser.blamed[i] ?? parser.statement });
    seen.add(complaint.start);
  }
  return { body, problems: parser.problems, ...(met !== undefined && { met }) };
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
      parseStatements(parser, into);
      if (cursor.peek().kind === "dedent") cursor.next();
      continue;
    }
    const { start } = token;
    if (meets?.(start)) return start;
    if (meets) parser.statement = start;
    const { depth } = parser;
    const { functions } = cursor;
    try {
      parseStatement(parser, into);
    } catch (problem) {
      parser.depth = depth;
      cursor.functions = functions;
      if (!(problem instanceof Unparsable)) throw problem;
      const found = unclosed(parser, start, problem) ?? problem;
      report(parser, found);
      into.push(recover(parser, start, problem));
    }
    while (parser.blamed.length < cursor.lexer.complaints.length) parser.blamed.push(parser.statement);
  }
}

/** Where the next statement has begun inside of a bracket, the bracket is what is wrong. */
function unclosed({ cursor }: Parser, start: number, problem: Unparsable): Unparsable | undefined {
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

/**
 * Skips what did not parse: to the end of its line, or, with a bracket open, to
 * the next line that is indented no deeper than the statement.
 */
function recover(parser: Parser, start: number, problem: Unparsable): Statement {
  const { cursor } = parser;
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

function columnOf(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && !isLineBreak(text.charCodeAt(at - 1))) at--;
  return offset - at;
}

/** After the line break that ends the line of `offset`. */
function lineEnd(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && !isLineBreak(text.charCodeAt(at))) at++;
  if (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10) at++;
  return Math.min(at + 1, text.length);
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
      const body = parseBlock(parser);
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
  cursor.expect("in");
  const iterable = parseExpressions(cursor);
  const body = parseBlock(parser);
  return { kind: "for", target, iterable, body, otherwise: parseElse(parser), start, end: cursor.lastEnd };
}

function parseTry(parser: Parser): Statement {
  const { cursor } = parser;
  const { start } = cursor.next();
  const body = parseBlock(parser);
  const handlers: { type?: Expression; name?: string; body: Statement[] }[] = [];
  while (cursor.take("except")) {
    cursor.take("*");
    const type = cursor.at(":") ? undefined : parseExpressions(cursor);
    const name = cursor.take("as") ? cursor.identifier().text : undefined;
    handlers.push({ ...(type && { type }), ...(name && { name }), body: parseBlock(parser) });
  }
  const otherwise = parseElse(parser);
  const final = cursor.take("finally") ? parseBlock(parser) : [];
  return { kind: "try", body, handlers, otherwise, final, start, end: cursor.lastEnd };
}

type WithItem = { context: Expression; target?: Expression };

function parseWith(parser: Parser, start: number): Statement {
  const { cursor } = parser;
  cursor.expect("with");
  const items = parseBracketedItems(cursor) ?? parseItems(cursor, ":");
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
  const { yields } = cursor;
  cursor.functions++;
  const body = parseBlock(parser);
  cursor.functions--;
  const generator = cursor.yields > yields;
  cursor.yields = yields;
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

function skipTypeParameters(cursor: Cursor): void {
  if (!cursor.take("[")) return;
  let open = 1;
  while (open > 0) {
    const token = cursor.peek();
    if (token.kind === "end" || token.kind === "newline") throw cursor.unexpected('expected "]"');
    cursor.next();
    if (token.text === "[") open++;
    else if (token.text === "]") open--;
  }
}

function parseClass(parser: Parser, start: number, decorators: Expression[]): Statement {
  const { cursor } = parser;
  cursor.expect("class");
  const name = cursor.identifier();
  skipTypeParameters(cursor);
  const list: Argument[] = cursor.take("(") ? parseArguments(cursor) : [];
  const body = parseBlock(parser);
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
  while (cursor.take("case")) {
    const pattern = parsePattern(cursor);
    const guard = cursor.take("if") ? parseNamed(cursor) : undefined;
    cases.push({ pattern, ...(guard && { guard }), body: parseBlock(parser) });
  }
  if (cursor.peek().kind === "dedent") cursor.next();
  return { kind: "match", subject, cases, start, end: cursor.lastEnd };
}

function parseSimple(cursor: Cursor): Statement {
  const token = cursor.peek();
  const { start } = token;
  if (token.kind === "name") {
    const statement = parseKeyword(cursor, token.text, start);
    if (statement !== undefined) return statement;
  }
  const first = parseExpressions(cursor);
  if (cursor.at("=")) return parseAssignment(cursor, first);
  if (cursor.take(":")) {
    const annotation = parseTest(cursor);
    const value = cursor.take("=") ? parseValue(cursor) : undefined;
    return { kind: "annotated", target: first, annotation, ...(value && { value }), start, end: cursor.lastEnd };
  }
  const sign = cursor.peek();
  if (sign.kind === "operator" && /^(?:[-+*/%&|^@]|\*\*|\/\/|<<|>>)=$/.test(sign.text)) {
    cursor.next();
    const value = parseValue(cursor);
    // SAFETY: the pattern holds nothing but operators and their `=`.
    const operator = sign.text.slice(0, -1) as BinaryOperator;
    return { kind: "augmented", target: first, operator, value, start, end: value.end };
  }
  return { kind: "expression", value: first, start, end: first.end };
}

function parseValue(cursor: Cursor): Expression {
  return cursor.at("yield") ? parseYield(cursor) : parseExpressions(cursor);
}

function parseAssignment(cursor: Cursor, first: Expression): Statement {
  const targets = [first];
  let value = first;
  while (cursor.take("=")) {
    value = parseValue(cursor);
    if (cursor.at("=")) targets.push(value);
  }
  for (const target of targets) {
    if (target.kind === "call" || target.kind === "constant" || target.kind === "compare" || target.kind === "binary") {
      throw new Unparsable("cannot assign to this expression", target.start, target.end);
    }
  }
  return { kind: "assign", targets, value, start: first.start, end: value.end };
}

function parseKeyword(cursor: Cursor, word: string, start: number): Statement | undefined {
  switch (word) {
    case "pass":
    case "break":
    case "continue":
      cursor.next();
      return { kind: word, start, end: cursor.lastEnd };
    case "return": {
      if (cursor.functions === 0)
        cursor.lexer.complaints.push({ message: "return stands outside of a function", start, end: start + 6 });
      cursor.next();
      const token = cursor.peek();
      if (token.kind === "newline" || token.kind === "end" || token.text === ";")
        return { kind: "return", start, end: cursor.lastEnd };
      const value = parseExpressions(cursor);
      return { kind: "return", value, start, end: value.end };
    }
    case "raise": {
      cursor.next();
      const token = cursor.peek();
      if (token.kind === "newline" || token.kind === "end" || token.text === ";")
        return { kind: "raise", start, end: cursor.lastEnd };
      const exception = parseTest(cursor);
      const cause = cursor.take("from") ? parseTest(cursor) : undefined;
      return { kind: "raise", exception, ...(cause && { cause }), start, end: cursor.lastEnd };
    }
    case "assert": {
      cursor.next();
      const test = parseTest(cursor);
      const message = cursor.take(",") ? parseTest(cursor) : undefined;
      return { kind: "assert", test, ...(message && { message }), start, end: cursor.lastEnd };
    }
    case "del": {
      cursor.next();
      const targets = parseTargets(cursor);
      return {
        kind: "delete",
        targets: targets.kind === "tuple" ? targets.elements : [targets],
        start,
        end: targets.end,
      };
    }
    case "global":
    case "nonlocal": {
      cursor.next();
      const names = [cursor.identifier().text];
      while (cursor.take(",")) names.push(cursor.identifier().text);
      return { kind: word, names, start, end: cursor.lastEnd };
    }
    case "import":
      return parseImport(cursor);
    case "from":
      return parseImportFrom(cursor);
    case "yield": {
      const value = parseYield(cursor);
      return { kind: "expression", value, start, end: value.end };
    }
    case "type": {
      // `type X = …` (3.12) is an assignment here; `type` is a name otherwise.
      if (cursor.peek(1).kind !== "name" || !/^[=[]$/.test(cursor.peek(2).text)) return undefined;
      cursor.next();
      const name = cursor.identifier();
      skipTypeParameters(cursor);
      cursor.expect("=");
      const value = parseTest(cursor);
      return {
        kind: "assign",
        targets: [{ kind: "name", id: name.text, start: name.start, end: name.end }],
        value,
        start,
        end: value.end,
      };
    }
    default:
      return undefined;
  }
}

function parseDotted(cursor: Cursor): string[] {
  const path = [cursor.identifier().text];
  while (cursor.take(".")) path.push(cursor.identifier().text);
  return path;
}

function parseImport(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const names: Extract<Statement, { kind: "import" }>["names"][number][] = [];
  do {
    const { start: from } = cursor.peek();
    const path = parseDotted(cursor);
    const { lastEnd: end } = cursor;
    const as = cursor.take("as") ? cursor.identifier().text : undefined;
    names.push({ path, ...(as !== undefined && { as }), start: from, end });
  } while (cursor.take(","));
  return { kind: "import", names, start, end: cursor.lastEnd };
}

function parseImportFrom(cursor: Cursor): ImportFromStatement {
  const { start } = cursor.next();
  const { start: pathStart } = cursor.peek();
  let level = 0;
  for (;;) {
    if (cursor.take(".")) level++;
    else if (cursor.take("...")) level += 3;
    else break;
  }
  const path = level > 0 && cursor.at("import") ? [] : parseDotted(cursor);
  const pathEnd = cursor.lastEnd;
  cursor.expect("import");
  const names: ImportFromStatement["names"][number][] = [];
  if (!cursor.take("*")) {
    const bracket = cursor.take("(");
    do {
      if (bracket && cursor.at(")")) break;
      const name = cursor.identifier();
      const as = cursor.take("as") ? cursor.identifier().text : undefined;
      names.push({ name: name.text, ...(as !== undefined && { as }), start: name.start, end: name.end });
    } while (cursor.take(","));
    if (bracket) cursor.expect(")");
  }
  return { kind: "import-from", level, path, pathStart, pathEnd, names, start, end: cursor.lastEnd };
}
