import { setAttribute } from "./assign.ts";
import { notImplemented, truthOf } from "./expressions.ts";
import { FileValue } from "./file-value.ts";
import { fixed } from "./format.ts";
import { formatOne } from "./format-fields.ts";
import { sorted } from "./collection-methods.ts";
import { GeneratorValue, IteratorValue, rowsOf } from "./iterators.ts";
import { arguments_, exceptionClass, type Machine, Raised, raise } from "./machine.ts";
import { floorDivide } from "./operators.ts";
import { lineage } from "./class-values.ts";
import {
  codePoints,
  argument,
  builtin,
  type CallArguments,
  firstOf,
  identityOf,
  isObject,
  isUnknown,
  list,
  type ModuleValue,
  plainText,
  rangeLength,
  tuple,
  typeName,
  unknown,
  type Value,
} from "./values.ts";
import { special, builtinClass, isInstance } from "./builtin-classes.ts";

/** The module of the names that every module sees. They are made when first asked for. */
export function builtinsModule(machine: Machine): ModuleValue {
  const names = new Map<string, Value>();
  return {
    kind: "module",
    name: "builtins",
    path: undefined,
    names,
    lookup: (name) => {
      const known = names.get(name);
      if (known !== undefined) return known;
      const made =
        builtinClass(machine, name) ??
        exceptionClass(name) ??
        builtinFunction(machine, name) ??
        (others.has(name) ? unknown(`"${name}" is not worked out while reading`) : undefined);
      if (made !== undefined) names.set(name, made);
      return made;
    },
  };
}

/** The rest of what Python has everywhere. */
const others = new Set(
  `BaseExceptionGroup ExceptionGroup aiter anext breakpoint bytearray compile complex delattr exit globals help
  input locals memoryview quit __import__ __build_class__ __builtins__ __loader__ __spec__`.split(/\s+/),
);

type Function_ = (machine: Machine, given: CallArguments) => Value;

function reduceExtreme(machine: Machine, given: CallArguments, wanted: "<" | ">"): Value {
  const items =
    given.positional.length === 1
      ? machine.iterate(given.positional[0]?.value ?? null, given.span)
      : given.positional.map(({ value }) => value);
  const key = given.keywords.get("key")?.value ?? null;
  const rank = (value: Value): Value => (key === null ? value : machine.call(key, arguments_(given.span, value)));
  const uncertain = items.find(isUnknown);
  if (uncertain !== undefined) return uncertain;
  let best: Value | undefined;
  for (const item of items)
    if (best === undefined || machine.compare(wanted, rank(item), rank(best), given.span) === true) best = item;
  const value = firstOf(best, given.keywords.get("default")?.value);
  return value === undefined ? raise("ValueError", "the iterable is empty", given.span) : value;
}

