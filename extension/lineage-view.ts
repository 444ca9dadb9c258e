/** The sidebar's Lineage: a view of one artifact at a time. */
import { commands, Disposable, Uri, type WebviewView, window, workspace } from "vscode";
import type { ArtifactRecord, Lineage } from "../runtime/store/store.ts";
import type { ViewMethods } from "../webview/protocol.ts";
import type { Connection } from "../webview/rpc.ts";
import type { Actions } from "./actions.ts";
import { lineageView, taskNodeId } from "./lineage-model.ts";
import { type Pipelines, uriOf } from "./pipelines.ts";
import { sentence, type Report } from "./report.ts";
import type { Runtime } from "./runtime-client.ts";
import type { Runs } from "./runs.ts";
import { openLocation } from "./source-location.ts";
import { onlyHandlers, openPage } from "./webview-panel.ts";
import type { Owned } from "./owned.ts";

export interface LineageSurface extends Owned {
  /** Shows an artifact, and the view where it is hidden. */
  show(artifact: string): void;
}

export interface LineageContext {
  readonly extension: Uri;
  readonly pipelines: Pipelines;
  readonly runs: Runs;
  readonly actions: Actions;
  readonly report: Report;
  /** Of the window's folders; the first that knows an artifact answers. */
  readonly runtimes: () => readonly Runtime[];
}

const recentLimit = 40;

export function registerLineageView(context: LineageContext, reveal: () => void): LineageSurface {
  let connection: Connection<ViewMethods> | undefined;
  let selected: string | undefined;
  let lineage: Lineage | undefined;
  let folder: Runtime | undefined;

  async function refresh(): Promise<void> {
    if (!connection) return;
    const recent: ArtifactRecord[] = [];
    try {
      for (const runtime of context.runtimes()) {
        recent.push(...(await runtime.call("artifacts", { limit: recentLimit })));
        const found = selected === undefined ? undefined : await runtime.call("lineage", selected);
        if (found) [lineage, folder] = [found, runtime];
      }
    } catch (error) {
      // What was shown stays.
      context.report.log(`Lineage: ${sentence(error)}`);
      if (recent.length === 0 && !lineage) return;
    }
    recent.sort((a, b) => b.createdAt - a.createdAt);
    await connection
      .call("show", lineageView(lineage, recent.slice(0, recentLimit), Date.now()))
      .catch(() => undefined);
  }

  async function openSource(node: string): Promise<void> {
    const made = lineage?.tasks.find(({ run, task, outputs }) =>
      node.startsWith("task:") ? taskNodeId(run, task.id) === node : outputs.some(({ artifact }) => artifact === node),
    );
    if (!made?.source || !folder) return;
    const file = context.actions.fileOf(folder.folder, made.source.path);
    const path = made.task.path.replace(/\[\d+\]/g, "");
    const location = await context.pipelines.sourceOf(file, made.source.symbol, path).catch(() => undefined);
    if (location) await openLocation(uriOf(location), location.range);
    else await window.showTextDocument(file);
  }

  function resolve(view: WebviewView): void {
    connection?.close();
    const own = openPage(
      view.webview,
      context.extension,
      "lineage",
      "Lineage",
      onlyHandlers({
        ready: refresh,
        selectArtifact: (id) => {
          selected = id;
          return refresh();
        },
        openArtifact: () => (lineage ? openFile(lineage.artifact.uri, context.report) : undefined),
        revealArtifactSource: openSource,
        revealSource: openSource,
        openRun: (run) => context.actions.showRun(run),
      }),
    );
    connection = own;
    view.onDidDispose(() => {
      own.close();
      if (connection === own) connection = undefined;
    });
  }

  const registration = Disposable.from(
    window.registerWebviewViewProvider("millrace.lineage", { resolveWebviewView: resolve }),
    context.runs.onChanged(() => void refresh()),
  );
  return {
    show(artifact) {
      selected = artifact;
      reveal();
      void refresh();
    },
    dispose() {
      connection?.close();
      registration.dispose();
    },
  };
}

async function openFile(uri: string, report: Report): Promise<void> {
  const file = uri.startsWith("file:") ? Uri.parse(uri) : Uri.file(uri);
  try {
    await workspace.fs.stat(file);
    await commands.executeCommand("vscode.open", file);
  } catch (error) {
    report.failed(`Cannot open ${file.fsPath}`, error);
  }
}
