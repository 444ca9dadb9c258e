import { lineStarts, positionAt, type Span } from "../source.ts";
import { construct } from "./classes.ts";
import { GeneratorValue } from "./iterators.ts";
import { type Completion, depthLimit, isLibrary, type Machine, Raised, raise, sizeLimit, step } from "./machine.ts";
import { localNames } from "./local-names.ts";
import { Scope } from "./scope.ts";
import {
  codePoints,
  type CallArguments,
  dict,
  type FunctionValue,
  isObject,
  isUnknown,
  NotKnown,
  rangeLength,
  tuple,
  typeName,
  type UnknownValue,
  unknown,
  type Value,
} from "./values.ts";

/** The result of a call. */
export function call(machine: Machine, callee: Value, given: CallArguments): Value {
  step(machine, () => given.span);
  if (machine.libraryFolders.size > 0 && !isLibrary(machine, given.span.path)) {
    const before = machine.callSite;
    machine.callSite = given.span;
    try {
      return callValue(machine, callee, given);
    } finally {
      machine.callSite = before;
    }
  }
  return callValue(machine, callee, given);
}

function callValue(machine: Machine, callee: Value, given: CallArguments): Value {
  if (isObject(callee)) {
    switch (callee.kind) {
      case "unknown":
        return called(machine, callee, given.span);
      case "function":
        return machine.invoke(callee, given, false);
      case "builtin":
        return callee.call(given);
      case "class":
        return construct(machine, callee, given);
      case "native":
        if (callee.call !== undefined) return callee.call(given);
        break;
      case "instance": {
        const method = machine.attribute(callee, "__call__", given.span);
        if (method !== undefined) return machine.call(method, given);
        break;
      }
      default:
    }
  }
  return raise("TypeError", `'${typeName(callee)}' object is not callable`, given.span);
}

/** What an unknown function gives is not known, either; where it was called says more than where that is used. */
function called(machine: Machine, callee: UnknownValue, span: Span): Value {
  const text = machine.texts.get(span.path);
  if (callee.span !== undefined || text === undefined) return callee;
  const written = text.slice(span.start, span.end).replaceAll(/\s+/g, " ");
  const shown = written.length > 40 ? `${written.slice(0, 40)}…` : written;
  const line = positionAt(lineStarts(text), span.start).line + 1;
  return { ...callee, span, reason: `${callee.reason}: \`${shown}\` in line ${line}` };
}

/** Runs the body of a function of the user's. */
export function invoke(machine: Machine, callee: FunctionValue, given: CallArguments, resilient: boolean): Value {
  const scope = new Scope("function", callee.scope.module, callee.scope, `${callee.qualname}.<locals>.`);
  bindParameters(callee, given, scope);
  if (++machine.depth > depthLimit) {
    machine.depth--;
    return raise("RecursionError", "maximum recursion depth exceeded", given.span);
  }
  try {
    if (callee.body.kind === "lambda") return machine.evaluate(scope, callee.body.body);
    if (callee.body.async) return unknown("what a coroutine gives is known only while running", given.span);
    scope.resilient = resilient;
    scope.locals = localNames(callee.body);
    const { body } = callee.body;
    if (callee.body.generator)
      return new GeneratorValue(machine, (take) => {
        scope.onYield = take;
        const completion = machine.execute(scope, body);
        return completion?.kind === "return" ? completion.value : null;
      });
    const completion: Completion | undefined = machine.execute(scope, body);
    if (completion?.kind !== "return") return null;
    machine.returned = completion.span;
    return completion.value;
  } finally {
    machine.depth--;
  }
}

