import type { ComponentSpec, Json, TaskSpec } from "../../language/spec/types.ts";
import { describeReason, type Reason, type TaskPath, type TaskType } from "../events.ts";
import { UserError } from "../user-error.ts";
import { placeholderValues, type StepContext } from "./attempt.ts";
import type { CacheLookup } from "./cache.ts";
import { holds } from "./conditions.ts";
import { executorInput } from "./executor.ts";
import { importArtifact } from "./importer.ts";
import { atMost, collect, iterations } from "./loops.ts";
import { resolveInputs, resolveOutputs } from "./resolve.ts";
import { order, trigger, upstreamOf } from "./schedule.ts";
import {
  canceled,
  componentOf,
  executorOf,
  notRehearsed,
  noValues,
  type Outcome,
  type Values,
  withDefaults,
} from "./state.ts";
import { runStep } from "./step.ts";

/** What runs a group: the context of its steps, and how to stop them all for a bug of ours. */
export interface GroupContext extends StepContext {
  /** Relative paths of importers start here. */
  readonly folder: string;
  readonly cached?: CacheLookup;
  readonly crash: (bug: unknown) => void;
}

/** Where a task stands: its path, and the retry policy of the groups around it. */
interface Place {
  readonly path: TaskPath;
  readonly retry?: TaskSpec["retryPolicy"];
}

/**
 * Runs the tasks of a group, each as soon as its upstream has ended. A task
 * that fails stops only what depends on it; the group has failed then.
 */
export async function runGroup(
  context: GroupContext,
  component: ComponentSpec,
  inputs: Values,
  place: Place,
): Promise<Outcome> {
  const dag = component.dag ?? { tasks: {} };
  for (const [name, task] of Object.entries(dag.tasks)) announce(context, task, `${place.path}.${name}`, place.path);
  const { tasks, stuck } = order(dag);
  const outcomes = new Map<string, Outcome>();
  const endings = new Map<string, Promise<void>>();
  for (const name of stuck) {
    const reason: Reason = {
      kind: "error",
      message: `It waits for itself, or for a task that is not there: ${upstreamOf(dag.tasks[name] ?? { componentRef: { name: "" } }).join(", ")}.`,
    };
    outcomes.set(name, end(context, `${place.path}.${name}`, { state: "FAILED", outputs: noValues, reason }));
  }
  for (const name of tasks) {
    const task = dag.tasks[name];
    if (task === undefined) continue;
    const upstream = upstreamOf(task);
    const ending = Promise.all(upstream.flatMap((producer) => endings.get(producer) ?? [])).then(async () => {
      const path = `${place.path}.${name}`;
      const ended = new Map(upstream.flatMap((producer) => entryOf(outcomes, producer)));
      try {
        outcomes.set(name, end(context, path, await runTask(context, task, path, ended, inputs, place.retry)));
      } catch (bug) {
        context.crash(bug);
        throw bug;
      }
    });
    endings.set(name, ending);
  }
  const settled = await Promise.allSettled(endings.values());
  const bug = settled.find((result) => result.status === "rejected");
  if (bug !== undefined) throw bug.reason;
  return sumUp(context, outcomes, place.path, resolveOutputs(dag.outputs, outcomes));
}

/** Tells the end of a task; the same for a task that was never started. */
export function end(context: GroupContext, path: TaskPath, outcome: Outcome): Outcome {
  const { state, reason } = outcome;
  context.sink({ kind: "task-state", run: context.run, task: path, state, ...(reason && { reason }), at: Date.now() });
  return outcome;
}

