import type { EventSink, RunEvent } from "../events.ts";
import { type EventsFile, openEventsFile } from "./events-file.ts";
import { processStart } from "./process.ts";
import type { Store } from "./store.ts";

export interface Recorder {
  readonly emit: EventSink;
  /** Writes what waits; throws UserError where the disk or the database refuses, and keeps it for the next try. */
  flush(): void;
  /** The last flush; the recorder is spent even where that throws. */
  close(): void;
}

/** Views follow within a second; a transaction for each event would be felt in a run of a thousand steps. */
const flushDelayMs = 20;

/**
 * Keeps a run's events: first in its folder, then in the store, in batches.
 * `onTrouble` hears once that writing fails; events wait in memory until it works again.
 */
export function openRecorder(store: Store, runFolder: string, onTrouble: (error: unknown) => void): Recorder {
  const file: EventsFile = openEventsFile(runFolder);
  let forFile: RunEvent[] = [];
  let forStore: RunEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let troubled = false;
  let closed = false;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    file.append(forFile);
    forFile = [];
    store.append(forStore);
    forStore = [];
    troubled = false;
  }

  function flushLater(): void {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        try {
          flush();
        } catch (error) {
          if (!troubled) onTrouble(error);
          troubled = true;
          flushLater();
        }
      },
      troubled ? 1000 : flushDelayMs,
    );
  }

  return {
    emit(event) {
      const start = event.kind === "run-created" && event.pid !== undefined ? processStart(event.pid) : undefined;
      const kept = event.kind === "run-created" && start !== undefined ? { ...event, processStart: start } : event;
      forFile.push(kept);
      forStore.push(kept);
      flushLater();
    },
    flush,
    close() {
      if (closed) return;
      closed = true;
      try {
        flush();
      } finally {
        clearTimeout(timer);
        file.close();
      }
    },
  };
}
