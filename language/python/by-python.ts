/** What the user's own Python and `kfp` made of a file, and how that becomes the file's analysis. */
import type { Analysis, CompiledPipeline, Definition, SourceMap } from "../analyze.ts";
import { type Diagnostic, diagnose, unknowable } from "../diagnostics.ts";
import { type Files, lineStarts, type Span } from "../source.ts";
import { type ReadResult, readPackage } from "../spec/read.ts";
import type { ComponentSpec, PipelinePackage } from "../spec/types.ts";

/** Plain data: it crosses processes and is kept on the disk. */
export type PythonResult = PythonAbout &
  (
    | { readonly kind: "raised"; readonly raised: PythonRaised }
    | {
        readonly kind: "compiled";
        readonly definitions: readonly PythonDefinition[];
        /** Where tasks and groups are made: by the pipeline's name, by their own. */
        readonly places: Readonly<Record<string, Readonly<Record<string, PythonPlace>>>>;
      }
  );

interface PythonAbout {
  readonly executable: string;
  /** `3.11.2` */
  readonly python: string;
  /** `2.17.0` */
  readonly kfp: string;
  /** The file of `kfp` that says its version. */
  readonly kfpFile: string;
  /** The user's files that were read, with their texts then: the file, its modules, its data. */
  readonly sources: Readonly<Record<string, string>>;
}

export interface PythonRaised {
  readonly message: string;
  /** The innermost line of the user's, from 0. */
  readonly path?: string;
  readonly line?: number;
}

export interface PythonDefinition {
  readonly kind: "pipeline" | "component";
  readonly symbol: string;
  /** Lines from 0: its first with decorators, that of its name, its last. */
  readonly lines: readonly [first: number, name: number, last: number];
  /** As `kfp` wrote it. */
  readonly yaml?: string;
  /** Why there is none. */
  readonly raised?: PythonRaised;
}

export interface PythonPlace {
  readonly path: string;
  /** A line; or line and UTF-16 column of the start, then of the end. From 0. */
  readonly at: readonly number[];
  /** The name of the nested pipeline that the task is. */
  readonly pipeline?: string;
}

type Compiled = PythonResult & { readonly kind: "compiled" };

/** Whether the files that Python read are still what they were. */
export function isCurrent(result: PythonResult, files: Files): boolean {
  return Object.entries(result.sources).every(([path, text]) => isSame(files.read(path), text));
}

/** Without a byte order mark, which some readers drop. */
function isSame(now: string | undefined, then: string): boolean {
  return now?.replace(/^\uFEFF/, "") === then.replace(/^\uFEFF/, "");
}

/**
 * An analysis with what Python knew. Of the text that Python compiled, Python is right about every pipeline, and
 * about components that could not be read. Of a newer text it still says what cannot be known by reading.
 */
export function withPython(analysis: Analysis, result: PythonResult, files: Files): Analysis {
  const current = isCurrent(result, files);
  if (result.kind === "raised") return current ? withRaised(analysis, result.raised, files) : analysis;
  const hasPipeline = result.definitions.some(({ kind }) => kind === "pipeline");
  const made = result.definitions.flatMap((one): readonly Definition[] => {
    const known = analysis.definitions.find(({ symbol }) => symbol === one.symbol);
    if (known ? !isNeeded(known, current) : one.kind === "component" && hasPipeline) return [];
    const place = known ?? placeOf(one, analysis.path, result, files);
    return place ? definitionOf(one, place, result, current, files) : [];
  });
  const symbols = new Set(made.map(({ symbol }) => symbol));
  const definitions = [...analysis.definitions.filter(({ symbol }) => !symbols.has(symbol)), ...made].sort(
    (a, b) => a.span.start - b.span.start,
  );
  const diagnostics = analysis.diagnostics.flatMap((one) => asSeen(one, result, current, made));
  const failed = current ? result.definitions.flatMap(({ raised }) => (raised ? [raised] : [])) : [];
  const seen: Analysis = { ...analysis, definitions, diagnostics };
  return failed.reduce((all, raised) => withRaised(all, raised, files), seen);
}

