import type { Channel } from "../graph/model.ts";
import type { Span } from "../source.ts";
import { type Context, report } from "./context.ts";
import { type Value, unknown } from "./values.ts";

/** The output that the arm which ran has made. The spec chooses between outputs of steps in the arms, and of nothing else. */
export function oneOf(channels: readonly Channel[], span: Span, context: Context): Value {
  const other = channels.find(({ kind }) => kind !== "task-output");
  if (other) {
    const hint =
      other.kind === "one-of"
        ? "Write the choices as one: `if … else if … else …`, without an `if` in an arm."
        : "Let a step in that arm pass it on: `else m = pass({ value }).output;`.";
    report(context, "unfit-choice", span, hint);
    return unknown;
  }
  const channel = context.builder?.oneOf(channels, span);
  return channel ? { kind: "channel", channel } : unknown;
}