async function runTask(
  context: GroupContext,
  task: TaskSpec,
  path: TaskPath,
  upstream: ReadonlyMap<string, Outcome>,
  inputs: Values,
  outerRetry: TaskSpec["retryPolicy"],
): Promise<Outcome> {
  if (context.signal.aborted) return skipInner(context, task, path, canceled(context.signal));
  const decision = trigger(task, upstream);
  if (!decision.run)
    return skipInner(context, task, path, { state: "SKIPPED", outputs: noValues, reason: decision.reason });
  const component = componentOf(context.package, task);
  const name = task.taskInfo?.name ?? path;
  try {
    const finalStatus = (producer: string): Json => statusOf(upstream.get(producer), producer, context.run);
    const given = resolveInputs(task, component, { inputs, outcomes: upstream, finalStatus }, (values) =>
      placeholderValues(context, { name, path }, executorInput(component, values, context.runFolder)),
    );
    const own = withDefaults(withStatus(given, component, context.run), component.inputDefinitions);
    const condition = task.triggerPolicy?.condition;
    if (condition && !(await holds(condition, own.parameters))) {
      return skipInner(context, task, path, {
        state: "SKIPPED",
        outputs: noValues,
        reason: { kind: "condition-false", condition },
      });
    }
    const place: Place = { path, ...retryOf(task.retryPolicy ?? outerRetry) };
    const items = iterations(task, own);
    return items === undefined
      ? await runComponent(context, task, component, name, own, place)
      : await runLoop(context, task, component, name, items, place);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const reason: Reason = {
      kind: "error",
      message: error.message,
      ...(error.action !== undefined && { action: error.action }),
    };
    return { state: "FAILED", outputs: noValues, reason, culprit: path };
  }
}

async function runLoop(
  context: GroupContext,
  task: TaskSpec,
  component: ComponentSpec,
  name: string,
  items: readonly Values[],
  place: Place,
): Promise<Outcome> {
  const { run, sink, signal } = context;
  const { path } = place;
  sink({ kind: "task-state", run, task: path, state: "RUNNING", at: Date.now() });
  const pathOf = (iteration: number): TaskPath => `${path}[${iteration}]`;
  const type: TaskType = component.dag ? "DAG" : "RUNTIME";
  items.forEach((_, iteration) => {
    sink({
      kind: "task-created",
      run,
      task: pathOf(iteration),
      path: pathOf(iteration),
      name,
      parent: path,
      type,
      iteration,
      at: Date.now(),
    });
  });
  const outcomes = await atMost(task.iteratorPolicy?.parallelismLimit ?? 0, items.length, async (iteration) => {
    if (signal.aborted) return end(context, pathOf(iteration), canceled(signal));
    const inner = { ...place, path: pathOf(iteration) };
    return end(
      context,
      inner.path,
      await runComponent(
        context,
        task,
        component,
        name,
        withDefaults(items[iteration] ?? noValues, component.inputDefinitions),
        inner,
      ),
    );
  });
  const collected = collect(outcomes);
  const { parameters = {}, artifacts = {} } = component.outputDefinitions ?? {};
  // A loop over nothing collects nothing, and says so with empty lists.
  const outputs: Values = {
    parameters: { ...Object.fromEntries(Object.keys(parameters).map((key) => [key, []])), ...collected.parameters },
    artifacts: { ...Object.fromEntries(Object.keys(artifacts).map((key) => [key, []])), ...collected.artifacts },
  };
  return sumUp(context, new Map(outcomes.map((outcome, i) => [pathOf(i), outcome])), "", outputs);
}

/** One execution of a task's component: a group, an importer, or a step. */
async function runComponent(
  context: GroupContext,
  task: TaskSpec,
  component: ComponentSpec,
  name: string,
  inputs: Values,
  place: Place,
): Promise<Outcome> {
  const { run, sink } = context;
  const { path } = place;
  if (component.dag) {
    sink({ kind: "task-state", run, task: path, state: "RUNNING", at: Date.now() });
    sink({ kind: "task-inputs", run, task: path, parameters: inputs.parameters, artifacts: [], at: Date.now() });
    return runGroup(context, component, inputs, place);
  }
  const { container, importer } = executorOf(context.package, component);
  if (importer && context.rehearsal) return notRehearsed;
  if (importer) {
    sink({ kind: "task-state", run, task: path, state: "RUNNING", at: Date.now() });
    sink({ kind: "task-inputs", run, task: path, parameters: inputs.parameters, artifacts: [], at: Date.now() });
    const values = placeholderValues(context, { name, path }, executorInput(component, inputs, context.runFolder));
    const artifact = await importArtifact(importer, values, `${run}/${path}/artifact`, context.folder);
    sink({
      kind: "task-outputs",
      run,
      task: path,
      parameters: {},
      artifacts: [{ key: "artifact", artifact }],
      at: Date.now(),
    });
    return { state: "SUCCEEDED", outputs: { parameters: {}, artifacts: { artifact: [artifact] } } };
  }
  if (!container)
    throw new UserError(
      "executor",
      `Executor ${component.executorLabel ?? ""} is neither a container nor an importer; this engine runs no other.`,
    );
  const platform =
    context.package.platform?.platforms.kubernetes?.deploymentSpec?.executors?.[component.executorLabel ?? ""];
  const step = { path, name, task, component, container, ...(platform && { platform }), inputs, retry: place.retry };
  const outcome = await runStep(context, step, context.cached);
  return outcome.state === "FAILED" ? { ...outcome, culprit: path } : outcome;
}

