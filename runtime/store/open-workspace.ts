import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { finalStates, type RunEvent } from "../events.ts";
import { UserError } from "../user-error.ts";
import { openEventsFile, readEvents } from "./events-file.ts";
import { isAlive } from "./process.ts";
import type { Store } from "./store.ts";
import { makeFolder, runFolder, type Workspace } from "./workspace.ts";

export interface OpenWorkspaceOptions {
  /** Whether to make `.millrace` where there is none; otherwise undefined comes back. */
  readonly create: boolean;
  /** Hears in a sentence what was repaired. */
  readonly say: (message: string) => void;
}

/**
 * Opens a workspace's store, repaired where it was damaged and with runs whose
 * process died put right. In a folder that cannot be written it is opened for
 * reading. Whoever opens it closes it.
 */
export async function openWorkspace(
  workspace: Workspace,
  options: OpenWorkspaceOptions & { create: true },
): Promise<Store>;
export async function openWorkspace(workspace: Workspace, options: OpenWorkspaceOptions): Promise<Store | undefined>;
export async function openWorkspace(
  workspace: Workspace,
  { create, say }: OpenWorkspaceOptions,
): Promise<Store | undefined> {
  const path = join(workspace.folder, "store.db");
  if (!create && !existsSync(path) && !existsSync(join(workspace.folder, "runs"))) return undefined;
  const { DamagedStore, openReadable, openStore } = await import("./sqlite.ts");
  try {
    makeFolder(workspace);
    return reconciled(workspace, openStore(path), say);
  } catch (error) {
    if (error instanceof DamagedStore)
      return reconciled(workspace, rebuild(workspace, path, error, openStore, say), say);
    if (!create && error instanceof UserError && error.code === "store-readonly") return openReadable(path);
    throw error;
  }
}

function reconciled(workspace: Workspace, store: Store, say: (message: string) => void): Store {
  try {
    reconcile(workspace, store, say);
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Sets a damaged database aside, beside the new one, and reads the run folders again. */
function rebuild(
  workspace: Workspace,
  path: string,
  cause: Error,
  openStore: (path: string) => Store,
  say: (message: string) => void,
): Store {
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  if (existsSync(path)) renameSync(path, aside);
  for (const suffix of ["-wal", "-shm"]) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  rmSync(`${path}.damaged`, { force: true });
  const store = openStore(path);
  const { runs, unreadable } = restore(workspace, store);
  const lost = unreadable > 0 ? ` ${unreadable} lines could not be read.` : "";
  say(`${cause.message}. It was set aside as ${aside}, and the history made anew from ${runs} run folders.${lost}`);
  return store;
}

function restore(workspace: Workspace, store: Store): { runs: number; unreadable: number } {
  const folders = readdirSync(join(workspace.folder, "runs"), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const histories = folders.map(({ name }) => ({
    folder: runFolder(workspace, name),
    ...readEvents(runFolder(workspace, name)),
  }));
  // Oldest first, so that what a run reuses is known before it.
  histories.sort((a, b) => (a.events[0]?.at ?? 0) - (b.events[0]?.at ?? 0));
  let runs = 0;
  let unreadable = 0;
  for (const history of histories) {
    unreadable += history.unreadable;
    if (history.events.length === 0) continue;
    runs++;
    store.append(history.events);
    const spec = join(history.folder, "pipeline.yaml");
    if (existsSync(spec)) store.keepSpec(readFileSync(spec, "utf8"));
  }
  return { runs, unreadable };
}

/** Ends runs whose process died without saying so, after what it still wrote in its folder. */
function reconcile(workspace: Workspace, store: Store, say: (message: string) => void): void {
  for (const run of store.runs({ unfinished: true, limit: 1000 })) {
    // A run on a cluster goes on without the process that watched it.
    if (run.pid === undefined || run.remote !== undefined || isAlive(run.pid, run.processStart)) continue;
    const folder = runFolder(workspace, run.id);
    store.append(readEvents(folder).events);
    const now = store.run(run.id);
    if (!now || finalStates.has(now.state)) continue;
    const ends = endsOf(now, lastTime(folder, run.createdAt));
    if (existsSync(folder)) {
      const file = openEventsFile(folder);
      try {
        file.append(ends);
      } finally {
        file.close();
      }
    }
    store.append(ends);
    say(`Run ${run.id} (${run.pipeline}) ended without a word: its process was killed or the machine went down.`);
  }
}

function lastTime(folder: string, otherwise: number): number {
  return readEvents(folder).events.reduce((latest, event) => Math.max(latest, event.at), otherwise);
}

function endsOf(run: NonNullable<ReturnType<Store["run"]>>, at: number): readonly RunEvent[] {
  const reason = { kind: "runner-died" } as const;
  const tasks = run.tasks.filter((task) => !finalStates.has(task.state));
  return [
    ...tasks.map(
      (task): RunEvent => ({
        kind: "task-state",
        run: run.id,
        task: task.id,
        state: task.state === "RUNNING" ? "FAILED" : "CANCELED",
        reason,
        at,
      }),
    ),
    { kind: "run-state", run: run.id, state: "FAILED", reason, at },
  ];
}
