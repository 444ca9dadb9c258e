/** `value.member`. */
import type { Channel } from "../graph/model.ts";
import type { Span } from "../source.ts";
import { oneOf } from "./one-of.ts";
import { type Context, report } from "./context.ts";
import { stringMember } from "./library.ts";
import { listMember } from "./list-methods.ts";
import { constantMemberType, gatheredMember, loopMember } from "./loops.ts";
import { type Value, isSame, nothing, unknown } from "./values.ts";

export function memberOf(of: Value, member: string, span: Span, context: Context): Value {
  switch (of.kind) {
    case "unknown":
      return unknown;
    case "object":
      return of.entries.get(member)?.value ?? nothing;
    case "list":
      return listMember(of, member, span, context);
    case "step": {
      const channel = context.builder?.output(of.task, outputKey(of, member), span);
      return channel ? { kind: "channel", channel } : unknown;
    }
    case "choice":
      return choiceMember(of, member, span, context);
    case "channel":
      return channelMember(of.channel, member, span, context);
    case "gathered":
      return gatheredMember(of, member) ?? refuse(member, span, context);
    case "parallel":
      return loopMember(of, member) ?? refuse(member, span, context);
    case "constant":
      return typeof of.value === "string"
        ? stringMember(of.value, member, span, context)
        : constantMember(of.value, member, span, context);
    default:
      return refuse(member, span, context);
  }
}

/** A bare value that a component returns is `output` here and `Output` in the spec. */
function outputKey({ task }: Value & { kind: "step" }, member: string): string {
  const names = task.component.outputs.map((each) => each.name);
  return member === "output" && !names.includes("output") && names.includes("Output") ? "Output" : member;
}

function choiceMember(of: Value & { kind: "choice" }, member: string, span: Span, context: Context): Value {
  const known = of.outputs.get(member);
  if (known) return known;
  const arms = of.arms.map((arm) => memberOf(arm, member, span, context));
  const [first = unknown] = arms;
  if (arms.every((arm) => isSame(arm, first))) {
    of.outputs.set(member, first);
    return first;
  }
  const channels = arms.flatMap((arm) => (arm.kind === "channel" ? [arm.channel] : []));
  let chosen: Value = unknown;
  if (channels.length === arms.length) chosen = oneOf(channels, span, context);
  else if (arms.every((arm) => arm.kind === "choice" || arm.kind === "step" || arm.kind === "object")) {
    chosen = { kind: "choice", arms, outputs: new Map() };
  } else if (arms.every((arm) => arm.kind !== "unknown")) {
    report(context, "unfit-choice", span, "Each arm must have this output.");
  }
  of.outputs.set(member, chosen);
  return chosen;
}

function channelMember(channel: Channel, member: string, span: Span, context: Context): Value {
  const { type } = channel;
  const loop = loopMember({ kind: "channel", channel }, member);
  if (loop) return loop;
  if (channel.kind === "loop-item" && type.kind === "parameter" && type.type !== "LIST") {
    const field = context.builder?.loopField(channel, member, span, constantMemberType(channel.loop, member));
    return field ? { kind: "channel", channel: field } : unknown;
  }
  if (type.kind === "artifact" && !type.list) {
    report(
      context,
      "runtime-only",
      span,
      "Pass the artifact to a component and read it in its body.",
      `Reading \`.${member}\` of an artifact`,
    );
  } else if (type.kind === "artifact" || type.type === "LIST") {
    report(
      context,
      "runtime-only",
      span,
      "Use `map` or `for … of`, or a component.",
      `\`.${member}\` of a list of the run`,
    );
  } else {
    report(context, "runtime-only", span, "Compute it in a component's body.", `\`.${member}\``);
  }
  return unknown;
}

function constantMember(value: unknown, member: string, span: Span, context: Context): Value {
  if (value === undefined || value === null)
    report(
      context,
      "wrong-value",
      span,
      undefined,
      `What has the member "${member}"`,
      `something, not ${String(value)}`,
    );
  else refuse(member, span, context);
  return unknown;
}

function refuse(member: string, span: Span, context: Context): Value {
  if (member !== "") report(context, "no-meaning", span, "Do it in a component's body.", `\`.${member}\``);
  return unknown;
}
