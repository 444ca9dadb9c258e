/**
 * What the names, attributes, items and calls of a Python file came out as when it was read: the
 * ground on which completion, hover, references and the rest stand. A file that is imported is
 * read along, so what a decorator made of a function is known wherever it is used.
 */
import type { AnalyzeOptions } from "../analyze.ts";
import type { Channel, Component, Task } from "../graph/model.ts";
import type { Files } from "../source.ts";
import { ChannelValue, OutputsValue, TaskValue } from "./channels.ts";
import { ComponentValue } from "./component.ts";
import type { DslContext, Made } from "./context.ts";
import { runFile } from "./front-end.ts";
import type { Observe } from "./machine.ts";
import { parseModule } from "./parse.ts";
import type { Expression, Located, Module } from "./syntax.ts";
import { isObject, member, type Value } from "./values.ts";

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

export function readMeanings(path: string, files: Files, options: AnalyzeOptions): Meanings {
  const text = files.read(path) ?? "";
  /** By file and place. Of the turns of a loop the first stands for all. */
  const values = new Map<string, Map<string, Located & { readonly value: Value }>>();
  const observe: Observe = (scope, { start, end }, value) => {
    if (!mayMean(value)) return;
    const file = scope.module.path ?? "";
    let places = values.get(file);
    if (!places) values.set(file, (places = new Map<string, Located & { readonly value: Value }>()));
    const key = `${start}:${end}`;
    if (!places.has(key)) places.set(key, { start, end, value });
  };
  const context = runFile(path, text, files, options, () => {}, observe);
  const { machine } = context;
  const members = memberNames(context);
  const bySource = new Map<Component, Source>(context.made.map((made) => [made.component, made]));
  const trees = new Map<string, Module>();

  const meaningOf = (value: Value): Meaning | undefined => {
    if (value instanceof ComponentValue) return { kind: "component", component: value.component };
    if (value instanceof TaskValue) return { kind: "task", task: value.task };
    if (value instanceof OutputsValue) return { kind: "outputs", task: value.owner.task };
    if (value instanceof ChannelValue) return { kind: "channel", channel: value.channel };
    if (isObject(value) && value.kind === "module") return { kind: "module", name: value.name };
    const name = members.get(value);
    return name === undefined ? undefined : { kind: "member", name };
  };

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
    tree(file) {
      const known = trees.get(file);
      if (known) return known;
      const tree = parseModule(machine.texts.get(file) ?? "");
      trees.set(file, tree);
      return tree;
    },
    text: (file) => machine.texts.get(file) ?? "",
    of(file, expression) {
      const found = values.get(file)?.get(`${expression.start}:${expression.end}`)?.value;
      const value = found === undefined ? unreached(file, expression) : found;
      return value === undefined ? undefined : meaningOf(value);
    },
    seen: (file) =>
      [...(values.get(file)?.values() ?? [])].flatMap(({ start, end, value }) => {
        const meaning = meaningOf(value);
        return meaning === undefined ? [] : [{ start, end, meaning }];
      }),
    source: (component) => bySource.get(component),
    sources: context.made,
    members: (module) =>
      [...machine.modules.values()].flatMap(({ name, names }) =>
        name === module ? [...names.keys()].filter((one) => !one.startsWith("__")) : [],
      ),
  };
}

/** A first sieve, while the file runs. */
function mayMean(value: Value): boolean {
  if (!isObject(value)) return false;
  switch (value.kind) {
    case "native":
    case "module":
    case "builtin":
      return true;
    case "class":
      return value.module === "kfp.dsl";
    default:
      return false;
  }
}

/** Functions and classes of the SDK by what they are, whatever they are called where they are used. */
function memberNames({ machine }: DslContext): ReadonlyMap<Value, string> {
  const names = new Map<Value, string>();
  for (const [name, value] of machine.module("kfp.dsl")?.names ?? [])
    if (isObject(value)) names.set(value, `dsl.${name}`);
  for (const [name, value] of machine.module("kfp.kubernetes")?.names ?? [])
    if (isObject(value) && value.kind === "builtin") names.set(value, `kubernetes.${name}`);
  return names;
}
