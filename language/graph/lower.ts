/**
 * A finished graph as a PipelineSpec: what `kfp.compiler` writes for the same pipeline, down
 * to the numbers in names. Where the SDK's own spec refers to inputs that do not exist (a
 * loop item's member in text, say), this one refers to what there is.
 */
import type { CompiledPipeline } from "../analyze.ts";
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type {
  ComponentSpec,
  ContainerSpec,
  DagOutputs,
  ParameterSelector,
  PipelineSpec,
  PlatformSpec,
  TaskSpec,
} from "../spec/types.ts";
import { linkOf, surfacedName } from "./channels.ts";
import { groupCondition } from "./conditions.ts";
import { configJson } from "./config.ts";
import { inputDefinitions, outputDefinitions, plainDefinitions } from "./definitions.ts";
import { itemType, rawItems, tellItemsApart } from "./loops.ts";
import { createParts, mergePackage, type Parts } from "./merge.ts";
import type {
  Argument,
  Channel,
  Component,
  ExitHandlerGroup,
  Graph,
  Group,
  InputDefinition,
  LoopGroup,
  Task,
  ValueType,
} from "./model.ts";
import { componentName, executorLabel, injectedName, isChannelName, sanitizeName } from "./names.ts";
import { groupNeeds } from "./needs.ts";
import { dependencies } from "./order.ts";
import { type GroupOutput, groupOutputs } from "./outputs.ts";
import { checkPassthroughs } from "./passthroughs.ts";
import { resourceSpec } from "./resources.ts";
import { checkServerLimits } from "./server-limits.ts";
import { createInputs, type Inputs, platformJson } from "./wiring.ts";

export interface LowerOptions {
  /** As the spec names it: `2.17.0` gives `kfp-2.17.0`. */
  readonly sdkVersion: string;
  /** False where KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT is set. */
  readonly cachingByDefault?: boolean;
  readonly report: (diagnostic: Diagnostic) => void;
}

export function lower(graph: Graph, options: LowerOptions): CompiledPipeline {
  return lowerAs("pipeline", graph, options);
}

/** A component compiled by itself: a pipeline of its one task, with the component's inputs and outputs. */
export function componentAsPipeline(component: Component, options: LowerOptions): CompiledPipeline {
  const { implementation } = component;
  if (implementation.kind === "graph") {
    const { package: inner, sourceMap = new Map<string, Span>(), bodies = [] } = implementation;
    return { ...inner, sourceMap, bodies };
  }
  const span = component.span ?? { path: "", start: 0, end: 0 };
  // Inside a pipeline, an input may be called anything; alone, each is the pipeline's own.
  for (const each of component.inputs)
    if (!isChannelName(each.name))
      options.report(diagnose("channel-name", each.span ?? span, "An input of a component alone", each.name));
  for (const { name } of component.outputs)
    if (!isChannelName(name)) options.report(diagnose("channel-name", span, `An output of "${component.name}"`, name));
  const inputs = component.inputs.map(({ name, type }): [string, Channel] => [
    name,
    { kind: "pipeline-input", name, type },
  ]);
  const root: Graph["root"] = { kind: "root", name: "root", children: [] };
  const task: Task = {
    kind: "task",
    name: sanitizeName(component.name),
    component,
    arguments: new Map<string, Argument>(inputs),
    settings: { env: [], after: [] },
    group: root,
    exitTask: false,
    span,
  };
  root.children.push(task);
  const graph: Graph = {
    name: sanitizeName(component.name),
    inputs: component.inputs,
    outputs: component.outputs.map((output) => ({
      ...output,
      channel: { kind: "task-output", task, key: output.name, type: output.type },
    })),
    root,
    tasks: [task],
    span,
  };
  const compiled = lowerAs("component", graph, options);
  const passthroughs = component.taskConfigPassthroughs;
  if (passthroughs && passthroughs.length > 0) compiled.spec.root.taskConfigPassthroughs = passthroughSpecs(component);
  return component.description ? { ...compiled, description: component.description } : compiled;
}

