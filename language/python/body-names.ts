/** Names that a component's code uses and that will not be there when it runs alone in its container. */
import type { Located } from "./syntax.ts";
import type { FunctionValue } from "./values.ts";

/** Where the function's code first uses each name that it does not bind itself: parameters' types and defaults, too. */
export function freeNames(target: FunctionValue): ReadonlyMap<string, Located> {
  const uses = new Map<string, Located>();
  if (target.body.kind === "lambda") return uses;
  const { parameters, returns, body } = target.body;
  const bound = new Set<string>();
  const code = [parameters, returns, body];
  for (const part of code) bind(part, bound);
  for (const part of code) use(part, bound, uses);
  return uses;
}

/**
 * Every name that is bound anywhere in a piece of code, whatever the scope: who asks wants to be sure of what is not.
 * The tree is plain data, so its members are gone through as they are.
 */
function bind(node: unknown, into: Set<string>): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) bind(item, into);
    return;
  }
  const kind = "kind" in node ? node.kind : undefined;
  const name = "name" in node && typeof node.name === "string" ? node.name : undefined;
  // Parameters have a form; the handlers of a `try` have neither.
  if (name !== undefined && (kind === undefined || (typeof kind === "string" && binders.has(kind)))) into.add(name);
  if ("as" in node && typeof node.as === "string") into.add(node.as);
  if ("rest" in node && typeof node.rest === "string") into.add(node.rest);
  if ("target" in node) targets(node.target, into);
  if (kind === "assign" && "targets" in node) targets(node.targets, into);
  if (kind === "import" && "names" in node && Array.isArray(node.names))
    for (const one of node.names as readonly unknown[])
      if (typeof one === "object" && one !== null && "path" in one && Array.isArray(one.path))
        into.add(String(one.path[0]));
  if ((kind === "global" || kind === "nonlocal") && "names" in node && Array.isArray(node.names))
    for (const one of node.names) into.add(String(one));
  for (const value of Object.values(node)) bind(value, into);
}

const binders = new Set(["function", "class", "capture", "as", "star", "named"]);

/** The names in what is assigned to; a member or an item of something binds none. */
function targets(node: unknown, into: Set<string>): void {
  if (Array.isArray(node)) for (const item of node) targets(item, into);
  else if (typeof node === "string") into.add(node);
  else if (typeof node === "object" && node !== null && "kind" in node) {
    if (node.kind === "name" && "id" in node) into.add(String(node.id));
    if ("elements" in node) targets(node.elements, into);
    if (node.kind === "starred" && "value" in node) targets(node.value, into);
  }
}

function use(node: unknown, bound: ReadonlySet<string>, into: Map<string, Located>): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) use(item, bound, into);
    return;
  }
  if ("kind" in node && node.kind === "name" && "id" in node && "start" in node && "end" in node) {
    const name = String(node.id);
    if (!bound.has(name) && !into.has(name)) into.set(name, { start: Number(node.start), end: Number(node.end) });
    return;
  }
  for (const [member, value] of Object.entries(node)) {
    // Types of local variables are never evaluated.
    if (member === "annotation" && "kind" in node && node.kind === "annotated") continue;
    use(value, bound, into);
  }
}
