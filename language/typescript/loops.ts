/** Loops of the run: `for … of`, `map` and `forEach` over a list that only the run knows. */
import type { Span } from "../source.ts";
import { type Context, report } from "./context.ts";
import type { Region } from "./scope.ts";
import { type Call, type Value, nothing, toArgument, unknown } from "./values.ts";

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
  body: (item: Value, inner: Context) => T,
): T | undefined {
  const { builder } = context;
  const items = over.kind === "parallel" ? over.items : over;
  const argument = toArgument(items);
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
  const result = body({ kind: "channel", channel: builder.loopItem(group) }, { ...context, region });
  builder.close();
  return result;
}

/** `map` and `forEach` of a list of the run; undefined for other members and values. */
export function loopMember(of: Value, member: string): Value | undefined {
  if (!isLoopable(of) || (member !== "map" && member !== "forEach")) return undefined;
  return {
    kind: "native",
    name: member,
    call: ({ arguments: [callback], node, span, context }: Call) => {
      if (callback?.value.kind !== "function") return unknown;
      const body = callback.value;
      const made = context.tasks.length;
      const result = loop(of, span, context, (item, inner) =>
        context.session.invoke(body, [{ value: item, span: callback.span }], span, inner),
      );
      const limit = of.kind === "parallel" && of.limit !== undefined ? { limit: of.limit } : {};
      const steps = context.tasks.length - made;
      if (node) context.session.marks.push({ kind: "loop", span, head: node.expression.end, ...limit, steps });
      return member === "map" && result ? collected(result, span, context) : nothing;
    },
  };
}

/** What a loop's body gives, seen from outside: lists of what its steps made. */
function collected(value: Value, span: Span, context: Context): Value {
  switch (value.kind) {
    case "channel": {
      const channel = context.builder?.collected(value.channel, span);
      return channel ? { kind: "channel", channel } : unknown;
    }
    case "step":
    case "unknown":
      return unknown;
    default:
      report(
        context,
        "wrong-value",
        span,
        "Return an output: `list.map((x) => step({ x }).output)`.",
        "What `map` collects",
        "an output of a step",
      );
      return unknown;
  }
}
