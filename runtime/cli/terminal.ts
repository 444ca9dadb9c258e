import { stripVTControlCharacters, styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where a command writes: results on stdout, everything else on stderr. */
export interface Terminal {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether stdout is a screen that can be drawn again. */
  readonly live: boolean;
  readonly columns: number;
  readonly rows: number;
  /** A line of the result. */
  readonly out: (line: string) => void;
  /** Text of the result as it is. */
  readonly write: (text: string) => void;
  /** One JSON document on a line of its own. */
  readonly document: (value: unknown) => void;
  /** A line beside the result; not with `--quiet`. */
  readonly note: (line: string) => void;
  /** A line about something wrong. */
  readonly complain: (line: string) => void;
  /** Colours on a screen, the text itself elsewhere. */
  readonly paint: (style: Style, text: string) => string;
  readonly paintError: (style: Style, text: string) => string;
}

export function openTerminal(
  options: { readonly json: boolean; readonly quiet: boolean },
  env: NodeJS.ProcessEnv = process.env,
): Terminal {
  const { stdout, stderr } = process;
  const wanted = (stream: NodeJS.WriteStream) => {
    if (env["NO_COLOR"]) return false;
    return env["FORCE_COLOR"] ? env["FORCE_COLOR"] !== "0" : stream.isTTY && env["TERM"] !== "dumb";
  };
  const colour = wanted(stdout);
  const errorColour = wanted(stderr);
  return {
    ...options,
    live: stdout.isTTY && env["TERM"] !== "dumb" && !options.json && !options.quiet,
    get columns() {
      // Undefined where stdout is no screen.
      return (stdout.columns as number | undefined) ?? 100;
    },
    get rows() {
      return (stdout.rows as number | undefined) ?? 24;
    },
    out: (line) => stdout.write(`${line}\n`),
    write: (text) => stdout.write(text),
    document: (value) => stdout.write(`${JSON.stringify(value)}\n`),
    note(line) {
      if (!options.quiet) stderr.write(`${line}\n`);
    },
    complain: (line) => stderr.write(`${line}\n`),
    paint: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
    paintError: (style, text) => (errorColour ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** Columns that line up; the last one is cut at the width of the screen. */
export function table(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, width(cell))));
  return rows.map((row) =>
    cut(
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell + " ".repeat((widths[i] ?? 0) - width(cell))))
        .join("  "),
      columns,
    ),
  );
}

/** At most so many columns, an ellipsis where something was cut; colours are given up there. */
export function cut(line: string, columns: number): string {
  if (width(line) <= columns) return line;
  return `${Array.from(stripVTControlCharacters(line))
    .slice(0, Math.max(columns - 1, 1))
    .join("")}…`;
}

function width(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}
