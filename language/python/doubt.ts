/** Statements of which reading cannot tell whether they run: what they leave behind is not known, either. */
import { diagnose } from "../diagnostics.ts";
import { assign } from "./assign.ts";
import { isInPipeline } from "./expressions.ts";
import { type Completion, type Machine, Raised, stepsOfException } from "./machine.ts";
import type { Span } from "../source.ts";
import { type Scope, spanOf } from "./scope.ts";
import type { Expression, Statement } from "./syntax.ts";
import { isObject, unknown, type UnknownValue } from "./values.ts";

/**
 * Runs the first of the branches that does not fail, and forgets what any of them sets. In a pipeline, what the test
 * decides is the graph: it must be known. Elsewhere, that matters only where the branch makes a step or changes one.
 */
export function inDoubt(
  machine: Machine,
  scope: Scope,
  test: Expression,
  doubt: UnknownValue,
  branches: readonly (readonly Statement[])[],
): Completion | undefined {
  if (isInPipeline(scope)) {
    machine.report(diagnose("not-known", spanOf(scope, test), "this condition", doubt.reason));
    // The graph shows the branch; there is no spec of it.
    return branches[0] && machine.execute(scope, branches[0]);
  }
  const span = spanOf(scope, test);
  const doubted = unknown(doubt.reason, doubt.span ?? span);
  const completion = guess(machine, scope, branches, doubted, span);
  if (completion === undefined) return undefined;
  return completion.kind === "return"
    ? { kind: "return", value: doubted, doubt: doubted }
    : { ...completion, doubt: doubted };
}

/** Runs what follows a `return`, `break` or `continue` that it may not have come to. The result is that completion. */
export function afterDoubt(
  machine: Machine,
  scope: Scope,
  completion: Completion,
  rest: readonly Statement[],
): Completion {
  const { doubt } = completion;
  const [first] = rest;
  if (doubt !== undefined && first !== undefined) guess(machine, scope, [rest], doubt, spanOf(scope, first));
  return completion;
}

/** What the branch makes of the graph is told at the span. */
function guess(
  machine: Machine,
  scope: Scope,
  branches: readonly (readonly Statement[])[],
  doubt: UnknownValue,
  span: Span,
): Completion | undefined {
  const { resilient } = scope;
  const { depth } = machine;
  const before = machine.graphChanges?.() ?? 0;
  let completion: Completion | undefined;
  scope.resilient = false;
  for (const branch of branches) {
    try {
      completion = machine.execute(scope, branch);
      break;
    } catch (problem) {
      // What it raises, it may not have raised.
      if (!(problem instanceof Raised)) throw problem;
      machine.depth = depth;
      machine.stepsLeft -= stepsOfException;
    } finally {
      scope.resilient = resilient;
    }
  }
  for (const branch of branches) forget(machine, scope, branch, doubt);
  if ((machine.graphChanges?.() ?? 0) > before)
    machine.report(diagnose("not-known", span, "this condition", doubt.reason));
  return completion;
}

/** Makes what the statements may set, or add to, not known. What they define keeps its definition. */
export function forget(machine: Machine, scope: Scope, statements: readonly Statement[], doubt: UnknownValue): void {
  const each = (more: readonly Statement[]): void => forget(machine, scope, more, doubt);
  const target = (expression: Expression): void => {
    try {
      assign(machine, scope, expression, doubt);
    } catch (problem) {
      if (!(problem instanceof Raised)) throw problem;
    }
  };
  const name = (defined: string): void => {
    if (!scope.names.has(defined)) scope.set(defined, doubt);
  };
  for (const statement of statements) {
    switch (statement.kind) {
      case "assign":
      case "delete":
        // A list of targets is unpacked from what is not known: all of them are not.
        for (const one of statement.targets) target(one);
        break;
      case "annotated":
        if (statement.value !== undefined) target(statement.target);
        break;
      case "augmented":
        target(statement.target);
        break;
      case "expression": {
        const changed = changedBy(scope, statement.value);
        if (changed !== undefined) scope.set(changed, doubt);
        break;
      }
      case "for":
        target(statement.target);
        each(statement.body);
        each(statement.otherwise);
        break;
      case "if":
      case "while":
        each(statement.body);
        each(statement.otherwise);
        break;
      case "with":
        for (const item of statement.items) if (item.target !== undefined) target(item.target);
        each(statement.body);
        break;
      case "try":
        for (const block of [statement.body, ...statement.handlers.map(({ body }) => body)]) each(block);
        each(statement.otherwise);
        each(statement.final);
        break;
      case "match":
        for (const { body } of statement.cases) each(body);
        break;
      case "function":
      case "class":
        name(statement.name);
        break;
      case "import":
        for (const { path, as } of statement.names) name(as ?? path[0] ?? "");
        break;
      case "import-from":
        for (const one of statement.names) name(one.as ?? one.name);
        break;
      case "broken":
        statement.names.forEach(name);
        break;
      case "return":
      case "pass":
      case "break":
      case "continue":
      case "raise":
      case "assert":
      case "global":
      case "nonlocal":
        break;
    }
  }
}

/** The name of a list, a dictionary or a set that a call like `names.append(…)` changes. */
function changedBy(scope: Scope, expression: Expression): string | undefined {
  if (expression.kind !== "call" || expression.callee.kind !== "attribute") return undefined;
  const { object, name } = expression.callee;
  if (object.kind !== "name" || !changing.has(name)) return undefined;
  const value = scope.get(object.id) ?? null;
  return isObject(value) && ["list", "dict", "set"].includes(value.kind) ? object.id : undefined;
}

const changing = new Set(
  "append extend insert remove pop clear sort reverse update setdefault popitem add discard".split(" "),
);
