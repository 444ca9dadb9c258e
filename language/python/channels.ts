/** Channels, conditions and tasks as Python values. */
import { diagnose } from "../diagnostics.ts";
import { settings } from "../graph/configuration.ts";
import type { Argument, Channel, Comparison, Condition, Group, LoopItem, Task, Template } from "../graph/model.ts";
import { typeName as channelTypeName } from "../graph/types.ts";
import type { GivenArgument } from "../graph/builder.ts";
import type { Span } from "../source.ts";
import { PlainMember } from "./classes.ts";
import { channelName, producerName, channelPattern, textArgument } from "./channel-text.ts";
import { type DslContext, type OpenPipeline, sayUnknown } from "./context.ts";
import { raise } from "./machine.ts";
import { tooMany } from "./signatures.ts";
import { TaskContainer } from "./task-container.ts";
import {
  builtin,
  type CallArguments,
  dict,
  isObject,
  isUnknown,
  list,
  type NativeValue,
  typeName,
  unknown,
  type Value,
} from "./values.ts";

/** A value known only while running. Inside text it stands as the SDK writes it there: `{{channel:…}}`. */
export class ChannelValue implements NativeValue {
  readonly kind = "native";
  readonly runtime = true;
  readonly type: string;
  readonly channel: Channel;
  readonly standsFor = "value";
  readonly input: string | undefined;
  private readonly context: DslContext;
  private readonly pipeline: OpenPipeline;

  constructor(context: DslContext, pipeline: OpenPipeline, channel: Channel) {
    this.input = channel.kind === "pipeline-input" ? channel.name : undefined;
    this.context = context;
    this.pipeline = pipeline;
    this.channel = channel;
    this.type = channel.type.kind === "artifact" ? "PipelineArtifactChannel" : "PipelineParameterChannel";
  }

  text(): string {
    const pattern = channelPattern(this.channel);
    this.pipeline.channels.set(pattern, this.channel);
    return pattern;
  }

  key(): string {
    return this.text();
  }

  operate(operator: string, other: Value, _reflected: boolean, span: Span): Value | undefined {
    if (!isComparison(operator)) return undefined;
    const left = toArgument(this.context, this, span);
    const right = toArgument(this.context, other, span);
    // The SDK's channel takes the comparison over, so it always stands on the left; the operator came mirrored.
    if (left === undefined || right === undefined) return unknown("its other side is not known", span);
    return new ConditionValue({ kind: "compare", operator, left, right });
  }

  attribute(name: string, span: Span): Value | undefined {
    const { channel } = this;
    // The keys of the first constant become members of the item, whatever else it has.
    if (channel.kind === "loop-item" && memberOfConstants(channel, name)) return this.field(channel, name, span);
    if (name === "task_name" && channel.kind === "task-output") return channel.task.name;
    if (name === "task_name") return null;
    if (name === "channel_type") return channelTypeName(channel.type);
    if (name === "name") return channelName(channel);
    if (name === "pattern") return this.text();
    if (name === "full_name")
      return [producerName(channel), channelName(channel)].filter((part) => part !== "").join("-");
    if (name.startsWith("__")) return undefined;
    if (name === "value" && channel.type.kind === "parameter") return null;
    return channel.kind === "loop-item" && channel.type.kind === "parameter"
      ? this.field(channel, name, span)
      : undefined;
  }

  private field(item: LoopItem, name: string, span: Span): Value {
    const field = this.pipeline.builder.loopField(item, name, span);
    return field === undefined
      ? unknown("there is no such member", span)
      : new ChannelValue(this.context, this.pipeline, field);
  }
}

/** A comparison with a channel: only `dsl.If` and its like can decide it. */
export class ConditionValue implements NativeValue {
  readonly kind = "native";
  readonly type = "ConditionOperation";
  readonly standsFor = "condition";
  readonly condition: Condition;
  constructor(condition: Condition) {
    this.condition = condition;
  }
}

function memberOfConstants({ loop: { items } }: LoopItem, name: string): boolean {
  const [first] = items.kind === "constant" ? items.items : [];
  return first?.kind === "struct" && first.entries.some(([key]) => key === name);
}

function isComparison(operator: string): operator is Comparison {
  return ["==", "!=", "<", "<=", ">", ">="].includes(operator);
}

/** The marks of the channels that a list or a dict holds by themselves. */
function marksIn(value: Value): string[] {
  if (value instanceof ChannelValue) return [channelPattern(value.channel)];
  if (!isObject(value)) return [];
  if (value.kind === "list" || value.kind === "tuple") return value.items.flatMap(marksIn);
  return value.kind === "dict" ? [...value.entries.values()].flatMap(([, item]) => marksIn(item)) : [];
}

