import type { Json, PipelinePackage } from "../../language/spec/types.ts";
import type { Artifact, RunEvent, TaskPath } from "../events.ts";
import type { CacheLookup } from "./cache.ts";
import { runGroup } from "./group.ts";
import { completeParameters } from "./parameters.ts";
import { openSlots } from "./slots.ts";

export interface Rehearsal {
  readonly package: PipelinePackage;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly artifacts?: Readonly<Record<string, readonly Artifact[]>>;
  readonly cached: CacheLookup;
  readonly signal: AbortSignal;
}

/**
 * The tasks that a run would now answer from the cache, by their paths in the spec; one in a loop where every turn
 * is. The run's own way through the package is gone, with its conditions and loops, but no step is started, nothing
 * is imported and nothing is written: what one of those would give is not known, and neither is what waits for it.
 */
export async function rehearse(request: Rehearsal): Promise<readonly TaskPath[]> {
  const { package: pkg, cached, signal } = request;
  const { root, pipelineInfo } = pkg.spec;
  const answered = new Map<TaskPath, boolean>();
  const bug = Promise.withResolvers<never>();
  const sink = (event: RunEvent): void => {
    if (event.kind !== "task-state" || event.state === "RUNNING") return;
    const path = event.task.replace(/\[\d+\]/g, "");
    answered.set(path, event.state === "CACHED" && (answered.get(path) ?? true));
  };
  const never = (): never => {
    throw new Error("A rehearsal starts nothing.");
  };
  const whole = runGroup(
    {
      run: "rehearsal",
      package: pkg,
      runFolder: "rehearsal",
      pipelineName: pipelineInfo.name,
      createdAt: Date.now(),
      sink,
      signal,
      env: {},
      environments: { get: never, close: never },
      nodeCache: "",
      engine: never,
      nodeFolder: never,
      slots: openSlots(1),
      workspacePath: "",
      folder: "",
      cached,
      rehearsal: true,
      crash: bug.reject,
    },
    root,
    { parameters: completeParameters(request.parameters, root.inputDefinitions), artifacts: request.artifacts ?? {} },
    { path: "root" },
  );
  await Promise.race([whole, bug.promise]);
  return [...answered].flatMap(([path, isCached]) => (isCached ? [path] : []));
}
