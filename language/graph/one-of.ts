import { pathOf } from "./channels.ts";
import type { Channel } from "./model.ts";
import { isSameType, typeName } from "./types.ts";

/**
 * The channel that has whichever of these outputs there is: of tasks in the arms of one If
 * that has an Else, all of one type. Otherwise why it cannot be.
 */
export function chooseOneOf(
  channels: readonly Channel[],
): { readonly channel: Channel; readonly outside?: string } | { readonly why: string } {
  const outputs = channels.filter((channel) => channel.kind === "task-output");
  const [first] = outputs;
  if (!first || outputs.length < channels.length) return { why: "chooses between outputs of tasks" };
  const arm = first.task.group;
  const branches = arm.kind === "condition" && arm.parent.kind === "branches" ? arm.parent : undefined;
  if (!branches) return { why: "chooses between tasks in the arms of an If with an Elif or an Else" };
  const last = branches.children.findLast((child) => child.kind !== "task");
  if (last?.kind !== "condition" || last.condition) {
    return { why: "needs an output of the Else, so that there is one in every case" };
  }
  if (outputs.some((output) => !isSameType(output.type, first.type))) {
    return { why: `needs outputs of one type, not ${outputs.map((output) => typeName(output.type)).join(" and ")}` };
  }
  const others = outputs.filter((output) => !pathOf(output.task).includes(branches));
  const around = pathOf(branches);
  const elsewhere = others.find(({ task }) => !around.includes(task.group))?.task.name;
  if (elsewhere !== undefined) return { why: `chooses between the arms of one If: "${elsewhere}" is in another group` };
  branches.oneOfs++;
  // The SDK looks at the first one only, and writes what no server can read.
  const outside = others[0]?.task.name;
  return {
    ...(outside !== undefined && { outside }),
    channel: { kind: "one-of", branches, index: branches.oneOfs, channels: outputs, type: first.type },
  };
}
