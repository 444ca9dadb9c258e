import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EventSink, RunEvent, RunState } from "../events.ts";
import { openRecorder } from "../store/recorder.ts";
import type { Store } from "../store/store.ts";
import { runFolder, type Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import type { Prepared } from "./prepare.ts";
import { findTarget } from "./targets.ts";

export interface Execution {
  readonly run: string;
  readonly workspace: Workspace;
  readonly store: Store;
  /** Hears each event after it was taken to be kept. */
  readonly listener: EventSink;
  /** Cancels the run. */
  readonly signal: AbortSignal;
  /** Leaves a run on a cluster alone and stops following it. */
  readonly detach?: AbortSignal;
  /** What a person may want to know. */
  readonly notice: (line: string) => void;
}

/** Letters and digits that are not taken for one another when read aloud. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Makes the folder of a new run and answers its id: eight characters that no other run here has. */
export function claimRun(workspace: Workspace): string {
  for (;;) {
    const id = Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join("");
    const folder = runFolder(workspace, id);
    // Eight digits would be a number, and "1e5" too: an id is never mistaken for one.
    if (!/[a-z]/.test(id[0] ?? "") || existsSync(folder)) continue;
    mkdirSync(folder, { recursive: true });
    return id;
  }
}

/**
 * Runs what was prepared, to its end, and keeps every event in the run's folder
 * and in the store. Answers the final state. A run that could not begin leaves
 * nothing behind, and throws UserError.
 */
export async function execute(prepared: Prepared, execution: Execution): Promise<RunState> {
  const { run, workspace, store, listener, notice } = execution;
  const folder = runFolder(workspace, run);
  const spec = store.keepSpec(prepared.yaml);
  writeFileSync(join(folder, "pipeline.yaml"), prepared.yaml);
  const recorder = openRecorder(store, folder, (error) =>
    notice(error instanceof Error ? error.message : String(error)),
  );
  const seen = { any: false };
  const sink = (event: RunEvent): void => {
    // Who follows a run on a cluster is known by its pid too, so that another does not follow it as well.
    recorder.emit(event.kind === "run-created" && event.pid === undefined ? { ...event, pid: process.pid } : event);
    // The first thing that others see of a run is there at once.
    if (!seen.any) recorder.flush();
    seen.any = true;
    listener(event);
  };
  try {
    const state = await start(prepared, { ...execution, folder, spec, sink });
    recorder.close();
    return state;
  } catch (error) {
    try {
      recorder.close();
    } catch (keeping) {
      // Why it failed is more than that this could not be kept.
      notice(keeping instanceof Error ? keeping.message : String(keeping));
    }
    if (!seen.any) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function start(
  prepared: Prepared,
  to: Execution & { folder: string; spec: string; sink: EventSink },
): Promise<RunState> {
  const { run, folder, spec, sink, signal, store } = to;
  if (prepared.target === "local") {
    const { runLocally } = await import("../local/engine.ts");
    return runLocally({
      run,
      package: prepared.package,
      spec,
      runFolder: folder,
      parameters: prepared.parameters,
      sink,
      signal,
      folder: prepared.folder,
      ...(prepared.artifacts ? { artifacts: prepared.artifacts } : {}),
      ...(prepared.source ? { source: prepared.source } : {}),
      ...(prepared.caching ? { cached: (fingerprint) => store.cached(fingerprint) } : {}),
    });
  }
  if (prepared.artifacts) {
    throw new UserError("component-on-cluster", "A component with artifact inputs runs alone on this machine only.", {
      action: "Run it without --target.",
      exit: 2,
    });
  }
  const target = findTarget(to.workspace, prepared.target);
  const { runOnCluster } = await import("../cluster/run.ts");
  return runOnCluster(prepared.package, {
    run,
    target,
    sink,
    folder,
    signal,
    spec,
    parameters: prepared.parameters,
    caching: prepared.caching,
    notice: to.notice,
    ...(to.detach ? { detach: to.detach } : {}),
    ...(prepared.source ? { source: prepared.source } : {}),
  });
}
