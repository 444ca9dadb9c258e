/** The language server: LSP over stdio or IPC, and what `protocol.ts` adds. It reads and never executes. */
import * as module from "node:module";
import { extname } from "node:path";
import { createConnection, ProposedFeatures, TextDocuments, TextDocumentSyncKind } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { AnalyzeOptions } from "./analyze.ts";
import { type AnalysisMemory, defaultSdkVersion, languageOf } from "./analyze-file.ts";
import { createAnnouncements } from "./announcements.ts";
import { importedComponents, typesRoot } from "./declarations.ts";
import { layoutBeside } from "./layout-beside.ts";
import { createOpenFiles, filesBelow } from "./open-files.ts";
import { createPositions } from "./positions.ts";
import type { LanguageMessages, LanguageSettings } from "./protocol.ts";
import { registerRequests } from "./requests.ts";
import { readMeanings } from "./python/front-end.ts";
import { sitePackagesFor } from "./python/libraries.ts";
import { createPythonAnswers } from "./services/answers.ts";
import type { TypeScriptAnswers } from "./services/typescript/answers.ts";
import { createOffers } from "./services/typescript/offers.ts";
import { commonFiles, filesOf, hasTypes, type TypesFile, writeTypes } from "./types-folder.ts";
import { createTurns } from "./turns.ts";
import { createWorkspace } from "./workspace.ts";

// V8's code cache takes a quarter off the first file, which waits for its front end. An older VS Code's Node has none.
if ("enableCompileCache" in module) module.enableCompileCache();
if (!process.argv.some((argument) => /^--(?:stdio|node-ipc|socket|pipe)/.test(argument))) process.argv.push("--stdio");
const connection = createConnection(ProposedFeatures.all);
const documents = new TextDocuments(TextDocument);

let settings: LanguageSettings = {};
let folders: readonly string[] = [];

// ── Files: open editors before the disk ─────────────────────────────────────

const files = createOpenFiles();
const { open, pathOf, uriOf } = files;
const positions = createPositions(files);

const optionsFor = (path: string): AnalyzeOptions => ({
  sdkVersion: settings.sdkVersion ?? defaultSdkVersion,
  roots: [...(settings.pythonPath ?? []), ...folders.filter((folder) => path.startsWith(`${folder}/`))],
  env: {
    ...Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    ...settings.environment,
  },
  assumed: settings.environment ?? {},
  get libraries() {
    const top = folders.find((folder) => path.startsWith(`${folder}/`));
    return sitePackagesFor(files, { path, top, env: process.env, interpreter: settings.interpreter });
  },
});
// Beside us as source and as bundle.
const layoutThread = new URL(`./layout-thread${extname(import.meta.url)}`, import.meta.url);
const memory: AnalysisMemory = {};
const workspace = createWorkspace(files, optionsFor, layoutBeside(layoutThread), memory);

/** The path of a URI that a client asks about: that of its open document, where it is one. */
function pathAsked(uri: string): string {
  const document = documents.get(uri);
  return pathOf(uri, document?.languageId);
}

const python = createPythonAnswers({
  files,
  optionsFor,
  memory,
  async meaningsOf(path) {
    // A file that is one of many is not kept.
    const known = open.has(path) ? await workspace.analysis(path) : undefined;
    if (known?.meanings) return known.meanings;
    return readMeanings(path, files, optionsFor(path), memory.python);
  },
  ...positions,
  uriOf,
  async *filesWith(word) {
    const seen = new Set<string>();
    for await (const path of workspaceFiles()) {
      if (languageOf(path) !== "python" || seen.has(path)) continue;
      seen.add(path);
      if (files.glance(path)?.includes(word)) yield path;
    }
  },
});

const offers = createOffers(workspaceFiles, (path) => files.glance(path), report);
let typescript: Promise<TypeScriptAnswers> | undefined;
/** Files that a notebook shows. */
const cells = new Set<string>();

async function loadTypeScript(): Promise<TypeScriptAnswers> {
  const { createTypeScriptAnswers } = await import("./services/typescript/answers.ts");
  return createTypeScriptAnswers({ files, positions, workspace, offers, folders: () => folders, cells });
}

/** Open documents, then what the folders hold; a file that is open comes twice. */
async function* workspaceFiles(): AsyncGenerator<string, void> {
  yield* open.keys();
  yield* filesBelow(folders);
}

