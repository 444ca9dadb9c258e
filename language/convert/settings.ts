import { isPlatformInput } from "../graph/kubernetes.ts";
import type { Argument, ExitHandlerGroup, PlatformValue, Task, TaskSettings } from "../graph/model.ts";
import { key, Unfit } from "./text.ts";

/** Settings of a step as the second argument of its call (`StepOptions`), `""` where there are none. Throws Unfit. */
export function settingsText(
  settings: TaskSettings,
  argument: (value: Argument) => string,
  nameOf: (node: Task | ExitHandlerGroup) => string,
): string {
  const { retry, caching, env, after } = settings;
  const amount = (request: Argument | undefined, limit: Argument | undefined) =>
    request
      ? `{ request: ${argument(request)}${limit ? `, limit: ${argument(limit)}` : ""} }`
      : limit && argument(limit);
  const cpu = amount(settings.cpuRequest, settings.cpuLimit);
  const memory = amount(settings.memoryRequest, settings.memoryLimit);
  const { acceleratorType: type, acceleratorLimit: count } = settings;
  if (count && !type) throw new Unfit("a step has accelerators of no type");
  return object([
    ["name", settings.displayName === undefined ? undefined : JSON.stringify(settings.displayName)],
    ["image", settings.image && argument(settings.image)],
    ["cpu", cpu],
    ["memory", memory],
    ["gpu", type && `{ type: ${argument(type)}${count ? `, count: ${argument(count)}` : ""} }`],
    [
      "retry",
      retry &&
        `{ count: ${retry.count}, backoff: ${retry.backoffSeconds}, factor: ${retry.factor}, max: ${retry.maxSeconds} }`,
    ],
    ["cache", caching && (caching.key === undefined ? String(caching.enabled) : JSON.stringify(caching.key))],
    ["env", object(env.map(([name, value]) => [name, JSON.stringify(value)]))],
    ["evenIfUpstreamFails", settings.ignoreUpstreamFailure ? "true" : undefined],
    ["after", waitsFor(after.map(({ node }) => nameOf(node)))],
    ...kubernetesOptions(settings.kubernetes ?? {}, argument),
  ]);
}

/** A list of steps is one already. */
function waitsFor(names: readonly string[]): string {
  const [only = ""] = names;
  return names.length === 1 && only.startsWith("...") ? only.slice(3) : list(names);
}

type Option = readonly [name: string, text: string | undefined];
type Config = Readonly<Record<string, PlatformValue>>;

