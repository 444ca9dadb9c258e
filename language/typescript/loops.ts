/** Loops of the run: `for … of`, `map` and `forEach` over a list that only the run knows. */
import { pathOf } from "../graph/channels.ts";
import type { Argument, Channel, LoopGroup, Task, ValueType } from "../graph/model.ts";
import { argumentType, parameterType } from "../graph/types.ts";
import type { Span } from "../source.ts";
import { type Context, report } from "./context.ts";
import type { Region } from "./scope.ts";
import {
  type Call,
  type Entry,
  type FunctionValue,
  type GatheredValue,
  type Value,
  isKnown,
  list,
  nothing,
  toArgument,
  unknown,
} from "./values.ts";

/** Something that loops in the run. */
export type Loopable = Value & { kind: "channel" | "parallel" };

export function isLoopable(value: Value): value is Loopable {
  if (value.kind === "parallel") return true;
  if (value.kind !== "channel") return false;
  const { type, kind } = value.channel;
  // A loop's item may be a list of its own: only the run knows.
  return type.kind === "artifact" ? type.list : type.type === "LIST" || kind === "loop-field";
}

/** Opens the loop, evaluates the body once with its item, closes it. Undefined where there is nothing to loop over. */
export function loop<T>(
  over: Loopable,
  span: Span,
  context: Context,
  body: (item: Value, inner: Context, group: LoopGroup) => T,
): T | undefined {
  const { builder } = context;
  const items = over.kind === "parallel" ? over.items : over;
  const argument = oneKind(toArgument(items));
  if (!builder || !argument) {
    if (items.kind !== "unknown") report(context, "wrong-value", span, undefined, "What a loop goes over", "a list");
    return undefined;
  }
  const options =
    over.kind === "parallel"
      ? {
          ...(over.limit === undefined ? {} : { parallelism: over.limit }),
          ...(over.name === undefined ? {} : { name: over.name }),
        }
      : {};
  const group = builder.openLoop(argument, options, span);
  if (!group) return undefined;
  const region: Region = { kind: "loop", parent: context.region, assigned: new Map() };
  const result = body({ kind: "channel", channel: builder.loopItem(group) }, { ...context, region }, group);
  builder.close();
  return result;
}

/** `[1, 2.5]` are floats, all of them. */
function oneKind(items: Argument | undefined): Argument | undefined {
  if (items?.kind !== "list" || !items.items.some(({ kind }) => kind === "number")) return items;
  return {
    kind: "list",
    items: items.items.map((item) => (item.kind === "integer" ? { kind: "number", value: item.value } : item)),
  };
}

/** The type of a member that all items of a constant loop have; undefined where they differ, and for other loops. */
export function constantMemberType(loop: LoopGroup, member: string): ValueType | undefined {
  if (loop.items.kind !== "constant") return undefined;
  const types = loop.items.items.map((item) => {
    const [, value] = (item.kind === "struct" && item.entries.find(([key]) => key === member)) || [];
    return value && argumentType(value);
  });
  const kinds = new Set(types.map((type) => (type?.kind === "parameter" ? type.type : undefined)));
  if (kinds.size === 2 && kinds.has("NUMBER_INTEGER") && kinds.has("NUMBER_DOUBLE"))
    return parameterType("NUMBER_DOUBLE");
  return kinds.size === 1 ? types[0] : undefined;
}

/** `map` and `forEach` of a list of the run; undefined for other members and values. */
export function loopMember(of: Value, member: string): Value | undefined {
  if (!isLoopable(of) || (member !== "map" && member !== "forEach")) return undefined;
  return {
    kind: "native",
    name: member,
    call: ({ arguments: [callback], node, span, context }: Call) => {
      const body = oneArgument(callback, member, span, context);
      if (!body || !callback) return unknown;
      const made = context.tasks.length;
      const result = loop(of, span, context, (item, inner, group) => ({
        value: context.session.invoke(body, [{ value: item, span: callback.span }], span, inner),
        group,
      }));
      const limit = of.kind === "parallel" && of.limit !== undefined ? { limit: of.limit } : {};
      const steps = context.tasks.length - made;
      if (node) context.session.marks.push({ kind: "loop", span, head: node.expression.end, ...limit, steps });
      return member === "map" && result ? collected(result.value, result.group, span, context) : nothing;
    },
  };
}

