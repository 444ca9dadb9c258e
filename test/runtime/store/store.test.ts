import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunEvent } from "../../../runtime/events.ts";
import { lineageInWords } from "../../../runtime/store/lineage-words.ts";
import { openStore } from "../../../runtime/store/sqlite.ts";
import type { Store } from "../../../runtime/store/store.ts";
import { artifact, churnRun } from "./history.ts";

let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-store-"));
  store = openStore(join(folder, "store.db"));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
});

/** Everything that the store answers about the history, to compare whole. */
function all(): unknown {
  const runs = store.runs().map(({ id }) => store.run(id));
  const artifacts = store.artifacts({ limit: 1000 });
  return { runs, artifacts, lineages: artifacts.map(({ id }) => store.lineage(id)) };
}

test("a run comes back as its events told it", () => {
  store.append(churnRun({ run: "r1", at: 1000, pid: 77 }));
  const run = store.run("r1");
  expect(run).toMatchObject({
    id: "r1",
    pipeline: "churn-training-v2",
    state: "SUCCEEDED",
    createdAt: 1000,
    finishedAt: 1007,
    parameters: { rows: 5000, n_estimators: 200 },
    source: { path: "samples/churn/pipeline.py", symbol: "churn", commit: "abc1234def", dirty: false },
    pid: 77,
    taskCounts: { SUCCEEDED: 3 },
    metrics: { accuracy: 0.9, f1: 0.89 },
  });
  expect(run?.tasks.map(({ name, state, startedAt, finishedAt }) => [name, state, startedAt, finishedAt])).toEqual([
    ["load-data", "SUCCEEDED", 1001, 1002],
    ["train", "SUCCEEDED", 1003, 1004],
    ["evaluate", "SUCCEEDED", 1005, 1006],
  ]);
  expect(run?.tasks[2]?.usage).toEqual({ wallSeconds: 1.5, cpuSeconds: 1.25, peakMemoryBytes: 1 << 20 });
  expect(run?.tasks[1]?.inputs).toEqual({
    parameters: { n_estimators: 200 },
    artifacts: [
      { key: "dataset", artifact: artifact("r1", "load", "data", "system.Dataset", { rows: 5000, features: 10 }) },
    ],
  });
});

test("the same events twice, or half of them again, change nothing", () => {
  const events = churnRun({ run: "r1" });
  store.append(events);
  const before = all();
  store.append(events);
  store.append(events.slice(5));
  store.append(events.slice(0, 7));
  for (const event of events) store.append([event]);
  expect(all()).toEqual(before);
});

test("order across tasks does not matter", () => {
  const events = churnRun({ run: "r1" });
  store.append(events);
  const before = all();
  const other = openStore(join(folder, "other.db"));
  const taskOf = (event: RunEvent) => ("task" in event ? event.task : "");
  // Each task's own order is kept; the tasks come last to first, the run itself at the end.
  const tasks = ["evaluate", "train", "load", ""];
  other.append(tasks.flatMap((task) => events.filter((event) => taskOf(event) === task)));
  const mine = store;
  store = other;
  const after = all();
  store = mine;
  other.close();
  const byId = (history: unknown) =>
    JSON.parse(
      JSON.stringify(history, (_, value: unknown) =>
        Array.isArray(value)
          ? value
              .map((item) => JSON.stringify(item))
              .sort()
              .map((item) => JSON.parse(item) as unknown)
          : value,
      ),
    ) as unknown;
  expect(byId(after)).toEqual(byId(before));
});

test("a final state is never moved back, and an old state does not replace a newer one", () => {
  const created: RunEvent = {
    kind: "run-created",
    run: "r",
    at: 1,
    spec: "s",
    pipeline: "p",
    target: "local",
    parameters: {},
  };
  store.append([
    created,
    { kind: "run-state", run: "r", state: "RUNNING", at: 5 },
    { kind: "run-state", run: "r", state: "PENDING", at: 2 },
  ]);
  expect(store.run("r")?.state).toBe("RUNNING");
  store.append([{ kind: "run-state", run: "r", state: "FAILED", reason: { kind: "runner-died" }, at: 9 }]);
  store.append([
    { kind: "run-state", run: "r", state: "SUCCEEDED", at: 10 },
    { kind: "run-state", run: "r", state: "RUNNING", at: 11 },
  ]);
  expect(store.run("r")).toMatchObject({ state: "FAILED", finishedAt: 9, reason: { kind: "runner-died" } });
});

