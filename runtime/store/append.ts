import { createHash } from "node:crypto";
import type { Database, Statement } from "./sqlite.ts";
import type { Json } from "../../language/spec/types.ts";
import { type Artifact, finalStates, type RunEvent, type SourceRef, type TaskType } from "../events.ts";

/** Roles in `artifact_tasks`. */
export const role = { input: 0, output: 1, groupInput: 2, groupOutput: 3 } as const;

/**
 * The function that folds events into the tables, in order, in one transaction.
 * The same event twice changes nothing; a final state is never moved back; an
 * event that is older than the state it finds leaves that state.
 */
export function appender(db: Database): (events: readonly RunEvent[]) => void {
  const sql = statements(db);
  const types = new Map<string, number>();

  function typeOf(name: string): number {
    let seq = types.get(name);
    if (seq === undefined) {
      sql.addType.run(name);
      seq = number(sql.typeSeq.get(name), "type");
      types.set(name, seq);
    }
    return seq;
  }

  function sourceOf(source: SourceRef): number {
    const lines = source.lines === undefined ? null : JSON.stringify(source.lines);
    const { path, digest, symbol, commit = null, dirty } = source;
    const flag = dirty === undefined ? null : dirty ? 1 : 0;
    const key = createHash("sha256")
      .update(JSON.stringify([path, digest, symbol, commit, flag, lines]))
      .digest("hex");
    sql.addSource.run(key, path, digest, symbol, commit, flag, lines);
    return number(sql.sourceSeq.get(key), "source");
  }

  /** A run that was not announced yet gets an empty row: across tasks, order is not promised. */
  function runOf(event: RunEvent): number {
    const found = sql.runSeq.get(event.run);
    if (found !== undefined) return found;
    sql.addRun.run(event.run, event.at);
    return number(sql.runSeq.get(event.run), "run");
  }

  function taskOf(event: Extract<RunEvent, { task: string }>): { seq: number; group: boolean } {
    const run = runOf(event);
    let found = sql.task.get(run, event.task);
    if (found === undefined) {
      sql.addTask.run(run, event.task, event.task, event.task, null, "RUNTIME", null, event.at);
      found = sql.task.get(run, event.task);
    }
    if (found === undefined) throw new Error(`task ${event.task} cannot be written`);
    return { seq: found.seq, group: isGroup(found.type) };
  }

  function keepArtifact(artifact: Artifact, at: number, made: boolean): { seq: number; isNew: boolean } {
    const existing = sql.artifactSeq.get(artifact.id);
    // What a reader says of an artifact never overrides what its maker said.
    if (existing !== undefined && !made) return { seq: existing, isNew: false };
    const metadata = JSON.stringify(artifact.metadata);
    const type = typeOf(artifact.type);
    const digest = artifact.digest ?? null;
    sql.addArtifact.run(
      artifact.id,
      artifact.name,
      type,
      artifact.uri,
      metadata,
      digest,
      artifact.sizeBytes ?? null,
      at,
    );
    const seq = existing ?? number(sql.artifactSeq.get(artifact.id), "artifact");
    if (existing !== undefined) sql.dropOwnProperties.run(seq);
    for (const [name, value] of Object.entries(artifact.metadata)) {
      const [asNumber, asText] = property(value);
      if (asNumber !== null || asText !== null) sql.addProperty.run(seq, name, asNumber, asText, at);
    }
    return { seq, isNew: existing === undefined };
  }

  function keepValues(event: Extract<RunEvent, { kind: "task-inputs" | "task-outputs" }>): void {
    const task = taskOf(event);
    const made = event.kind === "task-outputs";
    const parameters = JSON.stringify(event.parameters);
    (made ? sql.setOutputs : sql.setInputs).run(parameters, task.seq);
    const edgeRole = task.group ? (made ? role.groupOutput : role.groupInput) : made ? role.output : role.input;
    const positions = new Map<string, number>();
    let joined = false;
    for (const { key, artifact } of event.artifacts) {
      const { seq, isNew } = keepArtifact(artifact, event.at, made && !task.group);
      const position = positions.get(key) ?? 0;
      positions.set(key, position + 1);
      // Out of order: a reader named this artifact before its maker did, or was told of its inputs last.
      const late = made ? !isNew && sql.maker.get(seq) === undefined : true;
      const added = sql.addEdge.run(seq, edgeRole, task.seq, key, position).changes > 0;
      if (added && late) joined = true;
    }
    if (task.group) return;
    if (made) for (const metrics of sql.metricsOf.all(task.seq)) foldMetrics(metrics);
    if (joined) for (const metrics of sql.metricsBelow.all(task.seq)) foldMetrics(metrics);
  }

  /** Gives the numbers of a Metrics artifact to the Models that it was made from. */
  function foldMetrics(metrics: number): void {
    for (const model of sql.modelsAbove.all({ metrics })) sql.foldNumbers.run({ metrics, ...model });
  }

  function apply(event: RunEvent): void {
    switch (event.kind) {
      case "run-created": {
        runOf(event);
        const process = event.pid === undefined ? null : JSON.stringify({ pid: event.pid, start: event.processStart });
        const source = event.source === undefined ? null : sourceOf(event.source);
        const parameters = JSON.stringify(event.parameters);
        const { pipeline, target, at, spec, remote = null } = event;
        sql.setRun.run(pipeline, target, at, spec, parameters, source, remote, process, event.run);
        return;
      }
      case "task-created": {
        const { task, path, name, type, at } = event;
        sql.addTask.run(runOf(event), task, path, name, event.parent ?? null, type, event.iteration ?? null, at);
        return;
      }
      case "task-state": {
        const { seq } = taskOf(event);
        const { state, at } = event;
        if (event.fingerprint !== undefined) sql.setFingerprint.run(event.fingerprint, seq);
        const reason = event.reason === undefined ? null : JSON.stringify(event.reason);
        const started = state === "RUNNING" ? at : null;
        sql.setTaskState.run({ state, at, reason, started, finished: finalStates.has(state) ? at : null, seq });
        return;
      }
      case "task-attempt": {
        const { pod } = event;
        const [namespace, name, uid] = pod ? [pod.namespace, pod.name, pod.uid ?? null] : [null, null, null];
        sql.addAttempt.run(taskOf(event).seq, event.attempt, event.at, namespace, name, uid, event.pid ?? null);
        return;
      }
      case "task-inputs":
      case "task-outputs":
        keepValues(event);
        return;
      case "task-usage":
        sql.setUsage.run(event.wallSeconds, event.cpuSeconds ?? null, event.peakMemoryBytes ?? null, taskOf(event).seq);
        return;
      case "run-state": {
        const { state, at } = event;
        const reason = event.reason === undefined ? null : JSON.stringify(event.reason);
        sql.setRunState.run({ state, at, reason, finished: finalStates.has(state) ? at : null, seq: runOf(event) });
        return;
      }
    }
  }

  const all = db.transaction((events: readonly RunEvent[]) => {
    for (const event of events) apply(event);
  });
  return (events) => all.immediate(events);
}

