/** What a caller gives to a component, against what it takes. */
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import { channelsIn, isChannel } from "./channels.ts";
import type { ParameterType } from "../spec/types.ts";
import type { Argument, Component, InputDefinition, ValueType } from "./model.ts";
import { argumentType, isCompatible, isUnchecked, typeName } from "./types.ts";

/** A value with the expression that it came from. */
export interface GivenArgument {
  readonly value: Argument;
  readonly span: Span;
}

export type GivenArguments = ReadonlyMap<string, GivenArgument>;

/**
 * The arguments that are as they must be, in the caller's order; the others are
 * reported. Those named `unreadable` were given, and what is wrong with them is said.
 */
export function checkArguments(
  component: Component,
  given: GivenArguments,
  span: Span,
  options: { readonly oneKindOfNumber?: boolean; readonly report: (diagnostic: Diagnostic) => void },
  unreadable: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, Argument> {
  const { report } = options;
  const known = new Map(component.inputs.map((input) => [input.name, input]));
  const accepted = new Map<string, Argument>();
  for (const [name, argument] of given) {
    const input = known.get(name);
    if (!input) report(diagnose("unknown-input", argument.span, component.name, name));
    else if (isSystemInput(input)) report(diagnose("system-input", argument.span, name));
    else if (checkArgument(component, input, argument, options)) accepted.set(name, argument.value);
  }
  const missing = component.inputs.filter(
    (input) => !input.optional && !isSystemInput(input) && !given.has(input.name) && !unreadable.has(input.name),
  );
  if (missing.length > 0) {
    const names = missing.map((input) => `"${input.name}"`).join(", ");
    report(diagnose("missing-inputs", span, component.name, names));
  }
  return accepted;
}

function checkArgument(
  component: Component,
  input: InputDefinition,
  { value, span }: GivenArgument,
  {
    oneKindOfNumber,
    report,
  }: { readonly oneKindOfNumber?: boolean; readonly report: (diagnostic: Diagnostic) => void },
): boolean {
  if (!isChannel(value)) {
    const inside = channelsIn(value);
    const artifact = inside.some(({ type }) => type.kind === "artifact");
    if (inside.some(({ kind }) => kind === "one-of") || (artifact && value.kind === "template")) {
      report(diagnose("text-of", span, artifact ? "An artifact" : "A OneOf"));
      return false;
    }
    if (artifact) report(diagnose("no-value-inside", span, "An artifact", "a list or a struct"));
  }
  const given = argumentType(value);
  if (given && (isUnchecked(value) || isCompatible(given, input.type))) return true;
  if (oneKindOfNumber && isParameter(given, "NUMBER_INTEGER") && isParameter(input.type, "NUMBER_DOUBLE")) return true;
  const name = given ? typeName(given) : "null";
  report(diagnose("argument-type", span, input.name, component.name, name, typeName(input.type)));
  return false;
}

function isParameter(type: ValueType | undefined, expected: ParameterType): boolean {
  return type?.kind === "parameter" && type.type === expected;
}

/** Inputs that no caller can give. */
function isSystemInput(input: InputDefinition): boolean {
  return input.type.kind === "parameter" && input.type.type === "TASK_FINAL_STATUS";
}