/** The callback of a loop of the run, which has an item and no index; anything else is reported. */
function oneArgument(
  callback: Entry | undefined,
  member: string,
  span: Span,
  context: Context,
): FunctionValue | undefined {
  const at = callback?.span ?? span;
  if (callback?.value.kind !== "function") {
    const hint = `Write \`list.${member}((x) => step({ x }))\`.`;
    if (callback?.value.kind !== "unknown")
      report(context, "wrong-value", at, hint, `What \`${member}\` is given`, "a function");
    return undefined;
  }
  const { parameters } = callback.value.node;
  if (parameters.length < 2 && !parameters[0]?.dotDotDotToken) return callback.value;
  const hint = "Make the list of what is needed in a component: the run has only the items.";
  report(context, "runtime-only", at, hint, "An item's index");
  return undefined;
}

/**
 * `map` of what a loop has gathered takes outputs out of each turn; a new loop over them it is not. `flat` makes one list
 * of the steps of loops in loops.
 */
export function gatheredMember(of: GatheredValue, member: string): Value | undefined {
  if (member === "flat")
    return { kind: "native", name: member, call: () => list(stepsIn(of).map((task) => ({ kind: "step", task }))) };
  if (member !== "map") return undefined;
  return {
    kind: "native",
    name: member,
    call: ({ arguments: [callback], span, context }: Call) => {
      const body = oneArgument(callback, member, span, context);
      if (!body || !callback) return unknown;
      const made = context.tasks.length;
      const each = context.session.invoke(body, [{ value: of.each, span: callback.span }], span, context);
      if (context.tasks.length > made) {
        const hint = "Make the step in the loop itself, or take the list first: `all.map((one) => one.output)`.";
        report(context, "no-meaning", span, hint, "A step for each result of a loop");
        return unknown;
      }
      return collected(each, of.loop, span, context);
    },
  };
}

/** The steps of a value: its own, or those of every turn of a loop. */
export function stepsIn(value: Value): readonly Task[] {
  if (value.kind === "step") return [value.task];
  return value.kind === "gathered" ? stepsIn(value.each) : [];
}

/** What a loop's body gives, seen from outside: lists of what its steps made. */
function collected(value: Value, group: LoopGroup, span: Span, context: Context): Value {
  switch (value.kind) {
    case "channel": {
      if (value.channel.kind !== "task-output" && value.channel.kind !== "collected") return refused(span, context);
      const channel = listOf(value.channel, group, span, context);
      return channel ? { kind: "channel", channel } : unknown;
    }
    case "step":
    case "gathered":
      return { kind: "gathered", each: value, loop: group };
    case "object":
      if (!isKnown(value)) return { kind: "gathered", each: value, loop: group };
      return refused(span, context);
    case "unknown":
      return unknown;
    default:
      return refused(span, context);
  }
}

/** Over every turn of the loop; a list that was gathered in the loop is gathered over both. */
function listOf(channel: Channel, group: LoopGroup, span: Span, context: Context): Channel | undefined {
  if (channel.kind !== "collected" || !isIn(channel.output.task, group))
    return context.builder?.collected(channel, span);
  return context.builder?.collected(channel.output, span);
}

const isIn = (task: Task, group: LoopGroup): boolean => pathOf(task).includes(group);

function refused(span: Span, context: Context): Value {
  report(
    context,
    "wrong-value",
    span,
    "Return an output: `list.map((x) => step({ x }).output)`; a step can pass on what is chosen or given.",
    "What `map` collects",
    "an output of a step",
  );
  return unknown;
}
