/**
 * Pipelines that a generator makes do in the engine what they do as JavaScript. `FLOWS` is their number, `FUZZ_SEED`
 * another beginning, and with `SHRINK` set a failure is made smaller.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../../language/spec/types.ts";
import { head, valueOf } from "./flow/components.ts";
import { inputs, type Pick, program } from "./flow/programs.ts";
import { compare } from "./flow/same.ts";

const count = Number(process.env["FLOWS"] ?? 300);
const seed = Number(process.env["FUZZ_SEED"] ?? 20261121);

/** Values for the pipeline's inputs; some of those with a default are not given. */
function given(pick: Pick): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, type]): [string, Json][] =>
      (name === "n" || name === "text") && pick(3) === 0 ? [] : [[name, valueOf(type, pick)]],
    ),
  );
}

test(`${count} pipelines`, { timeout: 60_000 + count * 200 }, async () => {
  const outcomes: Record<string, number> = {};
  // A list of choices: `fc.gen` takes ten times as long as all the rest.
  const made = fc.array(fc.noBias(fc.nat()), { minLength: 400, maxLength: 400 }).map((choices) => {
    let taken = 0;
    const pick: Pick = (below) => (choices[taken++ % choices.length] ?? 0) % Math.max(1, below);
    return { text: program(pick), runs: [given(pick), given(pick), given(pick)] };
  });
  const holds = fc.asyncProperty(made, async ({ text, runs }) => {
    const verdict = await compare(text, runs);
    const kind = verdict.kind === "refused" ? (verdict.errors[0]?.code ?? "nothing") : verdict.kind;
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
    if (verdict.kind === "different")
      throw new Error(`${JSON.stringify(verdict, undefined, 1)}\n${text.slice(head.length)}`);
  });
  await fc.assert(holds, { seed, numRuns: count, endOnFailure: process.env["SHRINK"] === undefined });
  console.log(`${count} pipelines, each with three inputs: ${JSON.stringify(outcomes)}`);
  // A generator of what is refused would test nothing.
  expect(outcomes["same"]).toBeGreaterThan(count * 0.9);
});
