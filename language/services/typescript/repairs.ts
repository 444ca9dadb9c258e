/** Obvious repairs of what a diagnostic says of a TypeScript pipeline, as edits. */
import type { InputDefinition } from "../../graph/model.ts";
import { isCompatible } from "../../graph/types.ts";
import { exported } from "../../typescript/definers.ts";
import { imageProblem, knownAccelerators } from "../../typescript/checks.ts";
import { resolveModule } from "../../typescript/modules.ts";
import { ts } from "../../typescript/syntax.ts";
import type { Complaint, Edit, Fix } from "../fixes.ts";
import { nearest } from "../nearest.ts";
import { callable } from "../words.ts";
import { cpuMeant, memoryMeant } from "./amounts.ts";
import { importEdit } from "./imports.ts";
import { optionsAt } from "./options-at.ts";
import {
  around,
  memberName,
  type Named,
  nodesAround,
  type Reading,
  required,
  stepOf,
  unwrapped,
  valuesBefore,
} from "./reading.ts";

/** The repair of one complaint; undefined where none is obvious. */
export function repair(reading: Reading, complaint: Complaint): Fix | undefined {
  switch (complaint.code) {
    case "unknown-input":
      return otherInput(reading, complaint);
    case "unknown-option":
      return otherOption(reading, complaint);
    case "missing-inputs":
      return addMissing(reading, complaint);
    case "undefined-name":
      return otherName(reading, complaint);
    case "unknown-export":
      return otherExport(reading, complaint);
    case "unresolved-import":
      return otherFile(reading, complaint);
    case "no-meaning":
      return withMeaning(reading, complaint);
    case "wrong-value":
      return otherValue(reading, complaint);
    case "unknown-accelerator":
      return otherText(reading, complaint, (given) => nearest(given, knownAccelerators));
    case "kubernetes-amount":
      return otherText(reading, complaint, memoryMeant);
    case "image-reference":
      return otherText(reading, complaint, imageMeant);
    default:
      return undefined;
  }
}

