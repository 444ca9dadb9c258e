/** Steps of which only the call can be read: their component is in a package that is not here. They are drawn all the same. */
import type { GivenArgument } from "../graph/builder.ts";
import type { Group, InputDefinition, Task } from "../graph/model.ts";
import { sanitizeName } from "../graph/names.ts";
import { argumentType } from "../graph/types.ts";
import { toArgument } from "./channels.ts";
import type { DslContext } from "./context.ts";
import { builtin, type CallArguments, isObject, isUnknown, type UnknownValue, type Value } from "./values.ts";

/** Places the step of a call in the open pipeline; what is made of it says where it comes from. */
export function unreadStep(context: DslContext, name: string, given: CallArguments, why: UnknownValue): UnknownValue {
  const pipeline = context.pipelines.at(-1);
  if (pipeline === undefined) return why;
  const bound = new Map<string, GivenArgument>();
  const inputs: InputDefinition[] = [];
  for (const [input, { value, span }] of given.keywords) {
    const argument = silently(context, () => toArgument(context, value, span));
    const type = argument && argumentType(argument);
    if (argument === undefined || type === undefined) continue;
    bound.set(input, { value: argument, span });
    inputs.push({ name: input, type, optional: false });
  }
  const component = { name: sanitizeName(name), inputs, outputs: [], implementation: { kind: "unread" } } as const;
  const step = pipeline.builder.task(component, bound, given.span);
  waitForUnread(step, given);
  return { ...why, step };
}

/** What uses values of such a step comes after it: more cannot be known of what flows. */
export function waitForUnread(task: Task, { positional, keywords }: CallArguments): void {
  for (const { value, span } of [...positional, ...keywords.values()])
    for (const node of stepsIn(value, 0))
      if (node !== task && isAround(node.group, task.group) && task.settings.after.every((one) => one.node !== node))
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
  if (isUnknown(value)) return value.step ? [value.step] : [];
  if (value.kind === "native") return value.step ? [value.step] : [];
  if (value.kind === "list" || value.kind === "tuple") return value.items.flatMap((one) => stepsIn(one, depth + 1));
  return value.kind === "dict" ? [...value.entries.values()].flatMap(([, one]) => stepsIn(one, depth + 1)) : [];
}

function isAround(outer: Group, inner: Group): boolean {
  for (let group: Group | undefined = inner; group; group = group.kind === "root" ? undefined : group.parent)
    if (group === outer) return true;
  return false;
}

function silently<T>({ machine }: DslContext, work: () => T): T {
  const { report } = machine;
  machine.report = () => undefined;
  try {
    return work();
  } finally {
    machine.report = report;
  }
}
