import { checkChain, type Cursor, keywords } from "./cursor.ts";
import { numberValue } from "./literals.ts";
import { parseStrings } from "./parse-string.ts";
import { checkTarget } from "./parse-target.ts";
import type { Argument, BinaryOperator, CompareOperator, Comprehension, Expression, Parameter } from "./syntax.ts";
import type { Token } from "./tokens.ts";

/** `a, *b, c`: a tuple where there is a comma. */
export function parseExpressions(cursor: Cursor): Expression {
  const first = parseStarredOrNamed(cursor);
  if (!cursor.at(",")) return first;
  const elements = [first];
  while (cursor.take(",")) {
    if (endsExpressions(cursor)) break;
    elements.push(parseStarredOrNamed(cursor));
  }
  return { kind: "tuple", elements, start: first.start, end: cursor.lastEnd };
}

function endsExpressions(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token.kind === "newline" || token.kind === "end") return true;
  if (token.kind === "operator") return /^(?:[)\]}:;=!]|[-+*/%&|^@<>]+=)$/.test(token.text);
  return token.kind === "name" && token.text === "in";
}

export function parseStarredOrNamed(cursor: Cursor): Expression {
  const star = cursor.peek();
  if (cursor.take("*")) {
    const value = parseBitOr(cursor);
    return { kind: "starred", value, start: star.start, end: value.end };
  }
  return parseNamed(cursor);
}

export function parseNamed(cursor: Cursor): Expression {
  const token = cursor.peek();
  if (token.kind === "name" && cursor.peek(1).text === ":=" && !keywords.has(token.text)) {
    cursor.next();
    cursor.next();
    const value = parseTest(cursor);
    const target = { kind: "name", id: token.text, start: token.start, end: token.end } as const;
    return { kind: "named", target, value, start: token.start, end: value.end };
  }
  return parseTest(cursor);
}

export function parseTest(cursor: Cursor): Expression {
  return cursor.nested(() => {
    if (cursor.at("lambda")) return parseLambda(cursor);
    const then = parseOr(cursor);
    if (!cursor.take("if")) return then;
    const test = parseOr(cursor);
    cursor.expect("else");
    const otherwise = parseTest(cursor);
    return { kind: "conditional", test, then, otherwise, start: then.start, end: otherwise.end };
  });
}

function parseLambda(cursor: Cursor): Expression {
  const { start } = cursor.next();
  const parameters = parseParameters(cursor, ":", false);
  cursor.expect(":");
  const { yields } = cursor;
  const body = cursor.within({ scope: "function", loops: 0 }, () => parseTest(cursor));
  cursor.yields = yields;
  return { kind: "lambda", parameters, body, start, end: body.end };
}

/** Parameters up to `close`, which stays unread. */
export function parseParameters(cursor: Cursor, close: string, annotated: boolean): Parameter[] {
  const parameters: Parameter[] = [];
  let keywordOnly = false;
  let bare: Token | undefined;
  while (!cursor.at(close)) {
    const token = cursor.peek();
    const { start } = token;
    const wrong = misplaced(token, parameters, keywordOnly);
    if (wrong !== undefined) cursor.complain(wrong, token);
    if (cursor.take("/")) {
      for (const [i, earlier] of parameters.entries()) parameters[i] = { ...earlier, form: "positional" };
    } else if (cursor.at("*") && /^[,)]$|^:$/.test(cursor.peek(1).text)) {
      bare = cursor.next();
      keywordOnly = true;
    } else {
      let form: Parameter["form"] = keywordOnly ? "keyword" : "regular";
      if (cursor.take("**")) form = "kwargs";
      else if (cursor.take("*")) {
        form = "args";
        keywordOnly = true;
      }
      const name = cursor.identifier();
      if (parameters.some((earlier) => earlier.name === name.text))
        cursor.complain(`two parameters are called "${name.text}"`, name);
      const annotation = annotated && cursor.take(":") ? parseStarredOrNamed(cursor) : undefined;
      const defaultValue = cursor.take("=") ? parseTest(cursor) : undefined;
      if (form === "regular" && !defaultValue && parameters.some((earlier) => earlier.defaultValue))
        cursor.complain("a parameter without a default follows one with a default", name);
      parameters.push({
        name: name.text,
        nameEnd: name.end,
        form,
        ...(annotation && { annotation }),
        ...(defaultValue && { defaultValue }),
        start: form === "args" || form === "kwargs" ? start : name.start,
        end: cursor.lastEnd,
      });
    }
    if (!cursor.take(",")) break;
  }
  if (bare && parameters.every(({ form }) => form !== "keyword")) cursor.complain("no name follows the *", bare);
  return parameters;
}

