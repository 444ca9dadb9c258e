/** What a component's body returns → its outputs, from the annotation or from what the code plainly shows. */
import type { OutputDefinition, ParameterValueType, ValueType } from "../graph/model.ts";
import type { ParameterType } from "../spec/types.ts";
import { type Context, report, spanOf } from "./context.ts";
import { isScript, type ModuleNames, moduleOf, readModule, resolveModule } from "./modules.ts";
import type { Scope } from "./scope.ts";
import { type BodyFunction, membersOf, memberType, valueType } from "./signature.ts";
import { ts } from "./syntax.ts";

/** The name that the SDK gives the one output of a bare value. */
export const bareOutput = "Output";

export function returnedOutputs(body: BodyFunction, scope: Scope, context: Context): OutputDefinition[] {
  const module = moduleOf(context.session, scope.path);
  if (body.type) return annotated(body.type, module, context);
  const outputs: OutputDefinition[] = [];
  for (const expression of returnedExpressions(body)) {
    const object = unwrap(expression);
    const members = ts.isObjectLiteralExpression(object)
      ? object.properties.flatMap((each) => memberOf(each))
      : [{ name: bareOutput, value: expression }];
    for (const { name, value } of members) {
      if (outputs.some((each) => each.name === name)) continue;
      const type = inferred(value, body, module, context, 0);
      const span = spanOf(value, scope);
      if (type) outputs.push({ name, type, span });
      else if (value !== body.body || !givesNothing(object, module, context, 0))
        report(context, "output-type-unknown", span, hintFor(name), name);
    }
  }
  return outputs;
}

function hintFor(name: string): string {
  const type = name === bareOutput ? "number" : `{ ${name}: number }`;
  const nothing = name === bareOutput ? ", or `(…): void => …`" : "";
  return `Write what the body returns: \`(…): ${type} => …\`, with \`async\` \`Promise<${type}>\`${nothing}.`;
}

/** Functions and methods that are called for what they do. */
const doing =
  /^(?:console\.\w+|process\.(?:std(?:out|err)\.write|exit)|(?:fs\.)?(?:write|append|copy|rm|rename|mkdir|unlink)\w*|.*\.(?:write|log(?:Metric|Roc|Confusion)\w*|setConfusion\w*|forEach))$/s;

/** Whether `() => doIt()` plainly gives nothing: only the declaration of `doIt` can tell. */
function givesNothing(node: ts.Expression, module: ModuleNames, context: Context, depth: number): boolean {
  if (ts.isAwaitExpression(node) || ts.isParenthesizedExpression(node))
    return givesNothing(node.expression, module, context, depth);
  if (ts.isVoidExpression(node) || node.getText() === "undefined") return true;
  if (!ts.isCallExpression(node) || depth > 20) return false;
  const called = functionNamed(node.expression, module, context, depth);
  if (!called) return doing.test(node.expression.getText());
  const { type, body } = called.node;
  if (type) return /^(?:Promise<\s*)?(?:void|undefined|never)\b/.test(type.getText());
  if (!body) return false;
  if (!ts.isBlock(body)) return givesNothing(body, called.module, context, depth + 1);
  return returnedExpressions(called.node).length === 0;
}

/** A function of the module, or of a local one that it is imported from. */
function functionNamed(
  called: ts.Expression,
  module: ModuleNames,
  context: Context,
  depth: number,
): { node: BodyFunction | ts.FunctionDeclaration; module: ModuleNames } | undefined {
  if (!ts.isIdentifier(called) || depth > 20) return undefined;
  const name = module.exports.get(called.text) ?? called.text;
  for (const statement of module.file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === name) return { node: statement, module };
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name: own, initializer } of statement.declarationList.declarations)
      if (
        ts.isIdentifier(own) &&
        own.text === name &&
        initializer &&
        (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))
      )
        return { node: initializer, module };
  }
  const from = module.imports.get(called.text);
  const { files } = context.session;
  const path = from?.name === undefined ? undefined : resolveModule(files, module.path, from.from);
  const text = path === undefined || !isScript(path) ? undefined : files.read(path);
  if (path === undefined || text === undefined || from?.name === undefined) return undefined;
  const home = context.session.modules.get(path) ?? readModule(path, text);
  const identifier = ts.factory.createIdentifier(home.exports.get(from.name) ?? from.name);
  return functionNamed(identifier, home, context, depth + 1);
}

