import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Json, PipelineSpec } from "../../../language/spec/types.ts";
import { get, parse, text } from "../../../runtime/cluster/json.ts";
import { attach, type FollowOptions, runOnCluster } from "../../../runtime/cluster/run.ts";
import { logFile, readLines } from "../../../runtime/local/logs.ts";
import { describeReason, type RunEvent } from "../../../runtime/events.ts";
import { type FakeCluster, fakeCluster, remoteOf } from "./fake-cluster.ts";

const log = readFileSync(new URL("fixtures/train.log", import.meta.url), "utf8");
let folder: string;
let cluster: FakeCluster;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "millrace-run-"))));
afterEach(async () => {
  await cluster.server.close();
  rmSync(folder, { recursive: true, maxRetries: 9 });
});

function specOf(name: string): PipelineSpec {
  // SAFETY: fixtures are JSON, and what a KFP server accepted is a PipelineSpec.
  const value = JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return get(value, "run", "pipeline_spec") as unknown as PipelineSpec;
}

interface Followed {
  readonly events: RunEvent[];
  readonly notices: string[];
  readonly options: FollowOptions;
  readonly signal: AbortController;
  readonly detach: AbortController;
}

function following(): Followed {
  const events: RunEvent[] = [];
  const notices: string[] = [];
  const signal = new AbortController();
  const detach = new AbortController();
  return {
    events,
    notices,
    signal,
    detach,
    options: {
      run: "r",
      target: cluster.target,
      folder,
      sink: (event) => events.push(event),
      notice: (line) => notices.push(line),
      signal: signal.signal,
      detach: detach.signal,
      quietMs: 200,
    },
  };
}

/** The last that was told of each task, and of the run. */
function states(events: readonly RunEvent[]): Record<string, string> {
  const last: Record<string, string> = {};
  for (const event of events) {
    if (event.kind === "task-state")
      last[event.task] = event.state + (event.reason ? `: ${describeReason(event.reason)}` : "");
    if (event.kind === "run-state") last["run"] = event.state;
  }
  return last;
}

test("catches up with a run that has ended: states, logs, and a word on what cannot be read", async () => {
  cluster = await fakeCluster(folder, "churn", log);
  const { events, notices, options } = following();
  expect(await attach(specOf("churn"), { ...options, remote: remoteOf("churn") })).toBe("SUCCEEDED");
  expect(states(events)).toEqual({
    root: "SUCCEEDED",
    "root.evaluate": "SUCCEEDED",
    "root.load-data": "SUCCEEDED",
    "root.train": "SUCCEEDED",
    run: "SUCCEEDED",
  });
  const { lines } = readLines(logFile(folder, "root.train", 0), 0, 1000);
  expect(lines.map(({ text }) => text)).toEqual(
    log
      .trimEnd()
      .split("\n")
      .map((line) => line.slice(line.indexOf(" ") + 1)),
  );
  expect(lines.filter(({ stream }) => stream === "out").map(({ text }) => text)).toEqual([
    "fitted 20 trees on 1600 rows",
  ]);
  // The fake has no ML Metadata.
  expect(notices.join("\n")).toContain("Artifacts and metrics cannot be read");
});

test("attaching again changes nothing in the logs, and tells the same events", async () => {
  cluster = await fakeCluster(folder, "churn", log);
  const first = following();
  await attach(specOf("churn"), { ...first.options, remote: remoteOf("churn") });
  const before = readFileSync(logFile(folder, "root.train", 0), "utf8");
  const second = following();
  await attach(specOf("churn"), { ...second.options, remote: remoteOf("churn") });
  expect(readFileSync(logFile(folder, "root.train", 0), "utf8")).toBe(before);
  const told = (events: readonly RunEvent[]) =>
    events
      .filter(({ kind }) => kind.startsWith("task-"))
      .map((event) => JSON.stringify(event))
      .sort();
  expect(told(second.events)).toEqual(told(first.events));
});

test("submits: parameters with defaults, caching off, the run's id on the cluster", async () => {
  cluster = await fakeCluster(folder, "churn", log);
  const { events, options } = following();
  await runOnCluster(
    { spec: specOf("churn") },
    { ...options, parameters: { rows: 10 }, caching: false, spec: "digest" },
  );
  const body = parse(cluster.posted[0]?.body ?? "") ?? null;
  expect(cluster.posted[0]?.path).toBe("/apis/v2beta1/runs");
  expect(get(body, "runtime_config", "parameters")).toEqual({ rows: 10, n_estimators: 200 });
  expect(text(body, "pipeline_spec", "pipelineInfo", "name")).toBe("churn-training-v2");
  expect(get(body, "pipeline_spec", "root", "dag", "tasks", "train", "cachingOptions")).toEqual({});
  expect(events[0]).toMatchObject({
    kind: "run-created",
    run: "r",
    remote: remoteOf("churn"),
    target: "fake",
    spec: "digest",
  });
});

