import { createHash } from "node:crypto";
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TaskPath } from "../events.ts";

export type Stream = "out" | "err" | "system";
const streams: readonly Stream[] = ["out", "err", "system"];

/** Bytes of one line's record in an index: offset (6), time in ms since 1970 (6), stream (1), spare (3), little-endian. */
const recordBytes = 16;
/** How long text without a line end may wait for one. */
const partialMs = 200;

export interface Line {
  /** Of its first byte in the log. */
  readonly offset: number;
  readonly at: number;
  readonly stream: Stream;
  readonly text: string;
}

/** The folder name of a task: its path, shortened where a file system would refuse it. */
export function taskFolder(path: TaskPath): string {
  const safe = path.replaceAll(/[^\w.[\]-]/g, "_");
  return safe.length <= 120
    ? safe
    : `${safe.slice(0, 100)}-${createHash("sha256").update(path).digest("hex").slice(0, 12)}`;
}

/** `<run>/logs/<task>/<attempt>.log`; its index stands beside it as `.index`. */
export function logFile(runFolder: string, path: TaskPath, attempt: number): string {
  return join(runFolder, "logs", taskFolder(path), `${attempt}.log`);
}

/** Logs of a task's attempts, in order. */
export function logFiles(runFolder: string, path: TaskPath): string[] {
  const folder = join(runFolder, "logs", taskFolder(path));
  if (!existsSync(folder)) return [];
  const attempts = readdirSync(folder).flatMap((name) => (/^\d+\.log$/.test(name) ? [Number.parseInt(name, 10)] : []));
  return attempts.sort((a, b) => a - b).map((attempt) => join(folder, `${attempt}.log`));
}

export interface LogWriter {
  /** Takes bytes as they come; they are on disk at once but for a line's unfinished end, which waits a moment. `at` is now where absent. */
  write(stream: Stream, chunk: Buffer | string, at?: number): void;
  /** The last lines of out and err, without line ends. */
  tail(stream: Stream): readonly string[];
  close(): void;
}

/**
 * A log of lines from several streams. Lines of different streams are never
 * mixed; each is in the index with its offset and the time its end arrived.
 * Begins anew, or with `resume` goes on where it stopped.
 */
export function openLog(file: string, { resume = false } = {}): LogWriter {
  mkdirSync(join(file, ".."), { recursive: true });
  const log = openSync(file, resume ? "a" : "w");
  const index = openSync(indexOf(file), resume ? "a" : "w");
  const partial: Record<Stream, Buffer> = { out: empty, err: empty, system: empty };
  const tails: Record<Stream, string[]> = { out: [], err: [], system: [] };
  let offset = fstatSync(log).size;
  let timer: NodeJS.Timeout | undefined;

  const flush = (stream: Stream, bytes: Buffer, at = Date.now()): void => {
    const records: Buffer[] = [];
    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(newline, start) + 1 || bytes.length;
      const record = Buffer.alloc(recordBytes);
      record.writeUIntLE(offset + start, 0, 6);
      record.writeUIntLE(at, 6, 6);
      record.writeUInt8(streams.indexOf(stream), 12);
      records.push(record);
      start = end;
    }
    writeSync(log, bytes);
    offset += bytes.length;
    // The index after the text: a reader never sees a line that is not there yet.
    writeSync(index, Buffer.concat(records));
    if (bytes.length > 0)
      tails[stream] = [...tails[stream], ...bytes.subarray(-tailBytes).toString("utf8").trimEnd().split("\n")].slice(
        -tailLines,
      );
  };
  const flushPartials = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const stream of streams) {
      if (partial[stream].length === 0) continue;
      flush(stream, Buffer.concat([partial[stream], lineEnd]));
      partial[stream] = empty;
    }
  };

  return {
    write(stream, chunk, at) {
      const bytes = Buffer.concat([partial[stream], typeof chunk === "string" ? Buffer.from(chunk) : chunk]);
      const end = bytes.lastIndexOf(newline) + 1;
      if (end > 0) flush(stream, bytes.subarray(0, end), at);
      partial[stream] = bytes.subarray(end);
      if (partial[stream].length > 0) timer ??= setTimeout(flushPartials, partialMs).unref();
    },
    tail: (stream) => tails[stream],
    close() {
      flushPartials();
      closeSync(log);
      closeSync(index);
    },
  };
}

/** Lines `from` … `from + count - 1` of a log, and how many there are so far. */
export function readLines(
  file: string,
  from: number,
  count: number,
): { readonly lines: readonly Line[]; readonly total: number } {
  if (!existsSync(indexOf(file))) return { lines: [], total: 0 };
  const index = openSync(indexOf(file), "r");
  try {
    const total = Math.floor(fstatSync(index).size / recordBytes);
    const last = Math.min(from + count, total);
    if (from >= last) return { lines: [], total };
    // One record more than asked for, where there is one: it says where the last line ends.
    const records = Buffer.alloc((Math.min(last + 1, total) - from) * recordBytes);
    readSync(index, records, 0, records.length, from * recordBytes);
    const log = openSync(file, "r");
    try {
      const start = records.readUIntLE(0, 6);
      const end = last < total ? records.readUIntLE((last - from) * recordBytes, 6) : fstatSync(log).size;
      const bytes = Buffer.alloc(end - start);
      readSync(log, bytes, 0, bytes.length, start);
      const lines = Array.from({ length: last - from }, (_, i): Line => {
        const at = i * recordBytes;
        const offset = records.readUIntLE(at, 6);
        const stop = i + 1 < last - from ? records.readUIntLE(at + recordBytes, 6) : end;
        const text = bytes
          .subarray(offset - start, stop - start)
          .toString("utf8")
          .replace(/\r?\n$/, "");
        return {
          offset,
          at: records.readUIntLE(at + 6, 6),
          stream: streams[records.readUInt8(at + 12)] ?? "out",
          text,
        };
      });
      return { lines, total };
    } finally {
      closeSync(log);
    }
  } finally {
    closeSync(index);
  }
}

const empty: Buffer = Buffer.alloc(0);
const newline = 10;
const lineEnd = Buffer.from("\n");
const tailLines = 200;
const tailBytes = 64 << 10;

const indexOf = (file: string): string => file.replace(/\.log$/, ".index");