/** `KubernetesExecutorConfig` backwards: the options that make each of its fields (`graph/kubernetes.ts`). */
function kubernetesOptions(config: Config, argument: (value: Argument) => string): readonly Option[] {
  const value = (given: PlatformValue | undefined): string | undefined => {
    if (given === undefined) return undefined;
    if (isPlatformInput(given)) return argument(given.value);
    if (Array.isArray(given)) return `[${given.map(value).join(", ")}]`;
    if (typeof given === "object" && given !== null)
      return object(Object.entries(given).map(([name, each]) => [name, value(each)])) || "{}";
    return JSON.stringify(given);
  };
  /** A 64-bit integer, which is text in the spec. */
  const integer = (given: PlatformValue | undefined) => (typeof given === "string" ? given : undefined);
  const known = new Set<string>();
  const items = (field: string): readonly Config[] => {
    known.add(field);
    const found = config[field] ?? [];
    return Array.isArray(found) ? found.map(fields) : [];
  };
  const single = (field: string): Config => {
    known.add(field);
    return fields(config[field] ?? {});
  };
  const optional = (given: Config): Option => ["optional", given["optional"] === true ? "true" : undefined];

  const sources = (prefix: "secret" | "configMap") => [
    ...items(`${prefix}AsEnv`).map((each) =>
      object([
        ["name", value(each[`${prefix}NameParameter`])],
        ["env", environment(each["keyToEnv"], `${prefix}Key`)],
        optional(each),
      ]),
    ),
    ...items(`${prefix}AsVolume`).map((each) =>
      object([
        ["name", value(each[`${prefix}NameParameter`])],
        ["mountPath", value(each["mountPath"])],
        optional(each),
      ]),
    ),
  ];
  const claims = items("pvcMount").map((each) =>
    object([
      ["claim", value(each["pvcNameParameter"])],
      ["mountPath", value(each["mountPath"])],
      ["subPath", value(each["subPath"])],
    ]),
  );
  const empty = items("emptyDirMounts").map((each) =>
    object([
      ["emptyDir", value(each["volumeName"])],
      ["mountPath", value(each["mountPath"])],
      ["medium", value(each["medium"])],
      ["sizeLimit", value(each["sizeLimit"])],
    ]),
  );
  const ephemeral = items("genericEphemeralVolume").map((each) => {
    const { labels, annotations } = fields(each["metadata"] ?? {});
    return object([
      ["ephemeral", value(each["volumeName"])],
      ["mountPath", value(each["mountPath"])],
      ["size", value(each["size"])],
      ["accessModes", value(each["accessModes"])],
      ["storageClass", value(each["storageClassName"])],
      ["labels", value(labels)],
      ["annotations", value(annotations)],
    ]);
  });
  const { labels, nodeSelectorJson } = single("nodeSelector");
  if (labels !== undefined && nodeSelectorJson !== undefined) throw new Unfit("a step has two node selectors");
  requireRunTime(nodeSelectorJson, "a node selector");
  const affinity = items("nodeAffinity").map((each) => {
    if (!("nodeAffinityJson" in each)) return value(each) ?? "{}";
    const own = value(each["nodeAffinityJson"]) ?? "";
    if (/^\{\s*\}$/.test(own)) throw new Unfit("a step has an affinity that says nothing");
    return own;
  });
  const tolerations = items("tolerations").map((each) =>
    "tolerationJson" in each
      ? (value(each["tolerationJson"]) ?? "")
      : value({ ...each, ...number("tolerationSeconds", each["tolerationSeconds"]) }),
  );
  const { labels: podLabels, annotations } = single("podMetadata");
  const context = single("securityContext");
  for (const field of ["imagePullPolicy", "activeDeadlineSeconds"]) known.add(field);
  const options: readonly Option[] = [
    ["timeout", integer(config["activeDeadlineSeconds"])],
    ["fieldEnv", object(items("fieldPathAsEnv").map((each) => [textOf(each["name"]), value(each["fieldPath"])]))],
    ["secrets", list(sources("secret"))],
    ["configMaps", list(sources("configMap"))],
    ["volumes", list([...claims, ...empty, ...ephemeral])],
    ["nodeSelector", value(labels ?? nodeSelectorJson)],
    ["nodeAffinity", list(affinity)],
    ["tolerations", list(tolerations)],
    ["labels", value(podLabels)],
    ["annotations", value(annotations)],
    ["imagePullPolicy", value(config["imagePullPolicy"])],
    ["imagePullSecrets", list(items("imagePullSecret").map((each) => value(each["secretNameParameter"]) ?? ""))],
    [
      "securityContext",
      object([
        ["runAsUser", integer(context["runAsUser"])],
        ["runAsGroup", integer(context["runAsGroup"])],
        ["runAsNonRoot", value(context["runAsNonRoot"])],
      ]),
    ],
  ];
  const unknown = Object.keys(config).find((field) => !known.has(field));
  if (unknown !== undefined) throw new Unfit(`a step has the setting ${unknown}`);
  return options;
}

/** `{ key: ENV }` of `[{ secretKey, envVar }]`. */
function environment(keys: PlatformValue | undefined, keyField: string): string {
  const pairs = (Array.isArray(keys) ? keys : []).map(fields);
  const names = pairs.map((each) => textOf(each[keyField]));
  if (new Set(names).size < names.length) throw new Unfit("a step gives one key to two variables");
  return object(pairs.map((each, index) => [names[index] ?? "", JSON.stringify(textOf(each["envVar"]))])) || "{}";
}

/** TypeScript writes constants of these with their own words, which make another spec. */
function requireRunTime(json: PlatformValue | undefined, what: string): void {
  if (json !== undefined && isPlatformInput(json) && json.value.kind === "struct")
    throw new Unfit(`a step has ${what} as constant JSON`);
}

function number(name: string, text: PlatformValue | undefined): Config {
  return typeof text === "string" ? { [name]: Number(text) } : {};
}

function textOf(value: PlatformValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function fields(value: PlatformValue): Config {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isPlatformInput(value))
    throw new Unfit("a step has a setting of an unknown shape");
  return value;
}

/** Members that have a text, `""` where there are none. */
function object(members: readonly Option[]): string {
  const written = members.filter(([, text]) => text !== undefined && text !== "");
  return written.length > 0 ? `{ ${written.map(([name, text]) => `${key(name)}: ${text ?? ""}`).join(", ")} }` : "";
}

function list(texts: readonly (string | undefined)[]): string {
  return texts.length > 0 ? `[${texts.join(", ")}]` : "";
}
