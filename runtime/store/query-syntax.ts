import { UserError } from "../user-error.ts";

/** `Model where framework = "sklearn" and ancestor Dataset.rows > 10000 order by accuracy desc limit 20` */
export interface Query {
  /** `Model`, `system.Model`; `Artifact` for all. */
  readonly type: string;
  readonly where?: Expression;
  readonly order: readonly { readonly field: Field; readonly descending: boolean }[];
  readonly limit?: number;
}

export type Expression =
  | { readonly kind: "and" | "or"; readonly operands: readonly Expression[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "compare"; readonly field: Field; readonly operator: Operator; readonly value: Value }
  | { readonly kind: "exists"; readonly field: Field }
  | { readonly kind: "hop"; readonly hop: Hop; readonly type: string; readonly where?: Expression };

/** `~` is "contains", whatever the case. */
export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~";
export type Hop = (typeof hops)[number];
export const hops = ["ancestor", "descendant", "input", "output"] as const;

export interface Field {
  /** `metadata.rows`, `parameter.n_estimators`; without a scope the name may also be a built-in one. */
  readonly scope?: "metadata" | "parameter";
  readonly name: string;
}

export type Value =
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "text"; readonly text: string }
  /** Milliseconds; `days` where only a day was written. */
  | { readonly kind: "time"; readonly from: number; readonly to: number };

/** Reads a whole query. `now` is what "7 days ago" counts from. */
export function parseQuery(text: string, now: number): Query {
  const reader = tokens(text);
  const type = dotted(reader, "an artifact type, such as Model").join(".");
  const where = reader.word("where") ? expression(reader, now) : undefined;
  const order: { field: Field; descending: boolean }[] = [];
  if (reader.word("order")) {
    if (!reader.word("by")) reader.fail('"by"');
    do {
      const sorted = fieldOf(dotted(reader, "a field to order by"));
      const descending = reader.word("desc");
      if (!descending) reader.word("asc");
      order.push({ field: sorted, descending });
    } while (reader.symbol(","));
  }
  let limit: number | undefined;
  if (reader.word("limit")) {
    const token = reader.next();
    if (token?.kind !== "number" || token.number < 1 || !Number.isInteger(token.number))
      reader.fail("a whole number", token);
    else limit = token.number;
  }
  if (reader.peek())
    reader.fail(where ? '"and", "or", "order by" or "limit"' : '"where", "order by" or "limit"', reader.peek());
  return { type, order, ...(where ? { where } : {}), ...(limit === undefined ? {} : { limit }) };
}

/** Reads conditions alone, as `millrace runs --where` takes them. */
export function parseConditions(text: string, now: number): Expression {
  const reader = tokens(text);
  const where = expression(reader, now);
  if (reader.peek()) reader.fail('"and" or "or"', reader.peek());
  return where;
}

function expression(reader: Reader, now: number): Expression {
  const operands = [conjunction(reader, now)];
  while (reader.word("or")) operands.push(conjunction(reader, now));
  return joined("or", operands);
}

function conjunction(reader: Reader, now: number): Expression {
  const operands = [condition(reader, now)];
  while (reader.word("and")) operands.push(condition(reader, now));
  return joined("and", operands);
}

function joined(kind: "and" | "or", operands: readonly Expression[]): Expression {
  const [first] = operands;
  return first && operands.length === 1 ? first : { kind, operands };
}

function condition(reader: Reader, now: number): Expression {
  if (reader.word("not")) return { kind: "not", operand: condition(reader, now) };
  if (reader.symbol("(")) return closed(reader, expression(reader, now));
  for (const hop of hops) {
    // `input` may be a field's name too: a hop is followed by a type.
    if (reader.peek(1)?.kind === "name" && reader.word(hop)) return hopOf(reader, hop, now);
  }
  return comparison(reader, fieldOf(dotted(reader, "a condition")), now);
}

function hopOf(reader: Reader, hop: Hop, now: number): Expression {
  const names = dotted(reader, "an artifact type");
  if (reader.symbol("("))
    return { kind: "hop", hop, type: names.join("."), where: closed(reader, expression(reader, now)) };
  if (reader.peekWord("where") && reader.peek(1)?.text === "(") {
    reader.next();
    reader.next();
    return { kind: "hop", hop, type: names.join("."), where: closed(reader, expression(reader, now)) };
  }
  if (names.length === 1 || !comparable(reader)) return { kind: "hop", hop, type: names.join(".") };
  const scoped = names.length > 2 && isScope(names.at(-2));
  const field = fieldOf(names.slice(scoped ? -2 : -1));
  return { kind: "hop", hop, type: names.slice(0, scoped ? -2 : -1).join("."), where: comparison(reader, field, now) };
}

function closed(reader: Reader, inner: Expression): Expression {
  if (!reader.symbol(")")) reader.fail('")"', reader.peek());
  return inner;
}

function comparable(reader: Reader): boolean {
  const token = reader.peek();
  return (
    (token?.kind === "symbol" && operators.has(token.text)) ||
    reader.peekWord("in") ||
    reader.peekWord("exists") ||
    reader.peekWord("contains")
  );
}

const operators: ReadonlyMap<string, Operator> = new Map([
  ["=", "="],
  ["==", "="],
  ["!=", "!="],
  ["<>", "!="],
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
  ["~", "~"],
]);

