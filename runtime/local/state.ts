import type {
  ComponentSpec,
  Definitions,
  ExecutorSpec,
  Json,
  PipelinePackage,
  TaskSpec,
} from "../../language/spec/types.ts";
import type { Artifact, EventSink, KeyedArtifact, Reason, RunId, TaskPath, TaskState } from "../events.ts";

/** Values by name. An input of one artifact is a list of one, as in KFP's ArtifactList. */
export interface Values {
  readonly parameters: Readonly<Record<string, Json>>;
  readonly artifacts: Readonly<Record<string, readonly Artifact[]>>;
}

export const noValues: Values = { parameters: {}, artifacts: {} };

/** How a task ended, and what others may read of it. */
export interface Outcome {
  readonly state: Extract<TaskState, "SUCCEEDED" | "SKIPPED" | "CACHED" | "FAILED" | "CANCELED">;
  readonly outputs: Values;
  readonly reason?: Reason;
  /** Path of the innermost task that failed, for a group. */
  readonly culprit?: TaskPath;
}

/** Of a step that was stopped, or not begun, because of the run's signal. */
export function canceled(signal: AbortSignal): Outcome {
  return { state: "CANCELED", outputs: noValues, reason: { kind: "canceled", by: canceler(signal) } };
}

/** Of what a rehearsal does not do. */
export const notRehearsed: Outcome = {
  state: "FAILED",
  outputs: noValues,
  reason: { kind: "error", message: "It would have to run." },
};

function canceler(signal: AbortSignal): "user" | "failure" | "deadline" {
  const reason: unknown = signal.reason;
  // What `AbortSignal.timeout` gives: the run's own limit.
  if (reason instanceof DOMException && reason.name === "TimeoutError") return "deadline";
  return reason === crashed ? "failure" : "user";
}

/** Reason of a run's signal that a bug of ours aborted. */
export const crashed = "crashed";

export const succeeded = (outcome: Outcome): boolean => outcome.state === "SUCCEEDED" || outcome.state === "CACHED";

/** What stays the same through a run. */
export interface RunContext {
  readonly run: RunId;
  readonly package: PipelinePackage;
  readonly runFolder: string;
  readonly pipelineName: string;
  readonly createdAt: number;
  readonly sink: EventSink;
  readonly signal: AbortSignal;
}

/** The component that a name of the spec refers to. A spec that lacks it is not valid: the reader of the package said so. */
export function componentOf(pkg: PipelinePackage, task: TaskSpec): ComponentSpec {
  const component = pkg.spec.components?.[task.componentRef.name];
  if (component === undefined) throw new Error(`The spec has no component ${task.componentRef.name}`);
  return component;
}

export function executorOf(pkg: PipelinePackage, component: ComponentSpec): ExecutorSpec {
  const label = component.executorLabel ?? "";
  const executor = pkg.spec.deploymentSpec.executors?.[label];
  if (executor === undefined) throw new Error(`The spec has no executor ${label}`);
  return executor;
}

/** As events want them: one record an artifact, lists in order under one key. */
export function keyed(artifacts: Values["artifacts"]): KeyedArtifact[] {
  return Object.entries(artifacts).flatMap(([key, list]) => list.map((artifact) => ({ key, artifact })));
}

export function byKey(artifacts: readonly KeyedArtifact[]): Record<string, Artifact[]> {
  const lists: Record<string, Artifact[]> = {};
  for (const { key, artifact } of artifacts) (lists[key] ??= []).push(artifact);
  return lists;
}

/** A component's inputs with defaults for what was not given. */
export function withDefaults(given: Values, definitions: Definitions | undefined): Values {
  const parameters: Record<string, Json> = { ...given.parameters };
  for (const [name, { defaultValue }] of Object.entries(definitions?.parameters ?? {})) {
    if (parameters[name] === undefined && defaultValue !== undefined) parameters[name] = defaultValue;
  }
  return { parameters, artifacts: given.artifacts };
}
