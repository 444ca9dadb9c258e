/**
 * What groups pass outwards: outputs of tasks in a loop that somebody collects, and outputs
 * of an If's arms between which somebody chooses.
 */
import type { ParameterSelector } from "../spec/types.ts";
import { decidingChannels, type Node, oneOfName, pathOf, surfacedName, uncommon } from "./channels.ts";
import type { BranchesGroup, Channel, Graph, Group, TaskOutput, ValueType } from "./model.ts";
import { channelsOfTask } from "./task-channels.ts";

export interface GroupOutput {
  readonly type: ValueType;
  /** More than one: whichever of them there is. */
  readonly choices: readonly ParameterSelector[];
  readonly isChoice: boolean;
}

/** The outputs of each group, by name. */
export function groupOutputs(graph: Graph): (group: Group) => ReadonlyMap<string, GroupOutput> {
  const outputs = new Map<Group, Map<string, GroupOutput>>();

  function add(group: Group, name: string, output: GroupOutput): void {
    const own = outputs.get(group) ?? new Map<string, GroupOutput>();
    outputs.set(group, own);
    own.set(name, output);
  }

  /** Passes a task's output on from group to group, `groups` from the inside; gives the last one's name for it. */
  function surface({ task, key, type }: TaskOutput, groups: readonly Group[]): ParameterSelector {
    const name = surfacedName(task, key);
    let selector: ParameterSelector = { producerSubtask: task.name, outputParameterKey: key };
    for (const group of groups) {
      add(group, name, { type, choices: [selector], isChoice: false });
      selector = { producerSubtask: group.name, outputParameterKey: name };
    }
    return selector;
  }

  function visit(channel: Channel, upstream: readonly Node[]): void {
    if (channel.kind === "collected") {
      const groups = upstream.filter((node) => node.kind !== "task" && node.kind !== "root");
      surface({ ...channel.output, type: channel.type }, groups.reverse());
    } else if (channel.kind === "one-of") {
      const { branches, index, channels, type } = channel;
      const choices = channels.map((choice) => surface(choice, groupsBelow(branches, choice)));
      add(branches, oneOfName(branches.name, index), { type, choices, isChoice: true });
    }
  }

  for (const task of graph.tasks) {
    for (const channel of channelsOfTask(task)) {
      visit(channel, channel.kind === "collected" ? uncommon(channel.output.task, task).upstream : []);
    }
  }
  // What is chosen may also decide, or be looped over; the SDK forgets to pass that on.
  for (const channel of deciding(graph.root)) if (channel.kind === "one-of") visit(channel, []);
  for (const { channel } of graph.outputs) {
    visit(channel, channel.kind === "collected" ? pathOf(channel.output.task) : []);
  }
  const none: ReadonlyMap<string, GroupOutput> = new Map();
  return (group) => outputs.get(group) ?? none;
}

/** All that groups look at themselves, in conditions and to loop over. */
function deciding(group: Group): readonly Channel[] {
  const inner = group.children.flatMap((child) => (child.kind === "task" ? [] : deciding(child)));
  return [...decidingChannels(group), ...inner];
}

/** Groups between the branches and the task, innermost first. */
function groupsBelow(branches: BranchesGroup, output: TaskOutput): readonly Group[] {
  const groups: Group[] = [];
  for (let at: Group = output.task.group; at !== branches; at = at.parent) {
    if (at.kind === "root") return [];
    groups.push(at);
  }
  return groups;
}
