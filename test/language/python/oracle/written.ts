/** What can be said of a compiled file beside its bytes: whether it refers to what is not there, and what it is without the names in it. */
import { parse as parseCel } from "@marcbachmann/cel-js";
import { parseAllDocuments } from "yaml";
import type { ComponentSpec, PipelineSpec, PlatformSpec, TaskSpec } from "../../../../language/spec/types.ts";

/** Inputs, tasks and outputs that a spec names and does not have, and conditions that are no CEL: no server runs it. */
export function dangling(yaml: string): readonly string[] {
  const spec = specOf(yaml);
  const components: Readonly<Record<string, ComponentSpec>> = spec.components ?? {};
  const found: string[] = [];
  for (const [name, component] of [["root", spec.root] as const, ...Object.entries(components)]) {
    const has = (input: string): boolean =>
      input in (component.inputDefinitions?.parameters ?? {}) || input in (component.inputDefinitions?.artifacts ?? {});
    const tasks = component.dag?.tasks ?? {};
    for (const [label, task] of Object.entries(tasks)) {
      const say = (what: string): number => found.push(`${name}.${label}: ${what}`);
      for (const each of Object.values({ ...task.inputs?.parameters, ...task.inputs?.artifacts }) as Selector[]) {
        const input = each.componentInputParameter ?? each.componentInputArtifact;
        if (input !== undefined && !has(input)) say(`no input ${input}`);
        const { producerTask } = each.taskOutputParameter ?? each.taskOutputArtifact ?? {};
        const producer = producerTask === undefined ? undefined : tasks[producerTask];
        if (producerTask !== undefined && producer === undefined) say(`no task ${producerTask}`);
      }
      for (const each of task.dependentTasks ?? []) if (!(each in tasks)) say(`no task ${each}`);
      found.push(...ofCondition(task).map((what) => `${name}.${label}: ${what}`));
      const iterated = task.parameterIterator?.items.inputParameter;
      if (iterated !== undefined && !(iterated in (task.inputs?.parameters ?? {}))) say(`no input ${iterated}`);
    }
  }
  if (yaml.includes("{{channel:")) found.push("a channel in text");
  return found;
}

interface Selector {
  readonly componentInputParameter?: string;
  readonly componentInputArtifact?: string;
  readonly taskOutputParameter?: { readonly producerTask: string };
  readonly taskOutputArtifact?: { readonly producerTask: string };
}

function ofCondition(task: TaskSpec): string[] {
  const condition = task.triggerPolicy?.condition;
  if (condition === undefined) return [];
  const found: string[] = [];
  for (const [, name = ""] of condition.matchAll(/inputs\.parameter_values\['([^']*)'\]/g))
    if (!(name in (task.inputs?.parameters ?? {}))) found.push(`no input ${name} for its condition`);
  try {
    parseCel(condition);
  } catch {
    found.push("its condition is no CEL");
  }
  return found;
}

/**
 * Whether names of nested pipelines clash more than once. Then the SDK renames in the order of a table in its memory,
 * another one each time that it starts.
 */
export function clashesTwice(yaml: string): boolean {
  return /^ +(?:comp|exec)-[\w-]*-\d+-\d+:$/m.test(yaml);
}

/** What the root comes to with every component and executor put where it is used: the names of them are gone. */
export function unfolded(yaml: string): string {
  const [spec, platform] = parseAllDocuments(yaml).map((document) => document.toJS() as unknown) as [
    PipelineSpec,
    PlatformSpec | undefined,
  ];
  const components: Readonly<Record<string, ComponentSpec>> = spec.components ?? {};
  const settings = platform?.platforms.kubernetes?.deploymentSpec?.executors ?? {};
  const unfold = ({ dag, executorLabel = "", ...rest }: ComponentSpec): unknown => ({
    ...rest,
    executor: spec.deploymentSpec.executors?.[executorLabel],
    settings: settings[executorLabel],
    tasks: Object.entries(dag?.tasks ?? {}).map(([name, { componentRef, ...task }]) => {
      const component = components[componentRef.name];
      return { name, ...task, component: component && unfold(component) };
    }),
    outputs: dag?.outputs,
  });
  return JSON.stringify({ ...spec, components: undefined, deploymentSpec: undefined, root: unfold(spec.root) });
}

function specOf(yaml: string): PipelineSpec {
  // SAFETY: the SDK wrote it, or we did.
  return parseAllDocuments(yaml)[0]?.toJS() as PipelineSpec;
}
