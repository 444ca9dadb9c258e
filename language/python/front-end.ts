import type { AnalyzeOptions, FrontEnd } from "../analyze.ts";
import type { Files } from "../source.ts";
import { analyzeModule, executeFile } from "./analyze-module.ts";
import type { Memory } from "./memory.ts";
import { type Meanings, meaningsOf } from "./meanings.ts";
import { Sightings } from "./sightings.ts";
import { yamlReaders } from "./yaml-readers.ts";

/** The pipelines and components of a Python file, without Python. */
export const analyzePython: FrontEnd = (path, files, options) => analyzeModule(path, files, options, yamlReaders);

/** What the expressions of a file came out as; `memory` as for an analysis, `isDraft` as in `DslContext`. */
export function readMeanings(
  path: string,
  files: Files,
  options: AnalyzeOptions,
  memory?: Memory,
  isDraft = false,
): Meanings {
  const sightings = new Sightings();
  const text = files.read(path) ?? "";
  const context = executeFile(path, text, files, options, yamlReaders, () => {}, sightings, memory, isDraft);
  return meaningsOf(path, context, sightings);
}
