/** The names that can be written at a place of a Python file, and what of them is a value of the run. */
import type { ValueType } from "../graph/model.ts";
import type { Meanings } from "../python/meanings.ts";
import type { Meaning } from "../python/sightings.ts";
import type { Expression, FunctionDefinition, Located, Module, Statement } from "../python/syntax.ts";
import { isKind, nodesAround, visit } from "../python/tree.ts";

export interface ScopeName {
  readonly name: string;
  readonly kind: "function" | "class" | "module" | "variable";
  readonly meaning?: Meaning;
  /** Of a pipeline's input. */
  readonly type?: ValueType;
  /** Of the innermost function around the place, or of the module outside of functions. */
  readonly local: boolean;
}

/** The nearest first; of a function those that are bound before the place, of the module all. */
export function namesAt(meanings: Meanings, path: string, tree: Module, offset: number): readonly ScopeName[] {
  const functions = nodesAround(tree, offset).filter((node) => isKind(node, "function"));
  const found = new Map<string, ScopeName>();
  const addBindings = (body: readonly Statement[], local: boolean): void => {
    for (const { name, place, kind } of bindings(body, offset, local && functions.length > 0)) {
      if (found.has(name)) continue;
      const meaning = meanings.of(path, { kind: "name", id: name, ...place });
      found.set(name, { name, kind, local, ...(meaning && { meaning }) });
    }
  };
  for (const [i, definition] of functions.toReversed().entries()) {
    addBindings(definition.body, i === 0);
    for (const name of parametersOf(meanings, path, definition))
      if (!found.has(name.name)) found.set(name.name, { ...name, local: i === 0 });
  }
  addBindings(tree.body, functions.length === 0);
  return [...found.values()];
}

/** What can be given where a value of the run is wanted, as it is written, with its type. */
export function runValues(names: readonly ScopeName[]): readonly { readonly text: string; readonly type: ValueType }[] {
  return names.flatMap(({ name, meaning, type, local }) => {
    if (!local) return [];
    if (type) return [{ text: name, type }];
    if (meaning?.kind === "channel") return [{ text: name, type: meaning.channel.type }];
    if (meaning?.kind !== "task") return [];
    const { outputs } = meaning.task.component;
    const [only] = outputs;
    if (only && outputs.length === 1) return [{ text: `${name}.output`, type: only.type }];
    return outputs.map((output) => ({ text: `${name}.outputs["${output.name}"]`, type: output.type }));
  });
}

function parametersOf(meanings: Meanings, path: string, definition: FunctionDefinition) {
  const source = meanings.sources.find(
    ({ kind, nameSpan }) => kind === "pipeline" && nameSpan.path === path && nameSpan.start === definition.nameStart,
  );
  return definition.parameters.map(({ name }) => {
    const type = source?.component.inputs.find((input) => input.name === name)?.type;
    return { name, kind: "variable" as const, ...(type && { type }) };
  });
}

interface Binding {
  readonly name: string;
  readonly place: Located;
  readonly kind: ScopeName["kind"];
}

/** The last first. A statement that is being typed has bound nothing yet. */
function bindings(body: readonly Statement[], offset: number, onlyBefore: boolean): readonly Binding[] {
  const found: Binding[] = [];
  const target = (expression: Expression, statement: Located): void => {
    const isTyped = statement.start <= offset && offset <= statement.end && !("body" in statement);
    if (isTyped || (onlyBefore && expression.start > offset)) return;
    if (isKind(expression, "name"))
      found.push({ name: expression.id, place: { start: expression.start, end: expression.end }, kind: "variable" });
    else if (expression.kind === "tuple" || expression.kind === "list")
      for (const element of expression.elements) target(element, statement);
    else if (isKind(expression, "starred")) target(expression.value, statement);
  };
  visit({ body }, (node) => {
    if (isKind(node, "function") || isKind(node, "class")) {
      const place = { start: node.nameStart, end: node.nameStart + node.name.length };
      if (!onlyBefore || place.start < offset) found.push({ name: node.name, place, kind: node.kind });
      return false;
    }
    if (isKind(node, "lambda") || isKind(node, "comprehension")) return false;
    if (isKind(node, "assign")) for (const one of node.targets) target(one, node);
    if (isKind(node, "annotated") || isKind(node, "named") || isKind(node, "for")) target(node.target, node);
    if (isKind(node, "with")) for (const item of node.items) if (item.target) target(item.target, node);
    if (isKind(node, "import"))
      for (const { path: [first = ""] = [], as, start } of node.names)
        found.push({ name: as ?? first, place: { start, end: start + first.length }, kind: "module" });
    if (isKind(node, "import-from"))
      for (const { name, as, start } of node.names)
        found.push({ name: as ?? name, place: { start, end: start + name.length }, kind: "variable" });
    return true;
  });
  return found.reverse();
}
