import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { ByPython } from "../../language/analyze.ts";
import { type Diagnostic, unknowable } from "../../language/diagnostics.ts";
import type { PythonResult } from "../../language/python/by-python.ts";
import type { CompileOptions } from "../compile/compile-file.ts";
import { UserError } from "../user-error.ts";
import type { Terminal } from "./terminal.ts";

/** Of the commands that compile a file. */
export const pythonOptions = {
  "with-python": { type: "boolean" },
  python: { type: "string" },
  "python-timeout": { type: "string" },
} as const;

export const pythonHelp = [
  ["--with-python", "compile with your own Python and its kfp, which runs the file: for what reading cannot know"],
  ["--python PATH", "that Python: a program, or the folder of a virtual environment; found otherwise"],
  ["--python-timeout S", "seconds that it may take (60)"],
] as const;

interface Asked {
  readonly "with-python"?: boolean | undefined;
  readonly python?: string | undefined;
  readonly "python-timeout"?: string | undefined;
}

/** What `compileFile` is to be told, where the user's Python is to compile a file. */
export function withPython(
  path: string,
  options: Asked,
  [root = "", ...roots]: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Pick<CompileOptions, "withPython"> {
  if (!options["with-python"] && options.python === undefined) return {};
  // A path is one from here, not from the workspace.
  const python = options.python !== undefined && existsSync(options.python) ? resolve(options.python) : options.python;
  const timeoutMs = milliseconds(options["python-timeout"]);
  const say = (line: string): void => terminal.note(line);
  let made: Promise<PythonResult> | undefined;
  const compile = async (): Promise<PythonResult> => {
    const { compileWithPython } = await import("../compile/with-python.ts");
    return compileWithPython(path, { python, root, roots, timeoutMs, signal, say });
  };
  return { withPython: () => (made ??= compile()) };
}

function milliseconds(seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  const value = Number(seconds);
  if (value > 0 && value <= 86_400) return value * 1000;
  throw new UserError("usage", `--python-timeout ${seconds} is no number of seconds.`, {
    action: "Write one above 0, such as --python-timeout 120.",
    exit: 2,
  });
}

/** Which way a pipeline came. */
export function compiledBy({ python, kfp }: ByPython): string {
  return `Compiled with Python ${python}, kfp ${kfp}.`;
}

/** Says that Python would know what reading does not, where that is what is wrong. */
export function hintAtPython(diagnostics: readonly Pick<Diagnostic, "code">[], terminal: Terminal): void {
  const asked = diagnostics.some(({ code }) => code === "python-raised");
  if (!asked && diagnostics.some(({ code }) => unknowable.has(code)))
    terminal.note("Add --with-python to have your own Python and its kfp compile it: that runs the file.");
}
