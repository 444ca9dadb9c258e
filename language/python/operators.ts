import type { Span } from "../source.ts";
import { charge, type Machine, raise } from "./machine.ts";
import type { BinaryOperator, CompareOperator } from "./syntax.ts";
import { compareCodePoints } from "../spec/python-text.ts";
import { either } from "./type-forms.ts";
import { plainOf } from "./class-values.ts";
import { equal } from "./equality.ts";
import {
  type DictValue,
  isNumeric,
  isObject,
  isUnknown,
  soughtKey,
  list,
  type SetValue,
  tuple,
  typeName,
  type Value,
} from "./values.ts";

/** What an operator needs from the evaluator: methods of the user's classes, iteration, `%`. */
export interface OperatorHooks {
  readonly method: (self: Value, name: string, args: readonly Value[], span: Span) => Value | undefined;
  readonly iterate: (value: Value, span: Span) => readonly Value[];
  readonly percent: (template: string, value: Value, span: Span) => Value;
}

const methods: Readonly<Record<BinaryOperator, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "truediv",
  "//": "floordiv",
  "%": "mod",
  "**": "pow",
  "@": "matmul",
  "<<": "lshift",
  ">>": "rshift",
  "&": "and",
  "|": "or",
  "^": "xor",
};

export function binary(
  machine: Machine,
  hooks: OperatorHooks,
  operator: BinaryOperator,
  left: Value,
  right: Value,
  span: Span,
): Value {
  if (isUnknown(left)) return left;
  if (isUnknown(right)) return right;
  const result =
    numeric(operator, left, right, span) ??
    collections(machine, hooks, operator, left, right, span) ??
    overloaded(hooks, operator, left, right, span);
  if (result !== undefined) return result;
  const [a, b] = [plainOf(left), plainOf(right)];
  if (!Object.is(a, left) || !Object.is(b, right)) return binary(machine, hooks, operator, a, b, span);
  return raise(
    "TypeError",
    `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`,
    span,
  );
}

function overloaded(
  hooks: OperatorHooks,
  operator: BinaryOperator,
  left: Value,
  right: Value,
  span: Span,
): Value | undefined {
  if (isObject(left) && left.kind === "native") {
    const own = left.operate?.(operator, right, false, span);
    if (own !== undefined) return own;
  }
  if (isObject(right) && right.kind === "native") {
    const own = right.operate?.(operator, left, true, span);
    if (own !== undefined) return own;
  }
  if (operator === "|" && (isType(left) || isType(right))) return either(left, right);
  return (
    hooks.method(left, `__${methods[operator]}__`, [right], span) ??
    hooks.method(right, `__r${methods[operator]}__`, [left], span)
  );
}

function isType(value: Value): boolean {
  return isObject(value) && value.kind === "class";
}

function numeric(operator: BinaryOperator, left: Value, right: Value, span: Span): Value | undefined {
  if (!isNumeric(left) || !isNumeric(right)) return undefined;
  if (
    typeof left === "boolean" &&
    typeof right === "boolean" &&
    (operator === "&" || operator === "|" || operator === "^")
  ) {
    return operator === "&" ? left && right : operator === "|" ? left || right : left !== right;
  }
  if (typeof left === "number" || typeof right === "number") return floats(operator, Number(left), Number(right), span);
  return integers(operator, BigInt(left), BigInt(right), span);
}

function floats(operator: BinaryOperator, left: number, right: number, span: Span): Value | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0 ? raise("ZeroDivisionError", "float division by zero", span) : left / right;
    case "//":
      return right === 0 ? raise("ZeroDivisionError", "float floor division by zero", span) : Math.floor(left / right);
    case "%": {
      if (right === 0) return raise("ZeroDivisionError", "float modulo", span);
      const rest = left % right;
      return rest !== 0 && rest < 0 !== right < 0 ? rest + right : rest;
    }
    case "**":
      return left ** right;
    default:
      return undefined;
  }
}

