import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../../runtime/events.ts";
import { openStore } from "../../../runtime/store/sqlite.ts";
import type { Store } from "../../../runtime/store/store.ts";
import { UserError } from "../../../runtime/user-error.ts";
import { artifact, churnRun } from "./history.ts";

let folder: string;
let store: Store;
const day = 86_400_000;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-query-"));
  store = openStore(join(folder, "store.db"));
  store.append([
    ...churnRun({ run: "small", at: 1 * day, rows: 1000, trees: 50, accuracy: 0.8 }),
    ...churnRun({ run: "large", at: 2 * day, rows: 50_000, trees: 200, accuracy: 0.95 }),
    ...churnRun({ run: "boost", at: 3 * day, rows: 20_000, framework: "xgboost", accuracy: 0.9, pipeline: "boosted" }),
    ...churnRun({ run: "open", at: 4 * day, rows: 99, ends: false }),
    ...fineTuned("tuned", 5 * day),
  ]);
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
});

/** A model made from the large run's model, with an accuracy of its own, measured through predictions. */
function fineTuned(run: string, at: number): RunEvent[] {
  const base = artifact("large", "train", "out_model", "system.Model", { framework: "sklearn", n_estimators: 200 });
  const model = artifact(run, "tune", "model", "system.Model", { framework: "sklearn" });
  const predictions = artifact(run, "predict", "predictions", "system.Dataset", { rows: 10 });
  const metrics = artifact(run, "score", "metrics", "system.Metrics", { accuracy: 0.5 });
  const step = (task: string, inputs: (typeof base)[], outputs: (typeof base)[]): RunEvent[] => [
    { kind: "task-created", run, task, path: `root.${task}`, name: task, type: "RUNTIME", at },
    {
      kind: "task-inputs",
      run,
      task,
      parameters: {},
      artifacts: inputs.map((input) => ({ key: input.name, artifact: input })),
      at,
    },
    {
      kind: "task-outputs",
      run,
      task,
      parameters: {},
      artifacts: outputs.map((output) => ({ key: output.name, artifact: output })),
      at,
    },
  ];
  return [
    { kind: "run-created", run, at, spec: "s", pipeline: "tune", target: "local", parameters: {} },
    ...step("tune", [base], [model]),
    ...step("predict", [model], [predictions]),
    ...step("score", [predictions], [metrics]),
  ];
}

const found = (query: string) => store.query(query).map(({ id }) => id.split("/")[0]);

test.each([
  ["Model", ["tuned", "boost", "large", "small"]],
  ["system.Model", ["tuned", "boost", "large", "small"]],
  ["model limit 2", ["tuned", "boost"]],
  ["Model where ancestor Dataset.rows > 10000", ["tuned", "boost", "large"]],
  ["Model where ancestor Dataset.rows > 10k and framework = 'sklearn'", ["tuned", "large"]],
  ["Model where input Dataset.rows > 10_000", ["boost", "large"]],
  ["Model where ancestor Dataset (rows > 10000 and rows < 30000)", ["boost"]],
  ["Model where ancestor Dataset where (rows = 1000)", ["small"]],
  ["Model where not ancestor Dataset.rows > 10000", ["small"]],
  ["Model where ancestor Model", ["tuned"]],
  ["Model where ancestor Model.accuracy > 0.9", ["tuned"]],
  ["Dataset where descendant Model.framework = xgboost", ["boost"]],
  ["Dataset where output Model.framework = sklearn", ["large", "small"]],
  ["Dataset where descendant Metrics.accuracy < 0.6", ["tuned", "large"]],
  ["Model where framework = sklearn order by accuracy desc", ["large", "small", "tuned"]],
  ["Model order by accuracy", ["tuned", "small", "boost", "large"]],
  ["Model where accuracy > 0.85 order by accuracy desc limit 1", ["large"]],
  ["Model where accuracy >= 0.8 and accuracy <= 0.9", ["boost", "small"]],
  ["Model where accuracy exists", ["tuned", "boost", "large", "small"]],
  ["Model where metadata.accuracy exists", []],
  ["Model where framework != 'sklearn'", ["boost"]],
  ["Model where framework in (xgboost, lightgbm)", ["boost"]],
  ["Model where framework ~ 'BOOST'", ["boost"]],
  ["Model where n_estimators > 100 or framework = xgboost", ["boost", "large"]],
  ["Model where parameter.n_estimators = 50", ["small"]],
  ["Model where run = la", ["large"]],
  ["Model where run = latest", ["tuned"]],
  ["Model where pipeline = boosted", ["boost"]],
  ["Model where task = tune", ["tuned"]],
  ["Model where commit = abc1234", ["boost", "large", "small"]],
  ["Model where source ~ churn", ["boost", "large", "small"]],
  ["Model where created > 1970-01-03T00:00Z", ["tuned", "boost", "large"]],
  ["Model where created < 1 day ago and created = 1970-01-04", ["boost"]],
  ["Artifact where rows = 99", ["open"]],
  ["Metrics order by f1 desc limit 1", ["large"]],
  ["Model where framework = nothing", []],
  ["HTML", []],
])("%s", (query, expected) => {
  expect(found(query)).toEqual(expected);
});

