/** Types of a body's one argument → inputs and outputs, read from their syntax. */
import type { InputDefinition, OutputDefinition, ValueType } from "../graph/model.ts";
import type { ArtifactType, Json, ParameterType } from "../spec/types.ts";
import { type Context, report, spanOf } from "./context.ts";
import { type ModuleNames, type TypeDeclaration, findType, importedName, moduleOf } from "./modules.ts";
import type { Scope } from "./scope.ts";
import { ts } from "./syntax.ts";
import { toJson } from "./values.ts";

export interface Signature {
  readonly inputs: readonly InputDefinition[];
  readonly outputs: readonly OutputDefinition[];
}

export type BodyFunction = ts.ArrowFunction | ts.FunctionExpression | ts.FunctionDeclaration;

/** A type as one member of a signature has it. */
export type MemberType =
  | { readonly direction: "input" | "output"; readonly type: ValueType; readonly optional: boolean }
  /** `OutputPath<T>`: a parameter that a container writes into a file. */
  | { readonly direction: "output-path"; readonly type: ValueType; readonly optional: boolean };

/** Inputs in order of the type's members; outputs only those that the argument names. */
export function readSignature(body: BodyFunction, what: string, scope: Scope, context: Context): Signature {
  const parameter = body.parameters[0];
  const inputs: InputDefinition[] = [];
  const outputs: OutputDefinition[] = [];
  if (!parameter) return { inputs, outputs };
  if (!parameter.type) {
    const hint = "Write it behind the argument: `({ rows }: { rows: Int }) => …`.";
    report(context, "untyped-inputs", spanOf(parameter, scope), hint, what);
  }
  const defaults = defaultsOf(parameter, scope, context);
  const members = parameter.type
    ? membersOf(parameter.type, moduleOf(context.session, scope.path), context)
    : undefined;
  for (const { name, node, module, optional, span } of members ?? []) {
    const member = node && memberType(node, module, context);
    if (!member) continue;
    const described = descriptionOf(span.node);
    const common = {
      name,
      type: member.type,
      span: spanOf(span.node, module),
      ...(described === undefined ? {} : { description: described }),
    };
    if (member.direction !== "input") outputs.push(common);
    else {
      const value = defaults.get(name);
      inputs.push({
        ...common,
        optional: optional || member.optional || defaults.has(name),
        ...(value === undefined || value === null ? {} : { defaultValue: value }),
      });
    }
  }
  return { inputs, outputs };
}

/** Defaults of the destructured argument, by the member's name (not the local one). */
function defaultsOf(parameter: ts.ParameterDeclaration, scope: Scope, context: Context): Map<string, Json | undefined> {
  const defaults = new Map<string, Json | undefined>();
  if (!ts.isObjectBindingPattern(parameter.name)) return defaults;
  for (const element of parameter.name.elements) {
    const name = element.propertyName ?? element.name;
    if (!element.initializer || !(ts.isIdentifier(name) || ts.isStringLiteral(name))) continue;
    const value = context.session.evaluate(element.initializer, scope, context);
    const json = toJson(value);
    if (json === undefined && value.kind !== "unknown" && value.kind !== "constant") {
      report(
        context,
        "wrong-value",
        spanOf(element.initializer, scope),
        undefined,
        "A default",
        "known while compiling",
      );
    }
    defaults.set(name.text, json);
  }
  return defaults;
}

export interface Member {
  readonly name: string;
  readonly node: ts.TypeNode | undefined;
  readonly module: ModuleNames;
  readonly optional: boolean;
  readonly span: { readonly node: ts.Node };
}

/** Members of an object type: a literal, an interface, an alias, an intersection of such. */
export function membersOf(node: ts.TypeNode, module: ModuleNames, context: Context, depth = 0): Member[] | undefined {
  if (depth > 20) return undefined;
  if (ts.isParenthesizedTypeNode(node)) return membersOf(node.type, module, context, depth);
  if (ts.isTypeLiteralNode(node)) return literalMembers(node.members, module);
  if (ts.isIntersectionTypeNode(node)) {
    return node.types.flatMap((each) => membersOf(each, module, context, depth + 1) ?? []);
  }
  if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) {
    const name = node.typeName.text;
    if (name === "Readonly" && node.typeArguments?.[0])
      return membersOf(node.typeArguments[0], module, context, depth + 1);
    const found = findType(context.session, module, name);
    if (found) return declaredMembers(found.node, found.module, context, depth + 1);
  }
  report(
    context,
    "not-a-type",
    spanOf(node, module),
    "Write an object type with one member an input or output.",
    node.getText(),
  );
  return undefined;
}

