/**
 * `npm run test:oracle`, a part of CI beside `npm test`: of thousands of mutants, those that still compile to
 * something of their own, and some of those that we refuse, compiled by the real SDK, too: the same bytes, or, but for
 * one in a thousand, both refuse. `MUTANTS` is their number, `FUZZ_SEED` another beginning.
 */
import { expect, it } from "vitest";
import { mutant, originalOf } from "../mutants.ts";
import { kfpPython, openSdk, type Sdk } from "./open-sdk.ts";
import { agreed, compareTwice, compileHere, type Here, sentence } from "./verdict.ts";

const count = Number(process.env["MUTANTS"] ?? 10_000);
const seed = Number(process.env["FUZZ_SEED"] ?? 20261121);
const python = kfpPython();

it.skipIf(python === undefined)(`the SDK agrees on ${count} mutants`, { timeout: 300_000 + count * 100 }, async () => {
  if (python === undefined) throw new Error("There is no SDK to ask.");
  const counts: Record<string, number> = {};
  const differing: string[] = [];
  const next = askable();
  const work = async (sdk: Sdk): Promise<void> => {
    for (let asked = next(); asked !== undefined; asked = next()) {
      const comparison = await compareTwice(python, sdk, asked.text, asked.here);
      counts[comparison.verdict] = (counts[comparison.verdict] ?? 0) + 1;
      if (!agreed.has(comparison.verdict)) differing.push(`${seed}/${asked.index} ${sentence(comparison)}`);
    }
  };
  // Two at a time, and another two of each waiting: reading goes on while the SDK compiles.
  const sdks = [openSdk(python), openSdk(python)];
  await Promise.all([...sdks, ...sdks].map(work));
  for (const sdk of sdks) sdk.close();
  console.log(`${count} mutants, asked: ${JSON.stringify(counts)}`);
  // Bytes may not differ. Of what is refused a few may: what fails only as Python runs it (a name that is local further
  // down), and a component that is wrong and that no pipeline uses, of which the SDK says nothing.
  const lenient = differing.filter((each) => / refused by (?:us|the SDK) only: /.test(each));
  for (const each of lenient) console.log(`  ${each}`);
  expect(differing.filter((each) => !lenient.includes(each))).toEqual([]);
  expect(lenient.length).toBeLessThanOrEqual(count / 1000);
  expect(counts["identical"]).toBeGreaterThan(count / 40);
});

interface Asked {
  readonly index: number;
  readonly text: string;
  readonly here: Here;
}

/** The next mutant that says something new of us. */
function askable(): () => Asked | undefined {
  const originals = new Map<string, string | undefined>();
  const seen = new Set<string>();
  let index = 0;
  const isNew = (at: number, { ours }: Here): boolean => {
    // What is no Python needs no pipeline to be refused.
    if (!("yaml" in ours)) return at % everyRefused === 0 && ours.code !== "syntax-error";
    const original = originalOf(seed, at);
    if (!originals.has(original)) originals.set(original, yamlOf(compileHere(original)));
    if (ours.yaml === originals.get(original) || seen.has(ours.yaml)) return false;
    seen.add(ours.yaml);
    return true;
  };
  return () => {
    while (index < count) {
      const at = index++;
      const text = mutant(seed, at);
      const here = compileHere(text);
      if (isNew(at, here)) return { index: at, text, here };
    }
    return undefined;
  };
}

const everyRefused = 8;

function yamlOf({ ours }: Here): string | undefined {
  return "yaml" in ours ? ours.yaml : undefined;
}
