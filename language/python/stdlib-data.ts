import { Property } from "./attributes.ts";
import { namedTupleOf } from "./classes.ts";
import { asDataclass, type DataclassFlag, Field, fieldNames, fieldsOf } from "./dataclasses.ts";
import { firstItems, GeneratorValue, IteratorValue } from "./iterators.ts";
import { arguments_, exceptionClass, type Machine, raise, sizeLimit } from "./machine.ts";
import { TypeForm } from "./type-forms.ts";
import type { Names } from "./stdlib.ts";
import {
  plainText,
  argument,
  builtin,
  type CallArguments,
  type ClassValue,
  classAttribute,
  dict,
  type DictValue,
  isObject,
  keyOf,
  list,
  type NativeValue,
  tuple,
  type Value,
} from "./values.ts";

/** `functools.partial(f, …)` */
export class Partial implements NativeValue {
  readonly kind = "native";
  readonly type = "partial";
  readonly target: Value;
  private readonly given: CallArguments;
  private readonly machine: Machine;

  constructor(machine: Machine, target: Value, given: CallArguments) {
    this.machine = machine;
    this.target = target;
    this.given = given;
  }
  call(more: CallArguments): Value {
    const keywords = new Map([...this.given.keywords, ...more.keywords]);
    return this.machine.call(this.target, {
      positional: [...this.given.positional, ...more.positional],
      keywords,
      span: more.span,
    });
  }
  attribute(name: string): Value | undefined {
    if (name === "func") return this.target;
    if (name === "args") return tuple(this.given.positional.map(({ value }) => value));
    if (name === "keywords") return dict([...this.given.keywords].map(([key, { value }]) => [key, value] as const));
    return undefined;
  }
}

export function functoolsModule(machine: Machine): Names {
  const cached = (name: string): Value =>
    builtin(name, (given) => {
      const target = argument(given, 0) ?? null;
      if (isObject(target) && target.kind === "function") return remembering(machine, target);
      return builtin(name, (inner) => remembering(machine, argument(inner, 0) ?? null));
    });
  return {
    partial: builtin("partial", (given) => {
      const [target, ...positional] = given.positional;
      return new Partial(machine, target?.value ?? null, { ...given, positional });
    }),
    wraps: builtin("wraps", (given) => {
      const wrapped = argument(given, 0, "wrapped") ?? null;
      return builtin("wraps", (inner) => wraps(argument(inner, 0) ?? null, wrapped));
    }),
    update_wrapper: builtin("update_wrapper", (given) => wraps(argument(given, 0) ?? null, argument(given, 1) ?? null)),
    reduce: builtin("reduce", (given) => {
      const items = [...machine.iterate(argument(given, 1) ?? null, given.span)];
      const start = argument(given, 2);
      let total = start === undefined ? items.shift() : start;
      if (total === undefined)
        return raise("TypeError", "reduce() of empty iterable with no initial value", given.span);
      for (const item of items) total = machine.call(argument(given, 0) ?? null, arguments_(given.span, total, item));
      return total;
    }),
    lru_cache: cached("lru_cache"),
    cache: cached("cache"),
    cached_property: builtin("cached_property", (given) => new Property(argument(given, 0) ?? null, { cached: true })),
    total_ordering: builtin("total_ordering", (given) => {
      const type = argument(given, 0) ?? null;
      if (isObject(type) && type.kind === "class") orderFully(machine, type);
      return type;
    }),
  };
}

/** The comparisons that a class lacks, from the one that it has and from equality. */
function orderFully(machine: Machine, type: ClassValue): void {
  const signs = { __lt__: "<", __le__: "<=", __gt__: ">", __ge__: ">=" } as const;
  const known = Object.entries(signs).find(([name]) => classAttribute(type, name) !== undefined)?.[1];
  if (known === undefined) return;
  const ask = (sign: string, left: Value, right: Value, { span }: CallArguments): boolean =>
    machine.compare(sign, left, right, span) === true;
  const isStrict = known === "<" || known === ">";
  for (const [name, sign] of Object.entries(signs)) {
    if (classAttribute(type, name) !== undefined) continue;
    const isSame = sign.charAt(0) === known.charAt(0);
    type.attributes.set(
      name,
      builtin(name, (given) => {
        const [self, other] = [argument(given, 0) ?? null, argument(given, 1) ?? null];
        const [left, right] = isSame ? [self, other] : [other, self];
        // Of the known one, strict or not, and equality.
        const equals = ask("==", self, other, given);
        return (ask(known, left, right, given) && (isStrict || !equals)) || (sign.endsWith("=") && equals);
      }),
    );
  }
}

