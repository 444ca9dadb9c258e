/**
 * Mutants of compiled files and of components' YAML are read without a throw, in time, and in little memory; what is
 * read is written so that it is read back as the same. `MUTANTS` is their number, `FUZZ_SEED` another beginning.
 */
import { expect, it } from "vitest";
import { longestWaitMs, watched } from "../../support/watched.ts";

const count = Number(process.env["MUTANTS"] ?? 2_000);
const seed = Number(process.env["FUZZ_SEED"] ?? 20261121);

it.each([
  ["compiled files", "fuzz-trials.ts", "read"],
  ["components", "../python/component-trials.ts", "compiled"],
])(`${count} mutants of %s`, { timeout: longestWaitMs(count) }, async (what, trials, good) => {
  const watch = { seed, count, heapMb: 96, longestMs: 20_000 };
  const { outcomes, peakMb, slowestMs } = await watched(new URL(trials, import.meta.url), watch);
  console.log(`${what}: ${JSON.stringify(outcomes)}, peak heap ${peakMb} MB, slowest ${slowestMs} ms`);
  expect(outcomes[good]).toBeGreaterThan(count / 20);
});
