import { diagnose } from "../diagnostics.ts";
import { defineClass } from "./classes.ts";
import { assign } from "./assign.ts";
import { evaluate, isInPipeline, truthOf, warnOfDecision } from "./expressions.ts";
import { executeImport, executeImportFrom } from "./imports.ts";
import { charge, type Completion, exception, exceptionText, type Machine, Raised, raise, step } from "./machine.ts";
import { tellAssumed } from "./environment.ts";
import { afterDoubt, inDoubt } from "./doubt.ts";
import { forStatement, whileStatement } from "./loops.ts";
import { annotationsAreTexts } from "./annotations.ts";
import { namesBoundIn } from "./local-names.ts";
import { matches } from "./match.ts";
import { type Scope, spanOf } from "./scope.ts";
import type { Expression, FunctionDefinition, Statement } from "./syntax.ts";
import { tryStatement } from "./try-statement.ts";
import { withStatement } from "./with-statement.ts";
import {
  type FunctionValue,
  isObject,
  isUnknown,
  keyOf,
  NotKnown,
  typeName,
  unknown,
  type UnknownValue,
  type Value,
} from "./values.ts";

/** Runs statements in order, until one ends the block. */
export function execute(machine: Machine, scope: Scope, statements: readonly Statement[]): Completion | undefined {
  for (const [i, statement] of statements.entries()) {
    const completion = scope.resilient
      ? executeSafely(machine, scope, statement)
      : executeOne(machine, scope, statement);
    if (completion?.doubt !== undefined) return afterDoubt(machine, scope, completion, statements.slice(i + 1));
    if (completion !== undefined) return completion;
  }
  return undefined;
}

/** A statement that fails is reported, its names are not known, and the next one runs. */
function executeSafely(machine: Machine, scope: Scope, statement: Statement): Completion | undefined {
  const { depth, importsGuarded } = machine;
  let doubt: UnknownValue | undefined;
  try {
    return executeOne(machine, scope, statement);
  } catch (problem) {
    if (problem instanceof RangeError) {
      // The stack is full; whatever was open in the statement is closed again.
      machine.depth = depth;
      machine.importsGuarded = importsGuarded;
      machine.report(diagnose("endless-evaluation", spanOf(scope, statement), "it is nested too deeply"));
    } else if (problem instanceof Raised) reportRaised(machine, problem);
    else if (problem instanceof NotKnown) {
      doubt = problem.value;
      if (isInPipeline(scope))
        machine.report(diagnose("not-known", spanOf(scope, statement), "what this does", doubt.reason));
    } else throw problem;
    // A loop whose every turn fails must end, too.
    machine.stepsLeft -= 2_000;
    for (const name of namesBoundIn(statement)) {
      if (!scope.names.has(name))
        scope.set(name, doubt ?? unknown("the statement that sets it fails", spanOf(scope, statement)));
    }
    return undefined;
  }
}

/** Tells the user of an exception that nothing caught. */
export function reportRaised(machine: Machine, raised: Raised): void {
  if (raised.reported) return;
  if (machine.asked !== undefined) tellAssumed(machine, raised.span);
  const { type, message } = exceptionText(raised.exception);
  const { path, start, end } = raised.span;
  // Python names the class of the stand-in; what is wrong is that only the run has the value.
  if (/\b(?:Pipeline(?:Parameter|Artifact)Channel|ConditionOperation)\b/.test(message)) {
    const written = (machine.texts.get(path) ?? "").slice(start, end).replaceAll(/\s+/g, " ");
    const what = `\`${written.length > 60 ? `${written.slice(0, 60)}…` : written}\``;
    machine.report({ ...diagnose("runtime-only", raised.span, what), hint: atRunTime(message) });
    return;
  }
  machine.report(
    type === "NameError" && /^\w+$/.test(message)
      ? diagnose("undefined-name", raised.span, message)
      : diagnose("python-error", raised.span, type, message),
  );
}

function atRunTime(message: string): string {
  if (message.includes("ConditionOperation")) return "Nest one dsl.If in another, or compare in a component.";
  return message.includes("ArtifactChannel")
    ? "A component that takes the artifact as Input[…] has its uri, path and metadata."
    : "Work it out in a component, which takes the value as an input.";
}

