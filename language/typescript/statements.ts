import { assign, bind } from "./assign.ts";
import { type Arm, ladder, merge } from "./branches.ts";
import { conditionOf, evaluateBehind } from "./conditions.ts";
import { type Context, goOn, report, spanOf } from "./context.ts";
import { isLoopable, loop } from "./loops.ts";
import type { BranchMark } from "./marks.ts";
import { type Scope, declare, declareLazy, innerScope, read } from "./scope.ts";
import { ts } from "./syntax.ts";
import { type Value, constant, isAsBefore, isKnown, isTruthy, nothing, snapshot, truthOf, unknown } from "./values.ts";

/** How a statement ended. */
export type Completion =
  | { readonly kind: "normal" }
  | { readonly kind: "return"; readonly value: Value; readonly node?: ts.Node }
  | { readonly kind: "break" | "continue" }
  /** Some arms of the run have returned and others go on: nothing may follow. */
  | { readonly kind: "partial"; readonly span: Arm<unknown>["span"] };

const normal: Completion = { kind: "normal" };

export function executeBlock(statements: readonly ts.Statement[], scope: Scope, context: Context): Completion {
  for (const each of statements) {
    if (ts.isFunctionDeclaration(each) && each.name)
      declareLazy(scope, each.name.text, () => ({ kind: "function", node: each, scope }));
  }
  for (const [index, statement] of statements.entries()) {
    if (ts.isIfStatement(statement) && returnsWithoutElse(statement)) {
      return executeIf(statement, scope, context, statements.slice(index + 1));
    }
    const completion = execute(statement, scope, context);
    if (completion.kind === "partial" && statements.slice(index + 1).some(isExecuted))
      refusePartial(completion.span, context);
    else if (completion.kind !== "normal") return completion;
  }
  return normal;
}

/** An `if` whose every arm ends with `return`, and what follows is its `else`. */
function returnsWithoutElse(node: ts.IfStatement): boolean {
  if (!endsWithReturn(node.thenStatement)) return false;
  const { elseStatement } = node;
  return !elseStatement || (ts.isIfStatement(elseStatement) && returnsWithoutElse(elseStatement));
}

function isExecuted(node: ts.Statement): boolean {
  return !ts.isFunctionDeclaration(node) && !ts.isEmptyStatement(node) && !isTypeOnly(node);
}

function refusePartial(span: Arm<unknown>["span"], context: Context): void {
  const hint = "Put what follows it into an `else`.";
  report(context, "no-meaning", span, hint, "A `return` in some arms only, with more to do after it,");
}

export function execute(node: ts.Statement, scope: Scope, context: Context): Completion {
  if (!goOn(node, scope, context)) return normal;
  const { evaluate } = context.session;
  if (ts.isExpressionStatement(node)) {
    evaluate(node.expression, scope, context);
    return normal;
  }
  if (ts.isVariableStatement(node)) {
    for (const each of node.declarationList.declarations) declareVariable(each, scope, context);
    return normal;
  }
  if (ts.isReturnStatement(node)) {
    return {
      kind: "return",
      value: node.expression ? evaluate(node.expression, scope, context) : nothing,
      node: node.expression ?? node,
    };
  }
  if (ts.isIfStatement(node)) return executeIf(node, scope, context, []);
  if (ts.isForOfStatement(node)) return forOf(node, scope, context);
  if (ts.isForStatement(node)) return countingLoop(node, scope, context);
  if (ts.isForInStatement(node)) return forIn(node, scope, context);
  if (ts.isSwitchStatement(node)) return switched(node, scope, context);
  if (ts.isTryStatement(node)) return tried(node, scope, context);
  if (ts.isBlock(node)) return executeBlock(node.statements, innerScope(scope), context);
  if (ts.isBreakStatement(node)) return leave("break", node, scope, context);
  if (ts.isContinueStatement(node)) return leave("continue", node, scope, context);
  if (ts.isFunctionDeclaration(node) || ts.isEmptyStatement(node) || isTypeOnly(node)) return normal;
  return refused(node, scope, context);
}

