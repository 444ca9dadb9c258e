/** Classes of a program: where their attributes are looked up, and objects of them. */
import { type CallArguments, type ClassValue, type InstanceValue, isObject, type Value } from "./values.ts";

const lineages = new WeakMap<ClassValue, readonly ClassValue[]>();

/** A class and its bases, in the order in which attributes are looked up (near enough to Python's C3). */
export function lineage(type: ClassValue): readonly ClassValue[] {
  const known = lineages.get(type);
  if (known !== undefined) return known;
  // From behind: what is met first there, with all above it, is looked up last, wherever else it is a base.
  const last: ClassValue[] = [];
  const seen = new Set<ClassValue>();
  const visit = (one: ClassValue): void => {
    if (seen.has(one)) return;
    seen.add(one);
    for (const base of one.bases.toReversed()) visit(base);
    last.push(one);
  };
  visit(type);
  last.reverse();
  lineages.set(type, last);
  return last;
}

export function classAttribute(type: ClassValue, name: string): Value | undefined {
  for (const one of lineage(type)) {
    const value = one.attributes.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** An object before its `__init__`; of a class that derives from a built-in one, with what that holds. */
export function newInstance(type: ClassValue, given: CallArguments): InstanceValue {
  const attributes = new Map<string, Value>();
  const held = [...lineage(type)].find(
    ({ module, name, construct }) =>
      module === "builtins" && construct !== undefined && name !== "object" && name !== "type",
  );
  if (held?.construct === undefined) return { kind: "instance", class: type, attributes };
  // A container is filled by `__init__`; a text or number is what it is made of.
  const isFilled = held.name === "dict" || held.name === "list" || held.name === "set";
  const from = isFilled ? [] : given.positional.slice(0, 1);
  const inner = held.construct({ ...given, positional: from, keywords: new Map() }, held);
  return { kind: "instance", class: type, attributes, inner };
}

/** What an object of a class that derives from a built-in one is to who asks it as that; all else is itself. */
export function plainOf(value: Value): Value {
  return isObject(value) && value.kind === "instance" && value.inner !== undefined ? value.inner : value;
}

/** Puts what a container was made of into another one of its kind. */
export function refillContainer(container: Value, made: Value): void {
  if (!isObject(container) || !isObject(made)) return;
  if (container.kind === "dict" && made.kind === "dict")
    for (const [key, entry] of made.entries) container.entries.set(key, entry);
  else if (container.kind === "list" && made.kind === "list") container.items.push(...made.items);
  else if (container.kind === "set" && made.kind === "set")
    for (const [key, item] of made.items) container.items.set(key, item);
}

export function isSubclass(type: ClassValue, base: ClassValue): boolean {
  for (const one of lineage(type)) if (one === base) return true;
  return false;
}
