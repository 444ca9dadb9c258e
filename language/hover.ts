/** What a hover says, in Markdown. */
import type { CompiledPipeline, Definition } from "./analyze.ts";
import { typeWord, valueText } from "./dag/labels.ts";
import type { ComponentSpec, ContainerSpec, Definitions, PipelineSpec, TaskSpec } from "./spec/types.ts";

/** Signature, description, image and packages of the component of a task. */
export function taskHover(compiled: CompiledPipeline, node: string): string | undefined {
  const found = taskOf(compiled, node);
  if (!found) return undefined;
  const { component, task } = found;
  const container =
    component.executorLabel === undefined
      ? undefined
      : compiled.spec.deploymentSpec.executors?.[component.executorLabel]?.container;
  const name = task.componentRef.name.replace(/^comp-/, "");
  const lines = [signature(name, component.inputDefinitions, component.outputDefinitions)];
  if (container) lines.push(...containerFacts(container));
  const caching = task.cachingOptions?.enableCache === true ? [] : ["Not cached."];
  return [...lines, ...(container ? caching : []), `Step \`${node.replace(/^root\./, "")}\``].join("\n\n");
}

export function definitionHover(definition: Definition, compiled: CompiledPipeline | undefined): string {
  const lines = [signature(definition.name, definition.inputs, definition.outputs)];
  if (definition.description) lines.push(definition.description);
  const executors = Object.values(compiled?.spec.deploymentSpec.executors ?? {});
  const only = executors.length === 1 ? executors[0]?.container : undefined;
  if (definition.kind === "component" && only) lines.push(...containerFacts(only));
  if (definition.kind === "pipeline" && compiled) {
    const steps = [...compiled.sourceMap.keys()].filter(
      (path) => taskOf(compiled, path)?.component.dag === undefined,
    ).length;
    lines.push(`${steps} ${steps === 1 ? "step" : "steps"}`);
  }
  return lines.join("\n\n");
}

/** Signature of a component of a compiled file, and what runs it; or what an executor runs. */
export function componentHover(spec: PipelineSpec, name: string): string | undefined {
  const component = spec.components?.[name];
  if (!component) return undefined;
  const lines = [signature(name.replace(/^comp-/, ""), component.inputDefinitions, component.outputDefinitions)];
  const steps = Object.keys(component.dag?.tasks ?? {}).length;
  if (component.dag) lines.push(`${steps} ${steps === 1 ? "step" : "steps"}`);
  const executor = component.executorLabel === undefined ? undefined : executorHover(spec, component.executorLabel);
  return [...lines, ...(executor === undefined ? [] : [executor])].join("\n\n");
}

export function executorHover(spec: PipelineSpec, name: string): string | undefined {
  const executor = spec.deploymentSpec.executors?.[name];
  return executor?.container && containerFacts(executor.container).join("\n\n");
}

/** An input or output of a component, or of the root where no component is named. */
export function memberHover(
  spec: PipelineSpec,
  component: string | undefined,
  kind: "input" | "output",
  name: string,
): string | undefined {
  const owner = component === undefined ? spec.root : spec.components?.[component];
  const definitions = kind === "input" ? owner?.inputDefinitions : owner?.outputDefinitions;
  const [parameter, artifact] = [definitions?.parameters?.[name], definitions?.artifacts?.[name]];
  if (!parameter && !artifact) return undefined;
  const only = {
    ...(parameter && { parameters: { [name]: parameter } }),
    ...(artifact && { artifacts: { [name]: artifact } }),
  };
  const of = component === undefined ? "the pipeline" : `\`${component.replace(/^comp-/, "")}\``;
  const [text = ""] = givenTexts(only);
  const description = parameter?.description ?? artifact?.description;
  const title = kind === "input" ? "Input" : "Output";
  return [`\`\`\`\n${text}\n\`\`\``, `${title} of ${of}`, ...(description ? [description] : [])].join("\n\n");
}

/** The task at a path, and its component. */
export function taskOf(
  compiled: CompiledPipeline,
  path: string,
): { task: TaskSpec; component: ComponentSpec } | undefined {
  let component = compiled.spec.root;
  let rest = path.replace(/^root\./, "");
  for (;;) {
    const tasks: Readonly<Record<string, TaskSpec>> = component.dag?.tasks ?? {};
    // A task's name may itself have dots: the longest that fits is meant.
    const name = Object.keys(tasks)
      .filter((key) => rest === key || rest.startsWith(`${key}.`))
      .sort((a, b) => b.length - a.length)[0];
    const task = name === undefined ? undefined : tasks[name];
    if (!task || name === undefined) return undefined;
    const next: ComponentSpec | undefined = compiled.spec.components?.[task.componentRef.name];
    if (!next) return undefined;
    component = next;
    if (rest === name) return { task, component };
    rest = rest.slice(name.length + 1);
  }
}

function signature(name: string, inputs: Definitions | undefined, outputs: Definitions | undefined): string {
  const given = givenTexts(inputs);
  const made = [
    ...Object.entries(outputs?.artifacts ?? {}).map(
      ([key, { artifactType, isArtifactList }]) => `${key}: ${artifactWord(artifactType.schemaTitle, isArtifactList)}`,
    ),
    ...Object.entries(outputs?.parameters ?? {}).map(
      ([key, { parameterType }]) => `${key}: ${typeWord(parameterType)}`,
    ),
  ];
  const wide = given.join(", ").length > 60;
  const list = wide ? `(\n  ${given.join(",\n  ")}\n)` : `(${given.join(", ")})`;
  return `\`\`\`\n${name}${list}${made.length > 0 ? ` → ${made.join(", ")}` : ""}\n\`\`\``;
}

/** `rows: int = 5`, artifacts first. */
function givenTexts(inputs: Definitions | undefined): readonly string[] {
  return [
    ...Object.entries(inputs?.artifacts ?? {}).map(
      ([key, { artifactType, isArtifactList }]) => `${key}: ${artifactWord(artifactType.schemaTitle, isArtifactList)}`,
    ),
    ...Object.entries(inputs?.parameters ?? {}).map(([key, { parameterType, defaultValue, isOptional }]) => {
      const fallback = defaultValue !== undefined ? ` = ${valueText(defaultValue)}` : isOptional ? "?" : "";
      return `${key}: ${typeWord(parameterType)}${fallback}`;
    }),
  ];
}

function artifactWord(title: string | undefined, isList: boolean | undefined): string {
  return `${(title ?? "Artifact").replace(/^system\./, "")}${isList ? "[]" : ""}`;
}

function containerFacts(container: ContainerSpec): readonly string[] {
  const packages = installedPackages(container);
  return [
    `Image \`${container.image}\``,
    ...(packages.length > 0 ? [`Packages ${packages.map((name) => `\`${name}\``).join(" ")}`] : []),
  ];
}

/** What the SDK's install command installs for the user: its own packages are left out. */
export function installedPackages(container: ContainerSpec): readonly string[] {
  const install = container.command?.find((part) => part.includes("pip install")) ?? "";
  const quoted = [...install.matchAll(/ '([^']+)'| "([^"]+)"/g)].map((match) => match[1] ?? match[2] ?? "");
  return quoted.filter(
    (name) =>
      !/^(?:kfp==|--|typing-extensions>=|\$)/.test(name) && !name.includes("$(") && name !== "$0" && name !== "$@",
  );
}
