/** What `millrace doctor --target` says of a cluster. */
import type { Json } from "../../language/spec/types.ts";
import type { Finding, Target } from "../protocol.ts";
import { UserError } from "../user-error.ts";
import { type Cluster, connect, explain, findKfp, type KfpPlace } from "./connect.ts";
import { send } from "./http.ts";
import { get, list, text } from "./json.ts";
import { kfpOfCluster } from "./kfp.ts";

/** Each thing that a run needs there, in the order in which it is needed; ends at the first that is broken. Throws nothing but bugs. */
export async function checkTarget(target: Target, signal?: AbortSignal): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    const cluster = await connect(target);
    try {
      const version = await send(cluster, { path: "/version", signal }).catch((error: unknown) => {
        throw explain(cluster, error);
      });
      findings.push({
        name: "Cluster",
        state: "fine",
        detail: `Kubernetes ${text(version, "gitVersion") ?? "?"} at ${cluster.url.origin}`,
      });
      const place = await findKfp(cluster, signal);
      const kfp = await kfpOfCluster(cluster, place)
        .health(signal)
        .catch((error: unknown) => {
          throw explain(cluster, error, "use KFP's API");
        });
      const where =
        place.runs === place.service
          ? `in namespace ${place.service}`
          : `in namespace ${place.service}, runs in ${place.runs}`;
      findings.push({ name: "Pipelines", state: "fine", detail: `KFP ${kfp.version} ${where}` });
      findings.push(...(await permissions(cluster, place, signal)), await accelerators(cluster, signal));
    } finally {
      cluster.close();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message, action } = error;
    findings.push({
      name: findings.length === 0 ? "Cluster" : "Pipelines",
      state: "broken",
      detail: message,
      ...(action === undefined ? {} : { action }),
    });
  }
  return findings;
}

interface Wanted {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly of: keyof KfpPlace;
  /** What is not shown without it. */
  readonly without: string;
}

const wanted: readonly Wanted[] = [
  { verb: "watch", resource: "pods", of: "runs", without: "why a step waits or failed" },
  { verb: "get", resource: "pods", subresource: "log", of: "runs", without: "logs" },
  {
    verb: "watch",
    group: "argoproj.io",
    resource: "workflows",
    of: "runs",
    without: "skipped steps before the run has ended",
  },
  {
    verb: "create",
    resource: "pods",
    subresource: "portforward",
    of: "service",
    without: "artifacts, metrics and lineage",
  },
];

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
async function permissions(cluster: Cluster, place: KfpPlace, signal: AbortSignal | undefined): Promise<Finding[]> {
  const lacking: Wanted[] = [];
  for (const each of wanted) {
    const { verb, group = "", resource, subresource = "", of } = each;
    const resourceAttributes = { namespace: place[of], verb, group, resource, subresource };
    const review: Json = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    };
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    try {
      const answer = await send(cluster, { path, method: "POST", body: review, signal });
      if (get(answer, "status", "allowed") !== true) lacking.push(each);
    } catch {
      // A cluster that does not answer this question is asked by use.
    }
  }
  if (lacking.length === 0)
    return [{ name: "Permissions", state: "fine", detail: "states, logs, artifacts and metrics can be read" }];
  return lacking.map(({ verb, resource, subresource, of, without }) => ({
    name: "Permissions",
    state: "missing",
    detail: `You may not ${verb} ${resource}${subresource === undefined ? "" : `/${subresource}`} in namespace ${place[of]}: runs work, but you will not see ${without}.`,
    action: "Ask whoever runs the cluster for it.",
  }));
}

/** What nodes offer beyond CPU and memory; not everybody may look at nodes. */
async function accelerators(cluster: Cluster, signal: AbortSignal | undefined): Promise<Finding> {
  try {
    const nodes = list(await send(cluster, { path: "/api/v1/nodes", signal }), "items");
    const offered = new Map<string, number>();
    for (const node of nodes) {
      for (const [resource, amount] of Object.entries(get(node, "status", "allocatable") ?? {})) {
        // Extended resources have a domain: nvidia.com/gpu.
        if (resource.includes("/")) offered.set(resource, (offered.get(resource) ?? 0) + Number(amount));
      }
    }
    const shown = [...offered].filter(([, count]) => count > 0).map(([resource, count]) => `${count} × ${resource}`);
    return {
      name: "Nodes",
      state: "fine",
      detail: `${nodes.length}${shown.length === 0 ? ", none with a GPU" : `: ${shown.join(", ")}`}`,
    };
  } catch {
    return { name: "Nodes", state: "missing", detail: "You may not list nodes: which GPUs there are is not known." };
  }
}
