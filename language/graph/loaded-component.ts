/** A compiled file as a component (`ComponentSpec.from_ir_dicts` of `kfp/dsl/structures.py`). */
import type { Definitions, PipelinePackage } from "../spec/types.ts";
import type { Component, InputDefinition, OutputDefinition, ValueType } from "./model.ts";
import { componentName, executorLabel } from "./names.ts";

/** The component that the package's own name names; else the whole pipeline as one. */
export function loadedComponent(compiled: PipelinePackage): Component {
  const { spec } = compiled;
  const { name, description } = spec.pipelineInfo;
  const named = spec.components?.[componentName(name)];
  // By name, whatever executor the component says.
  const container = spec.deploymentSpec.executors?.[executorLabel(name)]?.container;
  const component = named ?? spec.root;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    inputs: inputsOf(component.inputDefinitions),
    outputs: outputsOf(component.outputDefinitions),
    loaded: true,
    implementation: container ? { kind: "container", container } : { kind: "graph", package: compiled },
  };
}

export function inputsOf({ parameters = {}, artifacts = {} }: Definitions = {}): InputDefinition[] {
  return [
    ...Object.entries(parameters).map(
      ([name, each]): InputDefinition => ({
        name,
        type: { kind: "parameter", type: each.parameterType, ...(each.literals ? { literals: each.literals } : {}) },
        optional: each.isOptional === true || each.defaultValue !== undefined,
        ...(each.defaultValue === undefined ? {} : { defaultValue: each.defaultValue }),
        ...(each.description === undefined ? {} : { description: each.description }),
      }),
    ),
    ...Object.entries(artifacts).map(
      ([name, each]): InputDefinition => ({
        name,
        type: artifactType(each),
        optional: each.isOptional === true,
        ...(each.description === undefined ? {} : { description: each.description }),
      }),
    ),
  ];
}

export function outputsOf({ parameters = {}, artifacts = {} }: Definitions = {}): OutputDefinition[] {
  return [
    ...Object.entries(parameters).map(([name, each]) => ({
      name,
      type: { kind: "parameter", type: each.parameterType } as const,
    })),
    ...Object.entries(artifacts).map(([name, each]) => ({ name, type: artifactType(each) })),
  ];
}

function artifactType({
  artifactType: type,
  isArtifactList,
}: NonNullable<Definitions["artifacts"]>[string]): ValueType {
  return { kind: "artifact", type, list: isArtifactList === true };
}
