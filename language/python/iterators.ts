/** Python's iterators: what is read once, item by item. */
import { charge, type Machine, raise, step } from "./machine.ts";
import { builtin, type CallArguments, type NativeValue, type Value } from "./values.ts";
import type { Span } from "../source.ts";

/** Passed through a generator's body to end it where its reader stops. */
class Stopped extends Error {}

/** What `map`, `zip`, `iter` and generator expressions give: their items are there from the start. */
export class IteratorValue implements NativeValue {
  readonly kind = "native";
  readonly type: string;
  private readonly items: readonly Value[];
  private at = 0;
  constructor(type: string, items: readonly Value[]) {
    this.type = type;
    this.items = items;
  }
  next(): Value | undefined {
    return this.items[this.at++];
  }
  iterate(): readonly Value[] {
    const rest = this.at === 0 ? this.items : this.items.slice(this.at);
    this.at = this.items.length;
    return rest;
  }
  attribute(name: string): Value | undefined {
    return iteratorAttribute(this, name);
  }
}

const nowhere: Span = { path: "", start: 0, end: 0 };

/** How many items are worked out ahead where a reader takes them one by one. */
const ahead = 1_000;

/**
 * What a call of a generator function gives. A reader that takes all items (`for`, `with`) is called from within
 * the body, at each `yield`, so that both run in Python's order; for one that takes them one by one the body runs ahead.
 */
export class GeneratorValue implements NativeValue {
  readonly kind = "native";
  readonly type = "generator";
  private readonly machine: Machine;
  /** Runs the body, and gives what it returns. */
  private run: ((take: (value: Value) => void) => Value) | undefined;
  private items: readonly Value[] = [];
  private at = 0;
  private cut = false;

  constructor(machine: Machine, run: (take: (value: Value) => void) => Value) {
    this.machine = machine;
    this.run = run;
  }

  /** Gives `take` each item in turn, until it says `stop`; the result is that of the body's `return`. */
  each(take: (value: Value, stop: () => never) => void, span?: Span): Value {
    const { run } = this;
    const mark = new Stopped();
    const stop = (): never => {
      throw mark;
    };
    try {
      if (run !== undefined) {
        this.run = undefined;
        return run((value) => {
          step(this.machine, () => span ?? nowhere);
          take(value, stop);
        });
      }
      for (let item = this.next(span); item !== undefined; item = this.next(span)) take(item, stop);
    } catch (problem) {
      if (problem !== mark) throw problem;
    }
    return null;
  }

  /** Works out the first items, and more than those a reader is about to take. */
  private fill(count: number): void {
    if (this.run === undefined) return;
    const items: Value[] = [];
    this.each((value, stop) => {
      if (items.length >= count) {
        this.cut = true;
        stop();
      }
      items.push(value);
    });
    this.items = items;
  }

  next(span?: Span): Value | undefined {
    this.fill(ahead);
    const item = this.items[this.at++];
    if (item === undefined && this.cut && span !== undefined)
      return raise("MemoryError", "this generator is followed for a thousand items only", span);
    return item;
  }

  /** At most so many items. */
  take(count: number, span: Span): readonly Value[] {
    this.fill(Math.max(count, ahead));
    const items: Value[] = [];
    while (items.length < count) {
      const item = this.next(span);
      if (item === undefined) break;
      items.push(item);
    }
    return items;
  }

  iterate(span?: Span): readonly Value[] {
    const items: Value[] = [];
    this.each((value) => items.push(value), span);
    charge(this.machine, items.length, span ?? nowhere);
    return items;
  }

  attribute(name: string): Value | undefined {
    return name === "close" ? builtin(name, () => null) : iteratorAttribute(this, name);
  }
}

function iteratorAttribute(self: IteratorValue | GeneratorValue, name: string): Value | undefined {
  if (name === "__iter__") return builtin(name, () => self);
  return name === "__next__" ? builtin(name, (given) => nextOf(self, given)) : undefined;
}

/** The next item; raises StopIteration where there is none. */
export function nextOf(self: IteratorValue | GeneratorValue, { span }: CallArguments): Value {
  const item = self.next(span);
  return item === undefined ? raise("StopIteration", "", span) : item;
}

/** At most so many items of whatever can be iterated: a generator may have no end. */
export function firstItems(machine: Machine, value: Value, count: number, span: Span): readonly Value[] {
  if (value instanceof GeneratorValue) return value.take(count, span);
  if (value instanceof IteratorValue) {
    const items: Value[] = [];
    for (let item; items.length < count && (item = value.next()) !== undefined; ) items.push(item);
    return items;
  }
  return machine.iterate(value, span).slice(0, count);
}

/** Rows of several columns, as many as the shortest has. */
export function rowsOf(machine: Machine, columns: readonly Value[], span: Span): Value[][] {
  let shortest = Infinity;
  const known = columns.map((column) => {
    if (column instanceof GeneratorValue) return undefined;
    const items = machine.iterate(column, span);
    shortest = Math.min(shortest, items.length);
    return items;
  });
  const all = known.map((items, i) => {
    if (items !== undefined) return items;
    const column = columns[i] ?? null;
    const taken = shortest === Infinity ? machine.iterate(column, span) : firstItems(machine, column, shortest, span);
    shortest = Math.min(shortest, taken.length);
    return taken;
  });
  return Array.from({ length: columns.length === 0 ? 0 : shortest }, (_, row) =>
    all.map((items) => items[row] ?? null),
  );
}
