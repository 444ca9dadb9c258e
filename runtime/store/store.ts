import type { Json } from "../../language/spec/types.ts";
import type {
  Artifact,
  Reason,
  RunEvent,
  RunId,
  RunState,
  SourceLine,
  SourceRef,
  TaskId,
  TaskPath,
  TaskState,
  TaskType,
  Time,
} from "../events.ts";

export interface RunSummary {
  readonly id: RunId;
  readonly pipeline: string;
  readonly target: string;
  readonly state: RunState;
  readonly reason?: Reason;
  readonly createdAt: Time;
  readonly finishedAt?: Time;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly source?: SourceRef;
  readonly remote?: string;
  readonly pid?: number;
  readonly processStart?: string;
  readonly taskCounts: Readonly<Partial<Record<TaskState, number>>>;
  /** Numbers of all system.Metrics artifacts of the run, by name. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface TaskRecord {
  readonly id: TaskId;
  readonly path: TaskPath;
  readonly name: string;
  readonly parent?: TaskId;
  readonly type: TaskType;
  readonly iteration?: number;
  readonly state: TaskState;
  readonly reason?: Reason;
  readonly createdAt: Time;
  readonly startedAt?: Time;
  readonly finishedAt?: Time;
  readonly fingerprint?: string;
  readonly attempts: readonly {
    readonly attempt: number;
    readonly at: Time;
    readonly pod?: { readonly namespace: string; readonly name: string };
    readonly pid?: number;
  }[];
  readonly inputs: TaskValues;
  readonly outputs: TaskValues;
  readonly usage?: { readonly wallSeconds: number; readonly cpuSeconds?: number; readonly peakMemoryBytes?: number };
}

export interface TaskValues {
  readonly parameters: Readonly<Record<string, Json>>;
  readonly artifacts: readonly { readonly key: string; readonly artifact: Artifact }[];
}

export interface RunRecord extends RunSummary {
  readonly tasks: readonly TaskRecord[];
  /** Digest of the package's YAML; text by `Store.spec`. */
  readonly spec: string;
}

export interface ArtifactRecord extends Artifact {
  readonly createdAt: Time;
  /** Of a Model: the numbers of the Metrics made from it, the nearest and newest of each name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What made it, where that is known. */
  readonly producer?: { readonly run: RunId; readonly task: TaskId; readonly path: TaskPath; readonly key: string };
}

export interface LineageNode {
  readonly artifact: ArtifactRecord;
  /** Steps from the artifact asked about; negative upstream. */
  readonly distance: number;
}

/** Artifacts around one, and the tasks that join them. */
export interface Lineage {
  readonly artifact: ArtifactRecord;
  readonly nodes: readonly LineageNode[];
  readonly tasks: readonly {
    readonly run: RunId;
    readonly task: TaskRecord;
    readonly inputs: readonly { readonly key: string; readonly artifact: string }[];
    readonly outputs: readonly { readonly key: string; readonly artifact: string }[];
    readonly source?: SourceRef;
    /** Where the source says so. */
    readonly line?: SourceLine;
  }[];
}

export interface RunQuery {
  readonly pipeline?: string;
  readonly state?: RunState;
  readonly target?: string;
  /** Path of the file that it was made from. */
  readonly source?: string;
  /** Conditions in the language of `query`: `accuracy > 0.9 and n_estimators > 100`. */
  readonly where?: string;
  /** Only those that have not ended. */
  readonly unfinished?: boolean;
  /** Newest first; default 50. */
  readonly limit?: number;
}

/**
 * What runs leave behind. Opened by `openStore` (store/sqlite.ts); whoever
 * opens it closes it. Every method is synchronous and throws `UserError`
 * where the file or the disk fails.
 */
export interface Store {
  /** Folds events into the tables in one transaction, in order. */
  append(events: readonly RunEvent[]): void;
  /** Keeps the YAML of a package; answers its digest. */
  keepSpec(yaml: string): string;
  spec(digest: string): string | undefined;
  runs(query?: RunQuery): readonly RunSummary[];
  /** By id, by a unique prefix of it, or `latest`. */
  run(id: string): RunRecord | undefined;
  artifact(id: string): ArtifactRecord | undefined;
  artifacts(query?: { type?: string; run?: RunId; limit?: number }): readonly ArtifactRecord[];
  lineage(artifact: string, depth?: number): Lineage | undefined;
  /** `Model where ancestor Dataset.rows > 10000`; throws UserError with the position where it cannot be read. */
  query(text: string): readonly ArtifactRecord[];
  /** The one SQL statement that `query` runs, values written in. */
  explain(text: string): string;
  /** Rows of a statement that only reads. */
  sql(statement: string): readonly Readonly<Record<string, number | string | null>>[];
  /** The newest successful task with this fingerprint whose outputs still exist, for the cache. */
  cached(fingerprint: string): { readonly run: RunId; readonly task: TaskRecord } | undefined;
  /** Changes when anything was written, by this process or another. */
  version(): number;
  close(): void;
}
