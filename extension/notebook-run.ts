/** One cell's run: the step or pipeline that it defines, its states while it goes on, then what it made. */
import {
  type NotebookCell,
  type NotebookCellExecution,
  NotebookCellOutput,
  NotebookCellOutputItem,
  type NotebookController,
  type NotebookDocument,
  workspace,
} from "vscode";
import type { DefinitionInfo, GraphAnswer } from "../language/protocol.ts";
import type { Json } from "../language/spec/types.ts";
import { describeReason, finalStates } from "../runtime/events.ts";
import type { RunRecord, TaskRecord } from "../runtime/store/store.ts";
import type { StepOutput } from "../webview/renderer/output.ts";
import { stateLook } from "../webview/words.ts";
import { nodeStates } from "./node-states.ts";
import { cellsOf, isIn } from "./notebook-places.ts";
import { plainText, withoutExecutor } from "./plain-text.ts";
import type { Pipelines } from "./pipelines.ts";
import type { PythonCompiler } from "./python-compiler.ts";
import { previewArtifact } from "./preview-artifact.ts";
import { sentence } from "./report.ts";
import type { Runtime, Runtimes } from "./runtime-client.ts";
import { isPath, type Runs } from "./runs.ts";
import type { Owned } from "./owned.ts";

export interface CellContext {
  readonly pipelines: Pipelines;
  readonly python: PythonCompiler;
  readonly runtimes: Runtimes;
  readonly runs: Runs;
}

const outputMime = "application/vnd.millrace.step+json";
/** Characters of a log that a cell shows, and of it that are kept to choose them from. */
const logTail = 20_000;
const logKept = 400_000;
/** How many runs are looked through for a step's last inputs. */
const mostRuns = 20;

/** Runs cells in order until one fails. Of many, the pipelines: their components are their steps. */
export async function runCells(
  cells: readonly NotebookCell[],
  notebook: NotebookDocument,
  controller: NotebookController,
  context: CellContext,
): Promise<void> {
  if (cells.length === 1 && cells[0]) {
    await runCell(cells[0], notebook, controller, context);
    return;
  }
  const all = await Promise.all(
    cells.map(async (cell) => ({
      cell,
      definition: await definitionOf(cell, context.pipelines).catch(() => undefined),
    })),
  );
  const some = all.some(({ definition }) => definition?.kind === "pipeline");
  for (const { cell, definition } of all) {
    if (!definition || (some && definition.kind !== "pipeline")) continue;
    if (!(await runCell(cell, notebook, controller, context))) return;
  }
}

/** Shows below each cell how the last run of its definition ended; one that goes on is followed. */
export async function showLastRuns(
  notebook: NotebookDocument,
  controller: NotebookController,
  context: CellContext,
): Promise<void> {
  const { runs, runtimes, pipelines } = context;
  const runtime = runtimes.of(notebook.uri);
  // A window that has just opened has not read the history yet.
  for (let tries = 0; tries < 10 && !runs.all().some((run) => run.runtime === runtime); tries++) {
    if (!runs.folders().includes(runtime)) return;
    await changeOf(runs);
  }
  for (const { cell } of cellsOf(notebook)) {
    if (cell.outputs.length > 0) continue;
    const definition = await definitionOf(cell, pipelines).catch(() => undefined);
    const last = definition && runs.latest(notebook.uri.fsPath, definition.symbol);
    if (!definition || !last || notebook.isClosed) continue;
    const execution = controller.createNotebookCellExecution(cell);
    execution.start(last.summary.createdAt);
    const shown = follow(execution, last.runtime, last.summary.id, definition, notebook, context)
      .catch(() => undefined)
      .then((record) => execution.end(record && record.state === "SUCCEEDED", record?.finishedAt ?? Date.now()));
    // What has ended is shown at once; what goes on does not keep the other cells waiting.
    if (last.summary.finishedAt !== undefined) await shown;
  }
}

/** The pipeline that a cell defines, else its last component. */
export async function definitionOf(cell: NotebookCell, pipelines: Pipelines): Promise<DefinitionInfo | undefined> {
  const definitions = await pipelines.definitions(cell.notebook.uri);
  const place = cellsOf(cell.notebook).find((each) => each.cell === cell);
  if (!place) return undefined;
  const here = definitions.filter(({ nameRange }) => isIn(cell, place.line, nameRange.start.line));
  return here.find(({ kind }) => kind === "pipeline") ?? here.at(-1);
}

