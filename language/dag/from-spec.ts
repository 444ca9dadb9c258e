/** The picture of a package: its tasks, and what flows between those that are shown. */
import type { ExecutorSpec, PipelinePackage, TaskSpec } from "../spec/types.ts";
import { resourceBadges } from "./badges.ts";
import {
  argumentTexts,
  conditionLabels,
  fillPlaceholders,
  flowLabel,
  groupDetail,
  groupKind,
  groupLabel,
  testedInputs,
} from "./labels.ts";
import {
  chainOf,
  childScope,
  inputOf,
  inRunOrder,
  rootScope,
  type Scope,
  type Source,
  sourcesOf,
  type TaskInput,
} from "./scope.ts";
import type { Dag, DagEdge, DagNode } from "./view.ts";

/**
 * Components may contain one another without measure. From `open` nodes on groups stay folded,
 * after `nodes` the picture ends (its title says so), after `visits` tasks folded groups are not looked into.
 */
const limits = { open: 4_000, nodes: 5_000, visits: 50_000 };

/**
 * Every task of the package but those inside of `folded` groups (ids), with one edge for
 * each pair that something flows between. A value that goes into a group is drawn from the
 * task that makes it to the task that takes it; loop items and tested values to the group.
 * Inputs of the pipeline are no nodes: `arguments` has them. Order of nodes: as they may run.
 */
export function dagView(pkg: PipelinePackage, folded: ReadonlySet<string> = new Set()): Dag {
  const { spec } = pkg;
  const nodes: DagNode[] = [];
  const foldedIds = new Set<string>();
  const flows: Flow[] = [];
  const orders: [from: readonly string[], to: readonly string[]][] = [];
  let visits = 0;

  /** `hidden`: inside of a folded group, where tasks only take part in edges. */
  const walk = (scope: Scope, hidden: boolean) => {
    const tasks = inRunOrder(scope.component.dag?.tasks ?? {});
    const conditions = conditionLabels(scope, tasks);
    for (const [name, task] of tasks) {
      if (++visits > limits.visits) return;
      const inner = childScope(scope, name);
      const isGroup = Object.keys(inner?.component.dag?.tasks ?? {}).length > 0;
      const chain = chainOf(scope, name);
      const fold = isGroup && (folded.has(`${scope.id}.${name}`) || nodes.length >= limits.open);
      if (fold) foldedIds.add(`${scope.id}.${name}`);
      if (!hidden && nodes.length < limits.nodes)
        nodes.push(
          isGroup ? groupNode(scope, name, task, conditions.get(name), fold) : taskNode(pkg, scope, name, task),
        );
      for (const [input, value] of takenBy(task, isGroup)) {
        for (const source of sourcesOf(scope, value)) {
          flows.push({
            from: chainOf(source.scope, source.task),
            to: chain,
            label: flowLabel(source, input),
            kind: source.kind,
          });
        }
      }
      for (const producer of task.dependentTasks ?? []) orders.push([chainOf(scope, producer), chain]);
      if (isGroup && inner) walk(inner, hidden || fold);
    }
  };
  walk(rootScope(spec), false);

  const shown = new Set(nodes.map((node) => node.id));
  const edges = joinEdges(flows, orders, (chain) => {
    const at = chain.find((id) => foldedIds.has(id)) ?? chain.at(-1);
    return at !== undefined && shown.has(at) ? at : undefined;
  });
  const title = spec.pipelineInfo.displayName ?? spec.pipelineInfo.name;
  return { title: nodes.length < limits.nodes ? title : `${title} (first ${limits.nodes} steps)`, nodes, edges };
}

/** A group takes only what decides whether and how often it runs; a task takes all its inputs. */
function takenBy(task: TaskSpec, isGroup: boolean): readonly (readonly [string, TaskInput | undefined])[] {
  if (!isGroup) return Object.entries({ ...task.inputs?.parameters, ...task.inputs?.artifacts });
  const items = task.parameterIterator?.items.inputParameter ?? task.artifactIterator?.items.inputArtifact;
  const names = [...(items === undefined ? [] : [items]), ...testedInputs(task)];
  return names.map((name) => ["", inputOf(task, name)]);
}

function parentOf(scope: Scope): { parent?: string } {
  return scope.via ? { parent: scope.id } : {};
}

