/** Every command of package.json, and the actions that surfaces ask for. */
import {
  Disposable,
  commands,
  env,
  ProgressLocation,
  type QuickPickItem,
  Uri,
  ViewColumn,
  window,
  workspace,
} from "vscode";
import { isAbsolute, join } from "node:path";
import type { Actions, Target } from "./actions.ts";
import { fetchAfterConsent, setEnvironment } from "./ask-for-python.ts";
import type { DagPanels } from "./dag-panel.ts";
import { createClusters } from "./clusters.ts";
import { mayHavePipelines } from "./language-client.ts";
import type { LineageSurface } from "./lineage-view.ts";
import type { DefinitionInfo } from "../language/protocol.ts";
import { notebookType } from "./notebook-places.ts";
import type { Pipelines } from "./pipelines.ts";
import { fileOf, type PythonCompiler } from "./python-compiler.ts";
import type { Report } from "./report.ts";
import type { RunForms } from "./run-form.ts";
import type { RunLogs } from "./run-log.ts";
import type { RunTreeNode } from "./run-tree.ts";
import type { Runtimes } from "./runtime-client.ts";
import type { Runs } from "./runs.ts";
import type { Owned } from "./owned.ts";

export interface Surfaces {
  readonly pipelines: Pipelines;
  readonly python: PythonCompiler;
  readonly runtimes: Runtimes;
  readonly runs: Runs;
  readonly graphs: () => DagPanels;
  readonly forms: () => RunForms;
  readonly logs: RunLogs;
  readonly lineage: () => LineageSurface;
  readonly report: Report;
}

/** The actions; `perform` runs one and tells the person who asked when it fails. */
export function createActions(surfaces: Surfaces): Actions {
  const { runs, runtimes, report } = surfaces;
  const perform = (what: string, action: () => unknown) => {
    const act = async () => {
      await action();
    };
    act().catch((error: unknown) => {
      report.failed(what, error);
    });
  };
  const known = (run: string) => {
    const found = runs.find(run);
    if (!found) throw new Error(`Run ${run} is in no store of this window.`);
    return found;
  };
  return {
    run: (target) => perform("Cannot open the run form", () => commands.executeCommand("millrace.run", target)),
    cancel: (run) =>
      perform("Cannot cancel the run", async () => {
        const { runtime } = known(run);
        await runtime.call("cancel", run);
        runs.refresh(runtime);
      }),
    compileWithPython: (file) =>
      perform("Cannot compile with Python", () => commands.executeCommand("millrace.compileWithPython", file)),
    openLog: (run, task) =>
      perform("Cannot open the log", async () => {
        const { runtime, summary } = known(run);
        const record = task === undefined ? undefined : await runs.record(runtime, run);
        const name = record?.tasks.find((each) => each.id === task)?.name ?? summary.pipeline;
        await surfaces.logs.open({ folder: runtime.folder, run, ...(task === undefined ? {} : { task }) }, name);
      }),
    showRun: (run) =>
      perform("Cannot show the run", () => {
        const { runtime, summary } = known(run);
        surfaces.graphs().show({ kind: "run", folder: runtime.folder, run: summary.id });
      }),
    showArtifact: (id) => surfaces.lineage().show(id),
    exportGraph: (title, picture) => perform("Cannot export the graph", () => exportGraph(title, picture)),
    runtimeAt: (folder) => runtimes.at(folder),
    fileOf: (folder, path) => Uri.file(isAbsolute(path) ? path : join(folder, path)),
  };
}

