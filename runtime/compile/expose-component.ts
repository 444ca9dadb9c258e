import type { ts } from "../../language/typescript/syntax.ts";

/** What "millrace" has to define something that a body never calls. */
const definers = new Set(["component", "pipeline", "container", "yaml"]);

/**
 * A module as the bundler of one component takes it: other components and pipelines
 * are blanked out, so that nothing of theirs comes along, and the wanted one is
 * exported as `made`. Every line stays where it is.
 */
export async function exposeComponent(
  path: string,
  source: string,
  wanted: { readonly symbol: string } | undefined,
): Promise<string> {
  if (!source.includes("millrace")) return source;
  const syntax = await import("../../language/typescript/syntax.ts");
  const file = syntax.ts.createSourceFile(path, source, syntax.ts.ScriptTarget.Latest, false);
  let exposed = source;
  for (const { name, call } of definitions(syntax.ts, file).reverse()) {
    if (name === wanted?.symbol) continue;
    const start = call.getStart(file);
    exposed = exposed.slice(0, start) + blank(exposed.slice(start, call.end)) + exposed.slice(call.end);
  }
  return wanted ? `${exposed}\nexport { ${wanted.symbol} as made };\n` : exposed;
}

/** Nothing, in as many lines. */
function blank(text: string): string {
  return `undefined${text.replace(/[^\r\n]+/g, "")}`;
}

function definitions(syntax: typeof ts, file: ts.SourceFile): { name: string; call: ts.CallExpression }[] {
  const names = definerNames(syntax, file);
  const found: { name: string; call: ts.CallExpression }[] = [];
  const add = (name: string, made: ts.Expression | undefined) => {
    if (made && syntax.isCallExpression(made) && names.has(made.expression.getText(file)))
      found.push({ name, call: made });
  };
  for (const statement of file.statements) {
    if (syntax.isExportAssignment(statement)) add("default", statement.expression);
    if (!syntax.isVariableStatement(statement)) continue;
    for (const each of statement.declarationList.declarations) add(each.name.getText(file), each.initializer);
  }
  return found;
}

/** The definers as this file writes them: `component`, `defineComponent`, `millrace.component`. */
function definerNames(syntax: typeof ts, file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (!syntax.isImportDeclaration(statement) || !syntax.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (statement.moduleSpecifier.text !== "millrace" || !bindings) continue;
    if (syntax.isNamespaceImport(bindings))
      for (const definer of definers) names.add(`${bindings.name.text}.${definer}`);
    else {
      for (const each of bindings.elements) {
        if (definers.has((each.propertyName ?? each.name).text)) names.add(each.name.text);
      }
    }
  }
  return names;
}
