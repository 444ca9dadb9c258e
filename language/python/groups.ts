/** `dsl.If`, `ParallelFor`, `ExitHandler`, …: context managers that open groups. */
import { diagnose } from "../diagnostics.ts";
import type { Argument, Group } from "../graph/model.ts";
import type { Span } from "../source.ts";
import { ChannelValue, ConditionValue, Refused, TaskValue, toArgument } from "./channels.ts";
import { type DslContext, type OpenPipeline, sayUnknown } from "./context.ts";
import { raise } from "./machine.ts";
import { checkCall, checkValue } from "./signatures.ts";
import {
  argument,
  builtin,
  type BuiltinValue,
  type CallArguments,
  isUnknown,
  type NativeValue,
  typeName,
  unknown,
  type Value,
} from "./values.ts";

/** A group that `with` opens and closes. */
class GroupValue implements NativeValue {
  readonly kind = "native";
  readonly type: string;
  group: Group | undefined;
  private readonly open: (self: GroupValue) => { readonly value: Value; readonly opened: boolean };
  private readonly pipeline: OpenPipeline;
  private opened = false;

  constructor(
    type: string,
    pipeline: OpenPipeline,
    open: (self: GroupValue) => { readonly value: Value; readonly opened: boolean },
  ) {
    this.type = type;
    this.pipeline = pipeline;
    this.open = open;
  }
  enter(): Value {
    const { value, opened } = this.open(this);
    this.opened = opened;
    return value;
  }
  exit(): void {
    if (this.opened) this.pipeline.builder.close();
    this.opened = false;
  }
  attribute(name: string): Value | undefined {
    return name === "name" ? (this.group?.name ?? null) : undefined;
  }
}

export function groupBuiltins(context: DslContext): Record<string, BuiltinValue> {
  const within = (name: string, make: (given: CallArguments, pipeline: OpenPipeline) => Value): BuiltinValue =>
    builtin(name, (given) => {
      const pipeline = context.pipelines.at(-1);
      return pipeline === undefined
        ? raise("ValueError", "Default pipeline not defined.", given.span)
        : make(given, pipeline);
    });
  const conditional = (name: string, kind: "if" | "elif"): BuiltinValue =>
    within(name, (given, pipeline) => {
      checkCall(context.machine, `dsl.${name}`, ["condition", "name"], 1, given);
      if (argument(given, 0, "condition") === undefined) return new Refused();
      const value = argument(given, 0, "condition") ?? null;
      const span = given.positional[0]?.span ?? given.keywords.get("condition")?.span ?? given.span;
      const label = nameOf(context, given, 1);
      if (name === "Condition") context.machine.report(diagnose("deprecated", given.span, "dsl.Condition", "dsl.If"));
      return new GroupValue(name, pipeline, (self) => {
        const condition = conditionOf(context, value, span);
        if (condition === undefined) return { value: self, opened: false };
        if (kind === "if") pipeline.builder.openIf(condition, given.span, label);
        else pipeline.builder.openElif(condition, given.span, label);
        return { value: self, opened: true };
      });
    });
  return {
    If: conditional("If", "if"),
    Condition: conditional("Condition", "if"),
    Elif: conditional("Elif", "elif"),
    Else: within("Else", (given, pipeline) => {
      checkCall(context.machine, "dsl.Else", ["name"], 0, given);
      const label = nameOf(context, given, 0);
      return new GroupValue("Else", pipeline, (self) => {
        pipeline.builder.openElse(given.span, label);
        return { value: self, opened: true };
      });
    }),
    ParallelFor: within(
      "ParallelFor",
      (given, pipeline) => new GroupValue("ParallelFor", pipeline, (self) => openLoop(context, pipeline, self, given)),
    ),
    ExitHandler: within("ExitHandler", (given, pipeline) => {
      checkCall(context.machine, "dsl.ExitHandler", ["exit_task", "name"], 1, given);
      if (argument(given, 0, "exit_task") === undefined) return new Refused();
      const task = argument(given, 0, "exit_task") ?? null;
      const label = nameOf(context, given, 1);
      return new GroupValue("ExitHandler", pipeline, (self) => {
        if (!(task instanceof TaskValue)) {
          if (isUnknown(task)) sayUnknown(context, given.span, "the exit task", task);
          else if (!(task instanceof Refused))
            context.machine.report(diagnose("wrong-value", given.span, "The exit task", `a task, not ${named(task)}`));
          return { value: self, opened: false };
        }
        self.group = pipeline.builder.openExitHandler(task.task, given.span, label);
        return { value: self, opened: true };
      });
    }),
    Collected: within("Collected", (given, pipeline) => {
      checkCall(context.machine, "dsl.Collected", ["output"], 1, given);
      if (argument(given, 0, "output") === undefined) return new Refused();
      const output = argument(given, 0, "output") ?? null;
      if (!(output instanceof ChannelValue))
        return notAChannel(context, output, given.positional[0]?.span ?? given.span);
      const channel = pipeline.builder.collected(output.channel, given.span);
      if (channel) pipeline.gathered.push({ channel, name: "dsl.Collected", span: given.span });
      return channel === undefined ? new Refused() : new ChannelValue(context, pipeline, channel);
    }),
    OneOf: within("OneOf", (given, pipeline) => {
      const channels: ChannelValue[] = [];
      for (const { value, span } of given.positional) {
        if (!(value instanceof ChannelValue)) return notAChannel(context, value, span);
        channels.push(value);
      }
      const channel = pipeline.builder.oneOf(
        channels.map((one) => one.channel),
        given.span,
      );
      if (channel) pipeline.gathered.push({ channel, name: "dsl.OneOf", span: given.span });
      return channel === undefined ? new Refused() : new ChannelValue(context, pipeline, channel);
    }),
  };
}

