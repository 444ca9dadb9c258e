/** What a notebook cell shows after its run; the mime type is `application/vnd.millrace.step+json`. Types only. */
import type { LaidOutDag } from "../../language/dag/view.ts";
import type { Json } from "../../language/spec/types.ts";
import type { NodeState } from "../protocol.ts";

export interface StepOutput {
  readonly name: string;
  readonly run: string;
  readonly state: string;
  /** Of a single step: what it was run with, `rows = 5000`. */
  readonly inputs: readonly string[];
  /** Why it failed, one sentence for each step that did. */
  readonly problems: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly value: Json }[];
  readonly artifacts: readonly ArtifactOutput[];
  /** Pipelines only. */
  readonly graph?: LaidOutDag;
  readonly states?: Readonly<Record<string, NodeState>>;
}

export interface ArtifactOutput {
  readonly key: string;
  readonly type: string;
  readonly uri: string;
  readonly metadata: Readonly<Record<string, Json>>;
  readonly preview?:
    | { readonly kind: "table"; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
    | { readonly kind: "html"; readonly text: string }
    | { readonly kind: "markdown"; readonly text: string };
}
