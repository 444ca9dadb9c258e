/** What the functions of JavaScript's library have in common: their arguments, callbacks and refusals. */
import type { Span } from "../source.ts";
import { type Context, report } from "./context.ts";
import { type Call, type Native, type Value, nothing, unknown } from "./values.ts";

export function native(name: string, call: Native): Value {
  return { kind: "native", name, call };
}

/** Calls a callback of `map` and the like with known arguments. */
export function apply(callback: Value | undefined, given: readonly Value[], { span, context }: Call): Value {
  const entries = given.map((value) => ({ value, span }));
  if (callback?.kind === "function") return context.session.invoke(callback, entries, span, context);
  if (callback?.kind === "native") return callback.call({ arguments: entries, span, context });
  if (callback?.kind !== "unknown")
    report(context, "wrong-value", span, "Write `(x) => step({ x })`.", "What is called for each item", "a function");
  return unknown;
}

export function wrong(call: Call, what: string, wanted: string): Value {
  report(call.context, "wrong-value", call.span, undefined, what, wanted);
  return unknown;
}

export function refuse(what: string, span: Span, context: Context): Value {
  report(context, "no-meaning", span, "Do it in a component's body.", what);
  return unknown;
}

/** Whether each argument is absent or known; reported otherwise. */
export function areKnown(call: Call, what: string): boolean {
  const given = call.arguments.map(({ value }) => value);
  if (given.every((value) => value.kind === "constant")) return true;
  if (given.every((value) => value.kind !== "unknown")) wrong(call, what, "known while compiling");
  return false;
}

export const argument = (call: Call, index: number): Value => call.arguments[index]?.value ?? nothing;
export const number = (call: Call, index: number): number | undefined => {
  const value = argument(call, index);
  return value.kind === "constant" && typeof value.value === "number" ? value.value : undefined;
};
