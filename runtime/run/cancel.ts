import { setTimeout as pause } from "node:timers/promises";
import { readPackage } from "../../language/spec/read.ts";
import { finalStates } from "../events.ts";
import { openRecorder } from "../store/recorder.ts";
import { isAlive } from "../store/process.ts";
import type { RunRecord, Store } from "../store/store.ts";
import { runFolder, type Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { findTarget } from "./targets.ts";

/** A runner gives its steps ten seconds to end by themselves. */
const patienceMs = 30_000;

/** Asks for a run's end and waits until it has ended. Answers its record; one that had ended before stays as it is. */
export async function cancelRun(run: RunRecord, workspace: Workspace, store: Store, signal: AbortSignal): Promise<RunRecord> {
  if (finalStates.has(run.state)) return run;
  const followed = run.pid !== undefined && isAlive(run.pid, run.processStart);
  if (run.remote !== undefined) {
    const target = findTarget(workspace, run.target);
    const { attach, terminateRun } = await import("../cluster/run.ts");
    await terminateRun(target, run.remote, signal);
    const spec = followed ? undefined : readPackage("pipeline.yaml", store.spec(run.spec) ?? "").package?.spec;
    if (spec) {
      // Nobody follows it: its end is kept by us.
      const folder = runFolder(workspace, run.id);
      const recorder = openRecorder(store, folder, () => undefined);
      try {
        await attach(spec, { run: run.id, remote: run.remote, target, folder, sink: recorder.emit, signal });
      } finally {
        recorder.close();
      }
    }
  } else if (run.pid === undefined || !followed) {
    throw new UserError("not-running", `Nothing runs ${run.id} any more.`, { action: "Its end is put right when the history is opened again." });
  } else {
    try {
      process.kill(run.pid, "SIGTERM");
    } catch (error) {
      throw new UserError("cannot-cancel", `Process ${run.pid} of run ${run.id} cannot be stopped: ${error instanceof Error ? error.message : String(error)}.`, {
        action: "It may belong to another user.",
        cause: error,
      });
    }
  }
  for (const end = Date.now() + patienceMs; Date.now() < end; await pause(100, undefined, { signal })) {
    const now = store.run(run.id);
    if (now && finalStates.has(now.state)) return now;
    if (run.remote === undefined && run.pid !== undefined && !isAlive(run.pid, run.processStart)) return store.run(run.id) ?? run;
  }
  throw new UserError("cannot-cancel", `Run ${run.id} was asked to stop and has not, in ${patienceMs / 1000} s.`, { action: "See millrace show." });
}
