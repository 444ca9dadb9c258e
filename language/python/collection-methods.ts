import { type Machine, raise, sizeLimit } from "./machine.ts";
import { ordering } from "./operators.ts";
import { equal } from "./equality.ts";
import {
  codePoints,
  argument,
  builtin,
  type BytesValue,
  type CallArguments,
  type DictValue,
  dict,
  firstOf,
  isObject,
  keyOf,
  soughtKey,
  type ListValue,
  list,
  type SetValue,
  setOf,
  truth,
  type TupleValue,
  tuple,
  typeName,
  unknown,
  type Value,
} from "./values.ts";

type Method<T> = (self: T, given: CallArguments, machine: Machine) => Value;

function bound<T>(
  machine: Machine,
  methods: Readonly<Record<string, Method<T>>>,
  self: T,
  name: string,
): Value | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  return method === undefined ? undefined : builtin(name, (given) => method(self, given, machine));
}

export function listMethod(machine: Machine, self: ListValue, name: string): Value | undefined {
  const own = self.type === "deque" ? bound(machine, dequeMethods, self, name) : undefined;
  return own ?? bound(machine, listMethods, self, name);
}
export function tupleMethod(machine: Machine, self: TupleValue, name: string): Value | undefined {
  return bound(machine, tupleMethods, self, name);
}
export function dictMethod(machine: Machine, self: DictValue, name: string): Value | undefined {
  const own =
    self.type === "Counter"
      ? bound(machine, counterMethods, self, name)
      : self.type === "OrderedDict"
        ? bound(machine, orderedMethods, self, name)
        : undefined;
  return own ?? bound(machine, dictMethods, self, name);
}
export function setMethod(machine: Machine, self: SetValue, name: string): Value | undefined {
  return bound(machine, setMethods, self, name);
}

export function bytesMethod(self: BytesValue, name: string): Value | undefined {
  switch (name) {
    case "decode":
      return builtin(name, () => new TextDecoder().decode(Uint8Array.from(self.bytes, (char) => char.charCodeAt(0))));
    case "hex":
      return builtin(name, () =>
        codePoints(self.bytes)
          .map((char) => char.charCodeAt(0).toString(16).padStart(2, "0"))
          .join(""),
      );
    default:
      return undefined;
  }
}

export function numberAttribute(self: Value, name: string): Value | undefined {
  switch (name) {
    case "real":
      return self;
    case "imag":
      return 0n;
    case "is_integer":
      return builtin(name, () => typeof self !== "number" || Number.isInteger(self));
    case "bit_length":
      return typeof self === "bigint"
        ? builtin(name, () => BigInt(self === 0n ? 0 : (self < 0n ? -self : self).toString(2).length))
        : undefined;
    default:
      return undefined;
  }
}

/** A sorted copy; `key` and `reverse` as `sorted` has them. */
export function sorted(machine: Machine, items: readonly Value[], given: CallArguments): Value[] {
  const key = given.keywords.get("key")?.value ?? null;
  const keys = items.map((item) =>
    key === null
      ? item
      : machine.call(key, { positional: [{ value: item, span: given.span }], keywords: new Map(), span: given.span }),
  );
  machine.stepsLeft -= items.length * 10;
  const order = [...items.keys()];
  const compare = (left: number, right: number): number => {
    const [a, b] = [keys[left] ?? null, keys[right] ?? null];
    const known = ordering(a, b);
    if (known !== undefined) return known;
    const less = (x: Value, y: Value): boolean => truth(machine.compare("<", x, y, given.span));
    return less(a, b) ? -1 : less(b, a) ? 1 : 0;
  };
  const reverse = truth(given.keywords.get("reverse")?.value ?? false);
  order.sort((left, right) => (reverse ? compare(right, left) || 0 : compare(left, right)));
  return order.map((i) => items[i] ?? null);
}

function offset(value: Value | undefined, length: number, otherwise: number): number {
  if (typeof value !== "bigint") return otherwise;
  const number = Number(value);
  return number < 0 ? Math.max(0, number + length) : Math.min(number, length);
}

/** As Python compares items: by the `__eq__` of the user's classes, too. */
function isEqual(item: Value, wanted: Value, given: CallArguments, machine: Machine): boolean {
  return equal(item, wanted) || (isObject(item) && machine.compare("==", item, wanted, given.span) === true);
}