function imageMeant(given: string): string | undefined {
  const meant = given
    .trim()
    .replace(/^https?:\/\//, "")
    .toLowerCase();
  return imageProblem(meant) === undefined ? meant : undefined;
}

function change(
  path: string,
  { start, end }: { start: number; end: number },
  text: string,
  title = `Change to ${text}`,
): Fix {
  return { title, edits: [{ span: { path, start, end }, text }] };
}

/** The member of an object literal whose value, or whose own name, is complained about. */
function memberAt(
  reading: Reading,
  complaint: Complaint,
): ts.PropertyAssignment | ts.ShorthandPropertyAssignment | undefined {
  return nodesAround(reading.file, complaint.start, complaint.end).findLast(
    (node): node is ts.PropertyAssignment | ts.ShorthandPropertyAssignment =>
      (ts.isPropertyAssignment(node) && node.initializer.getStart() === complaint.start) ||
      (ts.isShorthandPropertyAssignment(node) && node.getStart() === complaint.start),
  );
}

function renamed(reading: Reading, complaint: Complaint, names: readonly string[]): Fix | undefined {
  const member = memberAt(reading, complaint);
  if (!member || !ts.isIdentifier(member.name)) return undefined;
  const others = new Set(member.parent.properties.map(({ name }) => name?.getText()));
  const meant = nearest(
    member.name.text,
    names.filter((name) => !others.has(name)),
  );
  if (meant === undefined) return undefined;
  const text = ts.isPropertyAssignment(member) ? meant : `${meant}: ${member.name.text}`;
  return change(reading.path, { start: member.name.getStart(), end: member.name.end }, text, `Change to ${meant}`);
}

function otherInput(reading: Reading, complaint: Complaint): Fix | undefined {
  const literal = memberAt(reading, complaint)?.parent;
  const made = literal && ts.isCallExpression(literal.parent) ? stepOf(reading, literal.parent) : undefined;
  return (
    made &&
    renamed(
      reading,
      complaint,
      callable(made.task.component).map(({ name }) => name),
    )
  );
}

function otherOption(reading: Reading, complaint: Complaint): Fix | undefined {
  const literal = memberAt(reading, complaint)?.parent;
  const options = literal && optionsAt(reading, literal);
  return options && renamed(reading, complaint, options.names);
}

/** Every input that must be given, with a value of the pipeline that fits it, or one of its type. */
function addMissing(reading: Reading, complaint: Complaint): Fix | undefined {
  const call = around(reading, complaint, ts.isCallExpression);
  const made = call && stepOf(reading, call);
  if (!call || !made) return undefined;
  const [first] = call.arguments;
  if (first && !ts.isObjectLiteralExpression(first)) return undefined;
  const given = new Set(first?.properties.map(({ name }) => name?.getText()));
  const missing = required({ ...made.task.component, inputs: callable(made.task.component) }).filter(
    ({ name }) => !given.has(name),
  );
  const values = valuesBefore(reading, complaint.start);
  const written = missing.map((input) => [input.name, fitting(input, values) ?? emptyOf(input)] as const);
  if (missing.length === 0 || written.some(([, value]) => value === undefined)) return undefined;
  const text = written.map(([name, value]) => (name === value ? name : `${name}: ${value}`)).join(", ");
  const title = `Add ${missing.map(({ name }) => name).join(", ")}`;
  if (first) return { title, edits: [addMember(reading, first, text)] };
  const at = call.end - 1;
  return { title, edits: [{ span: { path: reading.path, start: at, end: at }, text: `{ ${text} }` }] };
}

/** One of the same name first; an artifact else takes the newest that fits. */
function fitting({ name, type }: InputDefinition, values: readonly Named[]): string | undefined {
  const fit = values.filter((value) => isCompatible(value.type, type));
  const same = fit.findLast((value) => value.name === name);
  return (same ?? (type.kind === "artifact" ? fit.at(-1) : undefined))?.text;
}

const empty: Readonly<Record<string, string>> = {
  STRING: '""',
  NUMBER_INTEGER: "0",
  NUMBER_DOUBLE: "0",
  BOOLEAN: "false",
  LIST: "[]",
  STRUCT: "{}",
};

function emptyOf({ type }: InputDefinition): string | undefined {
  return type.kind === "artifact" ? undefined : empty[type.type];
}

/** Writes another member behind those of an object literal, as they are written. */
export function addMember({ path, text, file }: Reading, literal: ts.ObjectLiteralExpression, member: string): Edit {
  const last = literal.properties.at(-1);
  if (!last) return { span: { path, start: literal.getStart(file), end: literal.end }, text: `{ ${member} }` };
  const own = /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", last.getStart(file)) + 1))?.[0] ?? "";
  const isListed = text.slice(literal.getStart(file), last.getStart(file)).includes("\n");
  const separator = isListed ? `,\n${own}` : ", ";
  return { span: { path, start: last.end, end: last.end }, text: `${separator}${member}` };
}

function otherName(reading: Reading, { start, end }: Complaint): Fix | undefined {
  const { text, path } = reading;
  const name = text.slice(start, end);
  if (exported.has(name)) {
    const edit = importEdit(reading, "millrace", name);
    return edit && { title: `Import ${name} from millrace`, edits: [edit] };
  }
  const visible = new Set<string>();
  for (const node of nodesAround(reading.file, start).toReversed())
    for (const each of declaredIn(node)) visible.add(each);
  const meant = nearest(name, [...visible]);
  return meant === undefined ? undefined : change(path, { start, end }, meant);
}

/** The names that a node declares for what is in it. */
function declaredIn(node: ts.Node): readonly string[] {
  const names: string[] = [];
  const add = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name.text);
    else for (const each of name.elements) if (ts.isBindingElement(each)) add(each.name);
  };
  if (ts.isFunctionLike(node)) for (const { name } of node.parameters) add(name);
  if (ts.isForOfStatement(node) && ts.isVariableDeclarationList(node.initializer))
    for (const { name } of node.initializer.declarations) add(name);
  if (!ts.isBlock(node) && !ts.isSourceFile(node)) return names;
  for (const statement of node.statements) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) add(name);
    if ((ts.isFunctionDeclaration(statement) || ts.isEnumDeclaration(statement)) && statement.name)
      names.push(statement.name.text);
    const clause = ts.isImportDeclaration(statement) ? statement.importClause : undefined;
    if (clause?.name) names.push(clause.name.text);
    const bindings = clause?.namedBindings;
    if (bindings && ts.isNamedImports(bindings)) names.push(...bindings.elements.map((each) => each.name.text));
    if (bindings && ts.isNamespaceImport(bindings)) names.push(bindings.name.text);
  }
  return names;
}

