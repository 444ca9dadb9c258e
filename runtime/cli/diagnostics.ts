import { relative, resolve } from "node:path";
import type { Diagnostic } from "../../language/diagnostics.ts";
import { lineStarts, positionAt } from "../../language/source.ts";
import { diskFiles, firstBadByte } from "../compile/disk.ts";
import type { Terminal } from "./terminal.ts";

export interface PlacedDiagnostic {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly severity: Diagnostic["severity"];
  readonly message: string;
  readonly hint?: string;
}

/** Diagnostics with lines and columns, in order of the files' text. */
export function place(diagnostics: readonly Diagnostic[]): readonly PlacedDiagnostic[] {
  const files = diskFiles();
  const starts = new Map<string, readonly number[]>();
  // A hint only fades text in an editor.
  const shown = diagnostics.filter(({ severity }) => severity !== "hint");
  const placed = shown.map(({ span, code, severity, message, hint }) => {
    let known = starts.get(span.path);
    if (!known) starts.set(span.path, (known = lineStarts(files.read(span.path) ?? "")));
    const bad = code === "not-utf8" ? firstBadByte(span.path) : undefined;
    const { line, character } = bad ?? positionAt(known, span.start);
    return {
      path: shownPath(span.path),
      line: line + 1,
      column: character + 1,
      code,
      severity,
      message,
      ...(hint === undefined ? {} : { hint }),
    };
  });
  return placed.sort((a, b) => (a.path === b.path ? a.line - b.line || a.column - b.column : a.path < b.path ? -1 : 1));
}

/** `FILE:LINE:COL: error CODE message`, as compilers write it and editors read it. */
export function diagnosticLine(diagnostic: PlacedDiagnostic, terminal: Terminal, paint = terminal.paintError): string {
  const { path, line, column, severity, code, message, hint } = diagnostic;
  const colour = severity === "error" ? "red" : severity === "warning" ? "yellow" : "blue";
  return `${path}:${line}:${column}: ${paint(colour, severity)} ${code} ${message}${hint === undefined ? "" : ` ${hint}`}`;
}

/** A path as a person in this folder would write it. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), resolve(path));
  return near === "" || near.startsWith("..") ? path : near;
}
