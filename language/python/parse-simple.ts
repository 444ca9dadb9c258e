/** Statements of one line. */
import type { Cursor } from "./cursor.ts";
import { parseExpressions, parseTargets, parseTest, parseYield } from "./parse-expression.ts";
import { checkDeleted, checkSingleTarget, checkTarget } from "./parse-target.ts";
import type { BinaryOperator, Expression, ImportFromStatement, Statement } from "./syntax.ts";

export function parseSimple(cursor: Cursor): Statement {
  const token = cursor.peek();
  const { start } = token;
  if (token.kind === "name") {
    const statement = parseKeyword(cursor, token.text, start);
    if (statement !== undefined) return statement;
  }
  const first = parseExpressions(cursor);
  if (first.kind === "named" && cursor.lexer.text.charAt(first.start) !== "(")
    cursor.complain("a := that stands alone needs brackets", first);
  if (cursor.at("=")) return parseAssignment(cursor, first);
  if (cursor.take(":")) {
    checkSingleTarget(cursor, first);
    const annotation = parseTest(cursor);
    const value = cursor.take("=") ? parseValue(cursor) : undefined;
    return { kind: "annotated", target: first, annotation, ...(value && { value }), start, end: cursor.lastEnd };
  }
  const sign = cursor.peek();
  if (sign.kind === "operator" && /^(?:[-+*/%&|^@]|\*\*|\/\/|<<|>>)=$/.test(sign.text)) {
    cursor.next();
    checkSingleTarget(cursor, first);
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
  for (const target of targets) checkTarget(cursor, target);
  return { kind: "assign", targets, value, start: first.start, end: value.end };
}

function parseKeyword(cursor: Cursor, word: string, start: number): Statement | undefined {
  switch (word) {
    case "pass":
    case "break":
    case "continue":
      if (word !== "pass" && cursor.around.loops === 0)
        cursor.complain(`${word} stands outside of a loop`, cursor.peek());
      cursor.next();
      return { kind: word, start, end: cursor.lastEnd };
    case "return": {
      if (isOutside(cursor)) cursor.complain("return stands outside of a function", cursor.peek());
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
      checkDeleted(cursor, targets);
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
      cursor.declarations++;
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

function isOutside({ around: { scope } }: Cursor): boolean {
  return scope === "module" || scope === "class";
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
  if (cursor.at("*")) {
    if (cursor.around.scope !== "module")
      cursor.complain("everything is imported at the outermost only", cursor.peek());
    cursor.next();
  } else {
    const bracket = cursor.take("(");
    if (bracket && cursor.at(")")) cursor.complain("nothing is imported here", cursor.peek());
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

/** `[T, *Ts]` after the name of a function, a class or a type: nothing here depends on it. */
export function skipTypeParameters(cursor: Cursor): void {
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
