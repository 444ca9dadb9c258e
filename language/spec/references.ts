import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { ComponentSpec, PipelineSpec, TaskSpec } from "./types.ts";

/**
 * What a spec names but does not have: components, executors, tasks; and components that
 * contain themselves. `place` gives the span of a task of a component (of `""`: the root),
 * or of the component, where the task is undefined; `placeOf` that of an executor.
 */
export function checkReferences(
  spec: PipelineSpec,
  place: (component: string, task?: string) => Span,
  placeOf: (executor: string) => Span,
): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const components = spec.components ?? {};
  const executors = spec.deploymentSpec.executors ?? {};

  const check = (name: string, component: ComponentSpec) => {
    const label = component.executorLabel;
    if (label !== undefined && !Object.hasOwn(executors, label))
      diagnostics.push(diagnose("spec-reference", place(name), "executor", label));
    const tasks = component.dag?.tasks ?? {};
    for (const [taskName, task] of Object.entries(tasks)) {
      const reference = task.componentRef.name;
      if (!Object.hasOwn(components, reference))
        diagnostics.push(diagnose("spec-reference", place(name, taskName), "component", reference));
      for (const producer of producersOf(task)) {
        if (!Object.hasOwn(tasks, producer))
          diagnostics.push(diagnose("spec-reference", place(name, taskName), "task", producer));
      }
    }
  };
  check("", spec.root);
  for (const [name, component] of Object.entries(components)) check(name, component);
  for (const [label, executor] of Object.entries(executors))
    if (!Object.keys(executor).some((kind) => kinds.has(kind)))
      diagnostics.push(diagnose("spec-missing", placeOf(label), `"${label}"`, "container"));

  for (const name of componentsInCycles(components)) diagnostics.push(diagnose("spec-cycle", place(name), name));
  return diagnostics;
}

/** What an executor may be (`PipelineDeploymentConfig.ExecutorSpec`). */
const kinds: ReadonlySet<string> = new Set(["container", "importer", "resolver", "customJob"]);

/** Tasks that must come before: those it takes values from, and those it waits for. */
export function producersOf(task: TaskSpec): readonly string[] {
  const producers: string[] = [];
  for (const input of Object.values(task.inputs?.parameters ?? {})) {
    if (input.taskOutputParameter) producers.push(input.taskOutputParameter.producerTask);
    if (input.taskFinalStatus) producers.push(input.taskFinalStatus.producerTask);
  }
  for (const input of Object.values(task.inputs?.artifacts ?? {})) {
    if (input.taskOutputArtifact) producers.push(input.taskOutputArtifact.producerTask);
  }
  return [...producers, ...(task.dependentTasks ?? [])];
}

/** Components from which a walk over their tasks leads back to them; one of each cycle. */
function componentsInCycles(components: Readonly<Record<string, ComponentSpec>>): readonly string[] {
  const state = new Map<string, "open" | "done">();
  const found: string[] = [];
  for (const start of Object.keys(components)) {
    if (state.has(start)) continue;
    // A stack of its own: a chain of components may be longer than the call stack.
    const stack = [{ name: start, rest: references(components[start]) }];
    state.set(start, "open");
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.rest.pop();
      if (next === undefined) {
        state.set(top.name, "done");
        stack.pop();
      } else if (state.get(next) === "open") found.push(next);
      else if (!state.has(next) && Object.hasOwn(components, next)) {
        state.set(next, "open");
        stack.push({ name: next, rest: references(components[next]) });
      }
    }
  }
  return found;
}

function references(component: ComponentSpec | undefined): string[] {
  return Object.values(component?.dag?.tasks ?? {}).map((task) => task.componentRef.name);
}
