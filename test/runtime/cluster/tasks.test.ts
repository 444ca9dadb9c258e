import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Json, PipelineSpec } from "../../../language/spec/types.ts";
import { list, record } from "../../../runtime/cluster/json.ts";
import { readNodes } from "../../../runtime/cluster/nodes.ts";
import { readPod } from "../../../runtime/cluster/pods.ts";
import { eventsBetween, type LogEnd, type Sight, type Task, tasksOf } from "../../../runtime/cluster/tasks.ts";
import { describeReason, type RunState } from "../../../runtime/events.ts";

/** A real run: KFP's answer, its workflow and its pods, cut down to what is read. */
function fixture(name: string): { run: Json; workflow: Json; pods: readonly Json[] } {
  // SAFETY: fixtures are JSON.
  const value = JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return { run: record(value, "run"), workflow: record(value, "workflow"), pods: list(value, "pods") };
}

function sight(name: string, run: RunState, change: Partial<Sight> = {}): Sight {
  const { run: answer, workflow, pods } = fixture(name);
  const seen = pods.flatMap((pod) => readPod(pod) ?? []);
  const given = record(answer, "pipeline_spec");
  return {
    // SAFETY: what a KFP server accepted is a PipelineSpec.
    spec: ("pipeline_spec" in given ? given["pipeline_spec"] : given) as unknown as PipelineSpec,
    nodes: readNodes(workflow),
    pods: seen,
    logs: new Map(seen.map(({ uid }): [string, LogEnd] => [uid, {}])),
    run,
    createdAt: 0,
    ...change,
  };
}

const told = (tasks: readonly Task[]): string[] =>
  tasks.map(
    ({ path, type, state, reason }) => `${path} ${type} ${state}${reason ? `: ${describeReason(reason)}` : ""}`,
  );

test("conditions, loops, a nested pipeline, a cached step", () => {
  expect(told(tasksOf(sight("flow", "SUCCEEDED")))).toEqual([
    "root ROOT SUCCEEDED",
    "root.condition-branches-1 CONDITION_BRANCH SUCCEEDED",
    "root.condition-branches-1.condition-2 CONDITION SUCCEEDED",
    "root.condition-branches-1.condition-2.say RUNTIME SUCCEEDED",
    "root.condition-branches-1.condition-3 CONDITION SKIPPED: condition is false: !(flip-Output == 'heads')",
    "root.condition-branches-1.condition-3.say-2 RUNTIME SKIPPED: condition is false: !(flip-Output == 'heads')",
    "root.flip RUNTIME SUCCEEDED",
    "root.for-loop-4 LOOP SUCCEEDED",
    "root.for-loop-4[0] DAG SUCCEEDED",
    "root.for-loop-4[0].condition-5 CONDITION SKIPPED: condition is false: work-Output > 3",
    "root.for-loop-4[0].condition-5.say-3 RUNTIME SKIPPED: condition is false: work-Output > 3",
    "root.for-loop-4[0].work RUNTIME SUCCEEDED",
    "root.for-loop-4[1] DAG SUCCEEDED",
    "root.for-loop-4[1].condition-5 CONDITION SUCCEEDED",
    "root.for-loop-4[1].condition-5.say-3 RUNTIME SUCCEEDED",
    "root.for-loop-4[1].work RUNTIME SUCCEEDED",
    "root.for-loop-4[2] DAG SUCCEEDED",
    "root.for-loop-4[2].condition-5 CONDITION SUCCEEDED",
    "root.for-loop-4[2].condition-5.say-3 RUNTIME CACHED",
    "root.for-loop-4[2].work RUNTIME SUCCEEDED",
    "root.inner DAG SUCCEEDED",
    "root.inner.work RUNTIME SUCCEEDED",
    "root.say-4 RUNTIME SUCCEEDED",
    "root.total RUNTIME SUCCEEDED",
  ]);
});

