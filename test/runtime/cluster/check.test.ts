import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkTarget } from "../../../runtime/cluster/check.ts";
import { parse, text } from "../../../runtime/cluster/json.ts";
import { kubeconfigFor } from "./fake-cluster.ts";
import { type FakeServer, fakeServer, json, refuse } from "./fake-server.ts";

let folder: string;
let server: FakeServer | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "millrace-check-"))));
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, maxRetries: 9 });
});

/** State, name and detail of each finding, of a cluster that forbids some resources. */
async function found(forbidden: readonly string[], gpus: readonly string[]): Promise<string[]> {
  server = await fakeServer((_, response, url, body) => {
    const path = url.pathname;
    if (path === "/version") return json(response, { gitVersion: "v1.34.4" });
    if (path.endsWith("/healthz")) return json(response, { tag_name: "2.17.0", multi_user: false });
    if (path.endsWith("/services/ml-pipeline")) return json(response, {});
    if (path.endsWith("/selfsubjectaccessreviews")) {
      const asked = parse(body);
      const resource = [
        text(asked, "spec", "resourceAttributes", "resource"),
        text(asked, "spec", "resourceAttributes", "subresource"),
      ];
      return json(response, { status: { allowed: !forbidden.includes(resource.filter(Boolean).join("/")) } });
    }
    if (path === "/api/v1/nodes" && !forbidden.includes("nodes")) {
      return json(response, {
        items: gpus.map((count) => ({ status: { allocatable: { cpu: "8", "nvidia.com/gpu": count } } })),
      });
    }
    refuse(response, 403, "forbidden");
  });
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, kubeconfigFor(server.url.origin));
  const findings = await checkTarget({ name: "dev", kind: "kubernetes", kubeconfig, namespace: "kubeflow" });
  return findings.map(
    ({ state, name, detail }) => `${state} ${name}: ${detail.replace(server?.url.origin ?? "", "URL")}`,
  );
}

test("all is well", async () => {
  expect(await found([], ["4", "0", "2"])).toEqual([
    "fine Cluster: Kubernetes v1.34.4 at URL",
    "fine Pipelines: KFP 2.17.0 in namespace kubeflow",
    "fine Permissions: states, logs, artifacts and metrics can be read",
    "fine Nodes: 3: 6 × nvidia.com/gpu",
  ]);
});

test("what is not permitted, and what one will not see without it", async () => {
  expect((await found(["pods/log", "pods/portforward", "nodes"], [])).slice(2)).toEqual([
    "missing Permissions: You may not get pods/log in namespace kubeflow: runs work, but you will not see logs.",
    "missing Permissions: You may not create pods/portforward in namespace kubeflow: runs work, but you will not see artifacts, metrics and lineage.",
    "missing Nodes: You may not list nodes: which GPUs there are is not known.",
  ]);
});

test("no cluster is a finding, not an error", async () => {
  const findings = await checkTarget({ name: "dev", kind: "kubernetes", kubeconfig: join(folder, "none") });
  expect(findings.map(({ state, name }) => `${state} ${name}`)).toEqual(["broken Cluster"]);
});