function bindParameters(callee: FunctionValue, given: CallArguments, scope: Scope): void {
  const { parameters, defaults, name } = callee;
  const taken = new Set<string>();
  const hasKwargs = parameters.some(({ form }) => form === "kwargs");
  const slots = parameters.filter(({ form }) => form === "positional" || form === "regular");
  const args = parameters.find(({ form }) => form === "args");
  for (const [i, parameter] of slots.entries()) {
    const one = given.positional[i];
    if (one === undefined) break;
    scope.names.set(parameter.name, one.value);
    taken.add(parameter.name);
  }
  if (given.positional.length > slots.length && args === undefined) {
    raise(
      "TypeError",
      `${name}() takes ${slots.length} positional argument${slots.length === 1 ? "" : "s"} but ${given.positional.length} were given`,
      given.span,
    );
  }
  if (args !== undefined)
    scope.names.set(args.name, tuple(given.positional.slice(slots.length).map(({ value }) => value)));
  const rest: [string, Value][] = [];
  for (const [key, { value, span }] of given.keywords) {
    const parameter = parameters.find((one) => one.name === key && (one.form === "regular" || one.form === "keyword"));
    if (parameter === undefined) {
      if (!hasKwargs) raise("TypeError", `${name}() got an unexpected keyword argument '${key}'`, span);
      rest.push([key, value]);
    } else if (taken.has(key)) raise("TypeError", `${name}() got multiple values for argument '${key}'`, span);
    else {
      taken.add(key);
      scope.names.set(key, value);
    }
  }
  const missing: string[] = [];
  for (const parameter of parameters) {
    if (parameter.form === "kwargs") scope.names.set(parameter.name, dict(rest));
    else if (parameter.form !== "args" && !taken.has(parameter.name)) {
      const otherwise = defaults.get(parameter.name);
      if (otherwise === undefined) missing.push(parameter.name);
      else scope.names.set(parameter.name, otherwise);
    }
  }
  if (missing.length > 0) {
    raise(
      "TypeError",
      `${name}() missing ${missing.length} required argument${missing.length === 1 ? "" : "s"}: ${missing.map((one) => `'${one}'`).join(", ")}`,
      given.span,
    );
  }
}

/** What a `for` over a value gives, all at once. An unknown value gives nothing. */
export function iterate(machine: Machine, value: Value, span: Span): readonly Value[] {
  if (typeof value === "string") {
    machine.stepsLeft -= value.length >> 2;
    return codePoints(value);
  }
  if (isObject(value)) {
    switch (value.kind) {
      case "list":
        machine.stepsLeft -= value.items.length >> 2;
        // A copy: the loop may change the list.
        return [...value.items];
      case "tuple":
        return value.items;
      case "dict":
        return [...value.entries.values()].map(([key]) => key);
      case "set":
        return [...value.items.values()];
      case "range": {
        const length = rangeLength(value);
        if (length > BigInt(sizeLimit))
          return raise("MemoryError", "this range is too large to be walked while reading", span);
        // Before they are made: numbers take much more room than what is shared.
        machine.stepsLeft -= Number(length);
        step(machine, () => span);
        return Array.from({ length: Number(length) }, (_, i) => value.start + BigInt(i) * value.step);
      }
      case "bytes":
        return codePoints(value.bytes).map((char) => BigInt(char.charCodeAt(0)));
      case "unknown":
        throw new NotKnown(value);
      case "native": {
        const items = value.iterate?.(span);
        if (items !== undefined) return items;
        break;
      }
      case "class": {
        const members = value.attributes.get("__members__");
        if (members !== undefined && isObject(members) && members.kind === "dict")
          // Another name of a member is no member.
          return [...new Set([...members.entries.values()].map(([, one]) => one))];
        break;
      }
      case "instance":
        return iterateInstance(machine, value, span);
      default:
    }
  }
  return raise("TypeError", `'${typeName(value)}' object is not iterable`, span);
}

function iterateInstance(machine: Machine, value: Extract<Value, { kind: "instance" }>, span: Span): readonly Value[] {
  if (value.inner !== undefined && machine.attribute(value, "__iter__", span) === undefined)
    return machine.iterate(value.inner, span);
  const none: CallArguments = { positional: [], keywords: new Map(), span };
  const iter = machine.attribute(value, "__iter__", span);
  if (iter !== undefined && !isUnknown(iter)) {
    const made = machine.call(iter, none);
    if (!isObject(made) || made.kind !== "instance") return machine.iterate(made, span);
    const next = machine.attribute(made, "__next__", span);
    if (next === undefined) return raise("TypeError", "iter() returned non-iterator", span);
    const items: Value[] = [];
    const before = machine.depth;
    for (;;) {
      try {
        items.push(machine.call(next, none));
      } catch (problem) {
        machine.depth = before;
        if (isStop(problem)) return items;
        throw problem;
      }
    }
  }
  const length = machine.attribute(value, "__len__", span);
  const getItem = machine.attribute(value, "__getitem__", span);
  if (length === undefined || getItem === undefined || isUnknown(length)) {
    return raise("TypeError", `'${typeName(value)}' object is not iterable`, span);
  }
  const count = machine.call(length, none);
  return Array.from({ length: typeof count === "bigint" ? Number(count) : 0 }, (_, i) =>
    machine.call(getItem, { positional: [{ value: BigInt(i), span }], keywords: new Map(), span }),
  );
}

function isStop(problem: unknown): boolean {
  return problem instanceof Raised && problem.exception.class.name === "StopIteration";
}
