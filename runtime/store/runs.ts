import type { Database } from "./sqlite.ts";
import type { Json } from "../../language/spec/types.ts";
import type { KeyedArtifact, Reason, RunState, SourceLine, SourceRef, TaskState, TaskType } from "../events.ts";
import { UserError } from "../user-error.ts";
import { role } from "./append.ts";
import type { RunQuery, RunRecord, RunSummary, TaskRecord, TaskValues } from "./store.ts";

export interface Condition {
  readonly sql: string;
  readonly values: readonly (number | string)[];
}

export interface RunReader {
  /** Newest first. `where` is a condition over `r`, a row of `runs`. */
  runs(query: RunQuery, where?: Condition): readonly RunSummary[];
  run(id: string): RunRecord | undefined;
  /** Tasks by their row numbers, in that order. */
  tasks(seqs: readonly number[]): readonly { readonly run: string; readonly task: TaskRecord }[];
  source(run: string): SourceRef | undefined;
  cached(fingerprint: string): { readonly run: string; readonly task: TaskRecord } | undefined;
}

/** Reads runs and their tasks. */
export function runReader(db: Database): RunReader {
  const columns = "r.*, s.path AS source_path, s.digest AS source_digest, s.symbol, s.revision, s.dirty";
  const from = `SELECT ${columns} FROM runs r LEFT JOIN sources s ON s.seq = r.source`;
  const byId = db.prepare<[string], RunRow>(`${from} WHERE r.id = ?`);
  const byPrefix = db.prepare<[string, string], RunRow>(`${from} WHERE r.id >= ? AND r.id < ? ORDER BY r.id LIMIT 6`);
  const newest = db.prepare<[], RunRow>(`${from} ORDER BY r.created_at DESC, r.seq DESC LIMIT 1`);
  const counts = db.prepare<[number], { state: TaskState; count: number }>(
    // Groups are how steps are arranged, not steps.
    "SELECT state, count(*) AS count FROM tasks WHERE run = ? AND type IN ('RUNTIME', 'IMPORTER') GROUP BY state",
  );
  const metrics = db.prepare<[number], { name: string; number: number }>(
    `SELECT p.name, p.number FROM tasks t
       CROSS JOIN artifact_tasks o ON o.task = t.seq AND o.role = ${role.output}
       CROSS JOIN artifacts a ON a.seq = o.artifact
       CROSS JOIN types y ON y.seq = a.type AND y.name LIKE '%Metrics'
       CROSS JOIN properties p ON p.artifact = a.seq AND p.number IS NOT NULL
     WHERE t.run = ? ORDER BY t.seq, p.name`,
  );
  const lines = db.prepare<[string], { lines: string | null }>(
    "SELECT s.lines FROM runs r JOIN sources s ON s.seq = r.source WHERE r.id = ?",
  );
  const tasksOfRun = db.prepare<[number], TaskRow>(
    "SELECT t.*, r.id AS run_id FROM tasks t JOIN runs r ON r.seq = t.run WHERE t.run = ? ORDER BY t.seq",
  );
  const taskBySeq = db.prepare<[number], TaskRow>(
    "SELECT t.*, r.id AS run_id FROM tasks t JOIN runs r ON r.seq = t.run WHERE t.seq = ?",
  );
  const attempts = db.prepare<[number], AttemptRow>("SELECT * FROM attempts WHERE task = ? ORDER BY attempt");
  const edges = db.prepare<[number], EdgeRow>(
    `SELECT e.role, e.key, a.id, a.name, y.name AS type, a.uri, a.metadata, a.digest, a.size_bytes
     FROM artifact_tasks e JOIN artifacts a ON a.seq = e.artifact JOIN types y ON y.seq = a.type
     WHERE e.task = ? ORDER BY e.role, e.key, e.position`,
  );
  const byFingerprint = db.prepare<[string], TaskRow>(
    `SELECT t.*, r.id AS run_id FROM tasks t JOIN runs r ON r.seq = t.run
     WHERE t.fingerprint = ? AND t.state = 'SUCCEEDED' ORDER BY t.finished_at DESC, t.seq DESC LIMIT 1`,
  );

  function summary(row: RunRow): RunSummary {
    const taskCounts: Partial<Record<TaskState, number>> = {};
    for (const { state, count } of counts.all(row.seq)) taskCounts[state] = count;
    const process = row.process === null ? undefined : parse<{ pid: number; start?: string }>(row.process);
    const source = sourceOf(row);
    return {
      id: row.id,
      pipeline: row.pipeline,
      target: row.target,
      state: row.state,
      ...(row.reason === null ? {} : { reason: parse<Reason>(row.reason) }),
      createdAt: row.created_at,
      ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
      parameters: parse<Record<string, Json>>(row.parameters),
      ...(source ? { source } : {}),
      ...(row.remote === null ? {} : { remote: row.remote }),
      ...(process ? { pid: process.pid } : {}),
      ...(process?.start === undefined ? {} : { processStart: process.start }),
      taskCounts,
      metrics: Object.fromEntries(metrics.all(row.seq).map(({ name, number }) => [name, number])),
    };
  }

  function find(id: string): RunRow | undefined {
    if (id === "latest") return newest.get();
    const exact = byId.get(id);
    if (exact || id === "") return exact;
    const [first, ...others] = byPrefix.all(id, `${id}\u{10ffff}`);
    if (first && others.length > 0) {
      const names = [first, ...others].map((row) => row.id).join(", ");
      throw new UserError("run-ambiguous", `Several runs begin with "${id}": ${names}.`, {
        action: "Write more of the id.",
        exit: 2,
      });
    }
    return first;
  }

  function task(row: TaskRow): TaskRecord {
    const inputs: KeyedArtifact[] = [];
    const outputs: KeyedArtifact[] = [];
    for (const edge of edges.all(row.seq)) {
      const isOutput = edge.role === role.output || edge.role === role.groupOutput;
      (isOutput ? outputs : inputs).push({
        key: edge.key,
        artifact: {
          id: edge.id,
          name: edge.name,
          type: edge.type,
          uri: edge.uri,
          metadata: parse(edge.metadata),
          ...(edge.digest === null ? {} : { digest: edge.digest }),
          ...(edge.size_bytes === null ? {} : { sizeBytes: edge.size_bytes }),
        },
      });
    }
    const values = (text: string | null, artifacts: readonly KeyedArtifact[]): TaskValues => ({
      parameters: text === null ? {} : parse(text),
      artifacts,
    });
    return {
      id: row.id,
      path: row.path,
      name: row.name,
      ...(row.parent === null ? {} : { parent: row.parent }),
      type: row.type,
      ...(row.iteration === null ? {} : { iteration: row.iteration }),
      state: row.state,
      ...(row.reason === null ? {} : { reason: parse<Reason>(row.reason) }),
      createdAt: row.created_at,
      ...(row.started_at === null ? {} : { startedAt: row.started_at }),
      ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
      ...(row.fingerprint === null ? {} : { fingerprint: row.fingerprint }),
      attempts: attempts.all(row.seq).map(({ attempt, at, namespace, pod, pid }) => ({
        attempt,
        at,
        ...(namespace === null || pod === null ? {} : { pod: { namespace, name: pod } }),
        ...(pid === null ? {} : { pid }),
      })),
      inputs: values(row.inputs, inputs),
      outputs: values(row.outputs, outputs),
      ...(row.wall_seconds === null
        ? {}
        : {
            usage: {
              wallSeconds: row.wall_seconds,
              ...(row.cpu_seconds === null ? {} : { cpuSeconds: row.cpu_seconds }),
              ...(row.peak_memory_bytes === null ? {} : { peakMemoryBytes: row.peak_memory_bytes }),
            },
          }),
    };
  }

  return {
    runs(query, where) {
      const conditions: Condition[] = [];
      if (query.pipeline !== undefined) conditions.push({ sql: "r.pipeline = ?", values: [query.pipeline] });
      if (query.state !== undefined) conditions.push({ sql: "r.state = ?", values: [query.state] });
      if (query.target !== undefined) conditions.push({ sql: "r.target = ?", values: [query.target] });
      if (query.unfinished) conditions.push({ sql: "r.finished_at IS NULL", values: [] });
      if (query.source !== undefined) {
        // Few sources, many runs: the runs of a file are found by the index on their source.
        conditions.push({ sql: "r.source IN (SELECT seq FROM sources WHERE path = ?)", values: [query.source] });
      }
      if (where) conditions.push(where);
      const text = conditions.length > 0 ? ` WHERE ${conditions.map(({ sql }) => `(${sql})`).join(" AND ")}` : "";
      return db
        .prepare<(number | string)[], RunRow>(`${from}${text} ORDER BY r.created_at DESC, r.seq DESC LIMIT ?`)
        .all(...conditions.flatMap(({ values }) => values), query.limit ?? 50)
        .map(summary);
    },
    run(id) {
      const row = find(id);
      return row && { ...summary(row), spec: row.spec, tasks: tasksOfRun.all(row.seq).map(task) };
    },
    tasks: (seqs) =>
      seqs.flatMap((seq) => {
        const row = taskBySeq.get(seq);
        return row ? [{ run: row.run_id, task: task(row) }] : [];
      }),
    source(run) {
      const row = byId.get(run);
      const source = row && sourceOf(row);
      const text = lines.get(run)?.lines;
      return source && { ...source, ...(text ? { lines: parse<Record<string, SourceLine>>(text) } : {}) };
    },
    cached(fingerprint) {
      const row = byFingerprint.get(fingerprint);
      return row && { run: row.run_id, task: task(row) };
    },
  };
}

