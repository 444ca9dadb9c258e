import { diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { TaskValue } from "./channels.ts";
import { type NativeValue, unknown, type Value } from "./values.ts";

/** `task.container_spec`: pipelines put another image into it, as `set_container_image` does now. */
export class TaskContainer implements NativeValue {
  readonly kind = "native";
  readonly type = "ContainerSpecImplementation";
  private readonly of: TaskValue;

  constructor(of: TaskValue) {
    this.of = of;
  }

  attribute(name: string, span: Span): Value {
    const { component, settings } = this.of.task;
    const { implementation } = component;
    if (name === "image" && settings.image?.kind === "string") return settings.image.value;
    if (name === "image" && !settings.image && implementation.kind === "container")
      return implementation.container.image;
    return unknown(`"container_spec.${name}" is the SDK's own bookkeeping`, span);
  }

  setAttribute(name: string, value: Value, span: Span): boolean {
    if (name === "image" && typeof value === "string")
      this.of.configure("set_container_image", { positional: [{ value, span }], keywords: new Map(), span });
    else
      this.of.context.machine.report(
        diagnose(
          "not-known",
          span,
          "the step",
          `"container_spec.${name}" is the SDK's own bookkeeping, and is set here`,
        ),
      );
    return true;
  }
}