function annotated(node: ts.TypeNode, module: ModuleNames, context: Context): OutputDefinition[] {
  const inner = ts.isTypeReferenceNode(node) && node.typeName.getText() === "Promise" ? node.typeArguments?.[0] : node;
  if (!inner || inner.kind === ts.SyntaxKind.VoidKeyword || inner.kind === ts.SyntaxKind.UndefinedKeyword) return [];
  const type = memberType(inner, module, context);
  if (!type) return [];
  // An object is several outputs; a map of unknown names can only be one.
  const isNamed =
    type.type.kind === "parameter" && type.type.type === "STRUCT" && !inner.getText().startsWith("Record");
  if (!isNamed) return [{ name: bareOutput, type: type.type, span: spanOf(inner, module) }];
  return (membersOf(inner, module, context) ?? []).flatMap(({ name, node: member, module: home, span }) => {
    const of = member && valueType(member, home, context);
    return of ? [{ name, type: of, span: spanOf(span.node, home) }] : [];
  });
}

function memberOf(node: ts.ObjectLiteralElementLike): { name: string; value: ts.Expression }[] {
  if (ts.isShorthandPropertyAssignment(node)) return [{ name: node.name.text, value: node.name }];
  if (!ts.isPropertyAssignment(node) || ts.isComputedPropertyName(node.name)) return [];
  return [{ name: node.name.text, value: node.initializer }];
}

function returnedExpressions(body: Pick<BodyFunction, "body">): ts.Expression[] {
  if (!body.body) return [];
  if (!ts.isBlock(body.body)) return [body.body];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression) found.push(node.expression);
    if (!ts.isFunctionLike(node) && !ts.isClassLike(node)) ts.forEachChild(node, visit);
  };
  ts.forEachChild(body.body, visit);
  return found;
}

function unwrap(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node) ? unwrap(node.expression) : node;
}

const parameter = (type: ParameterType): ParameterValueType => ({ kind: "parameter", type });

/** The type of an expression where its syntax shows it. */
function inferred(
  node: ts.Expression,
  body: BodyFunction,
  module: ModuleNames,
  context: Context,
  depth: number,
): ValueType | undefined {
  if (depth > 20) return undefined;
  const of = (each: ts.Expression) => inferred(each, body, module, context, depth + 1);
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) {
    return node.type.getText() === "const" ? of(node.expression) : valueType(node.type, module, context, 1);
  }
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAwaitExpression(node))
    return of(node.expression);
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || ts.isTypeOfExpression(node))
    return parameter("STRING");
  if (ts.isNumericLiteral(node)) return parameter("NUMBER_DOUBLE");
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) return parameter("BOOLEAN");
  if (ts.isArrayLiteralExpression(node)) return parameter("LIST");
  if (ts.isObjectLiteralExpression(node)) return parameter("STRUCT");
  if (ts.isConditionalExpression(node)) return of(node.whenTrue) ?? of(node.whenFalse);
  if (ts.isPrefixUnaryExpression(node))
    return parameter(node.operator === ts.SyntaxKind.ExclamationToken ? "BOOLEAN" : "NUMBER_DOUBLE");
  if (ts.isBinaryExpression(node)) return ofOperator(node.operatorToken.kind, of(node.left), of(node.right));
  if (ts.isPropertyAccessExpression(node))
    return ["length", "size", "byteLength"].includes(node.name.text) ? parameter("NUMBER_DOUBLE") : undefined;
  if (ts.isCallExpression(node)) return ofCall(node, of, module, context);
  return ts.isIdentifier(node) ? ofName(node.text, body, module, context, of) : undefined;
}