function sourceOf(row: RunRow): SourceRef | undefined {
  if (row.source_path === null || row.source_digest === null) return undefined;
  return {
    path: row.source_path,
    digest: row.source_digest,
    symbol: row.symbol ?? "",
    ...(row.revision === null ? {} : { commit: row.revision }),
    ...(row.dirty === null ? {} : { dirty: row.dirty === 1 }),
  };
}

/** A JSON column, whose form `append.ts` alone decides. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the column's type
export function parse<T>(text: string): T {
  // SAFETY: only `append.ts` writes these columns, from values of these very types.
  return JSON.parse(text) as T;
}

interface RunRow {
  readonly seq: number;
  readonly id: string;
  readonly pipeline: string;
  readonly target: string;
  readonly state: RunState;
  readonly reason: string | null;
  readonly created_at: number;
  readonly finished_at: number | null;
  readonly spec: string;
  readonly parameters: string;
  readonly remote: string | null;
  readonly process: string | null;
  readonly source_path: string | null;
  readonly source_digest: string | null;
  readonly symbol: string | null;
  readonly revision: string | null;
  readonly dirty: number | null;
}

interface TaskRow {
  readonly seq: number;
  readonly run_id: string;
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly parent: string | null;
  readonly type: TaskType;
  readonly iteration: number | null;
  readonly state: TaskState;
  readonly reason: string | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly fingerprint: string | null;
  readonly inputs: string | null;
  readonly outputs: string | null;
  readonly wall_seconds: number | null;
  readonly cpu_seconds: number | null;
  readonly peak_memory_bytes: number | null;
}

interface AttemptRow {
  readonly attempt: number;
  readonly at: number;
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly pid: number | null;
}

interface EdgeRow {
  readonly role: number;
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly uri: string;
  readonly metadata: string;
  readonly digest: string | null;
  readonly size_bytes: number | null;
}