function declaredMembers(
  node: TypeDeclaration,
  module: ModuleNames,
  context: Context,
  depth: number,
): Member[] | undefined {
  if (ts.isTypeAliasDeclaration(node)) return membersOf(node.type, module, context, depth);
  if (!ts.isInterfaceDeclaration(node) || depth > 20) return undefined;
  const inherited = (node.heritageClauses ?? []).flatMap((clause) =>
    clause.types.flatMap((each) => {
      const base = ts.isIdentifier(each.expression)
        ? findType(context.session, module, each.expression.text)
        : undefined;
      return (base && declaredMembers(base.node, base.module, context, depth + 1)) ?? [];
    }),
  );
  return [...inherited, ...literalMembers(node.members, module)];
}

function literalMembers(members: ts.NodeArray<ts.TypeElement>, module: ModuleNames): Member[] {
  return members.flatMap((member) => {
    if (!ts.isPropertySignature(member) || !(ts.isIdentifier(member.name) || ts.isStringLiteral(member.name)))
      return [];
    return [
      {
        name: member.name.text,
        node: member.type,
        module,
        optional: member.questionToken !== undefined,
        span: { node: member },
      },
    ];
  });
}

function descriptionOf(node: ts.Node): string | undefined {
  const [doc] = ts.getJSDocCommentsAndTags(node);
  if (!doc || !ts.isJSDoc(doc)) return undefined;
  return ts.getTextOfJSDocComment(doc.comment)?.trim() || undefined;
}

/** The type of one member; undefined after a diagnostic. */
export function memberType(node: ts.TypeNode, module: ModuleNames, context: Context): MemberType | undefined {
  if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) {
    const marker = importedName(module, node.typeName.text);
    const inner = node.typeArguments?.[0];
    if (inner && (marker === "Output" || marker === "OutputPath")) {
      const type = valueType(inner, module, context);
      return type && { direction: marker === "Output" ? "output" : "output-path", type, optional: false };
    }
    if (inner && marker === "Input") {
      const type = valueType(inner, module, context);
      return type && { direction: "input", type, optional: false };
    }
  }
  const optional = ts.isUnionTypeNode(node) && node.types.some(isNothing);
  const type = valueType(node, module, context);
  return type && { direction: "input", type, optional };
}

const artifacts = [
  "Artifact",
  "Dataset",
  "Model",
  "Metrics",
  "ClassificationMetrics",
  "SlicedClassificationMetrics",
  "HTML",
  "Markdown",
];

/** The spec's type of a TypeScript type (typescript.md, Types); undefined after a diagnostic. */
export function valueType(node: ts.TypeNode, module: ModuleNames, context: Context, depth = 0): ValueType | undefined {
  const type = depth > 20 ? undefined : typeWithoutReport(node, module, context, depth);
  if (!type && depth === 0) {
    const hint = "There are string, Int, number, boolean, literals, lists, objects and artifacts.";
    report(context, "not-a-type", spanOf(node, module), hint, node.getText());
  }
  return type;
}

function typeWithoutReport(
  node: ts.TypeNode,
  module: ModuleNames,
  context: Context,
  depth: number,
): ValueType | undefined {
  switch (node.kind) {
    case ts.SyntaxKind.StringKeyword:
      return parameter("STRING");
    case ts.SyntaxKind.NumberKeyword:
      return parameter("NUMBER_DOUBLE");
    case ts.SyntaxKind.BooleanKeyword:
      return parameter("BOOLEAN");
    case ts.SyntaxKind.ObjectKeyword:
      return parameter("STRUCT");
    default:
  }
  const inner = (each: ts.TypeNode) => typeWithoutReport(each, module, context, depth + 1);
  if (ts.isParenthesizedTypeNode(node)) return inner(node.type);
  if (ts.isTypeOperatorNode(node)) return inner(node.type);
  if (ts.isLiteralTypeNode(node)) return literalsType([node]);
  if (ts.isUnionTypeNode(node)) {
    const types = node.types.filter((each) => !isNothing(each));
    return types.length === 1 && types[0] ? inner(types[0]) : literalsType(types);
  }
  if (ts.isArrayTypeNode(node)) return listOf(inner(node.elementType));
  if (ts.isTupleTypeNode(node)) return parameter("LIST");
  if (ts.isTypeLiteralNode(node)) return structOf(literalMembers(node.members, module), context, depth);
  if (ts.isMappedTypeNode(node)) return parameter("STRUCT");
  if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName))
    return namedType(node, node.typeName.text, module, context, depth);
  return undefined;
}

