import type { Span } from "../source.ts";
import { bind } from "./assign.ts";
import { type Context, report, spanOf } from "./context.ts";
import { declare, innerScope } from "./scope.ts";
import { executeBlock } from "./statements.ts";
import { ts } from "./syntax.ts";
import { type Entry, type FunctionValue, type Value, list, nothing, unknown } from "./values.ts";

/** Calls of helpers that may be open at once. */
const deepest = 200;

/** A helper's call, inlined: its body is evaluated where it is called. */
export function invoke(callee: FunctionValue, given: readonly Entry[], span: Span, context: Context): Value {
  const { node } = callee;
  if (context.depth >= deepest) {
    report(context, "endless-evaluation", span, "A helper calls itself.", `${deepest} calls are open`);
    return unknown;
  }
  if (node.modifiers?.some((each) => each.kind === ts.SyntaxKind.AsyncKeyword)) {
    report(context, "no-meaning", spanOf(node, callee.scope), "Leave `async` out.", "An `async` function");
  }
  const scope = innerScope(callee.scope);
  const inner: Context = { ...context, depth: context.depth + 1, naming: undefined };
  for (const [index, parameter] of node.parameters.entries()) {
    if (parameter.dotDotDotToken) {
      if (ts.isIdentifier(parameter.name))
        declare(
          scope,
          parameter.name.text,
          list(
            given.slice(index).map(({ value }) => value),
            context.region,
          ),
          context.region,
        );
      break;
    }
    let value = given[index]?.value ?? nothing;
    const isMissing = value.kind === "constant" && value.value === undefined;
    if (isMissing && parameter.initializer) value = context.session.evaluate(parameter.initializer, scope, inner);
    bind(parameter.name, value, false, scope, inner);
  }
  if (!node.body) return unknown;
  if (!ts.isBlock(node.body)) return context.session.evaluate(node.body, scope, inner);
  const completion = executeBlock(node.body.statements, scope, inner);
  return completion.kind === "return" ? completion.value : nothing;
}
