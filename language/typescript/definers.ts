/** `component(…)`, `pipeline(…)`, `container(…)`, `importer(…)`, `yaml(…)`, `parallel(…)`, `run`: what "millrace" exports. */
import type { Component, InputDefinition, OutputDefinition, PipelineConfig, ValueType } from "../graph/model.ts";
import { createPvc, deletePvc } from "../graph/volume-claims.ts";
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
import { checkBodyCalls } from "./body-calls.ts";
import { checkImage, checkSize } from "./checks.ts";
import { type Context, report, spanOf } from "./context.ts";
import { yamlComponent } from "./imported.ts";
import { moduleOf, resolveModule } from "./modules.ts";
import {
  booleanOption,
  checkOptions,
  numberOption,
  objectOption,
  option,
  textOption,
  textsOption,
} from "./option-values.ts";
import { pipelineValue } from "./pipelines.ts";
import { returnedOutputs } from "./returns.ts";
import { type BodyFunction, membersOf, memberType, readSignature, valueType } from "./signature.ts";
import { configureStep } from "./step-options.ts";
import { ts } from "./syntax.ts";
import {
  type Call,
  type Entry,
  type FunctionValue,
  type ObjectValue,
  type Value,
  constant,
  object,
  toArgument,
  toJson,
  unknown,
} from "./values.ts";

export const defaultImage = "node:24-slim";

/** `loadData` → `load-data`, `HTMLReport` → `html-report`. */
export function kebabCase(name: string): string {
  return name
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/_+/g, "-")
    .toLowerCase();
}

export const componentOptionNames = ["name", "image", "packages", "description"];
export const containerOptionNames = ["name", "description"];
export const pipelineOptionNames = [
  "name",
  "displayName",
  "description",
  "root",
  "workspace",
  "ttl",
  "deadline",
  "defaults",
];

/** What "millrace" exports, by name. */
export const exported: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...Object.entries({ component, pipeline, container, yaml, importer, parallel, volumeClaim, deleteVolumeClaim }).map(
    ([name, call]) => [name, { kind: "native", name, call }] as const,
  ),
  ["run", runFacts()],
]);

/** Placeholders that KFP fills in when the run starts (`kfp/dsl/constants.py`). */
function runFacts(): Value {
  const span: Span = { path: "", start: 0, end: 0 };
  const facts = {
    id: "pipeline_job_uuid",
    name: "pipeline_job_name",
    root: "pipeline_root",
    createTime: "pipeline_job_create_time_utc",
    scheduleTime: "pipeline_job_schedule_time_utc",
    workspace: "workspace_path",
  };
  return object(
    Object.entries(facts).map(([name, fact]) => [name, { value: constant(`{{$.${fact}}}`), span }] as const),
  );
}

interface DefinerArguments {
  readonly options: ObjectValue | undefined;
  readonly body: FunctionValue & { readonly node: BodyFunction };
  readonly naming: NonNullable<Context["naming"]>;
}

/** Options and body of a definer; undefined after a diagnostic. */
function definerArguments(what: string, { arguments: given, span, context }: Call): DefinerArguments | undefined {
  const body = given.find(({ value }) => value.kind === "function")?.value;
  const first = given[0];
  if (body?.kind !== "function" || ts.isMethodDeclaration(body.node)) {
    report(
      context,
      "wrong-value",
      span,
      `Write \`${what}({}, (inputs) => { … })\`.`,
      `What \`${what}\` takes last`,
      "a function",
    );
    return undefined;
  }
  if (!context.naming) {
    report(context, "not-top-level", span, `Write \`export const name = ${what}(…)\`.`, `A ${what}`);
    return undefined;
  }
  const options = first && objectOption(first.value);
  return { options, body: { ...body, node: body.node }, naming: context.naming };
}

function component(call: Call): Value {
  const { context, span } = call;
  const found = definerArguments("component", call);
  if (!found) return unknown;
  const { options, body, naming } = found;
  if (!naming.topLevel) {
    report(
      context,
      "not-top-level",
      span,
      "A component's body runs elsewhere: it cannot close over a pipeline.",
      "A component",
    );
    return unknown;
  }
  checkOptions(options, componentOptionNames, context);
  checkImage(option(options, "image"), context);
  checkBodyCalls(body.node, moduleOf(context.session, body.scope.path), context);
  const { inputs, outputs } = readSignature(body.node, naming.symbol, body.scope, context);
  const returned = returnedOutputs(body.node, body.scope, context);
  const description = textOption(options, "description", context);
  const packages = textsOption(options, "packages", context) ?? [];
  const made: Component = {
    name: textOption(options, "name", context) ?? kebabCase(naming.symbol),
    ...(description === undefined ? {} : { description }),
    inputs,
    outputs: [...outputs, ...returned.filter((each) => !outputs.some(({ name }) => name === each.name))],
    implementation: {
      kind: "container",
      container: { image: textOption(options, "image", context) ?? defaultImage },
      body: { path: body.scope.path, symbol: naming.symbol, packages },
    },
    span,
  };
  return { kind: "component", component: made };
}

