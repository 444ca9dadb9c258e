/** One file, compiled by the SDK and by us. */
import { writePackage } from "../../../../language/spec/write.ts";
import { analyze } from "../check.ts";
import { comparable } from "../comparable.ts";
import type { Sdk } from "./open-sdk.ts";
import type { Answer } from "./sdk.ts";

export type Verdict =
  | "identical"
  | "refused by both"
  /** It needs a value that only Python can give, and we say so. */
  | "not known"
  | "different"
  | "refused by us only"
  | "refused by the SDK only";

/** The verdicts that are no bug. */
export const agreed: ReadonlySet<Verdict> = new Set<Verdict>(["identical", "refused by both", "not known"]);

export interface Comparison {
  readonly verdict: Verdict;
  readonly ours: Ours;
  readonly theirs: Answer;
}

type Ours = { readonly yaml: string } | { readonly error: string; readonly unknown: boolean };

export async function compare(sdk: Sdk, text: string): Promise<Comparison> {
  const { symbol, ours } = compileHere(text);
  const theirs = await sdk.ask(text, symbol);
  return { verdict: verdictOf(ours, theirs), ours, theirs };
}

/** What was said, in a line. */
export function sentence({ verdict, ours, theirs }: Comparison): string {
  if ("error" in ours && "error" in theirs) return `${verdict}: ${ours.error}; the SDK: ${theirs.error}`;
  if ("error" in ours) return `${verdict}: ${ours.error}`;
  if ("error" in theirs) return `${verdict}: line ${theirs.line ?? "?"}: ${theirs.error}`;
  const [a, b] = [ours.yaml, theirs.yaml].map((yaml) => comparable(yaml).split("\n"));
  const line = (a ?? []).findIndex((each, i) => each !== b?.[i]);
  return `${verdict}: line ${line + 1}: ${a?.[line] ?? "(end)"} | ${b?.[line] ?? "(end)"}`;
}

function verdictOf(ours: Ours, theirs: Answer): Verdict {
  if ("yaml" in theirs) {
    if ("yaml" in ours) return comparable(ours.yaml) === comparable(theirs.yaml) ? "identical" : "different";
    return ours.unknown ? "not known" : "refused by us only";
  }
  return "yaml" in ours ? "refused by the SDK only" : "refused by both";
}

/** The last pipeline of a file, else its last component. */
function compileHere(text: string): { readonly symbol?: string; readonly ours: Ours } {
  const { definitions, diagnostics } = analyze(text);
  const definition = definitions.findLast(({ kind }) => kind === "pipeline") ?? definitions.at(-1);
  const result = definition?.compile();
  const symbol = definition && { symbol: definition.symbol };
  // What stands before the first definition stops Python, and what is wrong with another definition, too.
  const errors = [...diagnostics, ...(result?.diagnostics ?? [])].filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first !== undefined) {
    const line = text.slice(0, first.span.start).split("\n").length;
    const unknown = errors.some(({ code }) => code === "not-known" || code === "not-embedded");
    return { ...symbol, ours: { error: `line ${line}: ${first.code}: ${first.message}`, unknown } };
  }
  if (result?.compiled === undefined) return { ours: { error: "nothing compiled", unknown: false } };
  return { ...symbol, ours: { yaml: writePackage(result.compiled) } };
}