function otherExport(reading: Reading, complaint: Complaint): Fix | undefined {
  const specifier = around(reading, complaint, ts.isImportSpecifier);
  const declaration = around(reading, complaint, ts.isImportDeclaration);
  if (!specifier || !declaration || !ts.isStringLiteral(declaration.moduleSpecifier)) return undefined;
  const name = specifier.propertyName ?? specifier.name;
  const names = exportsOf(reading, declaration.moduleSpecifier.text);
  const meant = nearest(name.text, names);
  if (meant === undefined) return undefined;
  // What is imported by its own name keeps the name that the file uses.
  const text = specifier.propertyName ? meant : `${meant} as ${specifier.name.text}`;
  return change(reading.path, { start: name.getStart(), end: name.end }, text, `Change to ${meant}`);
}

function exportsOf({ path, files }: Reading, from: string): readonly string[] {
  if (from === "millrace") return [...exported.keys()];
  const target = resolveModule(files, path, from);
  const source = target === undefined ? "" : (files.read(target) ?? "");
  if (target?.endsWith(".py"))
    return [
      ...source.matchAll(/^@(?:dsl\.|kfp\.dsl\.)?(?:component|pipeline|container_component)\b[\s\S]*?^def (\w+)/gm),
    ].map(([, name = ""]) => name);
  return [...source.matchAll(/^export (?:const|function|let|enum) (\w+)/gm)].map(([, name = ""]) => name);
}

