import type { Cursor } from "./cursor.ts";
import { parseSum } from "./parse-expression.ts";
import type { Expression, Pattern } from "./syntax.ts";

/** What stands after `case`, an open sequence included. */
export function parsePattern(cursor: Cursor): Pattern {
  const first = parseAs(cursor);
  if (!cursor.at(",")) return first;
  const items = [first];
  while (cursor.take(",")) {
    if (cursor.at(":") || cursor.at("if")) break;
    items.push(parseAs(cursor));
  }
  return { kind: "sequence", items };
}

/** Whether there is nothing that it does not match. */
export function takesAll(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case "capture":
      return true;
    case "as":
      return takesAll(pattern.pattern);
    case "or":
      return pattern.options.some(takesAll);
    default:
      return false;
  }
}

function parseAs(cursor: Cursor): Pattern {
  return cursor.nested(() => {
    const pattern = parseOr(cursor);
    return cursor.take("as") ? { kind: "as", pattern, name: cursor.identifier().text } : pattern;
  });
}

function parseOr(cursor: Cursor): Pattern {
  const first = parseClosed(cursor);
  if (!cursor.at("|")) return first;
  const options = [first];
  while (cursor.at("|")) {
    const sign = cursor.next();
    if (options.some(takesAll)) cursor.complain("this follows a pattern that takes everything", sign);
    options.push(parseClosed(cursor));
  }
  return { kind: "or", options };
}

function parseClosed(cursor: Cursor): Pattern {
  if (cursor.take("*")) return { kind: "star", name: captured(cursor.identifier().text) };
  if (cursor.take("[")) return { kind: "sequence", items: parseList(cursor, "]") };
  if (cursor.take("(")) {
    const items = parseList(cursor, ")");
    const [only] = items;
    return only !== undefined && items.length === 1 && only.kind !== "star" ? only : { kind: "sequence", items };
  }
  if (cursor.take("{")) return parseMapping(cursor);
  const token = cursor.peek();
  if (token.kind !== "name" || /^(?:None|True|False)$/.test(token.text)) {
    return { kind: "value", value: parseLiteral(cursor) };
  }
  let type: Expression = { kind: "name", id: cursor.identifier().text, start: token.start, end: token.end };
  while (cursor.take(".")) {
    const name = cursor.identifier();
    type = { kind: "attribute", object: type, name: name.text, start: token.start, end: name.end };
  }
  if (cursor.take("(")) return parseClassPattern(cursor, type);
  return type.kind === "name" ? { kind: "capture", name: captured(type.id) } : { kind: "value", value: type };
}

function captured(name: string): string | undefined {
  return name === "_" ? undefined : name;
}

/** A literal; `|` between patterns is not its operator, so it stops before. */
function parseLiteral(cursor: Cursor): Expression {
  const { start } = cursor.peek();
  if (cursor.take("-")) {
    const operand = parseLiteral(cursor);
    return { kind: "unary", operator: "-", operand, start, end: operand.end };
  }
  return parseSum(cursor);
}

function parseList(cursor: Cursor, close: string): Pattern[] {
  const items: Pattern[] = [];
  while (!cursor.at(close)) {
    const token = cursor.peek();
    items.push(parseAs(cursor));
    if (token.text === "*" && items.filter(({ kind }) => kind === "star").length > 1)
      cursor.complain("a sequence has one star", token);
    if (!cursor.take(",")) break;
  }
  cursor.expect(close);
  return items;
}

function parseMapping(cursor: Cursor): Pattern {
  const entries: { key: Expression; pattern: Pattern }[] = [];
  let rest: string | undefined;
  while (!cursor.at("}")) {
    if (rest !== undefined) cursor.complain("nothing follows the rest of a mapping", cursor.peek());
    if (cursor.take("**")) rest = cursor.identifier().text;
    else {
      const key = parseSum(cursor);
      cursor.expect(":");
      entries.push({ key, pattern: parseAs(cursor) });
    }
    if (!cursor.take(",")) break;
  }
  cursor.expect("}");
  return { kind: "mapping", entries, ...(rest !== undefined && { rest }) };
}

function parseClassPattern(cursor: Cursor, type: Expression): Pattern {
  const positional: Pattern[] = [];
  const keywords: { name: string; pattern: Pattern }[] = [];
  while (!cursor.at(")")) {
    if (cursor.peek(1).text === "=") {
      const { text } = cursor.identifier();
      cursor.next();
      keywords.push({ name: text, pattern: parseAs(cursor) });
    } else positional.push(parseAs(cursor));
    if (!cursor.take(",")) break;
  }
  cursor.expect(")");
  return { kind: "class", type, positional, keywords };
}
