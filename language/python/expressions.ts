import { diagnose } from "../diagnostics.ts";
import { successorAdvice } from "./first-version.ts";
import type { Span } from "../source.ts";
import { assign, hashable } from "./assign.ts";
import { superValue } from "./attributes.ts";
import { tellAssumed } from "./environment.ts";
import { formatPercent } from "./format.ts";
import { formatOne } from "./format-fields.ts";
import { charge, type Machine, raise, step } from "./machine.ts";
import { GeneratorValue, IteratorValue } from "./iterators.ts";
import type { OperatorHooks } from "./operators.ts";
import { Scope, spanOf } from "./scope.ts";
import type { Argument, Call, Comprehension, Expression, FormattedString, Lambda } from "./syntax.ts";
import {
  type CallArguments,
  type DictValue,
  dict,
  type FunctionValue,
  type Given,
  isObject,
  isUnknown,
  NotKnown,
  keyOf,
  list,
  setOf,
  truth,
  tuple,
  typeName,
  unknown,
  unknownCharacter,
  type UnknownValue,
  type Value,
} from "./values.ts";

/** The value of an expression. Raises `Raised` as Python does; what cannot be known is an `unknown` value. */
export function evaluate(machine: Machine, scope: Scope, expression: Expression): Value {
  try {
    return valueOf(machine, scope, expression);
  } catch (problem) {
    if (!(problem instanceof NotKnown)) throw problem;
    const { value } = problem;
    return { ...value, span: value.span ?? spanOf(scope, expression) };
  }
}

/** Throws a NotKnown. */
function valueOf(machine: Machine, scope: Scope, expression: Expression): Value {
  step(machine, () => spanOf(scope, expression));
  const inner = (one: Expression): Value => evaluate(machine, scope, one);
  const span = (): Span => spanOf(scope, expression);
  switch (expression.kind) {
    case "name":
      return observed(machine, scope, expression, lookup(machine, scope, expression.id, span));
    case "constant": {
      const { value, character } = expression;
      if (character !== undefined) return unknownCharacter(character, span());
      if (value === null || typeof value !== "object") return value;
      return "bytes" in value ? { kind: "bytes", bytes: value.bytes } : { kind: "ellipsis" };
    }
    case "formatted":
      if (expression.character !== undefined) return unknownCharacter(expression.character, span());
      return formatted(machine, scope, expression.parts, span);
    case "tuple":
      return tuple(elements(machine, scope, expression.elements));
    case "list":
      return list(elements(machine, scope, expression.elements));
    case "set":
      return setOf(elements(machine, scope, expression.elements));
    case "dict":
      return dictDisplay(machine, scope, expression.entries, span);
    case "unary":
      return unary(machine, expression.operator, inner(expression.operand), span());
    case "binary":
      return machine.binary(expression.operator, inner(expression.left), inner(expression.right), span());
    case "boolean": {
      let value: Value = null;
      for (const operand of expression.operands) {
        value = inner(operand);
        if (operand !== expression.operands.at(-1)) warnOfDecision(machine, scope, operand, value);
        if (isUnknown(value) || truthOf(machine, value, span()) !== (expression.operator === "and")) return value;
      }
      return value;
    }
    case "compare": {
      let left = inner(expression.left);
      let result: Value = true;
      for (const { operator, right: next } of expression.rest) {
        const right = inner(next);
        result = told(machine, machine.compare(operator, left, right, span()), span);
        if (next === expression.rest.at(-1)?.right) return result;
        warnOfDecision(machine, scope, expression, result);
        if (isUnknown(result) || !truthOf(machine, result, span())) return result;
        left = right;
      }
      return result;
    }
    case "conditional": {
      const test = inner(expression.test);
      if (isUnknown(test)) return test;
      warnOfDecision(machine, scope, expression.test, test);
      return inner(truthOf(machine, test, span()) ? expression.then : expression.otherwise);
    }
    case "lambda":
      return lambda(machine, scope, expression);
    case "call":
      return observed(machine, scope, expression, told(machine, call(machine, scope, expression), span));
    case "attribute": {
      const object = inner(expression.object);
      const value = machine.attribute(object, expression.name, span());
      if (value !== undefined) return observed(machine, scope, expression, value);
      const advice = isObject(object) && object.kind === "module" ? successorAdvice(object.name, expression.name) : "";
      return raise("AttributeError", `${described(object)} has no attribute '${expression.name}'${advice}`, span());
    }
    case "subscript":
      return observed(
        machine,
        scope,
        expression,
        told(machine, machine.item(inner(expression.object), inner(expression.index), span()), span),
      );
    case "slice":
      return {
        kind: "slice",
        lower: expression.lower === undefined ? null : inner(expression.lower),
        upper: expression.upper === undefined ? null : inner(expression.upper),
        step: expression.step === undefined ? null : inner(expression.step),
      };
    case "starred":
      return raise("SyntaxError", "can't use starred expression here", span());
    case "comprehension":
      return comprehension(machine, scope, expression);
    case "named": {
      const value = inner(expression.value);
      // A comprehension's `:=` binds outside of it; its scope is ours to see through.
      (scope.prefix.endsWith("<comprehension>") ? (scope.parent ?? scope) : scope).set(expression.target.id, value);
      return value;
    }
    case "yield": {
      const value = expression.value === undefined ? null : inner(expression.value);
      let at: Scope | undefined = scope;
      while (at !== undefined && at.onYield === undefined) at = at.parent;
      const take = at?.onYield;
      if (take === undefined) return null;
      if (!expression.from) take(value);
      else if (value instanceof GeneratorValue) return value.each((item) => take(item), span());
      else for (const item of machine.iterate(value, span())) take(item);
      return null;
    }
    case "await":
      return unknown("the result of an await is known only while running", span());
  }
}

