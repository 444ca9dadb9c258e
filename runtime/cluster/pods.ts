/** What a pod of a run says about the task it belongs to. */
import type { Json } from "../../language/spec/types.ts";
import type { Reason, Time } from "../events.ts";
import { send, type Server } from "./http.ts";
import { get, list, number, record, text, time } from "./json.ts";

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Argo's name of the node it runs: `wf(0).root(0).train(0).executor(0)`. */
  readonly node: string;
  /** Whose code it runs: the user's, or KFP's driver. */
  readonly role: "executor" | "driver";
  readonly phase: "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED";
  /** Why it waits or failed. */
  readonly reason?: Reason;
  /** Whether its main container has begun, and so has a log. */
  readonly started: boolean;
  readonly ended: boolean;
  readonly createdAt: Time;
  readonly startedAt?: Time;
  readonly finishedAt?: Time;
}

const nodeName = "workflows.argoproj.io/node-name";
const role = "pipelines.kubeflow.org/runtime-role";

/** The pod as a step of a run; undefined for a pod that is none. */
export function readPod(object: Json): Pod | undefined {
  const annotations = record(object, "metadata", "annotations");
  const name = text(object, "metadata", "name");
  const uid = text(object, "metadata", "uid");
  const node = text(annotations, nodeName);
  if (name === undefined || uid === undefined || node === undefined) return undefined;
  const statuses = list(object, "status", "containerStatuses");
  const main = statuses.find((status) => text(status, "name") === "main");
  const ended = get(main, "state", "terminated");
  const startedAt = time(main, "state", "running", "startedAt") ?? time(ended, "startedAt");
  const finishedAt = time(ended, "finishedAt");
  const phase = phaseOf(object, main);
  const reason =
    phase === "PENDING" ? waiting(object, statuses) : phase === "FAILED" ? failed(object, main) : undefined;
  return {
    namespace: text(object, "metadata", "namespace") ?? "",
    name,
    uid,
    node,
    role: text(annotations, role) === "driver" ? "driver" : "executor",
    phase,
    ...(reason ? { reason } : {}),
    started: startedAt !== undefined,
    ended: ended !== undefined || phase === "SUCCEEDED" || phase === "FAILED",
    createdAt: time(object, "metadata", "creationTimestamp") ?? 0,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
  };
}

/** Name of a ready pod behind a service; undefined where there is none. */
export async function podOfService(
  server: Server,
  namespace: string,
  service: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const selector = record(
    await send(server, { path: `/api/v1/namespaces/${namespace}/services/${service}`, signal }),
    "spec",
    "selector",
  );
  const labelSelector = Object.entries(selector)
    .flatMap(([label, value]) => (typeof value === "string" ? `${label}=${value}` : []))
    .join(",");
  const pods = await send(server, {
    path: `/api/v1/namespaces/${namespace}/pods?${new URLSearchParams({ labelSelector }).toString()}`,
    signal,
  });
  const ready = list(pods, "items").find((pod) =>
    list(pod, "status", "conditions").some(
      (condition) => text(condition, "type") === "Ready" && text(condition, "status") === "True",
    ),
  );
  return text(ready, "metadata", "name");
}

/**
 * The pod's phase says RUNNING as soon as any container runs; a step runs when
 * its main container does (Argo's `wait` runs beside an image that cannot be pulled).
 */
function phaseOf(object: Json, main: Json | undefined): Pod["phase"] {
  switch (text(object, "status", "phase")) {
    case "Succeeded":
      return "SUCCEEDED";
    case "Failed":
      return "FAILED";
    default:
      return get(main, "state", "running") !== undefined || get(main, "state", "terminated") !== undefined
        ? "RUNNING"
        : "PENDING";
  }
}

