/**
 * What Python made of files, kept beside the environments: so that a graph is there again without Python, and a run
 * is of what the graph shows. What is no longer of the same sources or the same `kfp` is as if it were not there.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isCurrent, type PythonResult } from "../../language/python/by-python.ts";
import { cacheFolder, type ProcessEnvironment } from "../local/paths.ts";
import { diskFiles } from "./disk.ts";
import { compileWithPython, type PythonCompileOptions } from "./with-python.ts";

export interface Kept {
  /** The interpreter that was asked for; "" for any. */
  readonly python: string;
  readonly kfp: string;
  readonly result: PythonResult;
}

/** Files whose results are kept: those of more are made anew. */
const mostKept = 200;

/** As `compileWithPython`; what was compiled is kept. */
export async function compileAndKeep(path: string, options: PythonCompileOptions): Promise<PythonResult> {
  const { env = process.env } = options;
  const result = await compileWithPython(path, options);
  if (result.kind === "compiled") keep(path, options, result, env);
  return result;
}

/** The file that has what was compiled, and that; undefined where it would be another now. */
export function recall(
  path: string,
  { python = "", env = process.env }: PythonCompileOptions,
): { readonly file: string; readonly result: PythonResult } | undefined {
  const file = fileFor(path, env);
  try {
    const kept = readKept(file);
    const isSame = kept.python === python && kept.kfp === textOf(kept.result.kfpFile);
    return isSame && isCurrent(kept.result, diskFiles()) ? { file, result: kept.result } : undefined;
  } catch {
    // Never compiled, or not by this version of ours.
    return undefined;
  }
}

export function readKept(file: string): Kept {
  // SAFETY: `keep` wrote it; whoever names it, names such a file.
  return JSON.parse(readFileSync(file, "utf8")) as Kept;
}

function keep(path: string, { python = "" }: PythonCompileOptions, result: PythonResult, env: ProcessEnvironment) {
  const file = fileFor(path, env);
  const kept: Kept = { python, kfp: textOf(result.kfpFile), result };
  try {
    mkdirSync(folderIn(env), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(kept), { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
    forgetOldest(folderIn(env));
  } catch {
    // A disk that takes nothing: it is compiled again when it is needed again.
  }
}

function forgetOldest(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= mostKept) return;
  const files = names.map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }));
  files.sort((a, b) => b.at - a.at);
  for (const { path } of files.slice(mostKept)) rmSync(path, { force: true });
}

const folderIn = (env: ProcessEnvironment): string => join(cacheFolder(env), "compiled-with-python");

function fileFor(path: string, env: ProcessEnvironment): string {
  const name = createHash("sha256").update(resolve(path)).digest("hex").slice(0, 32);
  return join(folderIn(env), `${name}.json`);
}

function textOf(path: string): string {
  return readFileSync(path, "utf8");
}
