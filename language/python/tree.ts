/** Ways through a syntax tree for who looks for a place in it, not for what it does. */
import type { Argument, Expression, FunctionDefinition, Located, Module, Parameter, Statement } from "./syntax.ts";

export type TreeNode = Expression | Statement | Argument | Parameter;

/** The nodes around an offset, outermost first. An offset between two neighbours belongs to the second. */
export function nodesAround(module: Module, offset: number): readonly TreeNode[] {
  const chain: TreeNode[] = [];
  for (let at: object = module; ; ) {
    const around = childrenOf(at).filter(({ start, end }) => start <= offset && offset <= end);
    const next = around.findLast(({ end }) => offset < end) ?? around.at(-1);
    if (next === undefined) return chain;
    chain.push(next);
    at = next;
  }
}

/** Every node of a tree, parents before their children. A node that answers false keeps its children to itself. */
export function visit(root: object, enter: (node: TreeNode) => unknown): void {
  for (const child of childrenOf(root)) if (enter(child) !== false) visit(child, enter);
}

/** The functions of a module, nested ones and methods too. */
export function functionsOf(module: Module): readonly FunctionDefinition[] {
  return perStatement(module, functions, (node) => isKind(node, "function"));
}

type Mention = Extract<TreeNode, { kind: "name" | "attribute" | "subscript" | "call" | "import-from" }>;

/** Where a module names something, parents before their children. */
export function mentionsOf(module: Module): readonly Mention[] {
  return perStatement(
    module,
    mentions,
    (node) =>
      isKind(node, "name") ||
      isKind(node, "attribute") ||
      isKind(node, "subscript") ||
      isKind(node, "call") ||
      isKind(node, "import-from"),
  );
}

// A statement that an edit does not touch is the same in the next tree.
const functions = new WeakMap<Statement, readonly FunctionDefinition[]>();
const mentions = new WeakMap<Statement, readonly Mention[]>();

function perStatement<N extends TreeNode>(
  { body }: Module,
  known: WeakMap<Statement, readonly N[]>,
  is: (node: TreeNode) => node is N,
): readonly N[] {
  return body.flatMap((statement) => {
    const before = known.get(statement);
    if (before) return before;
    const found: N[] = [];
    visit({ statement }, (node) => {
      if (is(node)) found.push(node);
    });
    known.set(statement, found);
    return found;
  });
}

/** Where the body of a function reads or sets a parameter; functions inside that have a name like it are left out. */
export function usesOf(definition: FunctionDefinition, name: string): readonly Located[] {
  const uses: Located[] = [];
  const enter = (node: TreeNode): boolean => {
    if (!("kind" in node)) return true;
    if (node.kind === "name" && node.id === name) uses.push(node);
    if (node.kind === "function" || node.kind === "lambda") {
      if (!binds(node, name)) return true;
      for (const { defaultValue } of node.parameters) if (defaultValue) enterAll(defaultValue);
      return false;
    }
    if (node.kind !== "comprehension" || !node.clauses.some(({ target }) => namesIn(target).includes(name)))
      return true;
    // The first list is evaluated outside of the comprehension.
    const [first] = node.clauses;
    if (first) enterAll(first.iterable);
    return false;
  };
  const enterAll = (node: TreeNode): void => {
    if (enter(node)) visit(node, enter);
  };
  for (const statement of definition.body) enterAll(statement);
  return uses;
}

function binds(node: Extract<TreeNode, { kind: "function" | "lambda" }>, name: string): boolean {
  if (node.parameters.some((parameter) => parameter.name === name)) return true;
  if (node.kind === "lambda") return false;
  const own: string[] = [];
  const shared: string[] = [];
  visit({ body: node.body }, (inner) => {
    if (!("kind" in inner)) return true;
    if (inner.kind === "function" || inner.kind === "class") {
      own.push(inner.name);
      return false;
    }
    if (inner.kind === "nonlocal" || inner.kind === "global") shared.push(...inner.names);
    if (inner.kind === "assign") own.push(...inner.targets.flatMap(namesIn));
    if (inner.kind === "for" || inner.kind === "annotated") own.push(...namesIn(inner.target));
    return true;
  });
  return own.includes(name) && !shared.includes(name);
}

function namesIn(target: Expression): readonly string[] {
  switch (target.kind) {
    case "name":
      return [target.id];
    case "tuple":
    case "list":
      return target.elements.flatMap(namesIn);
    case "starred":
      return namesIn(target.value);
    default:
      return [];
  }
}

export function isKind<K extends (Expression | Statement)["kind"]>(
  node: TreeNode | undefined,
  kind: K,
): node is Extract<Expression | Statement, { kind: K }> {
  return node !== undefined && "kind" in node && node.kind === kind;
}

/** The nodes right below one. The tree is plain data: its members are what it is made of. */
function childrenOf(node: object): readonly TreeNode[] {
  const found: TreeNode[] = [];
  const gather = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) for (const item of value) gather(item);
    else if (isNode(value)) found.push(value);
    else for (const inner of Object.values(value)) gather(inner);
  };
  for (const value of Object.values(node)) gather(value);
  return found;
}

/** The names of an import have a place but are no nodes of their own. */
function isNode(value: object): value is TreeNode {
  return "start" in value && "end" in value && ("kind" in value || "form" in value);
}
