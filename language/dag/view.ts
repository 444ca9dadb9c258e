/**
 * The picture of a pipeline as data. `dagView` makes it from a package, so that
 * source files, compiled YAML and somebody else's run are drawn by the same code;
 * `layout` (layout.ts) gives it positions.
 */
export type NodeKind =
  | "task"
  | "importer"
  | "input"
  | "output"
  | "loop"
  | "condition"
  | "branches"
  | "exit-handler"
  | "pipeline";

export interface DagNode {
  /** Task path: `root.for-loop-1.train`. Inputs of the pipeline: `input:rows`. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
  /** Id of the group that it stands in. */
  readonly parent?: string;
  /** Groups only: whether there is something to fold. */
  readonly foldable: boolean;
  readonly folded: boolean;
  readonly image?: string;
  /** `1 GPU`, `4 CPU`, `16Gi`. */
  readonly badges: readonly string[];
  /** Condition, loop items, description: one line. */
  readonly detail?: string;
  /** What it gets that no edge shows, constants and inputs of the pipeline: `n_estimators = 200`. */
  readonly arguments?: readonly string[];
}

export interface DagEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** What flows: `dataset: Dataset`, `rows: int`; absent for an order without data. */
  readonly label?: string;
  readonly kind: "artifact" | "parameter" | "order";
}

export interface Dag {
  readonly title: string;
  readonly nodes: readonly DagNode[];
  readonly edges: readonly DagEdge[];
}

export interface Box {
  /** Centre, pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LaidOutDag {
  readonly dag: Dag;
  readonly width: number;
  readonly height: number;
  readonly boxes: Readonly<Record<string, Box>>;
  /** Cubic Bézier control points: start, then three points a segment. */
  readonly paths: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}
