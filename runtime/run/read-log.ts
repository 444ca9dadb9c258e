import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Line, logFiles, readLines, taskFolder } from "../local/logs.ts";

export interface StepLine extends Line {
  /** The step's path without `root.`: `for-loop-1[3].train`. */
  readonly step: string;
  /** From 0. */
  readonly attempt: number;
}

export interface LogCursor {
  /** How many lines were read from it. */
  readonly position: number;
  /**
   * The next lines, at most so many. `complete` says that nothing is being written any
   * more; until then the last moments are held back, so that lines of steps that run side
   * by side come in order of time, the same however often they are read.
   */
  read(most: number, complete: boolean): readonly StepLine[];
  /** Passes over lines that were read before. */
  skip(lines: number): void;
}

/** Longer than it takes from a line's time to its place in the file. */
const heldBackMs = 150;
const blockLines = 500;

/** The log of a run, or of the one step with that path, in order of time. */
export function openRunLog(runFolder: string, path?: string): LogCursor {
  const sources = new Map<string, Source>();
  let position = 0;

  function find(): void {
    const folders = path === undefined ? stepFolders(runFolder) : [taskFolder(path)];
    for (const folder of folders) {
      logFiles(runFolder, folder).forEach((file, attempt) => {
        if (!sources.has(file))
          sources.set(file, { file, step: folder.replace(/^root\./, ""), attempt, next: 0, lines: [] });
      });
    }
  }

  function read(most: number, complete: boolean): StepLine[] {
    const until = complete ? Number.POSITIVE_INFINITY : Date.now() - heldBackMs;
    find();
    const found: StepLine[] = [];
    while (found.length < most) {
      let earliest: Source | undefined;
      for (const source of sources.values()) {
        if (source.lines.length === 0) fill(source);
        const at = source.lines[0]?.at;
        if (at !== undefined && at <= until && (earliest === undefined || at < (earliest.lines[0]?.at ?? 0)))
          earliest = source;
      }
      const line = earliest?.lines.shift();
      if (!earliest || !line) break;
      found.push({ ...line, step: earliest.step, attempt: earliest.attempt });
    }
    position += found.length;
    return found;
  }

  return {
    get position() {
      return position;
    },
    read,
    skip(lines) {
      while (position < lines && read(Math.min(lines - position, 10_000), true).length > 0);
    },
  };
}

interface Source {
  readonly file: string;
  readonly step: string;
  readonly attempt: number;
  /** Number of the first line that was not taken from the file. */
  next: number;
  lines: Line[];
}

function fill(source: Source): void {
  source.lines = [...readLines(source.file, source.next, blockLines).lines];
  source.next += source.lines.length;
}

function stepFolders(runFolder: string): string[] {
  const folder = join(runFolder, "logs");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
