/**
 * Annotations of a component's or pipeline's function → its inputs and outputs
 * (`get_name_to_specs` and `_annotation_to_type_struct` of the SDK).
 */
import { diagnose } from "../diagnostics.ts";
import type { InputDefinition, OutputDefinition, ValueType } from "../graph/model.ts";
import type { Span } from "../source.ts";
import type { Json, ParameterType } from "../spec/types.ts";
import {
  artifactClasses,
  artifactTypeOf,
  IoType,
  isArtifactClass,
  isArtifactSubclass,
  PathType,
} from "./artifact-types.ts";
import type { Docstring } from "./docstrings.ts";
import { type Machine, Raised } from "./machine.ts";
import type { Parameter } from "./syntax.ts";
import { TypeForm, typeText } from "./type-forms.ts";
import { classAttribute } from "./class-values.ts";
import { plainText, type FunctionValue, isObject, isUnknown, keyOf, type Value } from "./values.ts";
import { toJson, unwritable } from "./json-values.ts";

export interface Interface {
  readonly inputs: readonly InputDefinition[];
  readonly outputs: readonly OutputDefinition[];
  /** Every parameter with its annotation, `Optional` stripped; for the body of a container component. */
  readonly parameters: readonly { readonly parameter: Parameter; readonly annotation: Value }[];
  /** As evaluated; undefined where there is none. */
  readonly returns: Value | undefined;
}

const parameterTypes: Readonly<Record<string, ParameterType>> = {
  integer: "NUMBER_INTEGER",
  int: "NUMBER_INTEGER",
  double: "NUMBER_DOUBLE",
  float: "NUMBER_DOUBLE",
  string: "STRING",
  str: "STRING",
  text: "STRING",
  bool: "BOOLEAN",
  boolean: "BOOLEAN",
  dict: "STRUCT",
  list: "LIST",
  jsonobject: "STRUCT",
  jsonarray: "LIST",
};

/** The parameter type that a type's text means, with the element type it names; undefined: it is no parameter. */
export function parameterTypeOf(text: string): ValueType | undefined {
  const short = /^(?:typing\.)?(\w+)(?:\[.+\])?/.exec(text)?.[1] ?? text;
  if (short === "PipelineTaskFinalStatus") return { kind: "parameter", type: "TASK_FINAL_STATUS" };
  if (short === "TaskConfig") return { kind: "parameter", type: "TASK_CONFIG" };
  const type = Object.hasOwn(parameterTypes, short.toLowerCase()) ? parameterTypes[short.toLowerCase()] : undefined;
  if (type === undefined) return undefined;
  const element = elementText(text, type);
  const elementType = element === undefined ? undefined : parameterTypeOf(element);
  return {
    kind: "parameter",
    type,
    ...(elementType && { element: elementType }),
    ...(/[[\],]/.test(text) && { declared: text }),
  };
}

/** What `[…]` says of a list's items or a dict's values. */
function elementText(text: string, type: ParameterType): string | undefined {
  if (type === "LIST") return /^(?:typing\.)?\w+\[(.+)\]/.exec(text)?.[1]?.trim();
  if (type === "STRUCT") return /^(?:typing\.)?\w+\[\s*\w+\s*,\s*(.+)\]/.exec(text)?.[1]?.trim();
  return undefined;
}

/** `_annotation_to_type_struct`: the text by which the SDK knows a type. */
export function typeStruct(annotation: Value): string | undefined {
  if (annotation === null || annotation === "") return undefined;
  if (typeof annotation === "string") return annotation;
  if (!isObject(annotation)) return String(annotation);
  if (annotation instanceof TypeForm) {
    if (annotation.module !== "builtins" || annotation.name === "|") return annotation.text();
    const name = canonical[annotation.name];
    if (name === undefined) return annotation.text();
    const args = annotation.args ?? [];
    return args.length === 0 ? name : `${name}[${args.map((one) => typeStruct(one) ?? typeText(one)).join(", ")}]`;
  }
  if (annotation.kind === "class") {
    if (annotation.module === "builtins" && canonical[annotation.name] !== undefined) return canonical[annotation.name];
    const title = isArtifactClass(annotation) ? classAttribute(annotation, "schema_title") : undefined;
    return typeof title === "string" ? title : annotation.name;
  }
  if (annotation.kind === "dict") {
    const [first] = annotation.entries.values();
    return first === undefined ? undefined : plainText(first[0]);
  }
  return annotation.kind === "native" ? (annotation.text?.() ?? annotation.type) : undefined;
}