function report(error: unknown): void {
  connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const turns = createTurns(pause);

const announcements = createAnnouncements(files, workspace, positions, {
  sendDiagnostics: (params) => connection.sendDiagnostics(params),
  sendChanged: (params) => connection.sendNotification("millrace/changed", params),
  prepare: async (path) => {
    if (languageOf(path) === "typescript") await writeTypesFor(path);
  },
  typeProblems: async (path) => (cells.has(path) ? (await (typescript ??= loadTypeScript())).typeProblems(path) : []),
  turn: (readyAt) => turns.next(readyAt),
  report,
});

/**
 * Brings up to date the types of what an open TypeScript file imports, so that TypeScript's own server finds
 * them: also in Restricted Mode, as text is made from text there, in `.millrace` alone.
 */
async function writeTypesFor(path: string): Promise<void> {
  const root = typesRoot(path, files, folders);
  if (root === undefined) return;
  const all: TypesFile[] = [];
  for (const component of importedComponents(path, files.read(path) ?? "")) {
    if (files.read(component) === undefined) continue;
    const { definitions } = await workspace.analysis(component);
    all.push(...filesOf(root, component, definitions, files));
  }
  const isFirst = !hasTypes(root);
  try {
    // The settings last: with them TypeScript looks for the rest.
    writeTypes(root, [...all, ...commonFiles(root)]);
    if (isFirst) await connection.sendNotification("millrace/typesMade");
  } catch (error) {
    // A folder that cannot be written: pipelines are read all the same.
    report(error);
  }
}

registerRequests(connection, {
  memory,
  files,
  positions,
  workspace,
  python,
  typescript: () => (typescript ??= loadTypeScript()),
  optionsFor,
  pathAsked,
  workspaceFiles,
  pause,
  turn: () => turns.next(),
  report,
});

connection.onNotification(
  "millrace/cells" satisfies keyof LanguageMessages,
  ({ uri, shown }: LanguageMessages["millrace/cells"]) => {
    const path = pathAsked(uri);
    if (languageOf(path) !== "typescript") return;
    if (shown) cells.add(path);
    else {
      cells.delete(path);
      typescript?.then((answers) => answers.forget(path)).catch(report);
    }
    announcements.schedule(path);
  },
);

connection.onInitialize(({ workspaceFolders, initializationOptions }) => {
  // SAFETY: the options are the client's; what is not there is undefined.
  settings = (initializationOptions ?? {}) as LanguageSettings;
  folders = (workspaceFolders ?? []).filter(({ uri }) => uri.startsWith("file:")).map(({ uri }) => pathOf(uri));
  return {
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      hoverProvider: true,
      definitionProvider: true,
      completionProvider: { triggerCharacters: ["(", ",", "[", "=", '"', "'", "."] },
      signatureHelpProvider: { triggerCharacters: ["(", ","] },
      referencesProvider: true,
      documentHighlightProvider: true,
      renameProvider: { prepareProvider: true },
      documentSymbolProvider: { label: "Millrace" },
      foldingRangeProvider: true,
      semanticTokensProvider: { legend: { tokenTypes: ["variable"], tokenModifiers: ["channel"] }, full: true },
      codeActionProvider: { codeActionKinds: ["quickfix", "refactor.extract", "refactor.rewrite"] },
      inlayHintProvider: true,
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
    serverInfo: { name: "millrace" },
  };
});

connection.onNotification(
  "workspace/didChangeWorkspaceFolders",
  ({ event }: { event?: { added?: { uri: string }[]; removed?: { uri: string }[] } }) => {
    const removed = new Set((event?.removed ?? []).map(({ uri }) => pathOf(uri)));
    const added = (event?.added ?? []).filter(({ uri }) => uri.startsWith("file:")).map(({ uri }) => pathOf(uri));
    folders = [...folders.filter((folder) => !removed.has(folder)), ...added];
    for (const path of open.keys()) {
      workspace.forget(path);
      announcements.schedule(path);
    }
  },
);

connection.onNotification(
  "millrace/settings" satisfies keyof LanguageMessages,
  (changed: LanguageMessages["millrace/settings"]) => {
    settings = { ...settings, ...changed };
    for (const path of open.keys()) {
      workspace.forget(path);
      announcements.schedule(path);
    }
  },
);

connection.onNotification(
  "millrace/compiledWithPython" satisfies keyof LanguageMessages,
  ({ uri, result }: LanguageMessages["millrace/compiledWithPython"]) => {
    const path = pathAsked(uri);
    workspace.setPython(path, result ?? undefined);
    announcements.schedule(path);
  },
);

documents.onDidOpen(({ document }) => {
  const path = pathOf(document.uri, document.languageId);
  open.set(path, document);
  announcements.changed(path);
});

documents.onDidChangeContent(({ document }) => {
  turns.edited();
  const path = pathOf(document.uri, document.languageId);
  open.set(path, document);
  announcements.changed(path);
});

documents.onDidClose(({ document }) => {
  const path = pathOf(document.uri, document.languageId);
  open.delete(path);
  workspace.forget(path);
  announcements.closed(path);
});

connection.onDidChangeWatchedFiles(() => {
  offers.stale();
  announcements.scheduleStale();
});

process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
  // Nobody listens any more.
  if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") process.exit(1);
  report(error);
});
process.on("unhandledRejection", report);

documents.listen(connection);
connection.listen();