function misplaced({ text }: Token, before: readonly Parameter[], keywordOnly: boolean): string | undefined {
  if (before.at(-1)?.form === "kwargs") return "nothing follows a ** parameter";
  if (text === "*" && keywordOnly) return "there is one * only";
  if (text !== "/") return undefined;
  if (keywordOnly) return "the / stands before the *";
  if (before.length === 0) return "a name stands before the /";
  return before.some(({ form }) => form === "positional") ? "there is one / only" : undefined;
}

function parseOr(cursor: Cursor): Expression {
  return parseBoolean(cursor, "or", () => parseBoolean(cursor, "and", () => parseNot(cursor)));
}

function parseBoolean(cursor: Cursor, operator: "and" | "or", parse: () => Expression): Expression {
  const first = parse();
  if (!cursor.at(operator)) return first;
  const operands = [first];
  while (cursor.take(operator)) operands.push(parse());
  return { kind: "boolean", operator, operands, start: first.start, end: cursor.lastEnd };
}

function parseNot(cursor: Cursor): Expression {
  const { start } = cursor.peek();
  if (!cursor.take("not")) return parseComparison(cursor);
  const operand = cursor.nested(() => parseNot(cursor));
  return { kind: "unary", operator: "not", operand, start, end: operand.end };
}

const comparisons: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">=", "in"]);

function comparisonOperator(cursor: Cursor): CompareOperator | undefined {
  const { text, kind } = cursor.peek();
  if (kind !== "operator" && kind !== "name") return undefined;
  if (comparisons.has(text)) {
    cursor.next();
    // SAFETY: the set holds nothing but operators.
    return text as CompareOperator;
  }
  if (text === "not" && cursor.peek(1).text === "in") {
    cursor.next();
    cursor.next();
    return "not in";
  }
  if (!cursor.take("is")) return undefined;
  return cursor.take("not") ? "is not" : "is";
}

function parseComparison(cursor: Cursor): Expression {
  const left = parseBitOr(cursor);
  const rest: { operator: CompareOperator; right: Expression }[] = [];
  for (;;) {
    const operator = comparisonOperator(cursor);
    if (operator === undefined) break;
    rest.push({ operator, right: parseBitOr(cursor) });
  }
  return rest.length === 0 ? left : { kind: "compare", left, rest, start: left.start, end: cursor.lastEnd };
}

/** What binds tighter than `|`, which means something else in a pattern. */
export function parseSum(cursor: Cursor): Expression {
  return parseBinary(cursor, 4);
}

/** Loosest first. */
const binaryLevels: readonly ReadonlySet<string>[] = [
  new Set(["|"]),
  new Set(["^"]),
  new Set(["&"]),
  new Set(["<<", ">>"]),
  new Set(["+", "-"]),
  new Set(["*", "/", "//", "%", "@"]),
];

export function parseBitOr(cursor: Cursor): Expression {
  return parseBinary(cursor, 0);
}

function parseBinary(cursor: Cursor, level: number): Expression {
  const operators = binaryLevels[level];
  if (operators === undefined) return parseUnary(cursor);
  let left = parseBinary(cursor, level + 1);
  for (let links = 0; ; links++) {
    const token = cursor.peek();
    if (token.kind !== "operator" || !operators.has(token.text)) return left;
    checkChain(links, token);
    cursor.next();
    const right = parseBinary(cursor, level + 1);
    // SAFETY: the levels hold nothing but operators.
    const operator = token.text as BinaryOperator;
    left = { kind: "binary", operator, left, right, start: left.start, end: right.end };
  }
}

