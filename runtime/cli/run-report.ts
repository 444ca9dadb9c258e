import { fileURLToPath } from "node:url";
import { describeReason, type RunState } from "../events.ts";
import { lineageInWords } from "../store/lineage-words.ts";
import type { RunRecord, Store, TaskRecord } from "../store/store.ts";
import { shownPath } from "./diagnostics.ts";
import { type Terminal, table } from "./terminal.ts";
import { duration, figure, shownValue } from "./words.ts";

export const stateColours = {
  PENDING: "dim",
  RUNNING: "cyan",
  SUCCEEDED: "green",
  FAILED: "red",
  CANCELING: "yellow",
  CANCELED: "yellow",
} as const satisfies Record<RunState, string>;

/** More models than this are better asked for. */
const mostLineages = 3;

/** What came of a run: its state, metrics, outputs, and where its models come from. */
export function reportRun(store: Store, run: RunRecord, terminal: Terminal): void {
  const took = run.finishedAt === undefined ? "" : ` in ${duration(run.finishedAt - run.createdAt)}`;
  const why = run.reason ? `: ${describeReason(run.reason)}` : "";
  terminal.out(
    `${terminal.paint(["bold", stateColours[run.state]], `Run ${run.id} ${stateWord(run.state)}`)}${took}${why}`,
  );
  const steps = leaves(run);
  const cached = steps.filter(({ state }) => state === "CACHED");
  if (cached.length > 0 && cached.length === steps.length) {
    const from = new Set(cached.flatMap(({ reason }) => (reason?.kind === "cached" ? [reason.run] : [])));
    terminal.out(
      `Every step came from the cache: nothing has changed since ${from.size === 1 ? `run ${[...from].join("")}` : "it ran before"}.`,
    );
  } else if (cached.length > 0) terminal.out(`${cached.length} of ${steps.length} steps came from the cache.`);
  for (const step of steps.filter(({ state }) => state === "FAILED")) {
    terminal.out(`See why: millrace logs ${run.id} ${step.path.replace(/^root\./, "")}`);
  }
  const metrics = Object.entries(run.metrics);
  if (metrics.length > 0) {
    terminal.out("");
    terminal.out(terminal.paint("bold", "Metrics"));
    for (const line of table(
      metrics.map(([name, value]) => [`  ${name}`, figure(value)]),
      terminal.columns,
    ))
      terminal.out(line);
  }
  const outputs = outputRows(run);
  if (outputs.length > 0) {
    terminal.out("");
    terminal.out(terminal.paint("bold", "Outputs"));
    // Not cut: a path that ends in an ellipsis opens nothing.
    for (const line of table(outputs, Number.POSITIVE_INFINITY)) terminal.out(line);
  }
  const models = steps
    .flatMap(({ outputs: { artifacts } }) => artifacts)
    .filter(({ artifact }) => artifact.type.endsWith("Model"));
  if (models.length === 0) return;
  terminal.out("");
  terminal.out(terminal.paint("bold", "Lineage"));
  for (const { artifact } of models.slice(0, mostLineages)) {
    const lineage = store.lineage(artifact.id);
    for (const sentence of lineage ? lineageInWords(lineage) : []) terminal.out(`  ${sentence}`);
  }
  if (models.length > mostLineages)
    terminal.out(`  ${models.length - mostLineages} more: millrace lineage 'Model where run = ${run.id}'`);
}

/** What a run's caller wants to read with a program. */
export function runDocument(run: RunRecord): unknown {
  return {
    ...run,
    artifacts: leaves(run).flatMap((task) =>
      task.outputs.artifacts.map(({ key, artifact }) => ({ ...artifact, key, task: task.path })),
    ),
  };
}

export function stateWord(state: RunState): string {
  return state === "CANCELED"
    ? "was canceled"
    : state === "RUNNING" || state === "CANCELING"
      ? `is ${state.toLowerCase()}`
      : state === "PENDING"
        ? "is waiting"
        : state.toLowerCase();
}

/** Steps, which is what is not a group of them, in the order in which they began. */
export function leaves(run: RunRecord): readonly TaskRecord[] {
  const begin = ({ startedAt, finishedAt }: TaskRecord) => startedAt ?? finishedAt ?? Number.POSITIVE_INFINITY;
  return run.tasks
    .filter(({ type }) => type === "RUNTIME" || type === "IMPORTER")
    .sort((a, b) => (begin(a) === begin(b) ? 0 : begin(a) - begin(b)));
}

function outputRows(run: RunRecord): string[][] {
  const root = run.tasks.find(({ type }) => type === "ROOT");
  return [
    ...leaves(run).flatMap((task) => [
      ...task.outputs.artifacts.map(({ artifact }) => [
        `  ${artifact.type.replace(/^system\./, "")}`,
        artifact.name,
        shownUri(artifact.uri),
      ]),
      ...Object.entries(task.outputs.parameters).map(([name, value]) => [
        "  parameter",
        `${task.name}.${name}`,
        oneLine(shownValue(value)),
      ]),
    ]),
    ...Object.entries(root?.outputs.parameters ?? {}).map(([name, value]) => [
      "  result",
      name,
      oneLine(shownValue(value)),
    ]),
  ];
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

/** A path where it is one. */
export function shownUri(uri: string): string {
  if (uri.startsWith("file:")) return shownPath(fileURLToPath(uri));
  return uri.startsWith("/") ? shownPath(uri) : uri;
}