function waiting(object: Json, statuses: readonly Json[]): Reason | undefined {
  const scheduled = list(object, "status", "conditions").find(
    (condition) => text(condition, "type") === "PodScheduled",
  );
  if (text(scheduled, "status") === "False" && text(scheduled, "reason") === "Unschedulable") {
    return unschedulable(object, text(scheduled, "message") ?? "no node fits");
  }
  for (const status of [...list(object, "status", "initContainerStatuses"), ...statuses]) {
    const why = text(status, "state", "waiting", "reason");
    const message = text(status, "state", "waiting", "message");
    if (why === undefined || why === "PodInitializing" || why === "ContainerCreating") continue;
    if (imageReasons.has(why))
      return {
        kind: "image-pull",
        image: text(status, "image") ?? imageOf(object, text(status, "name")),
        message: registrySays(message ?? why),
      };
    return message === undefined ? { kind: "pod", reason: why } : { kind: "pod", reason: why, message };
  }
  return undefined;
}

// The kubelet alternates between the first two.
const imageReasons: ReadonlySet<string> = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "RegistryUnavailable",
]);

/** Without the words before the registry's own, which repeat the image's name. */
function registrySays(message: string): string {
  const inner =
    /(?:failed to (?:resolve reference|do request)[^:]*|rpc error: code = \w+ desc = [^:]*):\s*(.+)$/s.exec(
      message,
    )?.[1] ?? message;
  return inner.trim();
}

function imageOf(object: Json, container: string | undefined): string {
  const all = [...list(object, "spec", "initContainers"), ...list(object, "spec", "containers")];
  return (
    text(
      all.find((candidate) => text(candidate, "name") === container),
      "image",
    ) ?? ""
  );
}

/**
 * The resource is named by the scheduler ("Insufficient nvidia.com/gpu"), the
 * amount by the pod. Its last words, on preemption, explain nothing.
 */
function unschedulable(object: Json, message: string): Reason {
  const short = message.replace(/\.?\s*(no new claims to deallocate, )?preemption: .*$/s, ".");
  const resource = /Insufficient ([\w./-]+?)[.,]?(?:\s|$)/.exec(message)?.[1];
  if (resource === undefined) return { kind: "unschedulable", message: short };
  const wanted = amount(object, resource);
  return wanted === undefined
    ? { kind: "unschedulable", message: short, resource }
    : { kind: "unschedulable", message: short, resource, wanted };
}

function amount(object: Json, resource: string): string | undefined {
  const main = list(object, "spec", "containers").find((container) => text(container, "name") === "main");
  return text(main, "resources", "requests", resource) ?? text(main, "resources", "limits", resource);
}

function failed(object: Json, main: Json | undefined): Reason {
  const ended = get(main, "state", "terminated");
  const code = number(ended, "exitCode");
  if (text(ended, "reason") === "OOMKilled") {
    const spec = list(object, "spec", "containers").find((container) => text(container, "name") === "main");
    const limit = text(spec, "resources", "limits", "memory");
    return limit === undefined ? { kind: "out-of-memory" } : { kind: "out-of-memory", limit };
  }
  // Evicted, preempted, lost with its node: the pod says so, not the container.
  const why = text(object, "status", "reason");
  const message = text(object, "status", "message");
  if (why !== undefined)
    return message === undefined ? { kind: "pod", reason: why } : { kind: "pod", reason: why, message };
  if (code !== undefined && code !== 0) return { kind: "exit-code", code };
  // Main is fine: another container of the pod failed.
  for (const status of [
    ...list(object, "status", "initContainerStatuses"),
    ...list(object, "status", "containerStatuses"),
  ]) {
    const other = number(status, "state", "terminated", "exitCode");
    if (other !== undefined && other !== 0) {
      const said = text(status, "state", "terminated", "message");
      const reason = `container ${text(status, "name") ?? "?"} failed with exit code ${other}`;
      return said === undefined ? { kind: "pod", reason } : { kind: "pod", reason, message: said };
    }
  }
  return { kind: "pod", reason: "Failed" };
}
