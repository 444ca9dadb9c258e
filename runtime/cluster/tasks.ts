/**
 * The tasks of a run as one looks at them now: the spec says which there are,
 * Argo's nodes and the pods how they are. Two looks give events. Pure, so that
 * a reconnect or a restart may look again at everything and nothing changes.
 */
import type { ComponentSpec, DagSpec, PipelineSpec, TaskSpec } from "../../language/spec/types.ts";
import {
  finalStates,
  type Reason,
  type RunEvent,
  type RunId,
  type RunState,
  type TaskPath,
  type TaskState,
  type TaskType,
  type Time,
} from "../events.ts";
import { type Node, positionOf } from "./nodes.ts";
import type { Pod } from "./pods.ts";

/** All that was seen of a run so far. */
export interface Sight {
  readonly spec: PipelineSpec;
  readonly nodes: readonly Node[];
  /** The last that was seen of each, also of those that are gone. */
  readonly pods: readonly Pod[];
  /** What a pod's log adds, by uid; a pod without an entry has not been read to its end. */
  readonly logs: ReadonlyMap<string, LogEnd>;
  readonly run: RunState;
  readonly createdAt: Time;
  readonly finishedAt?: Time;
}

export interface LogEnd {
  /** Of the user's process; the launcher itself always ends with 1. */
  readonly exitCode?: number;
  readonly lastLine?: string;
}

export interface Task {
  readonly path: TaskPath;
  readonly name: string;
  readonly parent?: TaskPath;
  readonly type: TaskType;
  readonly iteration?: number;
  readonly state: TaskState;
  readonly reason?: Reason;
  readonly at: Time;
  readonly attempts: readonly { readonly attempt: number; readonly pod: Pod }[];
}

/** Every task that exists now, parents first. */
export function tasksOf(sight: Sight): readonly Task[] {
  const nodes = new Map<TaskPath, Node[]>();
  for (const node of sight.nodes) nodes.set(node.path, [...(nodes.get(node.path) ?? []), node]);
  const pods = new Map<TaskPath, { pod: Pod; attempt: number; driver: boolean }[]>();
  for (const pod of sight.pods) {
    const position = positionOf(pod.node, pod.role === "driver");
    if (position === undefined) continue;
    const known = pods.get(position.path) ?? [];
    known.push({ pod, attempt: position.attempt ?? 0, driver: position.part === "driver" });
    pods.set(position.path, known);
  }
  const tasks: Task[] = [];
  const look: Look = { sight, nodes, pods, tasks };
  addRoot(look);
  return tasks;
}

/** What changed from one look to the next; the first look has none before it. */
export function eventsBetween(run: RunId, before: readonly Task[], now: readonly Task[]): readonly RunEvent[] {
  const known = new Map(before.map((task) => [task.path, task]));
  const events: RunEvent[] = [];
  for (const task of now) {
    const old = known.get(task.path);
    if (!old) {
      events.push({
        kind: "task-created",
        run,
        task: task.path,
        path: task.path,
        name: task.name,
        type: task.type,
        at: task.at,
        ...(task.parent === undefined ? {} : { parent: task.parent }),
        ...(task.iteration === undefined ? {} : { iteration: task.iteration }),
      });
    }
    if (old && finalStates.has(old.state)) continue;
    for (const { attempt, pod } of task.attempts.slice(old?.attempts.length ?? 0)) {
      events.push({
        kind: "task-attempt",
        run,
        task: task.path,
        attempt,
        pod: { namespace: pod.namespace, name: pod.name, uid: pod.uid },
        at: pod.createdAt,
      });
    }
    if (!old || old.state !== task.state || JSON.stringify(old.reason) !== JSON.stringify(task.reason)) {
      events.push({
        kind: "task-state",
        run,
        task: task.path,
        state: task.state,
        at: task.at,
        ...(task.reason ? { reason: task.reason } : {}),
      });
    }
  }
  return events;
}

interface Look {
  readonly sight: Sight;
  readonly nodes: ReadonlyMap<TaskPath, readonly Node[]>;
  readonly pods: ReadonlyMap<TaskPath, readonly { pod: Pod; attempt: number; driver: boolean }[]>;
  readonly tasks: Task[];
}

