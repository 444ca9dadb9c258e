/**
 * The composition root of the extension. Activation only registers: servers start
 * when a pipeline file is open or a run is asked about, views when they are seen.
 */
import { commands, type ExtensionContext, Uri, window, workspace } from "vscode";
import { registerCodeLenses } from "./code-lens.ts";
import { createActions, registerCommands, type Surfaces } from "./commands.ts";
import { createDagPanels, dagPanelType } from "./dag-panel.ts";
import { createLanguage } from "./language-client.ts";
import { registerLanguageFeatures } from "./language-features.ts";
import { registerLineageView } from "./lineage-view.ts";
import { registerNotebooks } from "./notebook.ts";
import { createOtherPython } from "./other-python.ts";
import { createPipelines } from "./pipelines.ts";
import { createPythonCompiler } from "./python-compiler.ts";
import { registerPythonFeatures } from "./python-features.ts";
import { createReport } from "./report.ts";
import { createRunForms, runFormType } from "./run-form.ts";
import { registerLogLinks } from "./log-links.ts";
import { createRunLogs } from "./run-log.ts";
import { createRunTree } from "./run-tree.ts";
import { createRuntimes } from "./runtime-client.ts";
import { createRuns } from "./runs.ts";
import { specDocuments, specScheme } from "./spec-documents.ts";
import { followEditor } from "./editor-context.ts";
import { createStatusBar } from "./status-bar.ts";
import { createForecasts } from "./forecasts.ts";
import { registerTypeScriptFeatures } from "./typescript-features.ts";

/** For tests in the host: who lives where. */
export interface Millrace {
  readonly processes: () => {
    readonly language: number | undefined;
    readonly runtimes: readonly (number | undefined)[];
  };
}

export function activate(context: ExtensionContext): Millrace {
  const script = (name: string) => Uri.joinPath(context.extensionUri, "dist", name).fsPath;
  const own = <T extends { dispose(): void }>(thing: T): T => {
    context.subscriptions.push(thing);
    return thing;
  };

  const report = own(createReport());
  const runtimes = own(createRuntimes(script("runtime-server.js"), report));
  const language = own(createLanguage(script("language-server.js"), report));
  const pipelines = createPipelines(language);
  const python = own(createPythonCompiler(language, pipelines, runtimes, report, context.workspaceState));
  const runs = own(createRuns(runtimes, report));
  const logs = own(createRunLogs(runtimes, report));
  own(registerLogLinks(runtimes));

  const surfaces: Surfaces = {
    pipelines,
    python,
    runtimes,
    runs,
    logs,
    report,
    graphs: () => graphs,
    forms: () => forms,
    lineage: () => lineage,
  };
  const actions = createActions(surfaces);
  const extension = context.extensionUri;
  const graphs = own(createDagPanels({ extension, language, pipelines, runs, actions }));
  const forms = own(
    createRunForms({
      extension,
      pipelines,
      python,
      runtimes,
      runs,
      graphColumn: (uri) => graphs.columnOf(uri),
      started: (_run, uri, definition) => {
        runs.refresh(runtimes.of(uri));
        graphs.show({ kind: "source", uri: uri.toString(), symbol: definition.symbol });
      },
    }),
  );
  const lineage = own(
    registerLineageView(
      { extension, pipelines, runs, actions, report, runtimes: () => runs.folders() },
      () => void commands.executeCommand("millrace.lineage.focus"),
    ),
  );

  own(registerCodeLenses(language, pipelines, runs));
  const others = own(createOtherPython());
  own(registerLanguageFeatures(language, others, runs));
  own(registerPythonFeatures(language, others));
  own(registerTypeScriptFeatures(language, createForecasts(pipelines, runs, runtimes)));
  own(registerCommands(surfaces, actions));
  own(createRunTree(runs, runtimes));
  own(createStatusBar(runs));
  own(registerNotebooks({ language, pipelines, python, runtimes, runs }));
  own(followEditor(language, pipelines));
  own(workspace.registerTextDocumentContentProvider(specScheme, specDocuments(runtimes)));
  own(
    window.registerWebviewPanelSerializer(dagPanelType, {
      deserializeWebviewPanel: (panel, state: unknown) => {
        graphs.restore(panel, state);
        return Promise.resolve();
      },
    }),
  );
  own(
    window.registerWebviewPanelSerializer(runFormType, {
      deserializeWebviewPanel: (panel, state: unknown) => {
        forms.restore(panel, state);
        return Promise.resolve();
      },
    }),
  );
  return {
    processes: () => ({ language: language.pid(), runtimes: runtimes.all().map((runtime) => runtime.pid()) }),
  };
}

export function deactivate(): void {
  // Everything is a subscription of the context.
}