function pipeline(call: Call): Value {
  const { context, span } = call;
  const found = definerArguments("pipeline", call);
  if (!found) return unknown;
  const { options, body, naming } = found;
  checkOptions(options, pipelineOptionNames, context);
  const displayName = textOption(options, "displayName", context);
  const description = textOption(options, "description", context);
  const root = textOption(options, "root", context);
  const defaults = option(options, "defaults")?.value;
  return pipelineValue(
    {
      name: textOption(options, "name", context) ?? kebabCase(naming.symbol),
      symbol: naming.symbol,
      ...(displayName === undefined ? {} : { displayName }),
      ...(description === undefined ? {} : { description }),
      ...(root === undefined ? {} : { root }),
      config: pipelineConfig(options, context),
      defaults: defaults && objectOption(defaults),
      body: body.node,
      scope: body.scope,
      span,
      nameSpan: naming.span,
    },
    context,
  );
}

function pipelineConfig(options: ObjectValue | undefined, context: Context): PipelineConfig {
  const config: PipelineConfig = {};
  const workspace = option(options, "workspace");
  const ttl = option(options, "ttl");
  const deadline = numberOption(options, "deadline", context);
  if (deadline !== undefined) config.activeDeadlineSeconds = deadline;
  if (workspace?.value.kind === "object") {
    const patch = option(workspace.value, "pvcSpecPatch");
    const json = patch && toJson(patch.value);
    config.workspace = {
      size: textOption(workspace.value, "size", context) ?? "",
      ...(json === undefined ? {} : { pvcSpecPatch: json }),
    };
  }
  if (ttl?.value.kind === "object") {
    const finished = numberOption(ttl.value, "finished", context);
    const success = numberOption(ttl.value, "success", context);
    const failure = numberOption(ttl.value, "failure", context);
    if (finished !== undefined) config.ttlSecondsAfterFinished = finished;
    if (success !== undefined) config.ttlSecondsAfterSuccess = success;
    if (failure !== undefined) config.ttlSecondsAfterFailure = failure;
  } else {
    const finished = numberOption(options, "ttl", context);
    if (finished !== undefined) config.ttlSecondsAfterFinished = finished;
  }
  return config;
}

/** The spec function is evaluated on placeholders, where the SDK's container component is called with them. */
function container(call: Call): Value {
  const { context, span } = call;
  const found = definerArguments("container", call);
  if (!found) return unknown;
  const { options, body, naming } = found;
  checkOptions(options, containerOptionNames, context);
  const inputs: InputDefinition[] = [];
  const outputs: OutputDefinition[] = [];
  const placeholders: [string, Entry][] = [];
  const [parameter] = body.node.parameters;
  const module = moduleOf(context.session, body.scope.path);
  const signature = readSignature(body.node, naming.symbol, body.scope, context);
  const typed = (parameter?.type && membersOf(parameter.type, module, context)) ?? [];
  for (const { name, node, module: home, span: place } of typed) {
    const type = node && memberType(node, home, { ...context, session: { ...context.session, diagnostics: [] } });
    if (!type) continue;
    const at = spanOf(place.node, home);
    placeholders.push([name, { value: placeholder(name, type.direction, type.type, at), span: at }]);
    const input = signature.inputs.find((each) => each.name === name);
    if (type.direction === "input" && input) inputs.push(input);
    else if (type.direction !== "input") outputs.push({ name, type: type.type, span: at });
  }
  const spec = context.session.invoke(body, [{ value: object(placeholders), span }], span, {
    ...context,
    builder: undefined,
  });
  const json = toJson(spec);
  if (spec.kind !== "object" || typeof json !== "object" || json === null) {
    if (spec.kind !== "unknown")
      report(
        context,
        "wrong-value",
        span,
        "Return `{ image, command, args }`.",
        "What a container's function gives",
        "known while compiling",
      );
    return unknown;
  }
  checkOptions(spec, ["image", "command", "args", "env"], context);
  checkImage(option(spec, "image"), context);
  const description = textOption(options, "description", context);
  const env = option(spec, "env")?.value;
  const variables =
    env?.kind === "object" ? [...env.entries].map(([name, entry]) => ({ name, value: text(entry.value) })) : [];
  const command = texts(option(spec, "command")?.value);
  const args = texts(option(spec, "args")?.value);
  const made: Component = {
    name: textOption(options, "name", context) ?? kebabCase(naming.symbol),
    ...(description === undefined ? {} : { description }),
    inputs,
    outputs,
    implementation: {
      kind: "container",
      container: {
        image: textOption(spec, "image", context) ?? "",
        ...(command.length > 0 ? { command } : {}),
        ...(args.length > 0 ? { args } : {}),
        ...(variables.length > 0 ? { env: variables } : {}),
      },
    },
    span,
  };
  return { kind: "component", component: made };
}

function texts(value: Value | undefined): string[] {
  return value?.kind === "list" ? value.items.map(text) : [];
}

function text(value: Value): string {
  const json: Json = toJson(value) ?? null;
  return typeof json === "string" ? json : JSON.stringify(json);
}