function integers(operator: BinaryOperator, left: bigint, right: bigint, span: Span): Value | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      bounded(bits(left) + bits(right), span);
      return left * right;
    case "/":
      return right === 0n ? raise("ZeroDivisionError", "division by zero", span) : Number(left) / Number(right);
    case "//":
      return right === 0n
        ? raise("ZeroDivisionError", "integer division or modulo by zero", span)
        : floorDivide(left, right);
    case "%":
      return right === 0n
        ? raise("ZeroDivisionError", "integer modulo by zero", span)
        : left - floorDivide(left, right) * right;
    case "**":
      if (right < 0n) return Number(left) ** Number(right);
      bounded(bits(left) * Number(right), span);
      return left ** right;
    case "<<":
      bounded(bits(left) + Number(right), span);
      return left << right;
    case ">>":
      return left >> right;
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    default:
      return undefined;
  }
}

function bits(value: bigint): number {
  return value === 0n ? 0 : value.toString(16).length * 4;
}

function bounded(size: number, span: Span): void {
  if (size >= 1_000_000) raise("OverflowError", "the number is too large", span);
}

export function floorDivide(left: bigint, right: bigint): bigint {
  const quotient = left / right;
  return left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient;
}

function collections(
  machine: Machine,
  hooks: OperatorHooks,
  operator: BinaryOperator,
  left: Value,
  right: Value,
  span: Span,
): Value | undefined {
  if (typeof left === "string") {
    if (operator === "%") return hooks.percent(left, right, span);
    if (operator === "+" && typeof right === "string") {
      charge(machine, left.length + right.length, span);
      return left + right;
    }
  }
  if (operator === "*") return repeated(machine, left, right, span) ?? repeated(machine, right, left, span);
  if (!isObject(left) || !isObject(right)) return undefined;
  if (operator === "+") {
    if ((left.kind === "list" || left.kind === "tuple") && (right.kind === "list" || right.kind === "tuple")) {
      charge(machine, left.items.length + right.items.length, span);
    }
    if (left.kind === "list" && right.kind === "list") return list([...left.items, ...right.items]);
    if (left.kind === "tuple" && right.kind === "tuple") return tuple([...left.items, ...right.items]);
    if (left.kind === "bytes" && right.kind === "bytes") return { kind: "bytes", bytes: left.bytes + right.bytes };
  }
  if (left.kind === "dict" && right.kind === "dict" && operator === "|") {
    return { kind: "dict", entries: new Map([...left.entries, ...right.entries]) } satisfies DictValue;
  }
  if (left.kind === "set" && right.kind === "set") return sets(operator, left, right);
  return undefined;
}

function repeated(machine: Machine, value: Value, times: Value, span: Span): Value | undefined {
  if (typeof times !== "bigint" && typeof times !== "boolean") return undefined;
  const count = Math.max(0, Number(times));
  if (typeof value === "string") {
    charge(machine, value.length * count, span);
    return value.repeat(count);
  }
  if (!isObject(value) || (value.kind !== "list" && value.kind !== "tuple")) return undefined;
  charge(machine, value.items.length * count, span);
  const items = Array.from({ length: count }, () => value.items).flat();
  return value.kind === "list" ? list(items) : tuple(items);
}

function sets(operator: BinaryOperator, left: SetValue, right: SetValue): SetValue | undefined {
  const pick = (from: SetValue, keep: (key: string) => boolean): [string, Value][] =>
    [...from.items].filter(([key]) => keep(key));
  switch (operator) {
    case "|":
      return { kind: "set", items: new Map([...left.items, ...right.items]) };
    case "&":
      return { kind: "set", items: new Map(pick(left, (key) => right.items.has(key))) };
    case "-":
      return { kind: "set", items: new Map(pick(left, (key) => !right.items.has(key))) };
    case "^":
      return {
        kind: "set",
        items: new Map([...pick(left, (key) => !right.items.has(key)), ...pick(right, (key) => !left.items.has(key))]),
      };
    default:
      return undefined;
  }
}

const mirrored: Readonly<Record<string, string>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};
const compareMethods: Readonly<Record<string, string>> = {
  "==": "__eq__",
  "!=": "__ne__",
  "<": "__lt__",
  "<=": "__le__",
  ">": "__gt__",
  ">=": "__ge__",
};

