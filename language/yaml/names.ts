/** The names of a compiled pipeline: where each is defined, and where it is used. */
import { isMap, isNode, isScalar, isSeq, type Node, type Scalar } from "yaml";
import type { Span } from "../source.ts";
import { sourceText, spanOf } from "../spec/parse.ts";
import { member, specTrees } from "../spec/read.ts";

/** The root's name, where components are told by theirs. */
export const rootName = "root";

export type SpecSymbol =
  | { readonly kind: "component" | "executor"; readonly name: string }
  /** Of the component or root that has it; of `component/task` where an input is a task's own. */
  | { readonly kind: "task" | "input" | "output"; readonly name: string; readonly component: string };

export interface NamePlace {
  readonly symbol: SpecSymbol;
  /** Of the name, without its quotes. */
  readonly span: Span;
  /** The whole definition, its key included; absent for a use. */
  readonly whole?: Span;
}

/** In no order; none of a text that does not parse. What is no spec yet has the names that it has. */
export function readNames(path: string, text: string): readonly NamePlace[] {
  const { spec, platform } = specTrees(path, text);
  const places: NamePlace[] = [];
  const spanIn = (node: Node): Span => {
    const span = spanOf(path, node);
    const quotes = /^["']/.test(text.slice(span.start, span.end)) ? 1 : 0;
    return { path, start: span.start + quotes, end: span.end - quotes };
  };
  const use = (node: unknown, symbol: (name: string) => SpecSymbol | undefined): void => {
    const found = isScalar(node) ? symbol(sourceText(node)) : undefined;
    if (isScalar(node) && found) places.push({ symbol: found, span: spanIn(node) });
  };
  const defineOne = (key: Scalar, value: unknown, symbol: (name: string) => SpecSymbol): void => {
    const whole = { ...spanOf(path, key), end: spanOf(path, isNode(value) ? value : key).end };
    places.push({ symbol: symbol(sourceText(key)), span: spanIn(key), whole });
  };
  const define = (node: unknown, symbol: (name: string) => SpecSymbol): void => {
    for (const { key, value } of entries(node)) defineOne(key, value, symbol);
  };
  /** Names in a text of the program or of a condition, by a pattern whose first group they are. */
  const mentions = (node: unknown, symbol: (name: string) => SpecSymbol): void => {
    if (!isScalar(node)) return;
    const { start, end } = spanOf(path, node);
    for (const match of text.slice(start, end).matchAll(mentioned)) {
      const [name, from] = [match[1] ?? "", match.indices?.[1]?.[0] ?? 0];
      const span = { path, start: start + from, end: start + from + name.length };
      places.push({ symbol: symbol(name), span });
    }
  };

  const components = new Map([[rootName, member(spec, "root")]]);
  for (const { key, value } of entries(member(spec, "components")))
    components.set(sourceText(key), isNode(value) ? value : undefined);
  define(member(spec, "components"), (name) => ({ kind: "component", name }));
  const executors = member(member(spec, "deploymentSpec"), "executors");
  const programs = new Map(entries(executors).map(({ key, value }) => [sourceText(key), value]));
  define(executors, (name) => ({ kind: "executor", name }));
  const onKubernetes = member(member(platform, "platforms"), "kubernetes");
  for (const { key } of entries(member(member(onKubernetes, "deploymentSpec"), "executors")))
    use(key, (name) => ({ kind: "executor", name }));

  for (const [component, node] of components) {
    for (const kind of ["input", "output"] as const)
      for (const group of ["parameters", "artifacts"])
        define(member(member(node, `${kind}Definitions`), group), (name) => ({ kind, component, name }));
    const label = member(node, "executorLabel");
    use(label, (name) => ({ kind: "executor", name }));
    if (isScalar(label)) {
      const container = member(programs.get(sourceText(label)), "container");
      for (const part of ["command", "args"])
        for (const one of items(member(container, part))) mentions(one, (name) => ({ kind: "input", component, name }));
    }
    const dag = member(node, "dag");
    const tasks = member(dag, "tasks");
    define(tasks, (name) => ({ kind: "task", component, name }));
    const callees = new Map(
      entries(tasks).map(({ key, value }) => [sourceText(key), textOf(member(member(value, "componentRef"), "name"))]),
    );
    const task = (name: string): SpecSymbol => ({ kind: "task", component, name });
    /** A producer, and which of its outputs. */
    const produced = (place: unknown, producer: string, key: string): void => {
      const by = member(place, producer);
      use(by, task);
      const of = callees.get(textOf(by) ?? "");
      use(member(place, key), (name) => (of === undefined ? undefined : { kind: "output", component: of, name }));
    };
    for (const { key: taskKey, value } of entries(tasks)) {
      const name = member(member(value, "componentRef"), "name");
      use(name, (of) => ({ kind: "component", name: of }));
      const callee = textOf(name) ?? "";
      const declared = inputsOf(components.get(callee));
      // Beside what its component takes, a task has inputs for its own constants and conditions.
      const input = (of: string): SpecSymbol => ({
        kind: "input",
        component: declared.has(of) ? callee : `${component}/${sourceText(taskKey)}`,
        name: of,
      });
      for (const one of items(member(value, "dependentTasks"))) use(one, task);
      for (const group of ["parameters", "artifacts"]) {
        const inputs = member(member(value, "inputs"), group);
        for (const { key, value: given } of entries(inputs)) {
          if (declared.has(sourceText(key))) use(key, input);
          else defineOne(key, given, input);
          for (const from of ["componentInputParameter", "componentInputArtifact"])
            use(member(given, from), (of) => ({ kind: "input", component, name: of }));
          produced(member(given, "taskOutputParameter"), "producerTask", "outputParameterKey");
          produced(member(given, "taskOutputArtifact"), "producerTask", "outputArtifactKey");
          use(member(member(given, "taskFinalStatus"), "producerTask"), task);
          mentions(member(member(given, "runtimeValue"), "constant"), input);
        }
      }
      for (const iterator of ["parameterIterator", "artifactIterator"]) {
        use(member(member(value, iterator), "itemInput"), input);
        for (const from of ["inputParameter", "inputArtifact"])
          use(member(member(member(value, iterator), "items"), from), input);
      }
      mentions(member(member(value, "triggerPolicy"), "condition"), input);
    }
    for (const group of ["parameters", "artifacts"])
      for (const { key, value } of entries(member(member(dag, "outputs"), group))) {
        use(key, (name) => ({ kind: "output", component, name }));
        produced(member(value, "valueFromParameter"), "producerSubtask", "outputParameterKey");
        for (const one of items(member(member(value, "valueFromOneof"), "parameterSelectors")))
          produced(one, "producerSubtask", "outputParameterKey");
        for (const one of items(member(value, "artifactSelectors")))
          produced(one, "producerSubtask", "outputArtifactKey");
      }
  }
  return places;
}

export function sameSymbol(a: SpecSymbol, b: SpecSymbol): boolean {
  return a.kind === b.kind && a.name === b.name && componentOf(a) === componentOf(b);
}

function componentOf(symbol: SpecSymbol): string {
  return "component" in symbol ? symbol.component : "";
}

const mentioned = /\binputs\.(?:parameter_values|parameters|artifacts)\[\\?'{1,2}([^'\\\]]+)\\?'{1,2}\]/dg;

function entries(node: unknown) {
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => (isScalar(key) ? [{ key, value }] : []));
}

function inputsOf(component: unknown): ReadonlySet<string> {
  const definitions = member(component, "inputDefinitions");
  const groups = ["parameters", "artifacts"].flatMap((group) => entries(member(definitions, group)));
  return new Set(groups.map(({ key }) => sourceText(key)));
}

function textOf(node: unknown): string | undefined {
  return isScalar(node) ? sourceText(node) : undefined;
}

function items(node: unknown): readonly unknown[] {
  return isSeq(node) ? node.items : [];
}
