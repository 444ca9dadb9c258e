import type { Span } from "../source.ts";
import { indexIn, sliceOffsets } from "./slices.ts";
import { exceptionClass, type Machine, raise } from "./machine.ts";
import { bytesMethod, dictMethod, listMethod, numberAttribute, setMethod, tupleMethod } from "./collection-methods.ts";
import { stringMethod } from "./string-methods.ts";
import { characterIn, docstringOf } from "./docstrings.ts";
import { TypeForm } from "./type-forms.ts";
import { AttributeEntries } from "./attribute-entries.ts";
import { classAttribute, isSubclass, lineage, newInstance, refillContainer } from "./class-values.ts";
import {
  argument,
  codePoints,
  plainText,
  builtin,
  type ClassValue,
  dict,
  firstOf,
  type InstanceValue,
  isObject,
  keyOf,
  list,
  member as moduleMember,
  type NativeValue,
  rangeLength,
  tuple,
  typeName,
  unknown,
  unknownCharacter,
  type Value,
} from "./values.ts";
import { afterOfUnread } from "./unread-order.ts";

/** `object.name`; undefined where there is none. */
export function attribute(machine: Machine, object: Value, name: string, span: Span): Value | undefined {
  if (typeof object === "string")
    return name === "__class__" ? typeOf(machine, object) : stringMethod(machine, object, name);
  if (!isObject(object)) return name === "__class__" ? typeOf(machine, object) : numberAttribute(object, name);
  if (name === "__class__" && object.kind !== "unknown" && object.kind !== "native") return typeOf(machine, object);
  switch (object.kind) {
    case "unknown":
      return name === "after" && object.step ? afterOfUnread(object, object.step) : object;
    case "native":
      return object instanceof Super ? superAttribute(machine, object, name, span) : object.attribute?.(name, span);
    case "module":
      return moduleMember(object, name);
    case "instance":
      return instanceAttribute(machine, object, name, span);
    case "class":
      return classMember(machine, object, name, span);
    case "function":
      return firstOf(functionAttribute(machine, object, name), object.open);
    case "builtin":
      return name === "__name__" || name === "__qualname__" ? object.name : undefined;
    case "list":
      return listMethod(machine, object, name);
    case "tuple":
      return firstOf(namedMember(machine, object, name, span), tupleMethod(machine, object, name));
    case "dict":
      return dictMethod(machine, object, name);
    case "set":
      return setMethod(machine, object, name);
    case "bytes":
      return bytesMethod(object, name);
    case "range":
      return name === "start"
        ? object.start
        : name === "stop"
          ? object.stop
          : name === "step"
            ? object.step
            : undefined;
    case "slice":
      return name === "start"
        ? object.lower
        : name === "stop"
          ? object.upper
          : name === "step"
            ? object.step
            : undefined;
    case "ellipsis":
      return undefined;
  }
}

function typeOf(machine: Machine, object: Value): Value | undefined {
  if (isObject(object)) {
    if (object.kind === "instance") return object.class;
    if (object.kind === "tuple" && object.class !== undefined) return object.class;
  }
  return machine.module("builtins")?.lookup?.(typeName(object));
}

function functionAttribute(
  machine: Machine,
  object: Extract<Value, { kind: "function" }>,
  name: string,
): Value | undefined {
  const own = object.attributes.get(name);
  if (own !== undefined) return own;
  switch (name) {
    case "__name__":
      return object.name;
    case "__qualname__":
      return object.qualname;
    case "__module__":
      return object.scope.module.name;
    case "__doc__":
      return documentation(object);
    case "__dict__":
      return dict(object.attributes);
    case "__annotations__":
      return dict(
        object.parameters.flatMap((parameter) =>
          parameter.annotation === undefined
            ? []
            : [[parameter.name, machine.evaluate(object.scope, parameter.annotation)] as const],
        ),
      );
    default:
      return undefined;
  }
}

/** The text that a function's body begins with. */
function documentation(object: Extract<Value, { kind: "function" }>): Value {
  const character = object.body.kind === "lambda" ? undefined : characterIn(object.body.body);
  return character === undefined ? docstring(object) : unknownCharacter(character.name, object.span);
}

export function docstring(object: Extract<Value, { kind: "function" }>): string | null {
  return object.body.kind === "lambda" ? null : docstringOf(object.body.body);
}

