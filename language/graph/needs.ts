/**
 * Which channels a group must be handed from outside. A spec's group is a component, so
 * what its tasks use of the outside comes in through inputs, one `pipelinechannel--…` a
 * channel, at every level between producer and consumer.
 */
import {
  channelsIn,
  channelsOfCondition,
  type Link,
  linkOf,
  type Node,
  parentOf,
  pathOf,
  uncommon,
} from "./channels.ts";
import { isPlatformInput } from "./kubernetes.ts";
import type { Channel, Graph, Group, PlatformValue, Task } from "./model.ts";
import { injectedName } from "./names.ts";

/** By the name of the input. */
export type Needs = ReadonlyMap<string, Link>;

/** The inputs of each group other than the root; a loop's own item and items are not among them. */
export function groupNeeds(graph: Graph): (group: Group) => Needs {
  const needs = new Map<Group, Map<string, Link>>();

  function add(group: Group, link: Link): void {
    const own = needs.get(group) ?? new Map<string, Link>();
    needs.set(group, own);
    own.set(injectedName(link.name), link);
  }

  /** Hands a channel down to a consumer, through the groups that the producer is not in. */
  function hand(channel: Channel, consumer: Node, use: "argument" | "condition"): void {
    const link = linkOf(channel, consumer);
    const groups = groupsBetween(link, consumer);
    const innermost = groups.at(-1);
    for (const group of groups) {
      // A member of a constant's item is also handed as itself, as in the SDK, but for loops:
      // there, and where something inside takes it from the item, the item is handed.
      if (link.kind === "field" && !link.item.items && isInside(group, link.item.loop)) {
        if (group.kind !== "loop") add(group, link);
        if (use === "argument" || group !== innermost) add(group, link.item);
        continue;
      }
      const available = availableIn(link, group);
      if (available) add(group, available);
    }
  }

  function visit(group: Group, conditions: readonly Channel[]): void {
    let inherited = conditions;
    if (group.kind === "condition") {
      const own = [...group.denied, ...(group.condition ? [group.condition] : [])].flatMap(channelsOfCondition);
      inherited = [...conditions, ...own];
      for (const channel of own) {
        hand(channel, group, "condition");
        add(group, linkOf(channel, group));
      }
    }
    if (group.kind === "loop" && group.items.kind === "channel") hand(group.items.channel, group, "argument");
    for (const child of group.children) {
      if (child.kind !== "task") visit(child, inherited);
      else {
        for (const channel of channelsOfTask(child)) hand(channel, child, "argument");
        for (const channel of channelsOfResources(child)) hand(channel, child, "argument");
        for (const channel of inherited) hand(channel, child, "condition");
      }
    }
  }

  visit(graph.root, []);
  const none: Needs = new Map();
  return (group) => needs.get(group) ?? none;
}

/** The channels that a task waits for: in its arguments, its image and its Kubernetes settings. */
export function channelsOfTask(task: Task): readonly Channel[] {
  const { image, kubernetes } = task.settings;
  const channels: Channel[] = [];
  for (const value of task.arguments.values()) channels.push(...channelsIn(value));
  if (image) channels.push(...channelsIn(image));
  if (kubernetes) channels.push(...channelsOfPlatform(kubernetes));
  return channels;
}

/** The channels in a task's resources. The SDK does not make a task wait for them. */
function channelsOfResources({ settings }: Task): readonly Channel[] {
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit } = settings;
  const values = [cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit];
  return values.flatMap((value) => (value ? channelsIn(value) : []));
}

function channelsOfPlatform(value: PlatformValue): readonly Channel[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(channelsOfPlatform);
  if (isPlatformInput(value)) return channelsIn(value.value);
  return Object.values(value).flatMap(channelsOfPlatform);
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

/**
 * What of a link can be handed into a group: an item inside of its loop, outside of it what
 * the loop goes over. Undefined: nothing, the group or one inside of it has the constants.
 */
function availableIn(link: Link, group: Group): Link | undefined {
  let at: Link | undefined = link;
  let throughField = false;
  while (at?.kind === "item" || at?.kind === "field") {
    if (at.kind === "field") {
      at = at.item;
      throughField = true;
    } else if (isInside(group, at.loop)) {
      // A loop over a member of a constant's item gets that member as its items.
      const overMember =
        throughField && group.kind === "loop" && !at.items && link.kind === "item" && group === link.loop;
      return overMember ? undefined : at;
    } else at = at.items;
  }
  return at;
}

function isInside(group: Group, outer: Group): boolean {
  for (let at = parentOf(group); at; at = parentOf(at)) if (at === outer) return true;
  return false;
}