function parseUnary(cursor: Cursor): Expression {
  const token = cursor.peek();
  if (token.kind === "operator" && (token.text === "-" || token.text === "+" || token.text === "~")) {
    cursor.next();
    const operand = cursor.nested(() => parseUnary(cursor));
    return { kind: "unary", operator: token.text, operand, start: token.start, end: operand.end };
  }
  const base = parseAwait(cursor);
  if (!cursor.take("**")) return base;
  const right = cursor.nested(() => parseUnary(cursor));
  return { kind: "binary", operator: "**", left: base, right, start: base.start, end: right.end };
}

function parseAwait(cursor: Cursor): Expression {
  const { start } = cursor.peek();
  if (!cursor.at("await")) return parsePrimary(cursor);
  const word = cursor.next();
  // Notebooks wait at the outermost.
  if (cursor.around.scope === "function") cursor.complain("await stands outside of an async function", word);
  const value = parsePrimary(cursor);
  return { kind: "await", value, start, end: value.end };
}

export function parsePrimary(cursor: Cursor): Expression {
  let object = parseAtom(cursor);
  for (let links = 0; ; links++) {
    checkChain(links, cursor.peek());
    if (cursor.take(".")) {
      const name = cursor.peek();
      if (name.kind !== "name") throw cursor.unexpected("expected a name after the dot");
      if (keywords.has(name.text)) cursor.complain(`"${name.text}" is a word of the language`, name);
      cursor.next();
      object = { kind: "attribute", object, name: name.text, start: object.start, end: name.end };
    } else if (cursor.at("(")) {
      cursor.next();
      const callee = object;
      const list = cursor.nested(() => parseArguments(cursor));
      object = { kind: "call", callee, arguments: list, start: object.start, end: cursor.lastEnd };
    } else if (cursor.at("[")) {
      cursor.next();
      const index = cursor.nested(() => parseIndex(cursor));
      cursor.expect("]");
      object = { kind: "subscript", object, index, start: object.start, end: cursor.lastEnd };
    } else return object;
  }
}

/** After the `(`, up to and with the `)`. */
export function parseArguments(cursor: Cursor): Argument[] {
  const list: Argument[] = [];
  while (!cursor.at(")")) {
    const token = cursor.peek();
    if (cursor.take("**")) {
      const value = parseTest(cursor);
      list.push({ form: "kwargs", value, start: token.start, end: value.end });
    } else if (cursor.take("*")) {
      if (list.some(({ form }) => form === "kwargs")) cursor.complain("a * follows a **", token);
      const value = parseTest(cursor);
      list.push({ form: "args", value, start: token.start, end: value.end });
    } else if (token.kind === "name" && cursor.peek(1).text === "=" && !keywords.has(token.text)) {
      cursor.next();
      cursor.next();
      if (list.some((one) => one.form === "keyword" && one.name === token.text))
        cursor.complain(`"${token.text}" is given twice`, token);
      const value = parseTest(cursor);
      list.push({ form: "keyword", name: token.text, value, start: token.start, end: value.end });
    } else {
      if (list.some(({ form }) => form === "keyword" || form === "kwargs"))
        cursor.complain("an argument without a name follows one with a name", token);
      const value = parseNamed(cursor);
      const isGenerator = atFor(cursor);
      const generator = isGenerator ? parseComprehension(cursor, "generator", value, undefined, value.start) : value;
      if (isGenerator && (list.length > 0 || (cursor.at(",") && cursor.peek(1).text !== ")")))
        cursor.complain("a generator among other arguments needs brackets", generator);
      list.push({ form: "plain", value: generator, start: value.start, end: generator.end });
    }
    if (!cursor.take(",")) break;
  }
  cursor.expect(")");
  return list;
}

function parseIndex(cursor: Cursor): Expression {
  const first = parseSlice(cursor);
  if (!cursor.at(",")) return first;
  const elements = [first];
  while (cursor.take(",")) {
    if (cursor.at("]")) break;
    elements.push(parseSlice(cursor));
  }
  return { kind: "tuple", elements, start: first.start, end: cursor.lastEnd };
}

