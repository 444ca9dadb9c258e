/** `contextlib`: managers that generators make, and the ready ones. */
import { GeneratorValue } from "./iterators.ts";
import type { Machine } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import {
  argument,
  builtin,
  type CallArguments,
  type ClassValue,
  isObject,
  type NativeValue,
  unknown,
  type Value,
} from "./values.ts";

/** What a call of a `@contextmanager` function gives. */
export class ManagedValue implements NativeValue {
  readonly kind = "native";
  readonly type = "_GeneratorContextManager";
  readonly generator: GeneratorValue;
  constructor(generator: GeneratorValue) {
    this.generator = generator;
  }
  /** For an ExitStack, which has no block: the generator runs ahead to its end. */
  enter(): Value {
    return this.generator.next() ?? null;
  }
  exit(): void {}
}

/** `suppress(…)` */
export class SuppressValue implements NativeValue {
  readonly kind = "native";
  readonly type = "suppress";
  readonly types: readonly ClassValue[];
  constructor(types: readonly ClassValue[]) {
    this.types = types;
  }
  enter(): Value {
    return null;
  }
  exit(): void {}
}

export function contextlibModule(machine: Machine): Names {
  return {
    contextmanager: builtin("contextmanager", (outer) => {
      const target = argument(outer, 0) ?? null;
      return builtin("contextmanager", (given) => {
        const made = machine.call(target, given);
        return made instanceof GeneratorValue ? new ManagedValue(made) : made;
      });
    }),
    suppress: builtin(
      "suppress",
      ({ positional }) =>
        new SuppressValue(
          positional.flatMap(({ value }) => (isObject(value) && value.kind === "class" ? [value] : [])),
        ),
    ),
    nullcontext: builtin("nullcontext", (given) => simple("nullcontext", argument(given, 0, "enter_result") ?? null)),
    closing: builtin("closing", (given) => simple("closing", argument(given, 0) ?? null)),
    redirect_stdout: builtin("redirect_stdout", (given) => simple("redirect_stdout", argument(given, 0) ?? null)),
    redirect_stderr: builtin("redirect_stderr", (given) => simple("redirect_stderr", argument(given, 0) ?? null)),
    ExitStack: builtin("ExitStack", () => exitStack(machine)),
    AbstractContextManager: plainClass("AbstractContextManager"),
    ContextDecorator: plainClass("ContextDecorator"),
    asynccontextmanager: unknown("what is asynchronous is known only while running"),
  };
}

function plainClass(name: string): ClassValue {
  return { kind: "class", name, qualname: name, module: "contextlib", bases: [], attributes: new Map() };
}

function simple(type: string, value: Value): NativeValue {
  return { kind: "native", type, enter: () => value, exit: () => undefined };
}

/** Its managers are left last in, first out. */
function exitStack(machine: Machine): NativeValue {
  const leaving: (() => void)[] = [];
  const close = (): void => {
    for (let leave = leaving.pop(); leave !== undefined; leave = leaving.pop()) leave();
  };
  const enter = (given: CallArguments): Value => {
    const manager = argument(given, 0) ?? null;
    const none: CallArguments = { positional: [], keywords: new Map(), span: given.span };
    if (isObject(manager) && manager.kind === "native" && manager.enter !== undefined) {
      leaving.push(() => manager.exit?.());
      return manager.enter(given.span);
    }
    const [start, end] = ["__enter__", "__exit__"].map((name) => machine.attribute(manager, name, given.span));
    if (end !== undefined) {
      const nothing = [null, null, null].map((value) => ({ value, span: given.span }));
      leaving.push(() => machine.call(end, { ...none, positional: nothing }));
    }
    return start === undefined ? null : machine.call(start, none);
  };
  const stack: NativeValue = {
    kind: "native",
    type: "ExitStack",
    enter: () => stack,
    exit: close,
    attribute: (name) => {
      if (name === "enter_context") return builtin(name, enter);
      if (name === "callback")
        return builtin(name, (given) => {
          const [target, ...positional] = given.positional;
          leaving.push(() => machine.call(target?.value ?? null, { ...given, positional }));
          return target?.value ?? null;
        });
      if (name !== "close" && name !== "pop_all") return undefined;
      return builtin(name, () => {
        close();
        return null;
      });
    },
  };
  return stack;
}
