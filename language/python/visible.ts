/**
 * What the making of a component or pipeline can see: its own text, and what the names in it mean there and
 * then, as a text. Where two such texts are equal, so is what comes of them.
 */
import type { Component } from "../graph/model.ts";
import type { Span } from "../source.ts";
import { annotationsAreTexts } from "./annotations.ts";
import type { Machine } from "./machine.ts";
import { Scope } from "./scope.ts";
import { pathText } from "./paths.ts";
import { namesIn, type NamesIn } from "./names-in.ts";
import {
  type CallArguments,
  type ClassValue,
  type FunctionValue,
  isObject,
  isUnknown,
  type ObjectValue,
  rangeLength,
  type Value,
} from "./values.ts";

export interface Visible {
  readonly key: string;
  /** Where the texts in the key stand now, in the order of the key. */
  readonly places: readonly Span[];
  /** Components that it names, in the order of the key. */
  readonly components: readonly Component[];
}

/**
 * Undefined where it can see what has no text: a function of ours with a memory, a module that it imports
 * meanwhile. `runs`: whether the function itself is evaluated, or only its parameters' types and defaults.
 * `contentOf` names a component by what is in it.
 */
export function visible(
  machine: Machine,
  target: FunctionValue,
  given: CallArguments,
  runs: boolean,
  contentOf: (component: Component) => string | undefined,
): Visible | undefined {
  const parts: string[] = [];
  const places: Span[] = [];
  const components: Component[] = [];
  const met = new Map<object, number>();

  const text = (span: Span): void => {
    parts.push(span.path, (machine.texts.get(span.path) ?? "").slice(span.start, span.end));
    places.push(span);
  };
  const values = (all: Iterable<Value>): void => {
    for (const one of all) value(one);
    parts.push(")");
  };
  const named = (all: Iterable<readonly [string, Value]>): void => {
    for (const [name, one] of all) {
      parts.push(name);
      value(one);
    }
    parts.push(")");
  };

  function value(one: Value): void {
    if (!isObject(one)) {
      parts.push(Object.is(one, -0) ? "-0" : `${typeof one} ${String(one)}`);
      return;
    }
    const known = met.get(one);
    if (known !== undefined) {
      parts.push(`again ${known}`);
      return;
    }
    met.set(one, met.size);
    parts.push(one.kind);
    object(one);
  }

  function object(one: ObjectValue): void {
    switch (one.kind) {
      case "list":
        return values(one.items);
      case "tuple":
        value(one.class ?? null);
        return values(one.items);
      case "dict":
        value(one.missing ?? null);
        return values([...one.entries.values()].flat());
      case "set":
        return values(one.items.values());
      case "bytes":
        return void parts.push(one.bytes);
      case "range":
        return void parts.push(String(one.start), String(rangeLength(one)), String(one.step));
      case "slice":
        return values([one.lower, one.upper, one.step]);
      case "ellipsis":
        return;
      case "unknown":
        return void parts.push(
          one.reason,
          JSON.stringify(one.span ?? null),
          `${String(one.outside)} ${String(one.component)}`,
        );
      case "function":
        return functionValue(one, true);
      case "class":
        return classValue(one);
      case "instance":
        value(one.class);
        return named(one.attributes);
      case "module":
        parts.push(one.name);
        if (one.path !== undefined) return named(one.names);
        // Those of ours are what they were, but for what `surroundings` has.
        if (one.changed) throw new Hidden();
        return;
      case "builtin":
        return constant(one, one.name);
      case "native":
        return native(one);
      default:
        throw new Hidden();
    }
  }

  /** What the standard library or the SDK has under a name. */
  function constant(one: ObjectValue, name: string): void {
    const own = machine.constants.get(one) ?? (machine.module("builtins")?.lookup?.(name) === one ? name : undefined);
    if (own === undefined || (one.kind === "class" && one.changed)) throw new Hidden();
    parts.push(own);
  }

  function classValue(one: ClassValue): void {
    if (one.definition === undefined) return constant(one, one.name);
    parts.push(one.qualname, one.module, String(one.open));
    const { start, end } = one.definition;
    const [module, other] = [...machine.modules.values()].filter(({ name }) => name === one.module);
    if (module?.path === undefined || other) throw new Hidden();
    text({ path: module.path, start, end });
    values(one.bases);
    for (const [name, attribute] of one.attributes) {
      parts.push(name);
      // What the decorators of the class have added follows from its text.
      if (isObject(attribute) && attribute.kind === "builtin" && name.startsWith("_")) parts.push(attribute.name);
      else value(attribute);
    }
    means(namesIn(one.definition), (name) => module.names.get(name));
  }

  function native(one: Extract<ObjectValue, { kind: "native" }>): void {
    const own = machine.constants.get(one);
    if (own !== undefined) return void parts.push(own);
    const { component } = one;
    if (component) {
      const content = contentOf(component);
      if (content === undefined) throw new Hidden();
      parts.push(content);
      components.push(component);
      if (component.span) places.push(component.span);
      return;
    }
    parts.push(one.type);
    fields(one);
  }

  /** Of an object that behaves by what it holds. */
  function fields(one: object): void {
    for (const [name, held] of Object.entries(one) as Iterable<[string, unknown]>) {
      if (name === "machine") continue;
      parts.push(name);
      field(held);
    }
    parts.push(")");
  }

  function field(held: unknown): void {
    if (typeof held === "function" || held instanceof Scope) throw new Hidden();
    if (typeof held !== "object" || held === null) return void parts.push(`${typeof held} ${String(held)}`);
    if (held instanceof Map) return field([...(held as ReadonlyMap<unknown, unknown>)]);
    if (Array.isArray(held)) {
      for (const one of held as readonly unknown[]) field(one);
      return void parts.push(")");
    }
    // SAFETY: what has a kind among the fields of a value is a value.
    if ("kind" in held) value(held as ObjectValue);
    else if (Object.getPrototypeOf(held) === Object.prototype) fields(held);
    else throw new Hidden();
  }

  function functionValue(one: FunctionValue, whole: boolean): void {
    const { body, span } = one;
    const isLambda = body.kind === "lambda";
    parts.push(one.qualname, one.scope.module.name, String(annotationsAreTexts(machine, span.path)));
    text(isLambda ? span : { path: span.path, start: body.firstLine, end: body.lastLineEnd });
    named(one.defaults);
    named(one.attributes);
    const lookup = (name: string): Value | undefined => one.scope.get(name);
    const all = namesIn(isLambda ? body.body : body);
    if (whole || isLambda) {
      if (all.hidden) throw new Hidden();
      means(all, lookup);
      return;
    }
    means(namesIn([body.parameters, body.returns]), lookup);
    // Of the body it is asked only what its names are not.
    for (const name of all.names.keys()) {
      const found = lookup(name);
      parts.push(name, found === undefined ? "absent" : isUnknown(found) ? "unknown" : "known");
    }
  }

  function means({ names }: NamesIn, lookup: (name: string) => Value | undefined): void {
    for (const [name, attributes] of names) {
      parts.push(name);
      const found = lookup(name);
      if (found === undefined) parts.push("absent");
      else if (attributes !== "whole" && isObject(found) && found.kind === "module" && found.path !== undefined) {
        parts.push("module", found.path);
        for (const attribute of attributes) {
          const own = found.names.get(attribute);
          parts.push(attribute);
          if (own === undefined) parts.push("absent");
          else value(own);
        }
      } else value(found);
    }
    parts.push(")");
  }

  function surroundings(): void {
    const { options, folder, searchPath, depth } = machine;
    parts.push(options.sdkVersion, folder, String(depth), JSON.stringify(searchPath.items.map(pathText)));
    const { env } = options;
    parts.push(environment(env), JSON.stringify(options.assumed ?? null));
    if (!hasEnvironment(machine, env)) throw new Hidden();
  }

  try {
    surroundings();
    met.set(target, met.size);
    functionValue(target, runs);
    text(given.span);
    values(given.positional.map((one) => one.value));
    named([...given.keywords].map(([name, one]) => [name, one.value] as const));
    return { key: parts.join("\0"), places, components };
  } catch (problem) {
    if (problem instanceof Hidden || problem instanceof RangeError) return undefined;
    throw problem;
  }
}

/** Whether `os.environ` still has what it was given. */
function hasEnvironment(machine: Machine, env: Readonly<Record<string, string>>): boolean {
  const environ = machine.module("os")?.names.get("environ");
  if (environ === undefined || !isObject(environ) || environ.kind !== "dict") return false;
  if (environ.entries.size !== Object.keys(env).length) return false;
  for (const [name, value] of environ.entries.values())
    if (typeof name !== "string" || env[name] !== value) return false;
  return true;
}

const environments = new WeakMap<object, string>();
const environmentNames = new Map<string, string>();

/** Names what `os.environ` has: all of it would be most of every key. */
function environment(env: Readonly<Record<string, string>>): string {
  const known = environments.get(env);
  if (known !== undefined) return known;
  const text = JSON.stringify(env);
  const name = environmentNames.get(text) ?? `environment ${environmentNames.size}`;
  environmentNames.set(text, name);
  environments.set(env, name);
  return name;
}

/** It has no text. */
class Hidden extends Error {}
