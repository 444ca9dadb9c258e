/** Settings of one step (typescript.md): each makes the calls of the SDK that have its effect. */
import type { GivenArgument } from "../graph/builder.ts";
import type { PlatformValue, Task } from "../graph/model.ts";
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import { checkStepOptions } from "./checks.ts";
import { type Context, report } from "./context.ts";
import { stepsIn } from "./loops.ts";
import { checkOptions, objectOption, option, refuse } from "./option-values.ts";
import { type Entry, type ObjectValue, type Value, constant, toArgument, toJson } from "./values.ts";

interface Setting {
  readonly task: Task;
  readonly entry: Entry;
  readonly name: string;
  readonly context: Context;
}

type Apply = (setting: Setting) => void;

/** In the order in which they are applied; the order is seen in no spec. */
const settings: Readonly<Record<string, Apply>> = {
  name: single("set_display_name", "name"),
  image: single("set_container_image", "name"),
  cpu: (setting) => amounts(setting, "cpu"),
  memory: (setting) => amounts(setting, "memory"),
  gpu,
  retry,
  cache: (setting) => {
    const { value } = setting.entry;
    const isKey = value.kind === "constant" && typeof value.value === "string";
    configure(
      setting,
      "set_caching_options",
      isKey ? { enable_caching: constant(true), cache_key: value } : { enable_caching: value },
    );
  },
  timeout: (setting) => {
    const seconds = secondsOf(setting.entry.value);
    if (seconds === undefined)
      refuse(setting.entry, setting.name, 'seconds, or a text like "90s", "30m", "2h"', setting.context);
    else configure(setting, "kubernetes.set_timeout", { seconds: constant(seconds) });
  },
  after: ({ task, entry, name, context }) => {
    const steps = entry.value.kind === "list" ? entry.value.items : [entry.value];
    const tasks = steps.flatMap(stepsIn);
    if (steps.some((each) => each.kind !== "unknown" && stepsIn(each).length === 0))
      refuse(entry, name, "a list of steps", context);
    context.builder?.after(task, tasks, entry.span);
  },
  evenIfUpstreamFails: (setting) => {
    if (isTrue(setting.entry.value)) configure(setting, "ignore_upstream_failure", {});
  },
  debugPause: (setting) => {
    const pause = objectOption(setting.entry.value);
    configure(setting, "set_debug_pause", {
      before: option(pause, "before")?.value ?? constant(false),
      after: option(pause, "after")?.value ?? constant(false),
      on_error: option(pause, "onError")?.value ?? constant(false),
    });
  },
  env: pairs("set_env_variable", "name", "value"),
  fieldEnv: pairs("kubernetes.use_field_path_as_env", "env_name", "field_path"),
  secrets: (setting) => sources(setting, "secret"),
  configMaps: (setting) => sources(setting, "config_map"),
  volumes: (setting) => items(setting, volume),
  nodeSelector: (setting) => {
    if (setting.entry.value.kind !== "channel")
      pairs("kubernetes.add_node_selector", "label_key", "label_value")(setting);
    else configure(setting, "kubernetes.add_node_selector_json", { node_selector_json: setting.entry.value });
  },
  nodeAffinity: (setting) =>
    items(
      setting,
      (each) => {
        const { value } = each.entry;
        // Kubernetes' own shape.
        if (value.kind === "object" && [...value.entries.keys()].some((name) => name.includes("DuringScheduling")))
          return configure(each, "kubernetes.add_node_affinity_json", { node_affinity_json: value });
        configure(
          each,
          "kubernetes.add_node_affinity",
          renamed(each, { matchExpressions: "match_expressions", matchFields: "match_fields", weight: "weight" }),
        );
      },
      ["kubernetes.add_node_affinity_json", "node_affinity_json"],
    ),
  podAffinity: (setting) => platform(setting, "podAffinity"),
  tolerations: (setting) =>
    items(
      setting,
      (each) =>
        configure(
          each,
          "kubernetes.add_toleration",
          renamed(each, {
            key: "key",
            operator: "operator",
            value: "value",
            effect: "effect",
            tolerationSeconds: "toleration_seconds",
          }),
        ),
      ["kubernetes.add_toleration_json", "toleration_json"],
    ),
  labels: pairs("kubernetes.add_pod_label", "label_key", "label_value"),
  annotations: pairs("kubernetes.add_pod_annotation", "annotation_key", "annotation_value"),
  imagePullPolicy: single("kubernetes.set_image_pull_policy", "policy"),
  imagePullSecrets: single("kubernetes.set_image_pull_secrets", "secret_names"),
  securityContext: (setting) =>
    configure(
      setting,
      "kubernetes.set_security_context",
      renamed(setting, { runAsUser: "run_as_user", runAsGroup: "run_as_group", runAsNonRoot: "run_as_non_root" }),
    ),
  sharedMemory: ({ task, entry, name, context }) => {
    const size = toJson(entry.value);
    if (typeof size !== "string") refuse(entry, name, 'a size like "2Gi"', context);
    else (task.settings.kubernetes ??= {})["enabledSharedMemory"] = { size };
  },
};

