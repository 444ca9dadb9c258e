/** Code of a TypeScript pipeline, or a function beside it, made into a component. */
import type { ValueType } from "../../graph/model.ts";
import { importedName } from "../../typescript/modules.ts";
import { ts } from "../../typescript/syntax.ts";
import type { Edit } from "../fixes.ts";
import { importEdit } from "./imports.ts";
import { bodyOf, nodesAround, pipelineAt, type Reading, stepOf, valuesBefore } from "./reading.ts";
import type { Rewrite } from "./step-actions.ts";
import { typeWord } from "./type-words.ts";

interface Place {
  readonly start: number;
  readonly end: number;
}

/** What of a place can be made into a component: a function of the module, statements of a pipeline, an expression. */
export function extractions(reading: Reading, place: Place): readonly Rewrite[] {
  const made = [
    functionIntoComponent(reading, place),
    statementsIntoComponent(reading, place),
    expressionIntoComponent(reading, place),
  ];
  return made.filter((each) => each !== undefined);
}

// ── A function of the module ────────────────────────────────────────────────

interface Declared {
  readonly name: ts.Identifier;
  readonly statement: ts.Statement;
  readonly node: ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression;
}

/** `function clean(rows: number): number {…}` → a component of that name; its calls in pipelines give inputs by name. */
function functionIntoComponent(reading: Reading, { start, end }: Place): Rewrite | undefined {
  const { file, path, text } = reading;
  const declared = file.statements
    .map(declaredFunction)
    .find((each) => each && start >= each.name.getStart() && end <= each.name.end);
  if (!declared || declared.node.typeParameters || declared.node.asteriskToken) return undefined;
  const { node, name, statement } = declared;
  const parameters = node.parameters.map(({ name: own, type, initializer, questionToken, dotDotDotToken }) =>
    ts.isIdentifier(own) && !dotDotDotToken && (type ?? initializer)
      ? {
          name: own.text,
          type: type ? type.getText() : literalType(initializer),
          optional: questionToken !== undefined || initializer !== undefined,
          fallback: initializer?.getText(),
        }
      : undefined,
  );
  if (!node.body || parameters.some((each) => each?.type === undefined)) return undefined;
  const inputs = parameters.filter((each) => each !== undefined);
  const bound = inputs.map((each) => (each.fallback === undefined ? each.name : `${each.name} = ${each.fallback}`));
  const types = inputs.map((each) => `${each.name}${each.optional ? "?" : ""}: ${each.type ?? "string"}`);
  const argument = inputs.length === 0 ? "()" : `({ ${bound.join(", ")} }: { ${types.join("; ")} })`;
  const isAsync = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ? "async " : "";
  const result = node.type ? `: ${node.type.getText()}` : "";
  const body = text.slice(node.body.getStart(), node.body.end);
  const written = `export const ${name.text} = component({}, ${isAsync}${argument}${result} => ${body});`;
  const calls = callsOf(reading, name.text);
  // Calls in bodies of components stay calls of a function.
  if (calls.length > 0 && !calls.every((call) => pipelineAt(reading, call.getStart()))) return undefined;
  const edits: Edit[] = [
    { span: { path, start: statement.getStart(), end: statement.end }, text: written },
    ...calls.flatMap((call) =>
      byName(
        reading,
        call,
        inputs.map((each) => each.name),
        result,
      ),
    ),
  ];
  return finished(reading, `Make ${name.text} a component`, edits);
}

function declaredFunction(statement: ts.Statement): Declared | undefined {
  if (ts.isFunctionDeclaration(statement) && statement.name)
    return { name: statement.name, statement, node: statement };
  if (!ts.isVariableStatement(statement)) return undefined;
  const [declaration, ...more] = statement.declarationList.declarations;
  if (!declaration || more.length > 0 || !ts.isIdentifier(declaration.name)) return undefined;
  const { initializer, name } = declaration;
  return initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))
    ? { name, statement, node: initializer }
    : undefined;
}

function literalType(node: ts.Expression | undefined): string | undefined {
  if (!node) return undefined;
  if (ts.isStringLiteralLike(node)) return "string";
  if (ts.isNumericLiteral(node)) return /[.e]/i.test(node.text) ? "number" : "Int";
  return node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword ? "boolean" : undefined;
}

function callsOf({ file }: Reading, name: string): readonly ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name)
      calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return calls;
}

