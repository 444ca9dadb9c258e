import { ts } from "./syntax.ts";
import { type Primitive, type Value, constant } from "./values.ts";

/** A binary operator of JavaScript on known values; undefined where it has no meaning for them. */
export function compute(operator: ts.SyntaxKind, left: Value, right: Value): Value | undefined {
  if (left.kind !== "constant" || right.kind !== "constant") {
    switch (operator) {
      case ts.SyntaxKind.EqualsEqualsEqualsToken:
      case ts.SyntaxKind.EqualsEqualsToken:
        return constant(left === right);
      case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      case ts.SyntaxKind.ExclamationEqualsToken:
        return constant(left !== right);
      case ts.SyntaxKind.InKeyword:
        return right.kind === "object" && left.kind === "constant"
          ? constant(right.entries.has(String(left.value)))
          : undefined;
      default:
        return undefined;
    }
  }
  const result = ofPrimitives(operator, left.value, right.value);
  return result === undefined ? undefined : constant(result);
}

function ofPrimitives(
  operator: ts.SyntaxKind,
  left: Primitive,
  right: Primitive,
): boolean | number | string | undefined {
  // SAFETY: JavaScript's own operators take any primitive; the types only say which mixtures are odd.
  const [a, b] = [left as number, right as number];
  switch (operator) {
    case ts.SyntaxKind.PlusToken:
      return a + b;
    case ts.SyntaxKind.MinusToken:
      return a - b;
    case ts.SyntaxKind.AsteriskToken:
      return a * b;
    case ts.SyntaxKind.SlashToken:
      return a / b;
    case ts.SyntaxKind.PercentToken:
      return a % b;
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return a ** b;
    case ts.SyntaxKind.LessThanToken:
      return a < b;
    case ts.SyntaxKind.LessThanEqualsToken:
      return a <= b;
    case ts.SyntaxKind.GreaterThanToken:
      return a > b;
    case ts.SyntaxKind.GreaterThanEqualsToken:
      return a >= b;
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
      return left === right;
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      return left !== right;
    case ts.SyntaxKind.EqualsEqualsToken:
      return left == right;
    case ts.SyntaxKind.ExclamationEqualsToken:
      return left != right;
    case ts.SyntaxKind.AmpersandToken:
      return a & b;
    case ts.SyntaxKind.BarToken:
      return a | b;
    case ts.SyntaxKind.CaretToken:
      return a ^ b;
    case ts.SyntaxKind.LessThanLessThanToken:
      return a << b;
    case ts.SyntaxKind.GreaterThanGreaterThanToken:
      return a >> b;
    default:
      return undefined;
  }
}
