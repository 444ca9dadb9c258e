/** A pipeline function evaluated into a graph, and the graph lowered to a spec. */
import type { CompiledPipeline } from "../analyze.ts";
import type { Diagnostic } from "../diagnostics.ts";
import { createBuilder } from "../graph/builder.ts";
import { lower } from "../graph/lower.ts";
import type { Component, Graph, Group, InputDefinition, PipelineConfig } from "../graph/model.ts";
import type { Span } from "../source.ts";
import { type Context, type Session, report, spanOf } from "./context.ts";
import type { Scope } from "./scope.ts";
import { type BodyFunction, readSignature } from "./signature.ts";
import { type Entry, type ObjectValue, type Value, object, toArgument } from "./values.ts";
import { bareOutput } from "./returns.ts";

export interface PipelineDefinition {
  readonly name: string;
  readonly symbol: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly root?: string;
  readonly config: PipelineConfig;
  readonly defaults: ObjectValue | undefined;
  readonly body: BodyFunction;
  readonly scope: Scope;
  readonly span: Span;
  readonly nameSpan: Span;
}

/** A pipeline as a value: compiled when it is first used as a component. */
export function pipelineValue(definition: PipelineDefinition, context: Context): Value {
  const { session } = context;
  let made: Component | undefined;
  return {
    kind: "component",
    pipeline: definition,
    get component() {
      made ??= asComponent(definition, session);
      return made;
    },
  };
}

function asComponent(definition: PipelineDefinition, session: Session): Component {
  const { name, span } = definition;
  const key = `${span.path}#${definition.symbol}`;
  if (session.open.includes(key)) {
    report({ session }, "circular-definition", definition.nameSpan, "A pipeline cannot call itself.", name);
    const implementation = { kind: "container", container: { image: "" } } as const;
    return { name, inputs: pipelineInputs(definition, session), outputs: [], implementation, span };
  }
  session.open.push(key);
  const { graph, compiled } = compilePipeline(definition, session);
  session.open.pop();
  const { sourceMap, bodies, ...pipelinePackage } = compiled;
  return {
    name,
    ...(definition.description === undefined ? {} : { description: definition.description }),
    inputs: graph.inputs,
    outputs: graph.outputs.map(({ name: output, type }) => ({ name: output, type })),
    implementation: { kind: "graph", package: pipelinePackage, sourceMap, bodies },
    span,
  };
}

export function pipelineInputs(definition: PipelineDefinition, session: Session): readonly InputDefinition[] {
  return readSignature(definition.body, definition.symbol, definition.scope, topLevel(session)).inputs;
}

/** The context of a module's own level. */
export function topLevel(session: Session): Context {
  return {
    session,
    builder: undefined,
    region: undefined,
    naming: undefined,
    depth: 0,
    defaults: undefined,
    tasks: [],
  };
}

export function compilePipeline(
  definition: PipelineDefinition,
  session: Session,
): { graph: Graph; compiled: CompiledPipeline } {
  const { body, scope, span } = definition;
  const inputs = pipelineInputs(definition, session);
  const builder = createBuilder({
    name: definition.name,
    ...(definition.displayName === undefined ? {} : { displayName: definition.displayName }),
    ...(definition.description === undefined ? {} : { description: definition.description }),
    ...(definition.root === undefined ? {} : { pipelineRoot: definition.root }),
    config: definition.config,
    inputs,
    span: definition.nameSpan,
    oneKindOfNumber: true,
    isExact: true,
    report: (diagnostic) => session.diagnostics.push(diagnostic),
  });
  const context: Context = {
    ...topLevel(session),
    builder,
    region: { kind: "whole", parent: undefined, assigned: new Map() },
    defaults: definition.defaults,
    tasks: [],
    absent: new Set(inputs.filter((each) => each.optional && each.defaultValue === undefined).map(({ name }) => name)),
  };
  const given = inputs.flatMap(({ name, span: place = span }): [string, Entry][] => {
    const channel = builder.input(name);
    return channel ? [[name, { value: { kind: "channel", channel }, span: place }]] : [];
  });
  const result = session.invoke(
    { kind: "function", node: body, scope },
    [{ value: object(given), span }],
    span,
    context,
  );
  giveResults(result, definition, context);
  const graph = builder.finish();
  leaveOutEmpty(graph.root);
  const options = {
    sdkVersion: session.options.sdkVersion,
    report: (each: Diagnostic) => session.diagnostics.push(each),
  };
  return { graph, compiled: lower(graph, options) };
}

/**
 * `if (done) return;` has an arm without a step, which KFP's server refuses; what the other arms deny stays with them.
 * Of a `try` without a step, the step of `finally` is one like the others.
 */
function leaveOutEmpty(group: Group): void {
  for (const child of group.children) if (child.kind !== "task") leaveOutEmpty(child);
  const kept = group.children.flatMap((child) => {
    if (child.kind === "task" || child.children.length > 0) return [child];
    if (child.kind !== "exit-handler") return [];
    child.exitTask.exitTask = false;
    return [child.exitTask];
  });
  group.children.splice(0, group.children.length, ...kept);
}

/** The doc comment before a member of what is returned. */
function describedBefore({ path, start }: Span, { session }: Context): string | undefined {
  const before = session.modules.get(path)?.file.text.slice(0, start) ?? "";
  const comment = before.slice(before.lastIndexOf("/**"));
  const [, words] = /^\/\*\*((?:(?!\*\/)[^])*)\*\/\s*(?:(?:\w+|"[^"\n]*")\s*:\s*)?$/.exec(comment) ?? [];
  return words?.replace(/\n[ \t]*\*[ \t]?/g, "\n").trim() || undefined;
}

/** An object's members are outputs of their names, a bare value is `Output`. */
function giveResults(result: Value, definition: PipelineDefinition, context: Context): void {
  const span = spanOf(definition.body, definition.scope);
  const give = (name: string, value: Value, at: Span) => {
    const argument = toArgument(value);
    if (value.kind === "channel") context.builder?.result(name, value.channel, at, describedBefore(at, context));
    else if (argument || value.kind === "step" || value.kind === "condition") {
      report(context, "wrong-value", at, undefined, `The output "${name}"`, "an output of a step");
    }
  };
  if (result.kind === "object") for (const [name, entry] of result.entries) give(name, entry.value, entry.span);
  else if (result.kind !== "constant" || result.value !== undefined) give(bareOutput, result, span);
}
