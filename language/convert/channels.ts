import { isPlatformInput } from "../graph/kubernetes.ts";
import type { Argument, Channel, Condition, Graph, Group, PlatformValue } from "../graph/model.ts";

/** Every channel that something uses. */
export function channelsOf(graph: Graph): Channel[] {
  const found: Channel[] = [];
  const inArgument = (value: Argument | undefined): void => {
    if (!value) return;
    if (value.kind === "list") value.items.forEach(inArgument);
    else if (value.kind === "struct")
      for (const [name, each] of value.entries) {
        if (typeof name !== "string") inArgument(name);
        inArgument(each);
      }
    else if (value.kind === "template") found.push(...value.parts.filter((part) => typeof part !== "string"));
    else if (!("value" in value) && value.kind !== "null") found.push(value);
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
    if (group.kind === "condition" && group.condition) inCondition(group.condition);
    if (group.kind === "loop") {
      if (group.items.kind === "channel") found.push(group.items.channel);
      else group.items.items.forEach(inArgument);
    }
    for (const child of group.children) if (child.kind !== "task") inGroup(child);
  };
  inGroup(graph.root);
  for (const { arguments: given, settings } of graph.tasks) {
    given.forEach(inArgument);
    const { image, cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit } = settings;
    [image, cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit].forEach(inArgument);
    inPlatform(settings.kubernetes);
  }
  return [...found, ...graph.outputs.map(({ channel }) => channel)];
}