function instanceAttribute(machine: Machine, object: InstanceValue, name: string, span: Span): Value | undefined {
  const member = classAttribute(object.class, name);
  const own = object.attributes.get(name);
  if (member instanceof Property && !(member.cached && own !== undefined)) {
    const value = machine.call(member.getter, { positional: [{ value: object, span }], keywords: new Map(), span });
    if (member.cached) object.attributes.set(name, value);
    return value;
  }
  if (own !== undefined) return own;
  if (member !== undefined && !(object.inner !== undefined && isBuiltinMember(object.class, name)))
    return bind(machine, member, object, object.class);
  const held = object.inner === undefined ? undefined : attribute(machine, object.inner, name, span);
  if (held !== undefined) return held;
  if (name === "__dict__") return { kind: "dict", entries: new AttributeEntries(object.attributes) };
  const fallback = classAttribute(object.class, "__getattr__");
  if (fallback !== undefined && !name.startsWith("__")) {
    const given = [object, name].map((value) => ({ value, span }));
    return machine.call(fallback, { positional: given, keywords: new Map(), span });
  }
  if ([...lineage(object.class)].some((one) => one.open) && !name.startsWith("__")) {
    return unknown(`"${object.class.name}" has a base class that cannot be read`, span);
  }
  return undefined;
}

/** The methods that a built-in class itself has are those of what the object holds. */
function isBuiltinMember(type: ClassValue, name: string): boolean {
  return [...lineage(type)].find((one) => one.attributes.has(name))?.module === "builtins";
}

function classMember(machine: Machine, type: ClassValue, name: string, span: Span): Value | undefined {
  const member = classAttribute(type, name);
  if (member !== undefined) {
    if (member instanceof StaticMethod) return member.function;
    if (member instanceof ClassMethod) return bind(machine, member, type, type);
    return member;
  }
  switch (name) {
    case "__name__":
      return type.name;
    case "__qualname__":
      return type.qualname;
    case "__module__":
      return type.module;
    case "__doc__":
      return null;
    case "__dict__":
      return dict(type.attributes);
    case "__mro__":
      return tuple(wholeLineage(machine, type));
    case "mro":
      return builtin("mro", () => list(wholeLineage(machine, type)));
    case "__subclasses__":
      return builtin("__subclasses__", () => list([]));
    default:
      return [...lineage(type)].some((one) => one.open) && !name.startsWith("__")
        ? unknown(`"${type.name}" has a base class that cannot be read`, span)
        : undefined;
  }
}

function namedMember(
  machine: Machine,
  object: Extract<Value, { kind: "tuple" }>,
  name: string,
  span: Span,
): Value | undefined {
  if (object.class === undefined) return undefined;
  const fields = classAttribute(object.class, "_fields");
  if (fields === undefined || !isObject(fields) || fields.kind !== "tuple") return undefined;
  const at = fields.items.indexOf(name);
  if (at >= 0) return object.items[at];
  const type = object.class;
  if (name === "_asdict") {
    return builtin(name, () => dict(fields.items.map((field, i) => [field, object.items[i] ?? null] as const)));
  }
  if (name === "_replace") {
    return builtin(name, ({ keywords }) => ({
      ...object,
      items: object.items.map((item, i) => firstOf(keywords.get(plainText(fields.items[i]))?.value, item) ?? null),
    }));
  }
  const member = classAttribute(type, name);
  if (member instanceof Property) {
    return machine.call(member.getter, { positional: [{ value: object, span }], keywords: new Map(), span });
  }
  return member === undefined ? undefined : bind(machine, member, object, type);
}

/** A member of a class seen through an object: functions become methods. */
export function bind(machine: Machine, member: Value, self: Value, type: ClassValue): Value {
  if (member instanceof StaticMethod) return member.function;
  const target = member instanceof ClassMethod ? member.function : member;
  const first = member instanceof ClassMethod ? type : self;
  if (!isObject(target) || (target.kind !== "function" && target.kind !== "builtin")) return member;
  return new BoundMethod(machine, first, target);
}

/** A function with its first argument. */
export class BoundMethod implements NativeValue {
  readonly kind = "native";
  readonly type = "method";
  readonly self: Value;
  readonly function: Extract<Value, { kind: "function" | "builtin" }>;
  private readonly machine: Machine;
  constructor(machine: Machine, self: Value, target: Extract<Value, { kind: "function" | "builtin" }>) {
    this.machine = machine;
    this.self = self;
    this.function = target;
  }
  call(given: Parameters<Machine["call"]>[1]): Value {
    const positional = [{ value: this.self, span: given.span }, ...given.positional];
    return this.machine.call(this.function, { ...given, positional });
  }
  attribute(name: string, span: Span): Value | undefined {
    if (name === "__self__") return this.self;
    if (name === "__func__") return this.function;
    return attribute(this.machine, this.function, name, span);
  }
}

