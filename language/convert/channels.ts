import { isPlatformInput } from "../graph/kubernetes.ts";
import type { Argument, Channel, Condition, Graph, Group, PlatformValue, Task } from "../graph/model.ts";

/** A channel, and the group in which something uses it. */
export interface Use {
  readonly channel: Channel;
  readonly at: Group;
  /** The step, or the group whose condition or list it is. */
  readonly by: Task | Group;
}

/** Every use of a channel. */
export function usesOf(graph: Graph): Use[] {
  const found: Use[] = [];
  let at: Group = graph.root;
  let by: Task | Group = graph.root;
  const use = (channel: Channel): void => {
    found.push({ channel, at, by });
  };
  const inArgument = (value: Argument | undefined): void => {
    if (!value) return;
    if (value.kind === "list") value.items.forEach(inArgument);
    else if (value.kind === "struct")
      for (const [name, each] of value.entries) {
        if (typeof name !== "string") inArgument(name);
        inArgument(each);
      }
    else if (value.kind === "template") value.parts.filter((part) => typeof part !== "string").forEach(use);
    else if (!("value" in value) && value.kind !== "null") use(value);
  };
  const inPlatform = (value: PlatformValue | undefined): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) value.forEach(inPlatform);
    else if (isPlatformInput(value)) inArgument(value.value);
    else Object.values(value).forEach(inPlatform);
  };
  const inCondition = (condition: Condition): void => {
    if (condition.kind === "not") inCondition(condition.operand);
    else if (condition.kind === "compare") [condition.left, condition.right].forEach(inArgument);
    else condition.operands.forEach(inCondition);
  };
  const inGroup = (group: Group): void => {
    // What a group itself asks for is written where the group stands.
    at = group.kind === "root" ? group : group.parent;
    by = group;
    if (group.kind === "condition" && group.condition) inCondition(group.condition);
    if (group.kind === "loop") {
      if (group.items.kind === "channel") use(group.items.channel);
      else group.items.items.forEach(inArgument);
    }
    for (const child of group.children) if (child.kind !== "task") inGroup(child);
  };
  inGroup(graph.root);
  for (const task of graph.tasks) {
    const { arguments: given, settings } = task;
    at = task.group;
    by = task;
    given.forEach(inArgument);
    const { image, cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit } = settings;
    [image, cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit].forEach(inArgument);
    inPlatform(settings.kubernetes);
  }
  at = by = graph.root;
  for (const { channel } of graph.outputs) use(channel);
  return found;
}