function parseSlice(cursor: Cursor): Expression {
  const { start } = cursor.peek();
  const bound = (): Expression | undefined =>
    cursor.at(":") || cursor.at("]") || cursor.at(",") ? undefined : parseStarredOrNamed(cursor);
  const lower = bound();
  if (!cursor.take(":")) {
    if (lower === undefined) throw cursor.unexpected("expected an index");
    return lower;
  }
  const upper = bound();
  const step = cursor.take(":") ? bound() : undefined;
  return {
    kind: "slice",
    ...(lower && { lower }),
    ...(upper && { upper }),
    ...(step && { step }),
    start,
    end: cursor.lastEnd,
  };
}

function parseAtom(cursor: Cursor): Expression {
  const token = cursor.peek();
  switch (token.kind) {
    case "name":
      return parseWord(cursor, token);
    case "number": {
      cursor.next();
      const value = numberValue(token.text);
      if (/^0[\d_]*[1-9][\d_]*$/.test(token.text)) cursor.complain("a whole number begins with no 0", token);
      // Complex numbers mean nothing in a pipeline; they only must not break the file.
      return { kind: "constant", value: value ?? Number.NaN, start: token.start, end: token.end };
    }
    case "string":
      return parseStrings(cursor, (field) => (field.at("yield") ? parseYield(field) : parseExpressions(field)));
    case "operator":
      if (token.text === "(") return cursor.nested(() => parseParenthesis(cursor));
      if (token.text === "[") return cursor.nested(() => parseList(cursor));
      if (token.text === "{") return cursor.nested(() => parseBrace(cursor));
      if (token.text === "...") {
        cursor.next();
        return { kind: "constant", value: { ellipsis: true }, start: token.start, end: token.end };
      }
      break;
    default:
  }
  throw cursor.unexpected("expected an expression");
}

function parseWord(cursor: Cursor, token: Token): Expression {
  const { start, end, text } = token;
  if (!keywords.has(text)) {
    cursor.next();
    return { kind: "name", id: text, start, end };
  }
  if (text === "None" || text === "True" || text === "False") {
    cursor.next();
    return { kind: "constant", value: text === "None" ? null : text === "True", start, end };
  }
  if (text === "yield") return parseYield(cursor);
  if (text === "lambda") return parseLambda(cursor);
  throw cursor.unexpected("expected an expression");
}

export function parseYield(cursor: Cursor): Expression {
  const word = cursor.expect("yield");
  const { start } = word;
  const { scope } = cursor.around;
  if (scope === "module" || scope === "class") cursor.complain("yield stands outside of a function", word);
  cursor.yields++;
  if (cursor.take("from")) {
    const value = parseTest(cursor);
    return { kind: "yield", from: true, value, start, end: value.end };
  }
  if (endsExpressions(cursor)) return { kind: "yield", from: false, start, end: cursor.lastEnd };
  const value = parseExpressions(cursor);
  return { kind: "yield", from: false, value, start, end: value.end };
}

function atFor(cursor: Cursor): boolean {
  return cursor.at("for") || (cursor.at("async") && cursor.peek(1).text === "for");
}

function parseComprehension(
  cursor: Cursor,
  form: Comprehension["form"],
  element: Expression,
  value: Expression | undefined,
  start: number,
): Comprehension {
  const clauses: Comprehension["clauses"][number][] = [];
  if (element.kind === "starred") cursor.complain("a comprehension has one element, without a star", element);
  while (atFor(cursor)) {
    cursor.take("async");
    cursor.expect("for");
    const target = parseTargets(cursor);
    checkTarget(cursor, target);
    cursor.expect("in");
    const iterable = parseOr(cursor);
    const conditions: Expression[] = [];
    while (cursor.take("if")) conditions.push(cursor.at("lambda") ? parseLambda(cursor) : parseNamedOr(cursor));
    clauses.push({ target, iterable, conditions });
  }
  return { kind: "comprehension", form, element, ...(value && { value }), clauses, start, end: cursor.lastEnd };
}

function parseNamedOr(cursor: Cursor): Expression {
  return cursor.peek(1).text === ":=" ? parseNamed(cursor) : parseOr(cursor);
}

