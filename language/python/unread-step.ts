/** Steps of which only the call can be read: their component is in a package that is not here. They are drawn all the same. */
import type { GivenArgument } from "../graph/builder.ts";
import type { InputDefinition } from "../graph/model.ts";
import { sanitizeName } from "../graph/names.ts";
import { argumentType } from "../graph/types.ts";
import { toArgument } from "./channels.ts";
import type { DslContext } from "./context.ts";
import { waitForUnread } from "./unread-order.ts";
import type { CallArguments, UnknownValue } from "./values.ts";

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

function silently<T>({ machine }: DslContext, work: () => T): T {
  const { report } = machine;
  machine.report = () => undefined;
  try {
    return work();
  } finally {
    machine.report = report;
  }
}
