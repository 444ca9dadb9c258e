import type { Database } from "./sqlite.ts";
import type { SourceRef, TaskPath } from "../events.ts";
import { role } from "./append.ts";
import type { ArtifactReader } from "./artifacts.ts";
import type { RunReader } from "./runs.ts";
import type { Lineage, LineageNode } from "./store.ts";

/** A picture of more than this helps nobody; the query language answers for larger sets. */
const mostNodes = 500;

/**
 * What an artifact was made from and what was made from it, to a depth, by
 * breadth-first walks over `artifact_tasks`: nearest first, at most 500
 * artifacts each way.
 */
export function lineageReader(
  db: Database,
  artifacts: ArtifactReader,
  runs: RunReader,
): (id: string, depth: number) => Lineage | undefined {
  // A step that was answered from the cache repeats edges that are known: its maker stands for it.
  const makers = db.prepare<[number], { seq: number; state: string }>(
    `SELECT t.seq, t.state FROM artifact_tasks o JOIN tasks t ON t.seq = o.task WHERE o.artifact = ? AND o.role = ${role.output} ORDER BY t.state = 'CACHED', t.seq`,
  );
  const readers = db.prepare<[number], { seq: number; state: string }>(
    `SELECT DISTINCT t.seq, t.state FROM artifact_tasks i JOIN tasks t ON t.seq = i.task WHERE i.artifact = ? AND i.role = ${role.input} ORDER BY t.seq`,
  );
  const edges = db.prepare<[number, number], { artifact: number; key: string; id: string }>(
    `SELECT e.artifact, e.key, a.id FROM artifact_tasks e JOIN artifacts a ON a.seq = e.artifact WHERE e.task = ? AND e.role = ? ORDER BY e.key, e.position`,
  );

  return (id, depth) => {
    const start = artifacts.seq(id);
    const artifact = start === undefined ? undefined : artifacts.bySeq(start);
    if (start === undefined || !artifact) return undefined;
    const distances = new Map<number, number>([[start, 0]]);
    const tasks = new Set<number>();

    function walk(direction: 1 | -1): void {
      let frontier = [start ?? 0];
      let found = 0;
      for (let distance = 1; distance <= depth && frontier.length > 0; distance++) {
        const next: number[] = [];
        for (const seq of frontier) {
          for (const task of direction < 0 ? makers.all(seq).slice(0, 1) : readers.all(seq)) {
            if (direction > 0 && task.state === "CACHED") continue;
            tasks.add(task.seq);
            for (const { artifact: other } of edges.all(task.seq, direction < 0 ? role.input : role.output)) {
              if (distances.has(other) || found >= mostNodes) continue;
              found++;
              distances.set(other, distance * direction);
              next.push(other);
            }
          }
        }
        frontier = next;
      }
    }
    walk(-1);
    walk(1);

    const nodes = [...distances].flatMap(([seq, distance]): LineageNode[] => {
      const record = artifacts.bySeq(seq);
      return record ? [{ artifact: record, distance }] : [];
    });
    nodes.sort((a, b) => a.distance - b.distance);
    const order = [...tasks].sort((a, b) => a - b);
    return {
      artifact,
      nodes,
      tasks: runs.tasks(order).map(({ run, task }, index) => {
        const seq = order[index] ?? 0;
        const keyed = (edgeRole: number) =>
          edges.all(seq, edgeRole).map((edge) => ({ key: edge.key, artifact: edge.id }));
        const source = runs.source(run);
        const line = source?.lines?.[withoutIterations(task.path)];
        return {
          run,
          task,
          inputs: keyed(role.input),
          outputs: keyed(role.output),
          ...(source ? { source: withoutLines(source) } : {}),
          ...(line ? { line } : {}),
        };
      }),
    };
  };
}

/** The lines of all steps are not each step's to carry. */
function withoutLines(source: SourceRef): SourceRef {
  const rest: { -readonly [K in keyof SourceRef]: SourceRef[K] } = { ...source };
  delete rest.lines;
  return rest;
}

/** The key of a task in its source map: `root.for-loop-1[3].train` → `root.for-loop-1.train`. */
export function withoutIterations(path: TaskPath): string {
  return path.replaceAll(/\[\d+\]/g, "");
}
