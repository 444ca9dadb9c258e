/** `while` and `for` over values that are known. */
import { diagnose } from "../diagnostics.ts";
import { assign } from "./assign.ts";
import { evaluate, isInPipeline, truthOf } from "./expressions.ts";
import { GeneratorValue } from "./iterators.ts";
import { type Completion, type Machine, step } from "./machine.ts";
import { forget } from "./doubt.ts";
import { type Scope, spanOf } from "./scope.ts";
import type { Statement } from "./syntax.ts";
import { isUnknown, type Value } from "./values.ts";

export function whileStatement(
  machine: Machine,
  scope: Scope,
  statement: Extract<Statement, { kind: "while" }>,
): Completion | undefined {
  for (;;) {
    step(machine, () => spanOf(scope, statement.test));
    const test = evaluate(machine, scope, statement.test);
    if (isUnknown(test)) {
      if (isInPipeline(scope))
        machine.report(diagnose("not-known", spanOf(scope, statement.test), "this condition", test.reason));
      else forget(machine, scope, statement.body, test);
      return undefined;
    }
    if (!truthOf(machine, test, spanOf(scope, statement.test))) return machine.execute(scope, statement.otherwise);
    const completion = machine.execute(scope, statement.body);
    if (completion?.doubt !== undefined) forget(machine, scope, statement.body, completion.doubt);
    if (completion?.kind === "return") return completion;
    if (completion?.kind === "break") return undefined;
  }
}

type ForStatement = Extract<Statement, { kind: "for" }>;

export function forStatement(machine: Machine, scope: Scope, statement: ForStatement): Completion | undefined {
  const over = evaluate(machine, scope, statement.iterable);
  if (isUnknown(over)) {
    if (isInPipeline(scope))
      machine.report(diagnose("not-known", spanOf(scope, statement.iterable), "the list looped over", over.reason));
    else forget(machine, scope, statement.body, over);
    assign(machine, scope, statement.target, over);
    return undefined;
  }
  const turn = (item: Value): Completion | undefined => {
    step(machine, () => spanOf(scope, statement));
    assign(machine, scope, statement.target, item);
    return machine.execute(scope, statement.body);
  };
  if (over instanceof GeneratorValue) return overGenerator(machine, scope, statement, over, turn);
  for (const item of machine.iterate(over, spanOf(scope, statement.iterable))) {
    const completion = turn(item);
    if (completion?.doubt !== undefined) forget(machine, scope, statement.body, completion.doubt);
    if (completion?.kind === "return") return completion;
    if (completion?.kind === "break") return undefined;
  }
  return machine.execute(scope, statement.otherwise);
}

/** The body runs at each `yield`; what it raises is none of the generator's business. */
function overGenerator(
  machine: Machine,
  scope: Scope,
  statement: ForStatement,
  generator: GeneratorValue,
  turn: (item: Value) => Completion | undefined,
): Completion | undefined {
  let ended: Completion | undefined;
  let failure: { readonly problem: unknown } | undefined;
  generator.each(
    (item, stop) => {
      try {
        const completion = turn(item);
        if (completion === undefined || completion.kind === "continue") return;
        ended = completion;
      } catch (problem) {
        failure = { problem };
      }
      stop();
    },
    spanOf(scope, statement.iterable),
  );
  if (failure !== undefined) throw failure.problem;
  if (ended === undefined) return machine.execute(scope, statement.otherwise);
  return ended.kind === "return" ? ended : undefined;
}
