/** Which names are a function's own: Python decides it by the function's text, before any of it runs. */
import type { FunctionDefinition, Located } from "./syntax.ts";

const known = new WeakMap<FunctionDefinition, ReadonlySet<string>>();

/** The names that the function binds anywhere in its body, its parameters aside. */
export function localNames(definition: FunctionDefinition): ReadonlySet<string> {
  const before = known.get(definition);
  if (before !== undefined) return before;
  const names = namesBoundIn(definition.body);
  known.set(definition, names);
  return names;
}

/** The names that statements bind in the scope they stand in; what they declare `global` or `nonlocal` is another's. */
export function namesBoundIn(statements: unknown): ReadonlySet<string> {
  const bound = new Set<string>();
  const shared = new Set<string>();
  walk(statements, (name, place) => {
    if (place === "declared") shared.add(name);
    else if (place === "bound") bound.add(name);
  });
  for (const name of shared) bound.delete(name);
  return bound;
}

/** Names that a function declares `global` or `nonlocal` too late, or though they are its parameters. */
export function lateDeclarations(
  { parameters, body }: Pick<FunctionDefinition, "parameters" | "body">,
  tell: (message: string, at: Located) => void,
): void {
  const seen = new Map<string, "bound" | "used">();
  walk(body, (name, place, node) => {
    if (place !== "declared") {
      if (seen.get(name) !== "bound") seen.set(name, place);
      return;
    }
    if (parameters.some((parameter) => parameter.name === name))
      tell(`"${name}" is a parameter and cannot be ${node.kind}`, node);
    else if (seen.has(name))
      tell(
        `"${name}" is ${seen.get(name) === "bound" ? "assigned to" : "used"} before it is declared ${node.kind}`,
        node,
      );
    seen.set(name, "bound");
  });
}

type Take = (name: string, place: "bound" | "used" | "declared", node: Located & { readonly kind: string }) => void;

/**
 * Goes through the names of one scope in the order of the text. The tree is plain data, so its members are gone through
 * as they are; functions, classes and comprehensions inside have scopes of their own.
 */
function walk(node: unknown, take: Take, isTarget = false): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node as readonly unknown[]) walk(item, take, isTarget);
    return;
  }
  // SAFETY: an object of the tree.
  const part = node as Record<string, unknown> & Located & { readonly kind: string };
  const rest = (...skipped: readonly string[]): void => {
    for (const member in part) if (!skipped.includes(member)) walk(part[member], take);
  };
  const bind = (name: unknown): void => {
    if (typeof name === "string") take(name, "bound", part);
  };
  switch (part.kind) {
    case "name":
      take(String(part["id"]), isTarget ? "bound" : "used", part);
      return;
    case "tuple":
    case "list":
    case "starred":
      walk(part["elements"] ?? part["value"], take, isTarget);
      return;
    case "assign":
    case "annotated":
    case "augmented":
      walk(part["value"], take);
      walk(part["annotation"], take);
      walk(part["targets"] ?? part["target"], take, true);
      return;
    case "named":
    case "delete":
      walk(part["value"], take);
      walk(part["targets"] ?? part["target"], take, true);
      return;
    case "for":
      walk(part["iterable"], take);
      walk(part["target"], take, true);
      rest("iterable", "target");
      return;
    case "with":
      for (const item of part["items"] as readonly { readonly context: unknown; readonly target?: unknown }[]) {
        walk(item.context, take);
        walk(item.target, take, true);
      }
      walk(part["body"], take);
      return;
    case "import":
      for (const { path, as } of part["names"] as readonly { readonly path: readonly string[]; readonly as?: string }[])
        bind(as ?? path[0]);
      return;
    case "import-from":
      for (const { name, as } of part["names"] as readonly { readonly name: string; readonly as?: string }[])
        bind(as ?? name);
      return;
    case "global":
    case "nonlocal":
      for (const name of part["names"] as readonly string[]) take(name, "declared", part);
      return;
    case "function":
    case "class":
      walk(part["decorators"], take);
      bind(part["name"]);
      return;
    case "broken":
      for (const name of part["names"] as readonly string[]) bind(name);
      return;
    case "lambda":
      return;
    case "comprehension":
      comprehension(part, take);
      return;
    case "capture":
    case "star":
    case "as":
      bind(part["name"]);
      rest("name");
      return;
    case "mapping":
      rest("rest");
      bind(part["rest"]);
      return;
    default:
      // A handler of a `try` has a name and no kind.
      if (!("kind" in part) && "body" in part) bind(part["name"]);
      rest();
  }
}

/** Its first list is evaluated outside of it, and a `:=` in it binds there. */
function comprehension(part: Record<string, unknown>, take: Take): void {
  const clauses = part["clauses"] as readonly { readonly iterable: unknown }[];
  walk(clauses[0]?.iterable, take);
  const own: Take = (name, place, node) => {
    if (place === "bound") take(name, place, node);
  };
  const walrus = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { kind, target } = node as { readonly kind?: unknown; readonly target?: unknown };
    if (kind === "lambda") return;
    if (kind === "named") walk(target, own, true);
    for (const inner of Object.values(node)) walrus(inner);
  };
  walrus([part["element"], part["value"], clauses]);
}