/** Whether it succeeded. */
async function runCell(
  cell: NotebookCell,
  notebook: NotebookDocument,
  controller: NotebookController,
  context: CellContext,
): Promise<boolean> {
  const execution = controller.createNotebookCellExecution(cell);
  execution.start(Date.now());
  let ok: boolean | undefined = false;
  try {
    if (!workspace.isTrusted) throw new Error("Restricted Mode: trust this workspace to run its code.");
    await execution.clearOutput();
    if (!(await notebook.save())) throw new Error("The file could not be saved, so nothing was run.");
    const definition = await definitionOf(cell, context.pipelines);
    if (!definition) {
      const note = "This cell defines no component and no pipeline, so there is nothing to run in it.";
      await execution.replaceOutput(new NotebookCellOutput([NotebookCellOutputItem.text(note)]));
      ok = undefined;
      return true;
    }
    const runtime = context.runtimes.of(notebook.uri);
    const { run } = await runtime.call("run", {
      path: notebook.uri.fsPath,
      symbol: definition.symbol,
      parameters: await lastParameters(definition, notebook, runtime, context.runs),
      target: "local",
      // Who runs one step wants to see it run.
      caching: definition.kind === "pipeline",
      ...(definition.byPython ? { withPython: await context.python.wishFor(notebook.uri) } : {}),
    });
    context.runs.refresh(runtime);
    ok = (await follow(execution, runtime, run, definition, notebook, context))?.state === "SUCCEEDED";
  } catch (error) {
    await execution.replaceOutput(new NotebookCellOutput([NotebookCellOutputItem.stderr(problemOf(error))]));
  } finally {
    execution.end(ok, Date.now());
  }
  return ok === true;
}

function problemOf(error: unknown): string {
  const data: unknown = error instanceof Error ? Reflect.get(error, "data") : undefined;
  const code: unknown = typeof data === "object" && data !== null ? Reflect.get(data, "code") : undefined;
  // What to do is another thing here than in a terminal.
  if (code === "no-input" && error instanceof Error)
    return `${error.message}\nRun the cell of a pipeline that has this step first: its inputs are then taken again.`;
  return sentence(error);
}

/** What a step took in its last run, alone or in a pipeline; of a pipeline only what has no default. */
async function lastParameters(
  definition: DefinitionInfo,
  notebook: NotebookDocument,
  runtime: Runtime,
  runs: Runs,
): Promise<Readonly<Record<string, Json>>> {
  const inputs = definition.inputs.parameters ?? {};
  const takesArtifacts = Object.keys(definition.inputs.artifacts ?? {}).length > 0;
  const path = notebook.uri.fsPath;
  const here = runs
    .all()
    .filter(
      ({ summary: { source }, ...run }) => run.runtime === runtime && source && isPath(runtime, source.path, path),
    );
  if (definition.kind === "pipeline") {
    const last = here.find(({ summary }) => summary.source?.symbol === definition.symbol)?.summary.parameters ?? {};
    return Object.fromEntries(
      Object.entries(last).filter(([name]) => inputs[name] && inputs[name].defaultValue === undefined),
    );
  }
  for (const { summary } of here.slice(0, mostRuns)) {
    const task = (await runs.record(runtime, summary.id))?.tasks.findLast(
      ({ name, path, inputs: { artifacts } }) =>
        (name === definition.name || path.split(".").at(-1) === definition.name) &&
        (artifacts.length > 0 || !takesArtifacts),
    );
    if (task) return Object.fromEntries(Object.entries(task.inputs.parameters).filter(([name]) => inputs[name]));
  }
  return {};
}

