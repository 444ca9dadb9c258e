import type { AnalyzeOptions, FrontEnd } from "../analyze.ts";
import type { Diagnostic } from "../diagnostics.ts";
import type { Files } from "../source.ts";
import { analyzeModule, executeFile } from "./analyze-module.ts";
import type { DslContext } from "./context.ts";
import type { Observe } from "./machine.ts";
import { yamlReaders } from "./yaml-readers.ts";

/** The pipelines and components of a Python file, without Python. */
export const analyzePython: FrontEnd = (path, files, options) => analyzeModule(path, files, options, yamlReaders);

/** Executes a file as the compiler would meet it; `observe` is told what its expressions come out as. */
export function runFile(
  path: string,
  text: string,
  files: Files,
  options: AnalyzeOptions,
  report: (diagnostic: Diagnostic) => void,
  observe?: Observe,
): DslContext {
  return executeFile(path, text, files, options, yamlReaders, report, observe);
}