function isTypeOnly(node: ts.Statement): boolean {
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

function refused(node: ts.Statement, scope: Scope, context: Context): Completion {
  const keyword = node.getFirstToken()?.getText() ?? "";
  const hint =
    ts.isWhileStatement(node) || ts.isDoStatement(node)
      ? "Use `for … of` over a list; only a component's body can wait for something."
      : ts.isThrowStatement(node)
        ? "Let a component's body fail."
        : "Do it in a component's body.";
  report(context, "no-meaning", spanOf(node, scope), hint, `\`${keyword}\``);
  return normal;
}

function declareVariable(node: ts.VariableDeclaration, scope: Scope, context: Context): void {
  const isConstant = (ts.getCombinedNodeFlags(node) & ts.NodeFlags.Const) !== 0;
  refuseInnerVar(node, scope, context);
  const named = ts.isIdentifier(node.name)
    ? { ...context, naming: { symbol: node.name.text, span: spanOf(node.name, scope), topLevel: false } }
    : context;
  const value = node.initializer ? context.session.evaluate(node.initializer, scope, named) : nothing;
  bind(node.name, value, isConstant, scope, context);
}

/** A `var` in a block is one of the whole function. */
function refuseInnerVar(node: ts.VariableDeclaration, scope: Scope, context: Context): void {
  const statement = node.parent.parent;
  if (!ts.isVariableStatement(statement) || (ts.getCombinedNodeFlags(node) & ts.NodeFlags.BlockScoped) !== 0) return;
  const block = statement.parent;
  if (ts.isSourceFile(block) || (ts.isBlock(block) && ts.isFunctionLike(block.parent))) return;
  report(context, "no-meaning", spanOf(node, scope), "Use `let` or `const`.", "`var` in a block");
}

/** `break` and `continue` of what is decided now; the run's own loops and branches have neither. */
function leave(
  kind: "break" | "continue",
  node: ts.BreakOrContinueStatement,
  scope: Scope,
  context: Context,
): Completion {
  if (context.region !== (kind === "break" ? context.breaks : context.continues)) {
    report(
      context,
      "no-meaning",
      spanOf(node, scope),
      "Turn it into an `if` around what follows.",
      `\`${kind}\` in a branch or loop of the run`,
    );
    return normal;
  }
  return { kind };
}

function endsWithReturn(node: ts.Statement): boolean {
  if (ts.isReturnStatement(node)) return true;
  const last = ts.isBlock(node) ? node.statements.at(-1) : undefined;
  return last !== undefined && endsWithReturn(last);
}

/** An `if` with its `else if`s. `rest` is what an early return leaves for the other case. */
function executeIf(node: ts.IfStatement, scope: Scope, context: Context, rest: readonly ts.Statement[]): Completion {
  const arms: Arm<Completion>[] = [];
  const block = (statement: ts.Statement) => (inner: Context) => execute(statement, innerScope(scope), inner);
  const span = spanOf(node, scope);
  let at: ts.IfStatement = node;
  let otherwise: Arm<Completion> | undefined;
  const ladderMarks: Omit<BranchMark, "steps">[] = [];
  for (;;) {
    const value =
      arms.length === 0
        ? context.session.evaluate(at.expression, scope, context)
        : evaluateBehind(at.expression, "an `else if`", scope, context);
    const armSpan = spanOf(at.thenStatement, scope);
    const decided = truthOf(value);
    ladderMarks.push(branchMark(at, decided, scope));
    if (decided !== undefined) {
      if (decided) otherwise = { span: armSpan, run: block(at.thenStatement) };
    } else {
      const condition = conditionOf(value, spanOf(at.expression, scope), context);
      if (condition) arms.push({ condition, span: armSpan, ...named(at), run: block(at.thenStatement) });
    }
    const next: ts.Statement | undefined = at.elseStatement;
    if (otherwise) break;
    const [following] = rest;
    // `if (a) return x; if (b) return y; return z;` is one ladder, so that it can choose what comes back.
    if (!next && following && isGuard(following) && givesBack(at.thenStatement)) {
      at = following;
      rest = rest.slice(1);
      continue;
    }
    if (!next) break;
    if (ts.isIfStatement(next)) {
      at = next;
      continue;
    }
    otherwise = { span: spanOf(next, scope), ...named(next), run: block(next) };
    break;
  }
  const remaining = rest[0];
  if (!otherwise && remaining) {
    const restSpan = { path: scope.path, start: remaining.getStart(), end: rest.at(-1)?.end ?? remaining.end };
    // The same block, so the same scope: functions above see what is declared in it.
    otherwise = { span: restSpan, run: (inner) => executeBlock(rest, scope, inner) };
  }
  const made = context.tasks.length;
  const completion = chosen();
  const steps = context.tasks.length - made;
  for (const mark of ladderMarks) context.session.marks.push({ ...mark, steps });
  return completion;

  function chosen(): Completion {
    if (arms.length === 0) return otherwise ? otherwise.run(context) : normal;
    const completions = ladder(otherwise ? [...arms, otherwise] : arms, span, context);
    return joined(completions, otherwise !== undefined, span, context);
  }
}

/** `if (b) return y;`, with a condition that calls nothing: a step in it must wait for the conditions before. */
function isGuard(node: ts.Statement): node is ts.IfStatement {
  const calls = (each: ts.Node): boolean =>
    ts.isCallExpression(each) || (ts.forEachChild(each, (inner) => calls(inner) || undefined) ?? false);
  return ts.isIfStatement(node) && returnsWithoutElse(node) && givesBack(node.thenStatement) && !calls(node.expression);
}

/** Whether a block ends by returning something. */
function givesBack(node: ts.Statement): boolean {
  if (ts.isReturnStatement(node)) return node.expression !== undefined;
  const last = ts.isBlock(node) ? node.statements.at(-1) : undefined;
  return last !== undefined && givesBack(last);
}

/** `/** @name Deploy *\/` before an `if`, a `try` or the block of an `else`: what people see of the group. */
function named(node: ts.Statement): { readonly name?: string } {
  const before = node.getFullText().slice(0, node.getLeadingTriviaWidth());
  const [, name] = /\/\*\*[\s*]*@name[ \t]+([^\n]*?)\s*\*\/\s*$/.exec(before) ?? [];
  return name === undefined || name === "" ? {} : { name };
}

function branchMark(node: ts.IfStatement, decided: boolean | undefined, scope: Scope): Omit<BranchMark, "steps"> {
  return {
    kind: "branch",
    span: spanOf(node, scope),
    head: node.thenStatement.pos,
    ...(decided === undefined ? {} : { decided }),
    then: spanOf(node.thenStatement, scope),
    ...(node.elseStatement ? { otherwise: spanOf(node.elseStatement, scope) } : {}),
  };
}

function joined(
  completions: readonly Completion[],
  isComplete: boolean,
  span: Arm<unknown>["span"],
  context: Context,
): Completion {
  const returned = completions.flatMap((each) => (each.kind === "return" ? [each.value] : []));
  const hasValue = returned.some((value) => value.kind !== "constant" || value.value !== undefined);
  const isPartial = completions.some((each) => each.kind === "partial");
  const isEvery = isComplete && returned.length === completions.length;
  if (!hasValue && isEvery) return { kind: "return", value: nothing };
  if (!hasValue) return returned.length > 0 || isPartial ? { kind: "partial", span } : normal;
  const isEach = returned.every((value) => value.kind !== "constant" || value.value !== undefined);
  if (isEvery && isEach) return { kind: "return", value: returnedValue(returned, span, context) };
  report(context, "no-meaning", span, "Return a value in every arm, or in none.", "A `return` in some arms only");
  return normal;
}

/** What all arms return, member by member. */
function returnedValue(values: readonly Value[], span: Arm<unknown>["span"], context: Context): Value {
  const [first] = values;
  if (first?.kind !== "object" || !values.every((value) => value.kind === "object"))
    return merge(values, span, context);
  const entries = [...first.entries.keys()].map((key) => {
    const members = values.map((value) => value.entries.get(key)?.value ?? nothing);
    return [key, { value: merge(members, span, context), span }] as const;
  });
  return { kind: "object", entries: new Map(entries), region: context.region };
}

function forOf(node: ts.ForOfStatement, scope: Scope, context: Context): Completion {
  if (node.awaitModifier) report(context, "no-meaning", spanOf(node.awaitModifier, scope), "Leave it out.", "`await`");
  const over = context.session.evaluate(node.expression, scope, context);
  if (isLoopable(over)) {
    const span = spanOf(node, scope);
    const made = context.tasks.length;
    loop(over, span, context, (item, inner) => {
      const { kind } = body(node, item, scope, inner);
      if (kind !== "return" && kind !== "partial") return;
      report(context, "no-meaning", span, "Return what `map` collects.", "`return` in a loop of the run");
    });
    const limit = over.kind === "parallel" && over.limit !== undefined ? { limit: over.limit } : {};
    const steps = context.tasks.length - made;
    context.session.marks.push({ kind: "loop", span, head: node.statement.pos, ...limit, steps });
    return normal;
  }
  const items =
    over.kind === "constant" && typeof over.value === "string"
      ? Array.from(over.value, constant)
      : over.kind === "list"
        ? [...over.items]
        : undefined;
  if (!items) {
    if (over.kind !== "unknown")
      report(context, "wrong-value", spanOf(node.expression, scope), undefined, "What a loop goes over", "a list");
    // Its steps are drawn all the same while the text is being typed.
    body(node, unknown, scope, context);
    return normal;
  }
  return unrolled(node, scope, context, (turn, inner) => {
    for (const item of items) {
      if (!goOn(node, scope, context)) break;
      turn();
      const completion = body(node, item, scope, inner);
      if (completion.kind === "break") break;
      if (completion.kind === "return") return completion;
      if (completion.kind === "partial") refusePartial(completion.span, context);
    }
    return normal;
  });
}

/** A loop that ends while compiling; `go` says when a turn begins. */
function unrolled(
  node: ts.IterationStatement,
  scope: Scope,
  context: Context,
  go: (turn: () => void, inner: Context) => Completion,
): Completion {
  const made = context.tasks.length;
  let turns = 0;
  const { region } = context;
  const completion = go(() => turns++, { ...context, breaks: region, continues: region });
  const steps = context.tasks.length - made;
  context.session.marks.push({ kind: "loop", span: spanOf(node, scope), head: node.statement.pos, turns, steps });
  return completion;
}

function body(node: ts.ForOfStatement | ts.ForInStatement, item: Value, scope: Scope, context: Context): Completion {
  const inner = innerScope(scope);
  const { initializer } = node;
  const [declaration] = ts.isVariableDeclarationList(initializer) ? initializer.declarations : [];
  if (declaration) bind(declaration.name, item, true, inner, context);
  else if (!ts.isVariableDeclarationList(initializer)) assign(initializer, item, scope, context);
  return execute(node.statement, inner, context);
}

function forIn(node: ts.ForInStatement, scope: Scope, context: Context): Completion {
  const over = context.session.evaluate(node.expression, scope, context);
  const keys =
    over.kind === "object"
      ? [...over.entries.keys()]
      : over.kind === "list"
        ? over.items.map((_, index) => String(index))
        : undefined;
  if (!keys && over.kind !== "unknown")
    report(context, "runtime-only", spanOf(node.expression, scope), "Use `for … of`.", "`for … in`");
  return unrolled(node, scope, context, (turn, inner) => {
    for (const key of keys ?? []) {
      turn();
      const completion = body(node, constant(key), scope, inner);
      if (completion.kind === "break") break;
      if (completion.kind === "return") return completion;
      if (completion.kind === "partial") refusePartial(completion.span, context);
    }
    return normal;
  });
}

/** `for (let i = 0; …)`: only with a condition that is known. */
function countingLoop(node: ts.ForStatement, scope: Scope, context: Context): Completion {
  const { evaluate } = context.session;
  let outer = innerScope(scope);
  if (node.initializer && ts.isVariableDeclarationList(node.initializer)) {
    for (const each of node.initializer.declarations) declareVariable(each, outer, context);
  } else if (node.initializer) evaluate(node.initializer, outer, context);
  return unrolled(node, scope, context, (turn, inner) => {
    for (;;) {
      const condition = node.condition ? evaluate(node.condition, outer, context) : constant(true);
      if (!isKnown(condition)) {
        if (condition.kind !== "unknown")
          report(
            context,
            "runtime-only",
            spanOf(node.condition ?? node, scope),
            "Use `for … of` over a list of the run.",
            "A loop's end",
          );
        return normal;
      }
      if (!isTruthy(condition) || !goOn(node, scope, context)) return normal;
      turn();
      const completion = execute(node.statement, innerScope(outer), inner);
      if (completion.kind === "break") return normal;
      if (completion.kind === "return") return completion;
      if (completion.kind === "partial") refusePartial(completion.span, context);
      outer = nextTurn(outer, context);
      if (node.incrementor) evaluate(node.incrementor, outer, context);
    }
  });
}

/** The loop's variables anew: a function that was made in a turn keeps those of its turn. */
function nextTurn(scope: Scope, context: Context): Scope {
  const next: Scope = { ...scope, names: new Map() };
  for (const binding of scope.names.values())
    declare(next, binding.name, read(binding, context.region), binding.region, binding.constant);
  return next;
}

/** A `switch` is an `if` ladder; a case ends with `break` or `return`, empty cases join the next. */
function switched(node: ts.SwitchStatement, scope: Scope, context: Context): Completion {
  const { evaluate } = context.session;
  const subject = evaluate(node.expression, scope, context);
  const arms: Arm<Completion>[] = [];
  let otherwise: Arm<Completion> | undefined;
  let labels: ts.CaseOrDefaultClause[] = [];
  for (const [index, clause] of node.caseBlock.clauses.entries()) {
    labels.push(clause);
    const isLast = index === node.caseBlock.clauses.length - 1;
    if (clause.statements.length === 0 && !isLast) continue;
    const span = spanOf(clause, scope);
    const statements = ends(clause, isLast, scope, context);
    const run = (inner: Context): Completion => {
      const completion = executeBlock(statements, innerScope(scope), { ...inner, breaks: context.region });
      return completion.kind === "break" ? normal : completion;
    };
    const tests = labels.flatMap((each) => (ts.isCaseClause(each) ? [each.expression] : []));
    const hasDefault = tests.length < labels.length;
    labels = [];
    const values = tests.map((test, at) =>
      isKnown(subject) || arms.length + at === 0
        ? evaluate(test, scope, context)
        : evaluateBehind(test, "a later `case`", scope, context),
    );
    if (isKnown(subject)) {
      for (const [at, value] of values.entries()) {
        const test = tests[at];
        if (test && value.kind !== "unknown" && !isKnown(value))
          report(context, "runtime-only", spanOf(test, scope), "Write `if … else if …`.", "A case");
      }
      const matches = values.some(
        (value) => value.kind === "constant" && subject.kind === "constant" && value.value === subject.value,
      );
      if (matches) return run(context);
    } else if (!hasDefault) {
      const operands = values.flatMap((value, at) => {
        const test = tests[at];
        const left = subject.kind === "channel" ? subject.channel : undefined;
        const right =
          value.kind === "constant" ? literal(value.value) : value.kind === "channel" ? value.channel : undefined;
        if (left && right) return [{ kind: "compare", operator: "==", left, right } as const];
        if (test && value.kind !== "unknown" && subject.kind !== "unknown")
          report(
            context,
            "wrong-value",
            spanOf(test, scope),
            undefined,
            "A case",
            "a constant or a parameter of the run",
          );
        return [];
      });
      const [only] = operands;
      if (only) arms.push({ condition: operands.length === 1 ? only : { kind: "or", operands }, span, run });
    }
    if (hasDefault) otherwise = { span, run };
  }
  if (arms.length === 0) return otherwise ? otherwise.run(context) : normal;
  const span = spanOf(node, scope);
  const made = context.tasks.length;
  const completions = ladder(otherwise ? [...arms, otherwise] : arms, span, context);
  const then = spanOf(node.caseBlock, scope);
  const steps = context.tasks.length - made;
  context.session.marks.push({ kind: "branch", span, head: node.caseBlock.pos, then, steps });
  return joined(completions, otherwise !== undefined, span, context);
}

function literal(value: unknown) {
  if (typeof value === "string") return { kind: "string", value } as const;
  if (typeof value === "boolean") return { kind: "boolean", value } as const;
  if (typeof value !== "number") return undefined;
  return Number.isInteger(value) ? ({ kind: "integer", value } as const) : ({ kind: "number", value } as const);
}

/** The statements of a case without the `break` at its end. */
function ends(
  clause: ts.CaseOrDefaultClause,
  isLast: boolean,
  scope: Scope,
  context: Context,
): readonly ts.Statement[] {
  const [only] = clause.statements;
  const statements = clause.statements.length === 1 && only && ts.isBlock(only) ? only.statements : clause.statements;
  const last = statements.at(-1);
  if (last && ts.isBreakStatement(last)) return statements.slice(0, -1);
  if (!isLast && !(last && (endsWithReturn(last) || ts.isContinueStatement(last)))) {
    report(
      context,
      "no-meaning",
      spanOf(clause, scope),
      "End the case with `break`.",
      "Falling through to the next case",
    );
  }
  return statements;
}

/** `try { … } finally { notify() }`: the one step of `finally` is the exit task of the others. */
function tried(node: ts.TryStatement, scope: Scope, context: Context): Completion {
  if (node.catchClause) {
    report(
      context,
      "no-meaning",
      spanOf(node.catchClause, scope),
      "Use `finally`; a step can take a `FinalStatus` and look at how it went.",
      "`catch`",
    );
  }
  if (!node.finallyBlock) return executeBlock(node.tryBlock.statements, innerScope(scope), context);
  const { session } = context;
  const span = spanOf(node.finallyBlock, scope);
  const before = context.tasks.length;
  const outer = session.reads;
  const reads = (session.reads = new Set());
  const ending = executeBlock(node.finallyBlock.statements, innerScope(scope), context);
  session.reads = outer;
  for (const each of reads) outer?.add(each);
  const seen = [...reads].map((binding) => [binding, snapshot(read(binding, context.region))] as const);
  const [exitTask, ...more] = context.tasks.slice(before);
  if (ending.kind !== "normal") report(context, "no-meaning", span, "Return after it.", "`return` in `finally`");
  if (context.region?.kind === "whole" && (exitTask?.group.kind === "condition" || exitTask?.group.kind === "loop")) {
    const hint = "Let the body of the step decide, or put it into a pipeline and call that.";
    report(context, "no-meaning", span, hint, "A branch or loop of the run in `finally`");
  }
  if (!exitTask || more.length > 0) {
    report(context, "wrong-value", span, "Put several steps into a pipeline and call that.", "`finally`", "one step");
  }
  if (exitTask) context.builder?.openExitHandler(exitTask, spanOf(node.tryBlock, scope), named(node).name);
  const completion = executeBlock(node.tryBlock.statements, innerScope(scope), context);
  if (exitTask) context.builder?.close();
  const changed = seen.find(([binding, value]) => !isAsBefore(value, read(binding, context.region)));
  if (changed) {
    const hint = "What `finally` is given must be known before: set it above the `try`.";
    report(context, "no-meaning", span, hint, `"${changed[0].name}" in \`finally\`, which \`try\` changes,`);
  }
  return completion;
}
