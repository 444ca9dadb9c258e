import { setTimeout as pause } from "node:timers/promises";
import { finalStates } from "../events.ts";
import { openRunLog, type StepLine } from "../run/read-log.ts";
import type { RunRecord, TaskRecord } from "../store/store.ts";
import { runFolder } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { command } from "./command.ts";
import { withStore } from "./open-store.ts";
import { leaves } from "./run-report.ts";
import { noSuchRun } from "./show.ts";
import type { Terminal } from "./terminal.ts";

const pollMs = 150;
const block = 2000;

export const logs = command({
  usage: "logs [RUN] [STEP]",
  options: { follow: { type: "boolean", short: "f" } },
  help: [["-f, --follow", "go on until the run ends"]],
  examples: ["logs latest -f", "logs latest train", "logs k3f9x2ab 'for-loop-1[3].train' --json"],
  arity: [0, 2],
  run: ({ args: [id = "latest", step], options, terminal, signal }) =>
    withStore(options, terminal, async ({ workspace, store }) => {
      const run = store?.run(id);
      if (!store || !run) throw noSuchRun(id, workspace);
      const task = step === undefined ? undefined : findStep(run, step);
      const log = openRunLog(runFolder(workspace, run.id), task?.path);
      const over = () => !options.follow || isOver(store.run(run.id), task);
      while (!signal.aborted) {
        // Asked before reading: what was written until the end is then all there.
        const complete = over();
        const lines = log.read(block, complete);
        for (const line of lines) print(line, task === undefined, terminal);
        if (complete && lines.length === 0) break;
        if (lines.length < block && !complete) await pause(pollMs, undefined, { signal }).catch(() => undefined);
      }
      if (log.position === 0 && !signal.aborted) terminal.note(whyNothing(task ? [task] : leaves(run)));
      return 0;
    }),
});

function isOver(run: RunRecord | undefined, task: TaskRecord | undefined): boolean {
  if (!run || finalStates.has(run.state)) return true;
  const now = task && run.tasks.find(({ id }) => id === task.id);
  return now !== undefined && finalStates.has(now.state);
}

/** A step from the cache has its log where it ran. */
function whyNothing(tasks: readonly TaskRecord[]): string {
  const from = tasks.flatMap(({ reason }) => (reason?.kind === "cached" ? [reason.run] : []));
  const runs = [...new Set(from)].map((run) => `millrace logs ${run}`).join(", ");
  return from.length > 0 ? `Nothing was run: it came from the cache. See ${runs}.` : "Nothing was printed.";
}

function print(line: StepLine, named: boolean, terminal: Terminal): void {
  if (terminal.json) {
    terminal.document(line);
    return;
  }
  const attempt = line.attempt > 0 ? ` #${line.attempt + 1}` : "";
  const text = line.stream === "system" ? terminal.paint("dim", line.text) : line.text;
  terminal.out(named ? `${terminal.paint("cyan", `[${line.step}${attempt}]`)} ${text}` : text);
}

/** A step by its path, with or without `root.`, or by its name where only one has it. */
export function findStep(run: RunRecord, name: string): TaskRecord {
  const steps = leaves(run);
  const exact = steps.find(({ path }) => path === name || path === `root.${name}`);
  if (exact) return exact;
  const named = steps.filter((task) => task.name === name || task.path.endsWith(`.${name}`));
  const [only] = named;
  if (only && named.length === 1) return only;
  const shown = (named.length > 0 ? named : steps).map(({ path }) => path.replace(/^root\./, ""));
  throw new UserError(
    "no-such-step",
    named.length > 0 ? `Run ${run.id} has several steps ${name}.` : `Run ${run.id} has no step ${name}.`,
    {
      action: `Its steps are ${shown.slice(0, 10).join(", ")}${shown.length > 10 ? ` and ${shown.length - 10} more` : ""}.`,
      exit: 2,
    },
  );
}
