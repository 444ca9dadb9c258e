/** One file, compiled by the SDK and by us. */
import type { DiagnosticCode } from "../../../../language/diagnostics.ts";
import { writePackage } from "../../../../language/spec/write.ts";
import { analyze } from "../check.ts";
import { comparable } from "../comparable.ts";
import { openSdk, type Sdk } from "./open-sdk.ts";
import type { Answer } from "./sdk.ts";
import { clashesTwice, dangling, unfolded } from "./written.ts";

export type Verdict =
  | "identical"
  | "refused by both"
  /** It needs a value that only Python can give, and we say so. */
  | "not known"
  /** But for numbers in the names of what nested pipelines bring: the SDK's depend on the addresses of its memory. */
  | "renumbered"
  /** It writes something else whenever it is started: where names of nested pipelines clash twice. */
  | "the SDK disagrees"
  /** What the SDK wrote names inputs or tasks that are not there. */
  | "broken by the SDK"
  /** It fails with an error of its own, not with one about the file. */
  | "the SDK fails"
  | "different"
  | "refused by us only"
  | "refused by the SDK only";

/** The verdicts that are no bug. */
export const agreed: ReadonlySet<Verdict> = new Set<Verdict>([
  "identical",
  "refused by both",
  "not known",
  "renumbered",
  "the SDK disagrees",
  "broken by the SDK",
  "the SDK fails",
]);

/**
 * Errors that say nothing about the file: the SDK trips over its own tables (it takes whatever leaves the arms of an If
 * for a OneOf, also what a Collected gathers there), or a module is not installed there.
 */
const failures =
  /^(?:ModuleNotFoundError: No module named '(?!kfp)|KeyError|AssertionError|InvalidTopologyException|IndexError|AttributeError: 'Pipeline\w+Channel' object has no attribute 'channels')/;

export interface Comparison {
  readonly verdict: Verdict;
  readonly ours: Ours;
  readonly theirs: Answer;
}

export type Ours =
  | { readonly yaml: string }
  /** `code` is absent where there is nothing to compile. */
  | { readonly error: string; readonly code?: DiagnosticCode; readonly unknown: boolean };

/** What we make of a file, and of which of its definitions. */
export interface Here {
  readonly symbol?: string;
  readonly ours: Ours;
}

/** One file, compiled by both sides. */
export async function compare(sdk: Sdk, text: string, here = compileHere(text)): Promise<Comparison> {
  const { symbol, ours } = here;
  const theirs = await sdk.ask(text, symbol);
  return { verdict: verdictOf(ours, theirs), ours, theirs };
}

/** As `compare`, but what looks different is asked of other processes, too. */
export async function compareTwice(python: string, sdk: Sdk, text: string, here?: Here): Promise<Comparison> {
  const first = await compare(sdk, text, here);
  if (first.verdict !== "different") return first;
  if (!("yaml" in first.theirs && clashesTwice(first.theirs.yaml)) && (await agrees(python, text, first.theirs)))
    return first;
  return { ...first, verdict: "the SDK disagrees" };
}

/** Whether the SDK writes the same in other processes. */
async function agrees(python: string, text: string, first: Answer): Promise<boolean> {
  const { symbol } = compileHere(text);
  const others = [openSdk(python), openSdk(python), openSdk(python)];
  try {
    const answers = await Promise.all(others.map((sdk) => sdk.ask(text, symbol)));
    return answers.every((answer) => "yaml" in answer && "yaml" in first && answer.yaml === first.yaml);
  } finally {
    for (const sdk of others) sdk.close();
  }
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
    if ("yaml" in ours && comparable(ours.yaml) === comparable(theirs.yaml)) return "identical";
    if (dangling(theirs.yaml).length > 0) return "broken by the SDK";
    if ("yaml" in ours) return unfolded(ours.yaml) === unfolded(theirs.yaml) ? "renumbered" : "different";
    return ours.unknown ? "not known" : "refused by us only";
  }
  if (!("yaml" in ours)) return "refused by both";
  return failures.test(theirs.error) ? "the SDK fails" : "refused by the SDK only";
}

/** The last pipeline of a file, else its last component. */
export function compileHere(text: string): Here {
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
    return { ...symbol, ours: { error: `line ${line}: ${first.code}: ${first.message}`, code: first.code, unknown } };
  }
  if (result?.compiled === undefined) return { ours: { error: "nothing compiled", unknown: false } };
  return { ...symbol, ours: { yaml: writePackage(result.compiled) } };
}
