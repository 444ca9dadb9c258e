/** The runs of every folder of the window, kept fresh; each view reads them here. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { EventEmitter, type Event, workspace } from "vscode";
import { finalStates, type RunId } from "../runtime/events.ts";
import type { RunRecord, RunSummary } from "../runtime/store/store.ts";
import type { Report } from "./report.ts";
import type { Runtime, Runtimes } from "./runtime-client.ts";
import type { Owned } from "./owned.ts";

export interface KnownRun {
  readonly runtime: Runtime;
  readonly summary: RunSummary;
}

export interface Runs extends Owned {
  /** Newest first, of all folders. */
  all(): readonly KnownRun[];
  /** Newest run of a definition of a file. */
  latest(path: string, symbol: string): KnownRun | undefined;
  record(runtime: Runtime, run: RunId): Promise<RunRecord | undefined>;
  find(run: RunId): KnownRun | undefined;
  refresh(runtime: Runtime): void;
  /** Those whose folder has a store. */
  folders(): readonly Runtime[];
  readonly onChanged: Event<void>;
}

/** While something runs, views are asked anew at least this often even where the server says nothing. */
const heartbeatMs = 1000;
const settleMs = 60;
/** A folder is asked for a store this often: VS Code's watcher misses files of a folder made just before them. */
const lookMs = 1000;

export function createRuns(runtimes: Runtimes, report: Report): Runs {
  const known = new Map<Runtime, readonly RunSummary[]>();
  const changed = new EventEmitter<void>();
  const pending = new Map<Runtime, NodeJS.Timeout>();
  const beats = new Map<Runtime, NodeJS.Timeout>();
  let disposed = false;

  function refresh(runtime: Runtime): void {
    if (disposed || pending.has(runtime)) return;
    pending.set(
      runtime,
      setTimeout(() => {
        pending.delete(runtime);
        void read(runtime);
      }, settleMs),
    );
  }

  async function read(runtime: Runtime): Promise<void> {
    try {
      const runs = await runtime.call("runs", { limit: 200 });
      if (disposed) return;
      const before = JSON.stringify(known.get(runtime));
      known.set(runtime, runs);
      const active = runs.some((run) => !finalStates.has(run.state));
      if (active || JSON.stringify(runs) !== before) changed.fire();
      clearTimeout(beats.get(runtime));
      if (active)
        beats.set(
          runtime,
          setTimeout(() => refresh(runtime), heartbeatMs),
        );
    } catch (error) {
      report.log(`Runs of ${runtime.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** A folder without a store has no runs; nothing is started for it. */
  const folders = () => runtimes.all().filter(({ folder }) => existsSync(join(folder, ".millrace", "store.db")));
  let stored: readonly Runtime[] = [];
  function look(): void {
    const before = stored;
    stored = folders();
    for (const runtime of stored) if (!before.includes(runtime)) refresh(runtime);
  }
  const looking = setInterval(look, lookMs);
  const subscriptions = [
    workspace.onDidChangeWorkspaceFolders(() => {
      const folders = new Set(runtimes.all());
      for (const runtime of known.keys()) if (!folders.has(runtime)) known.delete(runtime);
      look();
      changed.fire();
    }),
    runtimes.onChanged(refresh),
    changed,
  ];
  look();

  const all = () =>
    [...known]
      .flatMap(([runtime, runs]) => runs.map((summary) => ({ runtime, summary })))
      .sort((a, b) => b.summary.createdAt - a.summary.createdAt);

  return {
    all,
    latest: (path, symbol) =>
      all().find(({ runtime, summary: { source } }) => source?.symbol === symbol && isPath(runtime, source.path, path)),
    find: (run) => all().find(({ summary }) => summary.id === run),
    record: (runtime, run) => runtime.call("runRecord", run),
    refresh,
    folders,
    onChanged: changed.event,
    dispose() {
      disposed = true;
      clearInterval(looking);
      for (const timer of [...pending.values(), ...beats.values()]) clearTimeout(timer);
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

/** Whether a source reference, absolute or from its folder, means this file. */
export function isPath(runtime: Runtime, reference: string, path: string): boolean {
  return reference === path || join(runtime.folder, reference) === path;
}
