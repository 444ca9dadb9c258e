/** What stands to the left of `=`: names, attributes, items, and sequences of those. */
import type { Span } from "../source.ts";
import { Property } from "./attributes.ts";
import { arguments_, type Machine, raise } from "./machine.ts";
import { type Scope, spanOf } from "./scope.ts";
import { indexIn, sliceBounds } from "./slices.ts";
import type { Expression } from "./syntax.ts";
import { classAttribute } from "./class-values.ts";
import { isObject, isUnknown, keyOf, list, typeName, type Value } from "./values.ts";

/** Binds a target: a name, an attribute, an item, or a sequence of those. */
export function assign(machine: Machine, scope: Scope, target: Expression, value: Value): void {
  switch (target.kind) {
    case "name":
      scope.set(target.id, value);
      machine.see(scope, target, value);
      return;
    case "attribute": {
      const object = machine.evaluate(scope, target.object);
      setAttribute(machine, object, target.name, value, spanOf(scope, target));
      return;
    }
    case "subscript":
      setItem(
        machine,
        machine.evaluate(scope, target.object),
        machine.evaluate(scope, target.index),
        value,
        spanOf(scope, target),
      );
      return;
    case "tuple":
    case "list":
      unpack(machine, scope, target.elements, value, spanOf(scope, target));
      return;
    case "starred":
      assign(machine, scope, target.value, value);
      return;
    default:
    // The parser has said that nothing can be assigned to it.
  }
}

function unpack(machine: Machine, scope: Scope, targets: readonly Expression[], value: Value, span: Span): void {
  if (isUnknown(value)) {
    for (const target of targets) assign(machine, scope, target, value);
    return;
  }
  const items = machine.iterate(value, span);
  const star = targets.findIndex((target) => target.kind === "starred");
  const least = star < 0 ? targets.length : targets.length - 1;
  if (items.length < least || (star < 0 && items.length > least)) {
    const many = items.length > least;
    raise(
      "ValueError",
      many
        ? `too many values to unpack (expected ${least})`
        : `not enough values to unpack (expected ${star < 0 ? "" : "at least "}${least}, got ${items.length})`,
      span,
    );
  }
  const rest = items.length - least;
  for (const [i, target] of targets.entries()) {
    if (i === star) assign(machine, scope, target, list(items.slice(i, i + rest)));
    else assign(machine, scope, target, items[star < 0 || i < star ? i : i + rest - 1] ?? null);
  }
}

export function setAttribute(machine: Machine, object: Value, name: string, value: Value, span: Span): void {
  if (isObject(object)) {
    switch (object.kind) {
      case "instance": {
        const member = classAttribute(object.class, name);
        const own = classAttribute(object.class, "__setattr__");
        if (own !== undefined) machine.call(own, arguments_(span, object, name, value));
        else if (member instanceof Property && member.setter !== undefined)
          machine.call(member.setter, arguments_(span, object, value));
        else if (classAttribute(object.class, "__frozen__") === true)
          raise("FrozenInstanceError", `cannot assign to field '${name}'`, span);
        else object.attributes.set(name, value);
        return;
      }
      case "function":
        object.attributes.set(name, value);
        return;
      case "class":
        object.attributes.set(name, value);
        object.changed = true;
        return;
      case "module":
        object.names.set(name, value);
        object.changed = true;
        return;
      case "unknown":
        return;
      case "native":
        if (object.setAttribute?.(name, value, span) === true) return;
        break;
      default:
    }
  }
  raise("AttributeError", `'${typeName(object)}' object has no attribute '${name}'`, span);
}

export function setItem(machine: Machine, object: Value, key: Value, value: Value, span: Span): void {
  if (isObject(object)) {
    switch (object.kind) {
      case "dict":
        object.entries.set(
          hashable(key, () => span),
          [key, value],
        );
        return;
      case "list": {
        if (isObject(key) && key.kind === "slice") {
          const { start, stop } = sliceBounds(key.lower, key.upper, object.items.length);
          object.items.splice(start, Math.max(0, stop - start), ...machine.iterate(value, span));
          return;
        }
        const at = indexIn(key, object.items.length, span);
        if (at === undefined) return raise("IndexError", "list assignment index out of range", span);
        object.items[at] = value;
        return;
      }
      case "instance": {
        const method = machine.attribute(object, "__setitem__", span);
        if (method === undefined && object.inner !== undefined) return setItem(machine, object.inner, key, value, span);
        if (method === undefined) break;
        machine.call(method, {
          positional: [key, value].map((one) => ({ value: one, span })),
          keywords: new Map(),
          span,
        });
        return;
      }
      case "unknown":
        return;
      default:
    }
  }
  raise("TypeError", `'${typeName(object)}' object does not support item assignment`, span);
}

/** The key of a dict or set; lists, dicts and sets are none. */
export function hashable(key: Value, span: () => Span): string {
  if (isObject(key) && (key.kind === "list" || key.kind === "dict" || key.kind === "set")) {
    return raise("TypeError", `unhashable type: '${typeName(key)}'`, span());
  }
  return keyOf(key);
}