/** How a group ended: canceled where the run was, failed where one of its tasks did. */
function sumUp(
  context: GroupContext,
  outcomes: ReadonlyMap<string, Outcome>,
  path: TaskPath,
  outputs: Values,
): Outcome {
  if (context.signal.aborted) return { ...canceled(context.signal), outputs };
  for (const [name, outcome] of outcomes) {
    if (outcome.state !== "FAILED") continue;
    const culprit = outcome.culprit ?? (path === "" ? name : `${path}.${name}`);
    return { state: "FAILED", outputs, culprit, ...(outcome.reason && { reason: outcome.reason }) };
  }
  return { state: "SUCCEEDED", outputs };
}

/** The outcome of a task that does not run, told of all that stands in it as well. */
function skipInner(context: GroupContext, task: TaskSpec, path: TaskPath, outcome: Outcome): Outcome {
  // What a loop would have held is not known.
  if (task.parameterIterator || task.artifactIterator) return outcome;
  for (const [name, inner] of Object.entries(componentOf(context.package, task).dag?.tasks ?? {})) {
    announce(context, inner, `${path}.${name}`, path);
    end(context, `${path}.${name}`, skipInner(context, inner, `${path}.${name}`, outcome));
  }
  return outcome;
}

function announce(context: GroupContext, task: TaskSpec, path: TaskPath, parent: TaskPath): void {
  const { run, sink } = context;
  const name = task.taskInfo?.name ?? path.slice(parent.length + 1);
  sink({ kind: "task-created", run, task: path, path, name, parent, type: typeOf(context, task), at: Date.now() });
}

function typeOf(context: GroupContext, task: TaskSpec): TaskType {
  const component = componentOf(context.package, task);
  if (task.parameterIterator || task.artifactIterator) return "LOOP";
  if (!component.dag) return executorOf(context.package, component).importer ? "IMPORTER" : "RUNTIME";
  if (task.triggerPolicy?.condition) return "CONDITION";
  // The spec marks these two by the names that the compiler gives them, and by nothing else.
  if (/^comp-condition-branches-\d+/.test(task.componentRef.name)) return "CONDITION_BRANCH";
  return /^comp-exit-handler-\d+/.test(task.componentRef.name) ? "EXIT_HANDLER" : "DAG";
}

/** PipelineTaskFinalStatus as KFP's driver hands it to an exit task. */
function statusOf(outcome: Outcome | undefined, task: string, run: string): Json {
  const states = {
    SUCCEEDED: "SUCCEEDED",
    CACHED: "SUCCEEDED",
    FAILED: "FAILED",
    CANCELED: "CANCELLED",
    SKIPPED: "SKIPPED",
  } as const;
  const error =
    outcome?.state === "FAILED" && outcome.reason
      ? { error: { code: 2, message: `${outcome.culprit ?? task}: ${describeReason(outcome.reason)}` } }
      : {};
  return { state: states[outcome?.state ?? "SKIPPED"], pipelineJobResourceName: run, pipelineTaskName: task, ...error };
}

/** A component that wants a final status and is given none, as when it runs alone, would break on it: all went well. */
function withStatus(given: Values, component: ComponentSpec, run: string): Values {
  const wanting = Object.entries(component.inputDefinitions?.parameters ?? {}).filter(
    ([name, { parameterType }]) => parameterType === "TASK_FINAL_STATUS" && given.parameters[name] === undefined,
  );
  const status = { state: "SUCCEEDED", pipelineJobResourceName: run, pipelineTaskName: "" };
  return {
    ...given,
    parameters: { ...given.parameters, ...Object.fromEntries(wanting.map(([name]) => [name, status])) },
  };
}

function retryOf(retry: TaskSpec["retryPolicy"]): { retry?: NonNullable<TaskSpec["retryPolicy"]> } {
  return retry === undefined ? {} : { retry };
}

function entryOf<K, V>(map: ReadonlyMap<K, V>, key: K): [K, V][] {
  const value = map.get(key);
  return value === undefined ? [] : [[key, value]];
}
