/** What the spec takes and no cluster does: names of images, amounts, accelerators. Each is a warning where it stands. */
import { cpuNumber, isCpu, isMemory, memoryNumber } from "../graph/resources.ts";
import { nearest } from "../services/nearest.ts";
import { type Context, report } from "./context.ts";
import { option } from "./option-values.ts";
import type { Entry, ObjectValue } from "./values.ts";

/** Resources of the device plugins that Kubernetes documents, by which a step asks for accelerators. */
export const knownAccelerators = [
  "nvidia.com/gpu",
  "amd.com/gpu",
  "intel.com/gpu",
  "gpu.intel.com/i915",
  "gpu.intel.com/xe",
  "google.com/tpu",
  "aws.amazon.com/neuron",
  "aws.amazon.com/neuroncore",
  "habana.ai/gaudi",
  "huawei.com/Ascend910",
  "cambricon.com/mlu",
];

/** The settings of a step. */
export function checkStepOptions(options: ObjectValue | undefined, context: Context): void {
  checkImage(option(options, "image"), context);
  const gpu = option(options, "gpu");
  if (gpu?.value.kind === "object") checkAccelerator(option(gpu.value, "type"), context);
  checkAmounts("memory", option(options, "memory"), isMemory, memoryNumber, context);
  checkAmounts("cpu", option(options, "cpu"), isCpu, cpuNumber, context);
  checkSize(option(options, "sharedMemory"), "sharedMemory", context);
  const volumes = option(options, "volumes")?.value;
  for (const each of volumes?.kind === "list" ? volumes.items : []) {
    if (each.kind !== "object") continue;
    checkSize(option(each, "sizeLimit"), "sizeLimit", context);
    checkSize(option(each, "size"), "size", context);
  }
}

/** The name of an image, as the OCI distribution's grammar has it: `registry:5000/team/image:tag@sha256:…`. */
export function checkImage(entry: Entry | undefined, context: Context): void {
  const image = textOf(entry);
  // Placeholders are filled in by the run.
  if (!entry || image === undefined || image.includes("{{")) return;
  const why = imageProblem(image);
  if (why !== undefined) report(context, "image-reference", entry.span, undefined, image, why);
}

/** Why a text cannot be the name of an image; undefined where it can. */
export function imageProblem(image: string): string | undefined {
  if (image === "") return "it is empty";
  if (/\s/.test(image)) return "it has a space";
  const [name = "", digest] = image.split("@", 2);
  if (digest !== undefined && !/^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/.test(digest))
    return `"${digest}" is no digest such as sha256:…`;
  const slash = name.lastIndexOf("/");
  const colon = name.indexOf(":", slash + 1);
  const tag = colon < 0 ? undefined : name.slice(colon + 1);
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) return `"${tag}" is no tag`;
  const parts = (colon < 0 ? name : name.slice(0, colon)).split("/");
  const [first = ""] = parts;
  const hasRegistry = parts.length > 1 && (/[.:]/.test(first) || first === "localhost");
  if (hasRegistry && !/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/.test(first))
    return `"${first}" is no registry`;
  for (const part of hasRegistry ? parts.slice(1) : parts) {
    if (/[A-Z]/.test(part)) return "its name has capital letters";
    if (!/^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/.test(part)) return `"${part}" cannot be a part of it`;
  }
  return undefined;
}

function checkAccelerator(entry: Entry | undefined, context: Context): void {
  const type = textOf(entry);
  if (!entry || type === undefined || type.includes("{{") || knownAccelerators.includes(type)) return;
  const meant = nearest(type, knownAccelerators);
  // Of which model it is, is a matter of the node.
  const hint = meant
    ? `Is ${meant} meant?`
    : "Write a resource such as nvidia.com/gpu; a model of it is asked for with `nodeSelector`.";
  const isMig = /^nvidia\.com\/(?:mig-\dg\.\d+gb(?:\.me)?|gpu\.shared)$/.test(type);
  // Plugins that nobody here knows are named like this too.
  const isResource = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\/[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(type);
  if (!isResource || (meant !== undefined && !isMig)) report(context, "unknown-accelerator", entry.span, hint, type);
}

/** Less than a container needs to start, which is what a forgotten unit makes; a request above its limit. */
function checkAmounts(
  name: "cpu" | "memory",
  entry: Entry | undefined,
  isAmount: (text: string) => boolean,
  numberOf: (text: string) => number,
  context: Context,
): void {
  if (!entry) return;
  const members = entry.value.kind === "object" ? entry.value : undefined;
  const request = members && option(members, "request");
  const limit = members ? option(members, "limit") : entry;
  const amounts = [request, limit].map((each) => {
    const text = amountOf(each);
    if (!each || text === undefined || !isAmount(text)) return undefined;
    const amount = numberOf(text);
    const isTiny = name === "memory" ? amount < 0.001 : amount > 1000;
    if (isTiny && amount > 0) {
      const unit = name === "memory" ? "bytes" : "processors";
      const hint = name === "memory" ? `Write "${text}Mi" or "${text}Gi".` : `Write "${text}m" for thousandths.`;
      report(context, "odd-amount", each.span, hint, `"${text}"`, unit);
    }
    return amount;
  });
  const [least, most] = amounts;
  if (request && least !== undefined && most !== undefined && most > 0 && least > most)
    report(context, "request-above-limit", request.span, undefined, name);
}

/** An amount of Kubernetes' (`resource.Quantity`). */
export function checkSize(entry: Entry | undefined, name: string, context: Context): void {
  const size = textOf(entry);
  if (!entry || size === undefined || size === "" || size.includes("{{")) return;
  if (!/^[+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[EPTGMk]|[EPTGMK]i|m|[eE][+-]?\d+)?$/.test(size))
    report(context, "kubernetes-amount", entry.span, 'Write it like "2Gi" or "500M".', name, size);
}

/** A text that is known while compiling. */
function textOf(entry: Entry | undefined): string | undefined {
  const value = entry?.value.kind === "constant" ? entry.value.value : undefined;
  return typeof value === "string" ? value : undefined;
}

/** A text, or a number, which is taken for one. */
function amountOf(entry: Entry | undefined): string | undefined {
  const value = entry?.value.kind === "constant" ? entry.value.value : undefined;
  return typeof value === "number" ? String(value) : textOf(entry);
}
