import type { Channel } from "../graph/model.ts";
import type { Span } from "../source.ts";
import type { Context } from "./context.ts";
import { type Value, unknown } from "./values.ts";

/** The output that the arm which ran has made. */
export function oneOf(channels: readonly Channel[], span: Span, context: Context): Value {
  const channel = context.builder?.oneOf(channels, span);
  return channel ? { kind: "channel", channel } : unknown;
}