function placeholder(name: string, direction: "input" | "output" | "output-path", type: ValueType, span: Span): Value {
  const members = (all: Readonly<Record<string, string>>) =>
    object(Object.entries(all).map(([member, each]) => [member, { value: constant(each), span }] as const));
  if (direction === "output-path" && type.kind === "parameter")
    return members({ path: `{{$.outputs.parameters['${name}'].output_file}}` });
  if (type.kind === "parameter") return constant(`{{$.inputs.parameters['${name}']}}`);
  const side = direction === "input" ? "inputs" : "outputs";
  return members({ path: `{{$.${side}.artifacts['${name}'].path}}`, uri: `{{$.${side}.artifacts['${name}'].uri}}` });
}

function yaml(call: Call): Value {
  const {
    arguments: [path],
    context,
    span,
  } = call;
  if (path?.value.kind !== "constant" || typeof path.value.value !== "string") {
    report(context, "wrong-value", span, undefined, "What `yaml` takes", "a path");
    return unknown;
  }
  const found = resolveModule(context.session.files, call.scope?.path ?? span.path, path.value.value);
  if (found === undefined) {
    report(context, "unresolved-import", path.span, undefined, path.value.value);
    return unknown;
  }
  return yamlComponent(found, path.span, context);
}

function importer(call: Call): Value {
  const {
    arguments: [artifact, options],
    context,
    span,
    node,
    scope,
  } = call;
  const members = artifact && objectOption(artifact.value);
  const uri = option(members, "uri");
  const argument = uri && toArgument(uri.value);
  if (!context.builder || !uri || !argument) {
    if (uri?.value.kind !== "unknown")
      report(
        context,
        "wrong-value",
        span,
        "Write `importer<Dataset>({ uri: … })`.",
        "An importer's `uri`",
        "a text or a parameter of the run",
      );
    return unknown;
  }
  checkOptions(members, ["uri", "metadata", "reimport", "downloadToWorkspace"], context);
  const [typeNode] = node?.typeArguments ?? [];
  const type = typeNode && scope ? valueType(typeNode, moduleOf(context.session, scope.path), context) : undefined;
  const metadata = option(members, "metadata");
  const metadataArgument = metadata && toArgument(metadata.value);
  const reimport = booleanOption(members, "reimport", context);
  const download = booleanOption(members, "downloadToWorkspace", context);
  const task = context.builder.importer(
    {
      uri: { value: argument, span: uri.span },
      type: type?.kind === "artifact" ? type.type : { schemaTitle: "system.Artifact", schemaVersion: "0.0.1" },
      ...(metadata && metadataArgument ? { metadata: { value: metadataArgument, span: metadata.span } } : {}),
      ...(reimport === undefined ? {} : { reimport }),
      ...(download === undefined ? {} : { downloadToWorkspace: download }),
    },
    span,
  );
  context.tasks.push(task);
  configureStep(task, options && objectOption(options.value), span, context);
  const channel = context.builder.output(task, undefined, span);
  return channel ? { kind: "channel", channel } : unknown;
}

function parallel(call: Call): Value {
  const {
    arguments: [items, options],
    context,
    span,
  } = call;
  if (!items) {
    report(context, "wrong-value", span, undefined, "What `parallel` takes", "a list");
    return unknown;
  }
  const settings = options && objectOption(options.value);
  checkOptions(settings, ["limit", "name"], context);
  const limit = numberOption(settings, "limit", context);
  const name = textOption(settings, "name", context);
  return {
    kind: "parallel",
    items: items.value,
    ...(limit === undefined ? {} : { limit }),
    ...(name === undefined ? {} : { name }),
  };
}

function volumeClaim(call: Call): Value {
  return builtInStep(createPvc, call, {
    name: "pvc_name",
    nameSuffix: "pvc_name_suffix",
    accessModes: "access_modes",
    size: "size",
    storageClass: "storage_class_name",
    volumeName: "volume_name",
    annotations: "annotations",
    dataSource: "data_source",
  });
}

function deleteVolumeClaim(call: Call): Value {
  return builtInStep(deletePvc, call, { name: "pvc_name" });
}

function builtInStep(made: Component, call: Call, names: Readonly<Record<string, string>>): Value {
  const {
    arguments: [inputs, options],
    context,
    span,
  } = call;
  const members = inputs && objectOption(inputs.value);
  if (!context.builder) {
    report(context, "no-meaning", span, "Call it in the body of a `pipeline(…)`.", "A step outside of a pipeline");
    return unknown;
  }
  checkOptions(members, Object.keys(names), context);
  checkSize(option(members, "size"), "size", context);
  const given = [...(members?.entries ?? [])].flatMap(([name, entry]) => {
    const argument = toArgument(entry.value);
    return argument ? [[names[name] ?? name, { value: argument, span: entry.span }] as const] : [];
  });
  const task = context.builder.task(made, new Map(given), span);
  context.tasks.push(task);
  configureStep(task, options && objectOption(options.value), span, context);
  return { kind: "step", task };
}