interface Place {
  readonly path: TaskPath;
  readonly parent?: TaskPath;
  readonly spec?: TaskSpec;
  /** The state of the parent, where that decides: a task in a skipped group is skipped. */
  readonly above?: Task;
}

function addRoot(look: Look): void {
  const { sight } = look;
  const root: Task = {
    path: "root",
    name: sight.spec.pipelineInfo.displayName ?? sight.spec.pipelineInfo.name,
    type: "ROOT",
    at: sight.finishedAt ?? sight.createdAt,
    attempts: [],
    state: sight.run === "CANCELING" ? "RUNNING" : sight.run,
  };
  look.tasks.push(root);
  if (sight.spec.root.dag) addDag(look, sight.spec.root.dag, "root", root);
}

function addDag(look: Look, dag: DagSpec, path: TaskPath, above: Task): void {
  for (const [name, spec] of Object.entries(dag.tasks))
    addTask(look, { path: `${path}.${name}`, parent: path, spec, above });
}

function addTask(look: Look, place: Place): void {
  const { spec } = place;
  const component = spec ? look.sight.spec.components?.[spec.componentRef.name] : undefined;
  const type = typeOf(look.sight.spec, place, component);
  const group = component?.dag;
  const task = group ? groupTask(look, place, type) : containerTask(look, place, type);
  look.tasks.push(task);
  if (!group) return;
  if (type !== "LOOP") {
    addDag(look, group, place.path, task);
    return;
  }
  for (const iteration of iterationsOf(look, place.path)) {
    const at = `${place.path}[${iteration}]`;
    const body: Task = {
      ...groupTask(look, { path: at, parent: place.path, ...(spec ? { spec } : {}), above: task }, "DAG"),
      iteration,
    };
    look.tasks.push(body);
    addDag(look, group, at, body);
  }
}

/** Iterations are known from the names of what ran in them. */
function iterationsOf(look: Look, path: TaskPath): readonly number[] {
  const found = new Set<number>();
  for (const key of [...look.nodes.keys(), ...look.pods.keys()]) {
    if (!key.startsWith(`${path}[`)) continue;
    found.add(Number(key.slice(path.length + 1, key.indexOf("]", path.length))));
  }
  return [...found].sort((a, b) => a - b);
}

function groupTask(look: Look, place: Place, type: TaskType): Task {
  const of = look.nodes.get(place.path) ?? [];
  const node = of.find(({ part, attempt }) => part === "task" && attempt === undefined);
  const driver = driverOf(look, place.path);
  // Its driver decides whether it begins at all.
  const begun = node !== undefined || startsWithin(look, place.path);
  const base = {
    path: place.path,
    name: nameOf(place),
    type,
    attempts: [],
    ...(place.parent === undefined ? {} : { parent: place.parent }),
  };
  if (node?.phase === "SKIPPED" || node?.phase === "OMITTED")
    return { ...base, state: "SKIPPED", ...skippedBecause(look, place, node), at: timeOf(look, node) };
  if (node?.phase === "SUCCEEDED") return { ...base, state: "SUCCEEDED", at: timeOf(look, node) };
  if (node?.phase === "FAILED")
    return { ...base, state: "FAILED", ...(driver?.failed ? { reason: driver.reason } : {}), at: timeOf(look, node) };
  if (driver?.failed) return { ...base, state: "FAILED", reason: driver.reason, at: driver.at };
  return unfinished(
    look,
    place,
    base,
    begun ? "RUNNING" : "PENDING",
    node?.startedAt ?? driver?.at ?? look.sight.createdAt,
  );
}

