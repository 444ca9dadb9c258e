/** Compiled pipelines, YAML or JSON, back into a package with the place of each task. */
import { isMap, isNode, isScalar, type Node } from "yaml";
import type { SourceMap } from "../analyze.ts";
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import { parseDocuments, readNode, sourceText, spanOf, type YamlDocument } from "./parse.ts";
import { checkReferences } from "./references.ts";
import { pipelineSpecShape, platformSpecShape } from "./schema.ts";
import { modernSpec, withJobValues } from "./schema-2-0.ts";
import type { ComponentSpec, PipelinePackage, PipelineSpec, PlatformSpec } from "./types.ts";

export interface ReadResult {
  /** Absent where the text is no pipeline, or one with errors. */
  readonly package?: PipelinePackage;
  readonly sourceMap: SourceMap;
  /** Where each component and each executor stands, by its name in the spec. */
  readonly components: ReadonlyMap<string, Span>;
  readonly executors: ReadonlyMap<string, Span>;
  /** Where the pipeline's name stands. */
  readonly nameSpan?: Span;
  readonly diagnostics: readonly Diagnostic[];
}

/** Components may nest and be used often: so many task paths are mapped, the rest is left out. */
const mostTaskPaths = 200_000;

/**
 * Reads one or two documents as the SDK writes them (spec, platform spec), a PipelineVersion
 * manifest, or the `pipeline_spec` / `platform_spec` object of the KFP API.
 */
export function readPackage(path: string, text: string): ReadResult {
  const fail = (diagnostics: readonly Diagnostic[]): ReadResult => ({
    sourceMap: new Map(),
    components: new Map(),
    executors: new Map(),
    diagnostics,
  });
  const parsed = parseDocuments(path, withoutHeader(text));
  if (parsed.diagnostics.length > 0) return fail(parsed.diagnostics);
  const { spec, platform, runtimeConfig } = findParts(parsed.documents);
  const beginning = { path, start: 0, end: Math.min(text.length, 1) };
  if (!spec) return fail([diagnose("spec-missing", beginning, "This file", "pipelineInfo")]);

  const read = readNode(path, spec.document, spec.node, pipelineSpecShape, "The pipeline");
  const readPlatform =
    platform && readNode(path, platform.document, platform.node, platformSpecShape, "The platform spec");
  const misfits = [...read.diagnostics, ...(readPlatform?.diagnostics ?? [])];
  if (misfits.length > 0) return fail(misfits);

  // A job that a server or SDK 1.8 wrote; what is wrong with its values is not for the spec to tell.
  const job = runtimeConfig && readNode(path, runtimeConfig.document, runtimeConfig.node, "any", "The job").value;
  // SAFETY: `readNode` held the values against the schema. `deploymentSpec` may be absent in a file.
  const value = modernSpec(withJobValues(read.value, job)) as unknown as PipelineSpec;
  const pipelineSpec: PipelineSpec = {
    ...value,
    deploymentSpec: (value as Partial<PipelineSpec>).deploymentSpec ?? {},
  };
  const places = placesOf(path, spec.node);
  const wrong = checkReferences(
    pipelineSpec,
    (component, task) =>
      places.tasks.get(component)?.get(task ?? "") ?? places.components.get(component) ?? places.nameSpan ?? beginning,
    (label) => places.executors.get(label) ?? places.nameSpan ?? beginning,
  );
  const description = pipelineSpec.pipelineInfo.description ? undefined : headerDescription(text);
  const pkg: PipelinePackage = {
    spec: pipelineSpec,
    ...(description ? { description } : {}),
    ...(readPlatform ? { platform: readPlatform.value as unknown as PlatformSpec } : {}),
  };
  return {
    ...(wrong.length === 0 ? { package: pkg } : {}),
    sourceMap: wrong.length === 0 ? sourceMapOf(pipelineSpec, places.tasks) : new Map(),
    components: places.components,
    executors: places.executors,
    ...(places.nameSpan ? { nameSpan: places.nameSpan } : {}),
    diagnostics: [...wrong, ...read.unknown, ...(readPlatform?.unknown ?? [])],
  };
}

interface Part {
  readonly document: YamlDocument;
  readonly node: Node;
}

interface Parts {
  spec?: Part;
  platform?: Part;
  /** Beside the spec of a PipelineJob. */
  runtimeConfig?: Part;
}

/** The trees of the spec and of the platform spec; none where the text does not parse. */
export function specTrees(path: string, text: string): { readonly spec?: Node; readonly platform?: Node } {
  const { spec, platform } = findParts(parseDocuments(path, withoutHeader(text)).documents);
  return { ...(spec && { spec: spec.node }), ...(platform && { platform: platform.node }) };
}

