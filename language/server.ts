/** The language server: LSP over stdio or IPC, and what `protocol.ts` adds. It reads and never executes. */
import * as module from "node:module";
import { extname } from "node:path";
import {
  type CancellationToken,
  createConnection,
  ErrorCodes,
  DiagnosticSeverity,
  type Diagnostic as LspDiagnostic,
  type DocumentSymbol,
  ProposedFeatures,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { createPositions } from "./positions.ts";
import type { AnalyzeOptions, Definition } from "./analyze.ts";
import { analyzeFile, defaultSdkVersion, type Language, languageOf } from "./analyze-file.ts";
import { readCells } from "./cells.ts";
import type { Diagnostic } from "./diagnostics.ts";
import { importedComponents, typesRoot } from "./declarations.ts";
import { definitionHover, taskHover } from "./hover.ts";
import { layoutBeside } from "./layout-beside.ts";
import { linkedPlace } from "./links.ts";
import { createOpenFiles, filesBelow } from "./open-files.ts";
import type { DefinitionInfo, LanguageRequests, LanguageSettings, Location, WorkspaceRequests } from "./protocol.ts";
import { createPythonAnswers, Refusal } from "./services/answers.ts";
import { cellFolds, outline, type OutlineEntry } from "./services/outline.ts";
import { listPipelines } from "./services/pipelines.ts";
import type { Position, Span } from "./source.ts";
import { writePackage } from "./spec/write.ts";
import { commonFiles, filesOf, type TypesFile, writeTypes } from "./types-folder.ts";
import { createWorkspace, placeOf, taskAt } from "./workspace.ts";

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
const { rangeOf, offsetOf } = createPositions(files);

const optionsFor = (path: string): AnalyzeOptions => ({
  sdkVersion: settings.sdkVersion ?? defaultSdkVersion,
  roots: [...(settings.pythonPath ?? []), ...folders.filter((folder) => path.startsWith(`${folder}/`))],
  env: Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ),
});
// Beside us as source and as bundle.
const layoutThread = new URL(`./layout-thread${extname(import.meta.url)}`, import.meta.url);
const workspace = createWorkspace(files, optionsFor, layoutBeside(layoutThread));

/** The path of a URI that a client asks about: that of its open document, where it is one. */
function pathAsked(uri: string): string {
  const document = documents.get(uri);
  return pathOf(uri, document?.languageId);
}

function locationOf(span: Span): Location {
  return { uri: uriOf(span.path), range: rangeOf(span) };
}

const python = createPythonAnswers({
  files,
  optionsFor,
  rangeOf,
  offsetOf,
  uriOf,
  besideOther: () => settings.besidePythonServer ?? false,
  async *filesWith(word) {
    const seen = new Set<string>();
    for await (const path of workspaceFiles()) {
      if (languageOf(path) !== "python" || seen.has(path)) continue;
      seen.add(path);
      if (files.glance(path)?.includes(word)) yield path;
    }
  },
});

/** Open documents, then what the folders hold; a file that is open comes twice. */
async function* workspaceFiles(): AsyncGenerator<string, void> {
  yield* open.keys();
  yield* filesBelow(folders);
}

// ── Analysis: the newest text first, what it overtakes is dropped ───────────

const waiting = new Set<string>();
let working = false;

function schedule(path: string): void {
  waiting.add(path);
  if (working) return;
  working = true;
  setImmediate(() => {
    work().catch(report);
  });
}