/** A value, after what it was asked of was told. */
function told(machine: Machine, value: Value, span: () => Span): Value {
  if (machine.asked !== undefined) tellAssumed(machine, span());
  return value;
}

function observed(machine: Machine, scope: Scope, expression: Expression, value: Value): Value {
  machine.see(scope, expression, value);
  return value;
}

function described(value: Value): string {
  if (isObject(value)) {
    if (value.kind === "module") return `module '${value.name}'`;
    if (value.kind === "class") return `type object '${value.name}'`;
  }
  return `'${typeName(value)}' object`;
}

function unboundText(kind: "local" | "free", name: string): string {
  return `cannot access ${kind} variable '${name}' where it is not associated with a value`;
}

function lookup(machine: Machine, scope: Scope, name: string, span: () => Span): Value {
  const own = scope.get(name);
  if (own !== undefined) return own;
  const unbound = scope.unbound(name);
  if (unbound === "own") raise("UnboundLocalError", unboundText("local", name), span());
  if (unbound === "outer") raise("NameError", `${unboundText("free", name)} in enclosing scope`, span());
  const value = machine.module("builtins")?.lookup?.(name);
  if (value !== undefined) return value;
  return raise("NameError", name, span());
}

/**
 * Warns where Python asks at once whether something holds that only the run can tell: it takes the stand-in for true.
 * A helper may well ask whether it was given a channel; a pipeline's own body knows that it has one.
 */
export function warnOfDecision(machine: Machine, scope: Scope, expression: Expression, value: Value): void {
  if (!isObject(value) || value.kind !== "native" || value.standsFor === undefined) return;
  const isSure =
    value.standsFor === "condition" ||
    (scope.resilient &&
      (expression.kind === "name"
        ? value.input === expression.id
        : expression.kind === "attribute" || expression.kind === "subscript"));
  if (!isSure) return;
  machine.report({
    ...diagnose("decided-now", spanOf(scope, expression)),
    hint: "Use dsl.If for what the run decides, and nest one in another for two conditions.",
  });
}

/** `bool(x)`, the user's `__bool__` and `__len__` included. */
export function truthOf(machine: Machine, value: Value, span: Span): boolean {
  if (isUnknown(value)) throw new NotKnown(value);
  if (isObject(value) && value.kind === "instance") {
    for (const name of ["__bool__", "__len__"]) {
      const method = machine.attribute(value, name, span);
      if (method !== undefined) return truth(machine.call(method, { positional: [], keywords: new Map(), span }));
    }
  }
  return truth(value);
}

