/** What lists that are known while compiling can do. */
import type { Condition } from "../graph/model.ts";
import type { Span } from "../source.ts";
import { conditionOf } from "./conditions.ts";
import { type Context, report } from "./context.ts";
import {
  type Call,
  type ListValue,
  type Value,
  constant,
  isKnown,
  isTruthy,
  list,
  nothing,
  template,
  toArgument,
  toParts,
  truthOf,
  unknown,
} from "./values.ts";
import { apply, areKnown, argument, native, number, refuse, wrong } from "./native-calls.ts";

type ListMethod = (items: ListValue, call: Call) => Value;

/** Calls a callback for each item until it has decided; undefined where only the run can decide, which is reported. */
function firstThat(items: ListValue, call: Call, wanted: boolean): number | undefined {
  for (const [index, item] of items.items.entries()) {
    const answer = apply(argument(call, 0), [item, constant(index), items], call);
    const truth = truthOf(answer);
    if (truth === wanted) return index;
    if (truth !== undefined) continue;
    sayOnlyInRun(answer, call);
    return undefined;
  }
  return -1;
}

function sayOnlyInRun(answer: Value, { context, span }: Call): void {
  const hint = "Write `||` or `&&` between comparisons, or an `if` around the step.";
  if (answer.kind !== "unknown") report(context, "runtime-only", span, hint, "What a callback answers here");
}

/** `some` and `every`: of comparisons of the run, one condition. */
function anyOrAll(kind: "or" | "and", items: ListValue, call: Call): Value {
  const operands: Condition[] = [];
  const { context } = call;
  for (const [index, item] of items.items.entries()) {
    const made = context.tasks.length;
    const answer = apply(argument(call, 0), [item, constant(index), items], call);
    const truth = truthOf(answer);
    if (operands.length > 0 && context.tasks.length > made)
      report(context, "no-meaning", call.span, "Write an `if` around the step.", "A step behind `some` or `every`");
    if (truth === (kind === "or")) return constant(truth);
    const condition = truth === undefined ? conditionOf(answer, call.span, context) : undefined;
    if (truth === undefined && !condition) return unknown;
    if (condition) operands.push(condition);
  }
  const [only] = operands;
  if (!only) return constant(kind === "and");
  return { kind: "condition", condition: operands.length === 1 ? only : { kind, operands } };
}

/** `["a", "b"].includes(mode)`: a comparison with each. */
function includes(items: ListValue, call: Call): Value {
  const wanted = argument(call, 0);
  if (indexOf(items, wanted) >= 0) return constant(true);
  const compared = items.items.filter((item) => item.kind === "channel" || wanted.kind === "channel");
  if (wanted.kind === "unknown" || items.items.some((item) => item.kind === "unknown")) return unknown;
  const operands = compared.flatMap((item): Condition[] => {
    const [left, right] = wanted.kind === "channel" ? [wanted, item] : [item, wanted];
    const [a, b] = [toArgument(left), toArgument(right)];
    return a && b && isComparable(left) && isComparable(right)
      ? [{ kind: "compare", operator: "==", left: a, right: b }]
      : [];
  });
  if (operands.length < compared.length) return wrong(call, "What `includes` looks for", "a parameter or a constant");
  const [only] = operands;
  if (!only) return constant(false);
  return { kind: "condition", condition: operands.length === 1 ? only : { kind: "or", operands } };
}

function isComparable(value: Value): boolean {
  if (value.kind === "constant") return value.value !== null && value.value !== undefined;
  return value.kind === "channel" && value.channel.type.kind === "parameter";
}

/** The items of a list that is put into another one; undefined where only the run knows them, which is reported. */
function itemsOf(value: Value, call: Call): readonly Value[] | undefined {
  if (value.kind === "list") return value.items;
  if (value.kind !== "parallel" && !isListOfRun(value)) return [value];
  report(
    call.context,
    "runtime-only",
    call.span,
    "Join the lists in a component's body.",
    "A list of the run in another",
  );
  return undefined;
}

export function isListOfRun(value: Value): boolean {
  if (value.kind !== "channel") return false;
  const { type } = value.channel;
  return type.kind === "artifact" ? type.list : type.type === "LIST";
}

function flattened(values: readonly Value[], call: Call): Value {
  const items: Value[] = [];
  for (const value of values) {
    const own = itemsOf(value, call);
    if (!own) return unknown;
    items.push(...own);
  }
  return list(items, call.context.region);
}

