/** `@dsl.pipeline`: evaluates the function's body with channels for its inputs, and lowers the graph. */
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import { createBuilder } from "../graph/builder.ts";
import { lower } from "../graph/lower.ts";
import { checkUses } from "../graph/server-limits.ts";
import type { Component, Graph, PipelineConfig } from "../graph/model.ts";
import { sanitizeName } from "../graph/names.ts";
import type { Span } from "../source.ts";
import type { CompiledPipeline } from "../analyze.ts";
import { ChannelValue, OutputsValue, Refused } from "./channels.ts";
import { ComponentValue, componentNameOf, describedInterface, nameSpanOf, Options, unwrapped } from "./component.ts";
import { collecting, type DslContext, type OpenPipeline, sayUnknown } from "./context.ts";
import { Raised } from "./machine.ts";
import { remembered } from "./remembered.ts";
import { reportRaised } from "./statements.ts";
import { classAttribute } from "./class-values.ts";
import {
  plainText,
  type CallArguments,
  type FunctionValue,
  isObject,
  isUnknown,
  typeName,
  type Value,
} from "./values.ts";
import { toJson } from "./json-values.ts";

export function pipelineComponent(context: DslContext, given_: FunctionValue, given: CallArguments): Value {
  const target = unwrapped(given_);
  const { result, diagnostics } = collecting(context.machine, () =>
    remembered(context, "pipeline", given_, given, true, () => buildPipeline(context, given_, target, given)),
  );
  for (const { component } of result.graph.tasks) context.used.add(component);
  context.made.push({
    kind: "pipeline",
    functionName: target.name,
    component: result.component,
    span: target.span,
    nameSpan: nameSpanOf(target),
    diagnostics: [...diagnostics, ...result.alone],
    alone: result.alone,
    get compiled() {
      return result.compiled;
    },
    graph: result.graph,
  });
  return new ComponentValue(context, result.component, target, diagnostics);
}

function buildPipeline(
  context: DslContext,
  called: FunctionValue,
  target: FunctionValue,
  given: CallArguments,
): { component: Component; compiled: CompiledPipeline; graph: Graph; alone: readonly Diagnostic[] } {
  const { machine } = context;
  const options = new Options(machine, given);
  const { face, description: documented } = describedInterface(machine, target, "pipeline");
  const given_ = options.text("description");
  const description = given_ === undefined || given_ === "" ? documented : given_;
  const chosen = options.text("name");
  const name = chosen === undefined || chosen === "" ? componentNameOf(target.name) : sanitizeName(chosen);
  const root = options.text("pipeline_root");
  const displayName = options.text("display_name");
  const config = pipelineConfig(context, options);
  const span = nameSpanOf(target);
  const declared = face.returns !== undefined && face.returns !== null;
  let failed = false;
  // The workspace is a matter of the pipeline that is compiled, whatever is nested in it.
  const alone: Diagnostic[] = [];
  const builder = createBuilder({
    name,
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { description }),
    ...(root !== undefined && root !== "" && { pipelineRoot: root }),
    ...(config && { config }),
    inputs: face.inputs,
    outputs: declared || face.outputs.length > 0 ? face.outputs : [],
    span,
    ...(given.keywords.has("name") && { nameSpan: options.span("name") }),
    ...(config && { configSpan: options.span("pipeline_config") }),
    report: (diagnostic) => {
      if (diagnostic.code === "workspace-missing") alone.push(diagnostic);
      // What failed may have been the task.
      else if (diagnostic.code === "pipeline-empty" && failed) return;
      else machine.report(diagnostic);
    },
  });
  const pipeline: OpenPipeline = { builder, channels: new Map(), atEnd: [], gathered: [] };
  context.pipelines.push(pipeline);
  try {
    const keywords = new Map(
      face.inputs.flatMap((input) => {
        const channel = builder.input(input.name);
        return channel === undefined
          ? []
          : [[input.name, { value: new ChannelValue(context, pipeline, channel), span: input.span ?? span }] as const];
      }),
    );
    const { result, diagnostics } = collecting(machine, () => {
      // The SDK gives all inputs by position.
      const named = target.parameters.find(({ form }) => form === "keyword" || form === "kwargs");
      if (named !== undefined)
        machine.report(
          diagnose("parameter-form", { path: span.path, start: named.start, end: named.nameEnd }, named.name),
        );
      return runBody(context, called, { ...byPosition(target, keywords), span });
    });
    failed = diagnostics.some(({ severity }) => severity === "error");
    returned(context, builder, result, face.returns, machine.returned ?? span);
    for (const settle of pipeline.atEnd) settle();
  } finally {
    context.pipelines.pop();
  }
  const graph = builder.finish();
  if (!failed) checkUses(graph, pipeline.gathered, pipeline.channels.values(), machine.report);
  const cachingOff = /^(?:1|true|t|yes|y|on)$/i.test(
    (machine.options.env["KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT"] ?? "").trim(),
  );
  let lowered: CompiledPipeline | undefined;
  const compiled = (): CompiledPipeline =>
    (lowered ??= lower(graph, {
      sdkVersion: machine.options.sdkVersion,
      cachingByDefault: !cachingOff,
      report: (diagnostic) => machine.report(diagnostic),
    }));
  if (!context.isDraft) compiled();
  const component: Component = {
    name,
    ...(description !== undefined && { description }),
    inputs: face.inputs,
    outputs: face.outputs,
    implementation: {
      kind: "graph",
      get package() {
        return compiled();
      },
    },
    span: target.span,
  };
  return {
    component,
    graph,
    alone,
    get compiled() {
      return compiled();
    },
  };
}