export const stepOptionNames = Object.keys(settings);

export function configureStep(task: Task, options: ObjectValue | undefined, _span: Span, context: Context): void {
  checkOptions(options, stepOptionNames, context);
  checkStepOptions(options, context);
  for (const [name, apply] of Object.entries(settings)) {
    const entry = option(options, name);
    if (entry && entry.value.kind !== "unknown") {
      checkMembers(name, entry.value, context);
      apply({ task, entry, name, context });
    }
  }
}

const keyed = "name env mountPath optional";
/** Members of the options that are objects, or lists of them. */
const members: Readonly<Record<string, string>> = {
  cpu: "request limit",
  memory: "request limit",
  gpu: "type count",
  retry: "count backoff factor max",
  debugPause: "before after onError",
  secrets: keyed,
  configMaps: keyed,
  volumes:
    "claim mountPath subPath emptyDir medium sizeLimit ephemeral size accessModes storageClass labels annotations",
  nodeAffinity:
    "matchExpressions matchFields weight requiredDuringSchedulingIgnoredDuringExecution preferredDuringSchedulingIgnoredDuringExecution",
  tolerations: "key operator value effect tolerationSeconds",
  securityContext: "runAsUser runAsGroup runAsNonRoot",
};

/** Members of an option that is an object, or a list of them. */
export function optionMembers(name: string): readonly string[] | undefined {
  return members[name]?.split(" ");
}

function checkMembers(name: string, value: Value, context: Context): void {
  const known = optionMembers(name);
  if (!known) return;
  for (const each of value.kind === "list" ? value.items : [value])
    if (each.kind === "object") checkOptions(each, known, context);
}

function single(method: string, parameter: string): Apply {
  return (setting) => configure(setting, method, { [parameter]: setting.entry.value });
}

function pairs(method: string, key: string, value: string): Apply {
  return (setting) => {
    const members = objectOption(setting.entry.value);
    if (!members) refuse(setting.entry, setting.name, "an object", setting.context);
    for (const [name, entry] of members?.entries ?? []) {
      configure({ ...setting, entry }, method, { [key]: constant(name), [value]: entry.value });
    }
  };
}

/** One call of the SDK for the task. Values that are `undefined` are left out, as if not given. */
function configure(
  { task, entry, name, context }: Setting,
  method: string,
  values: Readonly<Record<string, Value>>,
): void {
  const given = new Map<string, GivenArgument>();
  for (const [parameter, value] of Object.entries(values)) {
    if (value.kind === "unknown") return;
    if (value.kind === "constant" && value.value === undefined) continue;
    const argument = toArgument(value);
    if (!argument) {
      report(context, "wrong-value", entry.span, undefined, `The option "${name}"`, "a value or an output of a step");
      return;
    }
    given.set(parameter, { value: argument, span: entry.span });
  }
  const { diagnostics } = context.session;
  const before = diagnostics.length;
  context.builder?.configure(task, method, given, entry.span);
  const own = diagnostics.splice(before).map((each) => inOwnWords(each, name, entry));
  diagnostics.push(...own);
}

/** What the SDK's parameters are called in an option, where it is not the same in camel case. */
const ownNames: Readonly<Record<string, string>> = {
  num_retries: "count",
  backoff_duration: "backoff",
  backoff_factor: "factor",
  backoff_max_duration: "max",
  secret_name: "name",
  config_map_name: "name",
  pvc_name: "claim",
  accelerator: "type",
  limit: "count",
};

/** A complaint about a call of the SDK as one about the option that makes it. */
function inOwnWords(diagnostic: Diagnostic, name: string, { value }: Entry): Diagnostic {
  const { code, span, message } = diagnostic;
  const own = (parameter: string) =>
    ownNames[parameter] ?? parameter.replace(/_(\w)/g, (_, each: string) => each.toUpperCase());
  const [, parameter = "", wanted] = /^(\w+) of \S+ must be (.*)\.$/s.exec(message) ?? [];
  if (code === "setting-value" && wanted !== undefined) {
    const isMember = value.kind === "object" && optionMembers(name)?.includes(own(parameter));
    return diagnose("wrong-value", span, `The option "${isMember ? `${name}.${own(parameter)}` : name}"`, wanted);
  }
  if (code === "container-only") return diagnose(code, span, `The option "${name}"`);
  const [, missing] = /needs "(\w+)"/.exec(message) ?? [];
  return code === "missing-parameter" && missing !== undefined
    ? diagnose(code, span, `The option "${name}"`, own(missing))
    : diagnostic;
}

function amounts(setting: Setting, what: "cpu" | "memory"): void {
  const both = objectOption(setting.entry.value);
  const request = both ? option(both, "request") : undefined;
  const limit = both ? option(both, "limit") : setting.entry;
  const set = (entry: Entry, method: string) =>
    configure({ ...setting, entry }, method, { [what]: textOf(entry.value) });
  if (request) set(request, `set_${what}_request`);
  if (limit) set(limit, `set_${what}_limit`);
}

