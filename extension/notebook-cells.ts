/** A source file as notebook cells and back, through the one reading of `%%` marks. Pure. */
import { type Cell, type CellLanguage, placeCells, readCells } from "../language/cells.ts";

export interface SourceCell {
  readonly kind: Cell["kind"];
  readonly text: string;
  /** How it stood in the file; kept with the cell, so that an unedited cell is written as it was. */
  readonly origin: Pick<Cell, "title" | "raw">;
}

/** Which language a text is: its marks say it, else its imports. A serializer is not told the file's name. */
export function languageOf(text: string): CellLanguage {
  if (/^\/\/[ \t]*%%/m.test(text)) return "typescript";
  if (/^#[ \t]*%%/m.test(text)) return "python";
  return /^\s*(?:import\b[^\n]*\bfrom\s+["']|import\s+["']|export\b|const\b|\/\/|\/\*)/m.test(text)
    ? "typescript"
    : "python";
}

export function toCells(text: string): { readonly language: CellLanguage; readonly cells: readonly SourceCell[] } {
  const language = languageOf(text);
  const cells = readCells(text, language).map(({ kind, text, title, raw }) => ({
    kind,
    text,
    origin: { ...(title === undefined ? {} : { title }), ...(raw === undefined ? {} : { raw }) },
  }));
  return { language, cells };
}

/** The file that cells make, and the line of it, from 0, at which each cell's text begins. */
export function fromCells(
  cells: readonly SourceCell[],
  language: CellLanguage,
): { readonly text: string; readonly lines: readonly number[] } {
  const { text, starts } = placeCells(
    cells.map(({ kind, text, origin }) => ({ kind, text, ...origin })),
    language,
  );
  let line = 0;
  let at = 0;
  const lines = starts.map((start) => {
    line += text.slice(at, start).match(/\r\n|\r|\n/g)?.length ?? 0;
    at = start;
    return line;
  });
  return { text, lines };
}

/** What a cell's metadata kept of the file, checked: notebooks can be pasted from anywhere. */
export function readOrigin(metadata: unknown): { readonly kind?: "raw"; readonly origin: SourceCell["origin"] } {
  const origin: unknown =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "origin") : undefined;
  if (typeof origin !== "object" || origin === null) return { origin: {} };
  const title: unknown = Reflect.get(origin, "title");
  const raw: unknown = Reflect.get(origin, "raw");
  const marker: unknown = typeof raw === "object" && raw !== null ? Reflect.get(raw, "marker") : undefined;
  const source: unknown = typeof raw === "object" && raw !== null ? Reflect.get(raw, "source") : undefined;
  return {
    ...(Reflect.get(origin, "kind") === "raw" ? { kind: "raw" as const } : {}),
    origin: {
      ...(typeof title === "string" ? { title } : {}),
      ...(typeof marker === "string" && typeof source === "string" ? { raw: { marker, source } } : {}),
    },
  };
}
