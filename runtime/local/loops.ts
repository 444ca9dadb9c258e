import type { Json, TaskSpec } from "../../language/spec/types.ts";
import type { Artifact } from "../events.ts";
import { UserError } from "../user-error.ts";
import { isList, tryParse } from "./json.ts";
import { type Outcome, succeeded, type Values } from "./state.ts";

/** The inputs of each iteration of a loop, in order; undefined where the task is no loop. Throws UserError where the items are no list. */
export function iterations(task: TaskSpec, inputs: Values): readonly Values[] | undefined {
  if (task.parameterIterator) {
    const { itemInput, items } = task.parameterIterator;
    return itemsOf(items, inputs).map((item) => ({
      ...inputs,
      parameters: { ...inputs.parameters, [itemInput]: item },
    }));
  }
  if (task.artifactIterator) {
    const { itemInput, items } = task.artifactIterator;
    const list = inputs.artifacts[items.inputArtifact] ?? [];
    return list.map((artifact) => ({ ...inputs, artifacts: { ...inputs.artifacts, [itemInput]: [artifact] } }));
  }
  return undefined;
}

/**
 * Outputs of a loop: for each name the iterations' values in order, which is
 * what Collected reads. An iteration that skipped the task adds nothing. Lists
 * of artifacts are flat, as ArtifactList is; lists of lists of parameters nest.
 */
export function collect(outcomes: readonly Outcome[]): Values {
  const parameters: Record<string, Json[]> = {};
  const artifacts: Record<string, Artifact[]> = {};
  for (const outcome of outcomes.filter(succeeded)) {
    for (const [name, value] of Object.entries(outcome.outputs.parameters)) (parameters[name] ??= []).push(value);
    for (const [name, list] of Object.entries(outcome.outputs.artifacts)) (artifacts[name] ??= []).push(...list);
  }
  return { parameters, artifacts };
}

/** Runs `work` for 0 … count - 1, at most `limit` at a time (0: no limit); results in order. */
export async function atMost<T>(limit: number, count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results = new Array<T>(count);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) results[i] = await work(i);
  };
  await Promise.all(Array.from({ length: Math.min(limit > 0 ? limit : count, count) }, worker));
  return results;
}

function itemsOf(items: { raw?: string; inputParameter?: string }, inputs: Values): readonly Json[] {
  const value = items.raw ?? inputs.parameters[items.inputParameter ?? ""];
  // The SDK writes `raw` as JSON, and a list may arrive as its text.
  const list = typeof value === "string" ? tryParse(value) : value;
  if (isList(list)) return list;
  throw new UserError(
    "loop-items",
    `The items of the loop are ${value === undefined ? "missing" : JSON.stringify(value)}, not a list.`,
  );
}