/** Targets of `for`: `in` ends them, so they are no comparisons. */
export function parseTargets(cursor: Cursor): Expression {
  const one = (): Expression => {
    const star = cursor.peek();
    if (!cursor.take("*")) return parsePrimary(cursor);
    const value = parsePrimary(cursor);
    return { kind: "starred", value, start: star.start, end: value.end };
  };
  const first = one();
  if (!cursor.at(",")) return first;
  const elements = [first];
  while (cursor.take(",")) {
    if (endsExpressions(cursor)) break;
    elements.push(one());
  }
  return { kind: "tuple", elements, start: first.start, end: cursor.lastEnd };
}

function parseParenthesis(cursor: Cursor): Expression {
  const { start } = cursor.expect("(");
  if (cursor.take(")")) return { kind: "tuple", elements: [], start, end: cursor.lastEnd };
  if (cursor.at("yield")) {
    const value = parseYield(cursor);
    cursor.expect(")");
    return value;
  }
  const first = parseStarredOrNamed(cursor);
  if (atFor(cursor)) {
    const generator = parseComprehension(cursor, "generator", first, undefined, start);
    cursor.expect(")");
    return { ...generator, end: cursor.lastEnd };
  }
  if (cursor.take(")")) {
    // The brackets belong to the expression's place, so that a span covers them.
    return { ...first, start, end: cursor.lastEnd };
  }
  const elements = [first];
  while (cursor.take(",")) {
    if (cursor.at(")")) break;
    elements.push(parseStarredOrNamed(cursor));
  }
  cursor.expect(")");
  return { kind: "tuple", elements, start, end: cursor.lastEnd };
}

function parseList(cursor: Cursor): Expression {
  const { start } = cursor.expect("[");
  const elements: Expression[] = [];
  while (!cursor.at("]")) {
    const element = parseStarredOrNamed(cursor);
    if (elements.length === 0 && atFor(cursor)) {
      const list = parseComprehension(cursor, "list", element, undefined, start);
      cursor.expect("]");
      return { ...list, end: cursor.lastEnd };
    }
    elements.push(element);
    if (!cursor.take(",")) break;
  }
  cursor.expect("]");
  return { kind: "list", elements, start, end: cursor.lastEnd };
}

function parseBrace(cursor: Cursor): Expression {
  const { start } = cursor.expect("{");
  if (cursor.take("}")) return { kind: "dict", entries: [], start, end: cursor.lastEnd };
  if (cursor.at("**")) return parseDict(cursor, start, []);
  const first = parseStarredOrNamed(cursor);
  if (first.kind !== "starred" && cursor.take(":")) {
    const value = parseTest(cursor);
    if (atFor(cursor)) {
      const dict = parseComprehension(cursor, "dict", first, value, start);
      cursor.expect("}");
      return { ...dict, end: cursor.lastEnd };
    }
    const entries = [{ key: first, value }];
    if (cursor.take(",")) return parseDict(cursor, start, entries);
    cursor.expect("}");
    return { kind: "dict", entries, start, end: cursor.lastEnd };
  }
  if (atFor(cursor)) {
    const set = parseComprehension(cursor, "set", first, undefined, start);
    cursor.expect("}");
    return { ...set, end: cursor.lastEnd };
  }
  const elements = [first];
  while (cursor.take(",")) {
    if (cursor.at("}")) break;
    elements.push(parseStarredOrNamed(cursor));
  }
  cursor.expect("}");
  return { kind: "set", elements, start, end: cursor.lastEnd };
}

function parseDict(cursor: Cursor, start: number, entries: { key?: Expression; value: Expression }[]): Expression {
  while (!cursor.at("}")) {
    if (cursor.take("**")) entries.push({ value: parseBitOr(cursor) });
    else {
      const key = parseTest(cursor);
      cursor.expect(":");
      entries.push({ key, value: parseTest(cursor) });
    }
    if (!cursor.take(",")) break;
  }
  cursor.expect("}");
  return { kind: "dict", entries, start, end: cursor.lastEnd };
}