function elements(machine: Machine, scope: Scope, expressions: readonly Expression[]): Value[] {
  const items: Value[] = [];
  for (const expression of expressions) {
    if (expression.kind !== "starred") items.push(evaluate(machine, scope, expression));
    else
      for (const item of machine.iterate(evaluate(machine, scope, expression.value), spanOf(scope, expression)))
        items.push(item);
  }
  return items;
}

function dictDisplay(
  machine: Machine,
  scope: Scope,
  entries: readonly { readonly key?: Expression; readonly value: Expression }[],
  span: () => Span,
): Value {
  const result: DictValue = { kind: "dict", entries: new Map() };
  for (const entry of entries) {
    if (entry.key === undefined) {
      const other = evaluate(machine, scope, entry.value);
      if (isUnknown(other)) return other;
      for (const [key, value] of pairs(machine, other, span())) result.entries.set(keyOf(key), [key, value]);
      continue;
    }
    const key = evaluate(machine, scope, entry.key);
    result.entries.set(hashable(key, span), [key, evaluate(machine, scope, entry.value)]);
  }
  return result;
}

/** Entries of a mapping. */
export function pairs(machine: Machine, value: Value, span: Span): readonly (readonly [Value, Value])[] {
  if (isObject(value) && value.kind === "dict") return [...value.entries.values()];
  const keys = isObject(value) ? machine.attribute(value, "keys", span) : undefined;
  if (keys === undefined) return raise("TypeError", `'${typeName(value)}' object is not a mapping`, span);
  const names = machine.iterate(machine.call(keys, { positional: [], keywords: new Map(), span }), span);
  return names.map((key) => [key, machine.item(value, key, span)] as const);
}

function unary(machine: Machine, operator: "not" | "-" | "+" | "~", value: Value, span: Span): Value {
  if (isUnknown(value)) return value;
  if (operator === "not") return !truthOf(machine, value, span);
  if (isObject(value) && value.kind === "instance") {
    const name = operator === "-" ? "__neg__" : operator === "+" ? "__pos__" : "__invert__";
    const method = machine.attribute(value, name, span);
    if (method !== undefined) return machine.call(method, { positional: [], keywords: new Map(), span });
  }
  const number = typeof value === "boolean" ? BigInt(value) : value;
  if (typeof number === "bigint") return operator === "-" ? -number : operator === "+" ? number : ~number;
  if (typeof number === "number" && operator !== "~") return operator === "-" ? -number : number;
  return raise("TypeError", `bad operand type for unary ${operator}: '${typeName(value)}'`, span);
}

function lambda(machine: Machine, scope: Scope, expression: Lambda): FunctionValue {
  const defaults = new Map<string, Value>();
  for (const { name, defaultValue } of expression.parameters) {
    if (defaultValue !== undefined) defaults.set(name, evaluate(machine, scope, defaultValue));
  }
  return {
    kind: "function",
    name: "<lambda>",
    qualname: `${scope.prefix}<lambda>`,
    parameters: expression.parameters,
    body: { kind: "lambda", body: expression.body },
    defaults,
    scope,
    span: spanOf(scope, expression),
    attributes: new Map(),
  };
}

