/** What a run of a pipeline does, whoever runs it: the steps with what they were given, and the pipeline's outputs. */
import type { Json } from "../../../../language/spec/types.ts";

export interface Flow {
  /** `say {"text":"a"}`, sorted: their order is free. */
  readonly steps: readonly string[];
  readonly outputs: Readonly<Record<string, Json>>;
}

/** Of the flow's run. */
export const runId = "run-1";
