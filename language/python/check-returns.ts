/** What a component returns, held against what it declares: the executor compares them when the step is over. */
import { diagnose } from "../diagnostics.ts";
import type { OutputDefinition } from "../graph/model.ts";
import type { ParameterType } from "../spec/types.ts";
import type { Machine } from "./machine.ts";
import type { Expression, Statement } from "./syntax.ts";
import { isKind, visit } from "./tree.ts";
import { type FunctionValue, isObject, type Value } from "./values.ts";

type Kind = "nothing" | "text" | "a whole number" | "a fraction" | "True or False" | "a list" | "a dict" | "a tuple";

/** `handle_single_return_value` of the SDK's executor; a type that is not here is not looked at. */
const taken: Readonly<Partial<Record<ParameterType, readonly [declared: string, kinds: readonly Kind[]]>>> = {
  NUMBER_INTEGER: ["int", ["a whole number", "True or False"]],
  NUMBER_DOUBLE: ["float", ["a whole number", "a fraction", "True or False"]],
  STRING: ["str", ["text"]],
  BOOLEAN: ["bool", ["True or False"]],
  LIST: ["a list", ["a list"]],
  STRUCT: ["a dict", ["a dict"]],
};

/** Warns of returned constants of another type than the declared one, and of a body that returns nothing at all. */
export function checkReturns(
  machine: Machine,
  target: FunctionValue,
  returns: Value | undefined,
  outputs: readonly OutputDefinition[],
): void {
  const { body, span } = target;
  if (returns === undefined || returns === null || body.kind === "lambda" || body.async || body.generator) return;
  const declared = declaredType(returns, outputs);
  if (declared === undefined) return;
  const found = returnsIn(body.body);
  const report = (at: { readonly start: number; readonly end: number }, kind: Kind): void => {
    if (!declared.kinds?.includes(kind))
      machine.report(
        diagnose("returned-type", { path: span.path, start: at.start, end: at.end }, target.name, kind, declared.text),
      );
  };
  for (const { value, start, end } of found) {
    const kind = value === undefined ? "nothing" : kindOf(value);
    // Of several outputs and of artifacts a literal says little; that there is nothing says enough.
    if (kind !== undefined && (declared.kinds !== undefined || kind === "nothing"))
      report(value ?? { start, end }, kind);
  }
  if (found.length === 0 && body.body.at(-1)?.kind !== "raise")
    report({ start: body.nameStart, end: body.nameStart + target.name.length }, "nothing");
}

function declaredType(
  returns: Value,
  outputs: readonly OutputDefinition[],
): { readonly text: string; readonly kinds?: readonly Kind[] } | undefined {
  if (!isObject(returns) || (returns.kind !== "class" && returns.kind !== "native")) return undefined;
  const isTuple = returns.kind === "class" && returns.attributes.has("_fields");
  const type = outputs.find(({ name }) => name === "Output")?.type;
  if (isTuple || type?.kind === "artifact")
    return outputs.length === 0 ? undefined : { text: isTuple ? "a NamedTuple" : "an artifact" };
  const known = type === undefined ? undefined : taken[type.type];
  return known && { text: known[0], kinds: known[1] };
}

/** Its own `return` statements, not those of functions in it. */
function returnsIn(body: readonly Statement[]): Extract<Statement, { kind: "return" }>[] {
  const found: Extract<Statement, { kind: "return" }>[] = [];
  visit({ body }, (node) => {
    if (isKind(node, "return")) found.push(node);
    return !isKind(node, "function") && !isKind(node, "class") && !isKind(node, "lambda");
  });
  return found;
}

function kindOf(value: Expression): Kind | undefined {
  switch (value.kind) {
    case "formatted":
      return "text";
    case "list":
      return "a list";
    case "dict":
      return "a dict";
    case "tuple":
      return "a tuple";
    case "constant":
      switch (typeof value.value) {
        case "string":
          return "text";
        case "bigint":
          return "a whole number";
        case "number":
          return "a fraction";
        case "boolean":
          return "True or False";
        default:
          return value.value === null ? "nothing" : undefined;
      }
    default:
      return undefined;
  }
}
