// How long questions to the store take. `node test/bench/store.ts [runs]`; three artifacts a run, default 100,000 artifacts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../runtime/store/sqlite.ts";
import { churnRun } from "../runtime/store/history.ts";

const runs = Number(process.argv[2] ?? 33_334);
const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
try {
  const path = join(folder, "store.db");
  const store = openStore(path);
  const random = generator(7);
  const filled = time(() => {
    for (let run = 0; run < runs; run += 500) {
      store.append(
        Array.from({ length: Math.min(500, runs - run) }, (_, i) =>
          // One run in 2,000 is large: a rare thing among many.
          churnRun({
            run: `run-${run + i}`,
            at: (run + i) * 100,
            rows: (run + i) % 2000 === 7 ? 1_000_000 : 1 + Math.floor(random() * 20_000),
            framework: random() < 0.5 ? "sklearn" : "xgboost",
            trees: 50 + Math.floor(random() * 400),
            accuracy: 0.5 + random() / 2,
          }),
        ).flat(),
      );
    }
  });
  console.log(
    `${runs} runs, ${runs * 3} artifacts, written in ${(filled / 1000).toFixed(1)} s (${Math.round((runs * 3) / (filled / 1000))} artifacts/s)`,
  );
  store.close();
  report("open", () => openStore(path).close());
  const again = openStore(path);
  for (const query of [
    "Model limit 20",
    "Model where ancestor Dataset.rows > 10000 limit 20",
    "Model where ancestor Dataset.rows > 500000 limit 20",
    "Model where ancestor Dataset.rows > 5000000 limit 20",
    'Model where framework = "sklearn" and ancestor Dataset.rows > 10000 order by accuracy desc limit 20',
    "Model where accuracy > 0.9 order by accuracy desc limit 20",
    "Model where accuracy > 0.9999 order by accuracy desc limit 20",
    "Model order by accuracy desc limit 20",
    "Dataset where descendant Metrics.accuracy > 0.9999",
    "Model where not framework = sklearn and parameter.n_estimators > 440 limit 20",
    "Model where run = run-77",
    "Model where commit = abc12 limit 20",
    'Model where framework = "lightgbm"',
  ]) {
    report(query, () => again.query(query));
  }
  report("runs", () => again.runs());
  report("runs --where accuracy > 0.999", () => again.runs({ where: "accuracy > 0.999" }));
  report("run", () => again.run(`run-${runs - 1}`));
  report("lineage of a model", () => again.lineage(`run-${runs - 1}/train/out_model`));
  report("cached", () => again.cached("load-1000000"));
  again.close();
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
}

function report(what: string, work: () => unknown): void {
  const times = Array.from({ length: 5 }, () => time(work)).sort((a, b) => a - b);
  console.log(`${(times[2] ?? 0).toFixed(1).padStart(9)} ms  ${what}`);
}

function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}
