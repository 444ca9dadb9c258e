/**
 * The language server as the extension uses it. A small client of our own over
 * vscode-jsonrpc: vscode-languageclient alone is 427 KiB, more than the whole
 * extension host bundle may be.
 */
import {
  type CancellationToken,
  EventEmitter,
  type Event,
  Range,
  type TextDocument,
  type TextDocumentContentChangeEvent,
  Uri,
  workspace,
} from "vscode";
import type { MessageConnection } from "vscode-jsonrpc";
import type { LanguageMessages, LanguageSettings } from "../language/protocol.ts";
import type { PythonResult } from "../language/python/by-python.ts";
import { chosenInterpreter, pythonSettings } from "./chosen-python.ts";
import type { Report } from "./report.ts";
import { serverProcess } from "./server-process.ts";
import type { Owned } from "./owned.ts";

export interface LspPosition {
  readonly line: number;
  readonly character: number;
}
export interface LspRange {
  readonly start: LspPosition;
  readonly end: LspPosition;
}
export interface LspDiagnostic {
  readonly range: LspRange;
  readonly severity?: number;
  readonly code?: string | number;
  readonly source?: string;
  readonly message: string;
  readonly tags?: readonly number[];
  readonly relatedInformation?: readonly {
    readonly location: { readonly uri: string; readonly range: LspRange };
    readonly message: string;
  }[];
}

export interface Language extends Owned {
  /** Rejects while the server is down, and where it is cancelled before it is worked out; views then keep what they have. */
  request(method: string, params: object, token?: CancellationToken): Promise<unknown>;
  /** Whether a notebook shows a file: the server then says of its cells what TypeScript's own server cannot. */
  showCells(file: Uri, shown: boolean): void;
  /** Text of a file that the editor shows as something else, a notebook; undefined when that is closed. */
  setText(file: Uri, languageId: string, text: string | undefined): void;
  /** What the user's own Python made of a file. */
  setPython(file: Uri, result: PythonResult): void;
  /** Whether this is the text of a file as the server has it: shown twice, a file is what was changed last. */
  reads(file: Uri, text: string): boolean;
  /** A file's analysis is new: what was asked about it may have other answers. */
  readonly onChanged: Event<Uri>;
  readonly onDiagnostics: Event<{ readonly uri: Uri; readonly diagnostics: readonly LspDiagnostic[] }>;
  readonly onRestarted: Event<void>;
  /** A folder has types for TypeScript that had none. */
  readonly onTypesMade: Event<void>;
  /** What the server said it can do, after its first start. */
  readonly onCapabilities: Event<Readonly<Record<string, unknown>>>;
  pid(): number | undefined;
}

export const languages: readonly string[] = ["python", "typescript", "yaml", "json"];

