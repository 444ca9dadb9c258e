/** `@dsl.container_component`. */
import { diagnose } from "../diagnostics.ts";
import type { Component, Implementation } from "../graph/model.ts";
import type { Span } from "../source.ts";
import type { ContainerSpec } from "../spec/types.ts";
import { parameterTypeOf, typeStruct } from "./annotations.ts";
import { IoType, PathType } from "./artifact-types.ts";
import { componentNameOf, defineComponent, describedInterface, nameSpanOf } from "./component.ts";
import type { DslContext } from "./context.ts";
import { listOfArtifacts } from "./list-type.ts";
import type { Machine } from "./machine.ts";
import { ArtifactPlaceholder, ContainerSpecValue, Placeholder, StructPlaceholder } from "./placeholders.ts";
import { type CallArguments, type FunctionValue, isObject, isUnknown, typeName, type Value } from "./values.ts";

export function containerComponent(context: DslContext, written: FunctionValue, given: CallArguments): Value {
  return defineComponent(context, written, given, true, (target) =>
    buildContainerComponent(context, target, given.span),
  );
}

function buildContainerComponent(context: DslContext, target: FunctionValue, span: Span): Component {
  const { machine } = context;
  const { face, description } = describedInterface(machine, target, "container");
  if (
    face.returns !== undefined &&
    face.returns !== null &&
    !(isObject(face.returns) && face.returns.kind === "class" && face.returns.name === "ContainerSpec") &&
    !isUnknown(face.returns)
  ) {
    machine.report(diagnose("container-returns", nameSpanOf(target)));
  }
  const positional = face.parameters.map(({ parameter, annotation }) => ({
    value: placeholderFor(parameter.name, annotation),
    span,
  }));
  const spec = machine.invoke(target, { positional, keywords: new Map(), span: nameSpanOf(target) }, true);
  const container: ContainerSpec = { image: "" };
  if (spec instanceof ContainerSpecValue) {
    const image = spec.member(0, "image");
    if (typeof image === "string") container.image = image;
    else if (isUnknown(image)) machine.report(diagnose("not-known", spec.given.span, "the image", image.reason));
    else machine.report(diagnose("wrong-value", spec.given.span, "The image", "text, and known while compiling"));
    for (const [i, name] of (["command", "args"] as const).entries()) {
      const value = spec.member(i + 1, name);
      if (value === null) continue;
      if (isUnknown(value)) machine.report(diagnose("not-known", spec.given.span, `"${name}"`, value.reason));
      const elements = machine.iterate(value, spec.given.span);
      const parts = commandLine(machine, elements, spec.given.span);
      for (const absent of elements.flatMap((one) => (one instanceof StructPlaceholder ? one.inputs() : [])))
        if (face.inputs.every((input) => input.name !== absent))
          machine.report(diagnose("spec-reference", spec.given.span, "input", absent));
      if (parts.length > 0) container[name] = parts;
      for (const [what, pattern] of unresolved)
        if (parts.some((part) => pattern.test(part)))
          machine.report(
            diagnose("server-ignores", spec.given.span, `${what}: the command gets the placeholder as text`),
          );
    }
  } else if (isUnknown(spec)) machine.report(diagnose("not-known", nameSpanOf(target), "its container", spec.reason));
  else machine.report(diagnose("container-returns", nameSpanOf(target)));
  return {
    name: componentNameOf(target.name),
    ...(description !== undefined && { description }),
    inputs: face.inputs,
    outputs: face.outputs,
    implementation: { kind: "container", container } satisfies Implementation,
    span: target.span,
  };
}

/** Placeholders that the launcher of KFP 2.17 puts nothing in the place of. */
const unresolved = [
  ["the metadata of an artifact in a command", /\{\{\$\.(?:inputs|outputs)\.artifacts\[[^\]]*\]\.metadata/],
  ["a list of artifacts in a command", /\{\{\$\.(?:inputs|outputs)\.artifacts\['[^']*'\]\}\}/],
] as const;

function placeholderFor(name: string, annotation: Value): Value {
  if (annotation instanceof IoType) {
    const direction = annotation.direction === "Output" ? "outputs" : "inputs";
    return listOfArtifacts(annotation.inner ?? null)
      ? new Placeholder(`{{$.${direction}.artifacts['${name}']}}`)
      : new ArtifactPlaceholder(direction, name);
  }
  if (annotation instanceof PathType && annotation.direction === "OutputPath")
    return new Placeholder(`{{$.outputs.parameters['${name}'].output_file}}`, "OutputParameterPlaceholder", {
      output_name: name,
    });
  const type = parameterTypeOf(typeStruct(annotation) ?? "");
  return new Placeholder(`{{$.inputs.parameters['${name}']}}`, "InputValuePlaceholder", {
    input_name: name,
    _ir_type: type?.kind === "parameter" ? type.type : "STRING",
  });
}

/** Elements of a command as text; what is none is reported. */
function commandLine(machine: Machine, values: readonly Value[], span: Span): string[] {
  const parts: string[] = [];
  for (const value of values) {
    if (typeof value === "string") parts.push(value);
    else if (value instanceof Placeholder) parts.push(value.text());
    else if (value instanceof StructPlaceholder) parts.push(value.element());
    else if (isUnknown(value)) machine.report(diagnose("not-known", span, "a part of the command", value.reason));
    else if (value instanceof ArtifactPlaceholder)
      machine.report(diagnose("wrong-value", span, "An artifact in a command", "its .uri, .path or .metadata"));
    else
      machine.report(
        diagnose("wrong-value", span, "A part of a command", `text or a placeholder, not a ${typeName(value)}`),
      );
  }
  return parts;
}