function containerTask(look: Look, place: Place, type: TaskType): Task {
  const of = look.nodes.get(place.path) ?? [];
  const whole = of.find(({ part, attempt }) => part === "task" && attempt === undefined);
  const executor = of.find(({ part, attempt }) => part === "executor" && attempt === undefined);
  const driver = driverOf(look, place.path);
  const attempts = (look.pods.get(place.path) ?? [])
    .filter((entry) => !entry.driver)
    .sort((a, b) => a.attempt - b.attempt)
    .map(({ pod, attempt }) => ({ pod, attempt }));
  const pod = attempts.at(-1)?.pod;
  const base = {
    path: place.path,
    name: nameOf(place),
    type,
    attempts,
    ...(place.parent === undefined ? {} : { parent: place.parent }),
  };

  if (whole?.phase === "SKIPPED" || whole?.phase === "OMITTED")
    return { ...base, state: "SKIPPED", ...skippedBecause(look, place, whole), at: timeOf(look, whole) };
  if (executor?.phase === "SKIPPED" || (driver?.cached && whole?.phase === "SUCCEEDED"))
    return { ...base, state: "CACHED", at: timeOf(look, whole ?? executor) };
  if (pod?.phase === "SUCCEEDED") return { ...base, state: "SUCCEEDED", at: pod.finishedAt ?? pod.createdAt };
  if (whole?.phase === "SUCCEEDED") return { ...base, state: "SUCCEEDED", at: timeOf(look, whole) };
  if (driver?.failed) return { ...base, state: "FAILED", reason: driver.reason, at: driver.at };
  // Only the node of all attempts knows that there will be no other.
  const over =
    whole?.phase === "FAILED" || executor?.phase === "FAILED" || (isOver(look.sight.run) && pod?.phase === "FAILED");
  if (over && look.sight.run !== "CANCELING" && !(look.sight.run === "CANCELED" && pod?.phase !== "FAILED")) {
    // The log says what the exit status was, and how it came to it.
    if (pod?.started && !look.sight.logs.has(pod.uid))
      return { ...base, state: "RUNNING", at: pod.startedAt ?? pod.createdAt };
    const reason = pod ? explained(pod, look.sight.logs.get(pod.uid)) : nodeReason(executor ?? whole);
    return {
      ...base,
      state: "FAILED",
      ...(reason ? { reason } : {}),
      at: pod?.finishedAt ?? timeOf(look, executor ?? whole),
    };
  }
  if (pod?.phase === "RUNNING") return unfinished(look, place, base, "RUNNING", pod.startedAt ?? pod.createdAt);
  if (pod?.phase === "FAILED")
    return unfinished(look, place, base, "RUNNING", pod.startedAt ?? pod.createdAt, pod.reason);
  const why = pod?.reason ?? driver?.waits;
  return unfinished(look, place, base, "PENDING", pod?.createdAt ?? look.sight.createdAt, why);
}

type Base = Omit<Task, "state" | "reason" | "at">;

/** A task that has not ended by itself: as it is, or as the end of its group or of the run leaves it. */
function unfinished(look: Look, place: Place, base: Base, state: TaskState, at: Time, reason?: Reason): Task {
  const { run, finishedAt } = look.sight;
  const above = place.above;
  if (above?.state === "SKIPPED")
    return {
      ...base,
      state: "SKIPPED",
      at: above.at,
      reason: above.reason ?? { kind: "upstream-skipped", task: above.name },
    };
  if (isOver(run)) {
    const end = finishedAt ?? at;
    if (run === "CANCELED") return { ...base, state: "CANCELED", reason: { kind: "canceled", by: "user" }, at: end };
    if (run === "SUCCEEDED") return { ...base, state: state === "RUNNING" ? "SUCCEEDED" : "SKIPPED", at: end };
    if (state === "RUNNING")
      return {
        ...base,
        state: base.type === "RUNTIME" ? "CANCELED" : "FAILED",
        at: end,
        ...(base.type === "RUNTIME" ? { reason: { kind: "canceled", by: "failure" } } : {}),
      };
    return { ...base, state: "SKIPPED", reason: reason ?? blame(look, place), at: end };
  }
  return { ...base, state, at, ...(reason ? { reason } : {}) };
}

function isOver(run: RunState): boolean {
  return finalStates.has(run);
}

/** What the driver before a task came to. A driver's failure is the task's: it could not even begin. */
function driverOf(
  look: Look,
  path: TaskPath,
): { failed: boolean; cached: boolean; reason: Reason; waits?: Reason; at: Time } | undefined {
  const node = (look.nodes.get(path) ?? []).find(({ part, attempt }) => part === "driver" && attempt === undefined);
  const pods = (look.pods.get(path) ?? []).filter(({ driver }) => driver).sort((a, b) => a.attempt - b.attempt);
  const pod = pods.at(-1)?.pod;
  if (!node && !pod) return undefined;
  const said = pod ? look.sight.logs.get(pod.uid)?.lastLine : undefined;
  const message = said ?? node?.message ?? "its pod failed";
  return {
    failed:
      node?.phase === "FAILED" || (isOver(look.sight.run) && look.sight.run === "FAILED" && pod?.phase === "FAILED"),
    cached: node?.cached ?? false,
    reason: { kind: "error", message: `KFP could not prepare it: ${message}` },
    at: pod?.finishedAt ?? node?.finishedAt ?? look.sight.createdAt,
    ...(pod?.phase === "PENDING" && pod.reason ? { waits: pod.reason } : {}),
  };
}

