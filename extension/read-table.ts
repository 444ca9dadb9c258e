/** The first rows of a text that is a table: CSV, TSV or JSON lines. Pure. */

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Undefined where the text is no table. The last line may be cut off and is then left out. */
export function readTable(text: string, name: string, mostRows: number): Table | undefined {
  if (/\.(jsonl|ndjson)$/i.test(name) || /^\s*\{"/.test(text)) return readJsonLines(text, mostRows);
  const [first = ""] = text.split("\n", 1);
  const separator = first.includes("\t") ? "\t" : ",";
  if (!first.includes(separator)) return undefined;
  const rows = readSeparated(text, separator, mostRows + 1);
  const [columns, ...body] = rows;
  if (!columns || body.some((row) => row.length !== columns.length)) return undefined;
  return { columns, rows: body };
}

function readJsonLines(text: string, mostRows: number): Table | undefined {
  const columns = new Set<string>();
  const objects: Record<string, unknown>[] = [];
  for (const line of text.split("\n")) {
    if (objects.length >= mostRows) break;
    if (line.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      break;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    for (const key of Object.keys(value)) columns.add(key);
    // SAFETY: it was found to be an object; its values stay unknown.
    objects.push(value as Record<string, unknown>);
  }
  if (objects.length === 0) return undefined;
  const names = [...columns];
  const cell = (value: unknown) =>
    value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return { columns: names, rows: objects.map((object) => names.map((name) => cell(object[name]))) };
}

/** RFC 4180: quotes may hold separators, line breaks and doubled quotes. Only rows that end are given. */
function readSeparated(text: string, separator: string, most: number): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length && rows.length < most; i++) {
    const at = text[i] ?? "";
    if (quoted) {
      if (at !== '"') cell += at;
      else if (text[i + 1] === '"') cell += text[++i] ?? "";
      else quoted = false;
    } else if (at === '"' && cell === "") quoted = true;
    else if (at === separator) {
      row.push(cell);
      cell = "";
    } else if (at === "\n") {
      row.push(cell.replace(/\r$/, ""));
      if (row.length > 1 || row[0] !== "") rows.push(row);
      row = [];
      cell = "";
    } else cell += at;
  }
  return rows;
}