function nameOf(context: DslContext, given: CallArguments, index: number): string | undefined {
  const name = argument(given, index, "name");
  const span = (given.positional[index] ?? given.keywords.get("name"))?.span;
  const one = span === undefined ? undefined : { value: name ?? null, span };
  checkValue(context.machine, "The name of a group", "text", one, (value) => typeof value === "string");
  return typeof name === "string" ? name : undefined;
}

function notAChannel(context: DslContext, value: Value, span: Span): Value {
  if (value instanceof Refused) return value;
  if (isUnknown(value)) sayUnknown(context, span, "the output given here", value);
  else
    context.machine.report(diagnose("wrong-value", span, "What is given here", `a task's output, not ${named(value)}`));
  return new Refused();
}

function named(value: Value): string {
  return value === null ? "None" : `a ${typeName(value)}`;
}

function conditionOf(context: DslContext, value: Value, span: Span): ConditionValue["condition"] | undefined {
  if (value instanceof ConditionValue) return value.condition;
  if (value instanceof Refused) return undefined;
  if (isUnknown(value)) sayUnknown(context, span, "this condition", value);
  else context.machine.report(diagnose("condition-constant", span));
  return undefined;
}

function openLoop(
  context: DslContext,
  pipeline: OpenPipeline,
  self: GroupValue,
  given: CallArguments,
): { value: Value; opened: boolean } {
  checkCall(context.machine, "dsl.ParallelFor", ["items", "name", "parallelism"], 1, given);
  const none = { value: new Refused(), opened: false };
  const items = argument(given, 0, "items");
  if (items === undefined) return none;
  const span = given.positional[0]?.span ?? given.keywords.get("items")?.span ?? given.span;
  const value = items instanceof Refused ? undefined : toArgument(context, items, span, "the list looped over");
  const name = nameOf(context, given, 1);
  const limit = argument(given, 2, "parallelism");
  const wanted = "a whole number of 0 or more, known while compiling";
  checkValue(
    context.machine,
    "parallelism",
    wanted,
    given.positional[2] ?? given.keywords.get("parallelism"),
    (value) => typeof value === "bigint",
  );
  const parallelism = typeof limit === "bigint" ? Number(limit) : undefined;
  checkMembers(context, value, span);
  const loop =
    value === undefined
      ? undefined
      : pipeline.builder.openLoop(
          value,
          { ...(parallelism !== undefined && { parallelism }), ...(name !== undefined && { name }) },
          given.span,
        );
  if (loop === undefined)
    return {
      value:
        items instanceof Refused || (isUnknown(items) && items.step)
          ? items
          : unknown("what it loops over is not known", span),
      opened: false,
    };
  self.group = loop;
  return { value: new ChannelValue(context, pipeline, pipeline.builder.loopItem(loop)), opened: true };
}

/** The SDK makes attributes of the first constant's keys. */
function checkMembers(context: DslContext, items: Argument | undefined, span: Span): void {
  const [first] = items?.kind === "list" ? items.items : [];
  for (const [key] of first?.kind === "struct" ? first.entries : []) {
    if (typeof key !== "string") continue;
    if (!/^[a-zA-Z_][0-9a-zA-Z_]*$/.test(key) || ["name", "task", "pattern", "full_name"].includes(key))
      context.machine.report(diagnose("loop-field", span, key));
  }
}
