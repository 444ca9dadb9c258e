import { Property } from "./attributes.ts";
import { asDataclass } from "./dataclasses.ts";
import { callArguments } from "./expressions.ts";
import { arguments_, exceptionClass, type Machine, raise } from "./machine.ts";
import { Scope, spanOf } from "./scope.ts";
import type { ClassDefinition } from "./syntax.ts";
import { classAttribute, isSubclass, lineage, newInstance } from "./class-values.ts";
import {
  plainText,
  builtin,
  type CallArguments,
  type ClassValue,
  dict,
  firstOf,
  type Given,
  isObject,
  isUnknown,
  tuple,
  type Value,
} from "./values.ts";

/** Runs a class body and makes the class of it. */
export function defineClass(machine: Machine, scope: Scope, definition: ClassDefinition): ClassValue {
  const given = callArguments(machine, scope, definition.arguments, spanOf(scope, definition));
  const bases = given.positional.map(({ value }) => value);
  const known = bases.filter((base): base is ClassValue => isObject(base) && base.kind === "class");
  const inner = new Scope("class", scope.module, scope, `${scope.prefix}${definition.name}.`);
  machine.execute(inner, definition.body);
  const made: ClassValue = {
    kind: "class",
    name: definition.name,
    qualname: scope.prefix + definition.name,
    module: scope.module.name,
    bases: known,
    attributes: inner.names,
    definition,
    ...(bases.some(isUnknown) && { open: true }),
  };
  inner.names.set("__class__", made);
  // Whatever is asked of it is looked for in all of them.
  machine.stepsLeft -= known.reduce((sum, base) => sum + lineage(base).length, 0);
  if (known.some((base) => base.name === "NamedTuple" && base.module === "typing")) return namedTuple(made);
  if (known.some((base) => hasTrait(base, "enum"))) enumerate(made, machine, given);
  if (known.some((base) => base.name === "TypedDict" && base.module === "typing")) return typedDict(machine, made);
  // pydantic's models are dataclasses with keyword arguments, as far as configuration goes.
  if (made.open === true) asDataclass(machine, made, new Set(["kw_only"]));
  for (const base of lineage(made)) {
    const hook = base === made ? undefined : base.attributes.get("__init_subclass__");
    if (hook !== undefined)
      machine.call(hook, {
        positional: [{ value: made, span: given.span }],
        keywords: given.keywords,
        span: given.span,
      });
  }
  return made;
}

/** A call of a TypedDict, or of a class derived from one, makes a dict. */
function typedDict(machine: Machine, made: ClassValue): ClassValue {
  const plain = machine.module("builtins")?.lookup?.("dict") ?? null;
  return { ...made, bases: [], construct: (given) => machine.call(plain, given) };
}

/** A class of ours that stands for a family: `enum.Enum`. */
export function hasTrait(type: ClassValue, trait: "enum"): boolean {
  return [...lineage(type)].some((one) => one.attributes.get("__millrace__") === trait);
}

/** An instance of a class, or what a built-in class makes of the arguments. */
export function construct(machine: Machine, type: ClassValue, given: CallArguments): Value {
  for (const one of lineage(type)) {
    if (one.construct !== undefined) return one.construct(given, type);
    if (one.attributes.has("__init__") || one.attributes.has("__dataclass_fields__")) break;
  }
  if (hasTrait(type, "enum")) return enumMember(type, given);
  let instance = newInstance(type, given);
  const create = classAttribute(type, "__new__");
  if (create !== undefined) {
    const made = machine.call(create, {
      ...given,
      positional: [{ value: type, span: given.span }, ...given.positional],
    });
    if (!isObject(made) || made.kind !== "instance" || !isSubclass(made.class, type)) return made;
    instance = made;
  }
  const base = exceptionClass("BaseException");
  if (base !== undefined && isSubclass(type, base))
    instance.attributes.set("args", tuple(given.positional.map(({ value }) => value)));
  const self: Given = { value: instance, span: given.span };
  for (const one of lineage(type)) {
    const init = one.attributes.get("__init__");
    if (init !== undefined) {
      machine.call(init, { ...given, positional: [self, ...given.positional] });
      return instance;
    }
  }
  if (
    given.positional.length + given.keywords.size > 0 &&
    type.open !== true &&
    !(base !== undefined && isSubclass(type, base))
  ) {
    if (![...lineage(type)].some((one) => one.open))
      raise("TypeError", `${type.name}() takes no arguments`, given.span);
  }
  for (const [name, { value }] of given.keywords) instance.attributes.set(name, value);
  return instance;
}

/** A class whose values are tuples with named items. */
export function namedTuple(type: ClassValue): ClassValue {
  const annotations = type.attributes.get("__annotations__");
  const names =
    annotations !== undefined && isObject(annotations) && annotations.kind === "dict"
      ? [...annotations.entries.values()].map(([name]) => plainText(name))
      : [];
  return namedTupleOf(type, names);
}

export function namedTupleOf(
  type: ClassValue,
  names: readonly string[],
  defaults: ReadonlyMap<string, Value> = type.attributes,
): ClassValue {
  type.attributes.set("_fields", tuple([...names]));
  const made: ClassValue = {
    ...type,
    construct: (given, self) => {
      const items = names.map((name, i) => {
        const value = firstOf(given.positional[i]?.value, given.keywords.get(name)?.value, defaults.get(name));
        return value === undefined
          ? raise("TypeError", `${type.name}.__new__() missing a required argument: '${name}'`, given.span)
          : value;
      });
      return { kind: "tuple", items, class: self };
    },
  };
  return made;
}

