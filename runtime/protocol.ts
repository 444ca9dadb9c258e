/**
 * JSON-RPC between the extension host and the runtime server (`runtime/server.ts`).
 * Requests answer plain data; the server sends `changed` when the store changed.
 * A UserError crosses as an error whose `data` is `{ code, action }`.
 */
import type { PythonResult } from "../language/python/by-python.ts";
import type { Json } from "../language/spec/types.ts";
import type { RunId, TaskId } from "./events.ts";
import type { Reference, SourcePlace } from "./run/source-place.ts";
import type { ArtifactRecord, Lineage, RunQuery, RunRecord, RunSummary } from "./store/store.ts";

export interface RunRequest {
  readonly path: string;
  /** Pipeline or component of the file; absent where it has one. */
  readonly symbol?: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly target: string;
  readonly caching: boolean;
  /** For one component: artifact ids by input name, from the last run where absent. */
  readonly artifacts?: Readonly<Record<string, string>>;
  /** The user's own Python compiles the file, where it has not compiled the same already. */
  readonly withPython?: PythonWish;
}

/** Which Python compiles a file, and how long it may take. */
export interface PythonWish {
  /** This one and no other: a program, or the folder of a virtual environment. */
  readonly python?: string;
  /** Tried before those that are found. */
  readonly preferred?: string;
  readonly timeoutSeconds?: number;
}

export interface LogChunk {
  readonly text: string;
  /** Pass it to read on. */
  readonly next: number;
  /** Nothing more will come. */
  readonly done: boolean;
}

export interface Target {
  readonly name: string;
  readonly kind: "local" | "kubernetes";
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

export interface Targets {
  /** Always with `local`, first. */
  readonly all: readonly Target[];
  /** Where runs go that say nothing. */
  readonly chosen: string;
}

/** A cluster that a kubeconfig describes. */
export interface Context {
  readonly name: string;
  readonly server: string;
  readonly namespace?: string;
  readonly current: boolean;
}

/** Something that a run needs of a cluster. */
export interface Finding {
  readonly name: string;
  /** `missing`: runs work, something of them cannot be shown. */
  readonly state: "fine" | "missing" | "broken";
  readonly detail: string;
  readonly action?: string;
}

export interface RuntimeMethods {
  /** Until it is trusted, a workspace is only read: no run, no cancel, no cluster. */
  open(workspace: string, trusted: boolean): void;
  trust(): void;
  run(request: RunRequest): { readonly run: RunId };
  cancel(run: RunId): void;
  /** Runs the file in the user's own Python, whose `kfp` compiles it; may be cancelled. */
  compileWithPython(path: string, wish: PythonWish): PythonResult;
  /** Fetches a component that Python files load by its URL; the path of the file that it is kept in. */
  fetchComponent(url: string): string;
  /** What that gave for the very sources that are on the disk now; nothing is run. */
  compiledWithPython(path: string, wish: PythonWish): PythonResult | undefined;
  /** Steps of a pipeline file, as saved, that a run on this machine would answer from the cache, by their paths in the spec. */
  forecast(path: string, symbol: string): readonly string[];
  runs(query: RunQuery): readonly RunSummary[];
  runRecord(run: RunId): RunRecord | undefined;
  spec(digest: string): string | undefined;
  /** Without a task: the whole run, lines of all its steps in order of time, each with its step's name. */
  log(run: RunId, task: TaskId | undefined, offset: number): LogChunk;
  /** Where in the workspace the lines are that a log of the run names; null where that cannot be told. */
  places(run: RunId, references: readonly Reference[]): readonly (SourcePlace | null)[];
  artifact(id: string): ArtifactRecord | undefined;
  artifacts(query: {
    readonly type?: string;
    readonly run?: RunId;
    readonly limit?: number;
  }): readonly ArtifactRecord[];
  lineage(artifact: string): Lineage | undefined;
  query(text: string): readonly ArtifactRecord[];
  targets(): Targets;
  /** Of a kubeconfig; of KUBECONFIG or ~/.kube/config where none is named. */
  contexts(kubeconfig?: string): readonly Context[];
  /** One of the same name is replaced. */
  addTarget(target: Target): void;
  removeTarget(name: string): void;
  chooseTarget(name: string): void;
  checkTarget(name: string): readonly Finding[];
}

export interface RuntimeNotifications {
  /** The store changed; views ask anew. */
  changed(): void;
}
