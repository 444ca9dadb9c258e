/**
 * A source file as notebook cells (Jupytext's percent format) and back. A line `# %%`, in
 * TypeScript `// %%`, starts a cell: `# %% Title`, `# %% [markdown] Title`. What is not
 * edited is written back to the byte: line endings, blank lines and marks included.
 */
export type CellKind = "code" | "markdown" | "raw";
export type CellLanguage = "python" | "typescript";

export interface Cell {
  readonly kind: CellKind;
  readonly title?: string;
  /** What a person edits: without marker and blank lines at the end, Markdown without `# `, lines end in `\n`. */
  readonly text: string;
  /** How the cell stands in the file; absent for a new cell. */
  readonly raw?: {
    /** The marker line with its line break; a byte order mark; empty before the first marker. */
    readonly marker: string;
    readonly source: string;
  };
}

/** The cells of a text; none of an empty one, one of a text without markers. */
export function readCells(text: string, language: CellLanguage): readonly Cell[] {
  const cells: Cell[] = [];
  let marker = text.startsWith("\ufeff") ? "\ufeff" : "";
  let start = marker.length;
  const pattern = markerPattern(language);
  pattern.lastIndex = start;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const atBeginning = match.index === marker.length && cells.length === 0 && marker.length <= 1;
    if (atBeginning) marker += match[0];
    else {
      cells.push(cellOf(marker, text.slice(start, match.index), language));
      marker = match[0];
    }
    start = match.index + match[0].length;
  }
  if (marker !== "" || start < text.length) cells.push(cellOf(marker, text.slice(start), language));
  return cells;
}

/** The text of cells. A cell whose text is as it was read is written as it stood. */
export function writeCells(cells: readonly Cell[], language: CellLanguage): string {
  return placeCells(cells, language).text;
}

/** The text of cells, and where in it the text of each begins, behind its marker line; offsets in UTF-16 units. */
export function placeCells(
  cells: readonly Cell[],
  language: CellLanguage,
): { readonly text: string; readonly starts: readonly number[] } {
  const starts: number[] = [];
  const eol = cells.some((cell) => cell.raw && `${cell.raw.marker}${cell.raw.source}`.includes("\r\n")) ? "\r\n" : "\n";
  let out = "";
  for (const [i, cell] of cells.entries()) {
    const { marker, body, tail } = partsOf(cell, language, eol);
    const bom = marker.startsWith("\ufeff");
    let head = bom && i > 0 ? marker.slice(1) : marker;
    // A cell that was before the first marker, or is new, needs one unless it is still first.
    if (head === "" && (i > 0 || cell.kind !== "code")) head = newMarker(cell, language, eol);
    if (bom && i === 0 && head === "\ufeff" && cell.kind !== "code") head += newMarker(cell, language, eol);
    if (i > 0 && !/[\r\n]$/.test(out)) out += eol;
    if (head !== "" && head !== "\ufeff" && !/[\r\n]$/.test(head) && body !== "") head += eol;
    starts.push(out.length + head.length);
    out += head + body + tail;
  }
  return { text: out, starts };
}

function markerPattern(language: CellLanguage): RegExp {
  // A line ends at `\n`, `\r\n` or a lone `\r`, as editors have it.
  const comment = language === "python" ? "#" : "//";
  return new RegExp(`(?<=^|[\\r\\n])${comment}[ \\t]*%%(?!%)[^\\r\\n]*(?:\\r\\n|\\r|\\n|$)`, "g");
}

function cellOf(marker: string, source: string, language: CellLanguage): Cell {
  const { kind: wanted, title } = readMarker(marker);
  const { body } = splitTail(source);
  const markdown = wanted === "code" ? undefined : uncomment(body, language);
  // A Markdown cell whose lines are no comments is shown as what it is: code.
  const kind = wanted === "code" || markdown !== undefined ? wanted : "code";
  return {
    kind,
    ...(title ? { title } : {}),
    text: markdown ?? body.replace(/\r\n?/g, "\n"),
    raw: { marker, source },
  };
}

/** `# %% [markdown] Title key="value"`: the words of a marker line. */
function readMarker(marker: string): { kind: CellKind; title?: string } {
  const rest = /%%(.*)/.exec(marker)?.[1] ?? "";
  const word = /\[(markdown|md|raw)\]/.exec(rest);
  const title = rest
    .replace(/\[[^\]]*\]/, "")
    .replace(/\s(?:\{.*\}|[\w.-]+=.*)\s*$/, "")
    .trim();
  return { kind: word ? (word[1] === "raw" ? "raw" : "markdown") : "code", ...(title ? { title } : {}) };
}

function newMarker(cell: Cell, language: CellLanguage, eol: string): string {
  const words = [language === "python" ? "# %%" : "// %%"];
  if (cell.kind !== "code") words.push(`[${cell.kind}]`);
  // A title that names a kind would change the cell's.
  if (cell.title)
    words.push(
      cell.title
        .replace(/\[(?:markdown|md|raw)\]/g, "")
        .replace(/[\r\n]+/g, " ")
        .trim(),
    );
  return words.join(" ") + eol;
}

/** Blank lines at the end stay out of the cell: they are the distance to the next one. */
function splitTail(source: string): { body: string; tail: string } {
  const body = source.replace(/(?:[\r\n][ \t\r\n]*)$/, "");
  const blank = /^[ \t\r\n]*$/.test(body);
  return blank ? { body: "", tail: source } : { body, tail: source.slice(body.length) };
}

function partsOf(cell: Cell, language: CellLanguage, eol: string): { marker: string; body: string; tail: string } {
  const { raw } = cell;
  const text = cell.text.replace(/\r\n?/g, "\n");
  if (raw) {
    const before = cellOf(raw.marker, raw.source, language);
    const sameText = before.kind === cell.kind && before.text === text;
    if (sameText && before.title === cell.title) return { marker: raw.marker, body: raw.source, tail: "" };
    const bom = raw.marker.startsWith("\ufeff") ? "\ufeff" : "";
    const read = readMarker(raw.marker);
    const keeps = read.kind === cell.kind && read.title === cell.title;
    // After a lone `\r` a line break at the start of the text would join it to `\r\n`.
    const marker = keeps ? raw.marker.replace(/\r$/, eol) : bom + newMarker(cell, language, eol);
    const { body, tail } = splitTail(raw.source);
    if (sameText) return { marker, body, tail };
    return { marker, body: encode(text, cell.kind, language, eol), tail: /^[\r\n]/.test(tail) ? tail : eol + tail };
  }
  return { marker: newMarker(cell, language, eol), body: encode(text, cell.kind, language, eol), tail: eol };
}

function encode(text: string, kind: CellKind, language: CellLanguage, eol: string): string {
  const lines = text.split("\n");
  const comment = language === "python" ? "#" : "//";
  const written = kind === "code" ? lines : lines.map((line) => (line === "" ? comment : `${comment} ${line}`));
  return written.join(eol);
}

/** The lines without their comment signs; undefined where one has none. */
function uncomment(body: string, language: CellLanguage): string | undefined {
  const comment = language === "python" ? "#" : "//";
  if (body === "") return "";
  const lines = body.split(/\r\n|\r|\n/);
  if (!lines.every((line) => line.startsWith(comment))) return undefined;
  return lines.map((line) => line.slice(comment.length).replace(/^ /, "")).join("\n");
}
