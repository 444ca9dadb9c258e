/** Whether what was converted says the same: compiled again, by the other front end. */
import type { AnalyzeOptions, CompiledPipeline } from "../analyze.ts";
import type { Files } from "../source.ts";
import { analyzeTypeScript } from "../typescript/front-end.ts";

/** How the text at `target`, with the files beside it, differs from what it was made of; undefined: it does not. */
export function difference(
  original: CompiledPipeline,
  target: string,
  written: ReadonlyMap<string, string>,
  files: Files,
  options: AnalyzeOptions,
): string | undefined {
  const overlay: Files = { ...files, read: (path) => written.get(path) ?? files.read(path) };
  const { definitions, diagnostics } = analyzeTypeScript(target, overlay, options);
  const compiled = definitions[0]?.compile().compiled;
  const error = diagnostics.find(({ severity }) => severity === "error");
  if (error || !compiled) return error?.message ?? "it is no pipeline";
  return firstDifference(plain(original), plain(compiled), "");
}

const plain = ({ spec, platform }: CompiledPipeline): unknown => JSON.parse(JSON.stringify({ spec, platform }));

/** The path of the first place where they differ; keys have no order. */
function firstDifference(a: unknown, b: unknown, path: string): string | undefined {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return Object.is(a, b) ? undefined : `${path.slice(1)} is ${brief(b)}, not ${brief(a)}`;
  if (Array.isArray(a) !== Array.isArray(b)) return `${path.slice(1)} is ${brief(b)}, not ${brief(a)}`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(Reflect.get(a, key), Reflect.get(b, key), `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function brief(value: unknown): string {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