async function work(): Promise<void> {
  try {
    for (let path = next(); path !== undefined; path = next()) {
      await refresh(path).catch(report);
      // Edits that came in meanwhile are taken in before the next analysis.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    working = false;
  }
}

function next(): string | undefined {
  const [path] = waiting;
  if (path !== undefined) waiting.delete(path);
  return path;
}

/** Files of which something was said: a diagnostic, or that they changed. */
const known = new Set<string>();

async function refresh(path: string): Promise<void> {
  const document = open.get(path);
  if (!document) return;
  const version = document.version;
  const concerns = speaksOfPipelines(path, document.getText());
  if (!concerns && !known.has(path)) return;
  if (concerns) {
    known.add(path);
    if (languageOf(path) === "typescript") await writeTypesFor(path);
    const analysis = await workspace.analysis(path);
    // A newer text waits already, and will say it.
    if (waiting.has(path) || open.get(path)?.version !== version) return;
    const syntaxOnly = analysis.definitions.length === 0;
    publish(
      path,
      analysis.diagnostics.filter((one) => isOurs(one, languageOf(path), syntaxOnly)),
    );
  } else {
    known.delete(path);
    publish(path, []);
  }
  await connection.sendNotification("millrace/changed", { uri: document.uri, version });
}

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
  try {
    // The settings last: with them TypeScript looks for the rest.
    writeTypes(root, [...all, ...commonFiles(root)]);
  } catch (error) {
    // A folder that cannot be written: pipelines are read all the same.
    report(error);
  }
}

