/** What JavaScript's own library does with values that are known while compiling. */
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
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
  toParts,
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
  return unknown;
}

type ListMethod = (items: ListValue, call: Call) => Value;

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
    return list(
      items.items.filter((_, index) => truthy(kept[index] ?? nothing)),
      call.context.region,
    );
  },
  flatMap: (items, call) =>
    list(
      each(items, call).flatMap((item) => (item.kind === "list" ? item.items : [item])),
      call.context.region,
    ),
  flat: (items, call) =>
    list(
      items.items.flatMap((item) => (item.kind === "list" ? item.items : [item])),
      call.context.region,
    ),
  find: (items, call) => items.items[each(items, call).findIndex(truthy)] ?? nothing,
  findIndex: (items, call) => constant(each(items, call).findIndex(truthy)),
  some: (items, call) => constant(each(items, call).some(truthy)),
  every: (items, call) => constant(each(items, call).every(truthy)),
  reduce: (items, call) => {
    const rest = call.arguments.length > 1 ? items.items : items.items.slice(1);
    const first = call.arguments.length > 1 ? argument(call, 1) : (items.items[0] ?? nothing);
    return rest.reduce((sum, item, index) => apply(argument(call, 0), [sum, item, constant(index)], call), first);
  },
  slice: (items, call) => list(items.items.slice(number(call, 0), number(call, 1)), call.context.region),
  concat: (items, call) =>
    list(
      [...items.items, ...call.arguments.flatMap(({ value }) => (value.kind === "list" ? value.items : [value]))],
      call.context.region,
    ),
  at: (items, call) => items.items.at(number(call, 0) ?? 0) ?? nothing,
  includes: (items, call) => constant(indexOf(items, argument(call, 0)) >= 0),
  indexOf: (items, call) => constant(indexOf(items, argument(call, 0))),
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
    const text = separator.kind === "constant" && typeof separator.value === "string" ? separator.value : ",";
    const parts = items.items.map(toParts);
    if (parts.some((part) => !part)) return wrong(call, "What `join` joins", "texts");
    return template(parts.flatMap((part, index) => (index > 0 ? [text, ...(part ?? [])] : (part ?? []))));
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
  if (member === "length") return constant(of.items.length);
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

const members = (value: Value): [string, { value: Value; span: Span }][] =>
  value.kind === "object" ? [...value.entries] : [];

const objectMethods: Readonly<Record<string, Native>> = {
  keys: (call) =>
    list(
      members(argument(call, 0)).map(([key]) => constant(key)),
      call.context.region,
    ),
  values: (call) =>
    list(
      members(argument(call, 0)).map(([, entry]) => entry.value),
      call.context.region,
    ),
  entries: (call) =>
    list(
      members(argument(call, 0)).map(([key, entry]) => list([constant(key), entry.value])),
      call.context.region,
    ),
  fromEntries: (call) => {
    const pairs = argument(call, 0);
    const items = pairs.kind === "list" ? pairs.items : [];
    return object(
      items.flatMap((pair) => {
        const [key, value] = pair.kind === "list" ? pair.items : [];
        return key?.kind === "constant" && value ? [[String(key.value), { value, span: call.span }] as const] : [];
      }),
      call.context.region,
    );
  },
  assign: (call) =>
    object(
      call.arguments.flatMap(({ value }) => members(value)),
      call.context.region,
    ),
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

/** The names that every module has, made anew for each compilation. */
export function globals(env: Readonly<Record<string, string>>): ReadonlyMap<string, Value> {
  const span = { path: "", start: 0, end: 0 };
  const variables = Object.entries(env).map(([name, value]) => [name, { value: constant(value), span }] as const);
  return new Map<string, Value>([
    ["Object", namespace(objectMethods)],
    ["Math", namespace(Object.fromEntries([...mathMethods].map((name) => [name, mathMethod(name)])))],
    ["JSON", namespace({ stringify, parse: parseJson })],
    ["Array", namespace({ from: arrayFrom, isArray: (call) => constant(argument(call, 0).kind === "list") })],
    ["String", native("String", primitive(String))],
    ["Number", native("Number", primitive(Number))],
    ["Boolean", native("Boolean", primitive(Boolean))],
    [
      "parseInt",
      native(
        "parseInt",
        primitive((value) => Number.parseInt(String(value), 10)),
      ),
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

function arrayFrom(call: Call): Value {
  const source = argument(call, 0);
  const length = source.kind === "object" ? source.entries.get("length")?.value : undefined;
  const count = length?.kind === "constant" ? Math.min(Number(length.value), 100_000) : 0;
  const items = source.kind === "list" ? source.items : Array.from({ length: count }, () => nothing);
  const made = list([...items], call.context.region);
  return call.arguments.length > 1
    ? list(
        items.map((item, index) => apply(argument(call, 1), [item, constant(index)], call)),
        call.context.region,
      )
    : made;
}
