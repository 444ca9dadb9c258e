/**
 * The functions of kfp.kubernetes as data: each adds to a task's KubernetesExecutorConfig
 * (`kubernetes_executor_config.proto`). Protobuf's JSON leaves out what is zero or empty
 * unless the field is optional, and writes 64-bit integers as text.
 */
import { isChannel, templateText } from "./channels.ts";
import type { Argument, PlatformInput, PlatformValue } from "./model.ts";
import type { Values } from "./values.ts";

type Config = Record<string, PlatformValue>;

export interface KubernetesMethod {
  /** After `task`. */
  readonly parameters: readonly string[];
  /** How many of them must be given. */
  readonly required: number;
  readonly apply: (config: Config, values: Values) => void;
}

export const kubernetesMethods: Readonly<Record<string, KubernetesMethod>> = {
  use_secret_as_env: asEnv("secretAsEnv", "secret", "secret_name", "secret_key_to_env"),
  use_secret_as_volume: asVolume("secretAsVolume", "secret", "secret_name"),
  use_config_map_as_env: asEnv("configMapAsEnv", "configMap", "config_map_name", "config_map_key_to_env"),
  use_config_map_as_volume: asVolume("configMapAsVolume", "configMap", "config_map_name"),
  mount_pvc: {
    parameters: ["pvc_name", "mount_path", "sub_path"],
    required: 2,
    apply(config, values) {
      const name = named(values, "pvc_name");
      if (!name) return;
      push(config, "pvcMount", {
        ...(name.kind === "string" ? { constant: name.value } : { reference: { ...input(name), spread: true } }),
        pvcNameParameter: input(name),
        ...filled("mountPath", values.text("mount_path")),
        ...filled("subPath", values.text("sub_path")),
      });
    },
  },
  add_node_selector: pair("label_key", "label_value", (config, key, value) => {
    setIn(member(member(config, "nodeSelector"), "labels"), key, value);
  }),
  add_node_selector_json: {
    parameters: ["node_selector_json"],
    required: 1,
    apply(config, values) {
      const value = channelOrStruct(values, "node_selector_json");
      if (value) member(config, "nodeSelector")["nodeSelectorJson"] = input(value);
    },
  },
  add_node_affinity: {
    parameters: ["match_expressions", "match_fields", "weight"],
    required: 0,
    apply(config, values) {
      const weight = values.integer("weight");
      if (weight !== undefined && (weight < 1 || weight > 100)) {
        values.refuse("weight", "from 1 to 100");
        return;
      }
      const expressions = requirements(values, "match_expressions");
      const fields = requirements(values, "match_fields");
      push(config, "nodeAffinity", {
        ...(expressions.length > 0 ? { matchExpressions: expressions } : {}),
        ...(fields.length > 0 ? { matchFields: fields } : {}),
        ...(weight === undefined ? {} : { weight }),
      });
    },
  },
  add_node_affinity_json: {
    parameters: ["node_affinity_json"],
    required: 1,
    apply(config, values) {
      const value = channelOrStruct(values, "node_affinity_json");
      if (!value) return;
      const wrong = value.kind === "struct" && value.entries.find(([key]) => !isNodeAffinity(key));
      if (wrong) {
        values.refuse("node_affinity_json", `a NodeAffinity of Kubernetes, which has ${affinityMembers}`);
        return;
      }
      const terms = config["nodeAffinity"];
      const others = Array.isArray(terms) ? terms.filter((term) => !hasMember(term, "nodeAffinityJson")) : [];
      config["nodeAffinity"] = [...others, { nodeAffinityJson: input(value) }];
    },
  },
  add_toleration: {
    parameters: ["key", "operator", "value", "effect", "toleration_seconds"],
    required: 0,
    apply(config, values) {
      const seconds = values.integer("toleration_seconds");
      push(config, "tolerations", {
        ...filled("key", values.text("key")),
        ...filled("operator", values.text("operator")),
        ...filled("value", values.text("value")),
        ...filled("effect", values.text("effect")),
        ...(seconds === undefined ? {} : { tolerationSeconds: String(seconds) }),
      });
    },
  },
  add_toleration_json: {
    parameters: ["toleration_json"],
    required: 1,
    apply(config, values) {
      const value = values.any("toleration_json");
      if (!value) return;
      if (isChannel(value)) {
        push(config, "tolerations", { tolerationJson: input(value) });
        return;
      }
      const items = value.kind === "list" ? value.items : [value];
      for (const item of items) {
        if (item.kind === "struct") push(config, "tolerations", toleration(item));
        else values.refuse("toleration_json", "a struct or a list of structs");
      }
    },
  },
  add_pod_label: pair("label_key", "label_value", (config, key, value) => {
    setIn(member(member(config, "podMetadata"), "labels"), key, value);
  }),
  add_pod_annotation: pair("annotation_key", "annotation_value", (config, key, value) => {
    setIn(member(member(config, "podMetadata"), "annotations"), key, value);
  }),
  set_image_pull_policy: {
    parameters: ["policy"],
    required: 1,
    apply(config, values) {
      const policy = values.text("policy");
      if (policy === undefined) return;
      if (["Always", "Never", "IfNotPresent"].includes(policy)) config["imagePullPolicy"] = policy;
      else values.refuse("policy", '"Always", "Never" or "IfNotPresent"');
    },
  },
  set_image_pull_secrets: {
    parameters: ["secret_names"],
    required: 1,
    apply(config, values) {
      for (const name of values.list("secret_names") ?? []) {
        if (name.kind !== "string" && !isChannel(name)) {
          values.refuse("secret_names", "a list of names");
          return;
        }
        push(config, "imagePullSecret", {
          ...(name.kind === "string" ? filled("secretName", name.value) : {}),
          secretNameParameter: input(name),
        });
      }
    },
  },
  use_field_path_as_env: pair("env_name", "field_path", (config, name, fieldPath) => {
    push(config, "fieldPathAsEnv", { ...filled("name", name), ...filled("fieldPath", fieldPath) });
  }),
  add_ephemeral_volume: {
    parameters: ["volume_name", "mount_path", "access_modes", "size", "storage_class_name", "labels", "annotations"],
    required: 4,
    apply(config, values) {
      const storageClass = values.text("storage_class_name");
      const accessModes = values.texts("access_modes") ?? [];
      const labels = values.textMap("labels") ?? [];
      const annotations = values.textMap("annotations") ?? [];
      push(config, "genericEphemeralVolume", {
        ...filled("volumeName", values.text("volume_name")),
        ...filled("mountPath", values.text("mount_path")),
        ...(accessModes.length > 0 ? { accessModes: [...accessModes] } : {}),
        ...filled("size", values.text("size")),
        ...(storageClass === undefined ? { defaultStorageClass: true } : filled("storageClassName", storageClass)),
        ...(labels.length + annotations.length === 0
          ? {}
          : {
              metadata: {
                ...(labels.length > 0 ? { labels: Object.fromEntries(labels) } : {}),
                ...(annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {}),
              },
            }),
      });
    },
  },
  empty_dir_mount: {
    parameters: ["volume_name", "mount_path", "medium", "size_limit"],
    required: 2,
    apply(config, values) {
      const medium = values.text("medium");
      const sizeLimit = values.text("size_limit");
      push(config, "emptyDirMounts", {
        ...filled("volumeName", values.text("volume_name")),
        ...filled("mountPath", values.text("mount_path")),
        ...(medium === undefined ? {} : { medium }),
        ...(sizeLimit === undefined ? {} : { sizeLimit }),
      });
    },
  },
  set_timeout: {
    parameters: ["seconds"],
    required: 1,
    apply(config, values) {
      const seconds = values.integer("seconds");
      if (seconds === undefined) return;
      if (seconds < 0) values.refuse("seconds", "0 or more");
      else if (seconds === 0) delete config["activeDeadlineSeconds"];
      else config["activeDeadlineSeconds"] = String(seconds);
    },
  },
  set_security_context: {
    parameters: ["run_as_user", "run_as_group", "run_as_non_root"],
    required: 0,
    apply(config, values) {
      const user = values.integer("run_as_user");
      const group = values.integer("run_as_group");
      const nonRoot = values.boolean("run_as_non_root");
      if (user === undefined && group === undefined && nonRoot === undefined) {
        values.refuse("run_as_user", "given, or run_as_group, or run_as_non_root");
        return;
      }
      if (user !== undefined && user < 0) {
        values.refuse("run_as_user", "0 or more");
        return;
      }
      if (group !== undefined && group < 0) {
        values.refuse("run_as_group", "0 or more");
        return;
      }
      const context = member(config, "securityContext");
      if (user !== undefined) context["runAsUser"] = String(user);
      if (group !== undefined) context["runAsGroup"] = String(group);
      if (nonRoot !== undefined) context["runAsNonRoot"] = nonRoot;
    },
  },
  // In the proto, without a function in the SDK: for TypeScript's options.
  pod_affinity: {
    parameters: ["terms"],
    required: 1,
    apply(config, values) {
      for (const term of values.list("terms") ?? []) push(config, "podAffinity", plainValue(term));
    },
  },
  enable_shared_memory: {
    parameters: ["volume_name", "size"],
    required: 1,
    apply(config, values) {
      config["enabledSharedMemory"] = {
        ...filled("volumeName", values.text("volume_name")),
        ...filled("size", values.text("size")),
      };
    },
  },
};