function comparison(reader: Reader, field: Field, now: number): Expression {
  if (reader.word("exists")) return { kind: "exists", field };
  if (reader.word("in")) {
    if (!reader.symbol("(")) reader.fail('"("', reader.peek());
    const operands: Expression[] = [];
    do operands.push({ kind: "compare", field, operator: "=", value: valueOf(reader, now) });
    while (reader.symbol(","));
    return closed(reader, joined("or", operands));
  }
  if (reader.word("contains")) return { kind: "compare", field, operator: "~", value: valueOf(reader, now) };
  const token = reader.next();
  const operator = token?.kind === "symbol" ? operators.get(token.text) : undefined;
  if (operator === undefined) return reader.fail(`a comparison after "${field.name}", such as > or =`, token);
  return { kind: "compare", field, operator, value: valueOf(reader, now) };
}

const agoMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

function valueOf(reader: Reader, now: number): Value {
  const token = reader.next();
  switch (token?.kind) {
    case "number": {
      const unit = reader.peek();
      const span = unit?.kind === "name" ? agoMs[unit.text.toLowerCase().replace(/s$/, "")] : undefined;
      if (span !== undefined && reader.peek(1)?.text.toLowerCase() === "ago") {
        reader.next();
        reader.next();
        return { kind: "time", from: now - token.number * span, to: now - token.number * span };
      }
      return { kind: "number", number: token.number };
    }
    case "date":
      return token.day
        ? { kind: "time", from: token.ms, to: token.ms + 86_400_000 }
        : { kind: "time", from: token.ms, to: token.ms };
    case "text":
    case "name":
      return { kind: "text", text: token.text };
    default:
      return reader.fail("a value", token);
  }
}

function dotted(reader: Reader, what: string): string[] {
  const names: string[] = [];
  do {
    const token = reader.next();
    if (token?.kind !== "name" && !(token?.kind === "text" && names.length > 0)) reader.fail(what, token);
    else names.push(token.text);
  } while (reader.symbol("."));
  return names;
}

function isScope(name: string | undefined): name is "metadata" | "parameter" {
  return name === "metadata" || name === "parameter";
}

function fieldOf(names: readonly string[]): Field {
  const [scope, ...rest] = names;
  return isScope(scope) && rest.length > 0 ? { scope, name: rest.join(".") } : { name: names.join(".") };
}

type Token =
  | { readonly kind: "name" | "text" | "symbol"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly number: number; readonly text: string; readonly at: number }
  | { readonly kind: "date"; readonly ms: number; readonly day: boolean; readonly text: string; readonly at: number };

interface Reader {
  peek(ahead?: number): Token | undefined;
  peekWord(word: string): boolean;
  next(): Token | undefined;
  /** Takes the word, whatever its case, if it is next. */
  word(word: string): boolean;
  symbol(symbol: string): boolean;
  fail(expected: string, found?: Token): never;
}

const pattern =
  /\s+|(?<date>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?)?)|(?<number>-?(?:\d[\d_]*)?\.?\d+(?:[eE][+-]?\d+)?)(?<suffix>(?:[kKMGT](?:i?B?)|B)\b)?|(?<name>[\p{L}_][\p{L}\p{N}_-]*)|"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>(?:[^'\\]|\\.)*)'|(?<symbol><=|>=|==|!=|<>|[=<>~(),.])/uy;

const thousands = "kMGT";

function tokens(text: string): Reader {
  const list: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const groups = pattern.exec(text)?.groups;
    if (!groups) {
      const what = text[at] === '"' || text[at] === "'" ? "a text without its closing quote" : `"${text[at] ?? ""}"`;
      throw problem(text, at, `${what} has no meaning here`);
    }
    const { date, number, suffix, name, double, single, symbol } = groups;
    const whole = text.slice(at, pattern.lastIndex);
    if (date !== undefined) {
      const day = date.length === 10;
      // A day or a time without Z is the reader's own: local time.
      const ms = Date.parse(day ? `${date}T00:00` : date);
      if (Number.isNaN(ms)) throw problem(text, at, `${date} is no date`);
      list.push({ kind: "date", ms, day, text: whole, at });
    } else if (number !== undefined) {
      const power = suffix === undefined ? 0 : thousands.indexOf(suffix[0] === "K" ? "k" : (suffix[0] ?? "")) + 1;
      const base = suffix?.includes("i") ? 1024 : 1000;
      list.push({ kind: "number", number: Number(number.replaceAll("_", "")) * base ** power, text: whole, at });
    } else if (name !== undefined) list.push({ kind: "name", text: name, at });
    else if (symbol !== undefined) list.push({ kind: "symbol", text: symbol, at });
    else if (double !== undefined || single !== undefined) {
      list.push({ kind: "text", text: (double ?? single ?? "").replaceAll(/\\(.)/g, "$1"), at });
    }
  }
  let position = 0;
  const peek = (ahead = 0) => list[position + ahead];
  const peekWord = (word: string) => {
    const token = peek();
    return token?.kind === "name" && token.text.toLowerCase() === word;
  };
  return {
    peek,
    peekWord,
    next: () => list[position++],
    word(word) {
      if (!peekWord(word)) return false;
      position++;
      return true;
    },
    symbol(symbol) {
      const token = peek();
      if (token?.kind !== "symbol" || token.text !== symbol) return false;
      position++;
      return true;
    },
    fail(expected, found) {
      if (found) throw problem(text, found.at, `expected ${expected}, found "${found.text}"`);
      throw problem(text, text.length, `expected ${expected}, and the query ends`);
    },
  };
}

function problem(text: string, at: number, what: string): UserError {
  return new UserError(
    "query",
    `Cannot read the query at character ${at + 1}: ${what}.\n  ${text}\n  ${" ".repeat(at)}^`,
    {
      action:
        'Write for example: Model where framework = "sklearn" and ancestor Dataset.rows > 10000 order by accuracy desc limit 20',
      exit: 2,
    },
  );
}
