import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Json } from "../../language/spec/types.ts";
import { connect, findKfp } from "../../runtime/cluster/connect.ts";
import { kfpOfCluster } from "../../runtime/cluster/kfp.ts";
import { send } from "../../runtime/cluster/http.ts";
import { get, list, record, text } from "../../runtime/cluster/json.ts";
import { compileFile } from "../../runtime/compile/compile-file.ts";
import { describeReason, finalStates, type RunEvent, type RunState } from "../../runtime/events.ts";
import { logFile, readLines } from "../../runtime/local/logs.ts";
import type { Target } from "../../runtime/protocol.ts";
import { claimRun, execute } from "../../runtime/run/execute.ts";
import { followRemote } from "../../runtime/run/follow-remote.ts";
import { prepareFile } from "../../runtime/run/prepare.ts";
import { writeTargets } from "../../runtime/run/targets.ts";
import type { RunRecord, Store } from "../../runtime/store/store.ts";
import { openWorkspace } from "../../runtime/store/open-workspace.ts";
import { runFolder, type Workspace } from "../../runtime/store/workspace.ts";

const kubeconfig = process.env["MILLRACE_TEST_KUBECONFIG"];
const project = fileURLToPath(new URL("../..", import.meta.url));
const steps = (name: string) => join(project, "test/cluster/pipelines", `steps.${name}.yaml`);
const target: Target = {
  name: "cluster",
  kind: "kubernetes",
  namespace: process.env["MILLRACE_TEST_NAMESPACE"] ?? "kubeflow",
  ...(kubeconfig === undefined ? {} : { kubeconfig }),
};

/** A run that is under way, as the command line starts one. */
interface Started {
  readonly id: string;
  readonly ended: Promise<RunState>;
  readonly cancel: AbortController;
  readonly detach: AbortController;
  /** Seconds from a change of a task to the event that tells of it. */
  readonly delays: { what: string; seconds: number }[];
}

