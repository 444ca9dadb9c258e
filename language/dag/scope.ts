/** Where a value of a spec comes from, through the inputs and outputs of the groups between. */
import { producersOf } from "../spec/references.ts";
import type {
  ComponentSpec,
  DagOutputParameter,
  PipelineSpec,
  TaskArtifactInput,
  TaskParameterInput,
  TaskSpec,
} from "../spec/types.ts";

/** One dag in its place: a component may be used by several tasks. */
export interface Scope {
  /** Task path: `root.for-loop-1`. */
  readonly id: string;
  readonly component: ComponentSpec;
  readonly spec: PipelineSpec;
  /** The task that it is the inside of; absent for the root. */
  readonly via?: { readonly scope: Scope; readonly name: string; readonly task: TaskSpec };
}

/** An output of a task that runs a container or an importer. */
export interface Source {
  readonly scope: Scope;
  readonly task: string;
  readonly key: string;
  readonly kind: "artifact" | "parameter";
  /** Gathered over the iterations of a loop. */
  readonly list: boolean;
}

export type TaskInput = TaskParameterInput & TaskArtifactInput;

/** An output that may come from more arms than this is drawn from the first ones only. */
const mostSources = 64;

export function rootScope(spec: PipelineSpec): Scope {
  return { id: "root", component: spec.root, spec };
}

/** The inside of a task; undefined where its component does not exist. */
export function childScope(scope: Scope, name: string): Scope | undefined {
  const task = scope.component.dag?.tasks[name];
  const component = task && scope.spec.components?.[task.componentRef.name];
  return component && { id: `${scope.id}.${name}`, component, spec: scope.spec, via: { scope, name, task } };
}

/** Ids from the outermost group down to the task. */
export function chainOf(scope: Scope, task: string): string[] {
  const chain = [`${scope.id}.${task}`];
  for (let at: Scope | undefined = scope; at.via; at = at.via.scope) chain.unshift(at.id);
  return chain;
}

/** The outputs that an input of a task gets its value from; none for constants, pipeline inputs and loop items. */
export function sourcesOf(scope: Scope, input: TaskInput | undefined): readonly Source[] {
  const found: Source[] = [];
  const from = origin(scope, input);
  if (from.kind === "output") collectOutputs(from.scope, from.task, from.key, from.of, false, found);
  return found;
}

/** What an input stands for once the inputs of the groups around it are followed outwards. */
export type Origin =
  | {
      readonly kind: "output";
      readonly scope: Scope;
      readonly task: string;
      readonly key: string;
      readonly of: "artifact" | "parameter";
    }
  | { readonly kind: "pipeline-input"; readonly name: string }
  | { readonly kind: "loop-item" }
  | { readonly kind: "constant"; readonly input: TaskInput; readonly scope: Scope }
  | { readonly kind: "nothing" };

export function origin(scope: Scope, input: TaskInput | undefined): Origin {
  for (let at = scope, value = input; value; ) {
    const { taskOutputParameter: parameter, taskOutputArtifact: artifact } = value;
    if (parameter) {
      const { producerTask, outputParameterKey } = parameter;
      return { kind: "output", scope: at, task: producerTask, key: outputParameterKey, of: "parameter" };
    }
    if (artifact) {
      const { producerTask, outputArtifactKey } = artifact;
      return { kind: "output", scope: at, task: producerTask, key: outputArtifactKey, of: "artifact" };
    }
    const name = value.componentInputParameter ?? value.componentInputArtifact;
    if (name === undefined) return { kind: "constant", input: value, scope: at };
    if (!at.via) return { kind: "pipeline-input", name };
    const { task, scope: outer }: NonNullable<Scope["via"]> = at.via;
    if ((task.parameterIterator ?? task.artifactIterator)?.itemInput === name) return { kind: "loop-item" };
    value = inputOf(task, name);
    at = outer;
  }
  return { kind: "nothing" };
}

export function inputOf(task: TaskSpec, name: string): TaskInput | undefined {
  return task.inputs?.parameters?.[name] ?? task.inputs?.artifacts?.[name];
}

function collectOutputs(
  scope: Scope,
  task: string,
  key: string,
  kind: Source["kind"],
  list: boolean,
  into: Source[],
): void {
  if (into.length >= mostSources) return;
  const inner = childScope(scope, task);
  if (!inner) return;
  const { dag } = inner.component;
  if (!dag) {
    into.push({ scope, task, key, kind, list });
    return;
  }
  const iterator = inner.via?.task.parameterIterator ?? inner.via?.task.artifactIterator;
  for (const [subtask, output] of selectorsOf(dag.outputs?.parameters?.[key])) {
    collectOutputs(inner, subtask, output, "parameter", list || iterator !== undefined, into);
  }
  for (const selector of dag.outputs?.artifacts?.[key]?.artifactSelectors ?? []) {
    collectOutputs(
      inner,
      selector.producerSubtask,
      selector.outputArtifactKey,
      "artifact",
      list || iterator !== undefined,
      into,
    );
  }
}

function selectorsOf(output: DagOutputParameter | undefined): readonly (readonly [task: string, key: string])[] {
  const one = output?.valueFromParameter;
  const many = output?.valueFromOneof?.parameterSelectors ?? [];
  return [...(one ? [one] : []), ...many].map((selector) => [selector.producerSubtask, selector.outputParameterKey]);
}

/** Tasks of a dag so that producers come first; else as they are declared. Those in a cycle come last. */
export function inRunOrder(tasks: Readonly<Record<string, TaskSpec>>): readonly (readonly [string, TaskSpec])[] {
  const waiting = new Map<string, Set<string>>();
  const consumers = new Map<string, string[]>();
  for (const [name, task] of Object.entries(tasks)) {
    const producers = new Set(
      producersOf(task).filter((producer) => producer !== name && Object.hasOwn(tasks, producer)),
    );
    waiting.set(name, producers);
    for (const producer of producers) {
      const known = consumers.get(producer);
      if (known) known.push(name);
      else consumers.set(producer, [name]);
    }
  }
  const order: string[] = [];
  const place = (name: string) => {
    const rest = [name];
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      if (!waiting.delete(next)) continue;
      order.push(next);
      // The last pushed comes first, so go backwards to keep the order of declaration.
      for (const consumer of (consumers.get(next) ?? []).toReversed()) {
        const producers = waiting.get(consumer);
        producers?.delete(next);
        if (producers?.size === 0) rest.push(consumer);
      }
    }
  };
  for (const name of Object.keys(tasks)) if (waiting.get(name)?.size === 0) place(name);
  order.push(...waiting.keys());
  return order.flatMap((name) => {
    const task = tasks[name];
    return task ? [[name, task] as const] : [];
  });
}
