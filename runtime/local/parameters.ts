import type { Definitions, Json, ParameterSpec } from "../../language/spec/types.ts";
import { UserError } from "../user-error.ts";

/**
 * A run's parameters with the pipeline's defaults. Throws UserError (exit 2)
 * that names every input that is unknown, missing, or of another type.
 */
export function completeParameters(
  given: Readonly<Record<string, Json>>,
  definitions: Definitions | undefined,
): Record<string, Json> {
  const inputs = definitions?.parameters ?? {};
  const problems: string[] = [];
  const complete: Record<string, Json> = {};
  for (const [name, value] of Object.entries(given)) {
    const input = inputs[name];
    if (input === undefined) problems.push(`there is no input ${name}`);
    else if (value !== null || !input.isOptional) {
      const problem = mismatch(value, input);
      if (problem !== undefined) problems.push(`input ${name} ${problem}`);
      complete[name] = value;
    }
  }
  for (const [name, { defaultValue, isOptional }] of Object.entries(inputs)) {
    if (complete[name] !== undefined) continue;
    if (defaultValue !== undefined) complete[name] = defaultValue;
    else if (!isOptional) problems.push(`input ${name} has no value and no default`);
  }
  if (problems.length > 0) {
    const names = Object.keys(inputs);
    throw new UserError("parameters", `The parameters do not fit the pipeline: ${problems.join("; ")}.`, {
      action: names.length > 0 ? `Its inputs are ${names.join(", ")}.` : "It has no inputs.",
      exit: 2,
    });
  }
  return complete;
}

/** What is wrong with a value for an input, as the end of a sentence. */
export function mismatch(value: Json, { parameterType, literals }: ParameterSpec): string | undefined {
  const shown = JSON.stringify(value);
  if (!isOfType(value, parameterType)) return `is ${shown}, which is not ${typeNames[parameterType]}`;
  if (literals !== undefined && literals.length > 0 && !literals.some((literal) => JSON.stringify(literal) === shown)) {
    return `is ${shown}, which is none of ${literals.map((literal) => JSON.stringify(literal)).join(", ")}`;
  }
  return undefined;
}

const typeNames: Readonly<Record<ParameterSpec["parameterType"], string>> = {
  STRING: "a text",
  NUMBER_INTEGER: "a whole number",
  NUMBER_DOUBLE: "a number",
  BOOLEAN: "true or false",
  LIST: "a list",
  STRUCT: "an object",
  TASK_FINAL_STATUS: "a final status",
  TASK_CONFIG: "a task configuration",
};

function isOfType(value: Json, type: ParameterSpec["parameterType"]): boolean {
  switch (type) {
    case "STRING":
      return typeof value === "string";
    case "NUMBER_INTEGER":
      return Number.isInteger(value);
    case "NUMBER_DOUBLE":
      return typeof value === "number";
    case "BOOLEAN":
      return typeof value === "boolean";
    case "LIST":
      return Array.isArray(value);
    case "STRUCT":
    case "TASK_FINAL_STATUS":
    case "TASK_CONFIG":
      return typeof value === "object" && value !== null && !Array.isArray(value);
  }
}