/** Shows a run in a cell until it is over; the cell's stop button ends the run. Answers its last state. */
async function follow(
  execution: NotebookCellExecution,
  runtime: Runtime,
  run: string,
  definition: DefinitionInfo,
  notebook: NotebookDocument,
  { pipelines, runs }: CellContext,
): Promise<RunRecord | undefined> {
  const cancel = () => {
    runtime.call("cancel", run).catch(() => undefined);
  };
  const stop: Owned = execution.token.onCancellationRequested(cancel);
  if (execution.token.isCancellationRequested) cancel();
  try {
    const graph =
      definition.kind === "pipeline"
        ? await pipelines.graph(notebook.uri, definition.symbol, []).catch(() => undefined)
        : undefined;
    const log = logOf(runtime, run);
    for (;;) {
      const next = changeOf(runs);
      // The server may have been killed: it comes back, and the run goes on without it.
      const record = await runtime.call("runRecord", run).catch(() => undefined);
      if (record) {
        const over = finalStates.has(record.state);
        await log.read(record);
        await execution.replaceOutput(await outputsOf(record, definition, graph, log.text(), over));
        if (over) return record;
      }
      if (notebook.isClosed) return undefined;
      await next;
    }
  } finally {
    stop.dispose();
  }
}

/** The next change of any run, or half a second, whichever is first. */
function changeOf(runs: Runs): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      listening.dispose();
      clearTimeout(timer);
      resolve();
    };
    const listening = runs.onChanged(done);
    const timer = setTimeout(done, 500);
  });
}

/** What a run's steps printed, read on at each call; a run of one step without its name before each line. */
function logOf(runtime: Runtime, run: string): { read(record: RunRecord): Promise<void>; text(): string } {
  const clean = plainText();
  let next = 0;
  let kept = "";
  return {
    async read(record) {
      const steps = stepsOf(record);
      const only = record.tasks.length <= 2 && steps.length === 1 ? steps[0]?.id : undefined;
      // A single step's log is another text than that of its run: wait until it is known which.
      if (next === 0 && record.tasks.length < 2) return;
      for (;;) {
        const chunk = await runtime.call("log", run, only, next).catch(() => undefined);
        if (!chunk || chunk.text === "") return;
        next = chunk.next;
        kept = (kept + clean(chunk.text)).slice(-logKept);
      }
    },
    text: () => withoutExecutor(kept).slice(-logTail),
  };
}

function stepsOf(record: RunRecord): readonly TaskRecord[] {
  return record.tasks.filter((task) => task.type === "RUNTIME" || task.type === "IMPORTER");
}

async function outputsOf(
  record: RunRecord,
  definition: DefinitionInfo,
  graph: GraphAnswer | undefined,
  log: string,
  over: boolean,
): Promise<NotebookCellOutput[]> {
  const steps = stepsOf(record);
  const single = definition.kind === "component";
  const artifacts = over
    ? await Promise.all(
        steps.flatMap((task) =>
          task.outputs.artifacts.map((made) =>
            previewArtifact(single ? made.key : `${task.name}.${made.key}`, made.artifact),
          ),
        ),
      )
    : [];
  const failed = steps.filter(({ state }) => state === "FAILED");
  const problems = failed.map((task) => {
    const why = task.reason ? describeReason(task.reason) : "it says no reason";
    return single ? why : `${task.name}: ${why}`;
  });
  if (record.state === "FAILED" && problems.length === 0 && record.reason) problems.push(describeReason(record.reason));
  const output: StepOutput = {
    name: definition.name,
    run: record.id,
    state: record.state,
    inputs: single && steps[0] ? inputsOf(steps[0]) : [],
    problems,
    parameters: steps.flatMap((task) =>
      Object.entries(task.outputs.parameters).map(([name, value]) => ({
        name: single ? name : `${task.name}.${name}`,
        value,
      })),
    ),
    artifacts,
    ...(graph?.graph ? { graph: graph.graph, states: nodeStates(record, Date.now()) } : {}),
  };
  const words = [`${definition.name}: ${stateLook(record.state).word}`, ...problems].join("\n");
  const outputs = [
    new NotebookCellOutput([NotebookCellOutputItem.json(output, outputMime), NotebookCellOutputItem.text(words)]),
  ];
  const item = failed.length > 0 ? NotebookCellOutputItem.stderr(log) : NotebookCellOutputItem.stdout(log);
  if (log !== "") outputs.push(new NotebookCellOutput([item]));
  return outputs;
}

/** In words: a step that is run again takes what it took, which is not always what its source says. */
function inputsOf({ inputs }: TaskRecord): readonly string[] {
  return [
    ...Object.entries(inputs.parameters).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
    ...inputs.artifacts.map(({ key, artifact }) => `${key} = ${artifact.name}`),
  ];
}
