/** Inputs and outputs of components as the spec writes them. */
import type { ArtifactSpec, Definitions, ParameterSpec } from "../spec/types.ts";
import type { InputDefinition, OutputDefinition, ValueType } from "./model.ts";
import { plain } from "./types.ts";

/** Undefined: there are none. */
export function inputDefinitions(inputs: readonly InputDefinition[]): Definitions | undefined {
  return collect(inputs, ({ type, optional, defaultValue, description }) => {
    if (type.kind === "artifact") return { artifact: artifactSpec(type, optional, description) };
    const isFilledIn = type.type === "TASK_FINAL_STATUS" || type.type === "TASK_CONFIG";
    const parameter: ParameterSpec = { parameterType: type.type };
    if (optional || isFilledIn) parameter.isOptional = true;
    if (optional && !isFilledIn && defaultValue !== undefined && defaultValue !== null) {
      parameter.defaultValue = defaultValue;
    }
    if (description) parameter.description = description;
    if (type.literals && type.literals.length > 0) parameter.literals = [...type.literals];
    return { parameter };
  });
}

export function outputDefinitions(outputs: readonly OutputDefinition[]): Definitions | undefined {
  return collect(outputs, ({ type, description }) => {
    if (type.kind === "artifact") return { artifact: artifactSpec(type, false, description) };
    const parameter: ParameterSpec = { parameterType: plain(type.type) };
    if (description) parameter.description = description;
    return { parameter };
  });
}

/** What a group takes or gives: types and nothing else. */
export function plainDefinitions(types: Iterable<readonly [string, ValueType]>): Definitions | undefined {
  const named = [...types].map(([name, type]) => ({ name, type }));
  return outputDefinitions(named);
}

function collect<T extends { readonly name: string }>(
  items: readonly T[],
  specOf: (item: T) => { readonly parameter: ParameterSpec } | { readonly artifact: ArtifactSpec },
): Definitions | undefined {
  if (items.length === 0) return undefined;
  const definitions: Definitions = {};
  for (const item of items) {
    const spec = specOf(item);
    if ("parameter" in spec) (definitions.parameters ??= {})[item.name] = spec.parameter;
    else (definitions.artifacts ??= {})[item.name] = spec.artifact;
  }
  return definitions;
}

function artifactSpec(type: ValueType & { kind: "artifact" }, optional: boolean, description?: string): ArtifactSpec {
  const spec: ArtifactSpec = { artifactType: type.type };
  if (type.list) spec.isArtifactList = true;
  if (optional) spec.isOptional = true;
  if (description) spec.description = description;
  return spec;
}