function lowerAs(what: "pipeline" | "component", graph: Graph, options: LowerOptions): CompiledPipeline {
  const { report } = options;
  const parts = createParts();
  const sourceMap = new Map<string, Span>();
  tellItemsApart(graph, report);
  const needsOf = groupNeeds(graph);
  const outputsOf = groupOutputs(graph);
  const upstreamOf = dependencies(graph, report);

  function groupComponent(group: Group): ComponentSpec {
    const types = new Map<string, ValueType>();
    for (const [name, link] of needsOf(group)) types.set(name, link.type);
    if (group.kind === "loop") {
      const item = linkOf({ kind: "loop-item", loop: group, type: itemType(group) }, group);
      if (item.kind === "item" && item.items) types.set(injectedName(item.items.name), item.items.type);
      types.set(injectedName(item.name), item.type);
    }
    const outputs = outputsOf(group);
    const spec: ComponentSpec = {};
    const inputs = plainDefinitions(types);
    if (inputs) spec.inputDefinitions = inputs;
    const given = plainDefinitions([...outputs].map(([name, { type }]) => [name, type] as const));
    if (given) spec.outputDefinitions = given;
    return spec;
  }

  function groupTask(group: Exclude<Group, { kind: "root" }>, component: string): TaskSpec {
    const inputs = createInputs(group, group.parent);
    for (const [name, link] of needsOf(group)) inputs.connect(name, link);
    const spec: TaskSpec = {
      taskInfo: { name: group.displayName || group.name },
      componentRef: { name: component },
    };
    if (group.kind === "loop") iterate(group, inputs, spec);
    if (group.kind === "condition") spec.triggerPolicy = { condition: groupCondition(group) };
    const given = inputs.spec();
    if (given) spec.inputs = given;
    const upstream = upstreamOf(group);
    if (upstream.length > 0) spec.dependentTasks = [...upstream];
    return spec;
  }

  function addTask(task: Task, group: Group, handler: ExitHandlerGroup | undefined): TaskSpec {
    const { component, settings } = task;
    const { implementation } = component;
    const inputs = createInputs(task, group, needsOf(group));
    for (const [name, value] of task.arguments) inputs.give(name, value);
    const upstream = handler ? [handler.name] : upstreamOf(task);
    const spec = taskSpec(task, options.cachingByDefault ?? true);
    if (upstream.length > 0) spec.dependentTasks = [...upstream];
    if (handler ?? settings.ignoreUpstreamFailure) spec.triggerPolicy = { strategy: "ALL_UPSTREAM_TASKS_COMPLETED" };
    if (what === "pipeline") giveFinalStatus(task, upstream, inputs, report);

    let lowered: ComponentSpec;
    if (implementation.kind === "graph") {
      if (settings.kubernetes) report(diagnose("platform-on-pipeline", task.span));
      lowered = mergePackage(parts, implementation.package, implementation.bodies ?? []);
    } else if (implementation.kind === "unread") lowered = definitionsOf(component);
    else {
      const label = parts.executorLabels.claim(executorLabel(task.name));
      lowered = ownComponent(component, label);
      if (implementation.kind === "importer") parts.executors[label] = { importer: implementation.importer };
      else addContainer(parts, label, task, group, implementation, inputs);
      if (implementation.kind === "container") checkPassthroughs(task, report);
    }
    const given = inputs.spec();
    if (given) spec.inputs = given;
    const name = parts.componentNames.claim(componentName(task.name));
    spec.componentRef = { name };
    parts.components[name] = lowered;
    return spec;
  }

  /** Writes the tasks of a group; groups in it first, as the SDK numbers names in that order. */
  function fill(group: Group, spec: ComponentSpec, path: string): void {
    const tasks: Record<string, TaskSpec> = {};
    const inner: [group: Group, spec: ComponentSpec][] = [];
    for (const child of group.children) {
      if (child.kind === "task" || child.kind === "root") continue;
      const name = parts.componentNames.claim(componentName(child.name));
      const component = groupComponent(child);
      parts.components[name] = component;
      tasks[child.name] = groupTask(child, name);
      inner.push([child, component]);
      if (child.span) sourceMap.set(`${path}.${child.name}`, child.span);
    }
    for (const child of group.children) {
      if (child.kind !== "task") continue;
      tasks[child.name] = addTask(child, group, undefined);
      mapSource(child, `${path}.${child.name}`, sourceMap);
    }
    const outputs = group.kind === "root" ? rootOutputs(graph) : dagOutputs(outputsOf(group));
    if (outputs || Object.keys(tasks).length > 0) spec.dag = { ...(outputs ? { outputs } : {}), tasks };
    for (const [child, component] of inner) fill(child, component, `${path}.${child.name}`);
  }

  function addExitTasks(): void {
    for (const handler of graph.root.children) {
      if (handler.kind !== "exit-handler") continue;
      const { exitTask } = handler;
      const spec = addTask(exitTask, graph.root, handler);
      if (root.dag) root.dag.tasks[exitTask.name] = spec;
      mapSource(exitTask, `root.${exitTask.name}`, sourceMap);
    }
  }

  const root: ComponentSpec = {};
  const inputs = inputDefinitions(graph.inputs);
  if (inputs) root.inputDefinitions = inputs;
  const outputs = outputDefinitions(graph.outputs);
  if (outputs) root.outputDefinitions = outputs;
  fill(graph.root, root, "root");
  addExitTasks();

  const { name, displayName, description, pipelineRoot } = graph;
  const spec: PipelineSpec = {
    pipelineInfo: { name, ...(displayName ? { displayName } : {}), ...(description ? { description } : {}) },
    components: parts.components,
    deploymentSpec: { executors: parts.executors },
    root,
    schemaVersion: "2.1.0",
    sdkVersion: `kfp-${options.sdkVersion}`,
    ...(pipelineRoot ? { defaultPipelineRoot: pipelineRoot } : {}),
  };
  const platform = platformSpec(graph, parts);
  checkServerLimits(graph, { spec, ...(platform ? { platform } : {}) }, options.report);
  return { spec, ...(platform ? { platform } : {}), sourceMap, bodies: parts.bodies };
}

