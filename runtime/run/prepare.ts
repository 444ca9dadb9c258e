import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { ByPython } from "../../language/analyze.ts";
import { languageOf } from "../../language/analyze-file.ts";
import { readPackage } from "../../language/spec/read.ts";
import { lineStarts, positionAt } from "../../language/source.ts";
import type { Definitions, Json, PipelinePackage } from "../../language/spec/types.ts";
import type { Artifact, SourceLine, SourceRef } from "../events.ts";
import { type CompiledFile, compileFile, type CompileOptions, folderOf, Rejected } from "../compile/compile-file.ts";
import { diskFiles, sourcePath } from "../compile/disk.ts";
import { completeParameters } from "../local/parameters.ts";
import type { RunRecord, Store } from "../store/store.ts";
import type { Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { revisionOf } from "./git.ts";

/** All that a run needs but its id. */
export interface Prepared {
  readonly package: PipelinePackage;
  readonly yaml: string;
  /** As given; defaults are the runner's to fill in. */
  readonly parameters: Readonly<Record<string, Json>>;
  readonly artifacts?: Readonly<Record<string, readonly Artifact[]>>;
  readonly source?: SourceRef;
  /** The user's own Python compiled it. */
  readonly byPython?: ByPython;
  /** Relative paths of importers begin here. */
  readonly folder: string;
  readonly target: string;
  readonly caching: boolean;
}

export interface RunOptions {
  readonly pipeline?: string | undefined;
  /** Values by name: text as it was typed, or JSON. */
  readonly parameters: Readonly<Record<string, { readonly text: string } | { readonly json: Json }>>;
  /** For a component alone: artifact ids by input; from the last run where absent. */
  readonly artifacts?: Readonly<Record<string, string>>;
  readonly target: string;
  readonly caching: boolean;
  readonly roots?: readonly string[];
  readonly withPython?: CompileOptions["withPython"];
}

/** Compiles a file to be run. Throws `Rejected` or UserError. */
export async function prepareFile(
  path: string,
  workspace: Workspace,
  store: Store,
  options: RunOptions,
): Promise<Prepared> {
  const file = await compileFile(path, {
    pipeline: options.pipeline,
    roots: [workspace.root, ...(options.roots ?? [])],
    ...(options.withPython ? { withPython: options.withPython } : {}),
  });
  // The SDK compiles these, and so do we; nothing could run them.
  const cycles = file.diagnostics.filter(({ code }) => code === "dependency-cycle");
  if (cycles.length > 0) {
    throw new Rejected(
      path,
      cycles.map((cycle) => ({ ...cycle, severity: "error" })),
    );
  }
  const { root } = file.package.spec;
  const source = await sourceOf(file, workspace);
  const artifacts = artifactsFor(file, source, root.inputDefinitions, store, options.artifacts ?? {});
  return {
    package: file.package,
    yaml: file.yaml,
    parameters: typed(options.parameters, root.inputDefinitions),
    ...(artifacts ? { artifacts } : {}),
    source,
    ...(file.definition.byPython ? { byPython: file.definition.byPython } : {}),
    folder: folderOf(path),
    target: options.target,
    caching: options.caching,
  };
}

/** The same again, with other parameters where they are given. */
export function prepareAgain(run: RunRecord, workspace: Workspace, store: Store, options: RunOptions): Prepared {
  const yaml = store.spec(run.spec);
  const pkg = yaml === undefined ? undefined : readPackage(`${run.id}.yaml`, yaml).package;
  if (yaml === undefined || pkg === undefined) {
    throw new UserError("no-spec", `The pipeline of run ${run.id} is not in the history any more.`, {
      action: "Run its file instead.",
    });
  }
  const inputs = pkg.spec.root.inputDefinitions;
  const known = Object.entries(run.parameters).filter(([name]) => inputs?.parameters?.[name] !== undefined);
  const rootInputs = run.tasks.find(({ type }) => type === "ROOT")?.inputs.artifacts ?? [];
  return {
    package: pkg,
    yaml,
    parameters: typed(options.parameters, inputs, Object.fromEntries(known)),
    ...(rootInputs.length > 0
      ? { artifacts: Object.fromEntries(rootInputs.map(({ key, artifact }) => [key, [artifact]])) }
      : {}),
    ...(run.source ? { source: run.source } : {}),
    folder: run.source ? folderOf(resolve(workspace.root, run.source.path)) : workspace.root,
    target: options.target,
    caching: options.caching,
  };
}

/** Text as a value of its input's type. Throws UserError for what is no such value, unknown or missing. */
function typed(
  given: RunOptions["parameters"],
  inputs: Definitions | undefined,
  before: Readonly<Record<string, Json>> = {},
): Record<string, Json> {
  const values = Object.fromEntries(
    Object.entries(given).map(([name, value]): [string, Json] => {
      if ("json" in value) return [name, value.json];
      const type = inputs?.parameters?.[name]?.parameterType;
      return [name, type === undefined || type === "STRING" ? value.text : parsed(value.text)];
    }),
  );
  completeParameters({ ...before, ...values }, inputs);
  return { ...before, ...values };
}

function parsed(text: string): Json {
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true";
  try {
    // SAFETY: what JSON.parse answers is JSON.
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

async function sourceOf(file: CompiledFile, workspace: Workspace): Promise<SourceRef> {
  const shown = (path: string) => {
    const inside = sourcePath(relative(workspace.root, path));
    return inside.startsWith("../") ? sourcePath(path) : inside;
  };
  const files = diskFiles();
  const starts = new Map<string, readonly number[]>();
  const lines: Record<string, SourceLine> = {};
  for (const [task, span] of file.compiled.sourceMap) {
    let known = starts.get(span.path);
    if (!known) starts.set(span.path, (known = lineStarts(files.read(span.path) ?? "")));
    lines[task] = { path: shown(span.path), line: positionAt(known, span.start).line + 1 };
  }
  return {
    path: shown(file.path),
    digest: createHash("sha256").update(readFileSync(file.path)).digest("hex"),
    symbol: file.definition.symbol,
    lines,
    ...(await revisionOf(file.path)),
  };
}

/** A component that runs alone takes what it took last time, unless told otherwise. */
function artifactsFor(
  file: CompiledFile,
  source: SourceRef,
  inputs: Definitions | undefined,
  store: Store,
  given: Readonly<Record<string, string>>,
): Record<string, readonly Artifact[]> | undefined {
  const wanted = Object.entries(inputs?.artifacts ?? {});
  for (const name of Object.keys(given)) {
    if (!wanted.some(([input]) => input === name)) {
      const inputsInWords =
        wanted.length > 0
          ? `Its artifacts are ${wanted.map(([input]) => input).join(", ")}.`
          : "It takes no artifacts.";
      throw new UserError("no-such-input", `${file.definition.symbol} has no artifact input "${name}".`, {
        action: inputsInWords,
        exit: 2,
      });
    }
  }
  if (wanted.length === 0) return undefined;
  const last = lastInputs(file, source, store);
  const found: Record<string, readonly Artifact[]> = {};
  for (const [input, { isOptional }] of wanted) {
    const id = given[input];
    const artifact = id === undefined ? undefined : store.artifact(id);
    if (id !== undefined && !artifact)
      throw new UserError("no-such-artifact", `There is no artifact ${id}.`, {
        action: "See millrace artifacts.",
        exit: 2,
      });
    const artifacts = artifact ? [artifact] : last.get(input);
    if (artifacts) found[input] = artifacts;
    else if (!isOptional) {
      throw new UserError(
        "no-input",
        `${file.definition.symbol} needs an artifact for "${input}", and no run has given it one.`,
        {
          action: `Run a pipeline with this step first, or name one with --artifact ${input}=ID.`,
          exit: 2,
        },
      );
    }
  }
  return found;
}

function lastInputs(file: CompiledFile, source: SourceRef, store: Store): Map<string, Artifact[]> {
  const { name } = file.definition;
  const found = new Map<string, Artifact[]>();
  for (const { id } of store.runs({ source: source.path, limit: 20 })) {
    const tasks = store.run(id)?.tasks ?? [];
    const task = tasks.findLast(
      (candidate) =>
        (candidate.name === name || candidate.path.split(".").at(-1) === name) && candidate.inputs.artifacts.length > 0,
    );
    if (!task) continue;
    for (const { key, artifact } of task.inputs.artifacts) found.set(key, [...(found.get(key) ?? []), artifact]);
    return found;
  }
  return found;
}

/** Whether an argument of `run` names a file rather than a run. */
export function isFile(argument: string): boolean {
  return existsSync(argument) || languageOf(argument) !== undefined || /[/\\]/.test(argument);
}