/** By name, so that a parameter without a type does not move the others; by position where `*args` takes the rest. */
function byPosition(
  { parameters }: FunctionValue,
  inputs: CallArguments["keywords"],
): Pick<CallArguments, "positional" | "keywords"> {
  if (parameters.every(({ form }) => form !== "args")) return { positional: [], keywords: inputs };
  const of = (wanted: string) =>
    parameters.flatMap(({ form, name }) => (form === wanted ? (inputs.get(name) ?? []) : []));
  return { positional: [...of("positional"), ...of("regular"), ...of("args")], keywords: new Map() };
}

function runBody(context: DslContext, target: FunctionValue, given: CallArguments): Value {
  const { machine } = context;
  const { depth, importsGuarded } = machine;
  machine.importsGuarded = 0;
  try {
    return machine.invoke(target, given, true);
  } catch (problem) {
    if (!(problem instanceof Raised)) throw problem;
    reportRaised(machine, problem);
    return null;
  } finally {
    machine.depth = depth;
    machine.importsGuarded = importsGuarded;
  }
}

/** Binds what the function returns to the declared outputs. */
function returned(
  context: DslContext,
  builder: OpenPipeline["builder"],
  result: Value,
  declared: Value | undefined,
  span: Span,
): void {
  const { machine } = context;
  if (result === null || result instanceof Refused) return;
  if (isUnknown(result)) {
    sayUnknown(context, span, "the result of the pipeline", result);
    return;
  }
  const add = (name: string, value: Value): void => {
    if (value instanceof ChannelValue) builder.result(name, value.channel, span);
    else if (isUnknown(value)) sayUnknown(context, span, `the output "${name}"`, value);
    else if (!(value instanceof Refused)) machine.report(diagnose("result-of", span, `a ${typeName(value)}`));
  };
  if (result instanceof ChannelValue) return add("Output", result);
  const type = isObject(result) && result.kind === "tuple" ? result.class : undefined;
  const fields = type === undefined ? undefined : classAttribute(type, "_fields");
  const names =
    fields !== undefined && isObject(fields) && fields.kind === "tuple" ? fields.items : undeclaredFields(declared);
  if (isObject(result) && result.kind === "tuple" && names !== undefined) {
    for (const [i, name] of names.entries()) add(plainText(name), result.items[i] ?? null);
  } else if (result instanceof OutputsValue) {
    for (const name of result.iterate()) add(plainText(name), result.item(name, span));
  } else if (isObject(result) && result.kind === "dict") {
    for (const [name, value] of result.entries.values()) add(plainText(name), value);
  } else add("Output", result);
}

function undeclaredFields(declared: Value | undefined): readonly Value[] | undefined {
  if (declared === undefined || !isObject(declared) || declared.kind !== "class") return undefined;
  const fields = classAttribute(declared, "_fields");
  return fields !== undefined && isObject(fields) && fields.kind === "tuple" ? fields.items : undefined;
}

/** `PipelineConfig(workspace=…, ttl_seconds_after_finished=…)` */
function pipelineConfig(context: DslContext, options: Options): PipelineConfig | undefined {
  const value = options.value("pipeline_config");
  if (value === undefined) return undefined;
  const span = options.span("pipeline_config");
  if (!isObject(value) || value.kind !== "instance") {
    context.machine.report(diagnose("wrong-value", span, '"pipeline_config"', "a dsl.PipelineConfig"));
    return undefined;
  }
  const member = (object: Value, name: string): Value => context.machine.attribute(object, name, span) ?? null;
  const config: PipelineConfig = {};
  const seconds = (name: string): number | undefined => {
    const number = member(value, name);
    if (number === null) return undefined;
    if (typeof number === "bigint") return Number(number);
    context.machine.report(diagnose("pipeline-config", span, name, "a whole number of seconds, 0 or more"));
    return undefined;
  };
  const finished = seconds("ttl_seconds_after_finished");
  const success = seconds("ttl_seconds_after_success");
  const failure = seconds("ttl_seconds_after_failure");
  const deadline = seconds("active_deadline_seconds");
  if (finished !== undefined) config.ttlSecondsAfterFinished = finished;
  if (success !== undefined) config.ttlSecondsAfterSuccess = success;
  if (failure !== undefined) config.ttlSecondsAfterFailure = failure;
  if (deadline !== undefined) config.activeDeadlineSeconds = deadline;
  const workspace = member(value, "workspace");
  if (workspace !== null && !isUnknown(workspace)) {
    const size = member(workspace, "size");
    const kubernetes = member(workspace, "kubernetes");
    const patch = kubernetes === null ? undefined : toJson(member(kubernetes, "pvcSpecPatch"));
    if (patch !== undefined && patch !== null && (typeof patch !== "object" || Array.isArray(patch)))
      context.machine.report(diagnose("pipeline-config", span, "pvcSpecPatch", "a dict"));
    config.workspace = {
      size: plainText(size),
      ...(patch !== undefined && patch !== null && { pvcSpecPatch: patch }),
    };
  }
  return config;
}
