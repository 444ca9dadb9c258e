import type { DagSpec, TaskSpec } from "../../language/spec/types.ts";
import type { Reason } from "../events.ts";
import { type Outcome, succeeded } from "./state.ts";

/** Names of the tasks that must end before this one starts, in order, each once. */
export function upstreamOf(task: TaskSpec): string[] {
  const names = new Set(task.dependentTasks);
  for (const input of Object.values(task.inputs?.parameters ?? {})) {
    if (input.taskOutputParameter) names.add(input.taskOutputParameter.producerTask);
    if (input.taskFinalStatus) names.add(input.taskFinalStatus.producerTask);
  }
  for (const input of Object.values(task.inputs?.artifacts ?? {})) {
    if (input.taskOutputArtifact) names.add(input.taskOutputArtifact.producerTask);
  }
  return [...names];
}

/**
 * Names of tasks in an order in which each follows its upstream. What stands in
 * a circle, or behind one, or depends on a task that is not there, is `stuck`.
 */
export function order(dag: DagSpec): { readonly tasks: readonly string[]; readonly stuck: readonly string[] } {
  const waiting = new Map(Object.entries(dag.tasks).map(([name, task]) => [name, new Set(upstreamOf(task))]));
  const downstream = new Map<string, string[]>();
  for (const [name, upstream] of waiting) {
    for (const producer of upstream) downstream.set(producer, [...(downstream.get(producer) ?? []), name]);
  }
  const tasks = [...waiting].filter(([, upstream]) => upstream.size === 0).map(([name]) => name);
  for (const done of tasks) {
    for (const name of downstream.get(done) ?? []) {
      const upstream = waiting.get(name);
      upstream?.delete(done);
      if (upstream?.size === 0) tasks.push(name);
    }
  }
  const ordered = new Set(tasks);
  return { tasks, stuck: [...waiting.keys()].filter((name) => !ordered.has(name)) };
}

/**
 * Whether a task whose upstream has ended may run, and if not, why. A task
 * behind a skipped one is skipped too, as on a KFP server (`depends: a.Succeeded`),
 * unless its strategy is ALL_UPSTREAM_TASKS_COMPLETED.
 */
export function trigger(
  task: TaskSpec,
  upstream: ReadonlyMap<string, Outcome>,
): { readonly run: true } | { readonly run: false; readonly reason: Reason } {
  if (task.triggerPolicy?.strategy === "ALL_UPSTREAM_TASKS_COMPLETED") return { run: true };
  for (const [name, outcome] of upstream) {
    if (succeeded(outcome)) continue;
    return {
      run: false,
      reason: { kind: outcome.state === "SKIPPED" ? "upstream-skipped" : "upstream-failed", task: name },
    };
  }
  return { run: true };
}
