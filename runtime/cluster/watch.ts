import type { Json } from "../../language/spec/types.ts";
import { backoff, isAborted } from "./backoff.ts";
import { HttpError, lines, send, type Server } from "./http.ts";
import { list, number, parse, text } from "./json.ts";

export interface WatchOptions {
  /** Of the collection: `/api/v1/namespaces/kubeflow/pods`. */
  readonly path: string;
  readonly labelSelector: string;
  readonly signal: AbortSignal;
  /** Called with each object that is new or changed; after a reconnect also with ones that are not. */
  onObject(object: Json): void;
  /** A connection was lost; the watch goes on by itself. */
  onTrouble?(error: unknown): void;
  /** Silence after which the connection is taken for dead; bookmarks come about once a minute. */
  readonly idleMs?: number;
}

/**
 * Lists a collection and follows its changes until the signal. Survives
 * streams that end, break, fall silent or hold text that is not JSON: it goes
 * on from the last resourceVersion, or lists anew where the server has
 * forgotten that (410). Throws HttpError only where trying again is of no use:
 * 401, 403, 404.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function watch(server: Server, options: WatchOptions): Promise<void> {
  const { signal } = options;
  const wait = backoff();
  let version: string | undefined;
  let unreadable = 0;
  while (!signal.aborted) {
    try {
      if (version === undefined) {
        const page = await send(server, { path: address(options, {}), signal });
        for (const item of list(page, "items")) options.onObject(item);
        version = text(page, "metadata", "resourceVersion") ?? "0";
        unreadable = 0;
      }
      const query = { watch: "true", allowWatchBookmarks: "true", resourceVersion: version };
      for await (const line of lines(server, {
        path: address(options, query),
        signal,
        timeoutMs: options.idleMs ?? 90_000,
      })) {
        const event = line.whole ? parse(line.text) : undefined;
        const type = text(event, "type");
        if (type === undefined) throw new Unreadable();
        const object = record(event);
        if (type === "ERROR") {
          if (number(object, "code") === 410) version = undefined;
          throw new HttpError(number(object, "code") ?? 500, text(object, "message") ?? "the watch failed");
        }
        if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") options.onObject(object);
        version = text(object, "metadata", "resourceVersion") ?? version;
        unreadable = 0;
        wait.reset();
      }
      // Ended in order: servers end each watch after some minutes.
      await wait.wait(signal);
    } catch (error) {
      if (isAborted(signal)) return;
      if (error instanceof HttpError && [401, 403, 404].includes(error.status)) throw error;
      if (error instanceof HttpError && error.status === 410) version = undefined;
      // A line that stays unreadable is got round by listing.
      if (error instanceof Unreadable && ++unreadable > 2) version = undefined;
      options.onTrouble?.(error);
      await wait.wait(signal);
    }
  }
}

class Unreadable extends Error {
  constructor() {
    super("the watch sent something that is not JSON");
  }
}

function record(event: Json | undefined): Json {
  return typeof event === "object" && event !== null && "object" in event ? event.object : null;
}

function address(options: WatchOptions, query: Record<string, string>): string {
  return `${options.path}?${new URLSearchParams({ labelSelector: options.labelSelector, ...query }).toString()}`;
}
