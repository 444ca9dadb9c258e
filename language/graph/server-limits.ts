/** What the SDK writes and KFP 2.17's server does not run (`backend/src/v2/compiler/argocompiler`), or a cluster not keep. */
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import { measure, type Overlong, overlongText } from "../spec/argument-limit.ts";
import type { Span } from "../source.ts";
import type { PipelinePackage } from "../spec/types.ts";
import { groupName } from "./builder.ts";
import { channelsOfCondition } from "./channels.ts";
import type { Channel, Graph, Group } from "./model.ts";
import { sanitizeName } from "./names.ts";
import { channelsOfResources, channelsOfTask } from "./task-channels.ts";

/** One object of a cluster's store may have 1.5 MB (etcd's `max-request-bytes`); the workflow is more than the spec. */
const mostBytes = 1_000_000;

export function checkServerLimits(
  graph: Graph,
  { spec, platform }: PipelinePackage,
  report: (diagnostic: Diagnostic) => void,
): void {
  checkGroups(graph.root, report);
  const { overlong, length } = measure(spec);
  for (const each of overlong) reportOverlong(each, graph, report);
  const size = length + (platform ? JSON.stringify(platform).length : 0);
  if (size > mostBytes && graph.span) report(diagnose("too-large", graph.span, (size / 1e6).toFixed(1)));
}

/** At the group or the step that it is of; of what a pipeline in this one brings, that pipeline tells. */
function reportOverlong({ kind, name, bytes }: Overlong, graph: Graph, report: (diagnostic: Diagnostic) => void): void {
  const label = name.replace(/^(?:comp|exec)-/, "");
  const say = (span: Span | undefined, what: string): void => {
    if (span) report(diagnose("server-refuses", span, overlongText(what, bytes)));
  };
  if (kind === "root") return say(graph.span, `"${graph.name}"`);
  if (kind === "component") {
    const group = groupNamed(graph.root, label);
    return group && say(group.span, groupName(group));
  }
  const task = graph.tasks.find(({ component }) => sanitizeName(component.name) === label);
  if (task?.component.implementation.kind === "container") say(task.span, `"${task.component.name}"`);
}

function groupNamed(group: Group, name: string): Group | undefined {
  if (group.name === name && group.kind !== "root") return group;
  for (const child of group.children) {
    const found = child.kind === "task" ? undefined : groupNamed(child, name);
    if (found) return found;
  }
  return undefined;
}

/** A group's DAG must have a task that does not wait for the end of others. */
function checkGroups(group: Group, report: (diagnostic: Diagnostic) => void): void {
  for (const child of group.children) if (child.kind !== "task") checkGroups(child, report);
  if (group.kind === "root" || !group.span) return;
  const { children, span } = group;
  if (children.length === 0) return report(diagnose("server-refuses", span, `${groupName(group)} without a step`));
  if (children.some((one) => one.kind !== "task" || one.settings.ignoreUpstreamFailure !== true)) return;
  report(diagnose("server-refuses", span, `${groupName(group)} whose only steps ignore failures before them`));
}

/** Hints at inputs that no step uses, and at what was gathered or chosen for nobody. `mentioned`: in text, say. */
export function checkUses(
  graph: Graph,
  made: readonly { readonly channel: Channel; readonly name: string; readonly span: NonNullable<Graph["span"]> }[],
  mentioned: Iterable<Channel>,
  report: (diagnostic: Diagnostic) => void,
): void {
  const used = new Set<Channel>();
  const inputs = new Set<string>();
  const use = (channel: Channel): void => {
    used.add(channel);
    if (channel.kind === "pipeline-input") inputs.add(channel.name);
    if (channel.kind === "loop-item" && channel.loop.items.kind === "channel") use(channel.loop.items.channel);
    if (channel.kind === "loop-field") use(channel.item);
  };
  const visit = (group: Group): void => {
    if (group.kind === "condition" && group.condition) channelsOfCondition(group.condition).forEach(use);
    if (group.kind === "loop" && group.items.kind === "channel") use(group.items.channel);
    for (const child of group.children) if (child.kind !== "task") visit(child);
  };
  visit(graph.root);
  for (const task of graph.tasks) [...channelsOfTask(task), ...channelsOfResources(task)].forEach(use);
  for (const channel of [...graph.outputs.map((output) => output.channel), ...mentioned]) use(channel);
  for (const { name, span } of graph.inputs)
    if (span && !inputs.has(name)) report(diagnose("unused-input", span, name));
  for (const { channel, name, span } of made) if (!used.has(channel)) report(diagnose("unused-output", span, name));
}