export function isPlatformInput(value: PlatformValue): value is PlatformInput {
  return typeof value === "object" && value !== null && !Array.isArray(value) && value["kind"] === "platform-input";
}

function asEnv(
  field: string,
  prefix: "secret" | "configMap",
  nameParameter: string,
  mapParameter: string,
): KubernetesMethod {
  return {
    parameters: [nameParameter, mapParameter, "optional"],
    required: 2,
    apply(config, values) {
      const name = named(values, nameParameter);
      const pairs = values.textMap(mapParameter);
      if (!name || !pairs) return;
      const keys = pairs.map(([key, env]) => ({ ...filled(`${prefix}Key`, key), ...filled("envVar", env) }));
      push(config, field, {
        ...(name.kind === "string" ? filled(`${prefix}Name`, name.value) : {}),
        [`${prefix}NameParameter`]: input(name),
        ...(keys.length > 0 ? { keyToEnv: keys } : {}),
        optional: values.boolean("optional") ?? false,
      });
    },
  };
}

function asVolume(field: string, prefix: "secret" | "configMap", nameParameter: string): KubernetesMethod {
  return {
    parameters: [nameParameter, "mount_path", "optional"],
    required: 2,
    apply(config, values) {
      const name = named(values, nameParameter);
      if (!name) return;
      push(config, field, {
        ...(name.kind === "string" ? filled(`${prefix}Name`, name.value) : {}),
        [`${prefix}NameParameter`]: input(name),
        ...filled("mountPath", values.text("mount_path")),
        optional: values.boolean("optional") ?? false,
      });
    },
  };
}