test("two documents are sent together", async () => {
  cluster = await fakeCluster(folder, "churn", log);
  const { options } = following();
  await runOnCluster(
    { spec: specOf("churn"), platform: { platforms: { kubernetes: {} } } },
    { ...options, parameters: {}, caching: true, spec: "digest" },
  );
  const body = parse(cluster.posted[0]?.body ?? "") ?? null;
  expect(text(body, "pipeline_spec", "pipeline_spec", "pipelineInfo", "name")).toBe("churn-training-v2");
  expect(get(body, "pipeline_spec", "platform_spec")).toEqual({ platforms: { kubernetes: {} } });
});

test("parameters that do not fit are refused before anything is sent", async () => {
  cluster = await fakeCluster(folder, "churn", log);
  const { events, options } = following();
  await expect(
    runOnCluster({ spec: specOf("churn") }, { ...options, parameters: { rows: "many" }, caching: true, spec: "d" }),
  ).rejects.toMatchObject({ exit: 2 });
  expect(cluster.posted).toEqual([]);
  expect(events).toEqual([]);
});

test("a cluster that goes away is waited for, and said so; the run is followed to its end", async () => {
  cluster = await fakeCluster(folder, "churn", log);
  cluster.behave({ state: "RUNNING" });
  const { events, notices, options } = following();
  const running = attach(specOf("churn"), { ...options, remote: remoteOf("churn") });
  await expect.poll(() => states(events)["run"]).toBe("RUNNING");
  cluster.behave({ away: true });
  await expect
    .poll(() => notices.filter((line) => line.includes("Waiting for it")).length, { timeout: 10_000 })
    .toBe(1);
  cluster.behave({ away: false, state: undefined });
  expect(await running).toBe("SUCCEEDED");
  expect(notices).toContain('Cluster "fake" answers again.');
  expect(states(events)).toMatchObject({ run: "SUCCEEDED", "root.train": "SUCCEEDED" });
});

test("a cluster that stays away ends the following, not the run", async () => {
  cluster = await fakeCluster(folder, "churn", log);
  cluster.behave({ state: "RUNNING" });
  const { events, options } = following();
  const running = attach(specOf("churn"), { ...options, remote: remoteOf("churn"), patienceMs: 500 });
  const failed = expect(running).rejects.toMatchObject({ code: "cluster-lost" });
  await expect.poll(() => states(events)["run"]).toBe("RUNNING");
  cluster.behave({ away: true });
  await failed;
  expect(states(events)["run"]).toBe("RUNNING");
});

test("canceled: terminated on the cluster, and followed to its end", async () => {
  cluster = await fakeCluster(folder, "gpu");
  cluster.behave({ state: "RUNNING" });
  const { events, options, signal } = following();
  const running = attach(specOf("gpu"), { ...options, remote: remoteOf("gpu") });
  await expect
    .poll(() => states(events)["root.hello"])
    .toBe("PENDING: waiting for a node: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu.");
  signal.abort();
  await expect.poll(() => states(events)["run"]).toBe("CANCELING");
  expect(cluster.posted.map(({ path }) => path)).toEqual([`/apis/v2beta1/runs/${remoteOf("gpu")}:terminate`]);
  cluster.behave({ state: "CANCELED" });
  expect(await running).toBe("CANCELED");
  expect(states(events)).toMatchObject({ run: "CANCELED", "root.hello": "CANCELED: canceled" });
});

test("detached: the run goes on", async () => {
  cluster = await fakeCluster(folder, "gpu");
  cluster.behave({ state: "RUNNING" });
  const { events, options, detach } = following();
  const running = attach(specOf("gpu"), { ...options, remote: remoteOf("gpu") });
  await expect.poll(() => states(events)["run"]).toBe("RUNNING");
  detach.abort();
  expect(await running).toBe("RUNNING");
  expect(cluster.posted).toEqual([]);
});

test.each(["/pods", "workflows", "/log"])("without permission for %s, the rest is told", async (forbidden) => {
  cluster = await fakeCluster(folder, "churn", log);
  cluster.behave({ forbidden });
  const { events, notices, options } = following();
  expect(await attach(specOf("churn"), { ...options, remote: remoteOf("churn") })).toBe("SUCCEEDED");
  expect(states(events)).toMatchObject({ run: "SUCCEEDED", "root.train": "SUCCEEDED" });
  if (forbidden !== "/log") expect(notices.join("\n")).toContain("You have no permission");
});

test("a token that is refused when it begins", async () => {
  cluster = await fakeCluster(folder, "churn");
  cluster.behave({ refuse: 401 });
  const { options } = following();
  await expect(attach(specOf("churn"), { ...options, remote: remoteOf("churn") })).rejects.toMatchObject({
    code: "token-refused",
  });
});