function enumerate(type: ClassValue, machine: Machine, given: CallArguments): void {
  const members: [Value, Value][] = [];
  const values = new Map<Value, Value>();
  let last: Value = 0n;
  const isText = [...lineage(type)].some((one) => one.module === "enum" && one.name === "StrEnum");
  for (const [name, raw] of [...type.attributes]) {
    if (name.startsWith("_") || (isObject(raw) && (raw.kind === "function" || raw.kind === "native"))) continue;
    const value: Value =
      isObject(raw) && raw.kind === "builtin" && raw.name === "auto"
        ? isText
          ? name.toLowerCase()
          : machine.binary("+", last, 1n, given.span)
        : raw;
    last = value;
    // Members of `str` and `int` enums are their values, to all who only use them as such.
    const start = classAttribute(type, "__init__");
    const plain = [...lineage(type)].some(
      (one) => one.module === "builtins" && (one.name === "str" || one.name === "int"),
    );
    const member: Value =
      values.get(value) ??
      (plain
        ? new PlainMember(type, name, value, machine)
        : {
            kind: "instance",
            class: type,
            attributes: new Map<string, Value>([
              ["name", name],
              ["value", value],
              ["_name_", name],
              ["_value_", value],
            ]),
          });
    if (start !== undefined && !values.has(value)) {
      const parts = isObject(value) && value.kind === "tuple" ? value.items : [value];
      machine.call(start, arguments_(given.span, member, ...parts));
    }
    values.set(value, member);
    type.attributes.set(name, member);
    members.push([name, member]);
  }
  type.attributes.set("__members__", dict(members));
  if (classAttribute(type, "__repr__") === undefined)
    type.attributes.set(
      "__repr__",
      builtin("__repr__", ({ positional, span }) => {
        const member = positional[0]?.value ?? null;
        const value = isObject(member) && member.kind === "instance" ? member.attributes.get("value") : undefined;
        const text = machine.text(value ?? null, span, "repr");
        return typeof text === "string" ? `<${type.name}.${memberName(member)}: ${text}>` : text;
      }),
    );
  if (classAttribute(type, "__str__") === undefined) {
    type.attributes.set(
      "__str__",
      builtin("__str__", ({ positional }) => `${type.name}.${memberName(positional[0]?.value ?? null)}`),
    );
  }
}

function memberName(value: Value): string {
  if (!isObject(value) || value.kind !== "instance") return "";
  const name = value.attributes.get("name");
  return typeof name === "string" ? name : "";
}

function enumMember(type: ClassValue, given: CallArguments): Value {
  const wanted = given.positional[0]?.value ?? null;
  const members = type.attributes.get("__members__");
  if (members !== undefined && isObject(members) && members.kind === "dict") {
    for (const [, member] of members.entries.values()) {
      const value =
        member instanceof PlainMember
          ? member.value
          : isObject(member) && member.kind === "instance"
            ? member.attributes.get("value")
            : undefined;
      if (value === wanted || member === wanted) return member;
    }
  }
  return raise("ValueError", `not a valid ${type.name}`, given.span);
}

/** A member of an enum that is also a `str` or an `int`. */
export class PlainMember {
  readonly kind = "native";
  readonly type: string;
  readonly class: ClassValue;
  readonly name: string;
  readonly value: Value;
  private readonly machine: Machine;
  constructor(type: ClassValue, name: string, value: Value, machine: Machine) {
    this.type = type.name;
    this.class = type;
    this.name = name;
    this.value = value;
    this.machine = machine;
  }
  attribute(name: string, span: Parameters<Machine["attribute"]>[2]): Value | undefined {
    if (name === "name" || name === "_name_") return this.name;
    if (name === "value" || name === "_value_") return this.value;
    const own = classAttribute(this.class, name);
    return own instanceof Property
      ? this.machine.call(own.getter, { positional: [{ value: this, span }], keywords: new Map(), span })
      : this.machine.attribute(this.value, name, span);
  }
  operate(
    operator: string,
    other: Value,
    reflected: boolean,
    span: Parameters<Machine["attribute"]>[2],
  ): Value | undefined {
    const right = other instanceof PlainMember ? other.value : other;
    const [a, b] = reflected ? [right, this.value] : [this.value, right];
    return /^[<>=!]/.test(operator) && operator !== "<<" && operator !== ">>"
      ? this.machine.compare(operator, this.value, right, span)
      : this.machine.binary(operator, a, b, span);
  }
  iterate(span: Parameters<Machine["attribute"]>[2]): readonly Value[] {
    return this.machine.iterate(this.value, span);
  }
  item(key: Value, span: Parameters<Machine["attribute"]>[2]): Value {
    return this.machine.item(this.value, key, span);
  }
  text(): string {
    const own = classAttribute(this.class, "__str__");
    if (own !== undefined && isObject(own) && own.kind === "function") {
      const shown = this.machine.call(own, {
        positional: [{ value: this, span: own.span }],
        keywords: new Map(),
        span: own.span,
      });
      if (typeof shown === "string") return shown;
    }
    return this.class.bases.some(({ name }) => name === "StrEnum" || name === "IntEnum")
      ? plainText(this.value)
      : `${this.type}.${this.name}`;
  }
  repr(): string {
    return `<${this.type}.${this.name}: ${typeof this.value === "string" ? `'${this.value}'` : plainText(this.value)}>`;
  }
  truth(): boolean {
    return this.value !== "" && this.value !== 0n;
  }
  key(): string {
    return `${typeof this.value === "string" ? "s" : "n"}${plainText(this.value)}`;
  }
}
