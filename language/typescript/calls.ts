import type { GivenArgument } from "../graph/builder.ts";
import type { Component } from "../graph/model.ts";
import type { Span } from "../source.ts";
import { type Context, report, spanOf } from "./context.ts";
import { mergedOptions } from "./option-values.ts";
import type { Scope } from "./scope.ts";
import { configureStep } from "./step-options.ts";
import { ts } from "./syntax.ts";
import { type Call, type Entry, type ObjectValue, type Value, toArgument, unknown } from "./values.ts";

/** A call: a component makes a step, a helper is inlined, a library function computes. */
export function call(node: ts.CallExpression, scope: Scope, context: Context): Value {
  const span = spanOf(node, scope);
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    report(context, "no-meaning", span, "Import it at the top of the file.", "`import()`");
    return unknown;
  }
  const callee = context.session.evaluate(node.expression, scope, context);
  const isMissing = callee.kind === "constant" && (callee.value === undefined || callee.value === null);
  if (isMissing && endsEarly(node)) return callee;
  const made: Call = { arguments: given(node, scope, context), node, scope, span, context };
  switch (callee.kind) {
    case "component":
      return step(callee.component, made, spanOf(calledName(node.expression), scope));
    case "function":
      return context.session.invoke(callee, made.arguments, span, context);
    case "native":
      return callee.call(made);
    case "unknown":
      if (context.builder) notKnown(context, spanOf(node.expression, scope), "what this call does");
      return unknown;
    default:
      report(context, "not-callable", spanOf(node.expression, scope), undefined, `\`${node.expression.getText()}\``);
      return unknown;
  }
}

/** Whether there is a `?.` in the chain up to here: with nothing before it, the whole chain is nothing. */
export function endsEarly(node: ts.Expression): boolean {
  if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node) && !ts.isCallExpression(node))
    return false;
  return node.questionDotToken !== undefined || endsEarly(node.expression);
}

function given(node: ts.CallExpression, scope: Scope, context: Context): Entry[] {
  return node.arguments.flatMap((each) => {
    const span = spanOf(each, scope);
    if (!ts.isSpreadElement(each)) return [{ value: context.session.evaluate(each, scope, context), span }];
    const spread = context.session.evaluate(each.expression, scope, context);
    if (spread.kind === "list") return spread.items.map((value) => ({ value, span }));
    if (spread.kind !== "unknown") report(context, "runtime-only", span, "Name the arguments.", "A spread");
    return [];
  });
}

/** A component in use. */
function step(component: Component, { arguments: [inputs, options], span, context }: Call, callee: Span): Value {
  const { builder } = context;
  if (!builder) {
    report(context, "no-meaning", span, "Call it in the body of a `pipeline(…)`.", `A step outside of a pipeline`);
    return unknown;
  }
  const { given, unreadable } = stepInputs(inputs, component, context);
  const task = builder.task(component, given, span, unreadable);
  context.tasks.push(task);
  context.session.marks.push({ kind: "step", span, callee, task });
  configureStep(task, optionsOf(options, context), span, context);
  return { kind: "step", task };
}

/** `train` of `steps.train`. */
function calledName(node: ts.Expression): ts.Node {
  return ts.isPropertyAccessExpression(node) ? node.name : node;
}

/** What a step is given, and the names of what was given and cannot be taken, which is reported. */
function stepInputs(
  inputs: Entry | undefined,
  component: Component,
  context: Context,
): { readonly given: Map<string, GivenArgument>; readonly unreadable: Set<string> } {
  const given = new Map<string, GivenArgument>();
  const unreadable = new Set<string>();
  if (inputs?.value.kind === "unknown") {
    for (const { name } of component.inputs) unreadable.add(name);
    notKnown(context, inputs.span, "what this step is given");
  } else if (inputs && inputs.value.kind !== "object") {
    const isNothing = inputs.value.kind === "constant" && inputs.value.value === undefined;
    if (!isNothing)
      report(context, "wrong-value", inputs.span, "Name them: `({ rows: 10 })`.", "The inputs of a step", "an object");
  }
  if (inputs?.value.kind !== "object") return { given, unreadable };
  for (const [name, entry] of inputs.value.entries) {
    const type = component.inputs.find((input) => input.name === name)?.type;
    const argument = toArgument(entry.value, type);
    if (argument && hasLoneText(entry.value)) {
      const hint = "Give the value itself, or make the text of it in a component.";
      const what = "A text of one value of the run alone, in a list or an object,";
      report(context, "no-meaning", entry.span, hint, what);
      unreadable.add(name);
    } else if (argument) given.set(name, { value: argument, span: entry.span });
    else if (reportArgument(name, entry, context)) unreadable.add(name);
  }
  return { given, unreadable };
}

/** Whether a list or an object holds `` `${n}` ``, which the run takes for the value itself and not for its text. */
function hasLoneText(value: Value): boolean {
  const isLone = (inner: Value): boolean => {
    if (inner.kind !== "template") return hasLoneText(inner);
    const [only, ...more] = inner.parts;
    if (typeof only !== "object" || more.length > 0) return false;
    return only.type.kind !== "parameter" || only.type.type !== "STRING";
  };
  if (value.kind === "list") return value.items.some(isLone);
  return value.kind === "object" && [...value.entries.values()].some((entry) => isLone(entry.value));
}

/** Says that a value cannot be read, unless something was said that may be the reason. */
function notKnown(context: Context, span: Span, what: string): void {
  if (context.session.diagnostics.some(({ severity }) => severity === "error")) return;
  const hint = "Packages can be used in the bodies of components only.";
  report(context, "not-known", span, hint, what, "it comes from code outside of these files");
}

/** Says why a value cannot be an argument; false where it is as if it were not written. */
function reportArgument(name: string, { value, span }: Entry, context: Context): boolean {
  const what = `The input "${name}"`;
  switch (value.kind) {
    case "unknown":
      notKnown(context, span, `the input "${name}"`);
      return true;
    case "constant":
      return false; // `undefined`.
    case "step":
    case "choice":
      report(
        context,
        "wrong-value",
        span,
        "Name the output: `step.output`.",
        what,
        "an output of the step, not the step",
      );
      return true;
    case "condition":
      report(
        context,
        "wrong-value",
        span,
        "Compute it in a component, or use it in `if`.",
        what,
        "a value, not a comparison of the run",
      );
      return true;
    default:
      report(context, "wrong-value", span, undefined, what, "a value or an output of a step");
      return true;
  }
}

function optionsOf(entry: Entry | undefined, context: Context): ObjectValue | undefined {
  if (entry && entry.value.kind !== "object" && entry.value.kind !== "unknown") {
    report(context, "wrong-value", entry.span, undefined, "The settings of a step", "an object");
  }
  return mergedOptions(context.defaults, entry?.value.kind === "object" ? entry.value : undefined);
}
