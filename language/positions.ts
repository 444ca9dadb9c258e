/** Offsets into files as lines and characters, and back. */
import type { Range } from "./protocol.ts";
import { type Files, lineStarts, type Position, positionAt, type Span } from "./source.ts";

export interface Positions {
  readonly rangeOf: (span: Span) => Range;
  /** The offset of a position; beyond the last line, that of its beginning. */
  readonly offsetOf: (path: string, position: Position) => number;
}

export function createPositions(files: Files): Positions {
  // Answers name many places of one file in a row.
  let last: { readonly text: string; readonly starts: readonly number[] } | undefined;
  function startsOf(path: string): readonly number[] {
    const text = files.read(path) ?? "";
    if (last?.text !== text) last = { text, starts: lineStarts(text) };
    return last.starts;
  }
  return {
    rangeOf(span) {
      const starts = startsOf(span.path);
      return { start: positionAt(starts, span.start), end: positionAt(starts, span.end) };
    },
    offsetOf(path, { line, character }) {
      const starts = startsOf(path);
      return (starts[line] ?? starts.at(-1) ?? 0) + character;
    },
  };
}
