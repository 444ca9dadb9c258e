import type { Database } from "./sqlite.ts";
import { role } from "./append.ts";
import { parse } from "./runs.ts";
import type { ArtifactRecord } from "./store.ts";

export interface ArtifactReader {
  artifact(id: string): ArtifactRecord | undefined;
  /** Newest first. */
  artifacts(query: { type?: string; run?: string; limit?: number }): readonly ArtifactRecord[];
  bySeq(seq: number): ArtifactRecord | undefined;
  seq(id: string): number | undefined;
  /** Row numbers of the types that a name means: `system.Model`, or `Model` for all whose last part it is. */
  types(name: string): readonly number[];
}

/** Reads artifacts with what made them. */
export function artifactReader(db: Database): ArtifactReader {
  const one = db.prepare<[number], ArtifactRow>(
    "SELECT a.*, y.name AS type_name FROM artifacts a JOIN types y ON y.seq = a.type WHERE a.seq = ?",
  );
  const seqOf = db.prepare<[string], number>("SELECT seq FROM artifacts WHERE id = ?").pluck();
  const folded = db.prepare<[number], { name: string; number: number }>(
    "SELECT name, number FROM properties WHERE artifact = ? AND origin IS NOT NULL ORDER BY name",
  );
  // What made it first: later steps with this output were answered from the cache.
  const producer = db.prepare<[number], { run: string; task: string; path: string; key: string }>(
    `SELECT r.id AS run, t.id AS task, t.path, o.key FROM artifact_tasks o JOIN tasks t ON t.seq = o.task JOIN runs r ON r.seq = t.run
     WHERE o.artifact = ? AND o.role = ${role.output} ORDER BY t.state = 'CACHED', t.seq LIMIT 1`,
  );
  const allTypes = db.prepare<[], { seq: number; name: string }>("SELECT seq, name FROM types");

  function bySeq(seq: number): ArtifactRecord | undefined {
    const row = one.get(seq);
    if (!row) return undefined;
    const made = producer.get(seq);
    return {
      id: row.id,
      name: row.name,
      type: row.type_name,
      uri: row.uri,
      metadata: parse(row.metadata),
      ...(row.digest === null ? {} : { digest: row.digest }),
      ...(row.size_bytes === null ? {} : { sizeBytes: row.size_bytes }),
      createdAt: row.created_at,
      metrics: Object.fromEntries(folded.all(seq).map(({ name, number }) => [name, number])),
      ...(made ? { producer: made } : {}),
    };
  }

  function types(name: string): readonly number[] {
    const wanted = name.toLowerCase();
    return allTypes
      .all()
      .filter((type) => type.name === name || type.name.slice(type.name.lastIndexOf(".") + 1).toLowerCase() === wanted)
      .map(({ seq }) => seq);
  }

  return {
    bySeq,
    types,
    seq: (id) => seqOf.get(id),
    artifact(id) {
      const seq = seqOf.get(id);
      return seq === undefined ? undefined : bySeq(seq);
    },
    artifacts({ type, run, limit = 50 }) {
      const conditions: string[] = [];
      const values: (number | string)[] = [];
      if (type !== undefined) {
        const wanted = types(type);
        conditions.push(`a.type IN (${wanted.map(() => "?").join(", ")})`);
        values.push(...wanted);
      }
      if (run !== undefined) {
        conditions.push(
          `a.seq IN (SELECT o.artifact FROM runs r JOIN tasks t ON t.run = r.seq JOIN artifact_tasks o ON o.task = t.seq AND o.role = ${role.output} WHERE r.id = ?)`,
        );
        values.push(run);
      }
      const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
      return db
        .prepare<(number | string)[], number>(
          `SELECT a.seq FROM artifacts a ${where} ORDER BY a.created_at DESC, a.seq DESC LIMIT ?`,
        )
        .pluck()
        .all(...values, limit)
        .flatMap((seq) => bySeq(seq) ?? []);
    },
  };
}

interface ArtifactRow {
  readonly id: string;
  readonly name: string;
  readonly type_name: string;
  readonly uri: string;
  readonly metadata: string;
  readonly digest: string | null;
  readonly size_bytes: number | null;
  readonly created_at: number;
}
