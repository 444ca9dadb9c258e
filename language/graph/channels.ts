/** What a channel is called in the spec, and what it is derived from. */
import type { Json } from "../spec/types.ts";
import { injectedName } from "./names.ts";
import type { Argument, Channel, Condition, Group, LoopGroup, Task, Template, ValueType } from "./model.ts";

export type Node = Task | Group;

/**
 * A channel as one consumer sees it. `name` is the SDK's full name, which injected
 * inputs are called after; a producer is a task, or the group that surfaces a
 * task's output.
 */
export type Link =
  | { readonly kind: "input"; readonly name: string; readonly type: ValueType }
  | {
      readonly kind: "output";
      readonly name: string;
      readonly type: ValueType;
      readonly producer: Node;
      readonly key: string;
    }
  | ItemLink
  | {
      readonly kind: "field";
      readonly name: string;
      readonly type: ValueType;
      readonly item: ItemLink;
      readonly field: string;
    };

export interface ItemLink {
  readonly kind: "item";
  readonly name: string;
  readonly type: ValueType;
  readonly loop: LoopGroup;
  /** What the loop goes over; absent: constants. */
  readonly items?: Link;
}

/** The link of a channel for a consumer. A collected output is named after the outermost loop that the consumer is not in. */
export function linkOf(channel: Channel, consumer: Node): Link {
  switch (channel.kind) {
    case "pipeline-input":
      return { kind: "input", name: channel.name, type: channel.type };
    case "task-output":
      return {
        kind: "output",
        name: `${channel.task.name}-${channel.key}`,
        type: channel.type,
        producer: channel.task,
        key: channel.key,
      };
    case "loop-item": {
      const { loop, type } = channel;
      if (loop.items.kind === "constant") {
        return { kind: "item", name: `loop-item-param-${String(loop.items.code)}`, type, loop };
      }
      const items = linkOf(loop.items.channel, loop);
      return { kind: "item", name: `${items.name}-loop-item${loop.itemSuffix ?? ""}`, type, loop, items };
    }
    case "loop-field": {
      const item = linkOf(channel.item, consumer);
      if (item.kind !== "item") throw new Error("a field's item is a loop item");
      const name = `${item.name}-subvar-${channel.field}`;
      return { kind: "field", name, type: channel.type, item, field: channel.field };
    }
    case "collected": {
      const { task, key } = channel.output;
      const producer = uncommon(task, consumer).upstream[0] ?? task;
      const surfaced = producer === task ? key : surfacedName(task, key);
      return { kind: "output", name: `${producer.name}-${surfaced}`, type: channel.type, producer, key: surfaced };
    }
    case "one-of": {
      const { branches } = channel;
      const key = oneOfName(branches.name, channel.index);
      return { kind: "output", name: `${branches.name}-${key}`, type: channel.type, producer: branches, key };
    }
  }
}

/** Name by which groups pass a task's output outwards. */
export function surfacedName(task: Task, key: string): string {
  return injectedName(`${task.name}-${key}`);
}

export function oneOfName(branches: string, index: number): string {
  return injectedName(`${branches}-oneof-${String(index)}`);
}

/** The task or group that the value comes from in the end; undefined: an input, or constants looped over. */
export function producerOf(channel: Channel): Node | undefined {
  switch (channel.kind) {
    case "pipeline-input":
      return undefined;
    case "task-output":
      return channel.task;
    case "loop-item":
      return channel.loop.items.kind === "channel" ? producerOf(channel.loop.items.channel) : undefined;
    case "loop-field":
      return producerOf(channel.item);
    case "collected":
      return channel.output.task;
    case "one-of":
      return channel.branches;
  }
}

export function parentOf(node: Node): Group | undefined {
  if (node.kind === "task") return node.group;
  return node.kind === "root" ? undefined : node.parent;
}

/** From the root to the node itself. */
export function pathOf(node: Node): readonly Node[] {
  const path: Node[] = [];
  for (let at: Node | undefined = node; at; at = parentOf(at)) path.push(at);
  return path.reverse();
}

/** What is left of both paths below the last common group, outermost first. */
export function uncommon(
  upstream: Node,
  downstream: Node,
): { readonly upstream: readonly Node[]; readonly downstream: readonly Node[] } {
  const up = pathOf(upstream);
  const down = pathOf(downstream);
  let common = 0;
  while (common < up.length && common < down.length && up[common] === down[common]) common++;
  return { upstream: up.slice(common), downstream: down.slice(common) };
}

export function isChannel(value: Argument): value is Channel {
  switch (value.kind) {
    case "pipeline-input":
    case "task-output":
    case "loop-item":
    case "loop-field":
    case "collected":
    case "one-of":
      return true;
    default:
      return false;
  }
}

/** Every channel in a value, in order, repetitions included. */
export function channelsIn(value: Argument): readonly Channel[] {
  if (isChannel(value)) return [value];
  switch (value.kind) {
    case "template":
      return value.parts.filter((part) => typeof part !== "string");
    case "list":
      return value.items.flatMap(channelsIn);
    case "struct":
      return value.entries.flatMap(([key, member]) => [
        ...(typeof key === "string" ? [] : channelsIn(key)),
        ...channelsIn(member),
      ]);
    default:
      return [];
  }
}

/** Text with something written for each channel in it. */
export function templateText(text: string | Template, placeholder: (channel: Channel) => string): string {
  if (typeof text === "string") return text;
  return text.parts.map((part) => (typeof part === "string" ? part : placeholder(part))).join("");
}

/** An argument as JSON, each channel in it as the placeholder says. */
export function argumentJson(value: Argument, placeholder: (channel: Channel) => string): Json {
  if (isChannel(value)) return placeholder(value);
  switch (value.kind) {
    case "null":
      return null;
    case "template":
      return templateText(value, placeholder);
    case "list":
      return value.items.map((item) => argumentJson(item, placeholder));
    case "struct":
      return Object.fromEntries(
        value.entries.map(([key, member]) => [templateText(key, placeholder), argumentJson(member, placeholder)]),
      );
    default:
      return value.value;
  }
}

/** The channels that a condition compares. */
export function channelsOfCondition(condition: Condition): readonly Channel[] {
  switch (condition.kind) {
    case "compare":
      return [...channelsIn(condition.left), ...channelsIn(condition.right)];
    case "not":
      return channelsOfCondition(condition.operand);
    case "and":
    case "or":
      return condition.operands.flatMap(channelsOfCondition);
  }
}

/** The channels that a group looks at itself: in its condition, or to loop over. */
export function decidingChannels(group: Group): readonly Channel[] {
  if (group.kind === "condition")
    return [...group.denied, ...(group.condition ? [group.condition] : [])].flatMap(channelsOfCondition);
  return group.kind === "loop" && group.items.kind === "channel" ? [group.items.channel] : [];
}
