/** The cases of `../shared/corpus`, where it lies beside the project: pipeline files and what the SDK wrote for them. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Analysis, Definition } from "../../../language/analyze.ts";
import { analyzePython } from "../../../language/python/front-end.ts";
import type { Files } from "../../../language/source.ts";
import { diskFiles } from "./disk-files.ts";

export const corpus = resolve(import.meta.dirname, "../../../../shared/corpus");

export interface CorpusCase {
  readonly name: string;
  readonly entry: string;
  readonly function: string;
  readonly kind: "pipeline" | "component";
  readonly python_path?: readonly string[];
  readonly ok: boolean;
}

/** None where the corpus is not there. */
export function corpusCases(): readonly CorpusCase[] {
  if (!existsSync(corpus)) return [];
  // SAFETY: the corpus's own index; its README names these fields.
  return JSON.parse(readFileSync(`${corpus}/index.json`, "utf8")) as readonly CorpusCase[];
}

/** The case's file, and what was compiled of it; undefined where we do not see that in the file. `library` is where a package is. */
export function analyzeCase(
  one: CorpusCase,
  library?: string,
): { readonly analysis: Analysis; readonly definition: Definition | undefined } {
  const folder = `${corpus}/${one.name}`;
  const roots = (one.python_path ?? []).map((root) => resolve(folder, root));
  const { path, files } = entryOf(one, folder);
  const analysis = analyzePython(path, files, {
    sdkVersion: "2.17.0",
    roots,
    env: {},
    ...(library !== undefined && { libraries: [library] }),
  });
  return { analysis, definition: analysis.definitions.find(({ symbol }) => symbol === one.function) };
}

/** Files that use `__file__` were compiled under the case's own name; the corpus calls them all `pipeline.py`. */
function entryOf(one: CorpusCase, folder: string): { readonly path: string; readonly files: Files } {
  const entry = `${folder}/${one.entry}`;
  if (one.entry !== "pipeline.py" || diskFiles.read(entry)?.includes("__file__") !== true)
    return { path: entry, files: diskFiles };
  const path = `${folder}/${one.name}.py`;
  return {
    path,
    files: { list: (each) => diskFiles.list(each), read: (each) => diskFiles.read(each === path ? entry : each) },
  };
}
