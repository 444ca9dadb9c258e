/** Components and pipelines of the analyses before this one, for those that would come out the same. */
import type { Diagnostic } from "../diagnostics.ts";
import type { Component } from "../graph/model.ts";
import { moved } from "../moved.ts";
import type { Files, Span } from "../source.ts";
import { collecting, type DslContext } from "./context.ts";
import { type Machine, stepsOfDefinition } from "./machine.ts";
import { type Sighting, Sightings } from "./sightings.ts";
import type { CallArguments, FunctionValue } from "./values.ts";
import { type Visible, visible } from "./visible.ts";

/** What was read of a file or folder, and what it was. */
export type Look =
  | { readonly kind: "file"; readonly path: string; readonly text: string | undefined }
  | { readonly kind: "folder"; readonly path: string; readonly names: string };

/** What is made, with the objects in it that hold no places and are not copied. */
interface Result {
  readonly component: Component;
  readonly compiled?: { readonly spec: object; readonly platform?: object };
}

interface Entry<R = unknown> {
  readonly visible: Visible;
  readonly result: R;
  readonly diagnostics: readonly Diagnostic[];
  /** What was seen of the source meanwhile; undefined where nobody asked. */
  readonly seen: readonly Sighting[] | undefined;
  readonly looks: readonly Look[];
  readonly steps: number;
  /** That all places of the result are in those of `visible` was looked at. */
  readonly placed: boolean;
}

/** One for each definition: the last. */
export class Remembered {
  private readonly entries = new Map<string, Entry>();
  private readonly contents = new WeakMap<Component, string>();
  private last = 0;

  /** Names a component by its content; undefined where that is not known. */
  readonly contentOf = (component: Component): string | undefined => {
    const known = this.contents.get(component);
    if (known !== undefined) return known;
    // One that was read from YAML is plain data.
    return component.implementation.kind === "graph" ? undefined : JSON.stringify(component);
  };

  clear(): void {
    this.entries.clear();
  }

  get(name: string): Entry | undefined {
    const entry = this.entries.get(name);
    // The one that was asked for last is forgotten last.
    if (entry && this.entries.delete(name)) this.entries.set(name, entry);
    return entry;
  }

  set(name: string, entry: Entry, content: string | undefined): void {
    this.entries.set(name, entry);
    // SAFETY: all that is remembered has its component.
    this.contents.set((entry.result as Result).component, content ?? `made ${++this.last}`);
    for (const [oldest] of this.entries) {
      if (this.entries.size <= mostEntries) break;
      this.entries.delete(oldest);
    }
  }
}

const mostEntries = 5_000;

/**
 * What `make` gives and reports, or what it gave when all that it can see, and all files that it read, were the
 * same. `runs` as for `visible`.
 */
export function remembered<R extends Result>(
  context: DslContext,
  kind: "component" | "pipeline",
  target: FunctionValue,
  given: CallArguments,
  runs: boolean,
  make: () => R,
): R {
  const { machine } = context;
  const { memory, files, journal } = machine;
  const { stepsLeft } = machine;
  const tell = (): void => {
    machine.stepsLeft -= stepsOfDefinition;
    machine.work?.({ kind, path: target.span.path, name: target.qualname });
  };
  if (!memory || context.pipelines.length > 0 || files.isTouched()) {
    tell();
    return make();
  }
  const look = (): Visible | undefined => visible(machine, target, given, runs, memory.contentOf);
  const name = `${kind} ${target.span.path} ${target.qualname}`;
  const now = look();
  if (!now) {
    tell();
    return make();
  }
  // SAFETY: entries of a name are made by the same function, whose kind is in the name.
  const before = memory.get(name) as Entry<R> | undefined;
  const isKnown = before?.visible.key === now.key && (before.seen !== undefined || machine.sightings === undefined);
  const again = before && isKnown && recall(before, now, machine.stepsLeft, files);
  if (again) {
    machine.stepsLeft -= again.steps;
    memory.set(name, again, memory.contentOf(before.result.component));
    for (const diagnostic of again.diagnostics) machine.report(diagnostic);
    for (const sighting of again.seen ?? []) machine.sightings?.add(sighting);
    return again.result;
  }
  tell();
  const [made, modules, looks] = [context.made.length, machine.modules.size, journal.length];
  const { done, seen } = seeing(machine, () => collecting(machine, make));
  const { result, diagnostics } = done;
  const isPure =
    context.made.length === made && machine.modules.size === modules && !files.isTouched() && look()?.key === now.key;
  // Of a draft the analysis has no use.
  if (isPure && !context.isDraft) {
    const entry: Entry<R> = {
      visible: now,
      result,
      diagnostics,
      seen,
      looks: journal.slice(looks),
      steps: stepsLeft - machine.stepsLeft,
      placed: false,
    };
    memory.set(name, entry, undefined);
  }
  return result;
}

/** Runs work and returns what was seen of the source meanwhile, also of places that had been seen before. */
function seeing<T>(machine: Machine, work: () => T): { readonly done: T; readonly seen?: readonly Sighting[] } {
  const { sightings } = machine;
  if (!sightings) return { done: work() };
  const own = new Sightings();
  machine.sightings = own;
  try {
    return { done: work(), seen: own.all() };
  } finally {
    machine.sightings = sightings;
    for (const sighting of own.all()) sightings.add(sighting);
  }
}

/** The entry as it is now: with its places where their texts are, and with the components that are there now. */
function recall<R extends Result>(
  entry: Entry<R>,
  now: Visible,
  stepsLeft: number,
  files: Files,
): Entry<R> | undefined {
  if (entry.steps > stepsLeft) return undefined;
  for (const look of entry.looks)
    if (look.kind === "file" ? files.read(look.path) !== look.text : files.list(look.path).join("\n") !== look.names)
      return undefined;
  const { places, components } = entry.visible;
  const isSame =
    components.every((one, i) => one === now.components[i]) &&
    places.every(({ path, start }, i) => {
      const to = now.places[i];
      return to?.path === path && to.start === start;
    });
  if (isSame && entry.placed) return { ...entry, visible: now };
  const others = new Map<object, object>();
  for (const [i, one] of components.entries()) others.set(one, now.components[i] ?? one);
  const { compiled } = entry.result;
  for (const one of [compiled?.spec, compiled?.platform]) if (one) others.set(one, one);
  const move = (span: Span): Span | undefined => {
    let by: number | undefined;
    for (const [i, { path, start, end }] of places.entries()) {
      const to = now.places[i];
      if (path !== span.path || span.start < start || end < span.end) continue;
      // Where two texts have this place in them, both must have gone the same way.
      if (!to || to.path !== path || (by !== undefined && by !== to.start - start)) return undefined;
      by = to.start - start;
    }
    if (by === undefined) return undefined;
    return by === 0 ? span : { path: span.path, start: span.start + by, end: span.end + by };
  };
  const { result, diagnostics, seen } = entry;
  const data = moved({ result, diagnostics, seen }, move, others);
  if (!data) return undefined;
  return { ...entry, ...(isSame ? {} : data), visible: now, placed: true };
}