function findParts(documents: readonly YamlDocument[]): Parts {
  const found: Parts = {};
  for (const document of documents) {
    const top = document.contents;
    const body = member(top, "kind") && member(top, "spec") ? member(top, "spec") : top;
    const nested = member(body, "pipelineSpec") ?? member(body, "pipeline_spec");
    const spec = nested ?? (member(body, "pipelineInfo") || member(body, "root") ? body : undefined);
    const platform =
      member(body, "platformSpec") ?? member(body, "platform_spec") ?? (member(body, "platforms") ? body : undefined);
    const runtimeConfig = nested && (member(body, "runtimeConfig") ?? member(body, "runtime_config"));
    if (runtimeConfig) found.runtimeConfig ??= { document, node: runtimeConfig };
    if (spec && isNode(spec)) found.spec ??= { document, node: spec };
    if (platform && isNode(platform)) found.platform ??= { document, node: platform };
  }
  return found;
}

function pairOf(node: unknown, name: string) {
  return isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === name) : undefined;
}

export function member(node: unknown, name: string): Node | undefined {
  const value = pairOf(node, name)?.value;
  return isNode(value) ? value : undefined;
}

/** Spans of the members of a mapping, from key to end of value. */
function memberSpans(path: string, node: unknown): Map<string, Span> {
  const spans = new Map<string, Span>();
  if (!isMap(node)) return spans;
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue;
    const from = spanOf(path, key);
    spans.set(sourceText(key), isNode(value) ? { ...from, end: spanOf(path, value).end } : from);
  }
  return spans;
}

interface Places {
  readonly components: ReadonlyMap<string, Span>;
  readonly executors: ReadonlyMap<string, Span>;
  /** By component (the root: `""`), then by task. */
  readonly tasks: ReadonlyMap<string, ReadonlyMap<string, Span>>;
  readonly nameSpan?: Span;
}

function placesOf(path: string, spec: Node): Places {
  const components = member(spec, "components");
  const tasks = new Map<string, ReadonlyMap<string, Span>>();
  const tasksOf = (component: unknown) => memberSpans(path, member(member(component, "dag"), "tasks"));
  tasks.set("", tasksOf(member(spec, "root")));
  for (const { key, value } of isMap(components) ? components.items : []) {
    if (isScalar(key)) tasks.set(sourceText(key), tasksOf(value));
  }
  const name = member(member(spec, "pipelineInfo"), "name");
  return {
    components: memberSpans(path, components),
    executors: memberSpans(path, member(member(spec, "deploymentSpec"), "executors")),
    tasks,
    ...(name ? { nameSpan: spanOf(path, name) } : {}),
  };
}

/** Every task path with the place of its task in the dag that has it. Expects no cycles. */
function sourceMapOf(spec: PipelineSpec, places: Places["tasks"]): SourceMap {
  const map = new Map<string, Span>();
  const walk = (path: string, name: string, component: ComponentSpec) => {
    for (const [taskName, task] of Object.entries(component.dag?.tasks ?? {})) {
      if (map.size >= mostTaskPaths) return;
      const span = places.get(name)?.get(taskName);
      if (span) map.set(`${path}.${taskName}`, span);
      const inner = spec.components?.[task.componentRef.name];
      if (inner?.dag) walk(`${path}.${taskName}`, task.componentRef.name, inner);
    }
  };
  walk("root", "", spec.root);
  return map;
}

const headerStart = "# PIPELINE DEFINITION\n";
const descriptionIndent = `\n#${" ".repeat(14)}`;

/** Where the SDK's comment ends; where a default breaks it, at the first line that may begin the spec. */
function headerEnd(text: string): number {
  if (!text.startsWith(headerStart)) return 0;
  const comment = /^(?:#.*\n)+/.exec(text)?.[0] ?? "";
  // Complete, so whatever comes is the spec, by whatever key.
  if (!/\[Default: .*(?<!\])\n$/.test(comment)) return comment.length;
  const body = /^(?:components|defaultPipelineRoot|deploymentSpec|pipelineInfo|root):/m.exec(text);
  return body ? body.index : 0;
}

/** A line break in a default runs out of the SDK's comment and breaks its YAML, so the comment is blanked. */
function withoutHeader(text: string): string {
  const end = headerEnd(text);
  return text.slice(0, end).replace(/[^\n]/g, " ") + text.slice(end);
}

function headerDescription(text: string): string | undefined {
  const header = text.slice(0, headerEnd(text));
  const start = /^# Description: /m.exec(header);
  if (!start) return undefined;
  const rest = header.slice(start.index + start[0].length);
  const end = /^# (?:Inputs|Outputs):$/m.exec(rest);
  return rest
    .slice(0, end ? end.index : rest.length)
    .replace(/\n$/, "")
    .replaceAll(descriptionIndent, "\n");
}
