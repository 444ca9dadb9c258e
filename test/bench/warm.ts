/** What an edit costs in the language server that has been running for a while. */
import { layout } from "../../language/dag/layout.ts";
import { dagView } from "../../language/dag/from-spec.ts";
import { createWorkspace } from "../../language/workspace.ts";

export interface Warm {
  /** Milliseconds from a new text to its diagnostics and its graph. */
  readonly seen: readonly number[];
  /** Milliseconds from there to the places of the graph's nodes. */
  readonly laidOut: readonly number[];
}

/** Edits a pipeline of `count` steps `rounds` times; each edit gives one step another constant. */
export async function measureEdits(language: "py" | "ts", count: number, rounds: number): Promise<Warm> {
  const path = `/w/chain.${language}`;
  let text = "";
  const files = {
    read: (asked: string) => (asked === path ? text : undefined),
    list: (folder: string) => (folder === "/w" ? [`chain.${language}`] : []),
  };
  const workspace = createWorkspace(files, () => ({ sdkVersion: "2.17.0", roots: [], env: {} }));
  const seen: number[] = [];
  const laidOut: number[] = [];
  for (let round = -5; round < rounds; round++) {
    text = pipeline(language, count, round);
    const begun = performance.now();
    const { compiled, diagnostics } = await workspace.compiled(path, "chain");
    if (!compiled || diagnostics.length > 0) throw new Error(diagnostics[0]?.message ?? "it does not compile");
    const dag = dagView(compiled);
    const known = performance.now();
    await layout(dag);
    const placed = performance.now();
    if (round < 0) continue;
    seen.push(known - begun);
    laidOut.push(placed - known);
  }
  return { seen, laidOut };
}

function pipeline(language: "py" | "ts", count: number, round: number): string {
  const given = (i: number) => (i === count >> 1 ? String(round + 10) : i === 0 ? "n" : `t${i - 1}.output`);
  const steps = Array.from({ length: count }, (_, i) =>
    language === "ts" ? `  const t${i} = step({ x: ${given(i)} });` : `    t${i} = step(x=${given(i)})`,
  );
  return (
    language === "ts"
      ? [
          'import { component, pipeline, type Int } from "millrace";',
          "export const step = component({}, ({ x }: { x: Int }): Int => x + 1);",
          "export const chain = pipeline(({ n = 1 }: { n?: Int }) => {",
          ...steps,
          "});",
          "",
        ]
      : [
          "from kfp import dsl",
          "@dsl.component",
          "def step(x: int) -> int:",
          "    return x + 1",
          "@dsl.pipeline",
          "def chain(n: int = 1):",
          ...steps,
          "",
        ]
  ).join("\n");
}