/** Groups pass on what their steps make. */
export function isGroup(type: TaskType): boolean {
  return type !== "RUNTIME" && type !== "IMPORTER";
}

/** Text that is longer is found in the metadata, not by the index. */
const indexedTextLength = 1000;

function property(value: Json): [number: number | null, text: string | null] {
  if (typeof value === "number") return [value, null];
  if (typeof value === "boolean") return [value ? 1 : 0, String(value)];
  if (typeof value === "string" && value.length <= indexedTextLength) return [null, value];
  return [null, null];
}

function number(value: number | undefined, what: string): number {
  if (value === undefined) throw new Error(`${what} cannot be read back`);
  return value;
}

interface StateChange {
  readonly state: string;
  readonly at: number;
  readonly reason: string | null;
  readonly finished: number | null;
  readonly seq: number;
}

/** A Model is told by its type's last word: `system.Model`, `google.VertexModel`. */
const isModel = (type: string) => `EXISTS (SELECT 1 FROM types y WHERE y.seq = ${type} AND y.name LIKE '%Model')`;

function statements(db: Database) {
  const prepare = <P extends unknown[] | object>(text: string): Statement<P> => db.prepare<P>(text);
  const scalar = <P extends unknown[]>(text: string): Statement<P, number> => db.prepare<P, number>(text).pluck();
  const final = [...finalStates].map((state) => `'${state}'`).join(", ");
  return {
    typeSeq: scalar<[string]>("SELECT seq FROM types WHERE name = ?"),
    addType: prepare<[string]>("INSERT OR IGNORE INTO types (name) VALUES (?)"),
    sourceSeq: scalar<[string]>("SELECT seq FROM sources WHERE key = ?"),
    addSource: prepare<[string, string, string, string, string | null, number | null, string | null]>(
      "INSERT OR IGNORE INTO sources (key, path, digest, symbol, revision, dirty, lines) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    runSeq: scalar<[string]>("SELECT seq FROM runs WHERE id = ?"),
    addRun: prepare<[string, number]>(
      `INSERT INTO runs (id, pipeline, target, state, state_at, created_at, spec, parameters) VALUES (?, '', '', 'PENDING', 0, ?, '', '{}')`,
    ),
    setRun: prepare<[string, string, number, string, string, number | null, string | null, string | null, string]>(
      `UPDATE runs SET pipeline = ?, target = ?, created_at = ?, spec = ?, parameters = ?, source = ?, remote = ?, process = ? WHERE id = ?`,
    ),
    setRunState: prepare<StateChange>(
      `UPDATE runs SET state = @state, state_at = @at, reason = coalesce(@reason, CASE WHEN state = @state THEN reason END), finished_at = @finished
       WHERE seq = @seq AND state_at <= @at AND state NOT IN (${final})`,
    ),
    task: db.prepare<[number, string], { seq: number; type: TaskType }>(
      "SELECT seq, type FROM tasks WHERE run = ? AND id = ?",
    ),
    addTask: prepare<[number, string, string, string, string | null, string, number | null, number]>(
      `INSERT INTO tasks (run, id, path, name, parent, type, iteration, state, state_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'PENDING', 0, ?)
       ON CONFLICT (run, id) DO UPDATE SET path = excluded.path, name = excluded.name, parent = excluded.parent, type = excluded.type, iteration = excluded.iteration,
         created_at = excluded.created_at`,
    ),
    setFingerprint: prepare<[string, number]>("UPDATE tasks SET fingerprint = ? WHERE seq = ?"),
    setTaskState: prepare<StateChange & { started: number | null }>(
      `UPDATE tasks SET state = @state, state_at = @at, reason = coalesce(@reason, CASE WHEN state = @state THEN reason END),
         started_at = coalesce(started_at, @started), finished_at = @finished
       WHERE seq = @seq AND state_at <= @at AND state NOT IN (${final})`,
    ),
    addAttempt: prepare<[number, number, number, string | null, string | null, string | null, number | null]>(
      `INSERT INTO attempts (task, attempt, at, namespace, pod, uid, pid) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (task, attempt) DO UPDATE SET namespace = coalesce(excluded.namespace, namespace), pod = coalesce(excluded.pod, pod),
         uid = coalesce(excluded.uid, uid), pid = coalesce(excluded.pid, pid)`,
    ),
    setInputs: prepare<[string, number]>("UPDATE tasks SET inputs = ? WHERE seq = ?"),
    setOutputs: prepare<[string, number]>("UPDATE tasks SET outputs = ? WHERE seq = ?"),
    setUsage: prepare<[number, number | null, number | null, number]>(
      "UPDATE tasks SET wall_seconds = ?, cpu_seconds = ?, peak_memory_bytes = ? WHERE seq = ?",
    ),
    artifactSeq: scalar<[string]>("SELECT seq FROM artifacts WHERE id = ?"),
    addArtifact: prepare<[string, string, number, string, string, string | null, number | null, number]>(
      `INSERT INTO artifacts (id, name, type, uri, metadata, digest, size_bytes, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, type = excluded.type, uri = excluded.uri, metadata = excluded.metadata,
         digest = coalesce(excluded.digest, digest), size_bytes = coalesce(excluded.size_bytes, size_bytes),
         created_at = min(excluded.created_at, created_at)`,
    ),
    addEdge: prepare<[number, number, number, string, number]>(
      "INSERT OR IGNORE INTO artifact_tasks (artifact, role, task, key, position) VALUES (?, ?, ?, ?, ?)",
    ),
    maker: scalar<[number]>(`SELECT task FROM artifact_tasks WHERE artifact = ? AND role = ${role.output} LIMIT 1`),
    dropOwnProperties: prepare<[number]>("DELETE FROM properties WHERE artifact = ? AND origin IS NULL"),
    addProperty: prepare<[number, string, number | null, string | null, number]>(
      `INSERT OR REPLACE INTO properties (artifact, name, number, text, at) VALUES (?, ?, ?, ?, ?)`,
    ),
    metricsOf: scalar<[number]>(
      `SELECT o.artifact FROM artifact_tasks o JOIN artifacts a ON a.seq = o.artifact JOIN types y ON y.seq = a.type
       WHERE o.task = ? AND o.role = ${role.output} AND y.name LIKE '%Metrics'`,
    ),
    // Metrics at any depth under a task's outputs; not through a Model: what is under it is its own, and known.
    metricsBelow: scalar<[number]>(
      `WITH RECURSIVE down (artifact) AS (
         SELECT artifact FROM artifact_tasks WHERE task = ? AND role = ${role.output}
         UNION
         SELECT o.artifact FROM down
           CROSS JOIN artifact_tasks i ON i.artifact = down.artifact AND i.role = ${role.input}
           CROSS JOIN artifact_tasks o ON o.task = i.task AND o.role = ${role.output}
         WHERE NOT EXISTS (SELECT 1 FROM artifacts m WHERE m.seq = down.artifact AND ${isModel("m.type")})
       )
       SELECT a.seq FROM down CROSS JOIN artifacts a ON a.seq = down.artifact CROSS JOIN types y ON y.seq = a.type WHERE y.name LIKE '%Metrics'`,
    ),
    // The nearest Models above, and last those that the same step made.
    modelsAbove: db.prepare<{ metrics: number }, { model: number; distance: number }>(
      `WITH RECURSIVE up (artifact, distance) AS (
         SELECT @metrics, 0
         UNION
         SELECT i.artifact, up.distance + 1 FROM up
           CROSS JOIN artifact_tasks o ON o.artifact = up.artifact AND o.role = ${role.output}
           CROSS JOIN artifact_tasks i ON i.task = o.task AND i.role = ${role.input}
         WHERE up.distance < 20 AND (up.distance = 0 OR NOT EXISTS (
           SELECT 1 FROM artifacts m WHERE m.seq = up.artifact AND ${isModel("m.type")}))
       )
       SELECT a.seq AS model, min(up.distance) AS distance FROM up CROSS JOIN artifacts a ON a.seq = up.artifact
       WHERE up.distance > 0 AND ${isModel("a.type")} GROUP BY a.seq
       UNION ALL
       SELECT a.seq, 1000 FROM artifact_tasks m
         CROSS JOIN artifact_tasks s ON s.task = m.task AND s.role = ${role.output}
         CROSS JOIN artifacts a ON a.seq = s.artifact
       WHERE m.artifact = @metrics AND m.role = ${role.output} AND ${isModel("a.type")}`,
    ),
    foldNumbers: prepare<{ metrics: number; model: number; distance: number }>(
      `INSERT INTO properties (artifact, name, number, origin, distance, at)
       SELECT @model, name, number, @metrics, @distance, at FROM properties WHERE artifact = @metrics AND origin IS NULL AND number IS NOT NULL
       ON CONFLICT (artifact, name) DO UPDATE SET number = excluded.number, text = NULL, origin = excluded.origin, distance = excluded.distance, at = excluded.at
       WHERE origin IS NOT NULL AND (excluded.distance < distance OR (excluded.distance = distance AND excluded.at >= at))`,
    ),
  };
}
