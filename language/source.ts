/** Half-open range of UTF-16 offsets in the text of one file. */
export interface Span {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The files that a front end may read. Paths are absolute and use `/`.
 * `read` answers the text (open editors first, then the disk), or undefined
 * where there is no such file or it is not UTF-8.
 */
export interface Files {
  read(path: string): string | undefined;
  /** Names in a folder, folders with a trailing `/`; empty where there is no such folder. */
  list(path: string): readonly string[];
}

export interface Position {
  /** Zero-based. */
  readonly line: number;
  /** Zero-based, in UTF-16 code units. */
  readonly character: number;
}

/** Offsets of the first character of each line; `\r\n`, `\n` and `\r` end a line. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  return starts;
}

/** The position of an offset, by binary search over `lineStarts`. */
export function positionAt(starts: readonly number[], offset: number): Position {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - (starts[low] ?? 0) };
}