function executeOne(machine: Machine, scope: Scope, statement: Statement): Completion | undefined {
  step(machine, () => spanOf(scope, statement));
  const value = (expression: Expression): Value => evaluate(machine, scope, expression);
  switch (statement.kind) {
    case "expression":
      value(statement.value);
      return undefined;
    case "assign": {
      const given = value(statement.value);
      for (const target of statement.targets) assign(machine, scope, target, given);
      return undefined;
    }
    case "annotated":
      if (scope.kind !== "function") checkAnnotation(machine, scope, statement.annotation);
      if (scope.kind === "class" && statement.target.kind === "name")
        annotate(machine, scope, statement.target.id, statement.annotation);
      if (statement.value !== undefined) assign(machine, scope, statement.target, value(statement.value));
      return undefined;
    case "augmented":
      augment(machine, scope, statement);
      return undefined;
    case "return":
      if (statement.value === undefined) return { kind: "return", value: null };
      return { kind: "return", value: value(statement.value), span: spanOf(scope, statement.value) };
    case "delete":
      for (const target of statement.targets) remove(machine, scope, target);
      return undefined;
    case "pass":
      return undefined;
    case "break":
    case "continue":
      return { kind: statement.kind };
    case "raise":
      return raiseStatement(machine, scope, statement);
    case "assert": {
      const test = value(statement.test);
      if (isUnknown(test) || truthOf(machine, test, spanOf(scope, statement.test))) return undefined;
      const message =
        statement.message === undefined ? "" : machine.str(value(statement.message), spanOf(scope, statement.message));
      return raise("AssertionError", message, spanOf(scope, statement));
    }
    case "global":
      for (const name of statement.names) scope.redirect(name, scope.root);
      return undefined;
    case "nonlocal":
      for (const name of statement.names) scope.redirect(name, scope.enclosing(name));
      return undefined;
    case "import":
      executeImport(machine, scope, statement);
      return undefined;
    case "import-from":
      executeImportFrom(machine, scope, statement);
      return undefined;
    case "if":
      return ifStatement(machine, scope, statement);
    case "while":
      return whileStatement(machine, scope, statement);
    case "for":
      return forStatement(machine, scope, statement);
    case "try":
      return tryStatement(machine, scope, statement);
    case "with":
      return withStatement(machine, scope, statement.items, statement.body);
    case "match": {
      const subject = value(statement.subject);
      for (const { pattern, guard, body } of statement.cases) {
        if (!matches(machine, scope, pattern, subject)) continue;
        if (guard !== undefined && !truthOf(machine, value(guard), spanOf(scope, guard))) continue;
        return execute(machine, scope, body);
      }
      return undefined;
    }
    case "function":
      scope.set(
        statement.name,
        decorate(machine, scope, statement.decorators, defineFunction(machine, scope, statement)),
      );
      return undefined;
    case "class":
      scope.set(statement.name, decorate(machine, scope, statement.decorators, defineClass(machine, scope, statement)));
      return undefined;
    case "broken":
      for (const name of statement.names)
        scope.set(name, unknown("its definition does not parse", spanOf(scope, statement)));
      return undefined;
  }
}

function annotate(machine: Machine, scope: Scope, name: string, annotation: Expression): void {
  const known = scope.names.get("__annotations__");
  const annotations: Value = known ?? { kind: "dict", entries: new Map() };
  if (known === undefined) scope.names.set("__annotations__", annotations);
  let type: Value;
  try {
    type = evaluate(machine, scope, annotation);
  } catch (problem) {
    if (!(problem instanceof Raised)) throw problem;
    type = unknown("its annotation cannot be evaluated", spanOf(scope, annotation));
  }
  if (isObject(annotations) && annotations.kind === "dict") annotations.entries.set(keyOf(name), [name, type]);
}

function augment(machine: Machine, scope: Scope, statement: Extract<Statement, { kind: "augmented" }>): void {
  const { target } = statement;
  const span = spanOf(scope, statement);
  const before = evaluate(machine, scope, target);
  const operand = evaluate(machine, scope, statement.value);
  // Lists, dicts and sets change in place, which whoever shares them sees.
  if (isObject(before) && before.kind === "list" && statement.operator === "+") {
    if (isUnknown(operand)) return;
    const more = machine.iterate(operand, span);
    charge(machine, before.items.length + more.length, span);
    for (const item of more) before.items.push(item);
    return;
  }
  if (isObject(before) && isObject(operand) && statement.operator === "|") {
    if (before.kind === "dict" && operand.kind === "dict") {
      for (const [key, entry] of operand.entries) before.entries.set(key, entry);
      return;
    }
    if (before.kind === "set" && operand.kind === "set") {
      for (const [key, item] of operand.items) before.items.set(key, item);
      return;
    }
  }
  assign(machine, scope, target, machine.binary(statement.operator, before, operand, span));
}