/** Whether Python is to be asked about a definition that was read. */
function isNeeded(known: Definition, current: boolean): boolean {
  if (current && known.kind === "pipeline") return true;
  const { diagnostics } = known.compile();
  return diagnostics.some(({ code, severity }) => unknowable.has(code) || (current && severity === "error"));
}

/** What Python has compiled has no errors. What could not be known is still worth a word. */
function asSeen(
  diagnostic: Diagnostic,
  { python }: PythonResult,
  current: boolean,
  made: readonly Definition[],
): readonly Diagnostic[] {
  const { code, severity, span } = diagnostic;
  if (unknowable.has(code)) {
    const hint = current ? `Python ${python} knew it.` : "The graph has what it was when Python compiled the file.";
    return [{ ...diagnostic, severity: "information", hint }];
  }
  if (current && severity === "error") return [];
  // Its steps are those that cannot be known.
  const isOfMade = made.some(({ nameSpan: { path, start } }) => path === span.path && start === span.start);
  return code === "pipeline-empty" && isOfMade ? [] : [diagnostic];
}

/** Reading may have found the same, at the same place. */
function withRaised(analysis: Analysis, raised: PythonRaised, files: Files): Analysis {
  const found = diagnosticOf(raised, analysis.path, files);
  const others = analysis.diagnostics.filter(
    ({ code, span }) => code !== "python-error" || span.path !== found.span.path || span.start !== found.span.start,
  );
  return { ...analysis, diagnostics: [found, ...others] };
}

function diagnosticOf({ message, path = "", line = 0 }: PythonRaised, of: string, files: Files): Diagnostic {
  const at = path === "" ? of : path;
  return diagnose("python-raised", lineSpan(at, files.read(at) ?? "", line), message);
}

interface Place {
  readonly span: Span;
  readonly nameSpan: Span;
}

/** None of what was not compiled and whose text is another now. */
function definitionOf(
  made: PythonDefinition,
  { span, nameSpan }: Place,
  result: Compiled,
  current: boolean,
  files: Files,
): readonly Definition[] {
  const { kind, symbol, yaml, raised } = made;
  const { path } = span;
  const byPython = { python: result.python, kfp: result.kfp, older: !current };
  if (yaml === undefined) {
    if (!current || !raised) return [];
    const diagnostics = [diagnosticOf(raised, path, files)];
    return [
      {
        kind,
        symbol,
        name: symbol,
        inputs: {},
        outputs: {},
        span,
        nameSpan,
        byPython,
        compile: () => ({ diagnostics }),
      },
    ];
  }
  const { package: pkg, diagnostics } = packageOf(made, path, yaml);
  // Said where the definition stands: the text that it is about is nowhere to be seen.
  const misread = diagnostics.map((one) => ({ ...one, span: nameSpan }));
  const compiled = pkg && compiledOf(pkg, yaml, result, files);
  const { name = symbol, description } = pkg?.spec.pipelineInfo ?? {};
  return [
    {
      kind,
      symbol,
      name,
      ...(description ? { description } : {}),
      inputs: pkg?.spec.root.inputDefinitions ?? {},
      outputs: pkg?.spec.root.outputDefinitions ?? {},
      span,
      nameSpan,
      byPython,
      compile: () => ({ diagnostics: misread, ...(compiled ? { compiled } : {}) }),
    },
  ];
}

/** Read once: a result stays while its file is typed in. */
function packageOf(made: PythonDefinition, path: string, yaml: string): ReadResult {
  let read = packages.get(made);
  if (!read) packages.set(made, (read = readPackage(path, yaml)));
  return read;
}

const packages = new WeakMap<PythonDefinition, ReadResult>();

