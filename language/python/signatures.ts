/** Calls of the SDK's own functions, held against what these take. */
import { diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { Machine } from "./machine.ts";
import { type CallArguments, isUnknown, type Value } from "./values.ts";

/** Reports arguments that are too many, that the function does not know, and that it misses. */
export function checkCall(
  machine: Machine,
  name: string,
  parameters: readonly string[],
  required: number,
  given: CallArguments,
): void {
  for (const { span } of given.positional.slice(parameters.length))
    machine.report(diagnose("python-error", span, "TypeError", tooMany(name, parameters.length)));
  for (const [keyword, { span }] of given.keywords)
    if (!parameters.includes(keyword)) machine.report(diagnose("unknown-parameter", span, name, keyword));
  for (const [i, parameter] of parameters.slice(0, required).entries())
    if (given.positional[i] === undefined && !given.keywords.has(parameter))
      machine.report(diagnose("missing-parameter", given.span, name, parameter));
}

export function tooMany(name: string, count: number): string {
  return `${name}() takes ${count === 0 ? "no arguments" : count === 1 ? "one argument" : `${count} arguments`}`;
}

/** Reports an argument that there is and that is of another kind. What is not known is not said to be wrong. */
export function checkValue(
  machine: Machine,
  what: string,
  wanted: string,
  given: { readonly value: Value; readonly span: Span } | undefined,
  is: (value: Value) => boolean,
): void {
  if (given === undefined || given.value === null || isUnknown(given.value) || is(given.value)) return;
  machine.report(diagnose("wrong-value", given.span, what, wanted));
}
