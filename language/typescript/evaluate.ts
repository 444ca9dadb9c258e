/** Expressions of a pipeline, evaluated in two stages: what is known now is computed, the rest becomes channels. */
import type { Channel } from "../graph/model.ts";
import type { Span } from "../source.ts";
import { call, endsEarly } from "./calls.ts";
import { type Context, goOn, refuseAbsent, report, spanOf } from "./context.ts";
import { and, comparison, negated, or } from "./conditions.ts";
import { choose } from "./branches.ts";
import { memberOf } from "./members.ts";
import { compute } from "./operators.ts";
import { type Scope, lookUp, read } from "./scope.ts";
import { assign } from "./assign.ts";
import { ts } from "./syntax.ts";
import {
  type Entry,
  type Value,
  constant,
  isKnown,
  list,
  nothing,
  object,
  template,
  toParts,
  truthOf,
  unknown,
} from "./values.ts";

export function evaluate(node: ts.Expression, scope: Scope, context: Context): Value {
  if (!goOn(node, scope, context)) return unknown;
  if (ts.isStringLiteralLike(node)) return constant(node.text);
  if (ts.isNumericLiteral(node)) return constant(Number(node.text));
  if (ts.isIdentifier(node)) return name(node, scope, context);
  if (ts.isPropertyAccessExpression(node)) return property(node, node.name.text, scope, context);
  if (ts.isElementAccessExpression(node)) return element(node, scope, context);
  if (ts.isCallExpression(node)) return call(node, scope, context);
  if (ts.isObjectLiteralExpression(node)) return objectLiteral(node, scope, context);
  if (ts.isArrayLiteralExpression(node)) return arrayLiteral(node, scope, context);
  if (ts.isTemplateExpression(node)) return templateText(node, scope, context);
  if (ts.isBinaryExpression(node)) return binary(node, scope, context);
  if (ts.isPrefixUnaryExpression(node)) return prefix(node, scope, context);
  if (ts.isConditionalExpression(node)) return choose(node, scope, context);
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return { kind: "function", node, scope };
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node))
    return evaluate(node.expression, scope, context);
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return evaluate(node.expression, scope, context);
  switch (node.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return constant(true);
    case ts.SyntaxKind.FalseKeyword:
      return constant(false);
    case ts.SyntaxKind.NullKeyword:
      return constant(null);
    default:
      return refused(node, scope, context);
  }
}

/** An expression that no pipeline has a meaning for. */
function refused(node: ts.Expression, scope: Scope, context: Context): Value {
  if (ts.isAwaitExpression(node)) {
    report(
      context,
      "no-meaning",
      spanOf(node, scope),
      "Leave `await` out: a step's outputs can be passed on as they are.",
      "`await`",
    );
    return evaluate(node.expression, scope, context);
  }
  if (ts.isPostfixUnaryExpression(node)) return increment(node.operand, node.operator, scope, context).before;
  const what = ts.isNewExpression(node) ? "`new`" : ts.isYieldExpression(node) ? "`yield`" : `\`${firstLine(node)}\``;
  // Half-typed text has empty names; its syntax errors have been said.
  if (node.getWidth() > 0) report(context, "no-meaning", spanOf(node, scope), "Do it in a component's body.", what);
  return unknown;
}

function firstLine(node: ts.Node): string {
  const [line = ""] = node.getText().split("\n");
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}

/** Names that every JavaScript program has, and no pipeline. */
const ofJavaScript = new Set(
  "console Date Promise fetch setTimeout setInterval clearTimeout eval globalThis require Map Set RegExp Error Symbol BigInt Buffer URL crypto performance structuredClone queueMicrotask window document".split(
    " ",
  ),
);

function name(node: ts.Identifier, scope: Scope, context: Context): Value {
  if (node.text === "undefined") return nothing;
  const binding = lookUp(scope, node.text);
  if (binding) {
    context.session.reads?.add(binding);
    return read(binding, context.region);
  }
  if (ofJavaScript.has(node.text))
    report(context, "no-meaning", spanOf(node, scope), "Do it in a component's body.", `\`${node.text}\``);
  else if (node.text !== "") report(context, "undefined-name", spanOf(node, scope), undefined, node.text);
  return unknown;
}

function property(node: ts.PropertyAccessExpression, member: string, scope: Scope, context: Context): Value {
  const of = evaluate(node.expression, scope, context);
  if (isNothing(of) && endsEarly(node)) return nothing;
  return memberOf(of, member, spanOf(node.name, scope), context);
}

function isNothing(value: Value): boolean {
  return value.kind === "constant" && (value.value === undefined || value.value === null);
}

