/**
 * Mutants of pipeline files: read without a throw, in time, and what compiles is written. The seed moves on with
 * `FUZZ_SEED`, the number with `MUTANTS`; `oracle/compare.ts` holds mutants against the SDK.
 */
import { expect, it } from "vitest";
import { writePackage } from "../../../language/spec/write.ts";
import { analyze } from "./check.ts";
import { mutate, numbers, pipelineFiles } from "./mutants.ts";

const count = Number(process.env["MUTANTS"] ?? 1500);
const seed = Number(process.env["FUZZ_SEED"] ?? 20261121);
/** Far more than any of them needs, on a slow machine with other work. */
const longestMs = 5_000;

it(`${count} mutants`, { timeout: 60_000 + count * 100 }, () => {
  const pick = numbers(seed);
  const files = pipelineFiles();
  let compiled = 0;
  for (let i = 0; i < count; i++) {
    const text = mutate(files[pick(files.length)] ?? "", pick);
    const start = performance.now();
    const { definitions, diagnostics } = analyze(text);
    for (const definition of definitions) {
      const result = definition.compile();
      if (result.compiled === undefined) continue;
      compiled++;
      expect(writePackage(result.compiled)).toMatch(/^# (?:PIPELINE|COMPONENT) DEFINITION\n/);
    }
    for (const { span, message } of diagnostics) {
      expect(span.start, message).toBeLessThanOrEqual(span.end);
      expect(message).not.toMatch(/undefined|\[object/);
    }
    expect(performance.now() - start, `mutant ${i} of seed ${seed}`).toBeLessThan(longestMs);
  }
  // A generator that only breaks files would test nothing but the parser.
  expect(compiled).toBeGreaterThan(count / 3);
});
