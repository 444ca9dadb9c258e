import { describeReason, finalStates, type Reason, type RunEvent, type TaskState, type TaskType } from "../events.ts";
import { cut, type Terminal } from "./terminal.ts";
import { duration } from "./words.ts";

export interface Progress {
  see(event: RunEvent): void;
  /** A line above what is being drawn. */
  say(line: string): void;
  /** Leaves the screen as it is. */
  close(): void;
}

interface Step {
  readonly name: string;
  readonly type: TaskType;
  state: TaskState;
  reason: Reason | undefined;
  startedAt: number | undefined;
}

const signs: Readonly<Record<TaskState, string>> = {
  PENDING: "·",
  RUNNING: "▸",
  SUCCEEDED: "✓",
  SKIPPED: "–",
  CACHED: "≡",
  FAILED: "✗",
  CANCELED: "✗",
};
const words: Readonly<Record<TaskState, string>> = {
  PENDING: "waiting",
  RUNNING: "running",
  SUCCEEDED: "done",
  SKIPPED: "skipped",
  CACHED: "from the cache",
  FAILED: "failed",
  CANCELED: "canceled",
};
const colours = {
  PENDING: "dim",
  RUNNING: "cyan",
  SUCCEEDED: "green",
  SKIPPED: "dim",
  CACHED: "green",
  FAILED: "red",
  CANCELED: "yellow",
} as const satisfies Record<TaskState, string>;

const frameMs = 100;

/**
 * Follows a run on stderr. On a screen, steps that have ended scroll by, and those
 * under way are drawn again below them; elsewhere each start and end is a plain line.
 */
export function openProgress(terminal: Terminal): Progress {
  const steps = new Map<string, Step>();
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;
  const { stderr } = process;

  function line(step: Step, at: number): string {
    const { paintError } = terminal;
    const took = step.startedAt === undefined ? "" : ` ${duration(Math.max(at - step.startedAt, 0))}`;
    const why =
      step.reason && step.reason.kind !== "cached"
        ? `  ${describeReason(step.reason)}`
        : step.reason?.kind === "cached"
          ? ` (run ${step.reason.run})`
          : "";
    const said =
      step.state === "CACHED"
        ? ` ${words.CACHED}${why}`
        : step.state === "SUCCEEDED" || step.state === "RUNNING"
          ? `${took}${why}`
          : ` ${words[step.state]}${took}${why}`;
    return `${paintError(colours[step.state], signs[step.state])} ${step.name}${paintError(step.state === "FAILED" ? "red" : "dim", said)}`;
  }

  function erase(): string {
    const text = drawn > 0 ? `\u001b[${drawn}A\u001b[J` : "";
    drawn = 0;
    return text;
  }

  function draw(above = ""): void {
    clearTimeout(timer);
    timer = undefined;
    const now = Date.now();
    const open = [...steps.values()].filter(({ state, type }) => !finalStates.has(state) && isShown(type, state));
    const under = open
      .sort((a, b) => Number(a.state === "PENDING") - Number(b.state === "PENDING"))
      .slice(0, Math.max(terminal.rows - 2, 1));
    const lines = under.map((step) => cut(line(step, now), terminal.columns - 1));
    if (open.length > under.length) lines[lines.length - 1] = `  and ${open.length - under.length + 1} more`;
    stderr.write(`${erase()}${above}${lines.map((text) => `${text}\n`).join("")}`);
    drawn = lines.length;
    if (lines.length > 0) timer = setTimeout(draw, frameMs).unref();
  }

  function show(text: string): void {
    if (terminal.quiet || terminal.json) return;
    if (terminal.live) draw(`${text}\n`);
    else stderr.write(`${text}\n`);
  }

  return {
    see(event) {
      if (event.kind === "task-created") {
        const name = event.path.replace(/^root\./, "");
        const before = steps.get(event.task);
        steps.set(event.task, {
          state: "PENDING",
          reason: undefined,
          startedAt: undefined,
          ...before,
          name,
          type: event.type,
        });
        return;
      }
      if (event.kind !== "task-state") return;
      const step = steps.get(event.task);
      if (!step || finalStates.has(step.state)) return;
      const changed = step.state !== event.state || JSON.stringify(step.reason) !== JSON.stringify(event.reason);
      step.state = event.state;
      step.reason = event.reason;
      if (event.state === "RUNNING") step.startedAt ??= event.at;
      if (!changed || !isShown(step.type, step.state)) return;
      if (finalStates.has(event.state)) show(line(step, event.at));
      else if (terminal.live) timer ??= setTimeout(draw, 16).unref();
      else if (event.state === "RUNNING" || event.reason) show(line({ ...step, startedAt: undefined }, event.at));
    },
    say: show,
    close() {
      clearTimeout(timer);
      if (drawn > 0) stderr.write(erase());
    },
  };
}

/** Of groups only a branch that is not taken is worth a line. */
function isShown(type: TaskType, state: TaskState): boolean {
  return (
    type === "RUNTIME" ||
    type === "IMPORTER" ||
    ((type === "CONDITION" || type === "CONDITION_BRANCH") && state === "SKIPPED")
  );
}