/** `clean(rows, 2)` → `clean({ rows, times: 2 }).output` */
function byName({ path, text }: Reading, call: ts.CallExpression, names: readonly string[], result: string): Edit[] {
  const given = call.arguments.map((each, index) => {
    const name = names[index] ?? each.getText();
    return each.getText() === name ? name : `${name}: ${each.getText()}`;
  });
  const start = call.expression.end;
  const isUsed = !ts.isExpressionStatement(call.parent);
  const output = isUsed && !/^: (?:Promise<)?(?:void|undefined)\b/.test(result) ? ".output" : "";
  const inside = given.length === 0 ? "" : `{ ${given.join(", ")} }`;
  return text.slice(start, call.end) === `(${inside})` && output === ""
    ? []
    : [{ span: { path, start, end: call.end }, text: `(${inside})${output}` }];
}

// ── Statements of a pipeline ────────────────────────────────────────────────

/** Selected statements of a pipeline's body: what they use comes in, what is used behind them goes out. */
function statementsIntoComponent(reading: Reading, { start, end }: Place): Rewrite | undefined {
  if (start === end) return undefined;
  const { path, text } = reading;
  const definition = pipelineAt(reading, start);
  const block = nodesAround(reading.file, start, end).findLast(ts.isBlock);
  if (!definition || !block || !bodyOf(reading, definition)) return undefined;
  const selected = block.statements.filter((each) => each.getStart() >= start && each.end <= end);
  const [first] = selected;
  const last = selected.at(-1);
  if (!first || !last || text.slice(start, first.getStart()).trim() !== "" || text.slice(last.end, end).trim() !== "")
    return undefined;
  if (selected.some((each) => hasStep(reading, each) || leaves(each))) return undefined;
  const inputs = usedOf(reading, selected, first.getStart());
  const declared = selected.flatMap(namesOf);
  const rest = block.statements.filter((each) => each.getStart() > last.end);
  const outputs = declared.filter((name) => rest.some((each) => uses(each, name)));
  if (!inputs) return undefined;
  const name = freeName(reading, outputs.length > 0 ? `make${capital(outputs[0] ?? "")}` : "doStep");
  const indent = "  ";
  const body = text.slice(first.getStart(), last.end).replaceAll(/^[ \t]+/gm, indent);
  const given = outputs.length > 0 ? `\n${indent}return { ${outputs.join(", ")} };` : "";
  const component = `export const ${name} = component({}, ${inputs.parameter} => {\n${indent}${body}${given}\n});\n\n`;
  const result = outputs.length > 0 ? `const { ${outputs.join(", ")} } = ` : "";
  return finished(reading, "Extract a component", [
    { span: { path, start: definition.span.start, end: definition.span.start }, text: component },
    { span: { path, start: first.getStart(), end: last.end }, text: `${result}${name}(${inputs.argument});` },
  ]);
}

/** An expression that only a body can compute: its value becomes the step's output. */
function expressionIntoComponent(reading: Reading, { start, end }: Place): Rewrite | undefined {
  if (start === end) return undefined;
  const { path, text } = reading;
  const definition = pipelineAt(reading, start);
  const node = nodesAround(reading.file, start, end).findLast(
    (each): each is ts.Expression => ts.isExpression(each) && each.getStart() === start && each.end === end,
  );
  const isCalled = node && ts.isCallExpression(node.parent) && node.parent.expression === node;
  if (!definition || !node || isCalled || ts.isObjectLiteralExpression(node) || hasStep(reading, node))
    return undefined;
  if (ts.isIdentifier(node) || ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return undefined;
  const inputs = usedOf(reading, [node], start);
  if (!inputs || inputs.argument === "") return undefined;
  const holder = node.parent;
  const wanted = ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name) ? holder.name.text : "value";
  const name = freeName(reading, `compute${capital(wanted)}`);
  const component = `export const ${name} = component({}, ${inputs.parameter} => ${text.slice(start, end)});\n\n`;
  return finished(reading, "Compute it in a component", [
    { span: { path, start: definition.span.start, end: definition.span.start }, text: component },
    { span: { path, start, end }, text: `${name}(${inputs.argument}).output` },
  ]);
}