export class Property implements NativeValue {
  readonly kind = "native";
  readonly type = "property";
  readonly getter: Value;
  readonly setter: Value | undefined;
  /** Worked out once for each object: `functools.cached_property`. */
  readonly cached: boolean;
  constructor(getter: Value, { setter, cached = false }: { setter?: Value; cached?: boolean } = {}) {
    this.getter = getter;
    this.setter = setter;
    this.cached = cached;
  }
  attribute(name: string): Value | undefined {
    if (name === "setter")
      return builtin(name, (given) => new Property(this.getter, { setter: argument(given, 0) ?? null }));
    return name === "deleter" || name === "getter" ? builtin(name, () => this) : undefined;
  }
}

export class StaticMethod implements NativeValue {
  readonly kind = "native";
  readonly type = "staticmethod";
  readonly function: Value;
  constructor(target: Value) {
    this.function = target;
  }
}

export class ClassMethod implements NativeValue {
  readonly kind = "native";
  readonly type = "classmethod";
  readonly function: Value;
  constructor(target: Value) {
    this.function = target;
  }
}

/** `super()`: the members of the classes after `type` in the lineage of `self`. */
export function superValue(type: ClassValue, self: Value): NativeValue {
  return new Super(type, self);
}

class Super implements NativeValue {
  readonly kind = "native";
  readonly type = "super";
  private readonly after: ClassValue;
  private readonly self: Value;
  constructor(after: ClassValue, self: Value) {
    this.after = after;
    this.self = self;
  }
  get of(): { readonly self: Value } {
    return { self: this.self };
  }
  /** The machine comes with the call, so members are found first and bound by `superAttribute`. */
  find(name: string): { member: Value; type: ClassValue; self: Value } | undefined {
    const { self, after } = this;
    const start =
      isObject(self) && self.kind === "instance" ? self.class : isObject(self) && self.kind === "class" ? self : after;
    let passed = !isSubclass(start, after);
    for (const one of lineage(start)) {
      if (passed) {
        const member = one.attributes.get(name);
        if (member !== undefined) return { member, type: start, self };
      }
      passed ||= one === after;
    }
    return undefined;
  }
}

/** `super().name` of what an object holds as a `dict`, a `list`, … */
function heldAttribute(machine: Machine, held: Value, name: string, span: Span): Value | undefined {
  switch (name) {
    case "__init__":
      return builtin(name, (given) => {
        const type = machine.module("builtins")?.lookup?.(typeName(held)) ?? null;
        refillContainer(held, machine.call(type, given));
        return null;
      });
    case "__getitem__":
      return builtin(name, (given) => item(machine, held, argument(given, 0) ?? null, given.span));
    case "__setitem__":
      return builtin(name, (given) => {
        const [key, value] = [argument(given, 0) ?? null, argument(given, 1) ?? null];
        if (isObject(held) && held.kind === "dict") held.entries.set(keyOf(key), [key, value]);
        return null;
      });
    default:
      return attribute(machine, held, name, span);
  }
}

/** With `object` at its end. */
function wholeLineage(machine: Machine, type: ClassValue): Value[] {
  const object = machine.module("builtins")?.lookup?.("object");
  return [...lineage(type), ...(object === undefined ? [] : [object])];
}

/** `super().name` */
function superAttribute(machine: Machine, object: Super, name: string, span: Span): Value | undefined {
  const found = object.find(name);
  if (found !== undefined) return bind(machine, found.member, found.self, found.type);
  const { self } = object.of;
  const exceptions = exceptionClass("BaseException");
  if (
    name === "__init__" &&
    exceptions !== undefined &&
    isObject(self) &&
    self.kind === "instance" &&
    isSubclass(self.class, exceptions)
  )
    return builtin(name, ({ positional }) => {
      self.attributes.set("args", tuple(positional.map(({ value }) => value)));
      return null;
    });
  if (name === "__new__")
    return builtin(name, (given) => {
      const [type, ...positional] = given.positional;
      const made = type?.value ?? null;
      return isObject(made) && made.kind === "class" ? newInstance(made, { ...given, positional }) : made;
    });
  const held = isObject(self) && self.kind === "instance" ? self.inner : undefined;
  if (held !== undefined) return heldAttribute(machine, held, name, span);
  // `object` takes whatever it is given.
  if (name === "__init__" || name === "__post_init__" || name === "__init_subclass__") return builtin(name, () => null);
  return unknown("it belongs to a base class that cannot be read", span);
}

