/** Boolean expressions over values of the run → one condition. */
import type { Argument, Comparison, Condition } from "../graph/model.ts";
import type { Span } from "../source.ts";
import { type Context, refuseAbsent, report, spanOf } from "./context.ts";
import type { Region, Scope } from "./scope.ts";
import { ts } from "./syntax.ts";
import { type Value, constant, isKnown, isTruthy, toArgument, truthOf, unknown } from "./values.ts";

const comparisons = new Map<ts.SyntaxKind, Comparison>([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "=="],
  [ts.SyntaxKind.EqualsEqualsToken, "=="],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "!="],
  [ts.SyntaxKind.ExclamationEqualsToken, "!="],
  [ts.SyntaxKind.LessThanToken, "<"],
  [ts.SyntaxKind.LessThanEqualsToken, "<="],
  [ts.SyntaxKind.GreaterThanToken, ">"],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">="],
]);

/** The comparison of two values of which the run knows one; undefined for other operators. */
export function comparison(
  operator: ts.SyntaxKind,
  left: Value,
  right: Value,
  node: ts.BinaryExpression,
  scope: Scope,
  context: Context,
): Value | undefined {
  const compared = comparisons.get(operator);
  if (!compared) return undefined;
  const a = operand(left, spanOf(node.left, scope), context);
  const b = operand(right, spanOf(node.right, scope), context);
  if (!a || !b) return unknown;
  for (const [side, at] of [
    [a, node.left],
    [b, node.right],
  ] as const) {
    if (side.kind !== "number" || Number.isFinite(side.value)) continue;
    report(context, "wrong-value", spanOf(at, scope), undefined, "A side of a comparison", "a finite number");
    return unknown;
  }
  return { kind: "condition", condition: { kind: "compare", operator: compared, left: a, right: b } };
}

function operand(value: Value, span: Span, context: Context): Argument | undefined {
  if (refuseAbsent(value, "A comparison of", span, context)) return undefined;
  const argument =
    value.kind === "list" || value.kind === "object" || value.kind === "template" ? undefined : toArgument(value);
  const isArtifact = value.kind === "channel" && value.channel.type.kind === "artifact";
  if (argument && !isArtifact) return argument;
  if (value.kind !== "unknown") {
    report(
      context,
      "wrong-value",
      span,
      "Compare parameters; look into artifacts in a component's body.",
      "A side of a comparison",
      "a parameter or a constant",
    );
  }
  return undefined;
}

/** A value as a condition: a boolean of the run, or JavaScript's truth of a number or a text. */
export function conditionOf(value: Value, span: Span, context: Context): Condition | undefined {
  if (value.kind === "condition") return value.condition;
  if (refuseAbsent(value, "A condition on", span, context)) return undefined;
  if (value.kind === "channel" && value.channel.type.kind === "parameter") {
    const left = value.channel;
    switch (value.channel.type.type) {
      case "BOOLEAN":
        return { kind: "compare", operator: "==", left, right: { kind: "boolean", value: true } };
      case "NUMBER_INTEGER":
      case "NUMBER_DOUBLE":
        return { kind: "compare", operator: "!=", left, right: { kind: "integer", value: 0 } };
      case "STRING":
        return { kind: "compare", operator: "!=", left, right: { kind: "string", value: "" } };
      default:
    }
  }
  if (value.kind !== "unknown") {
    report(
      context,
      "wrong-value",
      span,
      "Compare it with something, `rows > 10`.",
      "A condition",
      "a comparison or a boolean",
    );
  }
  return undefined;
}

/**
 * An expression that JavaScript evaluates only where the run has decided so: it is part of a condition, which is worked
 * out as a whole. So it may neither make a step nor change anything.
 */
export function evaluateBehind(node: ts.Expression, what: string, scope: Scope, context: Context): Value {
  const made = context.tasks.length;
  const region: Region = { kind: "arm", parent: context.region, assigned: new Map() };
  const value = context.session.evaluate(node, scope, { ...context, region });
  const span = spanOf(node, scope);
  if (context.tasks.length > made)
    report(context, "no-meaning", span, "Write an `if` around the step.", `A step behind ${what}`);
  else if (region.assigned.size > 0)
    report(context, "no-meaning", span, "Write an `if` around it.", `An assignment behind ${what}`);
  return value;
}

export function negated(value: Value, node: ts.PrefixUnaryExpression, scope: Scope, context: Context): Value {
  const truth = truthOf(value);
  if (truth !== undefined) return constant(!truth);
  const operand = conditionOf(value, spanOf(node.operand, scope), context);
  return operand ? { kind: "condition", condition: { kind: "not", operand } } : unknown;
}

export function and(left: Value, node: ts.BinaryExpression, scope: Scope, context: Context): Value {
  return joined("and", left, node, scope, context);
}

export function or(left: Value, node: ts.BinaryExpression, scope: Scope, context: Context): Value {
  return joined("or", left, node, scope, context);
}

/** JavaScript's short circuit where the left side is known; one condition where it is not. */
function joined(kind: "and" | "or", left: Value, node: ts.BinaryExpression, scope: Scope, context: Context): Value {
  const right = () => context.session.evaluate(node.right, scope, context);
  if (left.kind === "unknown") {
    right();
    return unknown;
  }
  const truth = truthOf(left);
  if (truth !== undefined) return truth === (kind === "and") ? right() : left;
  const other = evaluateBehind(node.right, "`&&` or `||`", scope, context);
  const a = conditionOf(left, spanOf(node.left, scope), context);
  if (other.kind === "constant" && typeof other.value !== "boolean") {
    const hint = "It joins conditions; what an input is where nobody gives it is the input's own default.";
    const sign = node.operatorToken.getText();
    report(context, "no-meaning", spanOf(node, scope), hint, `\`${sign}\` between values`);
    return unknown;
  }
  if (isKnown(other)) {
    const decides = isTruthy(other) !== (kind === "and");
    return decides ? constant(isTruthy(other)) : a ? { kind: "condition", condition: a } : unknown;
  }
  const b = conditionOf(other, spanOf(node.right, scope), context);
  if (!a || !b) return unknown;
  const flat = (each: Condition) => (each.kind === kind ? each.operands : [each]);
  return { kind: "condition", condition: { kind, operands: [...flat(a), ...flat(b)] } };
}
