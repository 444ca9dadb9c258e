import type { Artifact, RunEvent } from "../../../runtime/events.ts";

export interface Churn {
  readonly run: string;
  readonly at?: number;
  readonly rows?: number;
  readonly trees?: number;
  readonly framework?: string;
  readonly accuracy?: number;
  readonly pid?: number;
  readonly pipeline?: string;
  /** Whether it ends; otherwise training is under way. */
  readonly ends?: boolean;
}

export const spec = "a".repeat(64);

/** Events of one run of load → train → evaluate, as the engine tells them. */
export function churnRun({
  run,
  at = 1000,
  rows = 5000,
  trees = 200,
  framework = "sklearn",
  accuracy = 0.9,
  ends = true,
  ...rest
}: Churn): RunEvent[] {
  const data = artifact(run, "load", "data", "system.Dataset", { rows, features: 10 });
  const model = artifact(run, "train", "out_model", "system.Model", { framework, n_estimators: trees });
  const metrics = artifact(run, "evaluate", "metrics", "system.Metrics", { accuracy, f1: accuracy - 0.01 });
  const state = (task: string, state: "RUNNING" | "SUCCEEDED", offset: number): RunEvent => ({
    kind: "task-state",
    run,
    task,
    state,
    at: at + offset,
  });
  const created = (task: string, name: string): RunEvent => ({
    kind: "task-created",
    run,
    task,
    path: `root.${name}`,
    name,
    type: "RUNTIME",
    at,
  });
  const begun: RunEvent[] = [
    {
      kind: "run-created",
      run,
      at,
      spec,
      pipeline: rest.pipeline ?? "churn-training-v2",
      target: "local",
      parameters: { rows, n_estimators: trees },
      source: {
        path: "samples/churn/pipeline.py",
        digest: "d1",
        symbol: "churn",
        commit: "abc1234def",
        dirty: false,
        lines: { "root.train": { path: "samples/churn/pipeline.py", line: 61 } },
      },
      ...(rest.pid === undefined ? {} : { pid: rest.pid }),
    },
    { kind: "run-state", run, state: "RUNNING", at },
    created("load", "load-data"),
    state("load", "RUNNING", 1),
    { kind: "task-inputs", run, task: "load", parameters: { rows }, artifacts: [], at: at + 1 },
    {
      kind: "task-outputs",
      run,
      task: "load",
      parameters: {},
      artifacts: [{ key: "data", artifact: data }],
      at: at + 2,
    },
    { kind: "task-state", run, task: "load", state: "SUCCEEDED", fingerprint: `load-${rows}`, at: at + 2 },
    created("train", "train"),
    state("train", "RUNNING", 3),
    {
      kind: "task-inputs",
      run,
      task: "train",
      parameters: { n_estimators: trees },
      artifacts: [{ key: "dataset", artifact: data }],
      at: at + 3,
    },
  ];
  if (!ends) return begun;
  return [
    ...begun,
    {
      kind: "task-outputs",
      run,
      task: "train",
      parameters: {},
      artifacts: [{ key: "out_model", artifact: model }],
      at: at + 4,
    },
    state("train", "SUCCEEDED", 4),
    created("evaluate", "evaluate"),
    state("evaluate", "RUNNING", 5),
    {
      kind: "task-inputs",
      run,
      task: "evaluate",
      parameters: {},
      artifacts: [
        { key: "dataset", artifact: data },
        { key: "model", artifact: model },
      ],
      at: at + 5,
    },
    {
      kind: "task-outputs",
      run,
      task: "evaluate",
      parameters: {},
      artifacts: [{ key: "metrics", artifact: metrics }],
      at: at + 6,
    },
    state("evaluate", "SUCCEEDED", 6),
    {
      kind: "task-usage",
      run,
      task: "evaluate",
      wallSeconds: 1.5,
      cpuSeconds: 1.25,
      peakMemoryBytes: 1 << 20,
      at: at + 6,
    },
    { kind: "run-state", run, state: "SUCCEEDED", at: at + 7 },
  ];
}

export function artifact(
  run: string,
  task: string,
  key: string,
  type: string,
  metadata: Artifact["metadata"],
): Artifact {
  return { id: `${run}/${task}/${key}`, name: key, type, uri: `/runs/${run}/${task}/${key}`, metadata };
}
