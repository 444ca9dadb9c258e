import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve, sep } from "node:path";
import type { PipelineSpec } from "../../language/spec/types.ts";

/** A place as a stack trace names it: `File "/tmp/x/ephemeral_component.py", line 9`, `/tmp/x/steps.ts:8:11`. */
export interface Reference {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; 1 where it is not told. */
  readonly column: number;
  /** The line's own words, where the trace quotes them. */
  readonly text?: string;
}

/** A place of a file that people edit: an absolute path, line and column from 0. */
export interface SourcePlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** The file that KFP's executor writes a lightweight component's program into. */
const embedded = "ephemeral_component.py";
const mostFiles = 500;
const mostBytes = 1_000_000;
const notSources = new Set(["node_modules", "__pycache__", "site-packages", "dist", "build"]);

/**
 * Which line of the workspace a line of a log means; undefined where none is it. A step runs a copy of its
 * component in a folder of its own, so the copy's line is looked for in the file that the run was made from,
 * then in those beside it: the place around which most lines are the same. An edit since does no harm.
 */
export function sourcePlace(
  reference: Reference,
  source: string | undefined,
  spec: PipelineSpec | undefined,
  root: string,
): SourcePlace | undefined {
  const { file, line, column } = reference;
  if (basename(file) === embedded) return source === undefined ? undefined : placeInProgram(reference, source, spec);
  const here = isAbsolute(file) && isFile(file) ? file : source && besideSource(file, source, root);
  return here ? { path: here, line: line - 1, column: column - 1 } : undefined;
}

function placeInProgram(
  { line, text }: Reference,
  source: string,
  spec: PipelineSpec | undefined,
): SourcePlace | undefined {
  const programs = Object.values(spec?.deploymentSpec.executors ?? {})
    .map(
      ({ container }) =>
        container?.command
          ?.at(-1)
          ?.split("\n")
          .map((each) => each.trim()) ?? [],
    )
    .filter((program) => program[line - 1] && (text === undefined || program[line - 1] === text.trim()));
  // Which of several is not told.
  if (text === undefined && programs.length > 1) return undefined;
  let best: { readonly path: string; readonly line: number; readonly alike: number } | undefined;
  const look = (path: string) => {
    const found = linesOf(path);
    for (const program of programs)
      found.forEach((each, index) => {
        if (each !== program[line - 1]) return;
        const alike = program.filter((own, at) => own !== "" && own === found[index + at - (line - 1)]).length;
        if (alike > (best?.alike ?? 0)) best = { path, line: index, alike };
      });
  };
  look(source);
  // A line like `return x` is found anywhere; its neighbours with it only where it comes from.
  if (best === undefined || best.alike < 3) for (const path of modulesBeside(dirname(source))) look(path);
  if (best === undefined) return undefined;
  const { path, line: at } = best;
  return { path, line: at, column: /\S/.exec(readFileSync(path, "utf8").split(/\r?\n/)[at] ?? "")?.index ?? 0 };
}

function linesOf(path: string): readonly string[] {
  try {
    if (statSync(path).size > mostBytes) return [];
    return readFileSync(path, "utf8")
      .split(/\r?\n/)
      .map((each) => each.trim());
  } catch {
    // Moved or deleted since the run.
    return [];
  }
}

function modulesBeside(folder: string): string[] {
  const found: string[] = [];
  const folders = [folder];
  for (let at = folders.shift(); at !== undefined && found.length < mostFiles; at = folders.shift()) {
    let entries;
    try {
      entries = readdirSync(at, { withFileTypes: true });
    } catch {
      continue;
    }
    for (const entry of entries) {
      if (entry.name.startsWith(".") || notSources.has(entry.name)) continue;
      if (entry.isDirectory()) folders.push(join(at, entry.name));
      else if (entry.isFile() && entry.name.endsWith(".py")) found.push(join(at, entry.name));
    }
  }
  return found.slice(0, mostFiles);
}

/**
 * A source map names its files from the folder of the pipeline's file: `/tmp/x/pipeline.ts`, `/tmp/lib/deep.ts` of
 * `../lib/deep.ts`. So the longest end of the path that is there, from that folder or one above it in the workspace.
 */
function besideSource(file: string, source: string, root: string): string | undefined {
  const parts = file.split(/[\\/]/).filter((part) => part !== "");
  const top = resolve(root);
  for (let from = 0; from < parts.length; from++) {
    const end = parts.slice(from).join(sep);
    for (let folder = dirname(source); ; folder = dirname(folder)) {
      const path = join(folder, end);
      if (isFile(path)) return path;
      if (folder === top || folder === dirname(folder)) break;
    }
  }
  return undefined;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
