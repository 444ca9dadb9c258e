/**
 * Mutants of pipeline files, compiled by the SDK and by us:
 * `KFP_PYTHON=… node test/language/python/oracle/compare.ts [COUNT] [SEED]`
 * prints where the two differ, and counts.
 */
import { analyze } from "../check.ts";
import { comparable } from "../comparable.ts";
import { mutate, numbers, pipelineFiles } from "../mutants.ts";
import { writePackage } from "../../../../language/spec/write.ts";
import { askSdk, python } from "./sdk.ts";

if (python === undefined) {
  console.log("KFP_PYTHON does not name a Python with kfp.");
  process.exit(2);
}
const [count = 1000, seed = 1] = process.argv.slice(2).map(Number);
const pick = numbers(seed);
const files = pipelineFiles();
const sources = Array.from({ length: count }, () => mutate(files[pick(files.length)] ?? "", pick));
const counts = new Map<string, number>();
const outcomes = sources.map(outcome);
const answers = askSdk(
  sources,
  outcomes.map(({ symbol }) => symbol),
);
for (const [i, answer] of answers.entries()) {
  const source = sources[i] ?? "";
  const ours = outcomes[i] ?? { error: "", unknown: false };
  const kind =
    "yaml" in answer
      ? "yaml" in ours
        ? comparable(ours.yaml) === comparable(answer.yaml)
          ? "identical"
          : "different"
        : ours.unknown
          ? "not known"
          : "refused by us only"
      : "yaml" in ours
        ? "refused by the SDK only"
        : "refused by both";
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
  if (kind === "identical" || kind === "refused by both" || kind === "not known") continue;
  console.log(
    JSON.stringify({ i, kind, sdk: "error" in answer ? answer : undefined, ours: "yaml" in ours ? undefined : ours }),
  );
  if (process.env["SHOW"] === String(i)) {
    console.log(source, "yaml" in answer ? answer.yaml : "", "yaml" in ours ? ours.yaml : "");
  }
}
console.log(Object.fromEntries(counts));

function outcome(text: string): ({ yaml: string } | { error: string; unknown: boolean }) & { symbol?: string } {
  const { definitions, diagnostics } = analyze(text);
  const definition = definitions.findLast(({ kind }) => kind === "pipeline") ?? definitions.at(-1);
  const result = definition?.compile();
  const symbol = definition && { symbol: definition.symbol };
  // What stands before the first definition stops Python, and what is wrong with another definition, too.
  const errors = [...diagnostics, ...(result?.diagnostics ?? [])].filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first !== undefined)
    return {
      ...symbol,
      error: `${first.code}: ${first.message} (${text.slice(0, first.span.start).split("\n").length})`,
      unknown: errors.some(({ code }) => code === "not-known" || code === "not-embedded"),
    };
  return result?.compiled === undefined
    ? { error: "nothing compiled", unknown: false }
    : { ...symbol, yaml: writePackage(result.compiled) };
}
