import { namedTupleOf } from "./classes.ts";
import { asDataclass, type DataclassFlag, Field, fieldNames, fieldsOf } from "./dataclasses.ts";
import { exceptionClass, type Machine } from "./machine.ts";
import { TypeForm } from "./type-forms.ts";
import type { Names } from "./stdlib.ts";
import {
  plainText,
  argument,
  builtin,
  type ClassValue,
  dict,
  type DictValue,
  isObject,
  keyOf,
  list,
  tuple,
  type Value,
} from "./values.ts";

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
