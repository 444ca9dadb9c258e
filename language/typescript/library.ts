/** What JavaScript's own library does with values that are known while compiling. */
import type { Condition } from "../graph/model.ts";
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
import { conditionOf } from "./conditions.ts";
import { type Context, report } from "./context.ts";
import {
  type Call,
  type ListValue,
  type Native,
  type Primitive,
  type Value,
  constant,
  fromJson,
  isKnown,
  isTruthy,
  list,
  nothing,
  object,
  template,
  toJson,
  toArgument,
  toParts,
  truthOf,
  unknown,
} from "./values.ts";

function native(name: string, call: Native): Value {
  return { kind: "native", name, call };
}

/** Calls a callback of `map` and the like with known arguments. */
function apply(callback: Value | undefined, given: readonly Value[], { span, context }: Call): Value {
  const entries = given.map((value) => ({ value, span }));
  if (callback?.kind === "function") return context.session.invoke(callback, entries, span, context);
  if (callback?.kind === "native") return callback.call({ arguments: entries, span, context });
  if (callback?.kind !== "unknown")
    report(context, "wrong-value", span, "Write `(x) => step({ x })`.", "What is called for each item", "a function");
  return unknown;
}

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

function isListOfRun(value: Value): boolean {
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

/** Whether each argument is absent or known; reported otherwise. */
function areKnown(call: Call, what: string): boolean {
  const given = call.arguments.map(({ value }) => value);
  if (given.every((value) => value.kind === "constant")) return true;
  if (given.every((value) => value.kind !== "unknown")) wrong(call, what, "known while compiling");
  return false;
}

const argument = (call: Call, index: number): Value => call.arguments[index]?.value ?? nothing;
const number = (call: Call, index: number): number | undefined => {
  const value = argument(call, index);
  return value.kind === "constant" && typeof value.value === "number" ? value.value : undefined;
};
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

function wrong(call: Call, what: string, wanted: string): Value {
  report(call.context, "wrong-value", call.span, undefined, what, wanted);
  return unknown;
}

export function listMember(of: ListValue, member: string, span: Span, context: Context): Value {
  if (/^\d{1,9}$/.test(member)) return of.items[Number(member)] ?? nothing;
  // Of what a loop gathered, only the run knows how much that is.
  if (member === "length" && of.items.every(({ kind }) => kind !== "gathered")) return constant(of.items.length);
  const method = Object.hasOwn(listMethods, member) ? listMethods[member] : undefined;
  if (method) return native(member, (call) => method(of, call));
  return refuse(`\`${member}\` of a list`, span, context);
}

/** Methods of strings that neither call back nor depend on the machine. */
const stringMethods = new Set(
  "at charAt concat endsWith includes indexOf lastIndexOf padEnd padStart repeat replace replaceAll slice split startsWith substring toLowerCase toUpperCase toString trim trimEnd trimStart".split(
    " ",
  ),
);

export function stringMember(of: string, member: string, span: Span, context: Context): Value {
  if (member === "length") return constant(of.length);
  if (/^\d{1,9}$/.test(member)) return constant(of[Number(member)]);
  if (!stringMethods.has(member)) return refuse(`\`${member}\` of a text`, span, context);
  return native(member, (call) => {
    const given = call.arguments.map(({ value }) => value);
    if (!given.every((value) => value.kind === "constant"))
      return wrong(call, `What \`${member}\` takes`, "known while compiling");
    if ((member === "repeat" || member.startsWith("pad")) && Number(given[0]?.value) > 1e6)
      return wrong(call, "A length", "below a million");
    return real(() => {
      const method: unknown = Reflect.get(String.prototype, member);
      if (typeof method !== "function") return unknown;
      // SAFETY: a name of `stringMethods`: all of these methods give a primitive or a list of texts.
      const result = Reflect.apply(
        method,
        of,
        given.map(({ value }) => value),
      ) as Primitive | string[];
      return Array.isArray(result) ? list(result.map(constant)) : constant(result);
    }, call);
  });
}

function real(compute: () => Value, call: Call): Value {
  try {
    return compute();
  } catch (error) {
    report(
      call.context,
      "endless-evaluation",
      call.span,
      undefined,
      error instanceof Error ? error.message : String(error),
    );
    return unknown;
  }
}

function refuse(what: string, span: Span, context: Context): Value {
  report(context, "no-meaning", span, "Do it in a component's body.", what);
  return unknown;
}

/** What an object or a list has, by name; of others, and of what only the run knows, it is reported. */
function members(call: Call, index = 0): [string, { value: Value; span: Span }][] {
  const value = argument(call, index);
  if (value.kind === "object") return [...value.entries];
  if (value.kind === "list") return value.items.map((item, at) => [String(at), { value: item, span: call.span }]);
  if (value.kind !== "unknown") wrong(call, "What is looked into", "an object that is known while compiling");
  return [];
}

const objectMethods: Readonly<Record<string, Native>> = {
  keys: (call) =>
    list(
      members(call).map(([key]) => constant(key)),
      call.context.region,
    ),
  values: (call) =>
    list(
      members(call).map(([, entry]) => entry.value),
      call.context.region,
    ),
  entries: (call) =>
    list(
      members(call).map(([key, entry]) => list([constant(key), entry.value])),
      call.context.region,
    ),
  fromEntries: (call) => {
    const pairs = argument(call, 0);
    if (pairs.kind !== "list")
      return wrong(call, "What `Object.fromEntries` takes", "a list that is known while compiling");
    const { items } = pairs;
    return object(
      items.flatMap((pair) => {
        const [key, value] = pair.kind === "list" ? pair.items : [];
        return key?.kind === "constant" && value ? [[String(key.value), { value, span: call.span }] as const] : [];
      }),
      call.context.region,
    );
  },
  assign: (call) => {
    const target = argument(call, 0);
    const added = call.arguments.slice(1).flatMap((_, index) => members(call, index + 1));
    if (target.kind !== "object") return wrong(call, "What `Object.assign` changes", "an object");
    if (target.region !== call.context.region)
      return refuse("Changing a value from elsewhere", call.span, call.context);
    for (const [key, entry] of added) target.entries.set(key, entry);
    return target;
  },
  freeze: (call) => argument(call, 0),
};

const mathMethods = new Set("abs ceil floor log log10 log2 max min pow round sign sqrt trunc".split(" "));

function mathMethod(name: string): Native {
  return (call) => {
    const given = call.arguments.map(({ value }) => (value.kind === "constant" ? Number(value.value) : undefined));
    if (!given.every((value) => value !== undefined))
      return wrong(call, `What \`Math.${name}\` takes`, "known while compiling");
    // SAFETY: a name of `mathMethods`: each takes numbers and gives one.
    return constant(Math[name as "max"](...given));
  };
}

function namespace(methods: Readonly<Record<string, Native>>): Value {
  const span = { path: "", start: 0, end: 0 };
  return object(Object.entries(methods).map(([name, call]) => [name, { value: native(name, call), span }] as const));
}

const primitive =
  (convert: (value: Primitive) => Primitive): Native =>
  (call) => {
    const value = argument(call, 0);
    if (value.kind === "constant") return constant(convert(value.value));
    const parts = toParts(value);
    return parts && convert(1) === "1" ? template(parts) : wrong(call, "What is converted", "known while compiling");
  };

function asBoolean(call: Call): Value {
  const value = argument(call, 0);
  const truth = truthOf(value);
  if (truth !== undefined) return constant(truth);
  const condition = conditionOf(value, call.span, call.context);
  return condition ? { kind: "condition", condition } : unknown;
}

/** The names that every module has, made anew for each compilation. */
export function globals(env: Readonly<Record<string, string>>): ReadonlyMap<string, Value> {
  const span = { path: "", start: 0, end: 0 };
  const variables = Object.entries(env).map(([name, value]) => [name, { value: constant(value), span }] as const);
  return new Map<string, Value>([
    ["Object", namespace(objectMethods)],
    ["Math", namespace(Object.fromEntries([...mathMethods].map((name) => [name, mathMethod(name)])))],
    ["JSON", namespace({ stringify, parse: parseJson })],
    ["Array", namespace({ from: arrayFrom, isArray: (call) => isArray(argument(call, 0)) })],
    ["String", native("String", primitive(String))],
    ["Number", native("Number", primitive(Number))],
    ["Boolean", native("Boolean", asBoolean)],
    [
      "parseInt",
      native("parseInt", (call) => primitive((value) => Number.parseInt(String(value), number(call, 1)))(call)),
    ],
    [
      "parseFloat",
      native(
        "parseFloat",
        primitive((value) => Number.parseFloat(String(value))),
      ),
    ],
    ["Infinity", constant(Number.POSITIVE_INFINITY)],
    ["NaN", constant(Number.NaN)],
    ["process", object([["env", { value: object(variables), span }]])],
  ]);
}

function stringify(call: Call): Value {
  const value = argument(call, 0);
  const json = isKnown(value) ? toJson(value) : undefined;
  return json === undefined
    ? wrong(call, "What `JSON.stringify` takes", "known while compiling")
    : constant(JSON.stringify(json, undefined, number(call, 2)));
}

function parseJson(call: Call): Value {
  const text = argument(call, 0);
  if (text.kind !== "constant" || typeof text.value !== "string")
    return wrong(call, "What `JSON.parse` takes", "a known text");
  const { value } = text;
  // SAFETY: what JSON.parse gives is JSON.
  return real(() => fromJson(JSON.parse(value) as Json, call.span), call);
}

function isArray(value: Value): Value {
  if (value.kind === "unknown") return unknown;
  return constant(
    value.kind === "list" || value.kind === "parallel" || value.kind === "gathered" || isListOfRun(value),
  );
}

function arrayFrom(call: Call): Value {
  const source = argument(call, 0);
  const length = source.kind === "object" ? source.entries.get("length")?.value : undefined;
  const text = source.kind === "constant" && typeof source.value === "string" ? source.value : undefined;
  if (source.kind !== "list" && length?.kind !== "constant" && text === undefined)
    return source.kind === "unknown"
      ? unknown
      : wrong(call, "What `Array.from` takes", "a list that is known while compiling");
  const count = length?.kind === "constant" ? Math.min(Number(length.value), 100_000) : 0;
  const items =
    source.kind === "list"
      ? source.items
      : text !== undefined
        ? Array.from(text, constant)
        : Array.from({ length: count }, () => nothing);
  const made = list([...items], call.context.region);
  return call.arguments.length > 1
    ? list(
        items.map((item, index) => apply(argument(call, 1), [item, constant(index)], call)),
        call.context.region,
      )
    : made;
}
