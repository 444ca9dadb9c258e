/**
 * Mutants of pipeline files and programs made by fast-check, compiled by the real SDK and by us: the same bytes, or
 * both refuse. `ORACLE` is how many of each, `FUZZ_SEED` another beginning; `oracle/compare.ts` goes on for longer.
 */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { mutant } from "./mutants.ts";
import { kfpPython, openSdk } from "./oracle/open-sdk.ts";
import { agreed, type Comparison, compareTwice, sentence } from "./oracle/verdict.ts";
import { program } from "./programs.ts";

const count = Number(process.env["ORACLE"] ?? 200);
const seed = Number(process.env["FUZZ_SEED"] ?? 20261121);
const python = kfpPython();

describe.skipIf(python === undefined)("the SDK agrees", () => {
  const sdk = python === undefined ? undefined : openSdk(python);
  afterAll(() => sdk?.close());
  const ask = async (text: string): Promise<Comparison> => {
    if (python === undefined || sdk === undefined) throw new Error("There is no SDK to ask.");
    return await compareTwice(python, sdk, text);
  };

  it(`on ${count} mutants`, { timeout: 60_000 + count * 500 }, async () => {
    const differing: string[] = [];
    let identical = 0;
    for (let i = 0; i < count; i++) {
      const comparison = await ask(mutant(seed, i));
      if (comparison.verdict === "identical") identical++;
      if (!agreed.has(comparison.verdict)) differing.push(`${seed}/${i} ${sentence(comparison)}`);
    }
    expect(differing).toEqual([]);
    expect(identical).toBeGreaterThan(count / 4);
  });

  it(`on ${count} programs`, { timeout: 60_000 + count * 1_000 }, async () => {
    let identical = 0;
    const made = fc.gen().map((choose) => program((below) => choose(fc.nat, Math.max(0, below - 1))));
    const holds = fc.asyncProperty(made, async (text) => {
      const comparison = await ask(text);
      if (comparison.verdict === "identical") identical++;
      if (!agreed.has(comparison.verdict)) throw new Error(`${sentence(comparison)}\n${text}`);
    });
    // Time is for a failure: each attempt to make one smaller asks the SDK.
    await fc.assert(holds, { seed, numRuns: count, endOnFailure: process.env["SHRINK"] === undefined });
    expect(identical).toBeGreaterThan(count / 10);
  });
});
