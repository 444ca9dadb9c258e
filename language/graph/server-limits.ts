/** What the SDK writes and KFP 2.17's server does not run (`backend/src/v2/compiler/argocompiler`), or a cluster not keep. */
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { PipelinePackage } from "../spec/types.ts";
import { groupName } from "./builder.ts";
import { channelsOfCondition } from "./channels.ts";
import type { Channel, Graph, Group } from "./model.ts";
import { channelsOfResources, channelsOfTask } from "./needs.ts";

/** One object of a cluster's store may have 1.5 MB (etcd's `max-request-bytes`); the workflow is more than the spec. */
const mostBytes = 1_000_000;

export function checkServerLimits(
  graph: Graph,
  compiled: PipelinePackage,
  report: (diagnostic: Diagnostic) => void,
): void {
  checkGroups(graph.root, report);
  const size = sizeOf(compiled);
  if (size > mostBytes && graph.span) report(diagnose("too-large", graph.span, (size / 1e6).toFixed(1)));
}

/** A group's DAG must have a task that does not wait for the end of others. */
function checkGroups(group: Group, report: (diagnostic: Diagnostic) => void): void {
  for (const child of group.children) if (child.kind !== "task") checkGroups(child, report);
  if (group.kind === "root" || !group.span) return;
  const { children, span } = group;
  if (
    children.length === 0 ||
    children.some((one) => one.kind !== "task" || one.settings.ignoreUpstreamFailure !== true)
  )
    return;
  report(diagnose("server-refuses", span, `${groupName(group)} whose only steps ignore failures before them`));
}

/** Bytes of the spec as JSON, roughly; the programs of components are nearly all of it. */
function sizeOf({ spec, platform }: PipelinePackage): number {
  let programs = 0;
  for (const { container } of Object.values(spec.deploymentSpec.executors ?? {}))
    for (const part of [...(container?.command ?? []), ...(container?.args ?? [])]) programs += part.length;
  const parts = Object.keys(spec.components ?? {}).length;
  return programs + parts * 500 < mostBytes / 2 ? 0 : JSON.stringify([spec, platform]).length;
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
