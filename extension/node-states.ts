/** States of the nodes of a graph, from the tasks of a run. Pure. */
import { describeReason, finalStates, type TaskState } from "../runtime/events.ts";
import type { RunRecord, TaskRecord } from "../runtime/store/store.ts";
import type { NodeState } from "../webview/protocol.ts";

/** The worst first: what many iterations of one node are, taken together. */
const precedence: readonly TaskState[] = ["FAILED", "RUNNING", "PENDING", "CANCELED", "SUCCEEDED", "CACHED", "SKIPPED"];

/** By task path without iteration numbers, as the graph has them. Times in milliseconds since 1970. */
export function nodeStates(run: RunRecord, now: number): Readonly<Record<string, NodeState>> {
  const tasks = Map.groupBy(run.tasks, (task) => nodeOf(task.path));
  const states: Record<string, NodeState> = {};
  for (const [path, all] of tasks) {
    const state = precedence.find((candidate) => all.some((task) => task.state === candidate)) ?? "PENDING";
    const telling = all.find((task) => task.state === state);
    const reason = telling?.reason && describeReason(telling.reason);
    const seconds = secondsOf(all, now);
    const metrics = all.length === 1 && all[0] ? metricsOf(all[0]) : {};
    const progress = progressOf(all, run);
    states[path] = {
      state,
      ...(reason === undefined ? {} : { reason }),
      ...(seconds === undefined ? {} : { seconds }),
      ...(progress === undefined ? {} : { progress }),
      ...(Object.keys(metrics).length === 0 ? {} : { metrics }),
    };
  }
  return states;
}

/** `root.for-loop-1[3].train` as `root.for-loop-1.train`. */
export function nodeOf(path: string): string {
  return path.replace(/\[\d+\]/g, "");
}

/** The numbers that a task wrote into its Metrics artifacts. */
export function metricsOf(task: TaskRecord): Readonly<Record<string, number>> {
  const metrics: Record<string, number> = {};
  for (const { artifact } of task.outputs.artifacts) {
    if (!artifact.type.startsWith("system.Metrics")) continue;
    for (const [name, value] of Object.entries(artifact.metadata)) if (typeof value === "number") metrics[name] = value;
  }
  return metrics;
}

function secondsOf(tasks: readonly TaskRecord[], now: number): number | undefined {
  const started = tasks.flatMap((task) => task.startedAt ?? []);
  if (started.length === 0) return undefined;
  const running = tasks.some((task) => !finalStates.has(task.state));
  const end = running ? now : Math.max(...tasks.map((task) => task.finishedAt ?? task.startedAt ?? 0));
  return Math.max(0, (end - Math.min(...started)) / 1000);
}

/** Of several tasks on one node: how many are done. Of a loop: its iterations. */
function progressOf(tasks: readonly TaskRecord[], run: RunRecord): NodeState["progress"] {
  const loop = tasks.length === 1 && tasks[0]?.type === "LOOP" ? tasks[0] : undefined;
  const parts = loop ? run.tasks.filter((task) => task.parent === loop.id && task.iteration !== undefined) : tasks;
  if (parts.length < 2) return undefined;
  return { done: parts.filter((task) => finalStates.has(task.state)).length, total: parts.length };
}
