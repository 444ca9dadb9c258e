/** What is known of the files of a workspace, kept until one of the files it was read from changes. */
import type { Analysis, AnalyzeOptions, CompiledPipeline, Definition } from "./analyze.ts";
import { type AnalysisMemory, analyzeFile, languageOf } from "./analyze-file.ts";
import { dagView } from "./dag/from-spec.ts";
import { layout } from "./dag/layout.ts";
import type { Dag, LaidOutDag } from "./dag/view.ts";
import { type Diagnostic, unknowable } from "./diagnostics.ts";
import type { PythonResult } from "./python/by-python.ts";
import type { Files, Span } from "./source.ts";

export interface Workspace {
  /** Of the text as it is now. Rejects only on a bug of ours. */
  analysis(path: string): Promise<Analysis>;
  /** Whether the last analysis of a file is still what one now would give; false where there is none. */
  isFresh(path: string): boolean;
  /** Forgets a file that nobody looks at any more. */
  forget(path: string): void;
  /** The definition that a name means: of symbol, or of name; without one, the last pipeline, or else component. */
  definition(path: string, symbol?: string): Promise<Definition | undefined>;
  compiled(path: string, symbol?: string): Promise<Compiled>;
  graph(path: string, symbol: string | undefined, folded: readonly string[]): Promise<Drawn>;
  /** What the user's own Python made of a file becomes part of its analysis; undefined: no longer. */
  setPython(path: string, result: PythonResult | undefined): void;
  /** Paths of files that the last analysis of a file read. */
  sources(path: string): readonly string[];
}

export interface Compiled {
  readonly definition?: Definition;
  readonly compiled?: CompiledPipeline;
  /** Of the file and of compiling. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface Drawn {
  readonly graph?: LaidOutDag;
  readonly definition?: Definition;
  readonly diagnostics: readonly Diagnostic[];
}

interface Entry {
  readonly analysis: Promise<Analysis>;
  /** What each file and folder was when it was read. Lazy compiling adds to it. */
  readonly read: Map<string, string | undefined>;
  readonly listed: Map<string, string>;
  readonly compiled: Map<Definition, Compiled>;
  readonly drawings: Map<string, Drawing>;
  /** Not for its texts, but for what else is known of the file now. */
  readonly stale?: boolean;
}

/** The last picture of a definition, by what it was drawn from, and by the text of its data. */
interface Drawing {
  readonly of: readonly [spec: object, platform: object | undefined, folded: string];
  readonly dag: string;
  readonly graph: Promise<LaidOutDag>;
}