function call(machine: Machine, scope: Scope, expression: Call): Value {
  // `super()` needs to know where it stands.
  if (expression.callee.kind === "name" && expression.callee.id === "super" && expression.arguments.length === 0) {
    const value = superOf(scope);
    if (value !== undefined) return value;
  }
  if (expression.callee.kind === "name" && expression.arguments.length === 0) {
    if (expression.callee.id === "locals") return names(scope);
    if (expression.callee.id === "globals") return names(scope.root);
  }
  const callee = evaluate(machine, scope, expression.callee);
  const given = callArguments(machine, scope, expression.arguments, spanOf(scope, expression), (value, at) => {
    // What places steps must not be passed over in silence; a component's own step is drawn all the same.
    if (isInPipeline(scope) && isObject(callee) && callee.kind !== "builtin" && callee.kind !== "unknown")
      machine.report(diagnose("not-known", at, "what is given here", value.reason));
    if (!isObject(callee) || callee.kind !== "native" || callee.component === undefined) throw new NotKnown(value);
  });
  if (isUnknown(callee) && isInPipeline(scope) && (callee.component === true || mayBeStep(callee, given))) {
    machine.report(diagnose("not-known", spanOf(scope, expression.callee), "this step", callee.reason));
    // Of what is done with it, nothing more is said.
    const why = unknown(callee.reason, callee.span);
    const { callee: called } = expression;
    const name = called.kind === "name" ? called.id : called.kind === "attribute" ? called.name : "step";
    return machine.unreadStep?.(name, given, why) ?? why;
  }
  return machine.call(callee, given);
}

/** Whether the scope is a pipeline's body, or a function defined in it. */
export function isInPipeline(scope: Scope): boolean {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    if (at.kind === "function" && at.resilient) return true;
  }
  return false;
}

/** A call of something that cannot be read, with values of the run or, as components are called, with names only. */
function mayBeStep({ outside }: UnknownValue, { positional, keywords }: CallArguments): boolean {
  if (outside !== true) return false;
  const values = [...positional, ...keywords.values()].map(({ value }) => value);
  return (keywords.size > 0 && positional.length === 0) || values.some((value) => holdsRuntime(value, 0));
}

function holdsRuntime(value: Value, depth: number): boolean {
  if (!isObject(value) || depth > 5) return false;
  if (value.kind === "native") return value.runtime === true;
  const inner =
    value.kind === "list" || value.kind === "tuple"
      ? value.items
      : value.kind === "dict"
        ? [...value.entries.values()].map(([, one]) => one)
        : [];
  return inner.some((one) => holdsRuntime(one, depth + 1));
}

function names(scope: Scope): Value {
  return dict([...scope.names].map(([name, value]) => [name, value] as const));
}

/** `super()` in a method: its class from the class body around it, its object from its first parameter. */
function superOf(scope: Scope): Value | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const type = at.parent?.kind === "class" ? at.parent.names.get("__class__") : undefined;
    const [self] = at.names.values();
    if (type !== undefined && isObject(type) && type.kind === "class" && self !== undefined)
      return superValue(type, self);
  }
  return undefined;
}

/** Evaluates the arguments of a call or a class definition. */
export function callArguments(
  machine: Machine,
  scope: Scope,
  given: readonly Argument[],
  span: Span,
  missing: (value: UnknownValue, at: Span) => void = (value) => {
    throw new NotKnown(value);
  },
): CallArguments {
  const positional: Given[] = [];
  const keywords = new Map<string, Given>();
  for (const one of given) {
    const value = evaluate(machine, scope, one.value);
    const at = spanOf(scope, one.form === "keyword" ? one.value : one);
    switch (one.form) {
      case "plain":
        positional.push({ value, span: at });
        break;
      case "keyword":
        if (keywords.has(one.name ?? ""))
          raise("TypeError", `got multiple values for keyword argument '${one.name ?? ""}'`, at);
        keywords.set(one.name ?? "", { value, span: at });
        break;
      case "args":
        if (isUnknown(value)) {
          missing(value, at);
          break;
        }
        for (const item of machine.iterate(value, at)) positional.push({ value: item, span: at });
        break;
      case "kwargs":
        if (isUnknown(value)) {
          missing(value, at);
          break;
        }
        for (const [key, item] of pairs(machine, value, at)) {
          if (typeof key !== "string") return raise("TypeError", "keywords must be strings", at);
          if (keywords.has(key)) raise("TypeError", `got multiple values for keyword argument '${key}'`, at);
          keywords.set(key, { value: item, span: at });
        }
    }
  }
  return { positional, keywords, span };
}

