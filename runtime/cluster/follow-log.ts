import type { Time } from "../events.ts";
import { backoff, isAborted } from "./backoff.ts";
import { HttpError, lines, type Server } from "./http.ts";

export interface LogLine {
  /** When the kubelet took it, in milliseconds since 1970. */
  readonly at: Time;
  readonly text: string;
}

export interface FollowOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly signal: AbortSignal;
  /** What is there already, from an earlier follower. */
  readonly known?: readonly LogLine[];
  /** Whether the container has ended: then the next stream that ends in order was the last. */
  ended(): boolean;
  onLine(line: LogLine): void;
  /** Silence after which a connection is made anew. A step may be silent for long; asking again costs one request. */
  readonly idleMs?: number;
}

/**
 * Follows a container's log until the container has ended and all of it was
 * read, or the pod is gone, or the signal. No line is lost or given twice:
 * after a break it asks for everything since the second of the last line, and
 * takes away what it has of that second. Answers whether the log was read to
 * its end.
 */
export async function followLog(server: Server, options: FollowOptions): Promise<"complete" | "gone" | "stopped"> {
  const { signal } = options;
  const wait = backoff({ firstMs: 200, maxMs: 5_000 });
  let second = secondOf(options.known?.at(-1)?.at);
  let seen = (options.known ?? []).filter(({ at }) => secondOf(at) === second).map(key);
  while (!signal.aborted) {
    // Asked before the stream begins: what a stream of an ended container holds is all there is.
    const last = options.ended();
    const repeated = new Map<string, number>();
    for (const line of seen) repeated.set(line, (repeated.get(line) ?? 0) + 1);
    try {
      for await (const { text, whole } of lines(server, {
        path: address(options, second),
        signal,
        timeoutMs: options.idleMs ?? 60_000,
      })) {
        // Cut off in the middle: the next stream brings it whole.
        if (!whole && !last) break;
        const line = split(text);
        const again = repeated.get(key(line)) ?? 0;
        if (again > 0) {
          repeated.set(key(line), again - 1);
          continue;
        }
        const its = secondOf(line.at) ?? 0;
        if (second === undefined || its > second) {
          second = its;
          seen = [];
        }
        seen.push(key(line));
        options.onLine(line);
        wait.reset();
      }
      if (last) return "complete";
    } catch (error) {
      if (isAborted(signal)) break;
      if (error instanceof HttpError && error.status === 404) return "gone";
      if (error instanceof HttpError && (error.status === 401 || error.status === 403)) throw error;
      // 400: the container has not started. Anything else: the way there is broken.
    }
    await wait.wait(signal);
  }
  return "stopped";
}

function address(options: FollowOptions, second: number | undefined): string {
  const query = new URLSearchParams({ container: options.container, follow: "true", timestamps: "true" });
  if (second !== undefined) query.set("sinceTime", new Date(second * 1000).toISOString());
  return `/api/v1/namespaces/${options.namespace}/pods/${options.pod}/log?${query.toString()}`;
}

/** `2026-11-21T10:46:03.007181624Z text`. */
function split(line: string): LogLine {
  const space = line.indexOf(" ");
  const at = Date.parse(space < 0 ? line : line.slice(0, space));
  return Number.isNaN(at) ? { at: Date.now(), text: line } : { at, text: space < 0 ? "" : line.slice(space + 1) };
}

/** The kubelet's `sinceTime` knows whole seconds only. */
function secondOf(at: Time | undefined): number | undefined {
  return at === undefined ? undefined : Math.floor(at / 1000);
}

function key(line: LogLine): string {
  return `${line.at} ${line.text}`;
}
