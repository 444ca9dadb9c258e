/** What a place in a file is about: a component, one of its inputs or outputs; and all places that are about it. */
import type { Component } from "../graph/model.ts";
import type { Meanings, Source } from "../python/meanings.ts";
import type { Call, Constant, FunctionDefinition, Located } from "../python/syntax.ts";
import { functionsOf, isKind, mentionsOf, nodesAround, type TreeNode, usesOf, visit } from "../python/tree.ts";
import type { Span } from "../source.ts";
import { calleeOf } from "./calls.ts";

export interface Referent {
  /** Absent: the component or pipeline itself. */
  readonly member?: { readonly kind: "input" | "output"; readonly name: string };
  readonly source: Source;
  /** What stands at the place that was asked about. */
  readonly span: Span;
}

/** The component, input or output that a name at an offset means; undefined where it is none of ours. */
export function symbolAt(meanings: Meanings, path: string, offset: number): Referent | undefined {
  for (const symbol of symbolsOf(meanings, path))
    if (symbol.span.start <= offset && offset <= symbol.span.end) return symbol;
  return undefined;
}

/** Places of a symbol in all files that were read with these meanings, definitions first. */
export function placesOf(meanings: Meanings, symbol: Referent): readonly Span[] {
  const key = keyOf(symbol);
  const places = new Map<string, Span>();
  for (const path of meanings.paths)
    for (const one of symbolsOf(meanings, path))
      if (keyOf(one) === key) places.set(`${one.span.path}:${one.span.start}`, one.span);
  return [...places.values()];
}

/** Where a symbol is defined; an output that only the return type names is in that type. */
export function definitionOf({ source, member }: Referent): Span {
  if (!member) return source.nameSpan;
  const { inputs, outputs } = source.component;
  const definitions: readonly { readonly name: string; readonly span?: Span }[] =
    member.kind === "input" ? inputs : outputs;
  return definitions.find(({ name }) => name === member.name)?.span ?? source.nameSpan;
}

/** The same in every reading of the files. */
export function keyOf({ source: { nameSpan }, member }: Referent): string {
  return `${nameSpan.path}:${nameSpan.start}:${member?.kind ?? ""}:${member?.name ?? ""}`;
}

const known = new WeakMap<Meanings, Map<string, readonly Referent[]>>();

/** Every place of a file that is about a component: its definition, then its uses, in the file's order. */
export function symbolsOf(meanings: Meanings, path: string): readonly Referent[] {
  const files = known.get(meanings) ?? new Map<string, readonly Referent[]>();
  known.set(meanings, files);
  const before = files.get(path);
  if (before) return before;
  const found = findSymbols(meanings, path);
  files.set(path, found);
  return found;
}

function findSymbols(meanings: Meanings, path: string): readonly Referent[] {
  const found: Referent[] = [];
  const add = (component: Component, { start, end }: Located, member?: Referent["member"]): void => {
    const source = meanings.source(component);
    if (source) found.push({ source, span: { path, start, end }, ...(member && { member }) });
  };
  const tree = meanings.tree(path);
  const functions = new Map(functionsOf(tree).map((one) => [one.nameStart, one]));
  for (const source of meanings.sources) {
    if (source.span.path !== path) continue;
    const { component, nameSpan } = source;
    add(component, nameSpan);
    const definition = functions.get(nameSpan.start);
    if (definition) addMembers(definition, component, meanings.text(path), add);
  }
  for (const node of mentionsOf(tree)) {
    if (isKind(node, "name")) {
      const meaning = meanings.of(path, node);
      if (meaning?.kind === "component" && !isOther(meanings, meaning.component, node.id)) add(meaning.component, node);
    } else if (isKind(node, "attribute")) {
      const meaning = meanings.of(path, node);
      const place = { start: node.end - node.name.length, end: node.end };
      if (meaning?.kind === "component" && !isOther(meanings, meaning.component, node.name))
        add(meaning.component, place);
      // `task.output` is the only output, whatever its name.
      if (meaning?.kind === "channel" && meaning.channel.kind === "task-output" && node.name === "output")
        add(meaning.channel.task.component, place, { kind: "output", name: meaning.channel.key });
    } else if (isKind(node, "subscript") && isText(node.index)) {
      const object = meanings.of(path, node.object);
      const name = node.index.value;
      if (object?.kind === "outputs" && object.task.component.outputs.some((output) => output.name === name))
        add(object.task.component, inQuotes(meanings.text(path), node.index), { kind: "output", name });
    } else if (isKind(node, "call")) {
      const component = componentCalled(meanings, path, node);
      if (!component) continue;
      const isInput = (name: string): boolean => component.inputs.some((input) => input.name === name);
      for (const { form, name, start, value } of node.arguments) {
        if (form === "keyword" && name !== undefined && isInput(name))
          add(component, { start, end: start + name.length }, { kind: "input", name });
        if (form !== "kwargs" || !isKind(value, "dict")) continue;
        for (const { key } of value.entries)
          if (key && isText(key) && isInput(key.value))
            add(component, inQuotes(meanings.text(path), key), { kind: "input", name: key.value });
      }
    } else if (isKind(node, "import-from")) {
      for (const { name, start, end } of node.names) {
        const meaning = meanings.of(path, { kind: "name", id: name, start, end: start + name.length });
        if (meaning?.kind === "component" && end >= start) add(meaning.component, { start, end: start + name.length });
      }
    }
  }
  return found;
}

