/**
 * Mutants of pipeline files are read without a throw, in time, and in little memory. `MUTANTS` is their number,
 * `FUZZ_SEED` another beginning; `oracle/compare.ts` holds the same mutants against the SDK.
 */
import { expect, it } from "vitest";
import { longestWaitMs, watched } from "../../support/watched.ts";

const count = Number(process.env["MUTANTS"] ?? 10_000);
const seed = Number(process.env["FUZZ_SEED"] ?? 20261121);

it(`${count} mutants`, { timeout: longestWaitMs(count) }, async () => {
  const { outcomes, peakMb, slowestMs } = await watched(new URL("fuzz-trials.ts", import.meta.url), {
    seed,
    count,
    // Garbage is collected late: half of this is enough for all of them.
    heapMb: 80,
    // Far more than any of them needs, on a slow machine with other work.
    longestMs: 10_000,
  });
  console.log(`${count} mutants: ${JSON.stringify(outcomes)}, peak heap ${peakMb} MB, slowest ${slowestMs} ms`);
  // A generator that only breaks files would test nothing but the parser.
  expect(outcomes["compiled"]).toBeGreaterThan(count / 4);
});
