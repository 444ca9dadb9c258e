import { dirname, resolve } from "node:path";
import type { Analysis, CompiledPipeline, Definition } from "../../language/analyze.ts";
import { analyzeFile } from "../../language/analyze-file.ts";
import type { Diagnostic } from "../../language/diagnostics.ts";
import type { PythonResult } from "../../language/python/by-python.ts";
import { sitePackagesFor } from "../../language/python/libraries.ts";
import type { Files } from "../../language/source.ts";
import type { PipelinePackage } from "../../language/spec/types.ts";
import { writePackage } from "../../language/spec/write.ts";
import { UserError } from "../user-error.ts";
import { checkReadable, diskFiles, sourcePath } from "./disk.ts";

export interface CompileOptions {
  /** The function's or variable's name, or the pipeline's own; absent where the file has one. */
  readonly pipeline?: string | undefined;
  readonly sdkVersion?: string | undefined;
  /** Import roots beside the file's folder. */
  readonly roots?: readonly string[];
  readonly files?: Files;
  /** Has the user's own Python compile the file; what that knew is preferred to what was read. */
  readonly withPython?: () => Promise<PythonResult>;
}

export interface CompiledFile {
  /** Absolute. */
  readonly path: string;
  readonly definition: Definition;
  readonly compiled: CompiledPipeline;
  /** With the programs of TypeScript components in it. */
  readonly package: PipelinePackage;
  /** The package as text: as its compiler wrote it, where that was not us. */
  readonly yaml: string;
  /** Of this definition: warnings, as nothing comes back where there are errors. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What is wrong with the user's pipeline, where there is nothing to compile. */
export class Rejected extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(path: string, diagnostics: readonly Diagnostic[]) {
    super(`${path} has errors`);
    this.diagnostics = diagnostics;
  }
}

/** A file has more than one that could be meant. */
export class SeveralDefinitions extends UserError {
  readonly symbols: readonly string[];

  constructor(path: string, kind: "pipelines" | "components", symbols: readonly string[]) {
    super("several-pipelines", `${path} has several ${kind}: ${symbols.join(", ")}.`, {
      action: "Say which with --pipeline NAME.",
      exit: 2,
    });
    this.symbols = symbols;
  }
}

/** The version of the SDK that is written into specs where nobody says otherwise. */
export const sdkVersion = "2.17.0";

/** The definitions and diagnostics of a file on disk. Throws UserError for what is no file at all. */
export async function analyzeOnDisk(path: string, options: CompileOptions = {}): Promise<Analysis> {
  checkReadable(path);
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const files = options.files ?? diskFiles();
  const source = sourcePath(resolve(path));
  const here = sourcePath(process.cwd());
  const top = source.startsWith(`${here}/`) ? here : undefined;
  let libraries: readonly string[] | undefined;
  const analysis = await analyzeFile(source, files, {
    sdkVersion: options.sdkVersion ?? sdkVersion,
    roots: (options.roots ?? []).map((root) => sourcePath(resolve(root))),
    env,
    // Looked for when the first import is not in the workspace.
    get libraries() {
      return (libraries ??= sitePackagesFor(files, { path: source, top, env }));
    },
  });
  if (!options.withPython) return analysis;
  const result = await options.withPython();
  return (await import("../../language/python/by-python.ts")).withPython(analysis, result, files);
}

export interface ReadDefinition {
  readonly definition: Definition;
  /** What is left of it where it has errors; undefined where that is nothing. */
  readonly compiled?: CompiledPipeline;
  /** Of this definition, and what of its file cannot be read at all. */
  readonly diagnostics: readonly Diagnostic[];
}

/** One pipeline or component of a file, whatever is wrong with it. Throws UserError where it cannot be told which, `Rejected` where errors are the reason. */
export async function readDefinition(path: string, options: CompileOptions = {}): Promise<ReadDefinition> {
  const analysis = await analyzeOnDisk(path, options);
  const definition = choose(analysis, path, options.pipeline);
  const { compiled, diagnostics } = definition.compile();
  // Of the rest of the file, only what Python and Node would stop at, or never end at: Python did, where nothing came of it.
  const ended = analysis.definitions.every(({ byPython }) => byPython === undefined);
  const own = new Set(diagnostics.map(({ code, span }) => `${code} ${span.path} ${span.start}`));
  const unread = analysis.diagnostics.filter(
    ({ code, span }) =>
      (code === "syntax-error" ||
        code === "unresolved-import" ||
        code === "endless-evaluation" ||
        (code === "python-raised" && ended)) &&
      !own.has(`${code} ${span.path} ${span.start}`),
  );
  const all = [...diagnostics, ...unread];
  // Without a reason of its own, whatever is wrong with its file is the reason.
  const reasons = compiled === undefined && !hasErrors(all) ? analysis.diagnostics : all;
  return { definition, diagnostics: reasons, ...(compiled ? { compiled } : {}) };
}

/** Compiles one pipeline or component of a file. Throws `Rejected` for its errors, UserError where it cannot be told which. */
export async function compileFile(path: string, options: CompileOptions = {}): Promise<CompiledFile> {
  const files = options.files ?? diskFiles();
  const { definition, compiled, diagnostics } = await readDefinition(path, { ...options, files });
  if (!compiled || hasErrors(diagnostics)) throw new Rejected(path, diagnostics);
  const pkg = compiled.bodies.length > 0 ? await (await import("./bundle.ts")).fillBodies(compiled, files) : compiled;
  const { spec, platform } = pkg;
  return {
    path: resolve(path),
    definition,
    compiled,
    package: { spec, ...(platform ? { platform } : {}) },
    yaml: compiled.yaml ?? writePackage(pkg),
    diagnostics,
  };
}

/** The definition of that name; without one the only pipeline, or where there is none the only component. */
function choose({ definitions, diagnostics }: Analysis, path: string, name: string | undefined): Definition {
  if (name !== undefined) {
    const found =
      definitions.find(({ symbol }) => symbol === name) ?? definitions.find((definition) => definition.name === name);
    if (found) return found;
    if (definitions.length === 0 && hasErrors(diagnostics)) throw new Rejected(path, diagnostics);
    throw new UserError("no-such-pipeline", `${path} has no pipeline or component "${name}".`, {
      action: listed(definitions),
      exit: 2,
    });
  }
  const pipelines = definitions.filter(({ kind }) => kind === "pipeline");
  const candidates = pipelines.length > 0 ? pipelines : definitions;
  const [only, another] = candidates;
  if (only && !another) return only;
  if (hasErrors(diagnostics)) throw new Rejected(path, diagnostics);
  if (!only) {
    throw new UserError("no-pipeline", `${path} has no pipeline or component in it.`, {
      action: /\.py$/.test(path) ? "A pipeline is a function with @dsl.pipeline." : "",
      exit: 2,
    });
  }
  const kind = pipelines.length > 0 ? "pipelines" : "components";
  throw new SeveralDefinitions(
    path,
    kind,
    candidates.map(({ symbol }) => symbol),
  );
}

function listed(definitions: readonly Definition[]): string {
  return definitions.length > 0 ? `It has ${definitions.map(({ symbol }) => symbol).join(", ")}.` : "It has none.";
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/** Folder of a file, for what is relative to it. */
export function folderOf(path: string): string {
  return dirname(resolve(path));
}
