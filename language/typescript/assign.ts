import type { Span } from "../source.ts";
import { type Context, report, spanOf } from "./context.ts";
import { type Binding, type Scope, declare, lookUp } from "./scope.ts";
import { memberOf } from "./members.ts";
import { ts } from "./syntax.ts";
import { type Value, constant, list, nothing, object, unknown } from "./values.ts";

/** `target = value`; gives the value. */
export function assign(target: ts.Expression, value: Value, scope: Scope, context: Context): Value {
  const span = spanOf(target, scope);
  if (ts.isIdentifier(target)) {
    const binding = lookUp(scope, target.text);
    if (!binding) report(context, "undefined-name", span, undefined, target.text);
    else store(binding, value, span, context);
    return value;
  }
  if (ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target)) {
    assignMember(target, value, scope, context);
    return value;
  }
  if (ts.isParenthesizedExpression(target)) return assign(target.expression, value, scope, context);
  if (ts.isArrayLiteralExpression(target)) {
    for (const [index, each] of target.elements.entries()) {
      if (ts.isOmittedExpression(each)) continue;
      if (ts.isSpreadElement(each))
        assign(each.expression, rest(value, new Set(), index, spanOf(each, scope), context), scope, context);
      else assignPart(each, value, String(index), scope, context);
    }
    return value;
  }
  if (ts.isObjectLiteralExpression(target)) {
    const taken = new Set<string>();
    for (const each of target.properties) {
      if (ts.isSpreadAssignment(each)) {
        assign(each.expression, rest(value, taken, 0, spanOf(each, scope), context), scope, context);
        continue;
      }
      const key = !ts.isComputedPropertyName(each.name) ? each.name.text : undefined;
      if (key === undefined) {
        report(context, "no-meaning", spanOf(each, scope), "Name the member.", "A computed name");
        continue;
      }
      taken.add(key);
      if (ts.isPropertyAssignment(each)) assignPart(each.initializer, value, key, scope, context);
      else if (ts.isShorthandPropertyAssignment(each))
        assignPart(each.name, value, key, scope, context, each.objectAssignmentInitializer);
    }
    return value;
  }
  report(context, "no-meaning", span, "Assign one name.", "This assignment");
  return value;
}

/** One name of `[a, b = 1] = …` or `({ a, b: c } = …)`. */
function assignPart(
  target: ts.Expression,
  value: Value,
  key: string,
  scope: Scope,
  context: Context,
  otherwise?: ts.Expression,
): void {
  if (ts.isBinaryExpression(target) && target.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    assignPart(target.left, value, key, scope, context, target.right);
    return;
  }
  let part = value.kind === "unknown" ? unknown : memberOf(value, key, spanOf(target, scope), context);
  const isMissing = part.kind === "constant" && part.value === undefined;
  if (isMissing && otherwise) part = context.session.evaluate(otherwise, scope, context);
  assign(target, part, scope, context);
}

/** A variable's new value, as far as the region lets it be seen. */
export function store(binding: Binding, value: Value, span: Span, context: Context): void {
  const { region } = context;
  if (region && !binding.region) {
    // It would keep its value from one pipeline, and from one use of a pipeline in another, to the next.
    const hint = "Declare it in the pipeline.";
    report(context, "no-meaning", span, hint, `Assigning "${binding.name}" of the module from inside a pipeline`);
  } else if (binding.region === region) binding.value = value;
  else if (region?.kind === "arm") region.assigned.set(binding, value);
  else if (region?.kind === "loop") {
    const hint = "Collect what the steps make: `const all = list.map((x) => step({ x }).output)`.";
    report(context, "no-meaning", span, hint, `Assigning "${binding.name}" from inside a loop of the run`);
  } else binding.value = value;
}

function assignMember(
  target: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  value: Value,
  scope: Scope,
  context: Context,
): void {
  const span = spanOf(target, scope);
  const { evaluate } = context.session;
  const of = evaluate(target.expression, scope, context);
  const key = ts.isPropertyAccessExpression(target)
    ? target.name.text
    : keyOf(evaluate(target.argumentExpression, scope, context));
  if (of.kind === "unknown" || key === undefined) return;
  if ((of.kind === "object" || of.kind === "list") && of.region === context.region) {
    if (of.kind === "object") of.entries.set(key, { value, span });
    else if (/^\d{1,6}$/.test(key)) of.items[Number(key)] = value;
    else report(context, "no-meaning", span, "Make another list.", `Setting \`${key}\` of a list`);
    return;
  }
  const what =
    of.kind === "object" || of.kind === "list"
      ? "Changing a value from inside a branch or loop of the run"
      : "Changing a value of the run";
  report(context, "no-meaning", span, "Do it in a component's body.", what);
}

function keyOf(value: Value): string | undefined {
  return value.kind === "constant" ? String(value.value) : undefined;
}

/** Declares the names of a pattern with the parts of a value. */
export function bind(pattern: ts.BindingName, value: Value, isConstant: boolean, scope: Scope, context: Context): void {
  if (ts.isIdentifier(pattern)) {
    declare(scope, pattern.text, value, context.region, isConstant);
    return;
  }
  const taken = new Set<string>();
  for (const [index, element] of pattern.elements.entries()) {
    if (ts.isOmittedExpression(element)) continue;
    const key = ts.isObjectBindingPattern(pattern) ? memberName(element) : String(index);
    if (element.dotDotDotToken) {
      bind(element.name, rest(value, taken, index, spanOf(element, scope), context), isConstant, scope, context);
      continue;
    }
    if (key === undefined) {
      report(context, "no-meaning", spanOf(element, scope), "Name the member.", "A computed name");
      continue;
    }
    taken.add(key);
    let part = value.kind === "unknown" ? unknown : memberOf(value, key, spanOf(element, scope), context);
    const isMissing = part.kind === "constant" && part.value === undefined;
    if (isMissing && element.initializer) part = context.session.evaluate(element.initializer, scope, context);
    bind(element.name, part, isConstant, scope, context);
  }
}

function memberName(element: ts.BindingElement): string | undefined {
  const name = element.propertyName ?? element.name;
  return ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name) ? name.text : undefined;
}

/** What a pattern has not taken: from an index on, or all but the names. */
function rest(value: Value, taken: ReadonlySet<string>, index: number, span: Span, context: Context): Value {
  switch (value.kind) {
    case "list":
      return { ...value, items: value.items.slice(index), region: context.region };
    case "object": {
      const left = [...value.entries].filter(([key]) => !taken.has(key));
      return { ...value, entries: new Map(left), region: context.region };
    }
    case "step": {
      const left = value.task.component.outputs.filter(({ name }) => !taken.has(name));
      const entries = left.map(({ name }) => [name, { value: memberOf(value, name, span, context), span }] as const);
      return object(entries, context.region);
    }
    case "constant":
      if (typeof value.value === "string")
        return list(Array.from(value.value).slice(index).map(constant), context.region);
      return nothing;
    case "unknown":
      return unknown;
    default:
      report(context, "runtime-only", span, "Name its members.", "The rest of it");
      return unknown;
  }
}