/** Whether a document can have to do with pipelines: the server is not started for a window without any. */
export function mayHavePipelines(document: TextDocument): boolean {
  if (document.uri.scheme !== "file" && document.uri.scheme !== "untitled" && document.uri.scheme !== "millrace-spec")
    return false;
  if (document.languageId === "json") return /"pipelineInfo"/.test(document.getText());
  if (document.languageId === "python") return /\bkfp\b/.test(document.getText());
  if (document.languageId === "typescript") return /["']millrace["']/.test(document.getText());
  if (document.languageId !== "yaml") return false;
  return /\b(?:pipelineInfo|deploymentSpec|schemaVersion)\b|^implementation:\s+container:/m.test(document.getText());
}

export function createLanguage(script: string, report: Report): Language {
  const changed = new EventEmitter<Uri>();
  const diagnostics = new EventEmitter<{ uri: Uri; diagnostics: readonly LspDiagnostic[] }>();
  const restarted = new EventEmitter<void>();
  const typesMade = new EventEmitter<void>();
  const capable = new EventEmitter<Readonly<Record<string, unknown>>>();
  /** Versions that the living server knows, by URI. */
  const open = new Map<string, number>();
  const texts = new Map<string, { languageId: string; text: string }>();
  /** What Python compiled last, and what it raised after that, by URI. */
  const results = new Map<string, readonly PythonResult[]>();
  /** Files that a notebook shows. */
  const cells = new Set<string>();
  /** Files of `texts` whose plain text was changed after it. */
  const plainIsNewer = new Set<string>();
  let live: MessageConnection | undefined;
  let wanted = false;

  const server = serverProcess({
    name: "Language server",
    script,
    report,
    async greet(connection) {
      live = undefined;
      open.clear();
      connection.onNotification(
        "textDocument/publishDiagnostics",
        (params: { uri: string; diagnostics: LspDiagnostic[] }) =>
          diagnostics.fire({ uri: Uri.parse(params.uri), diagnostics: params.diagnostics }),
      );
      connection.onNotification("millrace/changed", (params: { uri: string }) => changed.fire(Uri.parse(params.uri)));
      connection.onNotification("millrace/typesMade", () => typesMade.fire());
      connection.onNotification("window/logMessage", (params: { message: string }) => report.log(params.message));
      connection.onRequest("workspace/configuration", (params: { items: readonly { section?: string }[] }) =>
        params.items.map(({ section }) => workspace.getConfiguration().get(section ?? "millrace") ?? null),
      );
      connection.onRequest("client/registerCapability", () => null);
      connection.onRequest("window/workDoneProgress/create", () => null);
      const answer: { capabilities?: Record<string, unknown> } = await connection.sendRequest("initialize", hello());
      await connection.sendNotification("initialized", {});
      live = connection;
      for (const [uri, { languageId, text }] of texts) openText(uri, languageId, text);
      for (const document of workspace.textDocuments) didOpen(document);
      for (const [uri, made] of results) for (const result of made) tellPython(uri, result);
      for (const uri of cells) tellCells(uri, true);
      capable.fire(answer.capabilities ?? {});
      tellChosenPython();
    },
    restarted: () => restarted.fire(),
  });

  // To start a process keeps this thread for ten milliseconds and more: the editor, which waits for the activation, first.
  const activated = new Promise<void>((resolve) => setImmediate(resolve));
  const connect = () => activated.then(() => server.connection());

  const notify = (method: string, params: object) => {
    live?.sendNotification(method, params).catch(() => undefined);
  };

  const tellSettings = (settings: LanguageSettings) =>
    notify("millrace/settings", settings satisfies LanguageMessages["millrace/settings"]);

  /** Where the settings name no Python, it is the one that is chosen in the Python extension. */
  function tellChosenPython(): void {
    if (pythonSettings().interpreter !== undefined) return;
    chosenInterpreter(workspace.workspaceFolders?.[0]?.uri, { wake: false }).then(
      (interpreter) => interpreter !== undefined && tellSettings({ interpreter }),
      (error: unknown) => report.log(String(error)),
    );
  }

  function didOpen(document: TextDocument): void {
    if (!languages.includes(document.languageId)) return;
    // Most JSON is large and has to do with nothing here.
    if (document.languageId === "json" && !mayHavePipelines(document)) return;
    if (!wanted && mayHavePipelines(document)) {
      wanted = true;
      connect().catch((error: unknown) => report.log(String(error)));
      return;
    }
    const uri = document.uri.toString();
    if (!live || open.has(uri) || !synced(document)) return;
    open.set(uri, document.version);
    const { languageId, version } = document;
    notify("textDocument/didOpen", { textDocument: { uri, languageId, version, text: document.getText() } });
  }

  function openText(uri: string, languageId: string, text: string): void {
    if (!live || open.has(uri)) return;
    open.set(uri, 1);
    notify("textDocument/didOpen", { textDocument: { uri, languageId, version: 1, text } });
  }

  const tellPython = (uri: string, result: PythonResult) =>
    notify("millrace/compiledWithPython", {
      uri,
      result,
    } satisfies LanguageMessages["millrace/compiledWithPython"]);

  const tellCells = (uri: string, shown: boolean) =>
    notify("millrace/cells", { uri, shown } satisfies LanguageMessages["millrace/cells"]);

  const plainText = (uri: string) => workspace.textDocuments.find((document) => document.uri.toString() === uri);

  function setText(file: Uri, languageId: string, text: string | undefined): void {
    const uri = file.toString();
    if (text === undefined) {
      if (!texts.delete(uri)) return;
      plainIsNewer.delete(uri);
      const plain = plainText(uri);
      if (plain) tellWhole(uri, plain.getText());
      else if (open.delete(uri)) notify("textDocument/didClose", { textDocument: { uri } });
      return;
    }
    if (texts.get(uri)?.text === text) return;
    texts.set(uri, { languageId, text });
    plainIsNewer.delete(uri);
    if (open.has(uri)) tellWhole(uri, text);
    else {
      wanted = true;
      if (live) openText(uri, languageId, text);
      else connect().catch((error: unknown) => report.log(String(error)));
    }
  }

  function tellWhole(uri: string, text: string): void {
    const version = (open.get(uri) ?? 0) + 1;
    open.set(uri, version);
    notify("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ text }] });
  }

  function didChange(document: TextDocument, changes: readonly TextDocumentContentChangeEvent[]): void {
    const uri = document.uri.toString();
    const before = open.get(uri);
    if (before === undefined) return didOpen(document);
    if (changes.length === 0) return;
    if (texts.has(uri)) {
      plainIsNewer.add(uri);
      return tellWhole(uri, document.getText());
    }
    const version = Math.max(document.version, before + 1);
    open.set(uri, version);
    notify("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: changes.map(({ range, rangeLength, text }) => ({ range: fromRange(range), rangeLength, text })),
    });
  }

  function didClose({ uri }: TextDocument): void {
    const key = uri.toString();
    const shown = texts.get(key);
    if (shown) {
      if (plainIsNewer.delete(key)) tellWhole(key, shown.text);
    } else if (open.delete(key)) notify("textDocument/didClose", { textDocument: { uri: key } });
  }

  const watcher = workspace.createFileSystemWatcher("**/*.{py,ts,mts,cts,yaml,yml,ipynb}");
  const watched = (type: 1 | 2 | 3) => (uri: Uri) =>
    notify("workspace/didChangeWatchedFiles", { changes: [{ uri: uri.toString(), type }] });
  const subscriptions: Owned[] = [
    workspace.onDidOpenTextDocument(didOpen),
    workspace.onDidChangeTextDocument(({ document, contentChanges }) => didChange(document, contentChanges)),
    workspace.onDidSaveTextDocument(({ uri }) => {
      if (open.has(uri.toString())) notify("textDocument/didSave", { textDocument: { uri: uri.toString() } });
    }),
    workspace.onDidCloseTextDocument(didClose),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("millrace.python")) tellSettings(pythonSettings());
    }),
    workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const plain = (folders: typeof added) => folders.map(({ uri, name }) => ({ uri: uri.toString(), name }));
      notify("workspace/didChangeWorkspaceFolders", { event: { added: plain(added), removed: plain(removed) } });
    }),
    watcher,
    watcher.onDidCreate(watched(1)),
    watcher.onDidChange(watched(2)),
    watcher.onDidDelete(watched(3)),
    changed,
    diagnostics,
    restarted,
    typesMade,
    capable,
  ];
  for (const document of workspace.textDocuments) didOpen(document);

  return {
    async request(method, params, token) {
      wanted = true;
      const connection = await connect();
      return token ? connection.sendRequest(method, params, token) : connection.sendRequest(method, params);
    },
    showCells(file, shown) {
      const uri = file.toString();
      if (shown === cells.has(uri)) return;
      if (shown) cells.add(uri);
      else cells.delete(uri);
      tellCells(uri, shown);
    },
    setText,
    setPython(file, result) {
      const before = result.kind === "raised" ? (results.get(file.toString()) ?? []) : [];
      results.set(file.toString(), [...before.filter(({ kind }) => kind === "compiled"), result]);
      tellPython(file.toString(), result);
    },
    reads(file, text) {
      const uri = file.toString();
      const shown = plainIsNewer.has(uri) ? undefined : texts.get(uri);
      return (shown ? shown.text : plainText(uri)?.getText()) === text;
    },
    onChanged: changed.event,
    onDiagnostics: diagnostics.event,
    onRestarted: restarted.event,
    onTypesMade: typesMade.event,
    onCapabilities: capable.event,
    pid: () => server.pid(),
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
      server.dispose();
    },
  };
}

const synced = ({ uri }: TextDocument) => ["file", "untitled", "millrace-spec"].includes(uri.scheme);

function hello(): object {
  return {
    processId: process.pid,
    clientInfo: { name: "millrace" },
    rootUri: workspace.workspaceFolders?.[0]?.uri.toString() ?? null,
    workspaceFolders: (workspace.workspaceFolders ?? []).map(({ uri, name }) => ({ uri: uri.toString(), name })),
    initializationOptions: pythonSettings() satisfies LanguageSettings,
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      workspace: { workspaceFolders: true, configuration: true, didChangeWatchedFiles: {} },
      textDocument: {
        synchronization: { didSave: true },
        publishDiagnostics: { relatedInformation: true, tagSupport: { valueSet: [1, 2] } },
        hover: { contentFormat: ["markdown", "plaintext"] },
        completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
        codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor"] } } },
      },
    },
  };
}

export function toRange({ start, end }: LspRange): Range {
  return new Range(start.line, start.character, end.line, end.character);
}

function fromRange({ start, end }: Range): LspRange {
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}
