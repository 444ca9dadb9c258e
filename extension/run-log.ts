/**
 * Logs as read-only files of a file system of our own, so that they are ordinary
 * editor tabs: found, folded, split and opened again after a restart. The editor
 * asks for the whole text after each change; the gap between changes therefore
 * grows with the text (a tenth of it is new each time), which keeps the sum linear.
 */
import {
  Disposable,
  EventEmitter,
  type FileChangeEvent,
  FileChangeType,
  FilePermission,
  FileSystemError,
  type FileStat,
  type FileSystemProvider,
  FileType,
  Range,
  TextEditorRevealType,
  Uri,
  ViewColumn,
  window,
  workspace,
} from "vscode";
import type { RunId, TaskId } from "../runtime/events.ts";
import { plainText } from "./plain-text.ts";
import type { Report } from "./report.ts";
import { sentence } from "./report.ts";
import type { Runtimes } from "./runtime-client.ts";
import type { Owned } from "./owned.ts";

export const logScheme = "millrace-log";

export interface LogIdentity {
  readonly folder: string;
  readonly run: RunId;
  readonly task?: TaskId;
}

/** Where a log is read; the path is only what the tab says. */
export function logUri(identity: LogIdentity, title: string): Uri {
  const path = `/${identity.run.slice(0, 8)}/${title.replaceAll("/", "_")}.log`;
  return Uri.from({ scheme: logScheme, path, query: JSON.stringify(identity) });
}

interface Log {
  readonly uri: Uri;
  readonly identity: LogIdentity;
  readonly chunks: Uint8Array[];
  size: number;
  /** Size that the editor was last told of. */
  told: number;
  toldAt: number;
  next: number;
  done: boolean;
  version: number;
  reading: Promise<void> | undefined;
  readonly clean: (text: string) => string;
}

const pollMs = 400;
const leastGapMs = 150;
/** Between two readings of a text of this many bytes at least a second passes. */
const bytesASecond = 4_000_000;

export interface RunLogs extends Owned {
  open(identity: LogIdentity, title: string): Promise<void>;
}