/** A function that is called once for equal arguments. */
function remembering(machine: Machine, target: Value): Value {
  const known = new Map<string, Value>();
  return {
    kind: "native",
    type: "_lru_cache_wrapper",
    attribute: (name, span) =>
      name === "cache_clear"
        ? builtin(name, () => {
            known.clear();
            return null;
          })
        : name === "__wrapped__"
          ? target
          : machine.attribute(target, name, span),
    call: (given) => {
      const keywords = [...given.keywords].map(([name, { value }]) => tuple([name, value]));
      const key = keyOf(tuple([...given.positional.map(({ value }) => value), ...keywords]));
      const before = known.get(key);
      if (before !== undefined) return before;
      const made = machine.call(target, given);
      known.set(key, made);
      return made;
    },
  };
}

/** A function that shows another's name and text: `inspect` follows `__wrapped__`. */
function wraps(wrapper: Value, wrapped: Value): Value {
  if (!isObject(wrapper) || wrapper.kind !== "function" || !isObject(wrapped) || wrapped.kind !== "function")
    return wrapper;
  return {
    ...wrapper,
    name: wrapped.name,
    qualname: wrapped.qualname,
    attributes: new Map([...wrapped.attributes, ...wrapper.attributes, ["__wrapped__", wrapped]]),
  };
}