test("a failed step in an exit handler: its exit status and last words from its log", () => {
  const base = sight("bad", "FAILED");
  const flaky = base.pods.find(({ node }) => node.includes(".flaky(0).executor"));
  const logs = new Map(base.logs).set(flaky?.uid ?? "", { exitCode: 3, lastLine: "no such column: price" });
  expect(told(tasksOf({ ...base, logs }))).toEqual([
    "root ROOT FAILED",
    "root.done RUNTIME SUCCEEDED",
    "root.exit-handler-1 EXIT_HANDLER FAILED",
    "root.exit-handler-1.flaky RUNTIME FAILED: exit code 3: no such column: price",
    "root.exit-handler-1.say RUNTIME SUCCEEDED",
    "root.exit-handler-1.say-2 RUNTIME SKIPPED: flaky failed before it",
  ]);
});

test("a failed step is not told of before its log was read", () => {
  expect(told(tasksOf(sight("error", "RUNNING", { logs: new Map() })))).toContain("root.fail RUNTIME RUNNING");
  expect(told(tasksOf(sight("error", "RUNNING")))).toContain("root.fail RUNTIME FAILED: exit code 1");
});

test("a step that no node can take says what it lacks", () => {
  const task = tasksOf(sight("gpu", "RUNNING")).find(({ path }) => path === "root.hello");
  expect(task?.state).toBe("PENDING");
  expect(task?.reason).toEqual({
    kind: "unschedulable",
    message: "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.",
    resource: "nvidia.com/gpu",
    wanted: "64",
  });
});

test("an image that cannot be pulled: the registry's words", () => {
  const task = tasksOf(sight("pull", "RUNNING")).find(({ type }) => type === "RUNTIME");
  expect(task?.state).toBe("PENDING");
  expect(task?.reason).toMatchObject({ kind: "image-pull", image: "bench.local/missing:1" });
  expect(task?.reason && describeReason(task.reason)).toMatch(
    /^cannot pull image bench\.local\/missing:1: .*no such host$/,
  );
});

test("out of memory: the limit", () => {
  expect(told(tasksOf(sight("oom", "FAILED"))).at(-1)).toBe(
    "root.eat-memory RUNTIME FAILED: out of memory at its limit of 96M",
  );
});

test("canceled while it waited", () => {
  expect(told(tasksOf(sight("gpu", "CANCELED", { finishedAt: 5 })))).toEqual([
    "root ROOT CANCELED",
    "root.hello RUNTIME CANCELED: canceled",
  ]);
});

test("without the workflow, pods alone tell of the steps", () => {
  const tasks = told(tasksOf(sight("churn", "SUCCEEDED", { nodes: [] })));
  expect(tasks).toEqual([
    "root ROOT SUCCEEDED",
    "root.evaluate RUNTIME SUCCEEDED",
    "root.load-data RUNTIME SUCCEEDED",
    "root.train RUNTIME SUCCEEDED",
  ]);
});

test("two looks at the same tell of nothing, and a look anew tells of all", () => {
  const tasks = tasksOf(sight("flow", "SUCCEEDED"));
  expect(eventsBetween("r", tasks, tasksOf(sight("flow", "SUCCEEDED")))).toEqual([]);
  expect(eventsBetween("r", [], tasks)).toEqual(eventsBetween("r", [], tasksOf(sight("flow", "SUCCEEDED"))));
});

test("a final state is told once, whatever is seen later", () => {
  const before = tasksOf(sight("churn", "SUCCEEDED"));
  const after = tasksOf(sight("churn", "RUNNING", { nodes: [], pods: [] }));
  expect(eventsBetween("r", before, after).filter(({ kind }) => kind === "task-state")).toEqual([]);
});

test("a parent is created before its children", () => {
  const events = eventsBetween("r", [], tasksOf(sight("flow", "SUCCEEDED")));
  const created = new Set<string>();
  for (const event of events) {
    if (event.kind !== "task-created") continue;
    if (event.parent !== undefined) expect(created).toContain(event.parent);
    created.add(event.task);
  }
  expect(created.size).toBe(24);
});