function element(node: ts.ElementAccessExpression, scope: Scope, context: Context): Value {
  const of = evaluate(node.expression, scope, context);
  if (isNothing(of) && endsEarly(node)) return nothing;
  const key = evaluate(node.argumentExpression, scope, context);
  if (key.kind === "constant") return memberOf(of, String(key.value), spanOf(node.argumentExpression, scope), context);
  if (key.kind !== "unknown") {
    report(
      context,
      "runtime-only",
      spanOf(node.argumentExpression, scope),
      "Take the element in a component's body.",
      "An index",
    );
  }
  return unknown;
}

function objectLiteral(node: ts.ObjectLiteralExpression, scope: Scope, context: Context): Value {
  const entries: [string, Entry][] = [];
  for (const member of node.properties) {
    const span = spanOf(member, scope);
    if (ts.isSpreadAssignment(member)) {
      const spread = evaluate(member.expression, scope, context);
      if (spread.kind === "object") entries.push(...spread.entries);
      else if (spread.kind === "step") entries.push(...stepEntries(spread, span, context));
      else if (spread.kind !== "unknown" && spread.kind !== "constant") {
        report(context, "runtime-only", span, "Name its members.", "A spread");
      }
    } else if (ts.isShorthandPropertyAssignment(member)) {
      entries.push([member.name.text, { value: name(member.name, scope, context), span }]);
    } else if (ts.isPropertyAssignment(member)) {
      const key = propertyName(member.name, scope, context);
      const value = evaluate(member.initializer, scope, context);
      if (key !== undefined) entries.push([key, { value, span: spanOf(member.initializer, scope) }]);
    } else if (ts.isMethodDeclaration(member)) {
      const key = propertyName(member.name, scope, context);
      if (key !== undefined) entries.push([key, { value: { kind: "function", node: member, scope }, span }]);
    } else report(context, "no-meaning", span, "Use a plain member.", "An accessor");
  }
  return object(entries, context.region);
}

function stepEntries(step: Value & { kind: "step" }, span: Span, context: Context): [string, Entry][] {
  return step.task.component.outputs.map(({ name: key }) => [key, { value: memberOf(step, key, span, context), span }]);
}

function propertyName(node: ts.PropertyName, scope: Scope, context: Context): string | undefined {
  if (!ts.isComputedPropertyName(node)) return node.text;
  const key = evaluate(node.expression, scope, context);
  if (key.kind === "constant") return String(key.value);
  if (key.kind !== "unknown") report(context, "runtime-only", spanOf(node, scope), undefined, "A member's name");
  return undefined;
}

function arrayLiteral(node: ts.ArrayLiteralExpression, scope: Scope, context: Context): Value {
  const items: Value[] = [];
  for (const each of node.elements) {
    if (ts.isOmittedExpression(each)) items.push(nothing);
    else if (!ts.isSpreadElement(each)) items.push(evaluate(each, scope, context));
    else {
      const spread = evaluate(each.expression, scope, context);
      if (spread.kind === "list") items.push(...spread.items);
      // Steps to wait for: `after: [...all, other]`. As anything else, a list of lists is refused where it is used.
      else if (spread.kind === "gathered") items.push(spread);
      else if (spread.kind === "constant" && typeof spread.value === "string")
        items.push(...Array.from(spread.value, constant));
      else if (spread.kind !== "unknown")
        report(context, "runtime-only", spanOf(each, scope), "Join the lists in a component's body.", "A spread");
    }
  }
  return list(items, context.region);
}

function templateText(node: ts.TemplateExpression, scope: Scope, context: Context): Value {
  const parts: (string | Channel)[] = [node.head.text];
  for (const { expression, literal } of node.templateSpans) {
    parts.push(...text(evaluate(expression, scope, context), spanOf(expression, scope), context), literal.text);
  }
  return template(parts);
}

function text(value: Value, span: Span, context: Context): readonly (string | Channel)[] {
  if (value.kind === "channel" && value.channel.type.kind === "artifact") {
    report(context, "runtime-only", span, "Pass the artifact itself as an input.", "An artifact's text");
    return [];
  }
  if (refuseAbsent(value, "A text of", span, context)) return [];
  const parts = toParts(value);
  if (parts) return parts;
  if (value.kind !== "unknown")
    report(
      context,
      "wrong-value",
      span,
      "Name one of its members or outputs.",
      "A value in a text",
      "a text, a number or a boolean",
    );
  return [];
}