function remove(machine: Machine, scope: Scope, target: Expression): void {
  const span = spanOf(scope, target);
  switch (target.kind) {
    case "name":
      if (!scope.delete(target.id)) raise("NameError", `name '${target.id}' is not defined`, span);
      return;
    case "subscript": {
      const object = evaluate(machine, scope, target.object);
      const key = evaluate(machine, scope, target.index);
      if (isObject(object) && object.kind === "dict") {
        if (!object.entries.delete(keyOf(key))) raise("KeyError", machine.repr(key, span), span);
      } else if (isObject(object) && object.kind === "list" && typeof key === "bigint") {
        object.items.splice(Number(key), 1);
      } else if (!isUnknown(object))
        raise("TypeError", `'${typeName(object)}' object doesn't support item deletion`, span);
      return;
    }
    case "attribute": {
      const object = evaluate(machine, scope, target.object);
      if (isObject(object) && (object.kind === "instance" || object.kind === "class"))
        object.attributes.delete(target.name);
      return;
    }
    case "tuple":
    case "list":
      for (const element of target.elements) remove(machine, scope, element);
      return;
    default:
      raise("SyntaxError", "cannot delete this expression", span);
  }
}

function raiseStatement(machine: Machine, scope: Scope, statement: Extract<Statement, { kind: "raise" }>): never {
  const { exception: expression, cause } = statement;
  const span = spanOf(scope, statement);
  if (expression === undefined) {
    const current = scope.get("__exception__");
    if (current !== undefined && isObject(current) && current.kind === "instance") throw new Raised(current, span);
    return raise("RuntimeError", "No active exception to reraise", span);
  }
  const given = evaluate(machine, scope, expression);
  const made =
    isObject(given) && given.kind === "class"
      ? machine.call(given, { positional: [], keywords: new Map(), span })
      : given;
  if (isObject(made) && made.kind === "instance") {
    if (cause !== undefined) made.attributes.set("__cause__", evaluate(machine, scope, cause));
    throw new Raised(made, span);
  }
  throw new Raised(exception("Exception", "an exception that cannot be known"), span);
}

function ifStatement(
  machine: Machine,
  scope: Scope,
  statement: Extract<Statement, { kind: "if" }>,
): Completion | undefined {
  const test = evaluate(machine, scope, statement.test);
  if (isUnknown(test)) return inDoubt(machine, scope, statement.test, test, [statement.body, statement.otherwise]);
  warnOfDecision(machine, scope, statement.test, test);
  return execute(
    machine,
    scope,
    truthOf(machine, test, spanOf(scope, statement.test)) ? statement.body : statement.otherwise,
  );
}

function defineFunction(machine: Machine, scope: Scope, statement: FunctionDefinition): FunctionValue {
  const defaults = new Map<string, Value>();
  for (const { name, defaultValue } of statement.parameters) {
    if (defaultValue !== undefined) defaults.set(name, evaluate(machine, scope, defaultValue));
  }
  for (const { annotation } of statement.parameters) checkAnnotation(machine, scope, annotation);
  checkAnnotation(machine, scope, statement.returns);
  return {
    kind: "function",
    name: statement.name,
    qualname: scope.prefix + statement.name,
    parameters: statement.parameters,
    body: statement,
    defaults,
    scope,
    span: spanOf(scope, statement),
    attributes: new Map(),
  };
}

/**
 * Python evaluates annotations where they stand, so a name that is not defined stops it, or one that the SDK has not.
 * Nothing else of them matters: what a component makes of its own is read where the component is made.
 */
function checkAnnotation(machine: Machine, scope: Scope, annotation: Expression | undefined): void {
  if (annotation === undefined || annotationsAreTexts(machine, scope.module.path ?? "")) return;
  try {
    evaluate(machine, scope, annotation);
  } catch (problem) {
    if (!(problem instanceof Raised)) throw problem;
    const { type, message } = exceptionText(problem.exception);
    // `-> dsl.ContainerOp` is what is left of a file for the first SDK.
    const stops = type === "NameError" || /^module 'kfp\b/.test(message);
    if (stops && machine.importsGuarded === 0) reportRaised(machine, problem);
  }
}

/** Decorators are evaluated from the top and applied from the bottom. */
function decorate(machine: Machine, scope: Scope, decorators: readonly Expression[], defined: Value): Value {
  const values = decorators.map((decorator) => evaluate(machine, scope, decorator));
  let result = defined;
  for (let i = values.length - 1; i >= 0; i--) {
    const decorator = values[i];
    const expression = decorators[i];
    if (decorator === undefined || expression === undefined) continue;
    const span = spanOf(scope, expression);
    // What an unknown decorator makes of a function or class is most often that very thing.
    if (isUnknown(decorator)) {
      if (isObject(result) && result.kind === "function") result = { ...result, open: decorator };
      continue;
    }
    result = machine.call(decorator, { positional: [{ value: result, span }], keywords: new Map(), span });
  }
  return result;
}