test("a model's accuracy is that of the nearest metrics made from it, not of a model made from it", () => {
  expect(store.artifact("large/train/out_model")?.metrics).toEqual({ accuracy: 0.95, f1: 0.94 });
  expect(store.artifact("tuned/tune/model")?.metrics).toEqual({ accuracy: 0.5 });
});

test.each([
  ["accuracy > 0.85", ["boost", "large"]],
  ["n_estimators = 50", ["small"]],
  ["state = SUCCEEDED and rows >= 20000", ["boost", "large"]],
  ["pipeline = boosted or id = small", ["boost", "small"]],
  ["output Model.framework = xgboost", ["boost"]],
  ["duration < 1 and commit = abc and not rows > 5000", ["small"]],
])("runs where %s", (where, expected) => {
  expect(store.runs({ where }).map(({ id }) => id)).toEqual(expected);
});

test.each([
  ["Model where rows >", /character 19: expected a value, and the query ends/],
  ["Model where rows 5", /character 18: expected a comparison after "rows"/],
  ["Model wher rows > 5", /character 7: expected "where", "order by" or "limit", found "wher"/],
  ["Model limit x", /expected a whole number, found "x"/],
  ["Model where (rows > 5", /expected "\)"/],
  ['Model where name = "x', /a text without its closing quote/],
  ["Modle where rows > 5", /No artifact here has the type Modle/],
  ["Model where created > 2026-13-45", /2026-13-45 is no date/],
])("%s is refused with its place", (query, message) => {
  expect(() => store.query(query)).toThrow(message);
  expect(() => store.query(query)).toThrow(UserError);
});

test("the statement that is shown gives the same answer", () => {
  for (const query of [
    "Model where framework = 'sklearn' and ancestor Dataset.rows > 10000 order by accuracy desc limit 20",
    'Model where name != "it\'s"',
  ]) {
    const rows = store.sql(store.explain(query));
    expect(rows).toHaveLength(store.query(query).length);
  }
});

test("a statement that writes is refused", () => {
  for (const statement of [
    "DELETE FROM runs",
    "INSERT INTO types (name) VALUES ('x') RETURNING name",
    "PRAGMA user_version = 99",
  ]) {
    expect(() => store.sql(statement)).toThrow(UserError);
  }
  expect(store.sql("SELECT count(*) AS runs FROM runs")).toEqual([{ runs: 5 }]);
});

describe("any text", () => {
  test("is answered or refused in words", () => {
    const words = [
      "Model",
      "Artifact",
      "where",
      "and",
      "or",
      "not",
      "(",
      ")",
      "ancestor",
      "input",
      "Dataset",
      ".rows",
      "rows",
      ">",
      "=",
      "~",
      "10k",
      "'a",
      '"b"',
      "order",
      "by",
      "limit",
      "3",
      "7 days ago",
      "in",
      ",",
      "exists",
      "2026-01-01",
      "parameter.",
      "é",
      ";",
      "--",
    ];
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 })), { maxLength: 12 }),
        (parts) => {
          try {
            store.query(parts.join(" "));
          } catch (error) {
            if (!(error instanceof UserError)) throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
