/** The SDK's own answers to real files: bytes, after the version. Runs where `../shared/corpus` lies beside the project. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { writePackage } from "../../../language/spec/write.ts";
import { installedPackage } from "../../support/real-kfp.ts";
import { analyzeCase, corpus, type CorpusCase, corpusCases } from "./corpus.ts";
import { knownFailures, needed } from "./corpus-failures.ts";
import { comparable } from "./comparable.ts";

describe.skipIf(!existsSync(corpus))("the corpus", () => {
  const all = corpusCases();
  const libraries = new Map(
    all.flatMap(({ name }) => {
      const requirement = needed.get(name);
      return requirement === undefined ? [] : [[name, installedPackage(requirement)] as const];
    }),
  );
  const cases = all.filter(({ name }) => !libraries.has(name) || libraries.get(name) !== undefined);
  for (const [name, folder] of libraries)
    if (folder === undefined) console.log(`  ${name}: skipped without ${needed.get(name) ?? ""}`);
  const outcomes = new Map<string, string | undefined>();
  for (const one of cases) outcomes.set(one.name, outcome(one, libraries.get(one.name)));
  const failing = [...outcomes].filter(([, why]) => why !== undefined);
  console.log(`corpus: ${cases.length - failing.length} identical of ${cases.length}`);
  for (const [name, why] of failing) console.log(`  ${name}: ${why ?? ""}`);

  it.each(cases.map(({ name }) => name))("%s", (name) => {
    if (knownFailures.has(name)) expect(outcomes.get(name), "it is identical now: take it off the list").toBeDefined();
    else expect(outcomes.get(name)).toBeUndefined();
  });
});

if (!existsSync(corpus)) {
  console.log("corpus: skipped, there is no ../shared/corpus");
  it("is skipped where there is no corpus", () => expect(existsSync(corpus)).toBe(false));
}

/** Why the case is not identical; undefined: it is. */
function outcome(one: CorpusCase, library: string | undefined): string | undefined {
  try {
    const { analysis, definition } = analyzeCase(one, library);
    if (definition === undefined) {
      return one.ok ? `no definition "${one.function}"; ${first(analysis.diagnostics)}` : undefined;
    }
    const { compiled, diagnostics } = definition.compile();
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    if (!one.ok) return errors.length > 0 ? undefined : "the SDK refuses it, we do not";
    if (errors.length > 0) return first(errors);
    if (compiled === undefined) return "nothing compiled";
    const expected = readFileSync(`${corpus}/${one.name}/expected.yaml`, "utf8");
    const [ours, theirs] = [writePackage(compiled), expected].map(comparable);
    if (ours === theirs) return undefined;
    const [a, b] = [ours ?? "", theirs ?? ""].map((text) => text.split("\n"));
    const line = (a ?? []).findIndex((text, i) => text !== b?.[i]);
    const [left, right] = [a?.[line] ?? "(end)", b?.[line] ?? "(end)"];
    let at = 0;
    while (at < left.length && left[at] === right[at]) at++;
    const from = Math.max(0, at - 40);
    return `line ${line + 1}: …${left.slice(from, at + 60)} | …${right.slice(from, at + 60)}`;
  } catch (problem) {
    return `throws ${problem instanceof Error ? (problem.stack ?? problem.message).split("\n").slice(0, 3).join(" ") : String(problem)}`;
  }
}

function first(
  diagnostics: readonly {
    readonly code: string;
    readonly message: string;
    readonly span: { readonly path: string; readonly start: number };
  }[],
): string {
  const [one] = diagnostics;
  return one === undefined
    ? "no diagnostics"
    : `${one.code}: ${one.message} (${one.span.path.split("/").at(-1) ?? ""}:${one.span.start})`;
}
