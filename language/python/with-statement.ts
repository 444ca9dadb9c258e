import type { Span } from "../source.ts";
import { ManagedValue, SuppressValue } from "./stdlib-contextlib.ts";
import { assign } from "./assign.ts";
import { evaluate } from "./expressions.ts";
import { type Completion, type Machine, Raised, raise } from "./machine.ts";
import { type Scope, spanOf } from "./scope.ts";
import type { Expression, Statement } from "./syntax.ts";
import { isSubclass } from "./class-values.ts";
import { type ClassValue, isObject, isUnknown, typeName, type Value } from "./values.ts";

export function withStatement(
  machine: Machine,
  scope: Scope,
  items: readonly { readonly context: Expression; readonly target?: Expression }[],
  body: readonly Statement[],
): Completion | undefined {
  const [first, ...rest] = items;
  if (first === undefined) return machine.execute(scope, body);
  const span = spanOf(scope, first.context);
  const context = evaluate(machine, scope, first.context);
  const bind = (value: Value): void => {
    if (first.target !== undefined) assign(machine, scope, first.target, value);
  };
  const inner = (): Completion | undefined => withStatement(machine, scope, rest, body);
  if (isUnknown(context)) {
    bind(context);
    return inner();
  }
  if (context instanceof ManagedValue) {
    // The block runs at the generator's `yield`, where its exceptions arrive too.
    let completion: Completion | undefined;
    context.generator.each((value) => {
      bind(value);
      completion = inner();
    }, span);
    return completion;
  }
  if (context instanceof SuppressValue) return suppressed(machine, scope, context, inner);
  if (isObject(context) && context.kind === "native" && context.enter !== undefined) {
    bind(context.enter(span));
    try {
      return inner();
    } finally {
      context.exit?.();
    }
  }
  return throughMethods(machine, scope, context, bind, inner, span);
}

function suppressed(
  machine: Machine,
  scope: Scope,
  { types }: SuppressValue,
  inner: () => Completion | undefined,
): Completion | undefined {
  const { resilient } = scope;
  const { depth } = machine;
  scope.resilient = false;
  try {
    return inner();
  } catch (problem) {
    if (!(problem instanceof Raised) || !types.some((type) => isSubclass(problem.exception.class, type))) throw problem;
    machine.depth = depth;
    return undefined;
  } finally {
    scope.resilient = resilient;
  }
}

/** `__enter__` and `__exit__` of a class of the user's. */
function throughMethods(
  machine: Machine,
  scope: Scope,
  context: Value,
  bind: (value: Value) => void,
  inner: () => Completion | undefined,
  span: Span,
): Completion | undefined {
  const enter = machine.attribute(context, "__enter__", span);
  if (enter === undefined)
    return raise("TypeError", `'${typeName(context)}' object does not support the context manager protocol`, span);
  bind(machine.call(enter, { positional: [], keywords: new Map(), span }));
  const exit = machine.attribute(context, "__exit__", span);
  const leave = (error: Value): boolean => {
    if (exit === undefined) return false;
    const type: ClassValue | null = isObject(error) && error.kind === "instance" ? error.class : null;
    const given = [type, error, null].map((value) => ({ value, span }));
    return machine.call(exit, { positional: given, keywords: new Map(), span }) === true;
  };
  const { resilient } = scope;
  const { depth } = machine;
  // Where what fails may be swallowed, it must get there.
  if (exit !== undefined && givesResult(machine, exit)) scope.resilient = false;
  try {
    const completion = inner();
    scope.resilient = resilient;
    leave(null);
    return completion;
  } catch (problem) {
    scope.resilient = resilient;
    if (!(problem instanceof Raised)) throw problem;
    machine.depth = depth;
    if (leave(problem.exception)) return undefined;
    throw problem;
  }
}

function givesResult(machine: Machine, exit: Value): boolean {
  const method = machine.attribute(exit, "__func__", { path: "", start: 0, end: 0 });
  if (method === undefined || !isObject(method) || method.kind !== "function") return false;
  const { path, start, end } = method.span;
  return /\breturn\s+\S/.test(machine.texts.get(path)?.slice(start, end) ?? "");
}
