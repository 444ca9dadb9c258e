import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../events.ts";
import { UserError } from "../user-error.ts";

/** Where a run's events lie: one JSON document a line, in order. The database can be made from these again. */
export function eventsPath(runFolder: string): string {
  return join(runFolder, "events.ndjson");
}

export interface EventsFile {
  append(events: readonly RunEvent[]): void;
  close(): void;
}

/** Opens a run's events for writing at the end. */
export function openEventsFile(runFolder: string): EventsFile {
  const path = eventsPath(runFolder);
  const file = attempt(path, () => openSync(path, "a+"));
  // A process that was killed may have left half a line: ours begins on its own.
  let torn = !endsWithLine(file);
  return {
    append(events) {
      if (events.length === 0) return;
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
      const bytes = Buffer.from(torn ? `\n${text}` : text);
      for (let written = 0; written < bytes.length; ) {
        torn = true;
        written += attempt(path, () => writeSync(file, bytes, written));
      }
      torn = false;
    },
    close: () => closeSync(file),
  };
}

/** The events of a run's folder; lines that cannot be read are left out and counted. */
export function readEvents(runFolder: string): { readonly events: readonly RunEvent[]; readonly unreadable: number } {
  let text: string;
  try {
    text = readFileSync(eventsPath(runFolder), "utf8");
  } catch {
    return { events: [], unreadable: 0 };
  }
  const events: RunEvent[] = [];
  let unreadable = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const event = eventOf(line);
    if (event) events.push(event);
    else unreadable++;
  }
  return { events, unreadable };
}

const kinds = new Set<string>([
  "run-created",
  "task-created",
  "task-state",
  "task-attempt",
  "task-inputs",
  "task-outputs",
  "task-usage",
  "run-state",
] satisfies RunEvent["kind"][]);

function eventOf(line: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("kind" in value && "run" in value && "at" in value))
      return undefined;
    if (typeof value.kind !== "string" || !kinds.has(value.kind) || typeof value.run !== "string") return undefined;
    // SAFETY: a line with a known kind was written whole by `append`: half a line is not JSON.
    return value as RunEvent;
  } catch {
    return undefined;
  }
}

function endsWithLine(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(file, last, 0, 1, size - 1) === 1 && last[0] === 10);
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw new UserError("disk-full", `${path} cannot grow: the disk is full.`, {
        action: "Free some space; what was written so far is kept.",
        cause: error,
      });
    }
    throw new UserError(
      "run-folder",
      `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
      {
        action: "Check that its folder exists and the permissions.",
        cause: error,
      },
    );
  }
}