function taskSpec(task: Task, cachingByDefault: boolean): TaskSpec {
  const { settings } = task;
  const caching = settings.caching ?? { enabled: cachingByDefault };
  const spec: TaskSpec = {
    taskInfo: { name: settings.displayName || task.name },
    componentRef: { name: "" },
    cachingOptions: {
      ...(caching.enabled ? { enableCache: true } : {}),
      ...(caching.key ? { cacheKey: caching.key } : {}),
    },
  };
  if (settings.retry) {
    const { count, backoffSeconds, factor, maxSeconds } = settings.retry;
    spec.retryPolicy = {
      ...(count === 0 ? {} : { maxRetryCount: count }),
      backoffDuration: `${String(backoffSeconds)}s`,
      backoffFactor: factor,
      backoffMaxDuration: `${String(maxSeconds)}s`,
    };
  }
  return spec;
}

/** A loop's item goes in by the iterator, not as an input like the others. */
function iterate(loop: LoopGroup, inputs: Inputs, spec: TaskSpec): void {
  const item = linkOf({ kind: "loop-item", loop, type: itemType(loop) }, loop);
  const itemInput = injectedName(item.name);
  if (loop.items.kind === "constant") {
    spec.parameterIterator = { itemInput, items: { raw: rawItems(loop.items.items) } };
  } else {
    const items = linkOf(loop.items.channel, loop);
    const name = injectedName(items.name);
    inputs.connect(name, items);
    if (items.type.kind === "artifact") spec.artifactIterator = { itemInput, items: { inputArtifact: name } };
    else spec.parameterIterator = { itemInput, items: { inputParameter: name } };
  }
  inputs.remove(itemInput);
  if (loop.parallelism) spec.iteratorPolicy = { parallelismLimit: loop.parallelism };
}

function ownComponent(component: Component, label: string): ComponentSpec {
  const passthroughs = passthroughSpecs(component);
  return {
    executorLabel: label,
    ...definitionsOf(component),
    ...(passthroughs.length > 0 ? { taskConfigPassthroughs: passthroughs } : {}),
  };
}

function definitionsOf(component: Component): ComponentSpec {
  const inputs = inputDefinitions(component.loaded ? component.inputs.map(undescribed) : component.inputs);
  const outputs = outputDefinitions(component.outputs);
  return {
    ...(inputs ? { inputDefinitions: inputs } : {}),
    ...(outputs ? { outputDefinitions: outputs } : {}),
  };
}

function undescribed({ name, type, optional, defaultValue }: InputDefinition): InputDefinition {
  return { name, type, optional, ...(defaultValue !== undefined && { defaultValue }) };
}

function passthroughSpecs(component: Component): NonNullable<ComponentSpec["taskConfigPassthroughs"]> {
  return (component.taskConfigPassthroughs ?? []).map(({ field, applyToTask }) => ({
    field,
    ...(applyToTask ? { applyToTask } : {}),
  }));
}