export function itertoolsModule(machine: Machine): Names {
  const each = (given: CallArguments): readonly (readonly Value[])[] =>
    given.positional.map(({ value }) => machine.iterate(value, given.span));
  const size = (count: number, given: CallArguments): void => {
    machine.stepsLeft -= count;
    if (count > sizeLimit) raise("MemoryError", "these are too many combinations", given.span);
  };
  const choose = (name: string, pick: (items: readonly Value[], length: number) => Value[][]): Value =>
    builtin(name, (given) => {
      const items = machine.iterate(argument(given, 0) ?? null, given.span);
      const length = argument(given, 1, "r");
      const count = typeof length === "bigint" ? Number(length) : items.length;
      if (items.length ** count > 1e7 && count > 3) raise("MemoryError", "these are too many combinations", given.span);
      return list(pick(items, count).map(tuple));
    });
  const chain = builtin("chain", (given) => new IteratorValue("chain", each(given).flat()));
  return {
    chain: {
      kind: "class",
      name: "chain",
      qualname: "chain",
      module: "itertools",
      bases: [],
      attributes: new Map<string, Value>([
        [
          "from_iterable",
          builtin("from_iterable", (given) =>
            list(
              machine
                .iterate(argument(given, 0) ?? null, given.span)
                .flatMap((one) => [...machine.iterate(one, given.span)]),
            ),
          ),
        ],
      ]),
      construct: (given) => chain.call(given),
    },
    product: builtin("product", (given) => {
      const repeat = given.keywords.get("repeat")?.value;
      const lists = each(given);
      const all = Array.from(
        { length: typeof repeat === "bigint" ? Math.min(Number(repeat), 20) : 1 },
        () => lists,
      ).flat();
      size(
        all.reduce((product, one) => product * one.length, 1),
        given,
      );
      return list(
        all
          .reduce<Value[][]>((rows, column) => rows.flatMap((row) => column.map((item) => [...row, item])), [[]])
          .map(tuple),
      );
    }),
    combinations: choose("combinations", combinations),
    permutations: choose("permutations", permutations),
    count: builtin("count", (given) => {
      const [first, step] = [argument(given, 0, "start") ?? 0n, argument(given, 1, "step") ?? 1n];
      return new GeneratorValue(machine, (take) => {
        for (let at: Value = first; ; at = machine.binary("+", at, step, given.span)) {
          machine.stepsLeft--;
          take(at);
        }
      });
    }),
    cycle: builtin("cycle", (given) => {
      const items = [...machine.iterate(argument(given, 0) ?? null, given.span)];
      return new GeneratorValue(machine, (take) => {
        while (items.length > 0) for (const item of items) take(item);
        return null;
      });
    }),
    starmap: builtin("starmap", (given) =>
      list(
        machine
          .iterate(argument(given, 1) ?? null, given.span)
          .map((row) =>
            machine.call(argument(given, 0) ?? null, arguments_(given.span, ...machine.iterate(row, given.span))),
          ),
      ),
    ),
    takewhile: builtin("takewhile", (given) => {
      const kept: Value[] = [];
      const over = argument(given, 1) ?? null;
      const isIterator = over instanceof GeneratorValue || over instanceof IteratorValue;
      const source = isIterator ? over : new IteratorValue("takewhile", machine.iterate(over, given.span));
      for (let item; (item = firstItems(machine, source, 1, given.span)[0]) !== undefined; ) {
        if (machine.call(argument(given, 0) ?? null, arguments_(given.span, item)) !== true) break;
        kept.push(item);
      }
      return list(kept);
    }),
    zip_longest: builtin("zip_longest", (given) => {
      const columns = each(given);
      const fill = given.keywords.get("fillvalue")?.value ?? null;
      return list(
        Array.from({ length: Math.max(0, ...columns.map((one) => one.length)) }, (_, i) =>
          tuple(columns.map((one) => one[i] ?? fill)),
        ),
      );
    }),
    islice: builtin("islice", (given) => {
      const [a, b] = [argument(given, 1) ?? null, argument(given, 2)];
      const end = b === undefined ? a : b;
      const items =
        typeof end === "bigint"
          ? firstItems(machine, argument(given, 0) ?? null, Number(end), given.span)
          : machine.iterate(argument(given, 0) ?? null, given.span);
      const bound = (value: Value | undefined): number | undefined =>
        typeof value === "bigint" ? Number(value) : undefined;
      return list(b === undefined ? items.slice(0, bound(a)) : items.slice(bound(a) ?? 0, bound(b)));
    }),
    repeat: builtin("repeat", (given) => {
      const times = argument(given, 1, "times");
      const count =
        typeof times === "bigint"
          ? Number(times)
          : raise("MemoryError", "repeat() without an end is not walked", given.span);
      size(count, given);
      return list(Array.from({ length: count }, () => argument(given, 0) ?? null));
    }),
    accumulate: builtin("accumulate", (given) => {
      const result: Value[] = [];
      for (const item of machine.iterate(argument(given, 0) ?? null, given.span)) {
        const last = result.at(-1);
        result.push(last === undefined ? item : machine.binary("+", last, item, given.span));
      }
      return list(result);
    }),
    groupby: builtin("groupby", (given) => {
      const key = argument(given, 1, "key") ?? null;
      const groups: { key: Value; items: Value[] }[] = [];
      for (const item of machine.iterate(argument(given, 0) ?? null, given.span)) {
        const of = key === null ? item : machine.call(key, arguments_(given.span, item));
        const last = groups.at(-1);
        if (last !== undefined && keyOf(last.key) === keyOf(of)) last.items.push(item);
        else groups.push({ key: of, items: [item] });
      }
      return list(groups.map((group) => tuple([group.key, list(group.items)])));
    }),
  };
}

function combinations(items: readonly Value[], length: number): Value[][] {
  if (length === 0) return [[]];
  return items.flatMap((item, i) => combinations(items.slice(i + 1), length - 1).map((rest) => [item, ...rest]));
}

function permutations(items: readonly Value[], length: number): Value[][] {
  if (length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)], length - 1).map((rest) => [item, ...rest]),
  );
}

