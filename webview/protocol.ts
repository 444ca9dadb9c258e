/**
 * What the extension host and the webviews say to one another. Plain data only.
 * The host sends whole snapshots (`show`), the view sends intents; a reload is then free.
 */
import type { LaidOutDag } from "../language/dag/view.ts";
import type { Json, ParameterType } from "../language/spec/types.ts";

/** State of a node of the graph, from a run. */
export interface NodeState {
  /** TaskState of runtime/events.ts. */
  readonly state: string;
  readonly reason?: string;
  readonly seconds?: number;
  /** Of a loop: how many iterations are done. */
  readonly progress?: { readonly done: number; readonly total: number };
}

export interface DagView {
  readonly kind: "dag";
  readonly title: string;
  /** Absent before the first good graph. */
  readonly graph?: LaidOutDag;
  /** Of the newest text, while `graph` is the last good one. */
  readonly problem?: { readonly message: string; readonly count: number };
  readonly selected?: string;
  readonly run?: { readonly id: string; readonly state: string; readonly states: Readonly<Record<string, NodeState>> };
  readonly canExecute: boolean;
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

export interface RunFormView {
  readonly kind: "run-form";
  readonly pipeline: string;
  readonly fields: readonly FormField[];
  readonly targets: readonly { readonly name: string; readonly label: string }[];
  readonly target: string;
  readonly caching: boolean;
}

export interface LineageViewNode {
  readonly id: string;
  readonly kind: "artifact" | "task";
  readonly label: string;
  readonly type?: string;
  readonly detail?: string;
  readonly current: boolean;
}

export interface LineageView {
  readonly kind: "lineage";
  readonly title: string;
  readonly nodes: readonly LineageViewNode[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly label?: string }[];
  /** The selected artifact in words, one sentence a line. */
  readonly words: readonly string[];
  readonly empty?: string;
}

export type View = DagView | RunFormView | LineageView;

/** What a view may ask of the host. */
export interface HostMethods {
  ready(): void;
  revealSource(node: string): void;
  selectNode(node: string): void;
  fold(node: string, folded: boolean): void;
  openLog(node: string): void;
  run(): void;
  cancel(): void;
  submit(values: Readonly<Record<string, Json>>, target: string, caching: boolean): void;
  openArtifact(id: string): void;
  selectArtifact(id: string): void;
  openRun(run: string): void;
  exportGraph(format: "svg" | "png" | "mermaid", data?: string): void;
}

/** What the host may ask of a view. */
export interface ViewMethods {
  show(view: View): void;
}