function addContainer(
  parts: Parts,
  label: string,
  task: Task,
  group: Group,
  implementation: Component["implementation"] & { kind: "container" },
  inputs: Inputs,
): void {
  const { settings } = task;
  const { image, command, args, env = [] } = implementation.container;
  const container: ContainerSpec = { image: settings.image ? inputs.setting("base_image", settings.image) : image };
  if (command && command.length > 0) container.command = command;
  if (args && args.length > 0) container.args = args;
  // Empty text is the protobuf default, which the SDK leaves out.
  // SAFETY: the SDK writes an executor without an image, too, and says nothing of it.
  if (container.image === "") delete (container as Partial<ContainerSpec>).image;
  const variables = new Map([...env.map(({ name, value }): [string, string] => [name, value ?? ""]), ...settings.env]);
  // Empty text is the protobuf default, which the SDK leaves out.
  if (variables.size > 0)
    container.env = [...variables].map(([name, value]) => (value === "" ? { name } : { name, value }));
  const resources = resourceSpec(settings, (name, value) => inputs.setting(name, value));
  if (resources) container.resources = resources;
  parts.executors[label] = { container };
  if (settings.kubernetes) {
    const config = platformJson(settings.kubernetes, task, group);
    // SAFETY: an object stays an object.
    parts.platformExecutors[label] = config as (typeof parts.platformExecutors)[string];
  }
  if (implementation.body) parts.bodies.push({ executorLabel: label, ...implementation.body });
}

/** The final status of what a task waits for. */
function giveFinalStatus(
  task: Task,
  upstream: readonly string[],
  inputs: Inputs,
  report: (diagnostic: Diagnostic) => void,
): void {
  for (const { name, type } of task.component.inputs) {
    if (type.kind !== "parameter" || type.type !== "TASK_FINAL_STATUS") continue;
    if (task.component.implementation.kind === "graph" && !task.exitTask && !task.settings.ignoreUpstreamFailure)
      continue;
    const [producerTask] = upstream;
    if (!task.exitTask && !task.settings.ignoreUpstreamFailure) report(diagnose("final-status", task.span, name));
    else if (producerTask === undefined || upstream.length > 1) {
      report(diagnose("final-status-upstream", task.span, task.name, upstream.length));
    } else inputs.set(name, { taskFinalStatus: { producerTask } });
  }
}

function rootOutputs(graph: Graph): DagOutputs | undefined {
  return dagOutputs(
    graph.outputs.map(({ name, channel }) => {
      const choice = rootSelector(channel);
      return [name, { type: channel.type, choices: [choice], isChoice: false }] as const;
    }),
  );
}

/** Where the root finds a result: at a task, or at the outermost group that passes it on. */
function rootSelector(channel: Channel): ParameterSelector {
  if (channel.kind === "collected") {
    const { task, key } = channel.output;
    let outermost: Group = task.group;
    while (outermost.kind !== "root" && outermost.parent.kind !== "root") outermost = outermost.parent;
    if (outermost.kind === "root") return { producerSubtask: task.name, outputParameterKey: key };
    return { producerSubtask: outermost.name, outputParameterKey: surfacedName(task, key) };
  }
  const producer =
    channel.kind === "task-output" ? channel.task : channel.kind === "one-of" ? channel.branches : undefined;
  const link = producer && linkOf(channel, producer);
  return { producerSubtask: producer?.name ?? "", outputParameterKey: link?.kind === "output" ? link.key : "" };
}

function dagOutputs(outputs: Iterable<readonly [string, GroupOutput]>): DagOutputs | undefined {
  const all: DagOutputs = {};
  for (const [name, { type, choices, isChoice }] of outputs) {
    if (type.kind === "artifact") {
      (all.artifacts ??= {})[name] = {
        artifactSelectors: choices.map(({ producerSubtask, outputParameterKey }) => ({
          producerSubtask,
          outputArtifactKey: outputParameterKey,
        })),
      };
    } else {
      const [first] = choices;
      if (isChoice) (all.parameters ??= {})[name] = { valueFromOneof: { parameterSelectors: [...choices] } };
      else if (first) (all.parameters ??= {})[name] = { valueFromParameter: first };
    }
  }
  return all.parameters || all.artifacts ? all : undefined;
}

function mapSource(task: Task, path: string, sourceMap: Map<string, Span>): void {
  sourceMap.set(path, task.span);
  const { implementation } = task.component;
  if (implementation.kind !== "graph" || !implementation.sourceMap) return;
  for (const [inner, span] of implementation.sourceMap) sourceMap.set(path + inner.slice("root".length), span);
}

function platformSpec(graph: Graph, parts: Parts): PlatformSpec | undefined {
  const pipelineConfig = graph.config && configJson(graph.config);
  const hasExecutors = Object.keys(parts.platformExecutors).length > 0;
  if (!pipelineConfig && !hasExecutors) return undefined;
  return {
    platforms: {
      kubernetes: {
        ...(hasExecutors ? { deploymentSpec: { executors: parts.platformExecutors } } : {}),
        ...(pipelineConfig ? { pipelineConfig } : {}),
      },
    },
  };
}