export function createRunLogs(runtimes: Runtimes, report: Report): RunLogs {
  const logs = new Map<string, Log>();
  const changes = new EventEmitter<FileChangeEvent[]>();
  const encoder = new TextEncoder();

  function logOf(uri: Uri): Log {
    const key = uri.toString();
    let log = logs.get(key);
    if (!log) {
      log = {
        uri,
        identity: identityOf(uri),
        chunks: [],
        size: 0,
        told: 0,
        toldAt: 0,
        next: 0,
        done: false,
        version: 1,
        reading: undefined,
        clean: plainText(),
      };
      logs.set(key, log);
    }
    return log;
  }

  /** Reads what is new; the first reading is awaited, so that a finished log opens whole. */
  function read(log: Log): Promise<void> {
    log.reading ??= pull(log).finally(() => {
      log.reading = undefined;
    });
    return log.reading;
  }

  async function pull(log: Log): Promise<void> {
    const runtime = runtimes.at(log.identity.folder);
    try {
      for (;;) {
        const chunk = await runtime.call("log", log.identity.run, log.identity.task, log.next);
        append(log, log.clean(chunk.text));
        const stuck = chunk.next === log.next;
        log.next = chunk.next;
        log.done = chunk.done;
        if (chunk.done || stuck) return;
      }
    } catch (error) {
      report.log(`Log of ${log.identity.run}: ${sentence(error)}`);
      if (log.size === 0) append(log, `${sentence(error)}\n`);
    }
  }

  function append(log: Log, text: string): void {
    if (text === "") return;
    const bytes = encoder.encode(text);
    log.chunks.push(bytes);
    log.size += bytes.length;
  }

  function tell(log: Log): void {
    if (log.size === log.told) return;
    const gapMs = Math.max(leastGapMs, (log.size / bytesASecond) * 1000);
    const enough = log.done || log.size - log.told > log.size / 10 || Date.now() - log.toldAt > 2000;
    if (Date.now() - log.toldAt < gapMs || !enough) return;
    log.told = log.size;
    log.toldAt = Date.now();
    log.version += 1;
    changes.fire([{ type: FileChangeType.Changed, uri: log.uri }]);
  }

  const isOpen = (log: Log) =>
    workspace.textDocuments.some((document) => document.uri.toString() === log.uri.toString());

  const timer = setInterval(() => {
    for (const [key, log] of logs) {
      if (log.done && log.told === log.size && !isOpen(log)) logs.delete(key);
      else if (isOpen(log)) void (log.done ? Promise.resolve() : read(log)).then(() => tell(log));
    }
  }, pollMs);

  /** An editor that showed the end goes on showing it. */
  const follow = workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (document.uri.scheme !== logScheme || contentChanges.length === 0) return;
    const added = contentChanges.reduce((lines, { text }) => lines + text.split("\n").length, 0);
    for (const editor of window.visibleTextEditors) {
      if (editor.document !== document) continue;
      const lastSeen = editor.visibleRanges.at(-1)?.end.line ?? 0;
      if (lastSeen + added + 2 < document.lineCount - 1) continue;
      const end = document.lineAt(document.lineCount - 1).range.end;
      editor.revealRange(new Range(end, end), TextEditorRevealType.Default);
    }
  });

  const provider: FileSystemProvider = {
    onDidChangeFile: changes.event,
    // The log itself says when it grew.
    watch: () => Disposable.from(),
    async stat(uri): Promise<FileStat> {
      const log = logOf(uri);
      if (log.size === 0) await read(log);
      return {
        type: FileType.File,
        ctime: 0,
        mtime: log.version,
        size: log.size,
        permissions: FilePermission.Readonly,
      };
    },
    async readFile(uri) {
      const log = logOf(uri);
      if (log.size === 0) await read(log);
      const whole = joined(log.chunks, log.size);
      log.chunks.splice(0, log.chunks.length, whole);
      log.told = log.size;
      return whole;
    },
    readDirectory: () => [],
    createDirectory: readOnly,
    writeFile: readOnly,
    delete: readOnly,
    rename: readOnly,
  };
  const registration = workspace.registerFileSystemProvider(logScheme, provider, {
    isReadonly: true,
    isCaseSensitive: true,
  });

  return {
    async open(identity, title) {
      const document = await workspace.openTextDocument(logUri(identity, title));
      const editor = await window.showTextDocument(document, {
        preview: false,
        // Not over a graph, which is where people ask for it.
        viewColumn: window.activeTextEditor?.viewColumn ?? ViewColumn.One,
      });
      // A log is read from its end: there is what was printed last, or why it failed.
      const end = document.lineAt(document.lineCount - 1).range.end;
      editor.revealRange(new Range(end, end));
    },
    dispose() {
      clearInterval(timer);
      follow.dispose();
      registration.dispose();
      changes.dispose();
      logs.clear();
    },
  };
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Throws FileNotFound for an address that is none of ours. */
export function identityOf(uri: Uri): LogIdentity {
  let identity: unknown;
  try {
    identity = JSON.parse(uri.query);
  } catch {
    throw FileSystemError.FileNotFound(uri);
  }
  if (typeof identity !== "object" || identity === null) throw FileSystemError.FileNotFound(uri);
  const folder: unknown = Reflect.get(identity, "folder");
  const run: unknown = Reflect.get(identity, "run");
  const task: unknown = Reflect.get(identity, "task");
  if (typeof folder !== "string" || typeof run !== "string") throw FileSystemError.FileNotFound(uri);
  return typeof task === "string" ? { folder, run, task } : { folder, run };
}

function readOnly(): never {
  throw FileSystemError.NoPermissions("A log is read-only.");
}
