/**
 * Mutants of pipeline files, compiled by the SDK and by us: `node test/language/python/oracle/compare.ts`
 * with `--count`, `--seed` and `--from`; with `--programs`, made programs instead. Prints where the two differ, and counts; `--keep FOLDER` puts those
 * files there, each with what either side made of it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { numbersOf } from "../../../support/watched.ts";
import { mutant } from "../mutants.ts";
import { program } from "../programs.ts";
import { kfpPython, openSdk } from "./open-sdk.ts";
import { agreed, compareTwice, sentence } from "./verdict.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    programs: { type: "boolean", default: false },
    keep: { type: "string" },
  },
});
const [count, seed, from] = [values.count, values.seed, values.from].map(Number) as [number, number, number];
const python = kfpPython();
if (python === undefined) process.exit(2);
const sdk = openSdk(python);
const counts: Record<string, number> = {};
for (let index = from; index < from + count; index++) {
  const text = values.programs ? program(numbersOf(seed, index)) : mutant(seed, index);
  const comparison = await compareTwice(python, sdk, text);
  const { verdict, ours, theirs } = comparison;
  counts[verdict] = (counts[verdict] ?? 0) + 1;
  if (agreed.has(verdict)) continue;
  console.log(`${seed}/${index} ${sentence(comparison)}`);
  if (values.keep === undefined) continue;
  mkdirSync(values.keep, { recursive: true });
  const keep = (name: string, content: string): void =>
    writeFileSync(join(values.keep ?? "", `${seed}-${index}${name}`), content);
  keep(".py", text);
  if ("yaml" in ours) keep(".ours.yaml", ours.yaml);
  if ("yaml" in theirs) keep(".sdk.yaml", theirs.yaml);
}
sdk.close();
console.log(counts);