const canonical: Readonly<Record<string, string>> = {
  str: "String",
  int: "Integer",
  float: "Float",
  bool: "Boolean",
  list: "List",
  dict: "Dict",
};

/** The type of an annotation that stands for a value: a parameter, an artifact or a list of artifacts. */
function valueType(annotation: Value): ValueType | undefined {
  const stripped =
    annotation instanceof IoType
      ? (annotation.inner ?? null)
      : annotation instanceof PathType
        ? pathType(annotation.inner)
        : annotation;
  const element = listElement(stripped);
  if (element !== undefined && isArtifactSubclass(element))
    return { kind: "artifact", type: artifactTypeOf(element), list: true };
  if (isArtifactSubclass(stripped) || isArtifactClass(stripped))
    return { kind: "artifact", type: artifactTypeOf(stripped), list: false };
  const text = typeStruct(stripped);
  if (text === undefined) return undefined;
  if (isParameterText(text)) return parameterTypeOf(text);
  const [title = "", version = ""] = text.split("@");
  return version !== "" && /^(?:system|google)\.\w+$/.test(title)
    ? { kind: "artifact", type: { schemaTitle: title, schemaVersion: version }, list: false }
    : undefined;
}

/** `spec_type_is_parameter`: of the texts that mean a parameter, only these may stand in an interface. */
function isParameterText(text: string): boolean {
  return /^(?:(?:typing\.)?(?:List|Dict)(?:\[.*)?|Integer|Float|String|Boolean|PipelineTaskFinalStatus|TaskConfig)$/s.test(
    text,
  );
}

/** `InputPath('Dataset')` and the other old ways to write a path's type. */
function pathType(inner: Value): Value {
  const artifacts = artifactClasses();
  if (isArtifactClass(inner)) return inner;
  if (typeof inner === "string") {
    for (const [name, type] of artifacts) if (name.toLowerCase() === inner.toLowerCase()) return type;
  }
  if (inner !== null && parameterTypeOf(typeStruct(inner) ?? "") !== undefined) return inner;
  return artifacts.get("Artifact") ?? null;
}

function listElement(annotation: Value): Value | undefined {
  if (!(annotation instanceof TypeForm) || (annotation.name !== "List" && annotation.name !== "list")) return undefined;
  return annotation.args?.length === 1 ? annotation.args[0] : undefined;
}

/** `Optional[X]` → `X`. `X | None` stays: the SDK does not see it. */
function stripOptional(annotation: Value): Value {
  if (!(annotation instanceof TypeForm) || annotation.name !== "Union") return annotation;
  const [first = null, second] = annotation.args ?? [];
  return second === null ? first : annotation;
}

export type InterfaceOf = "component" | "container" | "pipeline";

/** Reads a function's signature. What is wrong with it is reported at the parameter. */
export function readInterface(
  machine: Machine,
  target: FunctionValue,
  docstring: Docstring,
  outputsDocumented: ReadonlyMap<string, string>,
  of: InterfaceOf,
): Interface {
  const inputs: InputDefinition[] = [];
  const outputs: OutputDefinition[] = [];
  const parameters: { parameter: Parameter; annotation: Value }[] = [];
  const path = target.span.path;
  for (const parameter of target.parameters) {
    const span: Span = { path, start: parameter.start, end: parameter.nameEnd };
    if (parameter.name === "Output") machine.report(diagnose("parameter-name", span, parameter.name));
    if (parameter.annotation === undefined) {
      machine.report(diagnose("untyped-parameter", span, parameter.name));
      inputs.push({ name: parameter.name, type: { kind: "parameter", type: "STRING" }, optional: true, span });
      continue;
    }
    const annotationSpan: Span = { path, start: parameter.annotation.start, end: parameter.annotation.end };
    const annotation = stripOptional(annotationOf(machine, target, parameter.annotation));
    parameters.push({ parameter, annotation });
    if (annotation instanceof IoType && annotation.direction === "EmbeddedInput") continue;
    const type =
      isUnknown(annotation) ||
      (annotation instanceof IoType && annotation.inner !== undefined && isUnknown(annotation.inner))
        ? undefined
        : valueType(annotation);
    if (type === undefined) {
      reportType(machine, annotation, annotationSpan, parameter.name);
      continue;
    }
    checkSchema(machine, type, annotationSpan);
    const isOutput =
      (annotation instanceof IoType && annotation.direction === "Output") ||
      (annotation instanceof PathType && annotation.direction === "OutputPath");
    if (
      of === "container" &&
      !(annotation instanceof IoType) &&
      !(annotation instanceof PathType) &&
      type.kind === "artifact"
    ) {
      machine.report(diagnose("artifact-marker", annotationSpan, parameter.name));
    }
    if (isOutput) {
      if (type.kind === "artifact" && type.list && of !== "pipeline")
        machine.report(diagnose("output-list", annotationSpan, parameter.name));
      outputs.push({ name: parameter.name, type, ...describedBy(outputsDocumented, parameter.name), span });
      continue;
    }
    inputs.push(inputOf(machine, target, parameter, type, docstring, span, annotation instanceof PathType));
  }
  const returns = returnsOf(machine, target, outputs, outputsDocumented, of);
  return { inputs, outputs, parameters, returns };
}

function describedBy(documented: ReadonlyMap<string, string>, name: string): { description?: string } {
  const description = documented.get(name);
  return description === undefined || description === "" ? {} : { description };
}

/** The SDK knows artifacts of two namespaces, and versions of three parts. */
function checkSchema(machine: Machine, type: ValueType, span: Span): void {
  if (type.kind !== "artifact") return;
  const { schemaTitle = "", schemaVersion = "" } = type.type;
  if (!/^(?:system|google)\.[^.]*$/.test(schemaTitle))
    machine.report(diagnose("artifact-schema", span, "title", schemaTitle, '"system.…" or "google.…"'));
  else if (schemaVersion.split(".").length !== 3)
    machine.report(diagnose("artifact-schema", span, "version", schemaVersion, "of three parts, as 0.0.1"));
}

function reportType(machine: Machine, annotation: Value, span: Span, name: string): void {
  const inner = annotation instanceof IoType && annotation.inner !== undefined ? annotation.inner : annotation;
  if (isUnknown(inner)) machine.report(diagnose("not-known", span, `the type of "${name}"`, inner.reason));
  else {
    const hint = insteadOfType(machine, inner, span);
    machine.report({
      ...diagnose("not-a-type", span, typeStruct(inner) ?? "None"),
      ...(hint !== undefined && { hint }),
    });
  }
}

function insteadOfType(machine: Machine, annotation: Value, span: Span): string | undefined {
  if (annotationsAreTexts(machine, span.path))
    return 'Remove "from __future__ import annotations": the SDK sees only the texts of types there.';
  if (annotation instanceof TypeForm && annotation.name === "|") {
    const [first = null, second, ...more] = annotation.args ?? [];
    return second === null && more.length === 0 ? `Write Optional[${typeText(first)}].` : undefined;
  }
  return typeof annotation === "string" ? "Write the type itself, not its name as text." : undefined;
}

/** Whether annotations are never evaluated in a file: the SDK is given their texts. */
export function annotationsAreTexts(machine: Machine, path: string): boolean {
  const text = machine.texts.get(path) ?? "";
  // Asked for each type of a file.
  if (lastAsked?.text !== text)
    lastAsked = { text, areTexts: /^from __future__ import [^\n]*\bannotations\b/m.test(text) };
  return lastAsked.areTexts;
}

let lastAsked: { readonly text: string; readonly areTexts: boolean } | undefined;

function annotationOf(
  machine: Machine,
  target: FunctionValue,
  annotation: NonNullable<Parameter["annotation"]>,
): Value {
  const { path } = target.span;
  if (annotationsAreTexts(machine, path))
    return (machine.texts.get(path) ?? "").slice(annotation.start, annotation.end).replaceAll('"', "'");
  try {
    return machine.evaluate(target.scope, annotation);
  } catch (problem) {
    if (!(problem instanceof Raised)) throw problem;
    machine.report(diagnose("undefined-name", problem.span, annotationName(annotation)));
    return { kind: "unknown", reason: "it is not defined", span: problem.span };
  }
}

function annotationName(annotation: NonNullable<Parameter["annotation"]>): string {
  if (annotation.kind === "name") return annotation.id;
  if (annotation.kind === "subscript")
    return annotationName(annotation.index.kind === "name" ? annotation.index : annotation.object);
  return annotation.kind === "attribute" ? annotation.name : "";
}

function inputOf(
  machine: Machine,
  target: FunctionValue,
  parameter: Parameter,
  type: ValueType,
  docstring: Docstring,
  span: Span,
  isPath: boolean,
): InputDefinition {
  const standard = target.defaults.get(parameter.name);
  const filledIn = type.kind === "parameter" && (type.type === "TASK_FINAL_STATUS" || type.type === "TASK_CONFIG");
  const description = describedBy(docstring.parameters, parameter.name);
  const base = { name: parameter.name, type, optional: standard !== undefined || filledIn, ...description, span };
  if (standard === undefined || standard === null) return base;
  const defaultSpan: Span =
    parameter.defaultValue === undefined
      ? span
      : { path: span.path, start: parameter.defaultValue.start, end: parameter.defaultValue.end };
  if (type.kind === "artifact") {
    // Of a path's type the SDK does not see that it is an artifact's, and forgets the default.
    if (isPath) return base;
    machine.report(diagnose("artifact-default", defaultSpan, parameter.name));
    return base;
  }
  if (isUnknown(standard)) {
    machine.report(diagnose("not-known", defaultSpan, `the default of "${parameter.name}"`, standard.reason));
    return base;
  }
  const json: Json | undefined =
    isObject(standard) && standard.kind === "bytes" && type.type === "STRING" ? standard.bytes : toJson(standard);
  const wanted = json === undefined ? "a value that JSON can hold" : wantedDefault(type.type, json, standard);
  if (json === undefined || wanted !== undefined) {
    machine.report(diagnose("wrong-default", defaultSpan, parameter.name, wanted ?? ""));
    return base;
  }
  if (type.type === "NUMBER_INTEGER" && typeof json === "number" && !Number.isInteger(json))
    machine.report(diagnose("fraction-default", defaultSpan, parameter.name, json));
  return { ...base, defaultValue: type.type === "BOOLEAN" ? Boolean(json) : json };
}

/** What protobuf wants of a default and does not get. */
function wantedDefault(type: ParameterType, json: Json, standard: Value): string | undefined {
  switch (type) {
    case "NUMBER_INTEGER":
    case "NUMBER_DOUBLE":
      return typeof json === "number" || typeof json === "boolean" ? undefined : "a number";
    case "STRING":
      return typeof json === "string" ? undefined : "text";
    case "BOOLEAN":
      return typeof json === "boolean" || Number.isInteger(json) ? undefined : "True or False";
    default:
      if (holdsTuple(standard)) return "a list, not a tuple";
      return unwritable(standard) === undefined ? undefined : "without None and with text for keys inside";
  }
}

function holdsTuple(value: Value): boolean {
  if (!isObject(value)) return false;
  if (value.kind === "list") return value.items.some(holdsTuple);
  if (value.kind === "dict") return [...value.entries.values()].some(([, item]) => holdsTuple(item));
  return value.kind === "tuple";
}

function returnsOf(
  machine: Machine,
  target: FunctionValue,
  outputs: OutputDefinition[],
  documented: ReadonlyMap<string, string>,
  of: InterfaceOf,
): Value | undefined {
  if (target.body.kind === "lambda" || target.body.returns === undefined) return undefined;
  const expression = target.body.returns;
  const span: Span = { path: target.span.path, start: expression.start, end: expression.end };
  const annotation = annotationOf(machine, target, expression);
  if (annotation === null || of === "container") return annotation;
  const add = (name: string, type: Value): void => {
    const unique = uniqueName(name, outputs);
    // In a component the SDK looks for the class's import, and finds no name.
    const value = isUnknown(type) || (type instanceof IoType && of === "component") ? undefined : valueType(type);
    if (value === undefined) return reportType(machine, type, span, name);
    if (value.kind === "artifact" && value.list && of === "component")
      machine.report(diagnose("output-list", span, name));
    checkSchema(machine, value, span);
    outputs.push({ name: unique, type: value, ...describedBy(documented, name), span });
  };
  const fields =
    isObject(annotation) && annotation.kind === "class" ? classAttribute(annotation, "_fields") : undefined;
  if (
    isObject(annotation) &&
    annotation.kind === "class" &&
    fields !== undefined &&
    isObject(fields) &&
    fields.kind === "tuple"
  ) {
    const types = annotation.attributes.get("__annotations__");
    for (const field of fields.items) {
      const type =
        types !== undefined && isObject(types) && types.kind === "dict"
          ? types.entries.get(keyOf(field))?.[1]
          : undefined;
      add(plainText(field), type ?? null);
    }
  } else if (isObject(annotation) && annotation.kind === "dict") {
    for (const [name, type] of annotation.entries.values()) add(plainText(name), type);
  } else add("Output", annotation);
  return annotation;
}

function uniqueName(name: string, taken: readonly { readonly name: string }[]): string {
  const names = new Set(taken.map((one) => one.name));
  if (!names.has(name)) return name;
  let number = 2;
  while (names.has(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}
