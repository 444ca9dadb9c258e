/** A compiled pipeline used as a component: its parts move into the pipeline that uses it, under names that are free there. */
import type { ComponentBody } from "../analyze.ts";
import type { ComponentSpec, ExecutorSpec, Json, PipelinePackage, TaskSpec } from "../spec/types.ts";
import { createNameSet, type NameSet } from "./names.ts";

/** What a spec is put together from. */
export interface Parts {
  readonly components: Record<string, ComponentSpec>;
  readonly componentNames: NameSet;
  readonly executors: Record<string, ExecutorSpec>;
  readonly executorLabels: NameSet;
  /** KubernetesExecutorConfig by executor label. */
  readonly platformExecutors: Record<string, Record<string, Json>>;
  readonly bodies: ComponentBody[];
}

export function createParts(): Parts {
  return {
    components: {},
    componentNames: createNameSet(),
    executors: {},
    executorLabels: createNameSet(),
    platformExecutors: {},
    bodies: [],
  };
}

/**
 * Adds a package's components and executors, and gives the component that stands for it.
 * The package itself stays as it is: what needs no new name is shared. (Where names clash
 * more than once, the SDK's choice depends on a hash seed, and may leave two components
 * with one executor; this never does.)
 */
export function mergePackage(parts: Parts, inner: PipelinePackage, bodies: readonly ComponentBody[]): ComponentSpec {
  const { spec, platform } = inner;
  const labels = new Map<string, string>();
  for (const [label, executor] of Object.entries(spec.deploymentSpec.executors ?? {})) {
    const free = parts.executorLabels.claim(label);
    labels.set(label, free);
    parts.executors[free] = executor;
  }
  for (const [label, config] of Object.entries(platform?.platforms.kubernetes?.deploymentSpec?.executors ?? {})) {
    parts.platformExecutors[labels.get(label) ?? label] = config;
  }
  for (const body of bodies) {
    parts.bodies.push({ ...body, executorLabel: labels.get(body.executorLabel) ?? body.executorLabel });
  }
  const components = Object.entries(spec.components ?? {});
  const names = new Map(components.map(([name]) => [name, parts.componentNames.claim(name)]));
  for (const [name, component] of components) {
    parts.components[names.get(name) ?? name] = renamed(component, names, labels);
  }
  return renamed(spec.root, names, labels);
}

function renamed(
  component: ComponentSpec,
  names: ReadonlyMap<string, string>,
  labels: ReadonlyMap<string, string>,
): ComponentSpec {
  const label = component.executorLabel;
  const newLabel = label === undefined ? undefined : labels.get(label);
  let { dag } = component;
  if (dag) {
    const tasks: Record<string, TaskSpec> = {};
    for (const [name, task] of Object.entries(dag.tasks)) {
      const reference = names.get(task.componentRef.name);
      tasks[name] = reference === undefined ? task : { ...task, componentRef: { name: reference } };
    }
    dag = { ...dag, tasks };
  }
  return {
    ...component,
    ...(newLabel === undefined ? {} : { executorLabel: newLabel }),
    ...(dag ? { dag } : {}),
  };
}