function pair(
  first: string,
  second: string,
  apply: (config: Config, first: string, second: string) => void,
): KubernetesMethod {
  return {
    parameters: [first, second],
    required: 2,
    apply(config, values) {
      const one = values.text(first);
      const two = values.text(second);
      if (one !== undefined && two !== undefined) apply(config, one, two);
    },
  };
}

/** A constant name or a channel that has it. */
function named(values: Values, parameter: string): (Argument & { kind: "string" }) | Argument | undefined {
  const value = values.any(parameter);
  if (!value || value.kind === "string" || isChannel(value)) return value;
  values.refuse(parameter, "a name, or an output or input that has it");
  return undefined;
}

const affinityMembers = "required… and preferredDuringSchedulingIgnoredDuringExecution";

/** `V1NodeAffinity` of the Kubernetes client, whose own names are in snake case. */
function isNodeAffinity(key: unknown): boolean {
  return /^(?:required|preferred)(?:DuringSchedulingIgnoredDuringExecution|_during_scheduling_ignored_during_execution)$/.test(
    String(key),
  );
}

function channelOrStruct(values: Values, parameter: string): Argument | undefined {
  const value = values.any(parameter);
  if (!value || value.kind === "struct" || isChannel(value)) return value;
  values.refuse(parameter, "a struct, or an output or input that has it");
  return undefined;
}

const operators = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

function requirements(values: Values, parameter: string): PlatformValue[] {
  const wanted = `structs with a key, an operator (${operators.join(", ")}) and values`;
  return (values.list(parameter) ?? []).flatMap((item) => {
    const term = plainValue(item);
    if (typeof term !== "object" || term === null || Array.isArray(term)) {
      values.refuse(parameter, wanted);
      return [];
    }
    const { key, operator, values: among } = term as Config;
    if (typeof key !== "string" || key === "" || typeof operator !== "string" || !operators.includes(operator)) {
      values.refuse(parameter, wanted);
      return [];
    }
    return [{ key, operator, ...(Array.isArray(among) && among.length > 0 ? { values: among } : {}) }];
  });
}

function toleration({ entries }: Argument & { kind: "struct" }): Config {
  const given = new Map<unknown, Argument>(entries);
  const out: Config = {};
  for (const field of ["key", "operator", "value", "effect"]) {
    const value = given.get(field);
    if (value?.kind === "string" && value.value !== "") out[field] = value.value;
  }
  const seconds = given.get("toleration_seconds");
  if (seconds?.kind === "integer") out["tolerationSeconds"] = String(seconds.value);
  return out;
}

function input(value: Argument): PlatformInput {
  return { kind: "platform-input", value };
}

function filled(field: string, text: string | undefined): Config {
  return text === undefined || text === "" ? {} : { [field]: text };
}

function push(config: Config, field: string, value: PlatformValue): void {
  const list = config[field];
  if (Array.isArray(list)) list.push(value);
  else config[field] = [value];
}

function member(config: Config, field: string): Config {
  const existing = config[field];
  // SAFETY: only this file writes these fields, and always as objects.
  if (existing !== undefined) return existing as Config;
  const created: Config = {};
  config[field] = created;
  return created;
}

function setIn(config: Config, key: string, value: string): void {
  config[key] = value;
}

function hasMember(value: PlatformValue, name: string): boolean {
  return typeof value === "object" && value !== null && name in value;
}

/** Constants as JSON; a channel inside stays a channel. */
function plainValue(value: Argument): PlatformValue {
  switch (value.kind) {
    case "null":
      return null;
    case "string":
    case "integer":
    case "number":
    case "boolean":
      return value.value;
    case "list":
      return value.items.map(plainValue);
    case "struct":
      return Object.fromEntries(value.entries.map(([key, item]) => [templateText(key, () => ""), plainValue(item)]));
    default:
      return input(value);
  }
}
