/** A Kubernetes API server with KFP behind it, on 127.0.0.1: shows one recorded run as far as a test lets it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../../language/spec/types.ts";
import { list, record, text } from "../../../runtime/cluster/json.ts";
import type { Target } from "../../../runtime/protocol.ts";
import { type FakeServer, fakeServer, json, refuse } from "./fake-server.ts";

export interface FakeCluster {
  readonly server: FakeServer;
  readonly target: Target;
  /** What was posted to KFP: path and body. */
  readonly posted: { path: string; body: string }[];
  /** How it behaves from now on. */
  behave(change: Partial<Behaviour>): void;
}

export interface Behaviour {
  /** KFP's state of the run; absent, the recorded one. */
  state: string | undefined;
  /** Connections are cut before an answer. */
  away: boolean;
  /** Paths that contain this are refused with 403. */
  forbidden: string | undefined;
  /** Every request is refused with this status. */
  refuse: number | undefined;
}

export async function fakeCluster(folder: string, name: string, log = ""): Promise<FakeCluster> {
  // SAFETY: fixtures are JSON.
  const recorded = JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  const run = record(recorded, "run");
  const posted: { path: string; body: string }[] = [];
  const behaviour: Behaviour = { state: undefined, away: false, forbidden: undefined, refuse: undefined };
  const kfp = "/api/v1/namespaces/kubeflow/services/ml-pipeline:8888/proxy";

  const server = await fakeServer((request, response, url, body) => {
    const path = url.pathname;
    if (behaviour.away) return void response.destroy();
    if (behaviour.refuse !== undefined) return refuse(response, behaviour.refuse, "Unauthorized");
    if (behaviour.forbidden !== undefined && path.includes(behaviour.forbidden))
      return refuse(response, 403, `${path} is forbidden`);
    if (request.method === "POST") posted.push({ path: path.replace(kfp, ""), body });
    if (path === "/api/v1/namespaces/kubeflow/services/ml-pipeline")
      return json(response, { spec: { selector: { app: "ml-pipeline" } } });
    if (path === `${kfp}/apis/v2beta1/healthz`) return json(response, { tag_name: "2.17.0", multi_user: false });
    if (path.endsWith(":terminate")) {
      behaviour.state = "CANCELING";
      return json(response, {});
    }
    if (path.startsWith(`${kfp}/apis/v2beta1/runs`)) {
      if (behaviour.state === undefined) return json(response, run);
      return json(response, {
        ...run,
        state: behaviour.state,
        finished_at: "1970-01-01T00:00:00Z",
        state_history: [{ state: behaviour.state }],
      });
    }
    if (url.searchParams.get("watch") === "true") return response.writeHead(200).flushHeaders();
    if (path.endsWith("/log")) return void response.end(since(log, url.searchParams.get("sinceTime")));
    const items = path.endsWith("/pods")
      ? list(recorded, "pods")
      : path.endsWith("/workflows")
        ? [record(recorded, "workflow")]
        : undefined;
    if (items) return json(response, { metadata: { resourceVersion: "1" }, items });
    refuse(response, 404, `${path} not found`);
  });

  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, kubeconfigFor(server.url.origin));
  return {
    server,
    posted,
    target: { name: "fake", kind: "kubernetes", kubeconfig, namespace: "kubeflow" },
    behave: (change) => void Object.assign(behaviour, change),
  };
}

/** As a kubelet answers: whole lines, from a second on. */
function since(log: string, from: string | null): string {
  if (from === null) return log;
  return log
    .split(/(?<=\n)/)
    .filter((line) => Date.parse(line.slice(0, line.indexOf(" "))) >= Date.parse(from))
    .join("");
}

export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "one",
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    contexts: [{ name: "one", context: { cluster: "c", user: "u", namespace: "mine" } }],
    users: [{ name: "u", user: { token: "secret-token" } }],
  });
}

export function remoteOf(name: string): string {
  // SAFETY: fixtures are JSON.
  return (
    text(
      JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as Json,
      "run",
      "run_id",
    ) ?? ""
  );
}