test("a run is found by a prefix that only it has", () => {
  store.append([...churnRun({ run: "abcd1", at: 1 }), ...churnRun({ run: "abce2", at: 2 })]);
  expect(store.run("abcd")?.id).toBe("abcd1");
  expect(store.run("latest")?.id).toBe("abce2");
  expect(store.run("xyz")).toBeUndefined();
  expect(() => store.run("abc")).toThrow('Several runs begin with "abc": abcd1, abce2.');
});

test("the cache finds the newest success with a fingerprint", () => {
  store.append([...churnRun({ run: "r1", at: 1 }), ...churnRun({ run: "r2", at: 2 })]);
  expect(store.cached("load-5000")).toMatchObject({ run: "r2", task: { name: "load-data" } });
  expect(store.cached("load-1")).toBeUndefined();
});

test("lineage walks up and down, and says it in words", () => {
  store.append(churnRun({ run: "r1" }));
  const lineage = store.lineage("r1/train/out_model");
  expect(lineage?.nodes.map(({ artifact, distance }) => [artifact.id, distance])).toEqual([
    ["r1/load/data", -1],
    ["r1/train/out_model", 0],
    ["r1/evaluate/metrics", 1],
  ]);
  expect(lineage && lineageInWords(lineage)).toEqual([
    "Model out_model (framework=sklearn, n_estimators=200) was made by train (n_estimators=200) in run r1 from Dataset data (5,000 rows, 10 features) made by load-data (rows=5000), commit abc1234, samples/churn/pipeline.py line 61.",
    "Measured on it: accuracy 0.9, f1 0.89.",
  ]);
});

test("an artifact from the cache has its first maker, and both runs", () => {
  store.append(churnRun({ run: "r1", at: 1 }));
  const again = churnRun({ run: "r2", at: 100 }).map((event): RunEvent => {
    if (event.kind === "task-outputs" || event.kind === "task-inputs") {
      return {
        ...event,
        artifacts: event.artifacts.map(({ key, artifact }) => ({
          key,
          artifact: { ...artifact, id: artifact.id.replace("r2", "r1") },
        })),
      };
    }
    return event.kind === "task-state" && event.state === "SUCCEEDED"
      ? { ...event, state: "CACHED", reason: { kind: "cached", run: "r1", task: event.task } }
      : event;
  });
  store.append(again);
  expect(store.artifacts()).toHaveLength(3);
  expect(store.artifact("r1/train/out_model")?.producer?.run).toBe("r1");
  expect(store.query("Model where run = r2").map(({ id }) => id)).toEqual(["r1/train/out_model"]);
  expect(store.lineage("r1/train/out_model")?.tasks.map(({ run, task }) => [run, task.name])).toEqual([
    ["r1", "load-data"],
    ["r1", "train"],
    ["r1", "evaluate"],
  ]);
});

test("what a group of steps takes does not all flow into what it gives", () => {
  const event = (task: string, kind: "task-inputs" | "task-outputs", ...ids: string[]): RunEvent => ({
    kind,
    run: "r",
    task,
    parameters: {},
    artifacts: ids.map((id) => ({ key: id, artifact: artifact("r", "x", id, "system.Dataset", {}) })),
    at: 1,
  });
  const created = (task: string, type: "DAG" | "RUNTIME"): RunEvent => ({
    kind: "task-created",
    run: "r",
    task,
    path: task,
    name: task,
    type,
    at: 1,
  });
  store.append([
    created("nested", "DAG"),
    event("nested", "task-inputs", "a", "b"),
    created("first", "RUNTIME"),
    event("first", "task-inputs", "a"),
    event("first", "task-outputs", "c"),
    event("nested", "task-outputs", "c"),
  ]);
  expect(store.lineage("r/x/c")?.nodes.map(({ artifact }) => artifact.id)).toEqual(["r/x/a", "r/x/c"]);
  expect(store.run("r")?.tasks.find(({ id }) => id === "nested")?.inputs.artifacts).toHaveLength(2);
});

test("version moves with every write, of this connection or another", () => {
  const other = openStore(join(folder, "store.db"));
  const first = store.version();
  expect(store.version()).toBe(first);
  other.append(churnRun({ run: "r1" }));
  const second = store.version();
  expect(second).not.toBe(first);
  store.append(churnRun({ run: "r2" }));
  expect(store.version()).not.toBe(second);
  other.close();
});