export function collectionsModule(machine: Machine): Names {
  return {
    OrderedDict: builtin("OrderedDict", (given) => {
      const made = machine.call(machine.module("builtins")?.lookup?.("dict") ?? null, given);
      return isObject(made) && made.kind === "dict" ? { ...made, type: "OrderedDict" } : made;
    }),
    defaultdict: builtin("defaultdict", (given) => {
      const [factory, ...rest] = given.positional;
      const made = machine.call(machine.module("builtins")?.lookup?.("dict") ?? null, { ...given, positional: rest });
      return isObject(made) && made.kind === "dict" && factory !== undefined && factory.value !== null
        ? { ...made, missing: factory.value }
        : made;
    }),
    Counter: builtin("Counter", (given) => {
      const counts: DictValue = { ...dict(), type: "Counter", missing: builtin("Counter", () => 0n) };
      const from = argument(given, 0);
      for (const item of from === undefined ? [] : machine.iterate(from, given.span)) {
        const before = counts.entries.get(keyOf(item))?.[1];
        counts.entries.set(keyOf(item), [item, typeof before === "bigint" ? before + 1n : 1n]);
      }
      return counts;
    }),
    deque: builtin("deque", (given) => {
      const from = argument(given, 0, "iterable") ?? null;
      const items = from === null ? [] : [...machine.iterate(from, given.span)];
      const most = argument(given, 1, "maxlen");
      return { kind: "list", items: typeof most === "bigint" ? items.slice(-Number(most)) : items, type: "deque" };
    }),
    namedtuple: builtin("namedtuple", (given) => {
      const name = plainText(argument(given, 0, "typename"));
      const fields = argument(given, 1, "field_names") ?? "";
      const names =
        typeof fields === "string"
          ? fields.split(/[\s,]+/).filter((one) => one !== "")
          : machine.iterate(fields, given.span).map(String);
      const standard = given.keywords.get("defaults")?.value ?? null;
      const defaults = standard === null ? [] : machine.iterate(standard, given.span);
      const first = names.length - defaults.length;
      return namedTupleOf(
        emptyClass(name),
        names,
        new Map(defaults.map((value, i) => [names[first + i] ?? "", value])),
      );
    }),
    ChainMap: builtin("ChainMap", (given) => {
      const merged = dict();
      for (const { value } of [...given.positional].reverse()) {
        if (isObject(value) && value.kind === "dict")
          for (const [key, entry] of value.entries) merged.entries.set(key, entry);
      }
      return merged;
    }),
  };
}

export function emptyClass(name: string, module = "__main__"): ClassValue {
  return { kind: "class", name, qualname: name, module, bases: [], attributes: new Map() };
}