export function registerCommands(surfaces: Surfaces, actions: Actions): Owned {
  const { pipelines, runs, report } = surfaces;
  const clusters = createClusters(surfaces.runtimes, () => surfaces.forms().reload());

  const table: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
    "millrace.run": async (argument) => {
      if (!(await trusted())) return;
      const picked = await afterPython(await pick(argument, pipelines, "Run"), surfaces);
      if (picked) surfaces.forms().open(picked.uri, picked.definition.symbol);
    },
    "millrace.showGraph": async (argument) => {
      const picked = await pick(argument, pipelines, "Show the graph of", true);
      if (picked)
        surfaces.graphs().show({ kind: "source", uri: picked.uri.toString(), symbol: picked.definition.symbol });
    },
    "millrace.compile": async (argument) => {
      const picked = await afterPython(await pick(argument, pipelines, "Compile"), surfaces);
      if (picked) await compile(picked.uri, picked.definition, pipelines);
    },
    "millrace.compileWithPython": async (argument) => {
      if (!(await trusted())) return;
      const file = fileOf(argument) ?? targetOf(undefined)?.uri;
      if (file?.path.endsWith(".py")) await surfaces.python.compile(file);
      else await window.showInformationMessage("Open a Python file with a pipeline first.");
    },
    "millrace.fetchComponent": async (argument, url) => {
      if (!(await trusted())) return;
      const file = fileOf(argument);
      if (file && typeof url === "string") await fetchAfterConsent(file, url, surfaces.runtimes);
      else await window.showInformationMessage("The quick fix of a component that was not fetched yet asks for it.");
    },
    "millrace.setEnvironment": async (argument, name) => {
      const file = fileOf(argument) ?? targetOf(undefined)?.uri;
      const asked = typeof name === "string" ? name : await window.showInputBox({ title: "Environment variable" });
      if (asked) await setEnvironment(file, asked);
    },
    "millrace.compileWithPythonOnSave": async (argument) => {
      const file = fileOf(argument) ?? targetOf(undefined)?.uri;
      if (file?.path.endsWith(".py")) await surfaces.python.chooseHabit(file);
      else await window.showInformationMessage("Open a Python file with a pipeline first.");
    },
    "millrace.showRun": (argument) => {
      const run = runOf(argument);
      if (run !== undefined) actions.showRun(run);
    },
    "millrace.openLog": (argument) => {
      const node = asTreeNode(argument);
      if (node?.kind === "task") {
        actions.openLog(node.run.summary.id, node.task.id);
        return;
      }
      const run = runOf(argument) ?? runs.all()[0]?.summary.id;
      if (run === undefined) return window.showInformationMessage("There is no run yet.");
      actions.openLog(run);
    },
    "millrace.cancelRun": (argument) => {
      const run = runOf(argument);
      if (run !== undefined) actions.cancel(run);
    },
    "millrace.rerun": async (argument) => {
      if (!(await trusted())) return;
      const run = runOf(argument);
      const found = run === undefined ? undefined : runs.find(run);
      const source = found?.summary.source;
      if (!found || !source) return;
      surfaces.forms().open(actions.fileOf(found.runtime.folder, source.path), source.symbol, found.summary.id);
    },
    "millrace.showLineage": async (argument) => {
      const node = asTreeNode(argument);
      const artifact =
        typeof argument === "string" ? argument : node?.kind === "artifact" ? node.artifact.id : undefined;
      if (artifact !== undefined) actions.showArtifact(artifact);
      else await commands.executeCommand("millrace.lineage.focus");
    },
    "millrace.showSpec": async (argument) => {
      const run = runOf(argument);
      const found = run === undefined ? undefined : runs.find(run);
      const record = found && (await runs.record(found.runtime, found.summary.id));
      if (!found || !record) return;
      const { specUri } = await import("./spec-documents.ts");
      await window.showTextDocument(specUri(found.runtime.folder, record));
    },
    "millrace.refreshRuns": () => {
      for (const runtime of surfaces.runtimes.all()) runs.refresh(runtime);
    },
    "millrace.addCluster": async (argument) => {
      if (await trusted()) await clusters.add(argument instanceof Uri ? argument : undefined);
    },
    "millrace.chooseCluster": async () => {
      if (await trusted()) await clusters.choose();
    },
    "millrace.removeCluster": async () => {
      if (await trusted()) await clusters.remove();
    },
    "millrace.copyRunId": async (argument) => {
      const run = runOf(argument);
      if (run !== undefined) await env.clipboard.writeText(run);
    },
    "millrace.openPipeline": openPipeline,
    "millrace.openAsNotebook": async (argument) => {
      const uri = argument instanceof Uri ? argument : window.activeTextEditor?.document.uri;
      if (uri) await commands.executeCommand("vscode.openWith", uri, "millrace.notebook");
    },
    "millrace.openSource": async () => {
      const uri = window.activeNotebookEditor?.notebook.uri;
      if (uri) await commands.executeCommand("vscode.openWith", uri, "default");
    },
  };

  const registrations = Object.entries(table).map(([name, command]) =>
    commands.registerCommand(name, async (...args: readonly unknown[]) => {
      try {
        await command(...args);
      } catch (error) {
        report.failed("Millrace", error);
      }
    }),
  );
  return Disposable.from(...registrations);
}

