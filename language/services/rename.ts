/** A new name for an input or output of a component or pipeline, wherever it is written. */
import type { Meanings } from "../python/meanings.ts";
import type { Component } from "../graph/model.ts";
import type { Expression, Located } from "../python/syntax.ts";
import { isKind, visit } from "../python/tree.ts";
import type { Span } from "../source.ts";
import { componentCalled, definitionOf, isText, placesOf, type Referent, symbolAt } from "./symbols.ts";

/** What stands at a place and can be renamed here: names of functions and variables are a Python server's. */
export function renameable(meanings: Meanings, path: string, offset: number): Referent | undefined {
  const symbol = symbolAt(meanings, path, offset);
  if (!symbol?.member) return undefined;
  const text = meanings.text(path).slice(symbol.span.start, symbol.span.end);
  // `task.output` does not say the name; a NamedTuple's field is written where nothing is renamed.
  const defined = definitionOf(symbol);
  const written = meanings.text(defined.path).slice(defined.start, defined.end);
  return text === symbol.member.name && written === text ? symbol : undefined;
}

/** Why a name will not do; undefined where it will. */
export function refusedName({ source, member }: Referent, name: string): string | undefined {
  if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) return `"${name}" is not a name that Python takes.`;
  if (keywords.has(name)) return `"${name}" is a word of Python's own.`;
  const { inputs, outputs, name: component } = source.component;
  if (name !== member?.name && [...inputs, ...outputs].some((one) => one.name === name))
    return `"${component}" already has "${name}".`;
  return undefined;
}

/**
 * Where a name goes that no text says: the outputs of a component handed on as a whole, or its arguments given
 * as a dict made elsewhere.
 */
export function passedOnWhole(readings: Iterable<Meanings>, { source, member }: Referent): Span | undefined {
  for (const meanings of readings) {
    const isOurs = (component: Component | undefined): boolean => {
      const of = component && meanings.source(component)?.nameSpan;
      return of?.path === source.nameSpan.path && of.start === source.nameSpan.start;
    };
    for (const path of meanings.paths) {
      const named = new Set<Expression>();
      const found: Located[] = [];
      visit(meanings.tree(path), (node) => {
        if (isKind(node, "subscript") && isText(node.index)) named.add(node.object);
        if (member?.kind === "output" && isKind(node, "attribute") && node.name === "outputs" && !named.has(node)) {
          const meaning = meanings.of(path, node);
          if (meaning?.kind === "outputs" && isOurs(meaning.task.component)) found.push(node);
        }
        if (member?.kind === "input" && isKind(node, "call"))
          for (const { form, value } of node.arguments)
            if (form === "kwargs" && !isKind(value, "dict") && isOurs(componentCalled(meanings, path, node)))
              found.push(value);
      });
      const [first] = found;
      if (first) return { path, start: first.start, end: first.end };
    }
  }
  return undefined;
}

/**
 * The places to write it at, each once. `readings` are those of every file that may use it: the
 * component is told by where it is defined.
 */
export function renamePlaces(readings: Iterable<Meanings>, symbol: Referent): readonly Span[] {
  const places = new Map<string, Span>();
  for (const meanings of readings)
    for (const span of placesOf(meanings, symbol)) {
      if (meanings.text(span.path).slice(span.start, span.end) !== symbol.member?.name) continue;
      places.set(`${span.path}:${span.start}`, span);
    }
  return [...places.values()];
}

/** All that is said of a symbol, in every file. */
export function referencesOf(readings: Iterable<Meanings>, symbol: Referent): readonly Span[] {
  const places = new Map<string, Span>();
  for (const meanings of readings)
    for (const span of placesOf(meanings, symbol)) places.set(`${span.path}:${span.start}`, span);
  return [...places.values()];
}

/** A word that a file must have to be about a symbol at all. */
export function wordOf({ member, source }: Referent): string {
  return member?.kind === "input" ? member.name : source.functionName;
}

const keywords = new Set(
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  ),
);
