import type { ComponentSpec, DagOutputs, Json, TaskParameterInput, TaskSpec } from "../../language/spec/types.ts";
import type { Artifact } from "../events.ts";
import { UserError } from "../user-error.ts";
import { tryParse } from "./json.ts";
import { type PlaceholderValues, resolveValue } from "./placeholders.ts";
import { type Outcome, succeeded, type Values } from "./state.ts";

/** What the inputs of a task may refer to: its group's inputs and its siblings' ends. */
export interface Scope {
  readonly inputs: Values;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** PipelineTaskFinalStatus of a sibling, as KFP's driver writes it. */
  readonly finalStatus: (task: string) => Json;
}

/**
 * The inputs of a task, but for defaults. What its producer did not write, or
 * was not given from above, is absent where the input may be; otherwise
 * UserError. Constants may hold placeholders for the task's other inputs
 * (`{{$.inputs.parameters['pipelinechannel--…']}}`), so they come last.
 */
export function resolveInputs(
  task: TaskSpec,
  component: ComponentSpec,
  scope: Scope,
  placeholders: (inputs: Values) => PlaceholderValues,
): Values {
  const definitions = component.inputDefinitions;
  const parameters: Record<string, Json> = {};
  for (const [name, input] of Object.entries(task.inputs?.parameters ?? {})) {
    const value = parameterOf(input, scope);
    if (value === undefined) continue;
    parameters[name] =
      input.parameterExpressionSelector === undefined ? value : select(value, input.parameterExpressionSelector);
  }
  const artifacts: Record<string, readonly Artifact[]> = {};
  for (const [name, input] of Object.entries(task.inputs?.artifacts ?? {})) {
    const from = input.taskOutputArtifact;
    const list =
      from === undefined
        ? scope.inputs.artifacts[input.componentInputArtifact ?? ""]
        : scope.outcomes.get(from.producerTask)?.outputs.artifacts[from.outputArtifactKey];
    if (list !== undefined) artifacts[name] = list;
  }
  const values = placeholders({ parameters, artifacts });
  for (const [name, input] of Object.entries(task.inputs?.parameters ?? {})) {
    if (input.runtimeValue === undefined) continue;
    const type = definitions?.parameters?.[name]?.parameterType;
    const constant = resolveValue(input.runtimeValue.constant, values, type === "STRING");
    parameters[name] =
      input.parameterExpressionSelector === undefined ? constant : select(constant, input.parameterExpressionSelector);
  }
  requireInputs(component, { parameters, artifacts }, task);
  return { parameters, artifacts };
}

/** The outputs of a group from its tasks' outputs; what no task wrote is absent. */
export function resolveOutputs(outputs: DagOutputs | undefined, outcomes: ReadonlyMap<string, Outcome>): Values {
  const parameters: Record<string, Json> = {};
  for (const [name, { valueFromParameter, valueFromOneof }] of Object.entries(outputs?.parameters ?? {})) {
    // Of a OneOf, the branch that ran.
    for (const selector of valueFromOneof?.parameterSelectors ?? (valueFromParameter ? [valueFromParameter] : [])) {
      const value = ended(outcomes, selector.producerSubtask)?.outputs.parameters[selector.outputParameterKey];
      if (value === undefined) continue;
      parameters[name] = value;
      break;
    }
  }
  const artifacts: Record<string, readonly Artifact[]> = {};
  for (const [name, { artifactSelectors }] of Object.entries(outputs?.artifacts ?? {})) {
    for (const { producerSubtask, outputArtifactKey } of artifactSelectors) {
      const list = ended(outcomes, producerSubtask)?.outputs.artifacts[outputArtifactKey];
      if (list === undefined) continue;
      artifacts[name] = list;
      break;
    }
  }
  return { parameters, artifacts };
}

/**
 * The part of a value that a parameterExpressionSelector names:
 * `parseJson(string_value)["key"]`, with any number of keys and indices. It is
 * all that the SDK writes (for_loop.py), so no CEL is loaded for it.
 */
export function select(value: Json, expression: string): Json {
  const path = /^parseJson\(string_value\)((?:\[(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d+)\])*)$/.exec(
    expression.trim(),
  )?.[1];
  if (path === undefined)
    throw new UserError(
      "expression",
      `Expression \`${expression}\` is not supported: only parseJson(string_value)["key"] is.`,
    );
  let found: Json | undefined = typeof value === "string" ? fromText(value, expression) : value;
  for (const [, key = ""] of path.matchAll(/\[("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d+)\]/g)) {
    const name = key.startsWith("'") ? key.slice(1, -1) : String(JSON.parse(key));
    if (found === null || typeof found !== "object" || !Object.hasOwn(found, name)) {
      throw new UserError("expression", `${JSON.stringify(value)} has no ${key}, which \`${expression}\` asks for.`);
    }
    // SAFETY: an object with that own property; indices of a list are its properties too.
    found = (found as Readonly<Record<string, Json>>)[name] ?? null;
  }
  return found;
}

function parameterOf(input: TaskParameterInput, scope: Scope): Json | undefined {
  if (input.taskOutputParameter) {
    const { producerTask, outputParameterKey } = input.taskOutputParameter;
    return scope.outcomes.get(producerTask)?.outputs.parameters[outputParameterKey];
  }
  if (input.taskFinalStatus) return scope.finalStatus(input.taskFinalStatus.producerTask);
  if (input.componentInputParameter !== undefined) return scope.inputs.parameters[input.componentInputParameter];
  return undefined;
}

function requireInputs(component: ComponentSpec, given: Values, task: TaskSpec): void {
  const from = (name: string): string => {
    const producer =
      task.inputs?.parameters?.[name]?.taskOutputParameter?.producerTask ??
      task.inputs?.artifacts?.[name]?.taskOutputArtifact?.producerTask;
    return producer === undefined ? "nothing was given for it" : `${producer} did not write it`;
  };
  for (const [name, { isOptional, defaultValue, parameterType }] of Object.entries(
    component.inputDefinitions?.parameters ?? {},
  )) {
    if (
      given.parameters[name] !== undefined ||
      isOptional ||
      defaultValue !== undefined ||
      parameterType === "TASK_CONFIG"
    )
      continue;
    // A loop's own item is filled in later, one iteration at a time.
    if (task.parameterIterator?.itemInput === name) continue;
    throw new UserError("missing-input", `Input ${name} has no value: ${from(name)}.`);
  }
  for (const [name, { isOptional }] of Object.entries(component.inputDefinitions?.artifacts ?? {})) {
    if (given.artifacts[name] !== undefined || isOptional || task.artifactIterator?.itemInput === name) continue;
    throw new UserError("missing-input", `Input ${name} has no artifact: ${from(name)}.`);
  }
}

function ended(outcomes: ReadonlyMap<string, Outcome>, task: string): Outcome | undefined {
  const outcome = outcomes.get(task);
  return outcome !== undefined && succeeded(outcome) ? outcome : undefined;
}

function fromText(text: string, expression: string): Json {
  const value = tryParse(text);
  if (value === undefined)
    throw new UserError("expression", `${JSON.stringify(text)} is not JSON, which \`${expression}\` asks for.`);
  return value;
}