function position(items: readonly Value[], given: CallArguments, machine: Machine): bigint {
  const wanted = argument(given, 0) ?? null;
  const at = items.findIndex((item) => isEqual(item, wanted, given, machine));
  return at < 0
    ? raise("ValueError", `${machine.repr(wanted, given.span)} is not in the list`, given.span)
    : BigInt(at);
}

const listMethods: Readonly<Record<string, Method<ListValue>>> = {
  append: (self, given) => {
    self.items.push(argument(given, 0) ?? null);
    return null;
  },
  extend: (self, given, machine) => {
    const more = machine.iterate(argument(given, 0) ?? null, given.span);
    if (self.items.length + more.length > sizeLimit) raise("MemoryError", "this list is too large", given.span);
    for (const item of [...more]) self.items.push(item);
    return null;
  },
  insert: (self, given) => {
    self.items.splice(offset(argument(given, 0), self.items.length, 0), 0, argument(given, 1) ?? null);
    return null;
  },
  pop: (self, given) => {
    const index = argument(given, 0) ?? -1n;
    const at = typeof index === "bigint" ? Number(index) : -1;
    const from = at < 0 ? at + self.items.length : at;
    if (from < 0 || from >= self.items.length) return raise("IndexError", "pop index out of range", given.span);
    return self.items.splice(from, 1)[0] ?? null;
  },
  remove: (self, given, machine) => {
    self.items.splice(Number(position(self.items, given, machine)), 1);
    return null;
  },
  clear: (self) => {
    self.items.length = 0;
    return null;
  },
  index: (self, given, machine) => position(self.items, given, machine),
  count: (self, given, machine) =>
    BigInt(self.items.filter((item) => isEqual(item, argument(given, 0) ?? null, given, machine)).length),
  sort: (self, given, machine) => {
    self.items.splice(0, self.items.length, ...sorted(machine, self.items, given));
    return null;
  },
  reverse: (self) => {
    self.items.reverse();
    return null;
  },
  copy: (self) => list([...self.items]),
};

const dequeMethods: Readonly<Record<string, Method<ListValue>>> = {
  appendleft: (self, given) => {
    self.items.unshift(argument(given, 0) ?? null);
    return null;
  },
  extendleft: (self, given, machine) => {
    self.items.unshift(...[...machine.iterate(argument(given, 0) ?? null, given.span)].reverse());
    return null;
  },
  popleft: (self, given) => firstOf(self.items.shift()) ?? raise("IndexError", "pop from an empty deque", given.span),
  rotate: (self, given) => {
    const by = argument(given, 0, "n") ?? 1n;
    const { length } = self.items;
    const count = typeof by === "bigint" && length > 0 ? Number(by) % length : 0;
    self.items.unshift(...self.items.splice(length - ((count + length) % length || length), length));
    return null;
  },
};

const counterMethods: Readonly<Record<string, Method<DictValue>>> = {
  most_common: (self, given) => {
    const rows = [...self.entries.values()].sort(([, a], [, b]) => Number(b) - Number(a));
    const count = argument(given, 0, "n");
    return list((typeof count === "bigint" ? rows.slice(0, Number(count)) : rows).map((row) => tuple([...row])));
  },
  elements: (self) =>
    list([...self.entries.values()].flatMap(([key, count]) => Array.from({ length: Number(count) }, () => key))),
  update: (self, given, machine) => {
    for (const item of machine.iterate(argument(given, 0) ?? null, given.span)) {
      const before = self.entries.get(keyOf(item))?.[1];
      self.entries.set(keyOf(item), [item, typeof before === "bigint" ? before + 1n : 1n]);
    }
    return null;
  },
};

const orderedMethods: Readonly<Record<string, Method<DictValue>>> = {
  move_to_end: (self, given) => {
    const key = keyOf(argument(given, 0, "key") ?? null);
    const entry = self.entries.get(key);
    if (entry === undefined) return null;
    self.entries.delete(key);
    const rest = argument(given, 1, "last") === false ? [...self.entries] : [];
    if (rest.length > 0) self.entries.clear();
    self.entries.set(key, entry);
    for (const [name, other] of rest) self.entries.set(name, other);
    return null;
  },
};

const tupleMethods: Readonly<Record<string, Method<TupleValue>>> = {
  index: (self, given, machine) => position(self.items, given, machine),
  count: (self, given) => BigInt(self.items.filter((item) => equal(item, argument(given, 0) ?? null)).length),
};