function comprehension(machine: Machine, scope: Scope, expression: Comprehension): Value {
  const inner = new Scope("function", scope.module, scope, `${scope.prefix}<comprehension>`);
  const items: Value[] = [];
  const result: DictValue = { kind: "dict", entries: new Map() };
  const from = (index: number): void => {
    const clause = expression.clauses[index];
    if (clause === undefined) {
      const item = evaluate(machine, inner, expression.element);
      if (expression.value === undefined) items.push(item);
      else
        result.entries.set(
          hashable(item, () => spanOf(scope, expression)),
          [item, evaluate(machine, inner, expression.value)],
        );
      return;
    }
    // The first iterable belongs to the scope around: a class body's names are seen by it alone.
    const values = machine.iterate(
      evaluate(machine, index === 0 ? scope : inner, clause.iterable),
      spanOf(scope, clause.iterable),
    );
    for (const value of values) {
      assign(machine, inner, clause.target, value);
      const kept = clause.conditions.every((condition) =>
        truthOf(machine, evaluate(machine, inner, condition), spanOf(scope, condition)),
      );
      if (kept) from(index + 1);
    }
  };
  from(0);
  if (expression.form === "dict") return result;
  if (expression.form === "set") return setOf(items);
  return expression.form === "generator" ? new IteratorValue("generator", items) : list(items);
}

function formatted(machine: Machine, scope: Scope, parts: FormattedString["parts"], span: () => Span): Value {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const value = evaluate(machine, scope, part.expression);
    const at = spanOf(scope, part.expression);
    const spec = part.spec === undefined ? "" : formatted(machine, scope, part.spec, span);
    if (typeof spec !== "string") return spec;
    const shown =
      part.conversion === undefined
        ? value
        : part.conversion === "s"
          ? machine.text(value, at, "str")
          : machine.text(value, at, "repr");
    const written = formatOne(machine, shown, spec, at);
    if (typeof written !== "string") return written;
    text += written;
    charge(machine, text.length, at);
  }
  return text;
}

/** What a method gives that leaves an operator to the other side. */
export const notImplemented = "NotImplemented";

/** The operators' way back into the evaluator. */
export function operatorHooks(machine: Machine): OperatorHooks {
  return {
    iterate: (value, span) => machine.iterate(value, span),
    method: (self, name, values, span) => {
      if (!isObject(self) || self.kind !== "instance") return undefined;
      const method = machine.attribute(self, name, span);
      if (method === undefined || isUnknown(method)) return undefined;
      const given = values.map((value) => ({ value, span }));
      const result = machine.call(method, { positional: given, keywords: new Map(), span });
      return isUnknown(result) && result.reason === notImplemented ? undefined : result;
    },
    percent: (template, value, span) => {
      let uncertain: UnknownValue | undefined;
      let next = 0;
      const items = isObject(value) && value.kind === "tuple" ? value.items : [value];
      const take = (key: string | undefined): Value | undefined => {
        const one =
          key === undefined
            ? items[next++]
            : isObject(value) && value.kind === "dict"
              ? value.entries.get(keyOf(key))?.[1]
              : undefined;
        if (one === undefined || !isUnknown(one)) return one;
        uncertain ??= one;
        return 0n;
      };
      const written = (text: string | UnknownValue): string => {
        if (typeof text === "string") return text;
        uncertain ??= text;
        return "";
      };
      const text = formatPercent(
        template,
        take,
        (one) => written(machine.text(one, span, "str")),
        (one) => written(machine.text(one, span, "repr")),
      );
      if (uncertain !== undefined) return uncertain;
      const odd = items.find((item) => isObject(item) && item.kind === "native");
      if (text === undefined && odd !== undefined)
        raise("TypeError", `%d format: a real number is required, not ${typeName(odd)}`, span);
      if (text === undefined) raise("TypeError", "not enough arguments for format string", span);
      // A mapping, which a list counts as here, may hold more than the text names.
      const isMapping =
        isObject(value) && ["dict", "list", "bytes", "range", "instance", "unknown"].includes(value.kind);
      if (next < items.length && !isMapping)
        raise("TypeError", "not all arguments converted during string formatting", span);
      return text;
    },
  };
}
