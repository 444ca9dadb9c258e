/** What became of places of a TypeScript source while a pipeline was made of it: what editors show beside them. */
import type { Task } from "../graph/model.ts";
import type { Span } from "../source.ts";

/** A place that is evaluated again (in a helper, in an unrolled loop) has a mark each time. */
export type Mark = LoopMark | BranchMark | StepMark;

export interface LoopMark {
  readonly kind: "loop";
  /** The whole loop; for `map`, the call. */
  readonly span: Span;
  /** Where its head ends, behind `for (…)`. */
  readonly head: number;
  /** Turns that it was unrolled into; absent where it loops in the run. */
  readonly turns?: number;
  /** Turns that the run makes at once, where that is limited. */
  readonly limit?: number;
  /** Steps that were made in it. */
  readonly steps: number;
}

export interface BranchMark {
  readonly kind: "branch";
  readonly span: Span;
  /** Where its condition ends. */
  readonly head: number;
  /** What the condition is while compiling; absent where only the run knows. */
  readonly decided?: boolean;
  readonly then: Span;
  readonly otherwise?: Span;
  /** Steps that were made in its arms. */
  readonly steps: number;
}

export interface StepMark {
  readonly kind: "step";
  readonly span: Span;
  /** The name that is called. */
  readonly callee: Span;
  readonly task: Task;
}