const truthy = (value: Value): boolean => value.kind !== "unknown" && isTruthy(value);
const each = (items: ListValue, call: Call) =>
  items.items.map((item, index) => apply(argument(call, 0), [item, constant(index), items], call));

const listMethods: Readonly<Record<string, ListMethod>> = {
  map: (items, call) => list(each(items, call), call.context.region),
  forEach: (items, call) => (each(items, call), nothing),
  filter: (items, call) => {
    const kept = each(items, call);
    const open = kept.find((answer) => truthOf(answer) === undefined);
    if (open) {
      sayOnlyInRun(open, call);
      return unknown;
    }
    return list(
      items.items.filter((_, index) => truthy(kept[index] ?? nothing)),
      call.context.region,
    );
  },
  flatMap: (items, call) => flattened(each(items, call), call),
  flat: (items, call) => flattened(items.items, call),
  find: (items, call) => {
    const index = firstThat(items, call, true);
    return index === undefined ? unknown : (items.items[index] ?? nothing);
  },
  findIndex: (items, call) => {
    const index = firstThat(items, call, true);
    return index === undefined ? unknown : constant(index);
  },
  some: (items, call) => anyOrAll("or", items, call),
  every: (items, call) => anyOrAll("and", items, call),
  reduce: (items, call) => {
    const rest = call.arguments.length > 1 ? items.items : items.items.slice(1);
    const first = call.arguments.length > 1 ? argument(call, 1) : (items.items[0] ?? nothing);
    return rest.reduce((sum, item, index) => apply(argument(call, 0), [sum, item, constant(index)], call), first);
  },
  slice: (items, call) =>
    areKnown(call, "What `slice` takes")
      ? list(items.items.slice(number(call, 0), number(call, 1)), call.context.region)
      : unknown,
  concat: (items, call) => flattened([items, ...call.arguments.map(({ value }) => value)], call),
  at: (items, call) =>
    areKnown(call, "What `at` takes") ? (items.items.at(number(call, 0) ?? 0) ?? nothing) : unknown,
  includes,
  indexOf: (items, call) => {
    const known = isKnown(argument(call, 0)) && items.items.every(isKnown);
    return known
      ? constant(indexOf(items, argument(call, 0)))
      : wrong(call, "What `indexOf` looks for", "known while compiling");
  },
  entries: (items, call) =>
    list(
      items.items.map((item, index) => list([constant(index), item])),
      call.context.region,
    ),
  keys: (items, call) =>
    list(
      items.items.map((_, index) => constant(index)),
      call.context.region,
    ),
  values: (items) => items,
  toReversed: (items, call) => list([...items.items].reverse(), call.context.region),
  join: (items, call) => {
    const separator = argument(call, 0);
    const between = separator.kind === "constant" && separator.value === undefined ? [","] : toParts(separator);
    const isNothing = (item: Value) => item.kind === "constant" && (item.value === null || item.value === undefined);
    const parts = items.items.map((item) => (isNothing(item) ? [] : toParts(item)));
    if (!between || parts.some((part) => !part)) return wrong(call, "What `join` joins", "texts");
    return template(parts.flatMap((part, index) => (index > 0 ? [...between, ...(part ?? [])] : (part ?? []))));
  },
  push: (items, call) => change(items, call, (all) => all.push(...call.arguments.map(({ value }) => value))),
  unshift: (items, call) => change(items, call, (all) => all.unshift(...call.arguments.map(({ value }) => value))),
};

/** A list changes where it was made; an arm or a loop of the run cannot change what is outside of it. */
function change(items: ListValue, call: Call, by: (all: Value[]) => number): Value {
  if (items.region === call.context.region) return constant(by(items.items));
  const hint = "Collect what the steps make: `const all = list.map((x) => step({ x }).output)`.";
  report(call.context, "no-meaning", call.span, hint, "Changing a list from inside a branch or loop of the run");
  return unknown;
}

function indexOf(items: ListValue, wanted: Value): number {
  return items.items.findIndex(
    (item) =>
      item === wanted || (item.kind === "constant" && wanted.kind === "constant" && item.value === wanted.value),
  );
}

export function listMember(of: ListValue, member: string, span: Span, context: Context): Value {
  if (/^\d{1,9}$/.test(member)) return of.items[Number(member)] ?? nothing;
  // Of what a loop gathered, only the run knows how much that is.
  if (member === "length" && of.items.every(({ kind }) => kind !== "gathered")) return constant(of.items.length);
  const method = Object.hasOwn(listMethods, member) ? listMethods[member] : undefined;
  if (method) return native(member, (call) => method(of, call));
  return refuse(`\`${member}\` of a list`, span, context);
}
