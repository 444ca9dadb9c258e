import { type Context, report, spanOf } from "./context.ts";
import { importedName, type Module } from "./modules.ts";
import { ts } from "./syntax.ts";

const definers = new Set(["component", "pipeline", "container", "yaml"]);
/** Of "millrace": what has a meaning in a pipeline, and none where a body runs. */
const ofPipelines = new Set([...definers, "importer", "parallel", "volumeClaim", "deleteVolumeClaim", "run"]);

/**
 * Complains of steps in a body that runs: there a component is no function, and the run's facts are not known.
 * Names that the body itself declares are its own.
 */
export function checkBodyCalls(body: ts.Node, module: Module, context: Context): void {
  const own = new Set<string>();
  const used: ts.Identifier[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const declares =
        (ts.isVariableDeclaration(parent) ||
          ts.isParameter(parent) ||
          ts.isBindingElement(parent) ||
          ts.isFunctionDeclaration(parent) ||
          ts.isClassDeclaration(parent)) &&
        parent.name === node;
      const isMember =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isPropertyAssignment(parent) && parent.name === node) ||
        (ts.isBindingElement(parent) && parent.propertyName === node);
      if (declares) own.add(node.text);
      else if (!isMember) used.push(node);
    }
    ts.forEachChild(node, walk);
  };
  walk(body);
  const ofModule = componentsOf(module);
  for (const node of used) {
    const name = node.text;
    if (own.has(name)) continue;
    const ours = importedName(module, name);
    if (ofModule.has(name)) {
      if (ts.isCallExpression(node.parent) && node.parent.expression === node)
        report(
          context,
          "step-in-body",
          spanOf(node, module),
          "Call it in a pipeline, or let both bodies call a plain function.",
          `The component "${name}"`,
        );
    } else if (ours !== undefined && ofPipelines.has(ours))
      report(context, "step-in-body", spanOf(node, module), "Give its value as an input.", `\`${ours}\``);
  }
}

const known = new WeakMap<ts.SourceFile, ReadonlySet<string>>();

/** Names of the module that hold components: made here, or imported from Python or YAML. */
function componentsOf(module: Module): ReadonlySet<string> {
  const before = known.get(module.file);
  if (before) return before;
  const names = new Set<string>();
  known.set(module.file, names);
  for (const [name, { from }] of module.imports) if (/\.(py|ya?ml)$/.test(from)) names.add(name);
  for (const statement of module.file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations)
      if (
        ts.isIdentifier(name) &&
        initializer &&
        ts.isCallExpression(initializer) &&
        ts.isIdentifier(initializer.expression) &&
        definers.has(importedName(module, initializer.expression.text) ?? "")
      )
        names.add(name.text);
  }
  return names;
}
