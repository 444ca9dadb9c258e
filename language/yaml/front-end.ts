import { diagnose } from "../diagnostics.ts";
import type { Analysis, AnalyzeOptions, Definition } from "../analyze.ts";
import { componentAsPipeline } from "../graph/lower.ts";
import type { Component } from "../graph/model.ts";
import { readComponent } from "../python/read-component.ts";
import type { Files, Span } from "../source.ts";
import { readPackage } from "../spec/read.ts";
import { serverRefuses } from "./server-limits.ts";
import { yamlSpeaksOfPipelines } from "./speaks.ts";

/**
 * The pipeline of a compiled file, or the component of one as the SDK's first version wrote it; YAML or JSON. A file
 * that speaks of neither has no diagnostics either.
 */
export function analyzeYaml(path: string, files: Files, options: AnalyzeOptions): Analysis {
  const text = files.read(path) ?? "";
  if (!yamlSpeaksOfPipelines(text)) return { path, definitions: [], diagnostics: [] };
  if (!text.includes("pipelineInfo")) return analyzeComponent(path, text, options);
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
  return { path, definitions: [definition], diagnostics: [...diagnostics, ...serverRefuses(path, text, pkg.spec)] };
}

function analyzeComponent(path: string, text: string, options: AnalyzeOptions): Analysis {
  const span: Span = { path, start: 0, end: text.length };
  const name = /^name:[ \t]*(.*)$/m.exec(text);
  const nameSpan: Span = name
    ? { path, start: name.index, end: name.index + name[0].length }
    : { path, start: 0, end: Math.min(text.length, 1) };
  const { component: read, problem } = readComponent(text);
  if (!read) return { path, definitions: [], diagnostics: [diagnose("component-text", nameSpan, problem)] };
  const component: Component = { ...read, span };
  const compile: Definition["compile"] = () => {
    const diagnostics: Analysis["diagnostics"][number][] = [];
    const { sdkVersion } = options;
    return {
      compiled: componentAsPipeline(component, { sdkVersion, report: (each) => diagnostics.push(each) }),
      diagnostics,
    };
  };
  const { compiled } = compile();
  const definition: Definition = {
    kind: "component",
    symbol: component.name,
    name: component.name,
    ...(component.description === undefined ? {} : { description: component.description }),
    inputs: compiled?.spec.root.inputDefinitions ?? {},
    outputs: compiled?.spec.root.outputDefinitions ?? {},
    span,
    nameSpan,
    component: () => component,
    compile,
  };
  return { path, definitions: [definition], diagnostics: [] };
}
