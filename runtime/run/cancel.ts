import { setTimeout as pause } from "node:timers/promises";
import { finalStates } from "../events.ts";
import { isAlive } from "../store/process.ts";
import type { RunRecord, Store } from "../store/store.ts";
import type { Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { followRemote, isForsaken } from "./follow-remote.ts";
import { findTarget } from "./targets.ts";

/** A runner gives its steps ten seconds to end by themselves. */
const patienceMs = 30_000;
const never = new AbortController().signal;

/** Asks for a run's end and waits until it has ended. Answers its record; one that had ended before stays as it is. */
export async function cancelRun(
  run: RunRecord,
  workspace: Workspace,
  store: Store,
  signal: AbortSignal,
): Promise<RunRecord> {
  if (finalStates.has(run.state)) return run;
  if (run.remote !== undefined) {
    const { terminateRun } = await import("../cluster/run.ts");
    await terminateRun(findTarget(workspace, run.target), run.remote, signal);
    // Where nobody follows it, its end is kept by us.
    if (isForsaken(run)) await followRemote(run, workspace, store, { signal: never, detach: signal }, () => undefined);
  } else if (run.pid === undefined || !isAlive(run.pid, run.processStart)) {
    throw new UserError("not-running", `Nothing runs ${run.id} any more.`, {
      action: "Its end is put right when the history is opened again.",
    });
  } else {
    try {
      process.kill(run.pid, "SIGTERM");
    } catch (error) {
      throw new UserError(
        "cannot-cancel",
        `Process ${run.pid} of run ${run.id} cannot be stopped: ${error instanceof Error ? error.message : String(error)}.`,
        {
          action: "It may belong to another user.",
          cause: error,
        },
      );
    }
  }
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    await pause(100, undefined, { signal });
    const now = store.run(run.id);
    if (now && finalStates.has(now.state)) return now;
    if (run.remote === undefined && run.pid !== undefined && !isAlive(run.pid, run.processStart))
      return store.run(run.id) ?? run;
  }
  throw new UserError("cannot-cancel", `Run ${run.id} was asked to stop and has not, in ${patienceMs / 1000} s.`, {
    action: "See millrace show.",
  });
}
