/**
 * What the extension host and the webviews say to one another. Plain data only.
 * The host sends whole snapshots (`show`), the view sends intents; a reload is then free.
 */
import type { LaidOutDag } from "../language/dag/view.ts";
import type { Json, ParameterType } from "../language/spec/types.ts";
import type { Arguments } from "./rpc.ts";

/** State of a node of the graph, from a run. */
export interface NodeState {
  /** TaskState of runtime/events.ts. */
  readonly state: string;
  readonly reason?: string;
  readonly seconds?: number;
  /** Of a loop: how many iterations are done. */
  readonly progress?: { readonly done: number; readonly total: number };
  /** Numbers that the step reported, by name. */
  readonly metrics?: Readonly<Record<string, number>>;
}

export interface DagView {
  readonly kind: "dag";
  readonly title: string;
  /** Absent before the first good graph. */
  readonly graph?: LaidOutDag;
  /** Of the newest text, while `graph` is the last good one. */
  readonly problem?: { readonly message: string; readonly count: number };
  /** The versions of the Python and of its `kfp` that compiled it; older than the text, where that has changed since. */
  readonly byPython?: { readonly python: string; readonly kfp: string; readonly older: boolean };
  /** The newest text cannot be read: Python would know. */
  readonly asksPython?: true;
  readonly run?: { readonly id: string; readonly state: string; readonly states: Readonly<Record<string, NodeState>> };
  /** Whether there is a source whose pipeline can be run from here. */
  readonly canRun: boolean;
  /** Why it cannot, where the workspace is not trusted. */
  readonly restricted?: string;
  /** What the host wants back after a reload of the window; opaque to the view. */
  readonly restore: Json;
}

export interface FormField {
  readonly name: string;
  readonly type: ParameterType;
  readonly description?: string;
  readonly required: boolean;
  readonly defaultValue?: Json;
  readonly lastValue?: Json;
  readonly literals?: readonly Json[];
}

/** An artifact that a single step takes: from the last runs, newest first. */
export interface ArtifactField {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly candidates: readonly { readonly id: string; readonly label: string }[];
}

export interface RunFormView {
  readonly kind: "run-form";
  readonly what: "pipeline" | "step";
  readonly name: string;
  readonly file: string;
  readonly description?: string;
  readonly fields: readonly FormField[];
  readonly artifacts: readonly ArtifactField[];
  readonly targets: readonly { readonly name: string; readonly label: string }[];
  readonly target: string;
  readonly caching: boolean;
  /** The run is being started. */
  readonly busy: boolean;
  /** Why the last attempt to start did not. */
  readonly error?: string;
  readonly restricted?: string;
  readonly restore: Json;
}

export interface LineageViewNode {
  readonly id: string;
  readonly kind: "artifact" | "task";
  readonly label: string;
  readonly type?: string;
  readonly detail?: string;
  readonly state?: string;
  readonly current: boolean;
  /** Column: steps from the selected artifact, upstream negative. */
  readonly column: number;
}

export interface LineageView {
  readonly kind: "lineage";
  readonly title: string;
  readonly nodes: readonly LineageViewNode[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly label?: string }[];
  /** The selected artifact in words, one sentence a line. */
  readonly words: readonly string[];
  /** What else can be asked about, newest first. */
  readonly recent: readonly {
    readonly id: string;
    readonly label: string;
    readonly type: string;
    readonly detail: string;
  }[];
  /** What the selected artifact offers. */
  readonly actions: { readonly file: boolean; readonly source: boolean; readonly run?: string };
}

export type View = DagView | RunFormView | LineageView;

export interface Submission {
  readonly values: Readonly<Record<string, Json>>;
  readonly artifacts: Readonly<Record<string, string>>;
  readonly target: string;
  readonly caching: boolean;
}

/** What a view may ask of the host. */
export interface HostMethods {
  ready(): void;
  /** Without focus the graph keeps the keyboard. */
  revealSource(node: string, focus: boolean): void;
  selectNode(node: string): void;
  fold(node: string, folded: boolean): void;
  openLog(node: string): void;
  run(): void;
  /** Has the user's own Python compile the file. */
  compileWithPython(): void;
  cancel(): void;
  submit(submission: Submission): void;
  /** Asks for a cluster to run on. */
  addCluster(): void;
  openArtifact(id: string): void;
  selectArtifact(id: string): void;
  revealArtifactSource(id: string): void;
  openRun(run: string): void;
  /** Asks for a format, then for the picture in it. */
  exportGraph(): void;
}

/** What the host may ask of a view. */
export interface ViewMethods {
  show(view: View): void;
  /** Leads the eye to a node without changing anything else. */
  reveal(node: string): void;
  /** The graph as text of an SVG or Mermaid file, or as a PNG in base64. */
  picture(format: "svg" | "png" | "mermaid"): string;
}

export const hostArguments = {
  ready: [],
  revealSource: ["string", "boolean"],
  selectNode: ["string"],
  fold: ["string", "boolean"],
  openLog: ["string"],
  run: [],
  compileWithPython: [],
  cancel: [],
  submit: ["object"],
  addCluster: [],
  openArtifact: ["string"],
  selectArtifact: ["string"],
  revealArtifactSource: ["string"],
  openRun: ["string"],
  exportGraph: [],
} as const satisfies Arguments<HostMethods>;

export const viewArguments = {
  show: ["object"],
  reveal: ["string"],
  picture: ["string"],
} as const satisfies Arguments<ViewMethods>;
