/** Where a file folds. An editor that is told of some folds makes none of its own, so of Python all are told. */
import { type CellLanguage, readCells } from "../cells.ts";
import { parseModule } from "../python/parse.ts";
import type { Located, Module } from "../python/syntax.ts";
import { isKind, visit } from "../python/tree.ts";

/** Lines from 0, the first and the last. */
export interface Fold {
  readonly start: number;
  readonly end: number;
  readonly kind?: "region" | "comment" | "imports";
}

/** Blocks, what stands over several lines, imports, comments, regions and cells; of two that begin together the larger one. */
export function pythonFolds(text: string, tree: Module = parseModule(text)): readonly Fold[] {
  const lines = linesOf(text);
  const all = [...cellFolds(text, "python"), ...regions(lines), ...blocks(text, lines, tree), ...comments(lines)];
  const byStart = new Map<number, Fold>();
  for (const fold of all) {
    const known = byStart.get(fold.start);
    if (fold.end > fold.start && (!known || known.end < fold.end)) byStart.set(fold.start, fold);
  }
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}

/** The cells of a text that has marks of cells, from the mark to the last line that is not blank. */
export function cellFolds(text: string, language: CellLanguage): readonly Fold[] {
  let at = 0;
  let line = 0;
  return readCells(text, language).flatMap(({ raw }) => {
    if (!raw) return [];
    const start = line;
    const whole = text.slice(at, at + raw.marker.length + raw.source.length);
    at += whole.length;
    line += breaks(whole);
    return raw.marker.trim() === "" ? [] : [{ start, end: start + breaks(whole.trimEnd()), kind: "region" as const }];
  });
}

/** As Python's indentation says it; lines inside brackets and texts have none. */
function blocks(text: string, lines: readonly string[], tree: Module): readonly Fold[] {
  const { inner, imports } = readTree(text, tree);
  const folds: Fold[] = [];
  const open: { readonly line: number; readonly indent: number }[] = [];
  let last = 0;
  const close = (indent: number): void => {
    for (let top = open.at(-1); top && top.indent >= indent; top = open.at(-1)) {
      folds.push({ start: top.line, end: last });
      open.pop();
    }
  };
  for (const [i, line] of lines.entries()) {
    if (!inner.has(i)) {
      if (/^\s*(?:#|$)/.test(line)) continue;
      const indent = indentOf(line);
      close(indent);
      open.push({ line: i, indent });
    }
    if (line.trim() !== "") last = i;
  }
  close(0);
  return [...folds, ...imports];
}

/** Lines that go on with what began above them, and the groups of imports. */
function readTree(
  text: string,
  module: Module,
): { readonly inner: ReadonlySet<number>; readonly imports: readonly Fold[] } {
  const starts = [0];
  for (const { index, 0: found } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + found.length);
  const lineOf = (offset: number): number => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
  };
  const inner = new Set<number>();
  const goesOn = (start: number, end: number): void => {
    for (let line = lineOf(start) + 1; line <= lineOf(end); line++) inner.add(line);
  };
  visit(module, (node) => {
    if (isKind(node, "function") || isKind(node, "class")) {
      const [first] = node.body;
      if (first) goesOn(node.nameStart, starts[lineOf(first.start) - 1] ?? 0);
    } else if ("kind" in node && compound.has(node.kind)) return true;
    else {
      // With all that is inside of it.
      goesOn(node.start, node.end);
      return false;
    }
    return true;
  });
  const imports: { start: number; end: number; kind: "imports" }[] = [];
  let before: Located | undefined;
  for (const statement of module.body) {
    if (!isKind(statement, "import") && !isKind(statement, "import-from")) continue;
    const group = imports.at(-1);
    const joins = before && text.slice(before.end, statement.start).trim() === "";
    if (group && joins) group.end = lineOf(statement.end);
    else imports.push({ start: lineOf(statement.start), end: lineOf(statement.end), kind: "imports" });
    before = statement;
  }
  return { inner, imports };
}

/** Statements that have others below them. */
const compound: ReadonlySet<string> = new Set([
  "if",
  "while",
  "for",
  "try",
  "with",
  "match",
  "function",
  "class",
  "broken",
]);

function comments(lines: readonly string[]): readonly Fold[] {
  const folds: Fold[] = [];
  let start: number | undefined;
  for (const [i, line] of [...lines, ""].entries()) {
    const isComment = /^\s*#(?!\s*(?:%%|region\b|endregion\b))/.test(line);
    if (isComment) start ??= i;
    else if (start !== undefined) {
      folds.push({ start, end: i - 1, kind: "comment" });
      start = undefined;
    }
  }
  return folds;
}

/** `# region` … `# endregion`, as VS Code has them for Python. */
function regions(lines: readonly string[]): readonly Fold[] {
  const folds: Fold[] = [];
  const open: number[] = [];
  for (const [i, line] of lines.entries()) {
    if (/^\s*#\s*region\b/.test(line)) open.push(i);
    const start = /^\s*#\s*endregion\b/.test(line) ? open.pop() : undefined;
    if (start !== undefined) folds.push({ start, end: i, kind: "region" });
  }
  return folds;
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}

function breaks(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

function indentOf(line: string): number {
  let column = 0;
  for (const char of line) {
    if (char === " ") column++;
    else if (char === "\t") column += 8 - (column % 8);
    else break;
  }
  return column;
}
