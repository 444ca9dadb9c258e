import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connect, findKfp } from "../../../runtime/cluster/connect.ts";
import type { Target } from "../../../runtime/protocol.ts";
import { describe as inWords, UserError } from "../../../runtime/user-error.ts";
import { kubeconfigFor } from "./fake-cluster.ts";
import { type FakeServer, fakeServer, json, refuse } from "./fake-server.ts";

let folder: string;
let server: FakeServer | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "millrace-connect-"))));
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, maxRetries: 9 });
});

function target(kubeconfig: string | undefined, more: Partial<Target> = {}): Target {
  const file = join(folder, "kubeconfig");
  if (kubeconfig !== undefined) writeFileSync(file, kubeconfig);
  return { name: "dev", kind: "kubernetes", kubeconfig: file, ...more };
}

/** What a person reads when it does not work. */
async function trouble(what: Target): Promise<string> {
  try {
    const cluster = await connect(what);
    try {
      await findKfp(cluster, AbortSignal.timeout(5_000));
    } finally {
      cluster.close();
    }
    return "no trouble";
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return inWords(error)
      .replaceAll(folder, "~")
      .replaceAll(/127\.0\.0\.1:\d+/g, "HOST");
  }
}

test("a kubeconfig that is not there", async () => {
  expect(await trouble(target(undefined))).toBe(
    'Target "dev" needs the kubeconfig ~/kubeconfig, which is not there. Write it with your cluster\'s own tool, or name another file in the target.',
  );
});

test("a kubeconfig that is none", async () => {
  expect(await trouble(target("{{{"))).toMatch(/^Cannot read the kubeconfig ~\/kubeconfig of target "dev": /);
});

test("a context that the file does not have", async () => {
  expect(await trouble(target(kubeconfigFor("http://127.0.0.1:1"), { context: "two" }))).toBe(
    'The kubeconfig ~/kubeconfig has no context "two". It has "one". Choose one for target "dev".',
  );
});

test("nobody listens", async () => {
  server = await fakeServer(() => undefined);
  const { origin } = server.url;
  await server.close();
  server = undefined;
  expect(await trouble(target(kubeconfigFor(origin)))).toBe(
    'Cannot reach cluster "dev" at http://HOST: connection refused. Check the target\'s kubeconfig and context.',
  );
});

test("a name that does not resolve", async () => {
  expect(await trouble(target(kubeconfigFor("http://no-such-host.invalid:6443")))).toMatch(
    /^Cannot reach cluster "dev" at http:\/\/no-such-host\.invalid:6443: its name does not resolve/,
  );
});

test("the connection is cut", async () => {
  server = await fakeServer((_, response) => void response.destroy());
  expect(await trouble(target(kubeconfigFor(server.url.origin)))).toMatch(
    /^Cannot reach cluster "dev" at http:\/\/HOST: /,
  );
});

test("a refused token", async () => {
  server = await fakeServer((_, response) => refuse(response, 401, "Unauthorized"));
  expect(await trouble(target(kubeconfigFor(server.url.origin)))).toBe(
    'The cluster "dev" at http://HOST refuses these credentials: Unauthorized. They have expired or belong to another cluster. Log in again as you do for kubectl.',
  );
});

test("no KFP there", async () => {
  server = await fakeServer((_, response) => refuse(response, 404, "not found"));
  expect(await trouble(target(kubeconfigFor(server.url.origin)))).toBe(
    'No Kubeflow Pipelines in cluster "dev": there is no service ml-pipeline in namespace "mine" and "kubeflow". Set the target\'s namespace to the one where KFP runs, or install KFP there.',
  );
});

test("an answer that is not Kubernetes'", async () => {
  server = await fakeServer((_, response) => void response.end("<html>captive portal</html>"));
  expect(await trouble(target(kubeconfigFor(server.url.origin)))).toMatch(
    /^The cluster "dev" at http:\/\/HOST says no: the answer .* is not JSON/,
  );
});

test("KFP in a profile's cluster: runs go to the target's namespace", async () => {
  server = await fakeServer((_, response, url) => {
    if (url.pathname.includes("/kubeflow/")) return json(response, {});
    refuse(response, 404, "not found");
  });
  const cluster = await connect(target(kubeconfigFor(server.url.origin), { namespace: "team-a" }));
  expect(await findKfp(cluster)).toEqual({ service: "kubeflow", runs: "team-a" });
  cluster.close();
});

test("messages hold no credentials", async () => {
  server = await fakeServer((_, response) => refuse(response, 403, 'services "ml-pipeline" is forbidden'));
  expect(await trouble(target(kubeconfigFor(server.url.origin)))).not.toContain("secret-token");
});