function ofOperator(
  operator: ts.SyntaxKind,
  left: ValueType | undefined,
  right: ValueType | undefined,
): ValueType | undefined {
  switch (operator) {
    case ts.SyntaxKind.PlusToken: {
      const isText = (type: ValueType | undefined) => type?.kind === "parameter" && type.type === "STRING";
      return isText(left) || isText(right)
        ? parameter("STRING")
        : left && right
          ? parameter("NUMBER_DOUBLE")
          : undefined;
    }
    case ts.SyntaxKind.MinusToken:
    case ts.SyntaxKind.AsteriskToken:
    case ts.SyntaxKind.SlashToken:
    case ts.SyntaxKind.PercentToken:
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return parameter("NUMBER_DOUBLE");
    case ts.SyntaxKind.BarBarToken:
    case ts.SyntaxKind.QuestionQuestionToken:
    case ts.SyntaxKind.AmpersandAmpersandToken:
      return left ?? right;
    case ts.SyntaxKind.LessThanToken:
    case ts.SyntaxKind.LessThanEqualsToken:
    case ts.SyntaxKind.GreaterThanToken:
    case ts.SyntaxKind.GreaterThanEqualsToken:
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      return parameter("BOOLEAN");
    default:
      return undefined;
  }
}

/** Methods and functions whose result has one type, whatever they are called on. */
const resultTypes: readonly (readonly [ParameterType, ReadonlySet<string>])[] = [
  [
    "STRING",
    names("repeat toFixed toString join trim padStart padEnd toLowerCase toUpperCase replace replaceAll toISOString"),
  ],
  ["LIST", names("map filter sort split flatMap toSorted toReversed")],
  ["BOOLEAN", names("includes startsWith endsWith some every has")],
  ["NUMBER_DOUBLE", names("indexOf findIndex getTime")],
];

const functionTypes: readonly (readonly [ParameterType, ReadonlySet<string>])[] = [
  ["STRING", names("String JSON.stringify")],
  ["LIST", names("Object.keys Object.values Object.entries Array.from")],
  ["BOOLEAN", names("Boolean Array.isArray Number.isInteger existsSync")],
  ["NUMBER_DOUBLE", names("Number parseInt parseFloat Number.parseInt Number.parseFloat Date.now performance.now")],
];

function names(all: string): ReadonlySet<string> {
  return new Set(all.split(" "));
}

function ofCall(
  node: ts.CallExpression,
  of: (node: ts.Expression) => ValueType | undefined,
  module: ModuleNames,
  context: Context,
): ValueType | undefined {
  const called = node.expression.getText();
  if (called.startsWith("Math.")) return parameter("NUMBER_DOUBLE");
  const known = functionTypes.find(([, all]) => all.has(called));
  if (known) return parameter(known[0]);
  if (ts.isPropertyAccessExpression(node.expression)) {
    const { name, expression } = node.expression;
    if (name.text === "slice" || name.text === "concat") return of(expression);
    const result = resultTypes.find(([, all]) => all.has(name.text));
    return result && parameter(result[0]);
  }
  const declared = functionNamed(node.expression, module, context, 0);
  const { type, body } = declared?.node ?? {};
  if (!declared) return undefined;
  // `const five = () => 5`: what it plainly is. A function of its own returns may be several things.
  if (!type) return body && !ts.isBlock(body) && declared.module === module ? of(body) : undefined;
  const inner = ts.isTypeReferenceNode(type) && type.typeName.getText() === "Promise" ? type.typeArguments?.[0] : type;
  return inner && inner.kind !== ts.SyntaxKind.VoidKeyword ? valueType(inner, declared.module, context, 1) : undefined;
}

/** A variable by its annotation or initializer; an input by its declared type. */
function ofName(
  name: string,
  body: BodyFunction,
  module: ModuleNames,
  context: Context,
  of: (node: ts.Expression) => ValueType | undefined,
): ValueType | undefined {
  const [argument] = body.parameters;
  if (argument && ts.isObjectBindingPattern(argument.name)) {
    const element = argument.name.elements.find((each) => each.name.getText() === name);
    const member = element?.propertyName?.getText() ?? name;
    const type =
      element &&
      argument.type &&
      (membersOf(argument.type, module, context) ?? []).find((each) => each.name === member);
    if (type?.node) return valueType(type.node, type.module, context, 1);
  }
  let found: ValueType | undefined;
  const visit = (node: ts.Node): void => {
    if (found) return;
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.name.text === name) {
      found = node.type ? valueType(node.type, module, context, 1) : node.initializer && of(node.initializer);
      return;
    }
    ts.forEachChild(node, visit);
  };
  if (body.body) ts.forEachChild(body.body, visit);
  for (const statement of module.file.statements) if (ts.isVariableStatement(statement)) visit(statement);
  return found;
}
