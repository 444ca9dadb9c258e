/** The graph panel: of a source file as it is typed, of a compiled file, or of a run. */
import {
  type Position,
  TextEditorSelectionChangeKind,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from "vscode";
import type { LaidOutDag } from "../language/dag/view.ts";
import type { Json } from "../language/spec/types.ts";
import { finalStates } from "../runtime/events.ts";
import type { RunRecord } from "../runtime/store/store.ts";
import type { DagView } from "../webview/protocol.ts";
import type { Connection } from "../webview/rpc.ts";
import type { ViewMethods } from "../webview/protocol.ts";
import type { Actions } from "./actions.ts";
import { type Language, toRange } from "./language-client.ts";
import { nodeStates } from "./node-states.ts";
import type { GraphAnswer, Location } from "../language/protocol.ts";
import { type Pipelines, uriOf } from "./pipelines.ts";
import { sentence } from "./report.ts";
import type { KnownRun, Runs } from "./runs.ts";
import { openLocation } from "./source-location.ts";
import { specUri } from "./spec-documents.ts";
import { onlyHandlers, openPage } from "./webview-panel.ts";
import type { Owned } from "./owned.ts";

export const dagPanelType = "millrace.dag";

/** What a panel shows: a definition of a file, or a run. */
export type Subject =
  | { readonly kind: "source"; readonly uri: string; readonly symbol?: string }
  | { readonly kind: "run"; readonly folder: string; readonly run: string };

export interface DagPanels extends Owned {
  show(subject: Subject): void;
  /** Where a graph of this file is open. */
  columnOf(uri: Uri): ViewColumn | undefined;
  /** Takes up a panel that VS Code kept over a reload of the window. */
  restore(panel: WebviewPanel, state: unknown): void;
}

export interface DagContext {
  readonly extension: Uri;
  readonly language: Language;
  readonly pipelines: Pipelines;
  readonly runs: Runs;
  readonly actions: Actions;
}

export function createDagPanels(context: DagContext): DagPanels {
  const panels = new Map<string, { readonly panel: WebviewPanel; readonly subject: Subject }>();
  const columns = (fits: (subject: Subject) => boolean) =>
    [...panels.values()].flatMap(({ panel, subject }) => (fits(subject) ? (panel.viewColumn ?? []) : []));

  function adopt(panel: WebviewPanel, subject: Subject, folded: readonly string[]): void {
    const key = JSON.stringify(subject);
    panels.set(key, { panel, subject });
    const view = attach(panel, subject, folded, context);
    panel.onDidDispose(() => {
      view.dispose();
      panels.delete(key);
    });
  }

  return {
    show(subject) {
      const open = panels.get(JSON.stringify(subject));
      if (open) {
        open.panel.reveal(undefined, true);
        return;
      }
      // Graphs stay together: a third column would leave no room for any of them.
      const beside = window.activeTextEditor ? ViewColumn.Beside : ViewColumn.Active;
      const column = { viewColumn: columns(() => true)[0] ?? beside, preserveFocus: true };
      adopt(window.createWebviewPanel(dagPanelType, "Graph", column, {}), subject, []);
    },
    columnOf: (uri) => columns((subject) => subject.kind === "source" && subject.uri === uri.toString())[0],
    restore(panel, state) {
      const { subject, folded } = readState(state);
      if (subject) adopt(panel, subject, folded);
      else panel.dispose();
    },
    dispose() {
      for (const { panel } of panels.values()) panel.dispose();
    },
  };
}

function attach(panel: WebviewPanel, subject: Subject, initiallyFolded: readonly string[], context: DagContext): Owned {
  const { language, pipelines, runs, actions } = context;
  const folded = new Set(initiallyFolded);
  let graph: LaidOutDag | undefined;
  /** The server's number of it. */
  let drawing: number | undefined;
  let problem: GraphAnswer["problem"];
  let byPython: GraphAnswer["byPython"];
  let asksPython = false;
  let record: RunRecord | undefined;
  let symbol = subject.kind === "source" ? subject.symbol : undefined;
  let source = subject.kind === "source" ? Uri.parse(subject.uri) : undefined;
  /** What the graph is asked of: the source, or the spec that ran. */
  let drawn = source;
  /** What the page was last told to show: its graph, and the rest as text. */
  let shown: { readonly graph: LaidOutDag | undefined; readonly beside: string } | undefined;
  let ready = false;
  let disposed = false;
  /** Where the cursor was last put from here. */
  let revealed: Position | undefined;
  /** The last run is shown while it goes on and until an edit after its beginning. */
  let editedAt = 0;
  /** Of the text that was drawn. */
  let version: number | undefined;

  const connection: Connection<ViewMethods> = openPage(
    panel.webview,
    context.extension,
    "dag",
    "Graph",
    onlyHandlers({
      ready: () => {
        ready = true;
        shown = undefined;
        push();
      },
      revealSource: (node, focus) => reveal(node, focus),
      selectNode: () => undefined,
      fold: (node, fold) => {
        if (fold) folded.add(node);
        else folded.delete(node);
        refreshGraph();
      },
      openLog: (node) => openLog(node),
      run: () => {
        if (source) actions.run({ uri: source, ...(symbol === undefined ? {} : { symbol }) });
      },
      compileWithPython: () => {
        if (source) actions.compileWithPython(source);
      },
      cancel: () => {
        if (record) actions.cancel(record.id);
      },
      exportGraph: () => actions.exportGraph(titleOf(), (format) => connection.call("picture", format)),
    }),
  );

  function titleOf(): string {
    return graph?.dag.title ?? record?.pipeline ?? symbol ?? "Graph";
  }

  function push(): void {
    if (!ready || disposed) return;
    panel.title = subject.kind === "run" ? `Run of ${titleOf()}` : `Graph: ${titleOf()}`;
    const restore: Json = { subject: { ...subject }, folded: [...folded] };
    const view: DagView = {
      kind: "dag",
      title: titleOf(),
      ...(graph ? { graph } : {}),
      ...(problem ? { problem } : {}),
      ...(byPython ? { byPython } : {}),
      ...(asksPython ? { asksPython } : {}),
      ...(record ? { run: { id: record.id, state: record.state, states: nodeStates(record, Date.now()) } } : {}),
      canRun: subject.kind === "source",
      ...(workspace.isTrusted ? {} : { restricted: "Restricted Mode: trust this workspace to run pipelines." }),
      restore,
    };
    // Most keys change nothing of it, and a large graph is long.
    const beside = JSON.stringify({ ...view, graph: undefined });
    if (shown && shown.graph === graph && shown.beside === beside) return;
    shown = { graph, beside };
    connection.call("show", view).catch(() => undefined);
  }

  const refreshGraph = oneAtATime(async () => {
    if (!drawn) return;
    try {
      const answer = await pipelines.graph(drawn, symbol, [...folded], drawing);
      if (answer?.graph) ({ graph, drawing } = answer);
      const newest = answer?.version ?? version;
      if (version !== undefined && newest !== version) {
        editedAt = Date.now();
        refreshRun();
      }
      version = newest;
      ({ problem, byPython, asksPython = false } = answer ?? {});
    } catch (error) {
      // The last picture stays; the server comes back and says so.
      if (!graph) problem = { message: sentence(error), count: 1 };
    }
    push();
  });

  const refreshRun = oneAtATime(async () => {
    const known = subject.kind === "run" ? { folder: subject.folder, run: subject.run } : lastRun();
    const before = record && JSON.stringify([record.id, record.state]);
    record = known && (await runs.record(actions.runtimeAt(known.folder), known.run).catch(() => record));
    if (subject.kind === "run" && record && !drawn) {
      drawn = await openSpec(subject.folder, record);
      source = record.source && actions.fileOf(subject.folder, record.source.path);
      symbol = undefined;
      refreshGraph();
    }
    if (record || before !== undefined) push();
  });

  /** The language server reads the package that ran as if it were a file. */
  async function openSpec(folder: string, run: RunRecord): Promise<Uri> {
    const uri = specUri(folder, run);
    const yaml = await actions.runtimeAt(folder).call("spec", run.spec);
    if (yaml !== undefined) language.setText(uri, "yaml", yaml);
    subscriptions.push({ dispose: () => language.setText(uri, "yaml", undefined) });
    return uri;
  }

  function lastRun(): { folder: string; run: string } | undefined {
    if (!source || symbol === undefined) return undefined;
    const last: KnownRun | undefined = runs.latest(source.fsPath, symbol);
    if (!last || (editedAt > last.summary.createdAt && finalStates.has(last.summary.state))) return undefined;
    return { folder: last.runtime.folder, run: last.summary.id };
  }

  async function locate(node: string): Promise<Location | undefined> {
    const from =
      source && (await pipelines.sourceOf(source, symbol ?? record?.source?.symbol, node).catch(() => undefined));
    return from ?? (drawn && (await pipelines.sourceOf(drawn, symbol, node).catch(() => undefined)));
  }

  async function reveal(node: string, focus: boolean): Promise<void> {
    const location = await locate(node);
    if (!location) return;
    revealed = toRange(location.range).start;
    const column = panel.viewColumn === ViewColumn.One ? ViewColumn.Beside : ViewColumn.One;
    await openLocation(uriOf(location), location.range, { column, preserveFocus: !focus });
  }

  async function revealNodeAt(file: Uri, positions: readonly Position[]): Promise<void> {
    for (const position of positions) {
      const node = await pipelines.nodeAt(file, symbol ?? record?.source?.symbol, position);
      if (node !== undefined) return connection.call("reveal", node);
    }
  }

  function openLog(node: string): void {
    if (!record) return;
    const task = record.tasks.findLast((each) => each.path.replace(/\[\d+\]/g, "") === node);
    if (task) actions.openLog(record.id, task.id);
  }

  const followCursor = window.onDidChangeTextEditorSelection(({ textEditor, selections, kind }) => {
    if (!source || !drawn || !ready || textEditor.document.uri.toString() !== source.toString()) return;
    const position = selections[0]?.active;
    const byHand = kind === TextEditorSelectionChangeKind.Keyboard || kind === TextEditorSelectionChangeKind.Mouse;
    // Where a node led the cursor, the node is what is selected.
    if (!position || (!byHand && revealed && position.isEqual(revealed))) return;
    // Anywhere on the line of a call means the call.
    const end = position.with({ character: textEditor.document.lineAt(position.line).text.trimEnd().length });
    void revealNodeAt(source, [position, end]).catch(() => undefined);
  });

  const subscriptions: Owned[] = [
    followCursor,
    language.onChanged(() => {
      if (!drawn) return;
      refreshGraph();
      refreshRun();
    }),
    language.onRestarted(() => {
      drawing = undefined;
      refreshGraph();
    }),
    runs.onChanged(refreshRun),
    workspace.onDidGrantWorkspaceTrust(push),
  ];

  async function begin(): Promise<void> {
    if (source && symbol === undefined) {
      const definitions = await pipelines.definitions(source).catch(() => []);
      symbol = (definitions.find(({ kind }) => kind === "pipeline") ?? definitions[0])?.symbol;
    }
    refreshGraph();
    refreshRun();
  }
  void begin();

  return {
    dispose() {
      disposed = true;
      connection.close();
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

/** Runs a task when asked; asked again meanwhile, once more after it. */
function oneAtATime(task: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    void task().finally(() => {
      running = false;
      if (!again) return;
      again = false;
      run();
    });
  };
  return run;
}

function readState(state: unknown): { subject?: Subject; folded: readonly string[] } {
  const restore: unknown = isObject(state) ? state["restore"] : undefined;
  if (!isObject(restore) || !isObject(restore["subject"])) return { folded: [] };
  const { kind, uri, symbol, folder, run } = restore["subject"];
  const folded = Array.isArray(restore["folded"]) ? restore["folded"].filter((id) => typeof id === "string") : [];
  if (kind === "source" && typeof uri === "string")
    return { subject: typeof symbol === "string" ? { kind, uri, symbol } : { kind, uri }, folded };
  if (kind === "run" && typeof folder === "string" && typeof run === "string")
    return { subject: { kind, folder, run }, folded };
  return { folded: [] };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
