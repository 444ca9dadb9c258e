/** Repairs of what a component or pipeline is made of: its types, its packages, the names in its body. */
import { distributionOf } from "../python/body-modules.ts";
import type { Meanings } from "../python/meanings.ts";
import type { Expression, FunctionDefinition, Module, Parameter, Statement } from "../python/syntax.ts";
import { functionsOf, isKind, nodesAround, type TreeNode, visit } from "../python/tree.ts";
import type { Complaint, Edit, Fix } from "./fixes.ts";
import { nearest } from "./nearest.ts";

export function definitionFix(meanings: Meanings, path: string, complaint: Complaint): Fix | undefined {
  const { code, start, end } = complaint;
  const tree = meanings.tree(path);
  const text = meanings.text(path);
  const around = nodesAround(tree, start);
  const written = text.slice(start, end);
  const change = (by: string, title = `Change to ${by}`): Fix => ({
    title,
    edits: [{ span: { path, start, end }, text: by }],
  });
  switch (code) {
    case "undefined-name": {
      const meant = nearest(written, namesBefore(tree.body, around, start));
      return meant === undefined ? undefined : change(meant);
    }
    case "untyped-parameter": {
      const parameter = parameterAt(tree, start);
      if (!parameter) return undefined;
      const type = typeOf(parameter.defaultValue);
      return {
        title: `Add the type ${type}`,
        edits: [{ span: { path, start: parameter.nameEnd, end: parameter.nameEnd }, text: `: ${type}` }],
      };
    }
    case "artifact-default":
      return change("None");
    case "artifact-marker":
      return change(`${qualified(tree.body, "Input")}[${written}]`);
    case "not-a-type": {
      const optional = /^(.+?)\s*\|\s*None$/s.exec(written)?.[1];
      const quoted = /^(["'])(\w+(?:\[[\w, ]+\])?)\1$/.exec(written)?.[2];
      if (quoted !== undefined) return change(quoted);
      if (optional === undefined || optional.includes("|")) return undefined;
      const has = namesOf(tree.body).includes("Optional");
      const by = change(`Optional[${optional}]`);
      const at = tree.body.find((one) => isKind(one, "import") || isKind(one, "import-from"))?.start ?? 0;
      const add = { span: { path, start: at, end: at }, text: "from typing import Optional\n" };
      return has ? by : { ...by, edits: [add, ...by.edits] };
    }
    case "absent-module": {
      const module = /^(?:from\s+|import\s+)?(\w+)/.exec(written)?.[1];
      if (module === undefined) return undefined;
      const name = distributionOf(module);
      const edit = addToDecorator(meanings, path, start, "packages_to_install", `"${name}"`);
      return edit && { title: `Add "${name}" to packages_to_install`, edits: [edit] };
    }
    case "outside-name":
      return moveInside(meanings, path, written, start);
    default:
      return undefined;
  }
}

/** An import into the body that needs it; a function among those that travel with the component. */
function moveInside(meanings: Meanings, path: string, name: string, at: number): Fix | undefined {
  const tree = meanings.tree(path);
  const text = meanings.text(path);
  if (tree.body.some((one) => isKind(one, "function") && one.name === name && one.decorators.length === 0)) {
    const edit = addToDecorator(meanings, path, at, "additional_funcs", name);
    return edit && { title: `Add ${name} to additional_funcs`, edits: [edit] };
  }
  const line = tree.body.map((one) => importOf(one, name)).find((one) => one !== undefined);
  const target = functionAt(tree, at);
  const first = target?.body.find((one, i) => i > 0 || !isDocstring(one));
  if (line === undefined || !first || at < first.start) return undefined;
  const lineStart = text.lastIndexOf("\n", first.start - 1) + 1;
  const indent = text.slice(lineStart, first.start);
  if (indent.trim() !== "") return undefined;
  return {
    title: `Import ${name} inside of ${target?.name ?? "the component"}`,
    edits: [{ span: { path, start: lineStart, end: lineStart }, text: `${indent}${line}\n` }],
  };
}

/** The import statement that binds one name alone. */
function importOf(statement: Statement, name: string): string | undefined {
  if (isKind(statement, "import")) {
    const one = statement.names.find((each) => (each.as ?? each.path[0]) === name);
    return one && `import ${one.path.join(".")}${one.as === undefined ? "" : ` as ${one.as}`}`;
  }
  if (!isKind(statement, "import-from") || statement.level > 0) return undefined;
  const one = statement.names.find((each) => (each.as ?? each.name) === name);
  return one && `from ${statement.path.join(".")} import ${one.name}${one.as === undefined ? "" : ` as ${one.as}`}`;
}

/** Adds an element to a list that a component's decorator is given. */
function addToDecorator(
  meanings: Meanings,
  path: string,
  at: number,
  option: string,
  element: string,
): Edit | undefined {
  const decorator = functionAt(meanings.tree(path), at)?.decorators.at(-1);
  if (!decorator) return undefined;
  const insert = (offset: number, text: string): Edit => ({ span: { path, start: offset, end: offset }, text });
  if (!isKind(decorator, "call")) return insert(decorator.end, `(${option}=[${element}])`);
  const given = decorator.arguments.find(({ name }) => name === option)?.value;
  if (given) {
    if (given.kind !== "list") return undefined;
    const last = given.elements.at(-1);
    return last ? insert(last.end, `, ${element}`) : insert(given.start + 1, element);
  }
  const last = decorator.arguments.at(-1);
  return last ? insert(last.end, `, ${option}=[${element}]`) : insert(decorator.end - 1, `${option}=[${element}]`);
}

function functionAt(tree: Module, at: number): FunctionDefinition | undefined {
  // The outermost: what is defined inside of a component travels with it.
  return functionsOf(tree).find(({ start, end, decorators }) => start <= at && at <= end && decorators.length > 0);
}

function parameterAt(tree: Module, start: number): Parameter | undefined {
  return functionsOf(tree)
    .flatMap(({ parameters }) => parameters)
    .find((one) => one.start === start);
}

function isDocstring(statement: Statement): boolean {
  return (
    isKind(statement, "expression") && isKind(statement.value, "constant") && typeof statement.value.value === "string"
  );
}

/** The type of a default; text where there is none. */
function typeOf(value: Expression | undefined): string {
  if (value?.kind === "list" || value?.kind === "dict") return value.kind;
  if (!isKind(value, "constant")) return "str";
  switch (typeof value.value) {
    case "bigint":
      return "int";
    case "number":
      return "float";
    case "boolean":
      return "bool";
    default:
      return "str";
  }
}

/** `Input` where the file imports it, else by way of `dsl`. */
function qualified(body: readonly Statement[], name: string): string {
  return namesOf(body).includes(name) ? name : `dsl.${name}`;
}

/** Names of the module, and of the functions around a place. */
function namesBefore(body: readonly Statement[], around: readonly TreeNode[], start: number): string[] {
  const functions = around.filter((node) => isKind(node, "function"));
  const inner = functions.flatMap((one) => [
    ...one.parameters.map(({ name }) => name),
    ...namesOf(one.body.filter((statement) => statement.start < start)),
  ]);
  return [...inner, ...namesOf(body)];
}

function namesOf(body: readonly Statement[]): string[] {
  const names: string[] = [];
  visit({ body }, (node) => {
    if (isKind(node, "function") || isKind(node, "class")) {
      names.push(node.name);
      return false;
    }
    if (isKind(node, "assign")) for (const target of node.targets) if (isKind(target, "name")) names.push(target.id);
    if (isKind(node, "with")) for (const { target } of node.items) if (isKind(target, "name")) names.push(target.id);
    if (isKind(node, "for") && isKind(node.target, "name")) names.push(node.target.id);
    if (isKind(node, "import")) names.push(...node.names.map(({ path, as }) => as ?? path[0] ?? ""));
    if (isKind(node, "import-from")) names.push(...node.names.map(({ name, as }) => as ?? name));
    return true;
  });
  return names;
}