export function dataclassesModule(machine: Machine): Names {
  const toDict = (value: Value): Value => {
    if (!isObject(value)) return value;
    if (value.kind === "instance" && fieldNames(value.class).length > 0) {
      return dict(fieldNames(value.class).map((name) => [name, toDict(value.attributes.get(name) ?? null)] as const));
    }
    if (value.kind === "list") return list(value.items.map(toDict));
    if (value.kind === "tuple") return { ...value, items: value.items.map(toDict) };
    if (value.kind === "dict")
      return dict([...value.entries.values()].map(([key, one]) => [key, toDict(one)] as const));
    return value;
  };
  return {
    dataclass: builtin("dataclass", (given) => {
      const type = given.positional[0]?.value;
      if (type !== undefined && isObject(type) && type.kind === "class") return asDataclass(machine, type);
      const flags = (["kw_only", "frozen", "order"] as const).filter(
        (name) => given.keywords.get(name)?.value === true,
      );
      const off: DataclassFlag[] = given.keywords.get("repr")?.value === false ? ["no-repr"] : [];
      return builtin("dataclass", (inner) => {
        const later = argument(inner, 0) ?? null;
        return isObject(later) && later.kind === "class"
          ? asDataclass(machine, later, new Set([...flags, ...off]))
          : later;
      });
    }),
    field: builtin("field", (given) => new Field(given)),
    InitVar: new TypeForm("typing", "InitVar"),
    FrozenInstanceError: exceptionClass("FrozenInstanceError") ?? null,
    asdict: builtin("asdict", (given) => toDict(argument(given, 0) ?? null)),
    astuple: builtin("astuple", (given) => {
      const value = argument(given, 0) ?? null;
      return isObject(value) && value.kind === "instance"
        ? tuple(fieldNames(value.class).map((name) => value.attributes.get(name) ?? null))
        : tuple([]);
    }),
    replace: builtin("replace", (given) => {
      const value = argument(given, 0) ?? null;
      if (!isObject(value) || value.kind !== "instance") return value;
      // Made anew, so that `__post_init__` sees it.
      const kept = fieldsOf(value.class).flatMap(({ name, init }) => {
        const own = value.attributes.get(name);
        return init && own !== undefined ? [[name, { value: own, span: given.span }] as const] : [];
      });
      return machine.call(value.class, {
        positional: [],
        keywords: new Map([...kept, ...given.keywords]),
        span: given.span,
      });
    }),
    fields: builtin("fields", (given) => {
      const value = argument(given, 0) ?? null;
      const type = isObject(value) && value.kind === "instance" ? value.class : value;
      if (!isObject(type) || type.kind !== "class") return tuple([]);
      const field = emptyClass("Field", "dataclasses");
      return tuple(
        fieldNames(type).map(
          (name): Value => ({
            kind: "instance",
            class: field,
            attributes: new Map<string, Value>([
              ["name", name],
              ["default", fieldsOf(type).find((one) => one.name === name)?.default ?? null],
            ]),
          }),
        ),
      );
    }),
    is_dataclass: builtin("is_dataclass", (given) => {
      const value = argument(given, 0) ?? null;
      const type = isObject(value) && value.kind === "instance" ? value.class : value;
      return isObject(type) && type.kind === "class" && fieldNames(type).length > 0;
    }),
    MISSING: builtin("MISSING", () => null),
    KW_ONLY: builtin("KW_ONLY", () => null),
  };
}

export function enumModule(machine: Machine): Names {
  const base = (name: string, ...bases: readonly (Value | undefined)[]): ClassValue => ({
    kind: "class",
    name,
    qualname: name,
    module: "enum",
    bases: bases.filter((one): one is ClassValue => one !== undefined && isObject(one) && one.kind === "class"),
    attributes: new Map([["__millrace__", "enum"]]),
  });
  const plain = (name: string): Value | undefined => machine.module("builtins")?.lookup?.(name);
  return {
    Enum: base("Enum"),
    StrEnum: base("StrEnum", plain("str")),
    IntEnum: base("IntEnum", plain("int")),
    Flag: base("Flag"),
    IntFlag: base("IntFlag", plain("int")),
    auto: builtin("auto", () => builtin("auto", () => null)),
    unique: builtin("unique", (given) => argument(given, 0) ?? null),
  };
}

export function copyModule(): Names {
  const shallow = (value: Value): Value => {
    if (!isObject(value)) return value;
    switch (value.kind) {
      case "list":
        return list([...value.items]);
      case "dict":
        return { ...value, entries: new Map([...value.entries].map(([key, [name, one]]) => [key, [name, one]])) };
      case "set":
        return { kind: "set", items: new Map(value.items) };
      case "instance":
        return { ...value, attributes: new Map(value.attributes) };
      default:
        return value;
    }
  };
  const deep = (value: Value, done: Map<Value, Value>, depth: number): Value => {
    if (!isObject(value) || depth > 200) return value;
    const known = done.get(value);
    if (known !== undefined) return known;
    const made = shallow(value);
    done.set(value, made);
    const inner = (one: Value): Value => deep(one, done, depth + 1);
    if (isObject(made)) {
      if (made.kind === "list") for (const [i, one] of made.items.entries()) made.items[i] = inner(one);
      else if (made.kind === "dict") for (const entry of made.entries.values()) entry[1] = inner(entry[1]);
      else if (made.kind === "instance")
        for (const [name, one] of made.attributes) made.attributes.set(name, inner(one));
    }
    return made;
  };
  return {
    copy: builtin("copy", (given) => shallow(argument(given, 0) ?? null)),
    deepcopy: builtin("deepcopy", (given) => deep(argument(given, 0) ?? null, new Map(), 0)),
  };
}
