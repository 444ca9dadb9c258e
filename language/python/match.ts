import { evaluate } from "./expressions.ts";
import type { Machine } from "./machine.ts";
import { type Scope, spanOf } from "./scope.ts";
import type { Pattern } from "./syntax.ts";
import { classAttribute, isSubclass } from "./class-values.ts";
import { dict, isObject, keyOf, list, typeName, type Value } from "./values.ts";

/** Whether a value matches a pattern of `case`; binds the pattern's names as it goes. */
export function matches(machine: Machine, scope: Scope, pattern: Pattern, value: Value): boolean {
  switch (pattern.kind) {
    case "capture":
      if (pattern.name !== undefined) scope.set(pattern.name, value);
      return true;
    case "value": {
      const wanted = evaluate(machine, scope, pattern.value);
      if (wanted === null || typeof wanted === "boolean") return wanted === value;
      return machine.compare("==", value, wanted, spanOf(scope, pattern.value)) === true;
    }
    case "or":
      return pattern.options.some((option) => matches(machine, scope, option, value));
    case "as":
      if (!matches(machine, scope, pattern.pattern, value)) return false;
      scope.set(pattern.name, value);
      return true;
    case "star":
      return false;
    case "sequence":
      return (
        isObject(value) &&
        (value.kind === "list" || value.kind === "tuple") &&
        sequence(machine, scope, pattern.items, value.items)
      );
    case "mapping": {
      if (!isObject(value) || value.kind !== "dict") return false;
      const rest = new Map(value.entries);
      for (const entry of pattern.entries) {
        const key = keyOf(evaluate(machine, scope, entry.key));
        const found = value.entries.get(key);
        if (found === undefined || !matches(machine, scope, entry.pattern, found[1])) return false;
        rest.delete(key);
      }
      if (pattern.rest !== undefined) scope.set(pattern.rest, dict(rest.values()));
      return true;
    }
    case "class":
      return classPattern(machine, scope, pattern, value);
  }
}

function sequence(machine: Machine, scope: Scope, patterns: readonly Pattern[], items: readonly Value[]): boolean {
  const star = patterns.findIndex((one) => one.kind === "star");
  const least = star < 0 ? patterns.length : patterns.length - 1;
  if (items.length < least || (star < 0 && items.length > least)) return false;
  const rest = items.length - least;
  return patterns.every((one, i) => {
    if (one.kind === "star") {
      if (one.name !== undefined) scope.set(one.name, list(items.slice(i, i + rest)));
      return true;
    }
    return matches(machine, scope, one, items[star < 0 || i < star ? i : i + rest - 1] ?? null);
  });
}

function classPattern(
  machine: Machine,
  scope: Scope,
  pattern: Extract<Pattern, { kind: "class" }>,
  value: Value,
): boolean {
  const type = evaluate(machine, scope, pattern.type);
  if (!isObject(type) || type.kind !== "class") return false;
  if (isObject(value) && value.kind === "instance") {
    if (!isSubclass(value.class, type)) return false;
  } else if (typeName(value) !== type.name) return false;
  const names = classAttribute(type, "__match_args__");
  const span = spanOf(scope, pattern.type);
  const member = (name: Value | undefined, inner: Pattern): boolean => {
    const found = typeof name === "string" ? machine.attribute(value, name, span) : undefined;
    return found !== undefined && matches(machine, scope, inner, found);
  };
  return (
    pattern.positional.every((inner, i) =>
      names !== undefined && isObject(names) && names.kind === "tuple"
        ? member(names.items[i], inner)
        : matches(machine, scope, inner, value),
    ) && pattern.keywords.every(({ name, pattern: inner }) => member(name, inner))
  );
}