function binary(node: ts.BinaryExpression, scope: Scope, context: Context): Value {
  const operator = node.operatorToken.kind;
  if (operator === ts.SyntaxKind.EqualsToken)
    return assign(node.left, evaluate(node.right, scope, context), scope, context);
  const left = evaluate(node.left, scope, context);
  switch (operator) {
    case ts.SyntaxKind.AmpersandAmpersandToken:
      return and(left, node, scope, context);
    case ts.SyntaxKind.BarBarToken:
      return or(left, node, scope, context);
    case ts.SyntaxKind.QuestionQuestionToken:
      if (refuseAbsent(left, "`??` after", spanOf(node, scope), context)) return unknown;
      return isNothing(left) ? evaluate(node.right, scope, context) : left;
    case ts.SyntaxKind.QuestionQuestionEqualsToken:
    case ts.SyntaxKind.BarBarEqualsToken:
    case ts.SyntaxKind.AmpersandAmpersandEqualsToken: {
      const isSet = setsWhere(operator, left);
      if (isSet === undefined) break;
      return isSet ? assign(node.left, evaluate(node.right, scope, context), scope, context) : left;
    }
    case ts.SyntaxKind.CommaToken:
      return evaluate(node.right, scope, context);
    default:
  }
  const right = evaluate(node.right, scope, context);
  if (left.kind === "unknown" || right.kind === "unknown") return unknown;
  const compound = compoundOperators.get(operator);
  if (compound !== undefined) {
    return assign(node.left, operate(compound, left, right, node, scope, context), scope, context);
  }
  return operate(operator, left, right, node, scope, context);
}

/** Whether `??=`, `||=` or `&&=` assigns; undefined where only the run knows. */
function setsWhere(operator: ts.SyntaxKind, left: Value): boolean | undefined {
  if (operator === ts.SyntaxKind.QuestionQuestionEqualsToken)
    return left.kind === "unknown" || mayBeNothing(left) ? undefined : isNothing(left);
  const truth = truthOf(left);
  return truth === undefined ? undefined : truth === (operator === ts.SyntaxKind.AmpersandAmpersandEqualsToken);
}

/** An input that may not be given. */
function mayBeNothing(value: Value): boolean {
  return value.kind === "channel" && value.channel.kind === "pipeline-input";
}

const compoundOperators = new Map<ts.SyntaxKind, ts.SyntaxKind>([
  [ts.SyntaxKind.PlusEqualsToken, ts.SyntaxKind.PlusToken],
  [ts.SyntaxKind.MinusEqualsToken, ts.SyntaxKind.MinusToken],
  [ts.SyntaxKind.AsteriskEqualsToken, ts.SyntaxKind.AsteriskToken],
  [ts.SyntaxKind.SlashEqualsToken, ts.SyntaxKind.SlashToken],
  [ts.SyntaxKind.PercentEqualsToken, ts.SyntaxKind.PercentToken],
  [ts.SyntaxKind.AsteriskAsteriskEqualsToken, ts.SyntaxKind.AsteriskAsteriskToken],
]);

function operate(
  operator: ts.SyntaxKind,
  left: Value,
  right: Value,
  node: ts.BinaryExpression,
  scope: Scope,
  context: Context,
): Value {
  if (isKnown(left) && isKnown(right)) return compute(operator, left, right) ?? refused(node, scope, context);
  const compared = comparison(operator, left, right, node, scope, context);
  if (compared) return compared;
  if (operator === ts.SyntaxKind.PlusToken && (isText(left) || isText(right))) {
    return template([
      ...text(left, spanOf(node.left, scope), context),
      ...text(right, spanOf(node.right, scope), context),
    ]);
  }
  report(
    context,
    "runtime-only",
    spanOf(node, scope),
    "Compute it in a component's body.",
    `\`${node.operatorToken.getText()}\``,
  );
  return unknown;
}

function isText(value: Value): boolean {
  if (value.kind === "template") return true;
  if (value.kind === "constant") return typeof value.value === "string";
  return value.kind === "channel" && value.channel.type.kind === "parameter" && value.channel.type.type === "STRING";
}

function prefix(node: ts.PrefixUnaryExpression, scope: Scope, context: Context): Value {
  if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken) {
    return increment(node.operand, node.operator, scope, context).after;
  }
  const operand = evaluate(node.operand, scope, context);
  if (operand.kind === "unknown") return unknown;
  if (node.operator === ts.SyntaxKind.ExclamationToken) return negated(operand, node, scope, context);
  if (operand.kind === "constant" && typeof operand.value === "number") {
    if (node.operator === ts.SyntaxKind.MinusToken) return constant(-operand.value);
    if (node.operator === ts.SyntaxKind.PlusToken) return operand;
  }
  report(
    context,
    "runtime-only",
    spanOf(node, scope),
    "Compute it in a component's body.",
    `\`${ts.tokenToString(node.operator) ?? ""}\``,
  );
  return unknown;
}

function increment(
  operand: ts.Expression,
  operator: ts.SyntaxKind,
  scope: Scope,
  context: Context,
): { before: Value; after: Value } {
  const before = evaluate(operand, scope, context);
  if (before.kind !== "constant" || typeof before.value !== "number") {
    if (before.kind !== "unknown")
      report(context, "runtime-only", spanOf(operand, scope), "Count in a component's body.", "Counting");
    return { before: unknown, after: unknown };
  }
  const after = constant(before.value + (operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1));
  assign(operand, after, scope, context);
  return { before, after };
}
