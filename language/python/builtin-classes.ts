/** The classes that every module sees, and what `type` and `isinstance` say of values. */
import { ClassMethod, Property, StaticMethod } from "./attributes.ts";
import { hasTrait, PlainMember } from "./classes.ts";
import { truthOf } from "./expressions.ts";
import { GeneratorValue, IteratorValue } from "./iterators.ts";
import { arguments_, type Machine, raise } from "./machine.ts";
import { newInstance, plainOf, refillContainer, isSubclass } from "./class-values.ts";
import {
  plainText,
  argument,
  builtin,
  type CallArguments,
  type ClassValue,
  type DictValue,
  dict,
  isNumeric,
  isObject,
  isUnknown,
  keyOf,
  list,
  setOf,
  tuple,
  typeName,
  unknown,
  type Value,
} from "./values.ts";
import { TypeForm } from "./type-forms.ts";

type Construct = (machine: Machine, given: CallArguments) => Value;

const constructors: Readonly<Record<string, Construct>> = {
  object: () => ({ kind: "instance", class: anything, attributes: new Map() }),
  str: (machine, given) => {
    const value = argument(given, 0, "object");
    if (value === undefined) return "";
    if (isObject(value) && value.kind === "bytes" && given.positional.length > 1) {
      return new TextDecoder().decode(Uint8Array.from(value.bytes, (char) => char.charCodeAt(0)));
    }
    return machine.text(value, given.span, "str");
  },
  int: integer,
  float: (machine, given) => {
    const value = argument(given, 0) ?? 0n;
    if (isNumeric(value)) return Number(value);
    if (isUnknown(value)) return value;
    if (typeof value === "string") {
      const text = value.trim().replaceAll("_", "").toLowerCase();
      if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/.test(text)) return Number(text);
      if (/^[-+]?inf(?:inity)?$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
      if (/^[-+]?nan$/.test(text)) return Number.NaN;
      return raise("ValueError", `could not convert string to float: ${machine.repr(value, given.span)}`, given.span);
    }
    return (
      special(machine, value, "__float__", given) ??
      raise("TypeError", "float() argument must be a string or a real number", given.span)
    );
  },
  bool: (machine, given) => {
    const value = argument(given, 0) ?? false;
    return isUnknown(value) ? value : truthOf(machine, value, given.span);
  },
  list: (machine, given) => iterableOf(given, (value) => list([...machine.iterate(value, given.span)])),
  tuple: (machine, given) => iterableOf(given, (value) => tuple(machine.iterate(value, given.span))),
  set: (machine, given) => iterableOf(given, (value) => setOf(machine.iterate(value, given.span))),
  frozenset: (machine, given) => iterableOf(given, (value) => setOf(machine.iterate(value, given.span))),
  dict: dictOf,
  bytes: (machine, given) => {
    const value = argument(given, 0) ?? "";
    if (typeof value === "string")
      return machine.call(machine.attribute(value, "encode", given.span) ?? null, arguments_(given.span));
    return isObject(value) && value.kind === "bytes" ? value : unknown("these bytes are not worked out", given.span);
  },
  range: (_, given) => {
    const numbers = given.positional.map(({ value }) => (typeof value === "boolean" ? BigInt(value) : value));
    const wrong = numbers.find((one) => typeof one !== "bigint");
    if (wrong !== undefined)
      return isUnknown(wrong)
        ? wrong
        : raise("TypeError", `'${typeName(wrong)}' object cannot be interpreted as an integer`, given.span);
    const [first = 0n, second, third = 1n] = numbers.filter((one) => typeof one === "bigint");
    if (third === 0n) return raise("ValueError", "range() arg 3 must not be zero", given.span);
    return { kind: "range", start: second === undefined ? 0n : first, stop: second ?? first, step: third };
  },
  slice: (_, given) => {
    const [a = null, b, c = null] = given.positional.map(({ value }) => value);
    return { kind: "slice", lower: b === undefined ? null : a, upper: b ?? a, step: c };
  },
  property: (_, given) => new Property(argument(given, 0, "fget") ?? null),
  staticmethod: (_, given) => new StaticMethod(argument(given, 0) ?? null),
  classmethod: (_, given) => new ClassMethod(argument(given, 0) ?? null),
  type: (machine, given) => {
    const value = given.positional[0]?.value ?? null;
    const [, bases, names] = given.positional.map((one) => one.value);
    if (
      typeof value === "string" &&
      bases !== undefined &&
      names !== undefined &&
      isObject(names) &&
      names.kind === "dict"
    ) {
      return {
        kind: "class",
        name: value,
        qualname: value,
        module: "__main__",
        bases: machine
          .iterate(bases, given.span)
          .filter((one): one is ClassValue => isObject(one) && one.kind === "class"),
        attributes: new Map([...names.entries.values()].map(([name, one]) => [plainText(name), one])),
      };
    }
    return classOf(machine, value);
  },
};

