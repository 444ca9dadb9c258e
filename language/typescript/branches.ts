/** Arms of the run: `if` ladders, ternaries, and what becomes of the variables that they assign. */
import type { Condition } from "../graph/model.ts";
import type { Span } from "../source.ts";
import { store } from "./assign.ts";
import { conditionOf, evaluateBehind } from "./conditions.ts";
import { type Context, report, spanOf } from "./context.ts";
import { oneOf } from "./one-of.ts";
import { type Region, type Scope, read } from "./scope.ts";
import { ts } from "./syntax.ts";
import { type Value, isSame, truthOf, unknown } from "./values.ts";

export interface Arm<T> {
  /** Absent: what runs when no other does. */
  readonly condition?: Condition;
  readonly span: Span;
  /** What people see. */
  readonly name?: string;
  readonly run: (context: Context) => T;
}

/** Evaluates the arms of one ladder in groups of their own; what each gives, in order. */
export function ladder<T>(arms: readonly Arm<T>[], span: Span, context: Context): T[] {
  const { builder } = context;
  const regions: Region[] = [];
  const results = arms.map((arm, index) => {
    const region: Region = { kind: "arm", parent: context.region, assigned: new Map() };
    regions.push(region);
    if (!arm.condition) builder?.openElse(arm.span, arm.name);
    else if (index === 0) builder?.openIf(arm.condition, arm.span, arm.name);
    else builder?.openElif(arm.condition, arm.span, arm.name);
    const result = arm.run({ ...context, region });
    builder?.close();
    return result;
  });
  const isComplete = arms.at(-1)?.condition === undefined;
  if (!isComplete && arms.length > 1) builder?.endLadder();
  for (const binding of new Set(regions.flatMap((region) => [...region.assigned.keys()]))) {
    const before = read(binding, context.region);
    const values = regions.map((region) => region.assigned.get(binding) ?? before);
    store(binding, isComplete ? merge(values, span, context) : kept([...values, before], span, context), span, context);
  }
  return results;
}

/** The one value of several arms of which none may run. */
function kept(values: readonly Value[], span: Span, context: Context): Value {
  const [first = unknown] = values;
  if (values.some((value) => value.kind === "unknown")) return unknown;
  if (values.every((value) => isSame(value, first))) return first;
  if (values.every(({ kind }) => kind === "object")) return { kind: "choice", arms: values, outputs: new Map() };
  report(context, "unfit-choice", span, "Write an `else` in which a step of its own gives the value.");
  return unknown;
}

/** The one value of several arms: the same known one, or a OneOf of outputs. */
export function merge(values: readonly Value[], span: Span, context: Context): Value {
  const [first = unknown] = values;
  if (values.some((value) => value.kind === "unknown")) return unknown;
  if (values.every((value) => isSame(value, first))) return first;
  const channels = values.flatMap((value) => (value.kind === "channel" ? [value.channel] : []));
  if (channels.length === values.length) return oneOf(channels, span, context);
  if (values.every((value) => value.kind === "step" || value.kind === "choice" || value.kind === "object")) {
    return { kind: "choice", arms: values, outputs: new Map() };
  }
  report(context, "unfit-choice", span, "Write `let m; if (…) m = big(…).model; else m = small(…).model;`.");
  return unknown;
}

function unwrapped(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) ? unwrapped(node.expression) : node;
}

/** `c ? a : b`. */
export function choose(node: ts.ConditionalExpression, scope: Scope, context: Context): Value {
  const { evaluate } = context.session;
  const value = evaluate(node.condition, scope, context);
  const mark = { kind: "branch", span: spanOf(node, scope), head: node.condition.end } as const;
  const places = { then: spanOf(node.whenTrue, scope), otherwise: spanOf(node.whenFalse, scope) };
  const made = context.tasks.length;
  const decided = truthOf(value);
  if (decided !== undefined) {
    const chosen = evaluate(decided ? node.whenTrue : node.whenFalse, scope, context);
    context.session.marks.push({ ...mark, ...places, decided, steps: context.tasks.length - made });
    return chosen;
  }
  const condition = conditionOf(value, spanOf(node.condition, scope), context);
  if (!condition) return unknown;
  const arm = (each: ts.Expression) => ({
    span: spanOf(each, scope),
    run: (inner: Context) => evaluate(each, scope, inner),
  });
  const arms: Arm<Value>[] = [{ condition, ...arm(node.whenTrue) }];
  let last = node.whenFalse;
  // `a ? x : b ? y : z` is one ladder.
  for (let next = unwrapped(last); ts.isConditionalExpression(next); next = unwrapped(last)) {
    const also = evaluateBehind(next.condition, "a condition", scope, context);
    const decided = truthOf(also);
    if (decided !== undefined) {
      last = decided ? next.whenTrue : next.whenFalse;
      continue;
    }
    const its = conditionOf(also, spanOf(next.condition, scope), context);
    if (!its) return unknown;
    arms.push({ condition: its, ...arm(next.whenTrue) });
    last = next.whenFalse;
  }
  arms.push(arm(last));
  const { span } = mark;
  const values = ladder(arms, span, context);
  context.session.marks.push({ ...mark, ...places, steps: context.tasks.length - made });
  return merge(values, span, context);
}
