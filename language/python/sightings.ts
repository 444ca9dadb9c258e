/**
 * What names, attributes, items and calls came out as while a file was executed: what editors ask about. It is
 * data, so that it is remembered with the pipeline that was evaluated, and moves as its text does.
 */
import type { Channel, Component, Task } from "../graph/model.ts";
import type { Span } from "../source.ts";

export type Meaning =
  | { readonly kind: "component"; readonly component: Component }
  | { readonly kind: "task"; readonly task: Task }
  /** `task.outputs` */
  | { readonly kind: "outputs"; readonly task: Task }
  | { readonly kind: "channel"; readonly channel: Channel }
  /** `kfp.dsl`, or a module of the workspace, by its dotted name. */
  | { readonly kind: "module"; readonly name: string }
  /** A function or class of the SDK: `dsl.ParallelFor`, `kubernetes.mount_pvc`. */
  | { readonly kind: "member"; readonly name: string };

export interface Sighting {
  readonly span: Span;
  readonly meaning: Meaning;
}

/** By place. Of the turns of a loop the first stands for all. */
export class Sightings {
  private readonly files = new Map<string, Map<number, Sighting>>();

  get(path: string, start: number, end: number): Sighting | undefined {
    return this.files.get(path)?.get(keyOf(start, end));
  }

  /** Of a file, in no order. */
  of(path: string): readonly Sighting[] {
    return [...(this.files.get(path)?.values() ?? [])];
  }

  all(): readonly Sighting[] {
    return [...this.files.keys()].flatMap((path) => this.of(path));
  }

  add(sighting: Sighting): void {
    const { path, start, end } = sighting.span;
    let places = this.files.get(path);
    if (!places) this.files.set(path, (places = new Map<number, Sighting>()));
    const key = keyOf(start, end);
    if (!places.has(key)) places.set(key, sighting);
  }
}

/** More than the characters of any file that is read. */
const mostOffsets = 2 ** 26;

function keyOf(start: number, end: number): number {
  return start * mostOffsets + end;
}
