/** Mutants of TypeScript pipelines, as of Python ones: `MUTANTS` is their number, `FUZZ_SEED` another beginning. */
import { expect, it } from "vitest";
import { longestWaitMs, watched } from "../../support/watched.ts";

const count = Number(process.env["MUTANTS"] ?? 1_500);
const seed = Number(process.env["FUZZ_SEED"] ?? 20261121);

it(`${count} mutants`, { timeout: longestWaitMs(count) }, async () => {
  const { outcomes, peakMb, slowestMs } = await watched(new URL("fuzz-trials.ts", import.meta.url), {
    seed,
    count,
    heapMb: 250,
    longestMs: 10_000,
  });
  console.log(`${count} mutants: ${JSON.stringify(outcomes)}, peak heap ${peakMb} MB, slowest ${slowestMs} ms`);
  expect(outcomes["compiled"]).toBeGreaterThan(count / 10);
});
