/**
 * What the names, attributes, items and calls of a Python file came out as when it was read: the
 * ground on which completion, hover, references and the rest stand. A file that is imported is
 * read along, so what a decorator made of a function is known wherever it is used.
 */
import type { Component } from "../graph/model.ts";
import { ChannelValue, OutputsValue, TaskValue } from "./channels.ts";
import { ComponentValue } from "./component.ts";
import type { DslContext, Made } from "./context.ts";
import type { Machine } from "./machine.ts";
import { parseModule } from "./parse.ts";
import type { Meaning, Sightings } from "./sightings.ts";
import type { Expression, Located, Module } from "./syntax.ts";
import { isObject, member, type Value } from "./values.ts";

export interface Seen extends Located {
  readonly meaning: Meaning;
}

/** A component or pipeline with the function that it was made of. */
export type Source = Pick<Made, "kind" | "functionName" | "component" | "span" | "nameSpan">;

export interface Meanings {
  /** The one asked for. */
  readonly path: string;
  /** The files that were read, this one among them. */
  readonly paths: readonly string[];
  tree(path: string): Module;
  text(path: string): string;
  /** Of one expression; undefined where it is none of ours, or was never reached. */
  of(path: string, expression: Expression): Meaning | undefined;
  /** Of a whole file, in no order. */
  seen(path: string): readonly Seen[];
  /** Undefined for a component that is no function of these files: one that was loaded from YAML. */
  source(component: Component): Source | undefined;
  readonly sources: readonly Source[];
  /** Names that a module of the workspace has. */
  members(module: string): readonly string[];
}

/** Of a file that was executed. */
export function meaningsOf(path: string, { machine, made }: DslContext, sightings: Sightings): Meanings {
  const bySource = new Map<Component, Source>(made.map((one) => [one.component, one]));

  /** In a function that nothing calls, a name still is what the module has. */
  const unreached = (file: string, expression: Expression): Value | undefined => {
    if (expression.kind === "name") return machine.modules.get(file)?.names.get(expression.id);
    if (expression.kind !== "attribute") return undefined;
    const object = unreached(file, expression.object);
    return object !== undefined && isObject(object) && object.kind === "module"
      ? member(object, expression.name)
      : undefined;
  };

  return {
    path,
    paths: [...machine.texts.keys()],
    tree: (file) => machine.trees.get(file) ?? parseModule(""),
    text: (file) => machine.texts.get(file) ?? "",
    of(file, expression) {
      const found = sightings.get(file, expression.start, expression.end);
      if (found) return found.meaning;
      const value = unreached(file, expression);
      return value === undefined ? undefined : meaningOf(machine, value);
    },
    seen: (file) => sightings.of(file).map(({ span: { start, end }, meaning }) => ({ start, end, meaning })),
    source: (component) => bySource.get(component),
    sources: made,
    members: (module) =>
      [...machine.modules.values()].flatMap(({ name, names }) =>
        name === module ? [...names.keys()].filter((one) => !one.startsWith("__")) : [],
      ),
  };
}

/** Undefined where a value is none of ours. */
export function meaningOf(machine: Machine, value: Value): Meaning | undefined {
  if (value instanceof ComponentValue) return { kind: "component", component: value.component };
  if (value instanceof TaskValue) return { kind: "task", task: value.task };
  if (value instanceof OutputsValue) return { kind: "outputs", task: value.owner.task };
  if (value instanceof ChannelValue) return { kind: "channel", channel: value.channel };
  if (!isObject(value)) return undefined;
  if (value.kind === "module") return { kind: "module", name: value.name };
  if (value.kind !== "builtin" && value.kind !== "class" && value.kind !== "native") return undefined;
  const name = (value.kind === "builtin" ? value.member : undefined) ?? dslNames(machine).get(value);
  return name === undefined ? undefined : { kind: "member", name };
}

const names = new WeakMap<Machine, ReadonlyMap<Value, string>>();

/** Functions and classes of `kfp.dsl` by what they are, whatever they are called where they are used. */
function dslNames(machine: Machine): ReadonlyMap<Value, string> {
  const known = names.get(machine);
  if (known) return known;
  const found = new Map<Value, string>();
  for (const [name, value] of machine.module("kfp.dsl")?.names ?? [])
    if (isObject(value)) found.set(value, `dsl.${name}`);
  names.set(machine, found);
  return found;
}
