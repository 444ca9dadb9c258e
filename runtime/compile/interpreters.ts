import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { findProgram, type ProcessEnvironment } from "../local/paths.ts";
import { UserError } from "../user-error.ts";

export interface InterpreterWish {
  /** This one and no other: a program's name, its path, or the folder of a virtual environment. */
  readonly python?: string | undefined;
  /** Tried before those that are found. */
  readonly preferred?: string | undefined;
}

/**
 * Pythons that may have the user's `kfp`, the likeliest first: the wanted one alone; or the preferred one, the active
 * virtual environment, one of the file's folder or of a folder above it up to the workspace's root, MILLRACE_PYTHON,
 * python3, python. Paths; each once. Throws UserError where there is none.
 */
export function interpreters(
  file: string,
  root: string,
  { python, preferred }: InterpreterWish,
  env: ProcessEnvironment,
): readonly string[] {
  if (python !== undefined && python !== "") {
    const found = programOf(python, root, env);
    if (found !== undefined) return [found];
    throw new UserError("no-python", `There is no Python at ${python}.`, {
      action: "Name an interpreter, or the folder of a virtual environment.",
    });
  }
  const names = [
    preferred,
    env["VIRTUAL_ENV"],
    ...foldersUpTo(dirname(file), root).flatMap((folder) => [join(folder, ".venv"), join(folder, "venv")]),
    env["MILLRACE_PYTHON"],
    "python3",
    "python",
  ];
  const found = new Set(names.flatMap((name) => (name ? (programOf(name, root, env) ?? []) : [])));
  if (found.size > 0) return [...found];
  throw new UserError("no-python", "There is no Python to compile with: neither python3 nor python is on the PATH.", {
    action:
      "Install Python 3 and kfp (pip install kfp), or name one (--python, or millrace.python.interpreter in the settings).",
  });
}

/** The program that a name, a path or the folder of a virtual environment means. */
function programOf(name: string, root: string, env: ProcessEnvironment): string | undefined {
  const path = resolve(root, name);
  const program = findProgram(/[/\\]/.test(name) ? path : name, env);
  if (program === undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    const inner = process.platform === "win32" ? ["Scripts/python.exe", "python.exe"] : ["bin/python3", "bin/python"];
    return inner.map((one) => join(path, one)).find((one) => existsSync(one));
  }
  return program;
}

/** A folder and those above it, to the root; the folder alone where it is not below the root. */
function foldersUpTo(folder: string, root: string): readonly string[] {
  const found = [folder];
  for (let at = folder; at !== root; at = dirname(at)) {
    if (dirname(at) === at) return [folder];
    found.push(dirname(at));
  }
  return found;
}