/** `when 'false != false' evaluated false`, or `omitted: depends condition not met`. */
function skippedBecause(look: Look, place: Place, node: Node): { reason: Reason } {
  const condition = place.spec?.triggerPolicy?.condition;
  if (node.phase === "SKIPPED" && condition !== undefined) return { reason: { kind: "condition-false", condition } };
  return { reason: blame(look, place) };
}

/** The neighbour because of which a task never ran. */
function blame(look: Look, place: Place): Reason {
  const around = place.path.slice(0, place.path.lastIndexOf("."));
  for (const name of place.spec?.dependentTasks ?? []) {
    const before = look.tasks.find((task) => task.path === `${around}.${name}`);
    if (before?.state === "FAILED" || before?.state === "CANCELED") return { kind: "upstream-failed", task: name };
    if (before?.state === "SKIPPED") return { kind: "upstream-skipped", task: name };
    // Tasks are looked at in the spec's order, which is the alphabet's: this one comes later.
    const node = (look.nodes.get(`${around}.${name}`) ?? []).find(
      ({ part, attempt }) => part === "task" && attempt === undefined,
    );
    if (node?.phase === "FAILED") return { kind: "upstream-failed", task: name };
    if (node?.phase === "SKIPPED" || node?.phase === "OMITTED") return { kind: "upstream-skipped", task: name };
  }
  return { kind: "canceled", by: "failure" };
}

function explained(pod: Pod, log: LogEnd | undefined): Reason | undefined {
  if (pod.reason?.kind !== "exit-code") return pod.reason;
  const lastLine = log?.lastLine;
  return { kind: "exit-code", code: log?.exitCode ?? pod.reason.code, ...(lastLine === undefined ? {} : { lastLine }) };
}

/** From the workflow alone, when the pod was never seen: `main: OOMKilled (exit code 137)`. */
function nodeReason(node: Node | undefined): Reason | undefined {
  const message = node?.message;
  if (message === undefined) return undefined;
  const [, what, code] = /^(?:\w+: )?(.*?)(?: \(exit code (\d+)\))?$/s.exec(message) ?? [];
  if (what === "OOMKilled") return { kind: "out-of-memory" };
  if (what === "Error" && code !== undefined) return { kind: "exit-code", code: Number(code) };
  return { kind: "error", message };
}

function timeOf(look: Look, node: Node | undefined): Time {
  return node?.finishedAt ?? node?.startedAt ?? look.sight.createdAt;
}

function startsWithin(look: Look, path: TaskPath): boolean {
  for (const key of look.nodes.keys()) if (key.startsWith(`${path}.`) || key.startsWith(`${path}[`)) return true;
  for (const key of look.pods.keys()) if (key.startsWith(`${path}.`) || key.startsWith(`${path}[`)) return true;
  return false;
}

function nameOf(place: Place): string {
  return place.spec?.taskInfo?.name ?? place.path.slice(place.path.lastIndexOf(".") + 1);
}

/** PipelineTask.type of KFP's native task API, read from the spec: the names of groups are the SDK's own. */
function typeOf(spec: PipelineSpec, place: Place, component: ComponentSpec | undefined): TaskType {
  const task = place.spec;
  if (task?.parameterIterator || task?.artifactIterator) return "LOOP";
  const executor =
    component?.executorLabel === undefined ? undefined : spec.deploymentSpec.executors?.[component.executorLabel];
  if (executor?.importer) return "IMPORTER";
  if (!component?.dag) return "RUNTIME";
  if (task?.triggerPolicy?.condition) return "CONDITION";
  const name = task?.componentRef.name ?? "";
  if (/^comp-condition-branches-\d+/.test(name)) return "CONDITION_BRANCH";
  return /^comp-exit-handler-\d+/.test(name) ? "EXIT_HANDLER" : "DAG";
}
