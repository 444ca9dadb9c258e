/** A TypeScript file as editors ask about it: its tree, and what its pipelines made of it. */
import type { Analysis, Definition } from "../../analyze.ts";
import type { Component, InputDefinition, ValueType } from "../../graph/model.ts";
import type { Files, Span } from "../../source.ts";
import type { Definitions } from "../../spec/types.ts";
import type { Mark, StepMark } from "../../typescript/marks.ts";
import { type ModuleNames, parse, readModule } from "../../typescript/modules.ts";
import { ts } from "../../typescript/syntax.ts";

/** What is known of it without its pipelines. */
export interface Syntax {
  readonly path: string;
  readonly text: string;
  readonly file: ts.SourceFile;
  readonly module: ModuleNames;
}

export interface Reading extends Syntax {
  readonly definitions: readonly Definition[];
  readonly marks: readonly Mark[];
  /** By `placeOf` their calls, the first of each. */
  readonly steps: ReadonlyMap<string, StepMark>;
  readonly files: Files;
}

export function syntaxOf(path: string, files: Files): Syntax {
  const text = files.read(path) ?? "";
  return { path, text, file: parse(path, text), module: readModule(path, text) };
}

const known = new WeakMap<Analysis, Reading>();

/** The same for the same analysis. */
export function readingOf(analysis: Analysis, files: Files): Reading {
  const before = known.get(analysis);
  if (before) return before;
  const { path, definitions } = analysis;
  const marks = definitions.flatMap((each) => each.compile().marks ?? []);
  const steps = new Map<string, StepMark>();
  for (const mark of marks)
    if (mark.kind === "step" && !steps.has(placeOf(mark.span))) steps.set(placeOf(mark.span), mark);
  const reading = { ...syntaxOf(path, files), definitions, marks, steps, files };
  known.set(analysis, reading);
  return reading;
}

function placeOf({ path, start, end }: Span): string {
  return `${path}:${start}:${end}`;
}

/** The nodes around a range, the innermost last. */
export function nodesAround(file: ts.SourceFile, start: number, end = start): readonly ts.Node[] {
  const around: ts.Node[] = [];
  for (let node: ts.Node | undefined = file; node; ) {
    around.push(node);
    node = ts.forEachChild(node, (child) => (child.getStart(file) <= start && end <= child.end ? child : undefined));
  }
  return around;
}

/** The innermost node of a kind around a range. */
export function around<N extends ts.Node>(
  { file }: Reading,
  { start, end }: { readonly start: number; readonly end: number },
  is: (node: ts.Node) => node is N,
): N | undefined {
  return nodesAround(file, start, end).findLast(is);
}

/** The step that a call makes, whatever else was made of it. */
export function stepOf({ path, steps, file }: Reading, call: ts.Node): StepMark | undefined {
  return steps.get(placeOf({ path, start: call.getStart(file), end: call.end }));
}

/** Steps whose called name is at an offset: one a turn of what is unrolled around it. */
export function stepsNamedAt({ path, marks }: Reading, offset: number): readonly StepMark[] {
  return marks.filter(
    (mark): mark is StepMark =>
      mark.kind === "step" && mark.callee.path === path && mark.callee.start <= offset && offset <= mark.callee.end,
  );
}

/** A value of the run that has a name. */
export interface Named {
  /** As it is written: `rows`, `loaded.rows`. */
  readonly text: string;
  readonly name: string;
  readonly type: ValueType;
  /** Where the variable that it is, or is of, is declared. */
  readonly declared: number;
}

/** Values of the run that have a name at an offset of a pipeline: its inputs, and what the steps before give. */
export function valuesBefore(reading: Reading, offset: number): readonly Named[] {
  const definition = pipelineAt(reading, offset);
  const body = definition && bodyOf(reading, definition);
  if (!definition || !body) return [];
  const found = [...inputsOf(definition, body)];
  const visit = (node: ts.Node): void => {
    // Steps of a block that is over have no name any more.
    if (ts.isBlock(node) && (node.end < offset || node.getStart() > offset)) return;
    if (ts.isVariableDeclaration(node) && node.end <= offset) found.push(...outputsOf(reading, node));
    ts.forEachChild(node, visit);
  };
  visit(body.body);
  return found;
}

export function pipelineAt({ definitions, path }: Reading, offset: number): Definition | undefined {
  return definitions.find(
    ({ kind, span }) => kind === "pipeline" && span.path === path && span.start <= offset && offset <= span.end,
  );
}

export function isBody(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

/** The function that a definition was made from. */
export function bodyOf(
  { file }: Reading,
  { span }: { readonly span: Span },
): ts.ArrowFunction | ts.FunctionExpression | undefined {
  let found: ts.ArrowFunction | ts.FunctionExpression | undefined;
  const visit = (node: ts.Node): void => {
    if (found || node.end < span.start || node.pos > span.end) return;
    if (isBody(node) && node.getStart() >= span.start) found = node;
    else ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function inputsOf({ inputs }: Definition, body: ts.ArrowFunction | ts.FunctionExpression): Named[] {
  const [parameter] = body.parameters;
  if (!parameter) return [];
  const types = typesOf(inputs);
  const declared = parameter.getStart();
  if (ts.isIdentifier(parameter.name)) {
    const { text } = parameter.name;
    return [...types].map(([name, type]) => ({ text: `${text}.${name}`, name, type, declared }));
  }
  return bound(parameter.name, types, declared);
}

/** A pattern's names for members of these types. */
function bound(pattern: ts.BindingPattern, types: ReadonlyMap<string, ValueType>, declared: number): Named[] {
  if (!ts.isObjectBindingPattern(pattern)) return [];
  return pattern.elements.flatMap(({ name, propertyName }) => {
    if (!ts.isIdentifier(name)) return [];
    const member = propertyName && ts.isIdentifier(propertyName) ? propertyName.text : name.text;
    const type = types.get(member);
    return type ? [{ text: name.text, name: member, type, declared }] : [];
  });
}

function outputsOf(reading: Reading, { name, initializer }: ts.VariableDeclaration): Named[] {
  const made = initializer && stepOf(reading, unwrapped(initializer));
  if (!made) return [];
  const types = new Map(made.task.component.outputs.map(({ name: key, type }) => [memberName(key), type]));
  const declared = name.getStart();
  if (!ts.isIdentifier(name)) return bound(name, types, declared);
  return [...types].map(([key, type]) => ({ text: `${name.text}.${key}`, name: key, type, declared }));
}

export function unwrapped(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) ? unwrapped(node.expression) : node;
}

/** The one output of a bare value is `Output` in the spec and `output` in TypeScript. */
export function memberName(output: string): string {
  return output === "Output" ? "output" : output;
}

export function typesOf({ parameters = {}, artifacts = {} }: Definitions): ReadonlyMap<string, ValueType> {
  return new Map<string, ValueType>([
    ...Object.entries(parameters).map(
      ([name, { parameterType: type }]) => [name, { kind: "parameter", type }] as const,
    ),
    ...Object.entries(artifacts).map(
      ([name, { artifactType: type, isArtifactList: list = false }]) =>
        [name, { kind: "artifact", type, list }] as const,
    ),
  ]);
}

/** Inputs that a caller must give. */
export function required({ inputs }: Component): readonly InputDefinition[] {
  return inputs.filter(({ optional }) => !optional);
}