/** What nodes use of the values before them, as a component's parameter and as a call's argument. Undefined: of a type that cannot be told. */
function usedOf(
  reading: Reading,
  nodes: readonly ts.Node[],
  offset: number,
): { readonly parameter: string; readonly argument: string } | undefined {
  const values = valuesBefore(reading, offset);
  const byRoot = new Map<string, typeof values>();
  for (const value of values) {
    const root = value.text.split(".")[0] ?? "";
    byRoot.set(root, [...(byRoot.get(root) ?? []), value]);
  }
  const inputs = new Map<string, { readonly type: ValueType; readonly given: string }>();
  const locals = localsOf(reading, offset);
  const untold: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isValue(node)) {
      const direct = byRoot.get(node.text);
      if (direct) {
        const value = direct.findLast(({ text }) => text === node.text);
        // `loaded.rows` would need the step itself.
        if (value) inputs.set(node.text, { type: value.type, given: node.text });
        else untold.push(node.text);
      } else if (locals.has(node.text) && !nodes.some((each) => namesOf(each).includes(node.text)))
        untold.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  for (const each of nodes) visit(each);
  const typed = [...inputs].map(([name, { type }]) => [name, typeWord(type)] as const);
  if (untold.length > 0 || typed.some(([, type]) => type === undefined)) return undefined;
  const names = [...inputs.keys()];
  return {
    parameter:
      names.length === 0
        ? "()"
        : `({ ${names.join(", ")} }: { ${typed.map(([name, type]) => `${name}: ${type}`).join("; ")} })`,
    argument: names.length === 0 ? "" : `{ ${names.join(", ")} }`,
  };
}

/** Whether an identifier is a value that is used, not a member's name. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isVariableDeclaration(parent) || ts.isBindingElement(parent) || ts.isParameter(parent))
    return parent.initializer === node;
  return !ts.isTypeReferenceNode(parent);
}

/** Names that are declared in the pipeline's body around an offset. */
function localsOf({ file }: Reading, offset: number): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodesAround(file, offset)) {
    if (ts.isBlock(node)) for (const each of node.statements) for (const name of namesOf(each)) names.add(name);
    if (ts.isForOfStatement(node)) for (const name of namesOf(node.initializer)) names.add(name);
    if (ts.isFunctionLike(node))
      for (const { name } of node.parameters) for (const each of boundNames(name)) names.add(each);
  }
  return names;
}

function namesOf(node: ts.Node): readonly string[] {
  if (ts.isVariableStatement(node)) return namesOf(node.declarationList);
  if (ts.isVariableDeclarationList(node)) return node.declarations.flatMap(({ name }) => boundNames(name));
  return ts.isFunctionDeclaration(node) && node.name ? [node.name.text] : [];
}

function boundNames(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((each) => (ts.isBindingElement(each) ? boundNames(each.name) : []));
}

function uses(node: ts.Node, name: string): boolean {
  if (ts.isIdentifier(node) && node.text === name && (isValue(node) || ts.isShorthandPropertyAssignment(node.parent)))
    return true;
  return ts.forEachChild(node, (child) => uses(child, name) || undefined) ?? false;
}

function hasStep(reading: Reading, node: ts.Node): boolean {
  if (ts.isCallExpression(node) && stepOf(reading, node)) return true;
  return ts.forEachChild(node, (child) => hasStep(reading, child) || undefined) ?? false;
}

/** Whether a statement leaves what it is in. */
function leaves(node: ts.Node): boolean {
  if (ts.isReturnStatement(node) || ts.isBreakOrContinueStatement(node)) return true;
  if (ts.isFunctionLike(node)) return false;
  return ts.forEachChild(node, (child) => leaves(child) || undefined) ?? false;
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function freeName({ file, text }: Reading, wanted: string): string {
  const isTaken = (name: string) => new RegExp(`\\b${name}\\b`).test(text);
  if (file.statements.length === 0 || !isTaken(wanted)) return wanted;
  for (let i = 2; ; i++) if (!isTaken(`${wanted}${i}`)) return `${wanted}${i}`;
}

/** With the imports that what was written needs. */
function finished(reading: Reading, title: string, edits: readonly Edit[]): Rewrite {
  const written = edits.map(({ text }) => text).join("\n");
  const needed = new Set([
    "component",
    ...(written.match(
      /\b(?:Int|Dataset|Model|Metrics|Artifact|HTML|Markdown|ClassificationMetrics|SlicedClassificationMetrics)\b/g,
    ) ?? []),
  ]);
  const missing = [...needed].filter((name) => importedName(reading.module, name) === undefined);
  const added = importEdit(
    reading,
    "millrace",
    ...missing.map((name) => (name === "component" ? name : `type ${name}`)),
  );
  return { title, edits: added ? [...edits, added] : edits };
}
