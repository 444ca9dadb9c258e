/** One cell's run: the step or pipeline that it defines, its states while it goes on, then what it made. */
import {
  type NotebookCell,
  NotebookCellOutput,
  NotebookCellOutputItem,
  type NotebookController,
  type NotebookDocument,
  workspace,
} from "vscode";
import type { CellInfo, DefinitionInfo, GraphAnswer } from "../language/protocol.ts";
import { finalStates } from "../runtime/events.ts";
import type { RunRecord } from "../runtime/store/store.ts";
import type { StepOutput } from "../webview/renderer/output.ts";
import { stateLook } from "../webview/words.ts";
import { nodeStates } from "./node-states.ts";
import { plainText } from "./plain-text.ts";
import type { Pipelines } from "./pipelines.ts";
import { previewArtifact } from "./preview-artifact.ts";
import { sentence } from "./report.ts";
import type { Runtime, Runtimes } from "./runtime-client.ts";
import type { Runs } from "./runs.ts";

export interface CellContext {
  readonly pipelines: Pipelines;
  readonly runtimes: Runtimes;
  readonly runs: Runs;
}

const outputMime = "application/vnd.millrace.step+json";
const logTail = 20_000;

export async function runCell(
  cell: NotebookCell,
  notebook: NotebookDocument,
  controller: NotebookController,
  context: CellContext,
): Promise<void> {
  const execution = controller.createNotebookCellExecution(cell);
  execution.start(Date.now());
  const say = (error: unknown) =>
    execution.replaceOutput(new NotebookCellOutput([NotebookCellOutputItem.stderr(sentence(error))]));
  let ok: boolean | undefined = false;
  try {
    if (!workspace.isTrusted) throw new Error("Restricted Mode: trust this workspace to run its code.");
    await notebook.save();
    const definition = await definitionOf(cell, notebook, context.pipelines);
    if (!definition) {
      const note = "This cell defines no component and no pipeline, so there is nothing to run in it.";
      await execution.replaceOutput(new NotebookCellOutput([NotebookCellOutputItem.text(note)]));
      ok = undefined;
      return;
    }
    await execution.clearOutput();
    const runtime = context.runtimes.of(notebook.uri);
    const { run } = await runtime.call("run", {
      path: notebook.uri.fsPath,
      symbol: definition.symbol,
      parameters: {},
      target: "local",
      caching: true,
    });
    context.runs.refresh(runtime);
    const stop = execution.token.onCancellationRequested(() => void runtime.call("cancel", run));
    try {
      const graph = await context.pipelines.graph(notebook.uri, definition.symbol, []).catch(() => undefined);
      const record = await watch(runtime, run, context.runs, async (state) => {
        await execution.replaceOutput(await outputsOf(state, definition, graph, false));
      });
      const outputs = await outputsOf(record, definition, graph, true);
      const log = await runtime.call("log", run, undefined, 0).catch(() => undefined);
      const text = log ? plainText()(log.text).slice(-logTail) : "";
      if (text !== "") outputs.push(new NotebookCellOutput([NotebookCellOutputItem.stdout(text)]));
      await execution.replaceOutput(outputs);
      ok = record.state === "SUCCEEDED";
    } finally {
      stop.dispose();
    }
  } catch (error) {
    await say(error);
  } finally {
    execution.end(ok, Date.now());
  }
}

/** The pipeline that a cell defines, else its last component. */
async function definitionOf(
  cell: NotebookCell,
  notebook: NotebookDocument,
  pipelines: Pipelines,
): Promise<DefinitionInfo | undefined> {
  const [cells, definitions] = await Promise.all([pipelines.cells(notebook.uri), pipelines.definitions(notebook.uri)]);
  const info: CellInfo | undefined = cells[cell.index];
  if (!info) return undefined;
  const here = definitions.filter(
    ({ nameRange: { start } }) => start.line >= info.range.start.line && start.line <= info.range.end.line,
  );
  return here.find(({ kind }) => kind === "pipeline") ?? here.at(-1);
}

/** Tells every change until the run is over; answers its last state. */
async function watch(
  runtime: Runtime,
  run: string,
  runs: Runs,
  tell: (record: RunRecord) => Promise<void>,
): Promise<RunRecord> {
  for (;;) {
    const next = changeOf(runs);
    const record = await runtime.call("runRecord", run);
    if (record && finalStates.has(record.state)) return record;
    if (record) await tell(record);
    await next;
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

async function outputsOf(
  record: RunRecord,
  definition: DefinitionInfo,
  graph: GraphAnswer | undefined,
  whole: boolean,
): Promise<NotebookCellOutput[]> {
  const steps = record.tasks.filter((task) => task.type === "RUNTIME" || task.type === "IMPORTER");
  const artifacts = whole
    ? await Promise.all(
        steps.flatMap((task) =>
          task.outputs.artifacts.map((made) =>
            previewArtifact(definition.kind === "pipeline" ? `${task.name}.${made.key}` : made.key, made.artifact),
          ),
        ),
      )
    : [];
  const output: StepOutput = {
    name: definition.name,
    run: record.id,
    state: record.state,
    parameters: steps.flatMap((task) =>
      Object.entries(task.outputs.parameters).map(([name, value]) => ({
        name: definition.kind === "pipeline" ? `${task.name}.${name}` : name,
        value,
      })),
    ),
    artifacts: artifacts.filter(({ preview }) => preview?.kind !== "markdown"),
    ...(definition.kind === "pipeline" && graph?.graph
      ? { graph: graph.graph, states: nodeStates(record, Date.now()) }
      : {}),
  };
  const words = `${definition.name}: ${stateLook(record.state).word}`;
  const outputs = [
    new NotebookCellOutput([NotebookCellOutputItem.json(output, outputMime), NotebookCellOutputItem.text(words)]),
  ];
  // The editor's own Markdown renderer is safe for text that we did not write.
  for (const { preview } of artifacts)
    if (preview?.kind === "markdown")
      outputs.push(new NotebookCellOutput([NotebookCellOutputItem.text(preview.text, "text/markdown")]));
  return outputs;
}
