import { expect, test } from "vitest";
import { formFields } from "../../extension/form-fields.ts";
import { lineageView, lineageWords } from "../../extension/lineage-model.ts";
import type { ArtifactRecord, Lineage, TaskRecord } from "../../runtime/store/store.ts";
import { layoutLineage } from "../../webview/lineage/layout.ts";

const minute = 60_000;
const artifact = (
  id: string,
  type: string,
  path: string,
  key: string,
  metadata: ArtifactRecord["metadata"] = {},
): ArtifactRecord => ({
  id,
  name: key,
  type,
  uri: `/data/${id}`,
  metadata,
  createdAt: 0,
  metrics: {},
  producer: { run: "r1", task: path, path, key },
});
const task = (path: string, parameters: TaskRecord["inputs"]["parameters"] = {}): TaskRecord => ({
  id: path,
  path,
  name: path.split(".").at(-1) ?? "",
  type: "RUNTIME",
  state: "SUCCEEDED",
  createdAt: 0,
  attempts: [],
  inputs: { parameters, artifacts: [] },
  outputs: { parameters: {}, artifacts: [] },
});
const data = artifact("d", "system.Dataset", "root.load-data", "data", { rows: 5000 });
const model = artifact("m", "system.Model", "root.train", "out_model", { framework: "sklearn" });
const metrics = artifact("e", "system.Metrics", "root.evaluate", "metrics");
const source = { path: "pipeline.py", digest: "x", symbol: "churn", commit: "0123456789abcdef", dirty: true };
const lineage: Lineage = {
  artifact: model,
  nodes: [
    { artifact: data, distance: -1 },
    { artifact: metrics, distance: 1 },
  ],
  tasks: [
    { run: "r1", task: task("root.load-data"), inputs: [], outputs: [{ key: "data", artifact: "d" }], source },
    {
      run: "r1",
      task: task("root.train", { n_estimators: 200 }),
      inputs: [{ key: "dataset", artifact: "d" }],
      outputs: [{ key: "out_model", artifact: "m" }],
      source,
    },
    {
      run: "r1",
      task: task("root.evaluate"),
      inputs: [{ key: "model", artifact: "m" }],
      outputs: [{ key: "metrics", artifact: "e" }],
      source,
    },
  ],
};

test("the words say what made it, from what, with what, from which code, and what came of it", () => {
  expect(lineageWords(lineage, 5 * minute)).toEqual([
    "train made this Model 5 min ago from load-data.data (Dataset, rows 5000).",
    "With n_estimators = 200.",
    "Its code is pipeline.py at commit 01234567 with changes.",
    "It says: framework sklearn.",
    "evaluate made evaluate.metrics (Metrics) from it.",
    "It is at /data/m.",
  ]);
});

test("the graph has tasks between their artifacts, upstream first", () => {
  const view = lineageView(lineage, [model, data], 0);
  const columns = Object.fromEntries(view.nodes.map(({ label, column }) => [label, column]));
  expect(columns).toEqual({ "load-data": -3, data: -2, train: -1, out_model: 0, evaluate: 1, metrics: 2 });
  expect(view.edges.length).toBe(5);
  expect(view.actions).toEqual({ file: true, source: true, run: "r1" });
  expect(view.recent.map(({ label }) => label)).toEqual(["train.out_model", "load-data.data"]);
});

test("no two nodes overlap, and every edge goes forward, in both directions of reading", () => {
  const view = lineageView(lineage, [], 0);
  for (const down of [true, false]) {
    const { placed, width, height } = layoutLineage(view, down);
    const at = new Map(placed.map((one) => [one.node.id, one]));
    expect(new Set(placed.map(({ x, y }) => `${x},${y}`)).size).toBe(placed.length);
    for (const { from, to } of view.edges) {
      const [a, b] = [at.get(from), at.get(to)];
      expect(a && b && (down ? a.y < b.y : a.x < b.x)).toBe(true);
    }
    for (const { x, y } of placed) expect(x >= 0 && y >= 0 && x < width && y < height).toBe(true);
  }
});

test("a step's form offers the artifacts that fit, and no inputs that the system fills in", () => {
  const { fields, artifacts } = formFields(
    {
      inputs: {
        parameters: {
          n_estimators: { parameterType: "NUMBER_INTEGER", defaultValue: 200, isOptional: true },
          status: { parameterType: "TASK_FINAL_STATUS" },
          note: { parameterType: "STRING" },
        },
        artifacts: {
          dataset: { artifactType: { schemaTitle: "system.Dataset" } },
          any: { artifactType: { schemaTitle: "system.Artifact" }, isOptional: true },
        },
      },
    },
    { n_estimators: 300 },
    [model, data],
    minute,
  );
  expect(fields).toEqual([
    { name: "n_estimators", type: "NUMBER_INTEGER", required: false, defaultValue: 200, lastValue: 300 },
    { name: "note", type: "STRING", required: true },
  ]);
  expect(artifacts).toEqual([
    {
      name: "dataset",
      type: "system.Dataset",
      required: true,
      candidates: [{ id: "d", label: "load-data.data (Dataset, 1 min ago)" }],
    },
    {
      name: "any",
      type: "system.Artifact",
      required: false,
      candidates: [
        { id: "m", label: "train.out_model (Model, 1 min ago)" },
        { id: "d", label: "load-data.data (Dataset, 1 min ago)" },
      ],
    },
  ]);
});