/** `object[key]` */
export function item(machine: Machine, object: Value, key: Value, span: Span): Value {
  if (typeof object === "string") return textItem(object, key, span);
  if (isObject(object)) {
    switch (object.kind) {
      case "unknown":
        return object;
      case "list":
      case "tuple": {
        if (isObject(key) && key.kind === "unknown") return key;
        if (isObject(key) && key.kind === "slice") {
          const items = sliceOffsets(key, object.items.length, span).map((at) => object.items[at] ?? null);
          return object.kind === "list" ? list(items) : tuple(items);
        }
        const at = indexIn(key, object.items.length, span);
        return at === undefined
          ? raise("IndexError", `${object.kind} index out of range`, span)
          : (object.items[at] ?? null);
      }
      case "dict": {
        const found = object.entries.get(keyOf(key));
        if (found !== undefined) return found[1];
        if (isObject(key) && key.kind === "unknown") return key;
        if (object.missing !== undefined) {
          const made = machine.call(object.missing, { positional: [], keywords: new Map(), span });
          object.entries.set(keyOf(key), [key, made]);
          return made;
        }
        return raise("KeyError", machine.repr(key, span), span);
      }
      case "range": {
        const length = Number(rangeLength(object));
        const at = indexIn(key, length, span);
        return at === undefined
          ? raise("IndexError", "range object index out of range", span)
          : object.start + BigInt(at) * object.step;
      }
      case "bytes": {
        if (isObject(key) && key.kind === "slice") {
          return {
            kind: "bytes",
            bytes: sliceOffsets(key, object.bytes.length, span)
              .map((at) => object.bytes.charAt(at))
              .join(""),
          };
        }
        const at = indexIn(key, object.bytes.length, span);
        return at === undefined ? raise("IndexError", "index out of range", span) : BigInt(object.bytes.charCodeAt(at));
      }
      case "native": {
        const found = object.item?.(key, span);
        if (found !== undefined) return found;
        break;
      }
      case "instance": {
        const method = machine.attribute(object, "__getitem__", span);
        if (method === undefined && object.inner !== undefined) {
          const { inner } = object;
          const missing = machine.attribute(object, "__missing__", span);
          const isThere = !isObject(inner) || inner.kind !== "dict" || inner.entries.has(keyOf(key));
          return isThere || missing === undefined
            ? item(machine, inner, key, span)
            : machine.call(missing, { positional: [{ value: key, span }], keywords: new Map(), span });
        }
        if (method === undefined) break;
        return machine.call(method, { positional: [{ value: key, span }], keywords: new Map(), span });
      }
      case "class": {
        const members = object.attributes.get("__members__");
        if (members !== undefined && isObject(members) && members.kind === "dict")
          return item(machine, members, key, span);
        const method = classMember(machine, object, "__class_getitem__", span);
        if (method === undefined && object.module === "builtins")
          return new TypeForm("builtins", object.name).item(key);
        // `Base[T]` of a generic class is the class, as far as attributes and calls go.
        if (method === undefined) return object;
        return machine.call(method, { positional: [{ value: key, span }], keywords: new Map(), span });
      }
      default:
    }
  }
  return raise("TypeError", `'${typeName(object)}' object is not subscriptable`, span);
}

function textItem(text: string, key: Value, span: Span): Value {
  // Python counts code points; texts without astral characters need no copy.
  const characters = /[\ud800-\udfff]/.test(text) ? codePoints(text) : undefined;
  const length = characters?.length ?? text.length;
  const at = (offset: number): string => characters?.[offset] ?? text.charAt(offset);
  if (isObject(key) && key.kind === "slice") {
    if (characters === undefined && key.step === null) {
      const bound = (value: Value): number | undefined => (typeof value === "bigint" ? Number(value) : undefined);
      return text.slice(bound(key.lower) ?? 0, bound(key.upper));
    }
    return sliceOffsets(key, length, span).map(at).join("");
  }
  const offset = indexIn(key, length, span);
  return offset === undefined ? raise("IndexError", "string index out of range", span) : at(offset);
}