const anything: ClassValue = {
  kind: "class",
  name: "object",
  qualname: "object",
  module: "builtins",
  bases: [],
  attributes: new Map(),
};

function iterableOf(given: CallArguments, make: (value: Value) => Value): Value {
  const value = argument(given, 0);
  if (value !== undefined && isUnknown(value)) return value;
  return make(value ?? list([]));
}

export function special(machine: Machine, value: Value, name: string, given: CallArguments): Value | undefined {
  const method =
    isObject(value) && (value.kind === "instance" || value.kind === "native")
      ? machine.attribute(value, name, given.span)
      : undefined;
  return method === undefined ? undefined : machine.call(method, arguments_(given.span));
}

function integer(machine: Machine, given: CallArguments): Value {
  const value = argument(given, 0) ?? 0n;
  const base = argument(given, 1, "base");
  if (isUnknown(value)) return value;
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return BigInt(value);
  if (typeof value === "number") {
    return Number.isFinite(value)
      ? BigInt(Math.trunc(value))
      : raise("OverflowError", "cannot convert float infinity to integer", given.span);
  }
  if (typeof value === "string") {
    const text = value.trim().replaceAll("_", "").toLowerCase();
    const [, sign = "", digits = ""] = /^([-+]?)(.*)$/.exec(text) ?? [];
    const radix = typeof base === "bigint" ? Number(base) : 10;
    const prefixed = /^0[xob]/.test(digits) && (radix === 0 || radix === 16 || radix === 8 || radix === 2);
    if (prefixed && digits.length > 2) return BigInt(digits) * (sign === "-" ? -1n : 1n);
    if ((radix === 10 || radix === 0) && /^\d{1,4000}$/.test(digits)) return BigInt(digits) * (sign === "-" ? -1n : 1n);
    if (radix !== 10 && digits !== "") {
      const number = Number.parseInt(digits, radix);
      if (Number.isSafeInteger(number) && number.toString(radix) === digits.replace(/^0+(?=.)/, ""))
        return BigInt(number) * (sign === "-" ? -1n : 1n);
    }
    return raise(
      "ValueError",
      `invalid literal for int() with base ${radix}: ${machine.repr(value, given.span)}`,
      given.span,
    );
  }
  return (
    special(machine, value, "__int__", given) ??
    raise(
      "TypeError",
      `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
      given.span,
    )
  );
}

function dictOf(machine: Machine, given: CallArguments): Value {
  const made: DictValue = { kind: "dict", entries: new Map() };
  const update = machine.attribute(made, "update", given.span);
  const from = argument(given, 0);
  if (from !== undefined && isUnknown(from)) return from;
  if (
    from !== undefined &&
    isObject(from) &&
    from.kind === "native" &&
    !(from instanceof IteratorValue || from instanceof GeneratorValue)
  ) {
    for (const key of machine.iterate(from, given.span))
      made.entries.set(keyOf(key), [key, machine.item(from, key, given.span)]);
    for (const [name, { value }] of given.keywords) made.entries.set(keyOf(name), [name, value]);
    return made;
  }
  if (update !== undefined) machine.call(update, given);
  return made;
}

export function builtinClass(machine: Machine, name: string): ClassValue | undefined {
  if (name === "object") {
    const set = builtin("__setattr__", (given) => {
      const self = argument(given, 0) ?? null;
      if (isObject(self) && self.kind === "instance")
        self.attributes.set(plainText(argument(given, 1)), argument(given, 2) ?? null);
      return null;
    });
    const construct: ClassValue["construct"] = (given) => constructors["object"]?.(machine, given) ?? null;
    return { ...anything, attributes: new Map([["__setattr__", new StaticMethod(set)]]), construct };
  }
  const make = Object.hasOwn(constructors, name) ? constructors[name] : undefined;
  if (make === undefined && name !== "NoneType") return undefined;
  const integers = name === "bool" ? machine.module("builtins")?.lookup?.("int") : undefined;
  const attributes = new Map<string, Value>();
  if (name === "dict") {
    attributes.set(
      "fromkeys",
      new StaticMethod(machine.attribute(dict(), "fromkeys", { path: "", start: 0, end: 0 }) ?? null),
    );
  }
  if (name === "str") {
    attributes.set(
      "maketrans",
      new StaticMethod(machine.attribute("", "maketrans", { path: "", start: 0, end: 0 }) ?? null),
    );
    for (const method of ["join", "lower", "upper", "strip", "format", "replace", "split", "title"]) {
      attributes.set(
        method,
        builtin(method, (given) => {
          const [self, ...rest] = given.positional;
          return machine.call(machine.attribute(plainOf(self?.value ?? ""), method, given.span) ?? null, {
            ...given,
            positional: rest,
          });
        }),
      );
    }
  }
  return {
    kind: "class",
    name,
    qualname: name,
    module: "builtins",
    bases: integers !== undefined && isObject(integers) && integers.kind === "class" ? [integers] : [],
    attributes,
    construct: (given, self) => {
      // A user's class that derives from a built-in one keeps its own type, for its methods.
      if (self.name !== name && self.definition !== undefined) {
        if (hasTrait(self, "enum")) return enumLookup(machine, self, given);
        if (name === "object" || name === "type")
          return {
            kind: "instance",
            class: self,
            attributes: new Map([...given.keywords].map(([key, { value }]) => [key, value])),
          };
        const made = newInstance(self, given);
        if (made.inner !== undefined) refillContainer(made.inner, make?.(machine, given) ?? null);
        return made;
      }
      return make?.(machine, given) ?? null;
    },
  };
}

function enumLookup(machine: Machine, type: ClassValue, given: CallArguments): Value {
  const wanted = given.positional[0]?.value ?? null;
  const found = machine
    .iterate(type, given.span)
    .find((member) => member === wanted || (member instanceof PlainMember && member.value === wanted));
  return found ?? raise("ValueError", `${machine.repr(wanted, given.span)} is not a valid ${type.name}`, given.span);
}

/** `type(value)` */
export function classOf(machine: Machine, value: Value): Value {
  if (isObject(value)) {
    if (value.kind === "instance") return value.class;
    if (value.kind === "unknown") return value;
    if (value.kind === "tuple" && value.class !== undefined) return value.class;
    if (value.kind === "native" && value.class !== undefined) return value.class;
  }
  const name = typeName(value);
  return machine.module("builtins")?.lookup?.(name) ?? { ...anything, name, qualname: name };
}

/** `isinstance(value, type)` */
export function isInstance(machine: Machine, value: Value, type: Value): boolean {
  if (!isObject(type)) return type === null && value === null;
  if (type.kind === "tuple") return type.items.some((one) => isInstance(machine, value, one));
  if (type instanceof TypeForm) return type.holds(typeName(value));
  if (type.kind !== "class") return false;
  if (type.name === "object" && type.module === "builtins") return true;
  const own = classOf(machine, value);
  return (
    isObject(own) &&
    own.kind === "class" &&
    (isSubclass(own, type) || (own.name === type.name && own.module === type.module))
  );
}
