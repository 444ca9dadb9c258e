import { expect, test } from "vitest";
import { nodeStates } from "../../extension/node-states.ts";
import type { RunRecord, TaskRecord } from "../../runtime/store/store.ts";

const nothing = { parameters: {}, artifacts: [] };
const task = (path: string, more: Partial<TaskRecord>): TaskRecord => ({
  id: path,
  path,
  name: path.split(".").at(-1) ?? "",
  type: "RUNTIME",
  state: "SUCCEEDED",
  createdAt: 0,
  attempts: [],
  inputs: nothing,
  outputs: nothing,
  ...more,
});
const run = (tasks: readonly TaskRecord[]): RunRecord => ({
  id: "r",
  pipeline: "p",
  target: "local",
  state: "RUNNING",
  createdAt: 0,
  parameters: {},
  taskCounts: {},
  metrics: {},
  spec: "s",
  tasks,
});

test("iterations fold into their node: the worst state, how many are done, the time from first to last", () => {
  const states = nodeStates(
    run([
      task("root.for-loop-1", { id: "loop", type: "LOOP", state: "RUNNING" }),
      task("root.for-loop-1[0]", { parent: "loop", iteration: 0, type: "DAG" }),
      task("root.for-loop-1[1]", { parent: "loop", iteration: 1, type: "DAG", state: "RUNNING" }),
      task("root.for-loop-1[0].train", { startedAt: 1000, finishedAt: 3000 }),
      task("root.for-loop-1[1].train", { state: "RUNNING", startedAt: 2000 }),
    ]),
    10_000,
  );
  expect(states["root.for-loop-1.train"]).toEqual({ state: "RUNNING", seconds: 9, progress: { done: 1, total: 2 } });
  expect(states["root.for-loop-1"]?.state).toBe("RUNNING");
});

test("one failed iteration makes the node failed, and says why", () => {
  const states = nodeStates(
    run([task("root.l[0].t", {}), task("root.l[1].t", { state: "FAILED", reason: { kind: "exit-code", code: 3 } })]),
    0,
  );
  expect(states["root.l.t"]).toMatchObject({ state: "FAILED", reason: "exit code 3", progress: { done: 2, total: 2 } });
});

test("metrics of a step are on its node", () => {
  const artifact = {
    id: "a",
    name: "metrics",
    type: "system.Metrics",
    uri: "/m",
    metadata: { accuracy: 0.91, framework: "x" },
  };
  const states = nodeStates(
    run([task("root.evaluate", { outputs: { parameters: {}, artifacts: [{ key: "metrics", artifact }] } })]),
    0,
  );
  expect(states["root.evaluate"]?.metrics).toEqual({ accuracy: 0.91 });
});