function groupNode(
  scope: Scope,
  name: string,
  task: TaskSpec,
  condition: string | undefined,
  folded: boolean,
): DagNode {
  const kind = groupKind(name, task);
  const label = groupLabel(kind, scope, name, task, condition);
  const detail = groupDetail(kind, scope, name, task);
  // `If x`, `Elif y` and `Else` say what their conditions say.
  const says = detail !== undefined && (kind !== "condition" || label !== condition);
  return {
    id: `${scope.id}.${name}`,
    kind,
    label,
    ...parentOf(scope),
    foldable: true,
    folded,
    badges: [],
    ...(says ? { detail } : {}),
  };
}

function taskNode(pkg: PipelinePackage, scope: Scope, name: string, task: TaskSpec): DagNode {
  const executor = executorOf(pkg, task);
  const container = executor?.container;
  const say = (text: string) => fillPlaceholders(scope, task, text);
  const retries = task.retryPolicy?.maxRetryCount;
  const badges = [
    ...resourceBadges(container?.resources, say),
    ...(retries ? [`${retries} ${retries === 1 ? "retry" : "retries"}`] : []),
  ];
  const uri = executor?.importer?.artifactUri;
  const importerUri =
    uri?.constant ??
    (uri?.runtimeParameter === undefined
      ? undefined
      : argumentTexts(scope, task).find((text) => text.startsWith(uri.runtimeParameter ?? "")));
  const always =
    task.triggerPolicy?.strategy === "ALL_UPSTREAM_TASKS_COMPLETED" ? "runs even if steps before it fail" : undefined;
  const isEmpty = pkg.spec.components?.[task.componentRef.name] && groupKind(name, task) !== "pipeline";
  const missing = isEmpty ? "there is no step in it" : "what it is could not be read";
  const detail = importerUri ?? always ?? (executor ? undefined : missing);
  const given = argumentTexts(scope, task);
  return {
    id: `${scope.id}.${name}`,
    kind: executor?.importer ? "importer" : "task",
    label: task.taskInfo?.name ?? name,
    ...parentOf(scope),
    foldable: false,
    folded: false,
    ...(container ? { image: say(container.image) } : {}),
    badges,
    ...(detail === undefined ? {} : { detail }),
    ...(given.length > 0 ? { arguments: given } : {}),
  };
}

function executorOf(pkg: PipelinePackage, task: TaskSpec): ExecutorSpec | undefined {
  const label = pkg.spec.components?.[task.componentRef.name]?.executorLabel;
  return label === undefined ? undefined : pkg.spec.deploymentSpec.executors?.[label];
}

interface Flow {
  /** Ids from the outermost group down to the task. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly label: string;
  readonly kind: Source["kind"];
}

/** One edge a pair of shown nodes. An order is an edge only where nothing flows between the two. */
function joinEdges(
  flows: readonly Flow[],
  orders: readonly (readonly [readonly string[], readonly string[]])[],
  shownAs: (chain: readonly string[]) => string | undefined,
): readonly DagEdge[] {
  const edges = new Map<string, { from: string; to: string; kind: DagEdge["kind"]; labels: Set<string> }>();
  const pairs = new Set<string>();
  const add = (fromChain: readonly string[], toChain: readonly string[], kind: DagEdge["kind"], label?: string) => {
    const from = shownAs(fromChain);
    const to = shownAs(toChain);
    // Inside of one folded group, or between a group and what is in it, there is nothing to draw.
    if (from === undefined || to === undefined || from === to || toChain.includes(from) || fromChain.includes(to))
      return;
    const edge = edges.get(`${from} ${to}`) ?? { from, to, kind, labels: new Set<string>() };
    edges.set(`${from} ${to}`, edge);
    if (label !== undefined) edge.labels.add(label);
    if (kind === "artifact") edge.kind = kind;
  };
  for (const { from, to, kind, label } of flows) {
    add(from, to, kind, label);
    // The two siblings whose insides this value goes between.
    const level = from.findIndex((id, i) => id !== to[i]);
    if (level >= 0) pairs.add(`${from[level] ?? ""} ${to[level] ?? ""}`);
  }
  for (const [from, to] of orders) {
    if (!pairs.has(`${from.at(-1) ?? ""} ${to.at(-1) ?? ""}`)) add(from, to, "order");
  }
  return [...edges.values()].map(({ from, to, kind, labels }) => ({
    id: `${from}→${to}`,
    from,
    to,
    kind,
    ...(labels.size > 0 ? { label: [...labels].join(", ") } : {}),
  }));
}
