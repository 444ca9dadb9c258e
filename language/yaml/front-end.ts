import type { Analysis, Definition } from "../analyze.ts";
import type { Files } from "../source.ts";
import { readPackage } from "../spec/read.ts";

/** The pipeline of a compiled file, YAML or JSON. A file that speaks of no pipeline has no diagnostics either. */
export function analyzeYaml(path: string, files: Files): Analysis {
  const text = files.read(path) ?? "";
  if (!text.includes("pipelineInfo")) return { path, definitions: [], diagnostics: [] };
  const { package: pkg, sourceMap, nameSpan, diagnostics } = readPackage(path, text);
  if (!pkg) return { path, definitions: [], diagnostics };
  const { name, description } = pkg.spec.pipelineInfo;
  const span = { path, start: 0, end: text.length };
  const definition: Definition = {
    kind: "pipeline",
    symbol: name,
    name,
    ...(description ? { description } : {}),
    inputs: pkg.spec.root.inputDefinitions ?? {},
    outputs: pkg.spec.root.outputDefinitions ?? {},
    span,
    nameSpan: nameSpan ?? span,
    compile: () => ({ compiled: { ...pkg, sourceMap, bodies: [] }, diagnostics: [] }),
  };
  return { path, definitions: [definition], diagnostics };
}
