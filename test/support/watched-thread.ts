/** The thread of `watched.ts`. */
import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { type Said, trialsOf } from "./watched.ts";

// SAFETY: `watched.ts` starts this file with these and nothing else does.
const { module, seed, count, at } = workerData as { module: string; seed: number; count: number; at: Int32Array };
const { make, attempt } = await trialsOf(module);
const outcomes: Record<string, number> = {};
let peak = 0;
let slowestMs = 0;
let said: Said | undefined;
for (let i = 0; i < count; i++) {
  Atomics.store(at, 0, i);
  const start = performance.now();
  try {
    const outcome = attempt(make(seed, i));
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  } catch (error) {
    said = { wrong: `throws ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` };
    break;
  }
  slowestMs = Math.max(slowestMs, performance.now() - start);
  peak = Math.max(peak, getHeapStatistics().used_heap_size);
}
parentPort?.postMessage(said ?? { outcomes, peakMb: Math.round(peak / 2 ** 20), slowestMs: Math.round(slowestMs) });
