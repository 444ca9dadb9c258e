import { conditionWords } from "../language/spec/condition-words.ts";
import type { Json } from "../language/spec/types.ts";

/** Milliseconds since 1970, UTC. */
export type Time = number;
export type RunId = string;
/** Unique within its run; the same after a reconnect. */
export type TaskId = string;
/** Path in the spec with iteration numbers: `root.for-loop-1[3].train`. Without them it is a key of the source map. */
export type TaskPath = string;

/** `RUNTIME_STATE` of the KFP API, v2beta1, and CACHED of its native task API. */
export type TaskState = "PENDING" | "RUNNING" | "SUCCEEDED" | "SKIPPED" | "CACHED" | "FAILED" | "CANCELED";
export type RunState = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELING" | "CANCELED";
export const finalStates: ReadonlySet<TaskState | RunState> = new Set([
  "SUCCEEDED",
  "SKIPPED",
  "CACHED",
  "FAILED",
  "CANCELED",
]);

/** PipelineTask.type of KFP's native task API. */
export type TaskType =
  | "ROOT"
  | "RUNTIME"
  | "CONDITION_BRANCH"
  | "CONDITION"
  | "LOOP"
  | "EXIT_HANDLER"
  | "IMPORTER"
  | "DAG";

/** Why something is in the state it is in: data, put into words by `describeReason`. */
export type Reason =
  | { readonly kind: "exit-code"; readonly code: number; readonly lastLine?: string }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "error"; readonly message: string; readonly action?: string }
  | { readonly kind: "condition-false"; readonly condition: string }
  | { readonly kind: "upstream-failed"; readonly task: string }
  | { readonly kind: "upstream-skipped"; readonly task: string }
  | { readonly kind: "timeout"; readonly seconds: number }
  | { readonly kind: "cached"; readonly run: RunId; readonly task: TaskId }
  | { readonly kind: "canceled"; readonly by: "user" | "failure" | "deadline" }
  | { readonly kind: "runner-died" }
  /** Of a task that waits: what is made ready for it. */
  | { readonly kind: "preparing"; readonly message: string }
  | { readonly kind: "environment"; readonly message: string }
  | { readonly kind: "unschedulable"; readonly message: string; readonly resource?: string; readonly wanted?: string }
  | { readonly kind: "image-pull"; readonly image: string; readonly message: string }
  | { readonly kind: "out-of-memory"; readonly limit?: string }
  | { readonly kind: "pod"; readonly reason: string; readonly message?: string };

export interface Artifact {
  /** `<run>/<task>/<key>[/index]` for a local run, the cluster's own id otherwise. */
  readonly id: string;
  readonly name: string;
  /** `system.Dataset`. */
  readonly type: string;
  readonly uri: string;
  readonly metadata: Readonly<Record<string, Json>>;
  /** sha-256 of the file or folder, hex; absent where it was not read. */
  readonly digest?: string;
  readonly sizeBytes?: number;
}

export interface KeyedArtifact {
  readonly key: string;
  readonly artifact: Artifact;
}

/** Where in a source file something stands; the line counts from 1. */
export interface SourceLine {
  readonly path: string;
  readonly line: number;
}

export interface SourceRef {
  readonly path: string;
  /** sha-256 of the file, hex. */
  readonly digest: string;
  /** Which definition of the file ran. */
  readonly symbol: string;
  readonly commit?: string;
  /** Whether the file differed from the commit. */
  readonly dirty?: boolean;
  /** Which line made a task, by task path without iterations: the source map, as far as history needs it. */
  readonly lines?: Readonly<Record<string, SourceLine>>;
}

/**
 * Whatever runs a pipeline tells it in these. Idempotent: the same event twice
 * changes nothing. Order matters within a task only; a late or contradictory
 * event never moves a final state back.
 */
export type RunEvent =
  | {
      readonly kind: "run-created";
      readonly run: RunId;
      readonly at: Time;
      /** sha-256 of the package's YAML, key of `specs`. */
      readonly spec: string;
      readonly pipeline: string;
      /** `local`, or a target's name. */
      readonly target: string;
      readonly parameters: Readonly<Record<string, Json>>;
      readonly source?: SourceRef;
      /** Process that runs it, for local runs: gone without a final state means the runner died. */
      readonly pid?: number;
      /** Tells that process from a later one with the same pid (`store/process.ts`); filled in by the recorder. */
      readonly processStart?: string;
      /** The run's id on its cluster. */
      readonly remote?: string;
    }
  | {
      readonly kind: "task-created";
      readonly run: RunId;
      readonly task: TaskId;
      readonly path: TaskPath;
      readonly name: string;
      readonly parent?: TaskId;
      readonly type: TaskType;
      readonly iteration?: number;
      readonly at: Time;
    }
  | {
      readonly kind: "task-state";
      readonly run: RunId;
      readonly task: TaskId;
      readonly state: TaskState;
      readonly reason?: Reason;
      readonly fingerprint?: string;
      readonly at: Time;
    }
  | {
      readonly kind: "task-attempt";
      readonly run: RunId;
      readonly task: TaskId;
      /** From 0. */
      readonly attempt: number;
      readonly pod?: { readonly namespace: string; readonly name: string; readonly uid?: string };
      readonly pid?: number;
      readonly at: Time;
    }
  | {
      readonly kind: "task-inputs" | "task-outputs";
      readonly run: RunId;
      readonly task: TaskId;
      readonly parameters: Readonly<Record<string, Json>>;
      readonly artifacts: readonly KeyedArtifact[];
      readonly at: Time;
    }
  | {
      readonly kind: "task-usage";
      readonly run: RunId;
      readonly task: TaskId;
      readonly wallSeconds: number;
      readonly cpuSeconds?: number;
      readonly peakMemoryBytes?: number;
      readonly at: Time;
    }
  | {
      readonly kind: "run-state";
      readonly run: RunId;
      readonly state: RunState;
      readonly reason?: Reason;
      readonly at: Time;
    };

/** Where events go: the store's writer, a terminal, an NDJSON stream. */
export type EventSink = (event: RunEvent) => void;

/** One sentence for a person. */
export function describeReason(reason: Reason): string {
  switch (reason.kind) {
    case "exit-code":
      return reason.lastLine ? `exit code ${reason.code}: ${reason.lastLine}` : `exit code ${reason.code}`;
    case "signal":
      return `killed by ${reason.signal}`;
    case "error":
      return reason.action ? `${reason.message} ${reason.action}` : reason.message;
    case "condition-false":
      return `condition is false: ${conditionWords(reason.condition, (name) => name.replace("pipelinechannel--", ""))}`;
    case "upstream-failed":
      return `${reason.task} failed before it`;
    case "upstream-skipped":
      return `${reason.task} was skipped before it`;
    case "timeout":
      return `ran longer than its limit of ${reason.seconds} s`;
    case "cached":
      return `cached from run ${reason.run}`;
    case "canceled":
      if (reason.by === "deadline") return "canceled because the run took longer than its limit";
      return reason.by === "user" ? "canceled" : "canceled because another step failed";
    case "runner-died":
      return "its runner was killed or the machine went down";
    case "preparing":
      return reason.message;
    case "environment":
      return `its Python environment could not be made: ${reason.message}`;
    case "unschedulable":
      return `waiting for a node: ${reason.message}`;
    case "image-pull":
      return `cannot pull image ${reason.image}: ${reason.message}`;
    case "out-of-memory":
      return reason.limit ? `out of memory at its limit of ${reason.limit}` : "out of memory";
    case "pod":
      return reason.message ? `${reason.reason}: ${reason.message}` : reason.reason;
  }
}
