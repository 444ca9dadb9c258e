/** The logs of a run's pods, into the same files and index as a local run's. */
import { type LogWriter, logFile, openLog, readLines } from "../local/logs.ts";
import type { TaskPath } from "../events.ts";
import type { Cluster } from "./connect.ts";
import { followLog, type LogLine } from "./follow-log.ts";
import { sendForText } from "./http.ts";
import type { Kfp } from "./kfp.ts";
import { launcherLog } from "./launcher-log.ts";
import type { Pod } from "./pods.ts";
import type { LogEnd } from "./tasks.ts";

export interface StepLogs {
  /** Tells how a pod is now; begins to follow its log when there is one. */
  see(path: TaskPath, attempt: number, pod: Pod): void;
  /** A driver has no log of its own in the run; of one that failed, the last complaint is wanted. */
  explainDriver(pod: Pod): void;
  readonly ends: ReadonlyMap<string, LogEnd>;
  /** Until all that is followed was read to its end, or the signal. */
  settled(signal: AbortSignal): Promise<void>;
}

export interface StepLogOptions {
  readonly cluster: Cluster;
  readonly kfp: Kfp;
  readonly remote: string;
  /** Folder of the run: logs are in `logs/` of it. */
  readonly folder: string;
  /** Whether the files are ours to write: somebody else may follow the same run. */
  readonly write: boolean;
  readonly signal: AbortSignal;
  /** A log has been read to its end. */
  onEnd(): void;
}

export function stepLogs(options: StepLogOptions): StepLogs {
  const { cluster, signal } = options;
  const latest = new Map<string, Pod>();
  const ends = new Map<string, LogEnd>();
  const followed = new Map<string, Promise<void>>();

  async function follow(path: TaskPath, attempt: number, first: Pod): Promise<void> {
    const marks = launcherLog();
    const file = logFile(options.folder, path, attempt);
    const known = knownLines(file);
    for (const { text } of known) marks.mark(text);
    let writer: LogWriter | undefined;
    const write = (line: string, at?: number) => {
      const { text, from } = marks.mark(line);
      writer ??= options.write ? openLog(file, { resume: known.length > 0 }) : undefined;
      writer?.write(from === "step" ? "out" : "system", `${text}\n`, at);
    };
    try {
      const how = await followLog(cluster, {
        namespace: first.namespace,
        pod: first.name,
        container: "main",
        signal,
        known,
        ended: () => latest.get(first.uid)?.ended ?? true,
        onLine: (line) => write(line.text, line.at),
      });
      if (how === "gone") {
        const archived = await options.kfp.archivedLog(options.remote, first.name, signal);
        const all = archived.split("\n").slice(0, archived.endsWith("\n") ? -1 : undefined);
        for (const line of all.slice(known.length)) write(line);
      }
    } catch {
      // No permission to read logs, or nothing was archived: the step goes on without its log.
    } finally {
      writer?.close();
      ends.set(first.uid, {
        ...(marks.exitCode === undefined ? {} : { exitCode: marks.exitCode }),
        ...lastLine(marks.lastLine ?? marks.complaint),
      });
      if (!signal.aborted) options.onEnd();
    }
  }

  async function readDriver(pod: Pod): Promise<void> {
    const marks = launcherLog();
    try {
      const log = await sendForText(cluster, {
        path: `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/log?container=main&tailLines=50`,
        signal,
      });
      for (const line of log.split("\n")) marks.mark(line);
    } catch {
      // Gone: the node's own message has to do.
    }
    ends.set(pod.uid, lastLine(marks.complaint ?? marks.lastLine));
    if (!signal.aborted) options.onEnd();
  }

  function once(uid: string, begin: () => Promise<void>): void {
    if (!followed.has(uid)) followed.set(uid, begin());
  }

  return {
    ends,
    see(path, attempt, pod) {
      latest.set(pod.uid, pod);
      if (pod.started || pod.ended) once(pod.uid, () => follow(path, attempt, pod));
    },
    explainDriver(pod) {
      once(pod.uid, () => readDriver(pod));
    },
    async settled(until) {
      const aborted = new Promise<void>((resolve) => until.addEventListener("abort", () => resolve(), { once: true }));
      await Promise.race([Promise.all(followed.values()), aborted]);
    },
  };
}

function lastLine(line: string | undefined): { lastLine?: string } {
  return line === undefined ? {} : { lastLine: line.slice(0, 500) };
}

/** What an earlier follower has written of this log. */
function knownLines(file: string): readonly LogLine[] {
  return readLines(file, 0, Number.MAX_SAFE_INTEGER).lines.map(({ at, text }) => ({ at, text }));
}
