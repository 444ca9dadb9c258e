/**
 * Which channels a group must be handed from outside. A spec's group is a component, so
 * what its tasks use of the outside comes in through inputs, one `pipelinechannel--…` a
 * channel, at every level between producer and consumer.
 */
import {
  channelsOfCondition,
  type ItemLink,
  type Link,
  linkOf,
  type Node,
  parentOf,
  pathOf,
  uncommon,
} from "./channels.ts";
import { itemName } from "./loops.ts";
import type { Channel, Graph, Group, Task } from "./model.ts";
import { injectedName } from "./names.ts";
import { channelsOfResources, channelsOfTask } from "./task-channels.ts";

/** By the name of the input. */
export type Needs = ReadonlyMap<string, Link>;

/** The inputs of each group other than the root; a loop's own item and items are not among them. */
export function groupNeeds(graph: Graph): (group: Group) => Needs {
  const needs = new Map<Group, Map<string, Link>>();

  function add(group: Group, link: Link): void {
    const own = needs.get(group) ?? new Map<string, Link>();
    needs.set(group, own);
    const name = injectedName(link.name);
    if (own.has(name)) return;
    own.set(name, link);
    // A member is taken from its item, which therefore must be there all the way from its loop.
    if (link.kind === "field") for (const outer of groupsInside(link.item.loop, parentOf(group))) add(outer, link.item);
  }

  /** Hands a channel to a consumer, through the groups that the producer is not in. */
  function hand(link: Link, consumer: Node): void {
    const item = itemOf(link);
    const groups = item ? groupsInside(item.loop, parentOf(consumer)) : groupsBetween(link, consumer);
    for (const group of groups) add(group, item ?? link);
  }

  /**
   * Hands what the SDK hands for a task's channel, whether anything there takes it or not.
   * It begins with the origin, and goes on to what is derived from it below each loop that
   * has the origin's name in its item's name.
   */
  function handAsSdk(link: Link, task: Task): void {
    const item = itemOf(link);
    if (item && !item.items) {
      for (const group of groupsInside(item.loop, parentOf(task))) {
        if (link === item || group.kind !== "loop") add(group, link);
      }
      // The SDK asks for members of constants all the way out, where there is no item to take them from.
      const outer = link === item || graph.isExact ? [] : pathOf(item.loop).slice(1, -1);
      for (const group of outer) if (group.kind !== "task" && group.kind !== "loop") add(group, link);
      return;
    }
    const chain = chainOf(link);
    for (const group of groupsBetween(link, task)) {
      const handed = chain.at(-1);
      if (!handed) return;
      const isConstantMember = handed.kind === "field" && !handed.item.items;
      if (isThere(handed, group) && !(isConstantMember && group.kind === "loop")) add(group, handed);
      if (group.kind === "loop" && itemName(group).includes(handed.name)) chain.pop();
    }
  }

  function visit(group: Group, conditions: readonly Channel[]): void {
    let inherited = conditions;
    if (group.kind === "condition") {
      const own = [...group.denied, ...(group.condition ? [group.condition] : [])].flatMap(channelsOfCondition);
      inherited = [...conditions, ...own];
      for (const channel of own) {
        const link = linkOf(channel, group);
        hand(link, group);
        add(group, link);
      }
    }
    if (group.kind === "loop" && group.items.kind === "channel") hand(linkOf(group.items.channel, group), group);
    for (const child of group.children) {
      if (child.kind !== "task") visit(child, inherited);
      else {
        for (const channel of channelsOfResources(child)) hand(linkOf(channel, child), child);
        for (const channel of channelsOfTask(child)) {
          const link = linkOf(channel, child);
          handAsSdk(link, child);
          hand(link, child);
        }
        for (const channel of inherited) handAsSdk(linkOf(channel, child), child);
      }
    }
  }

  visit(graph.root, []);
  const none: Needs = new Map();
  return (group) => needs.get(group) ?? none;
}

/** Groups that the consumer is in and the producer is not, outermost first. */
function groupsBetween(link: Link, consumer: Node): readonly Group[] {
  const base = originOf(link);
  const path = base ? uncommon(base, consumer).downstream : pathOf(consumer);
  return path.filter((node): node is Group => node !== consumer && node.kind !== "task" && node.kind !== "root");
}

/** The task or group that produces what a link is derived from. */
function originOf(link: Link): Node | undefined {
  switch (link.kind) {
    case "input":
      return undefined;
    case "output":
      return link.producer;
    case "item":
      return link.items && originOf(link.items);
    case "field":
      return originOf(link.item);
  }
}

/** The loop item that a link is, or is a member of. */
function itemOf(link: Link): ItemLink | undefined {
  return link.kind === "field" ? link.item : link.kind === "item" ? link : undefined;
}

/** A link with everything that it is derived from, the origin last. */
function chainOf(link: Link): Link[] {
  const chain: Link[] = [];
  for (
    let at: Link | undefined = link;
    at;
    at = at.kind === "field" ? at.item : at.kind === "item" ? at.items : undefined
  ) {
    chain.push(at);
  }
  return chain;
}

/** Whether a group can be handed it: an item, or a member of one, is only inside of the loop. */
function isThere(link: Link, group: Group): boolean {
  const item = itemOf(link);
  return !item || pathOf(group).slice(0, -1).includes(item.loop);
}

/** The group and what it is in, up to but without the loop; none where it is not inside the loop. */
function groupsInside(loop: Group, innermost: Group | undefined): readonly Group[] {
  const groups: Group[] = [];
  for (let at = innermost; at; at = parentOf(at)) {
    if (at === loop) return groups;
    groups.push(at);
  }
  return [];
}