/** Whether a text can hold a pipeline or a component; others are left alone. */
function speaksOfPipelines(path: string, text: string): boolean {
  switch (languageOf(path)) {
    case "python":
      return /^[ \t]*(?:from|import)[ \t]+[^\n#]*\b(?:kfp|millrace)\b/m.test(text);
    case "typescript":
      return /["']millrace["']/.test(text);
    case "yaml":
      return text.includes("pipelineInfo");
    case undefined:
      return false;
  }
}

/** TypeScript's own server says its syntax errors; a Python file without pipelines is none of our business but for those. */
function isOurs(diagnostic: Diagnostic, language: Language | undefined, syntaxOnly: boolean): boolean {
  if (diagnostic.code === "syntax-error") return language !== "typescript";
  return !syntaxOnly || language === "yaml";
}

/** Diagnostics by the file whose analysis found them. One may stand in a file that is imported. */
const found = new Map<string, readonly Diagnostic[]>();

function publish(source: string, diagnostics: readonly Diagnostic[]): void {
  const targets = new Set([
    source,
    ...(found.get(source) ?? []).map(({ span }) => span.path),
    ...diagnostics.map(({ span }) => span.path),
  ]);
  found.set(source, diagnostics);
  for (const target of targets) {
    const all = [...found.values()].flat().filter(({ span }) => span.path === target);
    const unique = new Map(all.map((one) => [`${one.code} ${one.span.start} ${one.message}`, one]));
    const version = open.get(target)?.version;
    connection
      .sendDiagnostics({
        uri: uriOf(target),
        ...(version === undefined ? {} : { version }),
        diagnostics: [...unique.values()].map(toLsp),
      })
      .catch(report);
  }
}

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

function toLsp(diagnostic: Diagnostic): LspDiagnostic {
  const { code, severity, message, hint, span } = diagnostic;
  return {
    range: rangeOf(span),
    severity: severities[severity],
    code,
    source: "millrace",
    message: hint ? `${message} ${hint}` : message,
  };
}

// ── What a client may say and ask ───────────────────────────────────────────

function report(error: unknown): void {
  connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** A handler whose errors end in the log and in null, never in a dead server. */
function answer<P extends { readonly uri: string }, R>(
  handler: (params: P, token: CancellationToken) => Promise<R | undefined> | R | undefined,
): (params: P, token: CancellationToken) => Promise<R | null> {
  return async (params, token) => {
    try {
      if (typeof (params as Partial<P> | undefined)?.uri !== "string") return null;
      return (await handler(params, token)) ?? null;
    } catch (error) {
      // What the user asked for and cannot have is said to the user.
      if (error instanceof Refusal) throw new ResponseError(ErrorCodes.InvalidParams, error.message);
      report(error);
      return null;
    }
  };
}

/** What LSP asks about a place or a file; only some methods have the rest. */
interface Asked {
  readonly textDocument: { readonly uri: string };
  readonly position: Position;
  readonly context?: { readonly includeDeclaration?: boolean };
  readonly newName?: string;
}

/** A handler for a Python file that speaks of pipelines; others are another server's. */
function onPython(method: string, handler: (path: string, asked: Asked) => unknown): void {
  connection.onRequest(method, (asked: Asked, token: CancellationToken) =>
    answer(({ uri }: { uri: string }) => {
      const path = pathAsked(uri);
      return isPipelinePython(path) ? handler(path, asked) : undefined;
    })(asked.textDocument, token),
  );
}

function isPipelinePython(path: string): boolean {
  return languageOf(path) === "python" && speaksOfPipelines(path, files.read(path) ?? "");
}

function on<M extends keyof LanguageRequests>(
  method: M,
  handler: (
    params: LanguageRequests[M]["params"],
    token: CancellationToken,
  ) => Promise<LanguageRequests[M]["result"] | undefined> | LanguageRequests[M]["result"] | undefined,
): void {
  connection.onRequest(method, answer(handler));
}

const versionOf = (path: string): { version?: number } => {
  const version = open.get(path)?.version;
  return version === undefined ? {} : { version };
};

on("millrace/definitions", async ({ uri }) => {
  const path = pathAsked(uri);
  if (!speaksOfPipelines(path, files.read(path) ?? "")) return { definitions: [] };
  const { definitions } = await workspace.analysis(path);
  return { ...versionOf(path), definitions: definitions.map(describe) };
});

function describe(definition: Definition): DefinitionInfo {
  const { kind, symbol, name, description, inputs, outputs, span, nameSpan } = definition;
  return {
    kind,
    symbol,
    name,
    ...(description ? { description } : {}),
    inputs,
    outputs,
    range: rangeOf(span),
    nameRange: rangeOf(nameSpan),
  };
}

on("millrace/graph", async ({ uri, symbol, folded }) => {
  const path = pathAsked(uri);
  const version = versionOf(path);
  const { graph, diagnostics } = await workspace.graph(path, symbol, folded ?? []);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  return {
    ...version,
    ...(graph ? { graph } : {}),
    ...(first ? { problem: { message: first.message, count: errors.length } } : {}),
  };
});

on("millrace/sourceOf", async ({ uri, symbol, node }) => {
  const { compiled } = await workspace.compiled(pathAsked(uri), symbol);
  const span = compiled && placeOf(compiled, node);
  return span && locationOf(span);
});

on("millrace/nodeAt", async ({ uri, symbol, position }) => {
  const path = pathAsked(uri);
  return await nodeAt(path, symbol, offsetOf(path, position));
});

async function nodeAt(
  path: string,
  symbol: string | undefined,
  offset: number,
): Promise<{ symbol: string; node: string } | undefined> {
  const { definitions } = await workspace.analysis(path);
  const around = definitions.filter(({ symbol: own, name, span }) =>
    symbol === undefined
      ? span.path === path && span.start <= offset && offset <= span.end
      : own === symbol || name === symbol,
  );
  for (const definition of around) {
    const { compiled } = await workspace.compiled(path, definition.symbol);
    const node = compiled && taskAt(compiled, path, offset);
    if (node !== undefined) return { symbol: definition.symbol, node };
  }
  return undefined;
}

on("millrace/cells", ({ uri }) => {
  const path = pathAsked(uri);
  const text = files.read(path);
  if (text === undefined) return undefined;
  let start = 0;
  const cells = readCells(text, languageOf(path) === "typescript" ? "typescript" : "python").map(
    ({ kind, title, text: shown, raw }) => {
      const end = start + (raw ? raw.marker.length + raw.source.length : 0);
      const range = rangeOf({ path, start, end });
      start = end;
      return { kind, ...(title ? { title } : {}), text: shown, range };
    },
  );
  return { cells };
});

on("millrace/compile", async ({ uri, symbol }) => {
  const { definition, compiled, diagnostics } = await workspace.compiled(pathAsked(uri), symbol);
  const problem = diagnostics.find(({ severity }) => severity === "error")?.message;
  if (problem !== undefined) return { problem };
  if (!definition)
    return { problem: symbol === undefined ? "This file has no pipeline." : `This file has no pipeline "${symbol}".` };
  return compiled ? { yaml: writePackage(compiled) } : { problem: `"${definition.name}" cannot be compiled.` };
});

connection.onHover((params, token) =>
  answer(async ({ uri }: { uri: string }) => {
    const path = pathAsked(uri);
    if (!speaksOfPipelines(path, files.read(path) ?? "")) return undefined;
    const own = languageOf(path) === "python" ? python.hover(path, params.position) : undefined;
    if (own) return own;
    const offset = offsetOf(path, params.position);
    const { definitions } = await workspace.analysis(path);
    const named = definitions.find(
      ({ nameSpan }) => nameSpan.path === path && nameSpan.start <= offset && offset <= nameSpan.end,
    );
    if (named) {
      const { compiled } = await workspace.compiled(path, named.symbol);
      return {
        contents: { kind: "markdown" as const, value: definitionHover(named, compiled) },
        range: rangeOf(named.nameSpan),
      };
    }
    const at = await nodeAt(path, undefined, offset);
    if (!at) return undefined;
    const { compiled } = await workspace.compiled(path, at.symbol);
    const value = compiled && taskHover(compiled, at.node);
    return value === undefined ? undefined : { contents: { kind: "markdown" as const, value } };
  })(params.textDocument, token),
);

connection.onDefinition((params, token) =>
  answer(async ({ uri }: { uri: string }) => {
    const path = pathAsked(uri);
    const text = files.read(path);
    if (text === undefined || !speaksOfPipelines(path, text)) return undefined;
    if (languageOf(path) === "python") return python.definition(path, params.position);
    const span = await linkedPlace(path, text, offsetOf(path, params.position), files, workspace);
    return span && locationOf(span);
  })(params.textDocument, token),
);

connection.onCodeAction((params, token) =>
  answer(async ({ uri }: { uri: string }) => {
    const path = pathAsked(uri);
    const text = files.read(path);
    if (text === undefined || !speaksOfPipelines(path, text)) return undefined;
    if (languageOf(path) === "python") return python.codeActions(path, params.range, params.context.diagnostics);
    if (languageOf(path) !== "typescript") return undefined;
    const { settingsFix } = await import("./typescript/project-settings.ts");
    const at = { start: offsetOf(path, params.range.start), end: offsetOf(path, params.range.end) };
    const fix = settingsFix(path, text, at, files, folders);
    if (!fix) return undefined;
    const target = uriOf(fix.path);
    const edits = fix.edits.map(({ span, text: newText }) => ({ range: rangeOf(span), newText }));
    const change = { textDocument: { uri: target, version: null }, edits };
    const create = { kind: "create" as const, uri: target, options: { ignoreIfExists: true } };
    return [{ title: fix.title, kind: "quickfix", edit: { documentChanges: fix.isNew ? [create, change] : [change] } }];
  })(params.textDocument, token),
);

onPython("textDocument/completion", (path, { position }) => python.completion(path, position));
onPython("textDocument/signatureHelp", (path, { position }) => python.signatureHelp(path, position));
onPython("textDocument/references", (path, { position, context }) =>
  python.references(path, position, context?.includeDeclaration ?? true),
);
onPython("textDocument/prepareRename", (path, { position }) => python.prepareRename(path, position));
onPython("textDocument/rename", (path, { position, newName = "" }) => python.rename(path, position, newName));
onPython("textDocument/semanticTokens/full", (path) => python.semanticTokens(path));

connection.onDocumentSymbol((params, token) =>
  answer(async ({ uri }: { uri: string }) => {
    const path = pathAsked(uri);
    // TypeScript's own server has an outline of the same names.
    if (languageOf(path) === "typescript" || !speaksOfPipelines(path, files.read(path) ?? "")) return undefined;
    const { definitions } = await workspace.analysis(path);
    return outline(path, definitions, (definition) => definition.compile().compiled).map(toSymbol);
  })(params.textDocument, token),
);

/** LSP's numbers: a namespace, a function, an event, an array. */
const symbolKinds = { pipeline: 3, component: 12, step: 24, group: 18 } as const;

function toSymbol({ name, detail, kind, span, nameSpan, children }: OutlineEntry): DocumentSymbol {
  const [range, selectionRange] = [rangeOf(span), rangeOf(nameSpan)];
  return { name, detail, kind: symbolKinds[kind], range, selectionRange, children: children.map(toSymbol) };
}

connection.onFoldingRanges((params, token) =>
  answer(({ uri }: { uri: string }) => {
    const path = pathAsked(uri);
    const text = files.read(path);
    const language = languageOf(path);
    if (text === undefined || language === undefined || language === "yaml") return undefined;
    return cellFolds(text, language).map(({ start, end }) => {
      const range = rangeOf({ path, start, end });
      return { startLine: range.start.line, endLine: range.end.line, kind: "region" };
    });
  })(params.textDocument, token),
);

/** Milliseconds; a view shows what was found by then. */
const listingLimitMs = 10_000;

connection.onRequest(
  "millrace/pipelines",
  async (_: unknown, token: CancellationToken): Promise<WorkspaceRequests["millrace/pipelines"]["result"]> => {
    const cancelled = new AbortController();
    const subscription = token.onCancellationRequested(() => cancelled.abort());
    try {
      const { pipelines, complete } = await listPipelines(
        workspaceFiles(),
        {
          glance: (path) => files.glance(path),
          analyze: (path) => (open.has(path) ? workspace.analysis(path) : analyzeFile(path, files, optionsFor(path))),
          pause: () => new Promise((resolve) => setImmediate(resolve)),
          now: () => performance.now(),
          signal: cancelled.signal,
        },
        listingLimitMs,
      );
      const listed = pipelines.map(({ nameSpan, ...rest }) => ({
        ...rest,
        uri: uriOf(nameSpan.path),
        nameRange: rangeOf(nameSpan),
      }));
      return { complete, pipelines: listed.sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : 0)) };
    } finally {
      subscription.dispose();
    }
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
      completionProvider: { triggerCharacters: ["(", ",", '"', "'", "."] },
      signatureHelpProvider: { triggerCharacters: ["(", ","] },
      referencesProvider: true,
      renameProvider: { prepareProvider: true },
      documentSymbolProvider: { label: "Millrace" },
      foldingRangeProvider: true,
      semanticTokensProvider: { legend: { tokenTypes: ["variable"], tokenModifiers: ["channel"] }, full: true },
      codeActionProvider: { codeActionKinds: ["quickfix"] },
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
      schedule(path);
    }
  },
);

documents.onDidOpen(({ document }) => {
  const path = pathOf(document.uri, document.languageId);
  open.set(path, document);
  changed(path);
});

documents.onDidChangeContent(({ document }) => {
  const path = pathOf(document.uri, document.languageId);
  open.set(path, document);
  changed(path);
});

documents.onDidClose(({ document }) => {
  const path = pathOf(document.uri, document.languageId);
  open.delete(path);
  python.forget(path);
  workspace.forget(path);
  known.delete(path);
  if (found.has(path)) {
    publish(path, []);
    found.delete(path);
  }
  scheduleStale();
});

connection.onDidChangeWatchedFiles(() => scheduleStale());

/** The file itself, and open ones that were read with it. */
function changed(path: string): void {
  schedule(path);
  for (const other of open.keys()) if (other !== path && workspace.sources(other).includes(path)) schedule(other);
}

function scheduleStale(): void {
  for (const path of open.keys()) if (known.has(path) && !workspace.isFresh(path)) schedule(path);
}

process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
  // Nobody listens any more.
  if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") process.exit(1);
  report(error);
});
process.on("unhandledRejection", report);

documents.listen(connection);
connection.listen();
