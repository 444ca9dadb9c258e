/** Where the cells of our notebooks stand in the file that they make: the language server knows only the file. */
import {
  NotebookCellKind,
  type NotebookCell,
  type NotebookDocument,
  type TextDocument,
  type Uri,
  workspace,
} from "vscode";
import type { CellLanguage } from "../language/cells.ts";
import { fromCells, readOrigin, type SourceCell } from "./notebook-cells.ts";

export const notebookType = "millrace.notebook";

/**
 * The language of TypeScript cells. Not `typescript`: TypeScript's own server reads each cell as a file of its own,
 * knows no name of another, and marks them all.
 */
export const typescriptCells = "millrace-typescript";

/** Code cells stand in their file line by line and column by column: only the first line differs. */
export interface Place {
  readonly file: Uri;
  /** Line of the file, from 0, that is the document's first. */
  readonly line: number;
}

/** A cell's place in its file; undefined for every other document. */
export function placeOfCell(document: TextDocument): Place | undefined {
  if (document.uri.scheme !== "vscode-notebook-cell") return undefined;
  for (const notebook of workspace.notebookDocuments) {
    if (notebook.notebookType !== notebookType || notebook.uri.path !== document.uri.path) continue;
    const cell = notebook.getCells().find((each) => each.document === document);
    if (cell) return { file: notebook.uri, line: textOf(notebook).lines[cell.index] ?? 0 };
  }
  return undefined;
}

/** The code cell that holds a line of a file, and its first line there; undefined where none does. */
export function cellAt(file: Uri, line: number): { readonly cell: NotebookCell; readonly line: number } | undefined {
  const notebook = notebookOf(file);
  return notebook && cellsOf(notebook).find(({ cell, line: first }) => isIn(cell, first, line));
}

/** The notebook that shows a file. */
export function notebookOf(file: Uri): NotebookDocument | undefined {
  return workspace.notebookDocuments.find(
    (notebook) => notebook.notebookType === notebookType && notebook.uri.toString() === file.toString(),
  );
}

/** The code cells, each with its first line in the file. */
export function cellsOf(notebook: NotebookDocument): readonly { readonly cell: NotebookCell; readonly line: number }[] {
  const { lines } = textOf(notebook);
  return notebook
    .getCells()
    .filter(({ kind }) => kind === NotebookCellKind.Code)
    .map((cell) => ({ cell, line: lines[cell.index] ?? 0 }));
}

export function isIn(cell: NotebookCell, first: number, line: number): boolean {
  return line >= first && line < first + cell.document.lineCount;
}

/** The file as the notebook would be saved now. */
export function textOf(notebook: NotebookDocument): {
  readonly language: CellLanguage;
  readonly text: string;
  readonly lines: readonly number[];
} {
  const language = languageOfNotebook(notebook.metadata);
  const cells = notebook.getCells().map((cell) => sourceCell(cell.kind, cell.document.getText(), cell.metadata));
  return { language, ...fromCells(cells, language) };
}

export function sourceCell(kind: NotebookCellKind, text: string, metadata: unknown): SourceCell {
  const { kind: raw, origin } = readOrigin(metadata);
  return { kind: kind === NotebookCellKind.Markup ? "markdown" : (raw ?? "code"), text, origin };
}

export function languageOfNotebook(metadata: unknown): CellLanguage {
  const language: unknown =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "language") : undefined;
  return language === "typescript" ? "typescript" : "python";
}