const functions: Readonly<Record<string, Function_>> = {
  len: (machine, given) => {
    const value = argument(given, 0) ?? null;
    if (isUnknown(value)) return value;
    if (typeof value === "string")
      return BigInt(/[\ud800-\udfff]/.test(value) ? codePoints(value).length : value.length);
    if (isObject(value)) {
      if (value.kind === "range") return rangeLength(value);
      const own = special(machine, value, "__len__", given);
      if (own !== undefined) return own;
      if (value.kind !== "function" && value.kind !== "builtin")
        return BigInt(machine.iterate(value, given.span).length);
    }
    return raise("TypeError", `object of type '${typeName(value)}' has no len()`, given.span);
  },
  print: (machine, given) => {
    const file = given.keywords.get("file")?.value;
    // What a pipeline file prints elsewhere while it is compiled is of no consequence.
    if (!(file instanceof FileValue)) return null;
    const [between, end] = (["sep", "end"] as const).map((name) => given.keywords.get(name)?.value ?? null);
    const text = given.positional.map(({ value }) => machine.text(value, given.span, "str"));
    const uncertain = text.find((each) => typeof each !== "string");
    const line =
      text.map(plainText).join(typeof between === "string" ? between : " ") + (typeof end === "string" ? end : "\n");
    file.write(uncertain ?? line, given.span);
    return null;
  },
  input: (_, given) => unknown("what is typed in is not known", given.span),
  repr: (machine, given) => machine.text(argument(given, 0) ?? null, given.span, "repr"),
  ascii: (machine, given) => {
    const text = machine.text(argument(given, 0) ?? null, given.span, "repr");
    if (typeof text !== "string") return text;
    return Array.from(text, (char) => {
      const code = char.codePointAt(0) ?? 0;
      if (code < 128) return char;
      const digits = code.toString(16);
      return code < 256
        ? `\\x${digits}`
        : code < 65536
          ? `\\u${digits.padStart(4, "0")}`
          : `\\U${digits.padStart(8, "0")}`;
    }).join("");
  },
  format: (machine, given) => {
    const value = argument(given, 0) ?? null;
    const spec = argument(given, 1);
    return formatOne(machine, value, typeof spec === "string" ? spec : "", given.span);
  },
  sorted: (machine, given) => list(sorted(machine, machine.iterate(argument(given, 0) ?? null, given.span), given)),
  reversed: (machine, given) => {
    const value = argument(given, 0) ?? null;
    if (isUnknown(value)) return value;
    const own = special(machine, value, "__reversed__", given);
    return own ?? new IteratorValue("list_reverseiterator", [...machine.iterate(value, given.span)].reverse());
  },
  enumerate: (machine, given) => {
    const start = argument(given, 1, "start") ?? 0n;
    const value = argument(given, 0) ?? null;
    if (isUnknown(value)) return value;
    return new IteratorValue(
      "enumerate",
      machine
        .iterate(value, given.span)
        .map((item, i) => tuple([typeof start === "bigint" ? start + BigInt(i) : BigInt(i), item])),
    );
  },
  zip: (machine, given) => {
    const columns = given.positional.map(({ value }) => value);
    const uncertain = columns.find(isUnknown);
    if (uncertain !== undefined) return uncertain;
    return new IteratorValue("zip", rowsOf(machine, columns, given.span).map(tuple));
  },
  map: (machine, given) => {
    const [target, ...columns] = given.positional.map(({ value }) => value);
    const uncertain = columns.find(isUnknown);
    if (uncertain !== undefined) return uncertain;
    const rows = rowsOf(machine, columns, given.span);
    return new IteratorValue(
      "map",
      rows.map((row) => machine.call(target ?? null, arguments_(given.span, ...row))),
    );
  },
  filter: (machine, given) => {
    const keep = argument(given, 0) ?? null;
    const over = argument(given, 1) ?? null;
    if (isUnknown(over)) return over;
    return new IteratorValue(
      "filter",
      machine
        .iterate(over, given.span)
        .filter((item) =>
          truthOf(machine, keep === null ? item : machine.call(keep, arguments_(given.span, item)), given.span),
        ),
    );
  },
  sum: (machine, given) => {
    let total: Value = argument(given, 1, "start") ?? 0n;
    for (const item of machine.iterate(argument(given, 0) ?? null, given.span))
      total = machine.binary("+", total, item, given.span);
    return total;
  },
  min: (machine, given) => reduceExtreme(machine, given, "<"),
  max: (machine, given) => reduceExtreme(machine, given, ">"),
  any: (machine, given) =>
    machine.iterate(argument(given, 0) ?? null, given.span).some((item) => truthOf(machine, item, given.span)),
  all: (machine, given) =>
    machine.iterate(argument(given, 0) ?? null, given.span).every((item) => truthOf(machine, item, given.span)),
  abs: (_, given) => {
    const value = argument(given, 0) ?? 0n;
    if (typeof value === "bigint") return value < 0n ? -value : value;
    return typeof value === "number"
      ? Math.abs(value)
      : isUnknown(value)
        ? value
        : raise("TypeError", "bad operand type for abs()", given.span);
  },
  round: (_, given) => {
    const value = argument(given, 0) ?? 0n;
    const digits = argument(given, 1, "ndigits") ?? null;
    if (isUnknown(value)) return value;
    if (typeof value === "bigint") return typeof digits === "bigint" && digits < 0n ? roundedTo(value, digits) : value;
    if (typeof value !== "number") return raise("TypeError", "type doesn't define __round__ method", given.span);
    if (typeof digits === "bigint" && digits < 0n) return Number(roundedTo(BigInt(Math.round(value)), digits));
    if (typeof digits !== "bigint") {
      // Halves go to the even neighbour.
      const down = Math.floor(value);
      const rest = value - down;
      return BigInt(rest < 0.5 ? down : rest > 0.5 ? down + 1 : down % 2 === 0 ? down : down + 1);
    }
    return Number(fixed(value, Math.max(0, Number(digits))));
  },
  divmod: (_, given) => {
    const [left, right] = given.positional.map(({ value }) => value);
    if (typeof left !== "bigint" || typeof right !== "bigint" || right === 0n)
      return raise("TypeError", "unsupported operand type(s) for divmod()", given.span);
    const quotient = floorDivide(left, right);
    return tuple([quotient, left - quotient * right]);
  },
  pow: (machine, given) => {
    const power = machine.binary("**", argument(given, 0, "base") ?? 0n, argument(given, 1, "exp") ?? 0n, given.span);
    const modulus = argument(given, 2, "mod") ?? null;
    return modulus === null ? power : machine.binary("%", power, modulus, given.span);
  },
  ord: (_, given) => {
    const value = argument(given, 0);
    return typeof value === "string" && value !== ""
      ? BigInt(value.codePointAt(0) ?? 0)
      : raise("TypeError", "ord() expected a character", given.span);
  },
  chr: (_, given) => {
    const value = argument(given, 0);
    return typeof value === "bigint" && value >= 0n && value < 0x110000n
      ? String.fromCodePoint(Number(value))
      : raise("ValueError", "chr() arg not in range(0x110000)", given.span);
  },
  hex: (_, given) => `0x${numberArgument(given).toString(16)}`,
  bin: (_, given) => `0b${numberArgument(given).toString(2)}`,
  oct: (_, given) => `0o${numberArgument(given).toString(8)}`,
  hash: (_, given) => unknown("a hash differs from run to run", given.span),
  id: (_, given) => {
    const value = argument(given, 0) ?? null;
    return isObject(value) ? BigInt(identityOf(value)) : unknown("an address is not known", given.span);
  },
  iter: (machine, given) => {
    const value = argument(given, 0) ?? null;
    if (isUnknown(value) || value instanceof GeneratorValue || value instanceof IteratorValue) return value;
    return new IteratorValue(`${typeName(value)}_iterator`, [...machine.iterate(value, given.span)]);
  },
  next: (machine, given) => {
    const source = argument(given, 0) ?? null;
    if (isUnknown(source)) return source;
    if (source instanceof IteratorValue || source instanceof GeneratorValue) {
      const value = firstOf(source.next(given.span), argument(given, 1));
      return value === undefined ? raise("StopIteration", "", given.span) : value;
    }
    return (
      special(machine, source, "__next__", given) ??
      raise("TypeError", `'${typeName(source)}' object is not an iterator`, given.span)
    );
  },
  isinstance: (machine, given) => {
    const value = argument(given, 0) ?? null;
    const type = argument(given, 1) ?? null;
    if (isUnknown(value)) return value;
    const types = isObject(type) && type.kind === "tuple" ? type.items : [type];
    return types.some((one) => !isUnknown(one) && isInstance(machine, value, one)) || (types.find(isUnknown) ?? false);
  },
  issubclass: (_, given) => {
    const [type, base] = [argument(given, 0) ?? null, argument(given, 1) ?? null];
    const bases = isObject(base) && base.kind === "tuple" ? base.items : [base];
    return (
      isObject(type) &&
      type.kind === "class" &&
      bases.some((one) => isObject(one) && one.kind === "class" && [...lineage(type)].includes(one))
    );
  },
  callable: (_, given) => {
    const value = argument(given, 0) ?? null;
    return (
      isObject(value) &&
      (value.kind === "function" ||
        value.kind === "builtin" ||
        value.kind === "class" ||
        (value.kind === "native" && value.call !== undefined))
    );
  },
  getattr: (machine, given) => {
    const object = argument(given, 0) ?? null;
    const name = argument(given, 1);
    if (typeof name !== "string")
      return name !== undefined && isUnknown(name)
        ? name
        : raise("TypeError", "attribute name must be string", given.span);
    const found = firstOf(machine.attribute(object, name, given.span), argument(given, 2));
    return found === undefined
      ? raise("AttributeError", `'${typeName(object)}' object has no attribute '${name}'`, given.span)
      : found;
  },
  hasattr: (machine, given) => {
    const name = argument(given, 1);
    try {
      return typeof name === "string" && machine.attribute(argument(given, 0) ?? null, name, given.span) !== undefined;
    } catch (problem) {
      if (problem instanceof Raised) return false;
      throw problem;
    }
  },
  setattr: (machine, given) => {
    const name = argument(given, 1);
    if (typeof name === "string")
      setAttribute(machine, argument(given, 0) ?? null, name, argument(given, 2) ?? null, given.span);
    return null;
  },
  delattr: () => null,
  vars: (machine, given) => {
    const value = argument(given, 0) ?? null;
    return machine.attribute(value, "__dict__", given.span) ?? unknown("its attributes are not known", given.span);
  },
  dir: (machine, given) => {
    const value = argument(given, 0) ?? null;
    const names =
      isObject(value) && value.kind === "module"
        ? [...value.names.keys()]
        : isObject(value) && value.kind === "instance"
          ? [...value.attributes.keys(), ...[...lineage(value.class)].flatMap((one) => [...one.attributes.keys()])]
          : [];
    return list(sorted(machine, [...new Set(names)], { ...given, keywords: new Map() }));
  },
  eval: (_, given) => unknown("code given as text is not evaluated", given.span),
  exec: (_, given) => unknown("code given as text is not evaluated", given.span),
  compile: (_, given) => unknown("code given as text is not evaluated", given.span),
  super: (_, given) => unknown("super() with arguments is not followed", given.span),
  __import__: (machine, given) => {
    const name = argument(given, 0);
    return (
      (typeof name === "string" ? machine.module(name) : undefined) ?? unknown("this module cannot be read", given.span)
    );
  },
};

/** To tens, hundreds, …; halves go to the even one. */
function roundedTo(value: bigint, digits: bigint): bigint {
  const unit = 10n ** (digits < -400n ? 400n : -digits);
  const down = floorDivide(value, unit);
  const twice = (value - down * unit) * 2n;
  return (twice > unit || (twice === unit && down % 2n !== 0n) ? down + 1n : down) * unit;
}

function numberArgument(given: CallArguments): bigint {
  const value = argument(given, 0);
  return typeof value === "bigint" ? value : raise("TypeError", "an integer is required", given.span);
}

function builtinFunction(machine: Machine, name: string): Value | undefined {
  switch (name) {
    case "NotImplemented":
      return unknown(notImplemented);
    case "Ellipsis":
      return { kind: "ellipsis" };
    case "__debug__":
      return true;
    default: {
      const make = Object.hasOwn(functions, name) ? functions[name] : undefined;
      return make === undefined ? undefined : builtin(name, (given) => make(machine, given));
    }
  }
}
