/** The SDK writes a list or dict that was passed to a task as it is when the pipeline's function has ended. */
import type { Argument } from "../graph/model.ts";
import { toArgument } from "./channels.ts";
import type { DslContext, OpenPipeline } from "./context.ts";
import type { Span } from "../source.ts";
import { isObject, type Value } from "./values.ts";

/** Looks at the value again when the pipeline ends: it may have been changed after it was passed. */
export function rememberConstant(
  context: DslContext,
  pipeline: OpenPipeline,
  value: Value,
  converted: Argument | undefined,
  span: Span,
): void {
  if (!isObject(value) || (value.kind !== "list" && value.kind !== "dict")) return;
  if (converted === undefined || !isConstant(converted)) return;
  pipeline.atEnd.push(() => {
    const now = toArgument(context, value, span);
    if (now === undefined || !isConstant(now)) return;
    if (now.kind === "list" && converted.kind === "list") refill(converted.items, now.items);
    else if (now.kind === "struct" && converted.kind === "struct") refill(converted.entries, now.entries);
  });
}

function refill<T>(old: readonly T[], now: readonly T[]): void {
  // SAFETY: `toArgument` made the array for this one argument.
  (old as T[]).splice(0, old.length, ...now);
}

function isConstant(argument: Argument): boolean {
  switch (argument.kind) {
    case "list":
      return argument.items.every(isConstant);
    case "struct":
      return argument.entries.every(([key, value]) => typeof key === "string" && isConstant(value));
    case "null":
    case "string":
    case "boolean":
    case "integer":
    case "number":
      return true;
    default:
      return false;
  }
}
