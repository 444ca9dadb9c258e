/** What a hover says, in Markdown. */
import type { CompiledPipeline, Definition } from "./analyze.ts";
import { typeWord, valueText } from "./dag/labels.ts";
import type { ComponentSpec, ContainerSpec, Definitions, TaskSpec } from "./spec/types.ts";

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
  const given = [
    ...Object.entries(inputs?.artifacts ?? {}).map(
      ([key, { artifactType, isArtifactList }]) => `${key}: ${artifactWord(artifactType.schemaTitle, isArtifactList)}`,
    ),
    ...Object.entries(inputs?.parameters ?? {}).map(([key, { parameterType, defaultValue, isOptional }]) => {
      const fallback = defaultValue !== undefined ? ` = ${valueText(defaultValue)}` : isOptional ? "?" : "";
      return `${key}: ${typeWord(parameterType)}${fallback}`;
    }),
  ];
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
