/** Code actions of a TypeScript file: repairs of what is complained about, and rewrites that a person asks for. */
import type { Complaint, Edit } from "../fixes.ts";
import { offeredFix } from "./imports.ts";
import type { Offered } from "./offers.ts";
import { extractions } from "./extract.ts";
import type { Reading } from "./reading.ts";
import { repair } from "./repairs.ts";
import { loopRewrites, stepRewrites } from "./step-actions.ts";

export interface Action {
  readonly title: string;
  readonly kind: "quickfix" | "refactor.extract" | "refactor.rewrite";
  readonly edits: readonly Edit[];
  readonly code?: string;
}

/** `offered` answers the components of the workspace that have a name. */
export function actionsAt(
  reading: Reading,
  place: { readonly start: number; readonly end: number },
  complaints: readonly Complaint[],
  offered: (name: string) => readonly Offered[] = () => [],
): readonly Action[] {
  const quick = complaints.flatMap((complaint): Action[] => {
    const { code } = complaint;
    const imports = code === "undefined-name" ? offeredFix(reading, complaint, offered) : [];
    const fix = repair(reading, complaint);
    const extracted = code === "runtime-only" ? extractions(reading, widened(reading, complaint)) : [];
    return [...imports, ...(fix ? [fix] : []), ...extracted].map(({ title, edits }) => ({
      title,
      edits,
      code,
      kind: "quickfix",
    }));
  });
  const extracted = extractions(reading, place).map((each): Action => ({ ...each, kind: "refactor.extract" }));
  const rewritten = [...loopRewrites(reading, place), ...stepRewrites(reading, place)].map(
    (each): Action => ({ ...each, kind: "refactor.rewrite" }),
  );
  return [...quick, ...extracted, ...rewritten];
}

/** A complaint about a member, `length` of `list.length`, is one about the whole. */
function widened({ text }: Reading, { start, end }: Complaint): { readonly start: number; readonly end: number } {
  const [before = ""] = /[\w$.]*\.$/.exec(text.slice(0, start)) ?? [];
  return { start: start - before.length, end };
}
