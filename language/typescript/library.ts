/** What JavaScript's own library does with values that are known while compiling. */
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
import { conditionOf } from "./conditions.ts";
import { type Context, report } from "./context.ts";
import {
  type Call,
  type Native,
  type Primitive,
  type Value,
  constant,
  fromJson,
  isKnown,
  list,
  nothing,
  object,
  template,
  toJson,
  toParts,
  truthOf,
  unknown,
} from "./values.ts";
import { isListOfRun } from "./list-methods.ts";
import { apply, argument, native, number, refuse, wrong } from "./native-calls.ts";

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
