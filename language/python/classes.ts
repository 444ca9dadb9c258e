import { Property } from "./attributes.ts";
import { callArguments, spanOf } from "./expressions.ts";
import { exceptionClass, type Machine, raise } from "./machine.ts";
import { Scope } from "./scope.ts";
import type { ClassDefinition } from "./syntax.ts";
import {
  plainText,
  builtin,
  type CallArguments,
  type ClassValue,
  classAttribute,
  dict,
  firstOf,
  type Given,
  type InstanceValue,
  isObject,
  isSubclass,
  isUnknown,
  lineage,
  tuple,
  unknown,
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
  if (known.some((base) => base.name === "NamedTuple" && base.module === "typing")) return namedTuple(made);
  if (known.some((base) => hasTrait(base, "enum"))) enumerate(made, machine, given);
  // pydantic's models are dataclasses with keyword arguments, as far as configuration goes.
  if (made.open === true || known.some((base) => hasTrait(base, "fields"))) asDataclass(machine, made, true);
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

/** A class of ours that stands for a family: `enum.Enum`, `pydantic.BaseModel`. */
export function hasTrait(type: ClassValue, trait: "enum" | "fields"): boolean {
  return [...lineage(type)].some((one) => one.attributes.get("__millrace__") === trait);
}

/** An instance of a class, or what a built-in class makes of the arguments. */
export function construct(machine: Machine, type: ClassValue, given: CallArguments): Value {
  for (const one of lineage(type)) {
    if (one.construct !== undefined) return one.construct(given, type);
    if (one.attributes.has("__init__") || one.attributes.has("__dataclass_fields__")) break;
  }
  if (hasTrait(type, "enum")) return enumMember(type, given);
  const instance: InstanceValue = { kind: "instance", class: type, attributes: new Map() };
  const create = classAttribute(type, "__new__");
  if (create !== undefined) {
    const made = machine.call(create, {
      ...given,
      positional: [{ value: type, span: given.span }, ...given.positional],
    });
    if (!isObject(made) || made.kind !== "instance") return made;
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

/** What `field(default=…, default_factory=…)` of dataclasses says. */
export class Field {
  readonly kind = "native";
  readonly type = "Field";
  readonly default: Value | undefined;
  readonly factory: Value | undefined;
  readonly init: boolean;
  constructor(defaultValue: Value | undefined, factory: Value | undefined, init: boolean) {
    this.default = defaultValue;
    this.factory = factory;
    this.init = init;
  }
}

/** `@dataclass`: the annotated names become fields. */
export function asDataclass(machine: Machine, type: ClassValue, keywordOnly: boolean): ClassValue {
  const annotations = type.attributes.get("__annotations__");
  const own =
    annotations !== undefined && isObject(annotations) && annotations.kind === "dict"
      ? [...annotations.entries.values()].flatMap(([name]) => (typeof name === "string" ? [name] : []))
      : [];
  type.attributes.set("__dataclass_fields__", dict(own.map((name) => [name, keywordOnly] as const)));
  type.attributes.set("__match_args__", tuple(fieldNames(type)));
  if (!type.attributes.has("__init__")) {
    type.attributes.set(
      "__init__",
      builtin("__init__", (given) => {
        const [self, ...positional] = given.positional;
        const value = self?.value ?? null;
        if (isObject(value) && value.kind === "instance") fillFields(machine, value, { ...given, positional }, type);
        return null;
      }),
    );
  }
  return type;
}

export function fieldNames(type: ClassValue): readonly string[] {
  const names = new Set<string>();
  for (const one of [...lineage(type)].reverse()) {
    const fields = one.attributes.get("__dataclass_fields__");
    if (fields !== undefined && isObject(fields) && fields.kind === "dict") {
      for (const [name] of fields.entries.values()) if (typeof name === "string") names.add(name);
    }
  }
  return [...names];
}

function fillFields(machine: Machine, instance: InstanceValue, given: CallArguments, type: ClassValue): void {
  const names = fieldNames(type);
  const span = given.span;
  let next = 0;
  const missing: string[] = [];
  for (const name of names) {
    const standard = classAttribute(type, name);
    const settable = !(standard instanceof Field) || standard.init;
    const passed = settable ? (given.positional[next] ?? given.keywords.get(name)) : undefined;
    if (settable) next++;
    if (passed !== undefined) instance.attributes.set(name, passed.value);
    else if (standard instanceof Field) {
      if (standard.factory !== undefined)
        instance.attributes.set(name, machine.call(standard.factory, { positional: [], keywords: new Map(), span }));
      else if (standard.default !== undefined) instance.attributes.set(name, standard.default);
      else if (standard.init) missing.push(name);
    } else if (standard !== undefined && !(standard instanceof Property)) instance.attributes.set(name, standard);
    else missing.push(name);
  }
  const open = [...lineage(type)].some((one) => one.open);
  for (const [name, { value, span: at }] of given.keywords) {
    if (names.includes(name)) continue;
    if (!open && !hasTrait(type, "fields"))
      raise("TypeError", `${type.name}.__init__() got an unexpected keyword argument '${name}'`, at);
    instance.attributes.set(name, value);
  }
  if (missing.length > 0 && !open) {
    raise(
      "TypeError",
      `${type.name}.__init__() missing ${missing.length} required positional argument${missing.length === 1 ? "" : "s"}: ${missing.map((name) => `'${name}'`).join(", ")}`,
      span,
    );
  }
  for (const name of open ? missing : [])
    instance.attributes.set(name, unknown(`"${type.name}" has a base class that cannot be read`, span));
  const after = classAttribute(type, "__post_init__");
  if (after !== undefined) machine.call(after, { positional: [{ value: instance, span }], keywords: new Map(), span });
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

export function namedTupleOf(type: ClassValue, names: readonly string[]): ClassValue {
  type.attributes.set("_fields", tuple([...names]));
  const made: ClassValue = {
    ...type,
    construct: (given, self) => {
      const items = names.map((name, i) => {
        const value = firstOf(given.positional[i]?.value, given.keywords.get(name)?.value, type.attributes.get(name));
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
  for (const [name, raw] of [...type.attributes]) {
    if (name.startsWith("_") || (isObject(raw) && (raw.kind === "function" || raw.kind === "native"))) continue;
    const value: Value =
      isObject(raw) && raw.kind === "builtin" && raw.name === "auto" ? machine.binary("+", last, 1n, given.span) : raw;
    last = value;
    // Members of `str` and `int` enums are their values, to all who only use them as such.
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
    values.set(value, member);
    type.attributes.set(name, member);
    members.push([name, member]);
  }
  type.attributes.set("__members__", dict(members));
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
