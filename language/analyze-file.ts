import type { Analysis, AnalyzeOptions, Work } from "./analyze.ts";
import { diagnose } from "./diagnostics.ts";
import type { YamlReaders } from "./python/context.ts";
import type { Memory } from "./python/memory.ts";
import type { Files } from "./source.ts";

/** Version of the SDK that is written into compiled files where nothing else is asked for. */
export const defaultSdkVersion = "2.17.0";

/** What analyses leave to those after them: an object that the caller keeps, and that they fill. */
export interface AnalysisMemory {
  python?: Memory;
  /** Told what could not be taken from here. */
  readonly onWork?: (work: Work) => void;
}

export type Language = "python" | "typescript" | "yaml";

/** The language of a file by its ending; undefined where no front end reads it. */
export function languageOf(path: string): Language | undefined {
  if (/\.py$/i.test(path)) return "python";
  if (/\.[cm]?tsx?$/i.test(path) && !/\.d(?:\.[^.]+)?\.[cm]?ts$/i.test(path)) return "typescript";
  return /\.(?:ya?ml|json)$/i.test(path) ? "yaml" : undefined;
}

/**
 * The pipelines, components and diagnostics of one file. Each front end is loaded when the
 * first file of its language comes: a Python file never waits for the TypeScript compiler.
 */
export async function analyzeFile(
  path: string,
  files: Files,
  options: AnalyzeOptions,
  memory?: AnalysisMemory,
): Promise<Analysis> {
  const start = { path, start: 0, end: 0 };
  const none = (diagnostic: Analysis["diagnostics"][number]): Analysis => ({
    path,
    definitions: [],
    diagnostics: [diagnostic],
  });
  const language = languageOf(path);
  if (!language) return none(diagnose("unknown-language", start, path));
  if (files.read(path) === undefined) {
    const slash = path.lastIndexOf("/");
    const exists = files.list(path.slice(0, slash) || "/").includes(path.slice(slash + 1));
    if (!exists) return none(diagnose("no-such-file", start, path));
    return none({ ...diagnose("not-utf8", start, path), hint: "Save it as UTF-8." });
  }
  try {
    return await read(language, path, files, options, memory);
  } catch (problem) {
    // A front end's parser walks brackets by calling itself.
    if (!(problem instanceof RangeError)) throw problem;
    const at = deepest(files.read(path) ?? "");
    return none(diagnose("endless-evaluation", { path, start: at, end: at }, "it is nested too deeply"));
  }
}

/** Where the most brackets are open, strings and comments not looked at. */
function deepest(text: string): number {
  let [depth, most, at] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const sign = text.charAt(i);
    if ("([{".includes(sign)) depth++;
    else if (")]}".includes(sign)) depth--;
    if (depth > most) [most, at] = [depth, i];
  }
  return at;
}

async function read(
  language: Language,
  path: string,
  files: Files,
  options: AnalyzeOptions,
  memory: AnalysisMemory | undefined,
): Promise<Analysis> {
  switch (language) {
    case "python":
      return analyzePython(path, files, options, memory);
    case "typescript":
      return (await import("./typescript/front-end.ts")).analyzeTypeScript(path, files, options);
    case "yaml":
      return (await import("./yaml/front-end.ts")).analyzeYaml(path, files, options);
  }
}

let yamlReaders: YamlReaders | undefined;

/** What reads YAML is loaded when a file first loads a component or settings: most never do, and it is a third of what they need. */
async function analyzePython(
  path: string,
  files: Files,
  options: AnalyzeOptions,
  memory?: AnalysisMemory,
): Promise<Analysis> {
  if (memory && !memory.python) memory.python = (await import("./python/memory.ts")).createMemory(memory.onWork);
  const { analyzeModule } = await import("./python/analyze-module.ts");
  const state = { asked: false };
  const ask = (): { problem: string; values: [] } => {
    state.asked = true;
    return { problem: "", values: [] };
  };
  const analysis = analyzeModule(path, files, options, yamlReaders ?? { component: ask, values: ask }, memory?.python);
  if (!state.asked) return analysis;
  // What came of it without the reader is nothing to be remembered.
  memory?.python?.remembered.clear();
  ({ yamlReaders } = await import("./python/yaml-readers.ts"));
  return analyzeModule(path, files, options, yamlReaders, memory?.python);
}
