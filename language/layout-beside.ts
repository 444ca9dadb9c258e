import { Worker } from "node:worker_threads";
import { layout } from "./dag/layout.ts";
import type { Dag, LaidOutDag } from "./dag/view.ts";

export interface LayoutQuestion {
  readonly id: number;
  readonly dag: Dag;
}

export type LayoutAnswer =
  | { readonly id: number; readonly graph: LaidOutDag }
  | { readonly id: number; readonly problem: string };

/** So many nodes take some 20 ms: less than a thread is worth, and than anybody notices. */
const most = 150;

/**
 * `layout`, for large graphs in a thread (`script`: of `layout-thread.ts`) that starts when the first one
 * comes: what is typed meanwhile is analysed without waiting for it.
 */
export function layoutBeside(script: URL): (dag: Dag) => Promise<LaidOutDag> {
  let thread: Worker | undefined;
  let last = 0;
  const waiting = new Map<number, { resolve: (graph: LaidOutDag) => void; reject: (error: Error) => void }>();

  function start(): Worker {
    const worker = new Worker(script);
    // It alone keeps no server alive.
    worker.unref();
    worker.on("message", (answer: LayoutAnswer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ("graph" in answer) asked?.resolve(answer.graph);
      else asked?.reject(new Error(answer.problem));
    });
    worker.on("error", (error) => {
      // The next graph starts another.
      thread = undefined;
      for (const { reject } of waiting.values()) reject(error instanceof Error ? error : new Error(String(error)));
      waiting.clear();
    });
    return worker;
  }

  return (dag) => {
    if (dag.nodes.length <= most) return layout(dag);
    const worker = (thread ??= start());
    const id = ++last;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, dag } satisfies LayoutQuestion);
    });
  };
}
