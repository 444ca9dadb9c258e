import { setTimeout as sleep } from "node:timers/promises";
import type { TaskSpec } from "../../language/spec/types.ts";
import type { Reason } from "../events.ts";
import { runAttempt, type Step, type StepContext } from "./attempt.ts";
import { type CacheLookup, fingerprint, lookUp } from "./cache.ts";
import { byKey, canceled, keyed, notRehearsed, type Outcome } from "./state.ts";

/** Runs one container task to its end: from the cache, or as often as its retry policy allows. Never rejects for what the step does. */
export async function runStep(context: StepContext, step: Step, cached: CacheLookup | undefined): Promise<Outcome> {
  const { run, sink, signal } = context;
  const { path, task, component, container, inputs } = step;
  const key = fingerprint(task, component, container, inputs);
  sink({
    kind: "task-inputs",
    run,
    task: path,
    parameters: inputs.parameters,
    artifacts: keyed(inputs.artifacts),
    at: Date.now(),
  });
  const hit = key === undefined || cached === undefined ? undefined : await lookUp(key, cached);
  if (hit !== undefined) {
    const { parameters, artifacts } = hit.task.outputs;
    sink({ kind: "task-outputs", run, task: path, parameters, artifacts, at: Date.now() });
    const reason: Reason = { kind: "cached", run: hit.run, task: hit.task.id };
    return { state: "CACHED", outputs: { parameters, artifacts: byKey(artifacts) }, reason };
  }
  if (context.rehearsal) return notRehearsed;
  const attempts = 1 + (step.retry?.maxRetryCount ?? 0);
  for (let attempt = 0; ; attempt++) {
    const outcome = await runAttempt(context, step, attempt, key);
    // Another attempt needs the same environment, and would fail in the same way without it.
    const hopeless = outcome.reason?.kind === "environment" || outcome.reason?.kind === "error";
    if (outcome.state !== "FAILED" || hopeless || attempt + 1 >= attempts) return outcome;
    try {
      await sleep(backoffMs(step.retry, attempt), undefined, { signal });
    } catch {
      return canceled(signal);
    }
  }
}

/** Milliseconds to wait after a failed attempt (counted from 0): KFP's `0s`, factor 2 and `3600s` where the policy says nothing. */
export function backoffMs(policy: TaskSpec["retryPolicy"], attempt: number): number {
  const seconds = (text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : Number.parseFloat(text);
  const wait = seconds(policy?.backoffDuration, 0) * (policy?.backoffFactor ?? 2) ** attempt;
  return Math.min(wait, seconds(policy?.backoffMaxDuration, 3600)) * 1000;
}
