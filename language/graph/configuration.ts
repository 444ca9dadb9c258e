/**
 * The calls that configure a task: methods of the SDK's PipelineTask by their own names,
 * functions of kfp.kubernetes as `kubernetes.mount_pvc`. Parameters stand in the SDK's
 * order, so that a front end can bind positional arguments.
 */
import type { Diagnostic } from "../diagnostics.ts";
import { diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import { isChannel } from "./channels.ts";
import { durationSeconds } from "./durations.ts";
import { kubernetesMethods } from "./kubernetes.ts";
import type { Argument, Task } from "./model.ts";
import { isCpu, isMemory } from "./resources.ts";
import { createValues, type Values } from "./values.ts";

export interface Method {
  readonly parameters: readonly string[];
  readonly required: readonly string[];
  /** Python's None is a value of its own, not a missing one. */
  readonly takesNone?: boolean;
  /** Only tasks that run a container can have it. */
  readonly containerOnly: boolean;
  readonly apply: (task: Task, values: Values) => void;
}

/** Applies a call, or reports what is wrong with it. */
export function applySetting(
  task: Task,
  method: string,
  given: ReadonlyMap<string, { readonly value: Argument; readonly span: Span }>,
  span: Span,
  report: (diagnostic: Diagnostic) => void,
): void {
  const known = settings[method];
  if (!known) return report(diagnose("unknown-setting", span, method));
  if (known.containerOnly && task.component.implementation.kind !== "container") {
    return report(diagnose("container-only", span, method));
  }
  let complete = true;
  for (const [name, argument] of given) {
    if (known.parameters.includes(name)) continue;
    report(diagnose("unknown-parameter", argument.span, method, name));
    complete = false;
  }
  for (const name of known.required) {
    if (given.has(name)) continue;
    report(diagnose("missing-parameter", span, method, name));
    complete = false;
  }
  if (complete) known.apply(task, createValues(method, given, span, report));
}

function method(parameters: readonly string[], required: number, apply: Method["apply"], containerOnly = true): Method {
  return { parameters, required: parameters.slice(0, required), takesNone: true, containerOnly, apply };
}

type QuantitySetting = "cpuRequest" | "cpuLimit" | "memoryRequest" | "memoryLimit";

function quantity(parameter: "cpu" | "memory", setting: QuantitySetting): Method {
  const isValid = parameter === "cpu" ? isCpu : isMemory;
  const wanted =
    parameter === "cpu" ? 'a number of CPUs such as "2", "0.5" or "500m"' : 'an amount such as "512Mi" or "16G"';
  return method([parameter], 1, (task, values) => {
    const value = values.any(parameter);
    if (value && (isChannel(value) || (value.kind === "string" && isValid(value.value))))
      task.settings[setting] = value;
    else values.refuse(parameter, wanted);
  });
}

const acceleratorLimit = (parameter: string): Method =>
  method([parameter], 1, (task, values) => {
    const value = values.any(parameter);
    if (!value) return;
    if (isChannel(value)) task.settings.acceleratorLimit = value;
    else if ((value.kind === "integer" && value.value >= 0) || (value.kind === "string" && /^\d+$/.test(value.value))) {
      task.settings.acceleratorLimit = { kind: "string", value: String(value.value) };
    } else values.refuse(parameter, "a whole number of 0 or more");
  });

const acceleratorType = method(["accelerator"], 1, (task, values) => {
  const value = values.any("accelerator");
  task.settings.acceleratorLimit ??= { kind: "string", value: "1" };
  if (!value) return;
  if (!isChannel(value) && value.kind !== "string" && value.kind !== "template") {
    return values.refuse("accelerator", 'text such as "nvidia.com/gpu"');
  }
  task.settings.acceleratorType = value;
});

const taskMethods: Readonly<Record<string, Method>> = {
  set_caching_options: method(
    ["enable_caching", "cache_key"],
    1,
    (task, values) => {
      const enabled = values.boolean("enable_caching");
      if (values.any("enable_caching") === undefined) values.refuse("enable_caching", "true or false");
      const key = values.text("cache_key");
      if (key !== undefined) values.report("server-ignores", "the key of a cache");
      if (enabled !== undefined) task.settings.caching = key === undefined ? { enabled } : { enabled, key };
    },
    false,
  ),
  set_cpu_request: quantity("cpu", "cpuRequest"),
  set_cpu_limit: quantity("cpu", "cpuLimit"),
  set_memory_request: quantity("memory", "memoryRequest"),
  set_memory_limit: quantity("memory", "memoryLimit"),
  set_accelerator_limit: acceleratorLimit("limit"),
  set_gpu_limit: acceleratorLimit("gpu"),
  set_accelerator_type: acceleratorType,
  add_node_selector_constraint: acceleratorType,
  set_retry: method(
    ["num_retries", "backoff_duration", "backoff_factor", "backoff_max_duration"],
    1,
    (task, values) => {
      const count = values.integer("num_retries", { asProtobuf: true });
      const factor = values.number("backoff_factor", { asProtobuf: true });
      const durations = [values.text("backoff_duration"), values.text("backoff_max_duration")];
      const [backoff, max] = durations.map((text, i) => {
        if (text === undefined || text === "") return undefined;
        const seconds = durationSeconds(text);
        if (seconds === undefined) {
          values.refuse(i === 0 ? "backoff_duration" : "backoff_max_duration", 'a time such as "30s" or "1 hour"');
        }
        return seconds;
      });
      task.settings.retry = {
        count: count ?? 0,
        backoffSeconds: backoff ?? 0,
        factor: factor === undefined || factor === 0 ? 2 : factor,
        maxSeconds: max ?? 3600,
      };
    },
    false,
  ),
  set_display_name: method(
    ["name"],
    1,
    (task, values) => {
      const name = values.text("name");
      if (name !== undefined) task.settings.displayName = name;
    },
    false,
  ),
  set_env_variable: method(["name", "value"], 2, (task, values) => {
    const name = values.text("name");
    // No value is written as an empty one is.
    const value = values.any("value") === undefined ? "" : values.text("value");
    if (name !== undefined && value !== undefined) setEnv(task, name, value);
  }),
  set_debug_pause: method(["before", "after", "on_error"], 0, (task, values) => {
    const before = values.truth("before", false);
    const after = values.truth("after", true);
    const onError = values.truth("on_error", false);
    if (!after && onError) return values.refuse("on_error", "false where after is false");
    if (!before && !after) return values.refuse("before", "true where after is false");
    if (before) setEnv(task, "ARGO_DEBUG_PAUSE_BEFORE", "true");
    if (after) setEnv(task, onError ? "ARGO_DEBUG_PAUSE_ON_ERROR" : "ARGO_DEBUG_PAUSE_AFTER", "true");
  }),
  set_container_image: method(["name"], 1, (task, values) => {
    const image = values.any("name");
    if (image && (isChannel(image) || image.kind === "string" || image.kind === "template"))
      task.settings.image = image;
    else values.refuse("name", "the name of an image");
  }),
  ignore_upstream_failure: method(
    [],
    0,
    (task, values) => {
      for (const input of task.component.inputs) {
        const value = task.arguments.get(input.name);
        if (!value || input.optional || !isChannel(value) || value.kind === "pipeline-input") continue;
        if (isFinalStatus(input.type) || isConstantItem(value)) continue;
        values.report("ignore-failure-default", task.name, input.name);
      }
      task.settings.ignoreUpstreamFailure = true;
    },
    false,
  ),
};

/** Every call by its name. */
export const settings: Readonly<Record<string, Method>> = {
  ...taskMethods,
  ...Object.fromEntries(
    Object.entries(kubernetesMethods).map(([name, { parameters, required, apply }]) => [
      `kubernetes.${name}`,
      {
        parameters,
        required: parameters.slice(0, required),
        containerOnly: false,
        apply: (task: Task, values: Values) => apply((task.settings.kubernetes ??= {}), values),
      },
    ]),
  ),
};

function setEnv(task: Task, name: string, value: string): void {
  const existing = task.settings.env.find((entry) => entry[0] === name);
  if (existing) existing[1] = value;
  else task.settings.env.push([name, value]);
}

function isFinalStatus(type: Task["component"]["inputs"][number]["type"]): boolean {
  return type.kind === "parameter" && type.type === "TASK_FINAL_STATUS";
}

/** Items of a loop over constants or over an input come from no task that could fail. */
function isConstantItem(value: Argument): boolean {
  if (value.kind === "loop-field") return isConstantItem(value.item);
  if (value.kind !== "loop-item") return false;
  const { items } = value.loop;
  return items.kind === "constant" || items.channel.kind === "pipeline-input" || isConstantItem(items.channel);
}