async function trusted(): Promise<boolean> {
  if (workspace.isTrusted) return true;
  const choice = await window.showWarningMessage(
    "This workspace is in Restricted Mode: nothing of it is executed. Trust it to run its pipelines.",
    "Manage Trust",
  );
  if (choice !== undefined) await commands.executeCommand("workbench.trust.manage");
  return false;
}

interface Picked {
  readonly uri: Uri;
  readonly definition: DefinitionInfo;
}

/** The definition that a command is about: its argument's, or of the active editor; asked where there are several. */
async function pick(
  argument: unknown,
  pipelines: Pipelines,
  verb: string,
  onlyPipelines = false,
): Promise<Picked | undefined> {
  const target = targetOf(argument);
  if (!target) {
    await window.showInformationMessage("Open a pipeline file (.py, .ts or compiled .yaml) first.");
    return undefined;
  }
  const all = await pipelines.definitions(target.uri);
  const definitions =
    onlyPipelines && all.some(({ kind }) => kind === "pipeline") ? all.filter(({ kind }) => kind === "pipeline") : all;
  const wanted = target.symbol === undefined ? undefined : all.find(({ symbol }) => symbol === target.symbol);
  const [first] = definitions;
  if (!wanted && !first) {
    await window.showInformationMessage(`${workspace.asRelativePath(target.uri)} has no pipeline and no component.`);
    return undefined;
  }
  const definition = wanted ?? (definitions.length === 1 ? first : await ask(definitions, verb));
  return definition && { uri: target.uri, definition };
}

/** A definition as the editor shows it: where reading does not know it, after Python has compiled its file. */
async function afterPython(picked: Picked | undefined, { python, pipelines }: Surfaces): Promise<Picked | undefined> {
  if (!picked) return undefined;
  const { uri, definition } = picked;
  const older = definition.byPython?.older === true;
  if (!older && !definition.asksPython) return picked;
  if (!(await trusted())) return undefined;
  // Who had Python compile a file once, means it again.
  if (!older) {
    const choice = await window.showWarningMessage(
      `${definition.name} cannot be known by reading it. Compile it with Python first?`,
      { modal: true, detail: "Your own Python runs the file, and its kfp compiles it." },
      "Compile with Python",
    );
    if (choice === undefined) return undefined;
  }
  if (!(await python.compile(uri))) return undefined;
  const now = (await pipelines.definitions(uri)).find(({ symbol }) => symbol === definition.symbol);
  return now && { uri, definition: now };
}

async function ask(definitions: readonly DefinitionInfo[], verb: string): Promise<DefinitionInfo | undefined> {
  const items = definitions.map((definition): QuickPickItem & { definition: DefinitionInfo } => ({
    label: definition.symbol,
    description: definition.kind,
    definition,
  }));
  return (await window.showQuickPick(items, { title: `${verb} which?` }))?.definition;
}

function targetOf(argument: unknown): Target | undefined {
  if (argument instanceof Uri) return { uri: argument };
  const uri: unknown = typeof argument === "object" && argument !== null ? Reflect.get(argument, "uri") : undefined;
  const symbol: unknown = uri instanceof Uri ? Reflect.get(argument as object, "symbol") : undefined;
  if (uri instanceof Uri) return typeof symbol === "string" ? { uri, symbol } : { uri };
  const notebook = window.activeNotebookEditor?.notebook;
  if (notebook?.notebookType === notebookType) return { uri: notebook.uri };
  const active = window.activeTextEditor?.document ?? window.visibleTextEditors[0]?.document;
  return active && mayHavePipelines(active) ? { uri: active.uri } : undefined;
}