/** The component that a call gives arguments to: itself, or through `functools.partial`. */
export function componentCalled(meanings: Meanings, path: string, call: Call): Component | undefined {
  const callee = calleeOf(meanings, path, call.callee);
  if (callee?.kind === "component") return callee.component;
  const name = call.callee.kind === "name" ? call.callee.id : call.callee.kind === "attribute" ? call.callee.name : "";
  const [first] = call.arguments;
  const meaning = name === "partial" && first?.form === "plain" ? meanings.of(path, first.value) : undefined;
  return meaning?.kind === "component" ? meaning.component : undefined;
}

/** A variable that holds a component is no place of it: renaming or finding the one is not the other. */
function isOther(meanings: Meanings, component: Component, name: string): boolean {
  return meanings.source(component)?.functionName !== name;
}

/** Parameters, what the body makes of them, and the lines of the docstring that are about them. */
function addMembers(
  definition: FunctionDefinition,
  component: Component,
  text: string,
  add: (component: Component, place: Located, member: Referent["member"]) => void,
): void {
  for (const [name, places] of parameterPlaces(definition, text)) {
    // A pipeline's return type may name an output as an input is named.
    const kind = component.inputs.some((input) => input.name === name) ? "input" : "output";
    for (const place of places) add(component, place, { kind, name });
  }
}

type Places = readonly (readonly [name: string, places: readonly Located[]])[];

const placesInFunctions = new WeakMap<FunctionDefinition, Places>();

function parameterPlaces(definition: FunctionDefinition, text: string): Places {
  const before = placesInFunctions.get(definition);
  if (before) return before;
  const found = definition.parameters.map(({ name, start }) => {
    const own = { start, end: start + name.length };
    const uses = usesOf(definition, name);
    return [name, [own, ...uses, ...documented(definition, name, text), ...asked(definition, name, text)]] as const;
  });
  placesInFunctions.set(definition, found);
  return found;
}

function documented(definition: FunctionDefinition, name: string, text: string): readonly Located[] {
  const [first] = definition.body;
  if (first?.kind !== "expression" || !isText(first.value)) return [];
  const { start, end } = first.value;
  const pattern = new RegExp(`^[ \\t]+(${name})[ \\t]*(?:\\([^)\\n]*\\))?:`, "dgm");
  return [...text.slice(start, end).matchAll(pattern)].flatMap(({ indices }) => {
    const at = indices?.[1];
    return at ? [{ start: start + at[0], end: start + at[1] }] : [];
  });
}

/** `IfPresentPlaceholder("name", …)` names an input by text. */
function asked(definition: FunctionDefinition, name: string, text: string): readonly Located[] {
  const places: Located[] = [];
  visit({ body: definition.body }, (node) => {
    if (!isKind(node, "call")) return;
    const { callee } = node;
    const called = callee.kind === "name" ? callee.id : callee.kind === "attribute" ? callee.name : "";
    if (called !== "IfPresentPlaceholder") return;
    const [first] = node.arguments;
    const given =
      node.arguments.find((one) => one.name === "input_name") ?? (first?.form === "plain" ? first : undefined);
    if (given && isText(given.value) && given.value.value === name) places.push(inQuotes(text, given.value));
  });
  return places;
}

export function isText(node: TreeNode): node is Constant & { readonly value: string } {
  return isKind(node, "constant") && typeof node.value === "string";
}

/** The place of a text without its quotes. */
export function inQuotes(text: string, { start, end }: Located): Located {
  const [quotes = ""] = /^[A-Za-z]*("""|'''|"|')/.exec(text.slice(start, end)) ?? [];
  const closing = quotes.replace(/^[A-Za-z]*/, "").length;
  return { start: start + quotes.length, end: Math.max(start + quotes.length, end - closing) };
}

/** The innermost expression with a meaning at an offset. */
export function meaningAt(meanings: Meanings, path: string, offset: number) {
  const around = nodesAround(meanings.tree(path), offset);
  for (const node of around.toReversed()) {
    if (!isKind(node, "name") && !isKind(node, "attribute") && !isKind(node, "subscript")) continue;
    const meaning = meanings.of(path, node);
    if (meaning) return { meaning, node, span: { path, start: node.start, end: node.end } };
  }
  return undefined;
}