function merge(self: DictValue, given: CallArguments, machine: Machine): void {
  const other = argument(given, 0);
  if (other !== undefined && isObject(other) && other.kind === "dict") {
    for (const [key, [name, value]] of other.entries) self.entries.set(key, [name, value]);
  } else if (other !== undefined && !(isObject(other) && other.kind === "unknown")) {
    for (const pair of machine.iterate(other, given.span)) {
      const [name = null, value = null] = machine.iterate(pair, given.span);
      self.entries.set(keyOf(name), [name, value]);
    }
  }
  for (const [name, { value }] of given.keywords) self.entries.set(keyOf(name), [name, value]);
}

const dictMethods: Readonly<Record<string, Method<DictValue>>> = {
  get: (self, given) =>
    firstOf(self.entries.get(soughtKey(argument(given, 0) ?? null))?.[1], argument(given, 1, "default")) ?? null,
  // Views are lists here: nothing that a pipeline file does can tell.
  keys: (self) => list([...self.entries.values()].map(([key]) => key)),
  values: (self) => list([...self.entries.values()].map(([, value]) => value)),
  items: (self) => list([...self.entries.values()].map(([key, value]) => tuple([key, value]))),
  update: (self, given, machine) => {
    merge(self, given, machine);
    return null;
  },
  pop: (self, given, machine) => {
    const key = argument(given, 0) ?? null;
    const found = self.entries.get(soughtKey(key));
    self.entries.delete(keyOf(key));
    const value = firstOf(found?.[1], argument(given, 1));
    return value === undefined ? raise("KeyError", machine.repr(key, given.span), given.span) : value;
  },
  popitem: (self, given) => {
    const last = [...self.entries].at(-1);
    if (last === undefined) return raise("KeyError", "'popitem(): dictionary is empty'", given.span);
    self.entries.delete(last[0]);
    return tuple(last[1]);
  },
  setdefault: (self, given) => {
    const key = argument(given, 0) ?? null;
    const found = self.entries.get(soughtKey(key));
    if (found !== undefined) return found[1];
    const value = argument(given, 1, "default") ?? null;
    self.entries.set(keyOf(key), [key, value]);
    return value;
  },
  clear: (self) => {
    self.entries.clear();
    return null;
  },
  copy: (self) => ({ ...self, entries: new Map(self.entries) }),
  fromkeys: (_, given, machine) =>
    dict(
      machine.iterate(argument(given, 0) ?? null, given.span).map((key) => [key, argument(given, 1) ?? null] as const),
    ),
};

function operand(given: CallArguments, machine: Machine): SetValue {
  return setOf(given.positional.flatMap(({ value }) => [...machine.iterate(value, given.span)]));
}

const setMethods: Readonly<Record<string, Method<SetValue>>> = {
  add: (self, given) => {
    const value = argument(given, 0) ?? null;
    self.items.set(keyOf(value), value);
    return null;
  },
  discard: (self, given) => {
    self.items.delete(keyOf(argument(given, 0) ?? null));
    return null;
  },
  remove: (self, given, machine) => {
    const value = argument(given, 0) ?? null;
    return self.items.delete(keyOf(value)) ? null : raise("KeyError", machine.repr(value, given.span), given.span);
  },
  update: (self, given, machine) => {
    for (const [key, value] of operand(given, machine).items) self.items.set(key, value);
    return null;
  },
  union: (self, given, machine) => ({ kind: "set", items: new Map([...self.items, ...operand(given, machine).items]) }),
  intersection: (self, given, machine) => {
    const other = operand(given, machine);
    return setOf([...self.items.values()].filter((item) => other.items.has(keyOf(item))));
  },
  difference: (self, given, machine) => {
    const other = operand(given, machine);
    return setOf([...self.items.values()].filter((item) => !other.items.has(keyOf(item))));
  },
  issubset: (self, given, machine) => {
    const other = operand(given, machine);
    return [...self.items.keys()].every((key) => other.items.has(key));
  },
  issuperset: (self, given, machine) => [...operand(given, machine).items.keys()].every((key) => self.items.has(key)),
  isdisjoint: (self, given, machine) => ![...operand(given, machine).items.keys()].some((key) => self.items.has(key)),
  copy: (self) => setOf(self.items.values()),
  clear: (self) => {
    self.items.clear();
    return null;
  },
  pop: (self, given) => {
    // Which element a set gives is not the language's to say, but for a set of one.
    const [first] = self.items;
    if (first === undefined) return raise("KeyError", "'pop from an empty set'", given.span);
    self.items.delete(first[0]);
    return self.items.size === 0
      ? first[1]
      : unknown(`which element a ${typeName(self)} gives is not known`, given.span);
  },
};