function asTreeNode(argument: unknown): RunTreeNode | undefined {
  if (typeof argument !== "object" || argument === null) return undefined;
  const kind: unknown = Reflect.get(argument, "kind");
  // SAFETY: the tree gives its own nodes to its commands; nothing else has these kinds.
  return kind === "run" || kind === "task" || kind === "artifact" ? (argument as RunTreeNode) : undefined;
}

function runOf(argument: unknown): string | undefined {
  return typeof argument === "string" ? argument : asTreeNode(argument)?.run.summary.id;
}

async function compile(uri: Uri, definition: DefinitionInfo, pipelines: Pipelines): Promise<void> {
  const result = await window.withProgress(
    { location: ProgressLocation.Window, title: `Compiling ${definition.name}` },
    () => pipelines.compile(uri, definition.symbol),
  );
  if (result.yaml === undefined) {
    const choice = await window.showErrorMessage(
      `${definition.name} cannot be compiled: ${result.problem ?? "see Problems"}`,
      "Show Problems",
    );
    if (choice !== undefined) await commands.executeCommand("workbench.actions.view.problems");
    return;
  }
  const file = uri.with({ path: uri.path.replace(/\.[^./]+$/, "") + ".yaml" });
  if (await exists(file)) {
    const choice = await window.showWarningMessage(
      `${workspace.asRelativePath(file)} exists.`,
      { modal: true },
      "Replace",
      "Show Only",
    );
    if (choice === undefined) return;
    if (choice === "Show Only") {
      const document = await workspace.openTextDocument({ language: "yaml", content: result.yaml });
      await window.showTextDocument(document, { viewColumn: ViewColumn.Beside });
      return;
    }
  }
  await workspace.fs.writeFile(file, new TextEncoder().encode(result.yaml));
  await window.showTextDocument(file, { viewColumn: ViewColumn.Beside, preview: true });
}

async function exportGraph(
  title: string,
  picture: (format: "svg" | "png" | "mermaid") => Promise<string>,
): Promise<void> {
  const formats: readonly (QuickPickItem & { readonly format: "svg" | "png" | "mermaid" })[] = [
    { label: "SVG", description: "a drawing that stays sharp", format: "svg" },
    { label: "PNG", description: "an image", format: "png" },
    { label: "Mermaid", description: "text for Markdown, to the clipboard", format: "mermaid" },
  ];
  const format = (await window.showQuickPick(formats, { title: "Export the graph as" }))?.format;
  if (!format) return;
  const data = await picture(format);
  if (format === "mermaid") {
    await env.clipboard.writeText(data);
    window.setStatusBarMessage("The graph is on the clipboard as Mermaid.", 4000);
    return;
  }
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const file = await window.showSaveDialog({
    ...(folder ? { defaultUri: Uri.joinPath(folder, `${title}.${format}`) } : {}),
    filters: format === "svg" ? { SVG: ["svg"] } : { PNG: ["png"] },
  });
  if (file) await workspace.fs.writeFile(file, Buffer.from(data, format === "svg" ? "utf8" : "base64"));
}

async function openPipeline(): Promise<void> {
  const found = await workspace.findFiles("**/*.{py,ts}", "**/{node_modules,.venv,venv,.millrace,dist}/**", 500);
  const items: (QuickPickItem & { uri: Uri })[] = [];
  const decoder = new TextDecoder();
  for (const uri of found) {
    const text = decoder.decode(await workspace.fs.readFile(uri));
    if (/\bdsl\.pipeline\b|@pipeline\b/.test(text) || (/["']millrace["']/.test(text) && /\bpipeline\s*\(/.test(text)))
      items.push({ label: workspace.asRelativePath(uri), uri });
  }
  if (items.length === 0) {
    await window.showInformationMessage(
      "No file of this window has a pipeline: a Python file with @dsl.pipeline, or a TypeScript file that imports millrace.",
    );
    return;
  }
  const only = items.length === 1 ? items[0] : await window.showQuickPick(items, { title: "Open a pipeline" });
  if (only) await window.showTextDocument(only.uri);
}

async function exists(file: Uri): Promise<boolean> {
  return workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
}