/** `optionsFor` may change its answers; files are then to be forgotten. `memory` may be shared with other analyses. */
export function createWorkspace(
  files: Files,
  optionsFor: (path: string) => AnalyzeOptions,
  layOut: (dag: Dag) => Promise<LaidOutDag> = layout,
  memory: AnalysisMemory = {},
): Workspace {
  const entries = new Map<string, Entry>();
  /** What was compiled last, and what was raised after that. */
  const results = new Map<string, readonly PythonResult[]>();

  function isFresh(path: string): boolean {
    const entry = entries.get(path);
    if (!entry || entry.stale) return false;
    for (const [file, text] of entry.read) if (files.read(file) !== text) return false;
    for (const [folder, names] of entry.listed) if (files.list(folder).join("\n") !== names) return false;
    return true;
  }

  function entryOf(path: string): Entry {
    const known = entries.get(path);
    if (known && isFresh(path)) return known;
    const read = new Map<string, string | undefined>();
    const listed = new Map<string, string>();
    const recording: Files = {
      read(file) {
        const text = files.read(file);
        if (!read.has(file)) read.set(file, text);
        return text;
      },
      list(folder) {
        const names = files.list(folder);
        listed.set(folder, names.join("\n"));
        return names;
      },
    };
    const analysis = analyze(path, recording);
    // The drawings of the text before are often those of this one too: most keystrokes change no graph.
    const entry: Entry = {
      analysis,
      read,
      listed,
      compiled: new Map(),
      drawings: known?.drawings ?? new Map<string, Drawing>(),
    };
    entries.set(path, entry);
    analysis.catch(() => {
      if (entries.get(path) === entry) entries.delete(path);
    });
    return entry;
  }

  async function analyze(path: string, recording: Files): Promise<Analysis> {
    const made = results.get(path);
    const analysis = await analyzeFile(path, recording, optionsFor(path), memory);
    if (!made) return analysis;
    // Loaded for the first that is compiled so: it brings what reads YAML.
    const { withPython } = await import("./python/by-python.ts");
    return made.reduce((all, result) => withPython(all, result, recording), analysis);
  }

  async function compiled(path: string, symbol?: string): Promise<Compiled> {
    const entry = entryOf(path);
    const analysis = await entry.analysis;
    const definition = choose(analysis, symbol);
    if (!definition) return { diagnostics: analysis.diagnostics };
    const known = entry.compiled.get(definition);
    if (known) return known;
    const result = definition.compile();
    const own = result.diagnostics.filter((one) => !analysis.diagnostics.some((other) => isSame(one, other)));
    const answer: Compiled = {
      definition,
      ...(result.compiled ? { compiled: result.compiled } : {}),
      diagnostics: [...analysis.diagnostics, ...own],
    };
    entry.compiled.set(definition, answer);
    return answer;
  }

  return {
    analysis: (path) => entryOf(path).analysis,
    isFresh,
    forget: (path) => void entries.delete(path),
    setPython(path, result) {
      const before = result?.kind === "raised" ? (results.get(path) ?? []) : [];
      if (result) results.set(path, [...before.filter(({ kind }) => kind === "compiled"), result]);
      else results.delete(path);
      // Its drawings stay: most of them are the same again.
      const entry = entries.get(path);
      if (entry) entries.set(path, { ...entry, stale: true });
    },
    definition: async (path, symbol) => choose(await entryOf(path).analysis, symbol),
    compiled,
    async graph(path, symbol, folded) {
      const { definition, compiled: pipeline, diagnostics } = await compiled(path, symbol);
      const about = { diagnostics, ...(definition ? { definition } : {}) };
      if (!pipeline) return about;
      const { drawings } = entryOf(path);
      const last = drawings.get(symbol ?? "");
      const of = [pipeline.spec, pipeline.platform, folded.join("\n")] as const;
      if (last && of.every((one, i) => one === last.of[i])) return { graph: await last.graph, ...about };
      const dag = dagView(pipeline, new Set(folded));
      const text = JSON.stringify(dag);
      const graph = last?.dag === text ? last.graph : layOut(dag);
      const drawing: Drawing = { of, dag: text, graph };
      drawings.set(symbol ?? "", drawing);
      graph.catch(() => {
        if (drawings.get(symbol ?? "") === drawing) drawings.delete(symbol ?? "");
      });
      return { graph: await graph, ...about };
    },
    sources: (path) => [...(entries.get(path)?.read.keys() ?? [])].filter((file) => languageOf(file) !== undefined),
  };
}

function choose(analysis: Analysis, symbol: string | undefined): Definition | undefined {
  const { definitions } = analysis;
  if (symbol !== undefined) {
    return definitions.find((one) => one.symbol === symbol) ?? definitions.find((one) => one.name === symbol);
  }
  return definitions.findLast((one) => one.kind === "pipeline") ?? definitions.at(-1);
}

/** Those that reading gives up at, where Python would know: by their own diagnostics, or by those of the module alone. */
export function askingPython({ definitions, diagnostics }: Analysis): ReadonlySet<Definition> {
  const isAsking = ({ code, severity }: Diagnostic) => unknowable.has(code) && severity === "error";
  const all = diagnostics.filter(isAsking);
  if (all.length === 0) return new Set();
  const own = new Map(definitions.map((one) => [one, one.compile().diagnostics.filter(isAsking)]));
  const owned = [...own.values()].flat();
  const isOfModule = all.some((one) => !owned.some((other) => isSame(one, other)));
  return new Set(
    definitions.filter((one) => own.get(one)?.length || (isOfModule && one.kind === "pipeline" && !one.byPython)),
  );
}

function isSame(a: Diagnostic, b: Diagnostic): boolean {
  return a.code === b.code && a.message === b.message && a.span.path === b.span.path && a.span.start === b.span.start;
}

/** The innermost task whose place holds an offset, as its path in the spec. */
export function taskAt(compiled: CompiledPipeline, path: string, offset: number): string | undefined {
  let best: { readonly node: string; readonly span: Span } | undefined;
  for (const [node, span] of compiled.sourceMap) {
    if (span.path !== path || offset < span.start || offset > span.end) continue;
    if (!best || span.end - span.start < best.span.end - best.span.start) best = { node, span };
  }
  return best?.node;
}

/** Where a node of the graph stands; that of the group around it where it has no place of its own. */
export function placeOf(compiled: CompiledPipeline, node: string): Span | undefined {
  for (let at = node; at.includes("."); at = at.slice(0, at.lastIndexOf("."))) {
    const span = compiled.sourceMap.get(at);
    if (span) return span;
  }
  return undefined;
}
