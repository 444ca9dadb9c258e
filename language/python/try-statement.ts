import { tellAssumed } from "./environment.ts";
import { type Completion, type Machine, Raised, stepsOfException } from "./machine.ts";
import type { Scope } from "./scope.ts";
import type { Expression, Statement } from "./syntax.ts";
import { isSubclass } from "./class-values.ts";
import { type ClassValue, isObject, type Value } from "./values.ts";

/** Runs a `try` with its handlers, its `else` and its `finally`. */
export function tryStatement(
  machine: Machine,
  scope: Scope,
  statement: Extract<Statement, { kind: "try" }>,
): Completion | undefined {
  const { resilient } = scope;
  const guarded = statement.handlers.some(
    ({ type }) => type === undefined || /Import|ModuleNotFound/.test(handlerText(type)),
  );
  try {
    return handled(machine, scope, statement, guarded);
  } finally {
    scope.resilient = resilient;
    const completion = machine.execute(scope, statement.final);
    // A `return` in a finally wins over whatever came before it.
    // biome-ignore lint/correctness/noUnsafeFinally: that is what Python does.
    if (completion !== undefined) return completion;
  }
}

function handlerText(type: Expression): string {
  if (type.kind === "name") return type.id === "Exception" ? "ImportError" : type.id;
  if (type.kind === "tuple") return type.elements.map(handlerText).join();
  return type.kind === "attribute" ? type.name : "";
}

function handled(
  machine: Machine,
  scope: Scope,
  statement: Extract<Statement, { kind: "try" }>,
  guarded: boolean,
): Completion | undefined {
  const { resilient } = scope;
  const { depth } = machine;
  if (statement.handlers.length > 0) scope.resilient = false;
  if (guarded) machine.importsGuarded++;
  let completion: Completion | undefined;
  try {
    completion = machine.execute(scope, statement.body);
  } catch (problem) {
    if (guarded) machine.importsGuarded--;
    scope.resilient = resilient;
    if (!(problem instanceof Raised)) throw problem;
    machine.depth = depth;
    if (machine.asked !== undefined) tellAssumed(machine, problem.span);
    machine.stepsLeft -= stepsOfException;
    return handle(machine, scope, statement, problem);
  }
  if (guarded) machine.importsGuarded--;
  scope.resilient = resilient;
  return completion ?? machine.execute(scope, statement.otherwise);
}

function handle(
  machine: Machine,
  scope: Scope,
  statement: Extract<Statement, { kind: "try" }>,
  raised: Raised,
): Completion | undefined {
  for (const { type, name, body } of statement.handlers) {
    const wanted = type === undefined ? undefined : machine.evaluate(scope, type);
    if (wanted !== undefined && !catches(wanted, raised.exception.class)) continue;
    if (name !== undefined) scope.set(name, raised.exception);
    scope.names.set("__exception__", raised.exception);
    const completion = machine.execute(scope, body);
    scope.names.delete("__exception__");
    if (name !== undefined) scope.delete(name);
    return completion;
  }
  throw raised;
}

function catches(wanted: Value, type: ClassValue): boolean {
  if (!isObject(wanted)) return false;
  if (wanted.kind === "class") return isSubclass(type, wanted);
  return wanted.kind === "tuple" ? wanted.items.some((one) => catches(one, type)) : wanted.kind === "unknown";
}