function otherFile({ path, files, text }: Reading, complaint: Complaint): Fix | undefined {
  const [, quoted, from] =
    /(?:from|import|require\s*\()\s*((["'])(?:(?!\2).)*\2)/.exec(
      text.slice(text.lastIndexOf("\n", complaint.start) + 1),
    ) ?? [];
  const given = quoted?.slice(1, -1);
  if (given === undefined || from === undefined || !given.startsWith("./")) return undefined;
  const slash = given.lastIndexOf("/");
  const folder = path.slice(0, path.lastIndexOf("/")) + given.slice(1, slash);
  const meant = nearest(
    given.slice(slash + 1),
    files.list(folder).filter((name) => /\.(?:[cm]?ts|py|ya?ml|json)$/.test(name)),
  );
  if (meant === undefined) return undefined;
  const line = text.lastIndexOf("\n", complaint.start) + 1;
  const at = text.indexOf(quoted ?? "", line) + 1;
  const written = `${given.slice(0, slash)}/${meant}`;
  return change(path, { start: at, end: at + given.length }, written);
}

/** What the hint says, where it is one edit. */
function withMeaning(reading: Reading, complaint: Complaint): Fix | undefined {
  const { path, text } = reading;
  const { start, end } = complaint;
  const awaited = around(reading, complaint, ts.isAwaitExpression);
  if (awaited?.getStart() === start && awaited.end === end)
    return change(path, { start, end: awaited.expression.getStart() }, "", "Leave `await` out");
  if (text.slice(start, end) === "await") {
    const gap = /^\s*/.exec(text.slice(end))?.[0].length ?? 0;
    return change(path, { start, end: end + gap }, "", "Leave `await` out");
  }
  const modified = around(reading, complaint, ts.isArrowFunction);
  const async = modified?.modifiers?.find(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
  if (async && modified?.getStart() === start && modified.end === end) {
    const gap = /^\s*/.exec(text.slice(async.end))?.[0].length ?? 0;
    return change(path, { start: async.getStart(), end: async.end + gap }, "", "Leave `async` out");
  }
  return guarded(reading, complaint) ?? endedCase(reading, complaint);
}

/** `rows > 1 && say(…);` → `if (rows > 1) say(…);` */
function guarded({ path, file, text }: Reading, { start, end }: Complaint): Fix | undefined {
  const nodes = nodesAround(file, start, end);
  const statement = nodes.findLast(ts.isExpressionStatement);
  const both = statement?.expression;
  if (!statement || !both || !ts.isBinaryExpression(both) || both.right.end !== end) return undefined;
  const isAnd = both.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
  if (!isAnd && both.operatorToken.kind !== ts.SyntaxKind.BarBarToken) return undefined;
  const condition = text.slice(both.left.getStart(), both.left.end);
  const tested = isAnd ? condition : `!(${condition})`;
  return change(
    path,
    { start: both.getStart(), end: both.right.getStart() },
    `if (${tested}) `,
    "Write an `if` around the step",
  );
}

function endedCase(reading: Reading, { start, end }: Complaint): Fix | undefined {
  const clause = around(reading, { start, end }, ts.isCaseClause);
  if (!clause || clause.getStart() !== start || clause.end !== end) return undefined;
  const isListed = reading.text.slice(start, end).includes("\n");
  const indent = /^[ \t]*/.exec(reading.text.slice(reading.text.lastIndexOf("\n", start) + 1))?.[0] ?? "";
  return change(
    reading.path,
    { start: end, end },
    isListed ? `\n${indent}  break;` : " break;",
    "End the case with `break`",
  );
}

function otherValue(reading: Reading, complaint: Complaint): Fix | undefined {
  return namedOutput(reading, complaint) ?? otherQuantity(reading, complaint);
}

/** A step where one of its outputs is wanted: the one that fits. */
function namedOutput(reading: Reading, { start, end }: Complaint): Fix | undefined {
  const node = nodesAround(reading.file, start, end).findLast(
    (each) => each.getStart() === start && each.end === end && ts.isExpression(each),
  );
  if (!node || !ts.isExpression(node)) return undefined;
  const outputs = stepBehind(reading, node);
  if (!outputs) return undefined;
  const member =
    ts.isShorthandPropertyAssignment(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent : undefined;
  const call = member?.parent.parent;
  const input =
    call && ts.isCallExpression(call)
      ? stepOf(reading, call)?.task.component.inputs.find(({ name }) => name === member.name.getText())
      : undefined;
  const fit = input ? outputs.filter(({ type }) => isCompatible(type, input.type)) : outputs;
  const [only] = fit;
  if (!only || fit.length > 1) return undefined;
  const output = `.${memberName(only.name)}`;
  const name = node.getText();
  const text = member && ts.isShorthandPropertyAssignment(member) ? `: ${name}${output}` : output;
  return change(reading.path, { start: end, end }, text, `Name the output: ${output}`);
}

function stepBehind(reading: Reading, node: ts.Expression) {
  const made = stepOf(reading, unwrapped(node));
  if (made) return made.task.component.outputs;
  if (!ts.isIdentifier(node)) return undefined;
  const { text } = node;
  const named = valuesBefore(reading, node.getStart()).filter((value) => value.text === `${text}.${value.name}`);
  return named.length > 0 ? named : undefined;
}

/** `"4GB"` → `"4G"`, `"2 cores"` → `"2"`. */
function otherQuantity(reading: Reading, complaint: Complaint): Fix | undefined {
  const member = nodesAround(reading.file, complaint.start, complaint.end).filter(ts.isPropertyAssignment);
  const names = member.map(({ name }) => name.getText());
  if (names.includes("memory")) return otherText(reading, complaint, memoryMeant);
  if (names.includes("cpu")) return otherText(reading, complaint, cpuMeant);
  return names.some((name) => /^(?:size|sizeLimit|sharedMemory)$/.test(name))
    ? otherText(reading, complaint, memoryMeant)
    : undefined;
}

function otherText(
  reading: Reading,
  complaint: Complaint,
  meant: (given: string) => string | undefined,
): Fix | undefined {
  const literal = around(reading, complaint, ts.isStringLiteralLike);
  const text = literal && meant(literal.text);
  if (!literal || text === undefined || text === literal.text) return undefined;
  const inside = { start: literal.getStart() + 1, end: literal.end - 1 };
  return change(reading.path, inside, text, `Change to "${text}"`);
}