function namedType(
  node: ts.TypeReferenceNode,
  name: string,
  module: ModuleNames,
  context: Context,
  depth: number,
): ValueType | undefined {
  const ours = importedName(module, name);
  const argument = node.typeArguments?.[0];
  if (ours === "Int") return parameter("NUMBER_INTEGER");
  if (ours === "FinalStatus") return parameter("TASK_FINAL_STATUS");
  if (ours === "TaskConfig") return parameter("TASK_CONFIG");
  if (ours === "Input" && argument) return typeWithoutReport(argument, module, context, depth + 1);
  if (ours !== undefined && artifacts.includes(ours))
    return artifact({ schemaTitle: `system.${ours}`, schemaVersion: "0.0.1" });
  const found = findType(context.session, module, name);
  if (!found) {
    if (["Array", "ReadonlyArray", "Set"].includes(name))
      return listOf(argument && typeWithoutReport(argument, module, context, depth + 1));
    return ["Record", "Map", "Partial", "Readonly"].includes(name) ? parameter("STRUCT") : undefined;
  }
  if (ts.isTypeAliasDeclaration(found.node)) return valueType(found.node.type, found.module, context, depth + 1);
  if (ts.isEnumDeclaration(found.node)) return parameter("STRING");
  const members = () => declaredMembers(found.node, found.module, context, 0) ?? [];
  return schemaOf(found.node, found.module, context) ?? structOf(members(), context, depth);
}

/** An interface of the user's that extends an artifact and has a schema title: `readonly schemaTitle: "google.VertexModel"`. */
function schemaOf(node: ts.InterfaceDeclaration, module: ModuleNames, context: Context): ValueType | undefined {
  const base = node.heritageClauses?.[0]?.types[0];
  if (!base || !ts.isIdentifier(base.expression)) return undefined;
  const text = (member: string) => {
    const found = literalMembers(node.members, module).find((each) => each.name === member)?.node;
    return found && ts.isLiteralTypeNode(found) && ts.isStringLiteral(found.literal) ? found.literal.text : undefined;
  };
  const ours = importedName(module, base.expression.text);
  const schemaTitle = text("schemaTitle");
  if (ours !== undefined && artifacts.includes(ours)) {
    return artifact({ schemaTitle: schemaTitle ?? `system.${ours}`, schemaVersion: text("schemaVersion") ?? "0.0.1" });
  }
  const parent = findType(context.session, module, base.expression.text);
  return parent && ts.isInterfaceDeclaration(parent.node) && parent.node !== node
    ? schemaOf(parent.node, parent.module, context)
    : undefined;
}

function isNothing(node: ts.TypeNode): boolean {
  return (
    node.kind === ts.SyntaxKind.UndefinedKeyword ||
    (ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword)
  );
}

function literalsType(types: readonly ts.TypeNode[]): ValueType | undefined {
  const values: Json[] = [];
  for (const type of types) {
    if (!ts.isLiteralTypeNode(type)) return undefined;
    if (ts.isStringLiteral(type.literal)) values.push(type.literal.text);
    else if (ts.isNumericLiteral(type.literal)) values.push(Number(type.literal.text));
    else if (type.literal.kind === ts.SyntaxKind.TrueKeyword) values.push(true);
    else if (type.literal.kind === ts.SyntaxKind.FalseKeyword) values.push(false);
    else return undefined;
  }
  const kinds = new Set(values.map((value) => typeof value));
  if (kinds.size !== 1) return undefined;
  if (kinds.has("boolean")) return parameter("BOOLEAN");
  return {
    kind: "parameter",
    type: kinds.has("string") ? "STRING" : values.every(Number.isInteger) ? "NUMBER_INTEGER" : "NUMBER_DOUBLE",
    literals: values,
  };
}

/** A type may have itself for a member: some depth is enough. */
function structOf(members: readonly Member[], context: Context, depth: number): ValueType {
  const types: Record<string, ValueType> = {};
  for (const { name, node, module } of depth < 3 ? members : []) {
    const type = node && typeWithoutReport(node, module, context, depth + 1);
    if (type) types[name] = type;
  }
  return { kind: "parameter", type: "STRUCT", ...(Object.keys(types).length > 0 ? { members: types } : {}) };
}

function listOf(element: ValueType | undefined): ValueType {
  if (element?.kind === "artifact") return { ...element, list: true };
  return { kind: "parameter", type: "LIST", ...(element ? { element } : {}) };
}

function parameter(type: ParameterType): ValueType {
  return { kind: "parameter", type };
}

function artifact(type: ArtifactType): ValueType {
  return { kind: "artifact", type, list: false };
}