export function compare(hooks: OperatorHooks, operator: CompareOperator, left: Value, right: Value, span: Span): Value {
  if (operator === "is") return same(left, right);
  if (operator === "is not") return !same(left, right);
  if (isUnknown(left)) return left;
  if (isUnknown(right)) return right;
  if (operator === "in") return contains(hooks, right, left, span);
  if (operator === "not in") {
    const found = contains(hooks, right, left, span);
    return isUnknown(found) ? found : found !== true;
  }
  if (isObject(left) && left.kind === "native") {
    const own = left.operate?.(operator, right, false, span);
    if (own !== undefined) return own;
  }
  if (isObject(right) && right.kind === "native") {
    const own = right.operate?.(mirrored[operator] ?? operator, left, true, span);
    if (own !== undefined) return own;
  }
  const own = hooks.method(left, compareMethods[operator] ?? "", [right], span);
  if (own !== undefined) return own;
  const turned = hooks.method(right, compareMethods[mirrored[operator] ?? ""] ?? "", [left], span);
  if (turned !== undefined) return turned;
  const [a, b] = [plainOf(left), plainOf(right)];
  if (!Object.is(a, left) || !Object.is(b, right)) return compare(hooks, operator, a, b, span);
  if (operator === "==") return equal(left, right);
  if (operator === "!=") {
    const reversed = hooks.method(left, "__eq__", [right], span);
    return reversed === undefined ? !equal(left, right) : reversed !== true;
  }
  const order = ordering(left, right);
  if (order === undefined) {
    return raise(
      "TypeError",
      `'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
      span,
    );
  }
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

function same(left: Value, right: Value): boolean {
  if (isObject(left) && isObject(right) && left.kind === "tuple" && right.kind === "tuple") {
    return left === right || (left.items.length === 0 && right.items.length === 0);
  }
  return left === right;
}

/** Negative, zero or positive as Python orders the two; undefined where it does not. NaN is never before or after. */
export function ordering(left: Value, right: Value): number | undefined {
  if (isNumeric(left) && isNumeric(right)) return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === "string" && typeof right === "string") return compareCodePoints(left, right);
  if (!isObject(left) || !isObject(right)) return undefined;
  if ((left.kind === "list" && right.kind === "list") || (left.kind === "tuple" && right.kind === "tuple")) {
    for (const [i, item] of left.items.entries()) {
      const other = right.items[i];
      if (other === undefined) return 1;
      if (equal(item, other)) continue;
      return ordering(item, other);
    }
    return left.items.length - right.items.length;
  }
  if (left.kind === "set" && right.kind === "set") {
    const within = [...left.items.keys()].every((key) => right.items.has(key));
    return within ? left.items.size - right.items.size : undefined;
  }
  return undefined;
}

function isInstance(value: Value): boolean {
  return isObject(value) && value.kind === "instance";
}

function contains(hooks: OperatorHooks, container: Value, item: Value, span: Span): Value {
  if (typeof container === "string") {
    if (typeof item === "string") return container.includes(item);
    return raise("TypeError", `'in <string>' requires string as left operand, not ${typeName(item)}`, span);
  }
  if (isObject(container)) {
    if (container.kind === "dict") return container.entries.has(soughtKey(item));
    if (container.kind === "set") return container.items.has(soughtKey(item));
    if (container.kind === "range") {
      if (typeof item !== "bigint") return false;
      const { start, stop, step } = container;
      const inside = step > 0n ? item >= start && item < stop : item <= start && item > stop;
      return inside && (item - start) % step === 0n;
    }
    if (container.kind === "instance") {
      const own = hooks.method(container, "__contains__", [item], span);
      if (own !== undefined) return own;
      if (container.inner !== undefined) return contains(hooks, container.inner, item, span);
    }
  }
  return hooks
    .iterate(container, span)
    .some((one) => equal(one, item) || (isInstance(one) && compare(hooks, "==", one, item, span) === true));
}
