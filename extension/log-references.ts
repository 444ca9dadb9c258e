import type { Reference } from "../runtime/run/source-place.ts";

/** A reference and where it stands in the log. */
export interface LogReference extends Reference {
  /** From 0, as are the columns of its first and after its last character. */
  readonly at: { readonly line: number; readonly start: number; readonly end: number };
}

/** Deeper stacks are rare, and a log may be all stacks. */
const mostReferences = 500;
const longestLine = 2000;

const python = /File "([^"<>]+)", line (\d+)/d;
const warning = /(?:^|\s)(\/[^\s:]+\.py):(\d+)(?=: \w*Warning)/d;
/** Python shows the line itself below the place. */
const quotation = /^(?:\[[^\]]*\] )?\s{2,4}(\S.*)$/;
const javascript = /(?:^|[\s(])((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^\s():]*\.[cm]?[jt]sx?):(\d+)(?::(\d+))?/d;

/** The places in source files that the lines of a log name, those of its end where there are many. */
export function logReferences(lines: readonly string[]): readonly LogReference[] {
  const found: LogReference[] = [];
  for (let index = lines.length - 1; index >= 0 && found.length < mostReferences; index--) {
    const line = lines[index] ?? "";
    if (line.length > longestLine) continue;
    const match = python.exec(line) ?? warning.exec(line) ?? javascript.exec(line);
    const [, file, number, column] = match ?? [];
    const start = match?.indices?.[1]?.[0];
    const end = match?.indices?.[column === undefined ? 2 : 3]?.[1];
    if (file === undefined || start === undefined || end === undefined) continue;
    const quoted = file.endsWith(".py") ? quotation.exec(lines[index + 1] ?? "")?.[1] : undefined;
    found.push({
      file: file.replace(/^file:\/\//, ""),
      line: Number(number),
      column: Number(column ?? 1),
      ...(quoted === undefined ? {} : { text: quoted }),
      at: { line: index, start, end },
    });
  }
  return found.reverse();
}
