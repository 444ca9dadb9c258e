/**
 * Mutants of pipeline files, programs made by fast-check, and pipelines that load mutants of compiled files and of
 * components, compiled by the real SDK and by us: the same bytes, or both refuse. `ORACLE` is how many of each, `FUZZ_SEED` another beginning; `oracle/compare.ts` goes on for longer.
 */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { ValueType } from "../../../language/graph/model.ts";
import { readComponent } from "../../../language/python/read-component.ts";
import type { ParameterType } from "../../../language/spec/types.ts";
import { componentMutant, specMutant } from "../spec/mutants.ts";
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

/**
 * What a file may be to the SDK and not to us, on purpose: PyYAML keeps the last of two equal keys (somebody merged by
 * hand) and takes texts whose lines stand left of what they belong to; and `protobuf` takes for empty what cannot run then
 * (a group without tasks, a reference to nothing).
 */
const stricter =
  /is here twice|There is no |must be one of |Missing closing|has no "|must be a mapping|image must be text/;
/** What the SDK does not take and a run does: it also reads the programs in commands, and wants text where YAML has a number. */
const lenient =
  /SyntaxError|IndentationError|object has no attribute|expected string or bytes|is not iterable|WorkspaceConfig/;

describe.skipIf(python === undefined)("the SDK agrees on what is loaded", () => {
  const sdk = python === undefined ? undefined : openSdk(python);
  afterAll(() => sdk?.close());

  it.each([
    ["compiled files", specMutant],
    ["components", componentMutant],
  ] as const)(`${count} mutants of %s`, { timeout: 60_000 + count * 500 }, async (_, make) => {
    if (python === undefined || sdk === undefined) throw new Error("There is no SDK to ask.");
    const differing: string[] = [];
    let identical = 0;
    for (let i = 0; i < count; i++) {
      const comparison = await compareTwice(python, sdk, loading(make(seed, i)));
      const { verdict, ours, theirs } = comparison;
      if (verdict === "identical") identical++;
      const isMeant =
        (verdict === "refused by us only" && "error" in ours && stricter.test(ours.error)) ||
        (verdict === "refused by the SDK only" && "error" in theirs && lenient.test(theirs.error));
      if (!agreed.has(verdict) && !isMeant) differing.push(`${seed}/${i} ${sentence(comparison)}`);
    }
    expect(differing).toEqual([]);
    expect(identical).toBeGreaterThan(count / 6);
  });
});

/** A pipeline that loads the text and uses it twice, with something for each input. */
function loading(text: string): string {
  const inputs = (readComponent(text).component?.inputs ?? []).filter(
    ({ optional, type }) => !optional && !(type.kind === "parameter" && type.type.startsWith("TASK_")),
  );
  const given = inputs.map(({ name, type }) => `${JSON.stringify(name)}: ${valueOf(type)}`).join(", ");
  const call = `loaded(**{${given}})`;
  return `from kfp import components, dsl\nloaded = components.load_component_from_text(${JSON.stringify(text)})\n@dsl.pipeline(name="outer")\ndef outer():\n    ${call}\n    ${call}.set_display_name("again")\n`;
}

function valueOf(type: ValueType): string {
  if (type.kind === "artifact") return `dsl.importer(artifact_uri="u", artifact_class=dsl.Artifact).output`;
  const values: Partial<Record<ParameterType, string>> = {
    NUMBER_INTEGER: "1",
    NUMBER_DOUBLE: "1.5",
    BOOLEAN: "True",
    LIST: "[1]",
    STRUCT: '{"a": 1}',
  };
  return values[type.type] ?? '"x"';
}
