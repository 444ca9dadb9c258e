/** What comes after a step that could not be read (`unread-step.ts`). */
import { pathOf } from "../graph/channels.ts";
import type { Task } from "../graph/model.ts";
import { builtin, type CallArguments, isObject, type UnknownValue, type Value } from "./values.ts";

/** What uses values of a step that could not be read comes after it: more cannot be known of what flows. */
export function waitForUnread(task: Task, { positional, keywords }: CallArguments): void {
  for (const { value, span } of [...positional, ...keywords.values()])
    for (const node of stepsIn(value, 0))
      if (node !== task && pathOf(task).includes(node.group) && task.settings.after.every((one) => one.node !== node))
        task.settings.after.push({ node, span });
}

/** `step.after(other, …)` of such a step. */
export function afterOfUnread(why: UnknownValue, step: Task): Value {
  return builtin("after", (given) => {
    waitForUnread(step, given);
    return why;
  });
}

function stepsIn(value: Value, depth: number): readonly Task[] {
  if (!isObject(value) || depth > 5) return [];
  if (value.kind === "unknown" || value.kind === "native") return value.step ? [value.step] : [];
  if (value.kind === "list" || value.kind === "tuple") return value.items.flatMap((one) => stepsIn(one, depth + 1));
  return value.kind === "dict" ? [...value.entries.values()].flatMap(([, one]) => stepsIn(one, depth + 1)) : [];
}