function compiledOf(pkg: PipelinePackage, yaml: string, result: Compiled, files: Files): CompiledPipeline {
  let sourceMap: SourceMap | undefined;
  return {
    ...pkg,
    bodies: [],
    yaml,
    get sourceMap() {
      return (sourceMap ??= sourceMapOf(pkg, result, files));
    },
  };
}

/** Where a definition that is not found by reading stands; undefined where the text has changed there. */
function placeOf(
  { lines: [first, name, last] }: PythonDefinition,
  path: string,
  result: PythonResult,
  files: Files,
): Place | undefined {
  const lines = linesNow(path, result, files);
  const [from, own, to] = [lines.find(first), lines.find(name), lines.find(last)];
  if (from === undefined || own === undefined || to === undefined) return undefined;
  const span = { path, start: lineSpan(path, lines.text, from).start, end: lineSpan(path, lines.text, to).end };
  return { span, nameSpan: lineSpan(path, lines.text, own) };
}

/** Components may nest and be used often: so many task paths are mapped, the rest is left out. */
const mostTaskPaths = 200_000;

function sourceMapOf({ spec }: PipelinePackage, result: Compiled, files: Files): SourceMap {
  const found = new Map<string, Span>();
  const texts = new Map<string, ReturnType<typeof linesNow>>();
  const spanOf = ({ path, at }: PythonPlace): Span | undefined => {
    let lines = texts.get(path);
    if (!lines) texts.set(path, (lines = linesNow(path, result, files)));
    const [line = 0, from, last, to] = at;
    const now = lines.find(line);
    if (now === undefined) return undefined;
    if (from === undefined || last === undefined || to === undefined) return lineSpan(path, lines.text, now);
    const end = lines.find(last);
    if (end === undefined) return undefined;
    return { path, start: (lines.starts[now] ?? 0) + from, end: (lines.starts[end] ?? 0) + to };
  };
  const visit = (component: ComponentSpec | undefined, above: string, pipeline: string): void => {
    for (const [name, task] of Object.entries(component?.dag?.tasks ?? {})) {
      if (found.size >= mostTaskPaths) return;
      const place = result.places[pipeline]?.[name];
      const span = place && spanOf(place);
      if (span) found.set(`${above}.${name}`, span);
      // Groups are of the pipeline that they stand in.
      visit(spec.components?.[task.componentRef.name], `${above}.${name}`, place?.pipeline ?? pipeline);
    }
  };
  visit(spec.root, "root", spec.pipelineInfo.name);
  return found;
}

/** The text of a file now, and where the lines are that Python read, as far as they are still there. */
function linesNow(path: string, result: PythonResult, files: Files) {
  const text = files.read(path) ?? "";
  const then = result.sources[path] ?? text;
  const [before, after] = [linesOf(then), linesOf(text)];
  let head = 0;
  while (head < before.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const find = (line: number): number | undefined => {
    if (line < head) return line;
    if (line >= before.length - tail) return line + after.length - before.length;
    // Between changes: where it is the same line, and there is no other such.
    const text = before[line] ?? "";
    const [then, now] = [only(before, text), only(after, text)];
    return then === undefined ? undefined : now;
  };
  return { text, starts: lineStarts(text), find };
}

/** Where a line stands that stands nowhere else. */
function only(lines: readonly string[], line: string): number | undefined {
  const at = lines.indexOf(line);
  return at >= 0 && at === lines.lastIndexOf(line) ? at : undefined;
}

const linesOf = (text: string): readonly string[] => text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);

/** A line of a text without the space around it; the last where there is none of that number. */
function lineSpan(path: string, text: string, line: number): Span {
  const starts = lineStarts(text);
  const at = Math.min(Math.max(line, 0), starts.length - 1);
  const whole = text.slice(starts[at], starts[at + 1] ?? text.length);
  const start = (starts[at] ?? 0) + (whole.length - whole.trimStart().length);
  return { path, start, end: Math.max(start, (starts[at] ?? 0) + whole.trimEnd().length) };
}
