/** The same data with its places elsewhere: what was made of a text that has moved. */
import type { Span } from "./source.ts";

/**
 * A copy of plain data in which every span is what `move` makes of it, and every object in `others` is
 * another; what is shared stays shared. Undefined where a span cannot be moved.
 */
export function moved<T>(
  data: T,
  move: (span: Span) => Span | undefined,
  others: ReadonlyMap<object, object>,
): T | undefined {
  const made = new Map<object, object>(others);
  const copy = (one: unknown): unknown => {
    if (typeof one !== "object" || one === null) return one;
    const before = made.get(one);
    if (before) return before;
    if (Array.isArray(one)) {
      const items: unknown[] = [];
      made.set(one, items);
      for (const item of one as readonly unknown[]) items.push(copy(item));
      return items;
    }
    if (one instanceof Map) {
      const entries = new Map<unknown, unknown>();
      made.set(one, entries);
      for (const [key, value] of one as ReadonlyMap<unknown, unknown>) entries.set(copy(key), copy(value));
      return entries;
    }
    if (isSpan(one)) {
      const span = move(one);
      if (!span) throw new Unmovable();
      made.set(one, span);
      return span;
    }
    if (Object.getPrototypeOf(one) !== Object.prototype) throw new Unmovable();
    const fields: Record<string, unknown> = {};
    made.set(one, fields);
    for (const [name, value] of Object.entries(one) as Iterable<[string, unknown]>) fields[name] = copy(value);
    return fields;
  };
  try {
    // SAFETY: a copy of data has its type.
    return copy(data) as T;
  } catch (problem) {
    if (problem instanceof Unmovable) return undefined;
    throw problem;
  }
}

class Unmovable extends Error {}

function isSpan(one: object): one is Span {
  if (!("path" in one && "start" in one && "end" in one)) return false;
  return typeof one.path === "string" && typeof one.start === "number" && typeof one.end === "number";
}