describe.skipIf(kubeconfig === undefined)("on a real cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-cluster-"));
  const workspace: Workspace = { root: folder, folder: join(folder, ".millrace") };
  let store: Store;
  const open: Started[] = [];

  beforeAll(async () => {
    store = await openWorkspace(workspace, { create: true, say: () => undefined });
    writeTargets(workspace, { all: [target], chosen: "cluster" });
  });
  afterAll(async () => {
    // Whatever a failed test has left.
    for (const { cancel } of open) cancel.abort();
    await Promise.allSettled(open.map(({ ended }) => ended));
    store.close();
    rmSync(folder, { recursive: true, maxRetries: 9 });
  });

  async function start(
    path: string,
    parameters: Record<string, Json> = {},
    caching = false,
    where = "cluster",
  ): Promise<Started> {
    const given = Object.fromEntries(Object.entries(parameters).map(([name, json]) => [name, { json }]));
    const prepared = await prepareFile(path, workspace, store, { parameters: given, target: where, caching });
    const id = claimRun(workspace);
    const cancel = new AbortController();
    const detach = new AbortController();
    const delays: Started["delays"] = [];
    const listener = (event: RunEvent) => {
      if (event.kind === "task-state" && event.state === "RUNNING" && event.task !== "root")
        delays.push({ what: event.task, seconds: (Date.now() - event.at) / 1000 });
    };
    const ended = execute(prepared, {
      run: id,
      workspace,
      store,
      listener,
      signal: cancel.signal,
      detach: detach.signal,
      notice: (line) => console.log(`${id}: ${line}`),
    });
    // A test that fails before it waits is not to end the process.
    ended.catch(() => undefined);
    const started = { id, ended, cancel, detach, delays };
    open.push(started);
    return started;
  }

  function runRecord(id: string): RunRecord {
    const found = store.run(id);
    if (!found) throw new Error(`no run ${id}`);
    return found;
  }

  function states(id: string): Record<string, string> {
    return Object.fromEntries(
      (store.run(id)?.tasks ?? []).map(({ path, state, reason }) => [
        path,
        reason ? `${state}: ${describeReason(reason)}` : state,
      ]),
    );
  }

  function log(id: string, path: string): string[] {
    const { lines } = readLines(logFile(runFolder(workspace, id), path, 0), 0, 100_000);
    return lines.filter(({ stream }) => stream === "out").map(({ text: line }) => line);
  }

  const patient = { timeout: 200_000, interval: 200 };

  test.concurrent("the sample, left in the middle and followed again: states, logs, artifacts, metrics, lineage", async ({
    expect,
  }) => {
    // A cluster that was used before has answers in its cache: a number of rows that it has not seen.
    const rows = 2000 + 5 * Math.floor(Math.random() * 1000);
    // With caching: what runs without is not kept for others.
    const run = await start(join(project, "samples/churn/pipeline.py"), { rows, n_estimators: 20 }, true);
    await expect.poll(() => states(run.id)["root.train"], patient).toBe("RUNNING");
    expect(log(run.id, "root.load-data").join("\n")).toContain(`wrote ${rows} rows`);
    run.detach.abort();
    expect(finalStates.has(await run.ended)).toBe(false);

    const signals = { signal: new AbortController().signal, detach: new AbortController().signal };
    expect(await followRemote(runRecord(run.id), workspace, store, signals, (line) => console.log(line))).toBe(
      "SUCCEEDED",
    );
    expect(states(run.id)).toEqual({
      root: "SUCCEEDED",
      "root.load-data": "SUCCEEDED",
      "root.train": "SUCCEEDED",
      "root.evaluate": "SUCCEEDED",
    });
    expect(log(run.id, "root.load-data").filter((line) => line.startsWith("wrote"))).toHaveLength(1);
    expect(log(run.id, "root.train")).toEqual([`fitted 20 trees on ${rows * 0.8} rows`]);
    const { metrics } = runRecord(run.id);
    expect(metrics["accuracy"]).toBeGreaterThan(0.7);
    expect(metrics["f1"]).toBeGreaterThan(0.7);
    const models = store.query(`Model where ancestor Dataset.rows > ${rows - 1}`);
    expect(models.map(({ name, metadata, producer }) => ({ name, metadata, run: producer?.run }))).toContainEqual({
      name: "out_model",
      metadata: { framework: "sklearn", n_estimators: 20 },
      run: run.id,
    });
    expect(store.query(`Model where ancestor Dataset.rows > ${rows}`)).toEqual([]);

    // The same in TypeScript, with a step of its own: what ran above comes from the cluster's cache.
    const again = await start(join(project, "samples/churn/pipeline.ts"), { rows, nEstimators: 20 }, true);
    expect(await again.ended).toBe("SUCCEEDED");
    expect(states(again.id)).toMatchObject({
      "root.load-data": "CACHED",
      "root.train": "CACHED",
      "root.evaluate": "CACHED",
      "root.report": "SUCCEEDED",
    });
    expect(log(again.id, "root.report")).toEqual([`wrote the report: ${rows} customers, 10 features`]);
    const report = runRecord(again.id).tasks.find(({ path }) => path === "root.report");
    expect(report?.outputs.artifacts.map(({ artifact }) => artifact.type)).toEqual(["system.HTML"]);
  });

  test.concurrent("settings of a step arrive in its pod; one that no node can take says why, and is canceled", async ({
    expect,
  }) => {
    const run = await start(steps("settings"));
    await expect
      .poll(() => states(run.id)["root.say-2"], patient)
      .toMatch(/^PENDING: waiting for a node: .*Insufficient nvidia\.com\/gpu/);
    const waiting = runRecord(run.id).tasks.find(({ path }) => path === "root.say-2");
    expect(waiting?.reason).toMatchObject({ kind: "unschedulable", resource: "nvidia.com/gpu", wanted: "64" });
    await expect.poll(() => states(run.id)["root.say"], patient).toBe("SUCCEEDED");

    const pods = await podsOf(runRecord(run.id).remote ?? "");
    const small = pods.get("root.say");
    expect(get(main(small), "resources")).toMatchObject({
      requests: { cpu: "100m", memory: "64Mi" },
      limits: { cpu: "200m", memory: "512Mi" },
    });
    expect(record(small, "spec", "nodeSelector")).toEqual({ "kubernetes.io/os": "linux" });
    const gpuToleration = { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" };
    expect(list(small, "spec", "tolerations")).toContainEqual(gpuToleration);
    const large = pods.get("root.say-2");
    expect(get(main(large), "resources", "limits")).toMatchObject({ "nvidia.com/gpu": "64" });
    expect(list(large, "spec", "tolerations")).toContainEqual(gpuToleration);

    run.cancel.abort();
    expect(await run.ended).toBe("CANCELED");
    expect(states(run.id)).toMatchObject({
      root: "CANCELED",
      "root.say": "SUCCEEDED",
      "root.say-2": "CANCELED: canceled",
    });
    expect(runRecord(run.id).state).toBe("CANCELED");
  });

  test.concurrent("a step that fails: its exit status and last words; what stands behind it; the exit task", async ({
    expect,
  }) => {
    const run = await start(steps("failing"));
    expect(await run.ended).toBe("FAILED");
    expect(states(run.id)).toEqual({
      root: "FAILED",
      "root.exit-handler-1": "FAILED",
      "root.exit-handler-1.fail": "FAILED: exit code 3: no such column: price",
      "root.exit-handler-1.say": "SKIPPED: fail failed before it",
      "root.tidy": "SUCCEEDED",
    });
    expect(log(run.id, "root.tidy")).toEqual(["tidied after FAILED"]);
  });

  test.concurrent("a step that wants more memory than it may have", async ({ expect }) => {
    const run = await start(steps("hungry"));
    expect(await run.ended).toBe("FAILED");
    expect(states(run.id)).toEqual({ root: "FAILED", "root.eat": "FAILED: out of memory at its limit of 512Mi" });
  });

  test.concurrent("loops and conditions; a log that streams", async ({ expect }) => {
    const run = await start(steps("branching"));
    await expect.poll(() => log(run.id, "root.count"), { ...patient, interval: 50 }).toContain("2 of 6");
    expect(states(run.id)["root.count"]).toBe("RUNNING");
    expect(await run.ended).toBe("SUCCEEDED");
    expect(log(run.id, "root.count")).toEqual([1, 2, 3, 4, 5, 6].map((n) => `${n} of 6`));
    const condition = /^SKIPPED: condition is false: double-Output > 3$/;
    const all = states(run.id);
    expect(all["root.for-loop-1[0].condition-2"]).toMatch(condition);
    expect(all["root.for-loop-1[0].condition-2.say"]).toMatch(condition);
    expect(all).toMatchObject({
      root: "SUCCEEDED",
      "root.count": "SUCCEEDED",
      "root.for-loop-1": "SUCCEEDED",
      "root.for-loop-1[0]": "SUCCEEDED",
      "root.for-loop-1[0].double": "SUCCEEDED",
      "root.for-loop-1[1]": "SUCCEEDED",
      "root.for-loop-1[1].double": "SUCCEEDED",
      "root.for-loop-1[1].condition-2": "SUCCEEDED",
      "root.for-loop-1[1].condition-2.say": "SUCCEEDED",
      "root.total": "SUCCEEDED",
    });
    expect(Object.keys(all)).toHaveLength(12);
    const total = runRecord(run.id).tasks.find(({ path }) => path === "root.total");
    expect(total?.inputs.parameters).toEqual({ numbers: [2, 6] });
    expect(total?.outputs.parameters).toEqual({ Output: 8 });
    // Kubernetes' times are whole seconds: a delay of one may read as two.
    const steps_ = run.delays.filter(({ what }) => /count|double|total|say/.test(what)).map(({ seconds }) => seconds);
    expect(steps_.sort((a, b) => a - b)[Math.floor(steps_.length / 2)]).toBeLessThan(3);
  });

  test.concurrent("conditions and literals of TypeScript: the same branches here and there", async ({ expect }) => {
    const file = join(project, "test/cluster/pipelines/decisions.ts");
    const branches = (id: string) =>
      Object.fromEntries(runRecord(id).tasks.map(({ path, state }) => [path, state.replace("CACHED", "SUCCEEDED")]));
    const cases = [
      { n: 3, size: "small" },
      { n: 5, size: "large" },
    ];
    const there = await Promise.all(cases.map((parameters) => start(file, parameters)));
    for (const [index, parameters] of cases.entries()) {
      const here = await start(file, parameters, true, "local");
      expect(await here.ended).toBe("SUCCEEDED");
      const run = there[index]?.id ?? "";
      expect(await there[index]?.ended).toBe("SUCCEEDED");
      expect(branches(run)).toEqual(branches(here.id));
      expect(log(run, "root.told")).toEqual(log(here.id, "root.told"));
    }
    await expect(start(file, { n: 3, size: "medium" })).rejects.toThrow(/"medium".* none of "small", "large"/);
    // The server says the same where our own check is passed by.
    const { package: pkg } = await compileFile(file);
    const cluster = await connect(target);
    try {
      const kfp = kfpOfCluster(cluster, await findKfp(cluster));
      const refused = kfp.create({ name: "decisions", package: pkg, parameters: { n: 3, size: "medium" } });
      await expect(refused).rejects.toThrow(/does not match any of the allowed literal values/);
    } finally {
      cluster.close();
    }
  });

  /** The pods of a run's steps, as they are in the cluster, by task path. */
  async function podsOf(remote: string): Promise<Map<string, Json>> {
    const cluster = await connect(target);
    try {
      const { runs } = await findKfp(cluster);
      const pods = await send(cluster, {
        path: `/api/v1/namespaces/${runs}/pods?labelSelector=${encodeURIComponent(`pipeline/runid=${remote}`)}`,
      });
      const steps = list(pods, "items").filter(
        (pod) => text(pod, "metadata", "annotations", "pipelines.kubeflow.org/runtime-role") === "launcher",
      );
      return new Map(
        steps.map((pod) => [
          /\(0\)\.(root\(0\)\..*)\(0\)\.executor/
            .exec(text(pod, "metadata", "annotations", "workflows.argoproj.io/node-name") ?? "")?.[1]
            ?.replaceAll("(0)", "") ?? "",
          pod,
        ]),
      );
    } finally {
      cluster.close();
    }
  }
});

function main(pod: Json | undefined): Json | undefined {
  return list(pod, "spec", "containers").find((container) => text(container, "name") === "main");
}