/** A Python value as an argument of a task. What cannot be one is reported at the span, and undefined. */
export function toArgument(
  context: DslContext,
  value: Value,
  span: Span,
  what = "this argument",
  beside: ReadonlySet<string> = new Set(marksIn(value)),
): Argument | undefined {
  const { machine } = context;
  if (value === null) return { kind: "null" };
  switch (typeof value) {
    case "string":
      return textArgument(context, value, span, beside);
    case "boolean":
      return { kind: "boolean", value };
    case "bigint":
      return { kind: "integer", value: Number(value) };
    case "number":
      return { kind: "number", value };
    default:
  }
  if (value instanceof ChannelValue) return value.channel;
  if (value instanceof Refused) return undefined;
  if (value instanceof PlainMember) return toArgument(context, value.value, span, what, beside);
  if (value.kind === "list" || value.kind === "tuple") {
    const items: Argument[] = [];
    for (const item of value.items) {
      const argument = toArgument(context, item, span, what, beside);
      if (argument === undefined) return undefined;
      items.push(argument);
    }
    return { kind: "list", items };
  }
  if (value.kind === "dict") {
    const entries: [string | Template, Argument][] = [];
    for (const [key, item] of value.entries.values()) {
      const argument = toArgument(context, item, span, what, beside);
      if (argument === undefined) return undefined;
      const name = textArgument(context, typeof key === "string" ? key : machine.str(key, span), span, beside);
      if (name.kind === "template" || name.kind === "string")
        entries.push([name.kind === "string" ? name.value : name, argument]);
    }
    return { kind: "struct", entries };
  }
  if (isUnknown(value)) sayUnknown(context, span, what, value);
  else machine.report(diagnose("not-an-argument", span, what, describe(value)));
  return undefined;
}

function describe(value: Value): string {
  if (value instanceof TaskValue) return "a task (use its .output or .outputs)";
  if (value instanceof ConditionValue) return "a condition";
  return `a ${typeName(value)}`;
}

/** A step of the pipeline that is being read. */
export class TaskValue implements NativeValue {
  readonly kind = "native";
  readonly runtime = true;
  readonly type = "PipelineTask";
  readonly task: Task;
  readonly step: Task;
  readonly context: DslContext;
  readonly pipeline: OpenPipeline;
  private readonly own = new Map<string, Value>();

  constructor(context: DslContext, pipeline: OpenPipeline, task: Task) {
    this.context = context;
    this.pipeline = pipeline;
    this.task = task;
    this.step = task;
  }

  output(key: string | undefined, span: Span): Value {
    const channel = this.pipeline.builder.output(this.task, key, span);
    return channel === undefined ? new Refused() : new ChannelValue(this.context, this.pipeline, channel);
  }

  attribute(name: string, span: Span): Value | undefined {
    const own = this.own.get(name);
    if (own !== undefined) return own;
    switch (name) {
      case "output":
        return this.output(undefined, span);
      case "outputs":
        return new OutputsValue(this);
      case "name":
        return this.task.name;
      case "inputs":
        return dict([...this.task.arguments].map(([key, argument]) => [key, this.fromArgument(argument)] as const));
      case "dependent_tasks":
        return list(this.task.settings.after.map(({ node }) => node.name));
      case "after":
        return builtin(name, (given) => this.after(given));
      case "platform_spec":
        if (this.task.component.implementation.kind !== "graph") raise("ValueError", platformSpecOfTask, span);
        return unknown(`"${name}" is the SDK's own bookkeeping`, span);
      case "container_spec":
        return this.task.component.implementation.kind === "container" ? new TaskContainer(this) : null;
      case "component_spec":
      case "platform_config":
      case "pipeline_spec":
      case "channel_inputs":
      case "state":
        return unknown(`"${name}" is the SDK's own bookkeeping`, span);
      default:
        return Object.hasOwn(settings, name) && !name.includes(".")
          ? builtin(name, (given) => this.configure(name, given))
          : undefined;
    }
  }

  /** Python's objects take any attribute. */
  setAttribute(name: string, value: Value): boolean {
    this.own.set(name, value);
    return true;
  }

