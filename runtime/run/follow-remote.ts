import { readPackage } from "../../language/spec/read.ts";
import type { RunState } from "../events.ts";
import { isAlive } from "../store/process.ts";
import { openRecorder } from "../store/recorder.ts";
import type { RunSummary, Store } from "../store/store.ts";
import { runFolder, type Workspace } from "../store/workspace.ts";
import { findTarget } from "./targets.ts";

/** Whether a run on a cluster goes on with nobody here following it. */
export function isForsaken(run: RunSummary): boolean {
  return (
    run.remote !== undefined &&
    run.finishedAt === undefined &&
    !(run.pid !== undefined && isAlive(run.pid, run.processStart))
  );
}

/** Follows a run on a cluster from where it is now, until its end or `detach`. Throws UserError where the cluster stays away. */
export async function followRemote(
  run: RunSummary & { readonly spec: string },
  workspace: Workspace,
  store: Store,
  signals: { readonly signal: AbortSignal; readonly detach: AbortSignal },
  notice: (line: string) => void,
): Promise<RunState> {
  const spec = readPackage("pipeline.yaml", store.spec(run.spec) ?? "").package?.spec;
  if (!spec || run.remote === undefined) return run.state;
  const target = findTarget(workspace, run.target);
  const { attach } = await import("../cluster/run.ts");
  const folder = runFolder(workspace, run.id);
  const recorder = openRecorder(store, folder, (error) =>
    notice(error instanceof Error ? error.message : String(error)),
  );
  try {
    return await attach(spec, {
      run: run.id,
      remote: run.remote,
      target,
      folder,
      sink: recorder.emit,
      notice,
      ...signals,
    });
  } finally {
    recorder.close();
  }
}
