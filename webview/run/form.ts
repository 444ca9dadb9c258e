/** Values of a form's fields: text that people type, to values of the spec, and back. Pure. */
import type { Json, ParameterType } from "../../language/spec/types.ts";
import type { FormField } from "../protocol.ts";

export type FieldValue =
  | { readonly kind: "value"; readonly value: Json }
  /** Left empty: the pipeline's own default, or nothing where it is optional. */
  | { readonly kind: "absent" }
  | { readonly kind: "wrong"; readonly message: string };

const typeWords: Readonly<Record<ParameterType, string>> = {
  STRING: "text",
  NUMBER_INTEGER: "whole number",
  NUMBER_DOUBLE: "number",
  BOOLEAN: "yes or no",
  LIST: "list (JSON)",
  STRUCT: "object (JSON)",
  TASK_FINAL_STATUS: "status",
  TASK_CONFIG: "configuration",
};

export function typeWord(type: ParameterType): string {
  return typeWords[type];
}

/** What the field's text means, or why it means nothing. */
export function readField(field: FormField, text: string): FieldValue {
  const trimmed = text.trim();
  if (trimmed === "" && field.type !== "STRING") {
    return field.required
      ? { kind: "wrong", message: `${field.name} needs a ${typeWord(field.type)}.` }
      : { kind: "absent" };
  }
  if (text === "" && field.required) return { kind: "wrong", message: `${field.name} needs a value.` };
  if (text === "" && field.defaultValue === undefined) return { kind: "absent" };
  switch (field.type) {
    case "STRING":
      return ofLiterals(field, text);
    case "NUMBER_INTEGER": {
      const value = Number(trimmed);
      if (!/^[-+]?\d+(?:[eE]\+?\d+)?$/.test(trimmed) || !Number.isSafeInteger(value))
        return { kind: "wrong", message: `${field.name} must be a whole number, such as 200.` };
      return ofLiterals(field, value);
    }
    case "NUMBER_DOUBLE": {
      const value = Number(trimmed);
      if (!Number.isFinite(value)) return { kind: "wrong", message: `${field.name} must be a number, such as 0.5.` };
      return ofLiterals(field, value);
    }
    case "BOOLEAN":
      if (trimmed === "true" || trimmed === "false") return { kind: "value", value: trimmed === "true" };
      return { kind: "wrong", message: `${field.name} must be true or false.` };
    case "LIST":
    case "STRUCT":
    case "TASK_FINAL_STATUS":
    case "TASK_CONFIG":
      return readJson(field, trimmed);
  }
}

function readJson(field: FormField, text: string): FieldValue {
  const list = field.type === "LIST";
  const example = list ? "[1, 2]" : '{"key": 1}';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "wrong", message: `${field.name} must be JSON, such as ${example}.` };
  }
  if (Array.isArray(value) !== list || typeof value !== "object" || value === null)
    return { kind: "wrong", message: `${field.name} must be ${list ? "a list" : "an object"}, such as ${example}.` };
  // SAFETY: JSON.parse makes nothing but JSON.
  return { kind: "value", value: value as Json };
}

function ofLiterals(field: FormField, value: Json): FieldValue {
  if (field.literals && !field.literals.includes(value))
    return {
      kind: "wrong",
      message: `${field.name} must be one of ${field.literals.map((each) => JSON.stringify(each)).join(", ")}.`,
    };
  return { kind: "value", value };
}

/** What stands in the field at first: the last value, else the default. */
export function initialText(field: FormField): string {
  return textOf(field.lastValue ?? field.defaultValue, field.type);
}

export function textOf(value: Json | undefined, type: ParameterType): string {
  if (value === undefined || value === null) return "";
  return type === "STRING" && typeof value === "string" ? value : JSON.stringify(value);
}

/** All values, or the first field that is wrong of each. */
export function readForm(
  fields: readonly FormField[],
  texts: Readonly<Record<string, string>>,
): { readonly values: Readonly<Record<string, Json>>; readonly wrong: Readonly<Record<string, string>> } {
  const values: Record<string, Json> = {};
  const wrong: Record<string, string> = {};
  for (const field of fields) {
    const read = readField(field, texts[field.name] ?? "");
    if (read.kind === "value") values[field.name] = read.value;
    else if (read.kind === "wrong") wrong[field.name] = read.message;
  }
  return { values, wrong };
}