  private fromArgument(argument: Argument): Value {
    switch (argument.kind) {
      case "null":
        return null;
      case "string":
      case "boolean":
      case "number":
        return argument.value;
      case "integer":
        return BigInt(argument.value);
      case "list":
        return list(argument.items.map((item) => this.fromArgument(item)));
      case "struct":
        return dict(
          argument.entries.map(
            ([key, item]) => [typeof key === "string" ? key : this.fromArgument(key), this.fromArgument(item)] as const,
          ),
        );
      case "template":
        return argument.parts
          .map((part) => (typeof part === "string" ? part : new ChannelValue(this.context, this.pipeline, part).text()))
          .join("");
      default:
        return new ChannelValue(this.context, this.pipeline, argument);
    }
  }

  private after(given: CallArguments): Value {
    for (const [name, { span }] of given.keywords)
      this.context.machine.report(diagnose("unknown-parameter", span, "after", name));
    for (const { value, span } of given.positional) {
      if (value instanceof TaskValue) this.pipeline.builder.after(this.task, [value.task], span);
      else if (isObject(value) && "group" in value && value.group !== undefined) {
        // SAFETY: only the DSL's group values have a group (`groups.ts`).
        this.pipeline.builder.after(this.task, [value.group as Group], span);
      } else if (isUnknown(value) && value.step) this.pipeline.builder.after(this.task, [value.step], span);
      else if (isUnknown(value)) sayUnknown(this.context, span, "the step that this runs after", value);
      else if (!(value instanceof Refused))
        this.context.machine.report(diagnose("after-group", span, `a ${typeName(value)}`));
    }
    return this;
  }

  configure(method: string, given: CallArguments): Value {
    const instead = successors[method];
    if (instead !== undefined) this.context.machine.report(diagnose("deprecated", given.span, `${method}()`, instead));
    const bound = bindSetting(this.context, method, given);
    if (bound !== undefined) this.pipeline.builder.configure(this.task, method, bound, given.span);
    return this;
  }
}

const platformSpecOfTask = "only a task of a pipeline has a platform_spec; a component's has a platform_config";

const successors: Readonly<Record<string, string>> = {
  set_gpu_limit: "set_accelerator_limit()",
  add_node_selector_constraint: "set_accelerator_type()",
};

/** The arguments of a setting by name; undefined where one is not known (and reported). */
export function bindSetting(
  context: DslContext,
  method: string,
  given: CallArguments,
): Map<string, GivenArgument> | undefined {
  const { parameters: names = [], takesNone = false } = settings[method] ?? {};
  const bound = new Map<string, GivenArgument>();
  let complete = true;
  const add = (name: string, value: Value, span: Span): void => {
    if (value === null && !takesNone) return;
    const argument = toArgument(context, value, span, `"${name}"`);
    if (argument === undefined) complete = false;
    else bound.set(name, { value: argument, span });
  };
  for (const [i, { value, span }] of given.positional.entries()) {
    const name = names[i];
    if (name === undefined) {
      context.machine.report(diagnose("python-error", span, "TypeError", tooMany(method, names.length)));
      complete = false;
    } else add(name, value, span);
  }
  for (const [name, { value, span }] of given.keywords) add(name, value, span);
  return complete ? bound : undefined;
}

/** What stands for an output that was refused and reported: nothing more is said about it. */
export class Refused implements NativeValue {
  readonly kind = "native";
  readonly type = "PipelineChannel";
  attribute(): Value {
    return this;
  }
  item(): Value {
    return this;
  }
  operate(): Value {
    return this;
  }
  call(): Value {
    return this;
  }
  text(): string {
    return "";
  }
}

/** `task.outputs`: a mapping of names to channels. */
export class OutputsValue implements NativeValue {
  readonly kind = "native";
  readonly type = "dict";
  readonly owner: TaskValue;
  constructor(owner: TaskValue) {
    this.owner = owner;
  }
  private names(): readonly string[] {
    return this.owner.task.component.outputs.map(({ name }) => name);
  }
  item(key: Value, span: Span): Value {
    if (typeof key === "string") return this.owner.output(key, span);
    return isUnknown(key) ? key : unknown("an output is named by a text", span);
  }
  iterate(): readonly Value[] {
    return this.names();
  }
  truth(): boolean {
    return this.names().length > 0;
  }
  attribute(name: string, span: Span): Value | undefined {
    const whole = dict(this.names().map((one) => [one, this.owner.output(one, span)] as const));
    if (name === "get") {
      return builtin(name, (given) => {
        const [key, otherwise] = given.positional.map(({ value }) => value);
        return typeof key === "string" && this.names().includes(key)
          ? this.owner.output(key, given.span)
          : (otherwise ?? null);
      });
    }
    return this.owner.context.machine.attribute(whole, name, span);
  }
}
