/** A thread that lays out graphs, started by `layout-beside.ts`. */
import { parentPort } from "node:worker_threads";
import { layout } from "./dag/layout.ts";
import type { LayoutAnswer, LayoutQuestion } from "./layout-beside.ts";

parentPort?.on("message", ({ id, dag }: LayoutQuestion) => {
  const answer = (value: LayoutAnswer) => parentPort?.postMessage(value);
  layout(dag).then(
    (graph) => answer({ id, graph }),
    (error: unknown) =>
      answer({ id, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