/** Quantities are texts for the SDK; `4` is one as well. */
function textOf(value: Value): Value {
  return value.kind === "constant" && typeof value.value === "number" ? constant(String(value.value)) : value;
}

function gpu(setting: Setting): void {
  const both = objectOption(setting.entry.value);
  const type = (both && option(both, "type")?.value) ?? constant("nvidia.com/gpu");
  const count = (both ? option(both, "count")?.value : setting.entry.value) ?? constant(1);
  configure(setting, "set_accelerator_type", { accelerator: type });
  configure(setting, "set_accelerator_limit", { limit: count });
}

function retry(setting: Setting): void {
  const policy = objectOption(setting.entry.value);
  const value = (name: string) => (policy && option(policy, name)?.value) ?? constant(undefined);
  if (!policy) return configure(setting, "set_retry", { num_retries: setting.entry.value });
  configure(setting, "set_retry", {
    num_retries: value("count"),
    backoff_duration: durationText(value("backoff")),
    backoff_factor: value("factor"),
    backoff_max_duration: durationText(value("max")),
  });
}

function durationText(value: Value): Value {
  return value.kind === "constant" && typeof value.value === "number" ? constant(`${value.value}s`) : value;
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

function secondsOf(value: Value): number | undefined {
  if (value.kind !== "constant") return undefined;
  if (typeof value.value === "number") return value.value;
  const [, amount, unit = ""] = /^(\d+)\s*([smhdw])$/.exec(String(value.value)) ?? [];
  return amount === undefined ? undefined : Number(amount) * (unitSeconds[unit] ?? 1);
}

function isTrue(value: Value): boolean {
  return value.kind === "constant" && value.value === true;
}

/**
 * Applies to each element of a list that is an object. What is known only in the run goes, alone or in the list, to
 * `runValue`: a method and its parameter.
 */
function items(setting: Setting, apply: Apply, runValue?: readonly [method: string, parameter: string]): void {
  const { value, span } = setting.entry;
  const given = value.kind === "list" ? value.items : runValue && value.kind === "channel" ? [value] : undefined;
  if (!given) return refuse(setting.entry, setting.name, "a list", setting.context);
  for (const item of given) {
    const one = { ...setting, entry: { value: item, span } };
    if (item.kind === "object") apply(one);
    else if (runValue && item.kind === "channel") configure(one, runValue[0], { [runValue[1]]: item });
    else refuse(one.entry, setting.name, "a list of objects", setting.context);
  }
}

function renamed({ entry }: Setting, names: Readonly<Record<string, string>>): Record<string, Value> {
  const members = objectOption(entry.value);
  return Object.fromEntries(
    Object.entries(names).map(([ours, theirs]) => [theirs, option(members, ours)?.value ?? constant(undefined)]),
  );
}

function sources(setting: Setting, what: "secret" | "config_map"): void {
  items(setting, (each) => {
    const members = objectOption(each.entry.value);
    const value = (name: string) => option(members, name)?.value ?? constant(undefined);
    const env = option(members, "env");
    const common = { [`${what}_name`]: value("name"), optional: value("optional") };
    if (env) configure(each, `kubernetes.use_${what}_as_env`, { ...common, [`${what}_key_to_env`]: env.value });
    else configure(each, `kubernetes.use_${what}_as_volume`, { ...common, mount_path: value("mountPath") });
  });
}

function volume(setting: Setting): void {
  const members = objectOption(setting.entry.value);
  const value = (name: string) => option(members, name)?.value ?? constant(undefined);
  const common = { mount_path: value("mountPath") };
  if (option(members, "claim")) {
    configure(setting, "kubernetes.mount_pvc", { ...common, pvc_name: value("claim"), sub_path: value("subPath") });
  } else if (option(members, "emptyDir")) {
    configure(setting, "kubernetes.empty_dir_mount", {
      ...common,
      volume_name: value("emptyDir"),
      medium: value("medium"),
      size_limit: value("sizeLimit"),
    });
  } else if (option(members, "ephemeral")) {
    configure(setting, "kubernetes.add_ephemeral_volume", {
      ...common,
      volume_name: value("ephemeral"),
      access_modes: value("accessModes"),
      size: value("size"),
      storage_class_name: value("storageClass"),
      labels: value("labels"),
      annotations: value("annotations"),
    });
  } else refuse(setting.entry, setting.name, "volumes with `claim`, `emptyDir` or `ephemeral`", setting.context);
}

/** Fields of the platform configuration that the SDK has no call for: as `kubernetes_executor_config.proto` has them. */
function platform({ task, entry, name, context }: Setting, field: string): void {
  const json = toJson(entry.value);
  if (!Array.isArray(json)) return refuse(entry, name, "a list that is known while compiling", context);
  // SAFETY: Json is a PlatformValue without open places; only its arrays are readonly, and nobody else has this one.
  (task.settings.kubernetes ??= {})[field] = json as PlatformValue[];
}
