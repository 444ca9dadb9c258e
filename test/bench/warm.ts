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

/** Edits a file with a pipeline of `count` steps `rounds` times: a step's constant, a component's body, a comment. */
export async function measureEdits(
  language: "py" | "ts",
  count: number,
  rounds: number,
  part: "step" | "component" | "comment" = "step",
): Promise<Warm> {
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
    text = pipeline(language, count, part === "step" ? round : 0);
    if (part === "component") text = text.replace("x + 1", `x + ${round + 10}`);
    if (part === "comment") text = `# ${"A comment. ".repeat(round + 6)}\n${text}`;
    const begun = performance.now();
    const { compiled, diagnostics } = await workspace.compiled(path, "chain");
    const error = diagnostics.find(({ severity }) => severity === "error");
    if (!compiled || error) throw new Error(error?.message ?? "it does not compile");
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

export interface ModuleEdits {
  /** Milliseconds from a new text to the diagnostics and graphs of all files that import it. */
  readonly all: readonly number[];
  /** Of the first of them. */
  readonly one: readonly number[];
}

/** Edits one of eight components of a module that `count` files import, each with a pipeline of twelve steps. */
export async function measureModuleEdits(count: number, rounds: number): Promise<ModuleEdits> {
  const texts = new Map<string, string>();
  for (let i = 0; i < count; i++) texts.set(`/w/pipeline_${i}.py`, importing(i));
  const files = {
    read: (asked: string) => texts.get(asked),
    list: (folder: string) => (folder === "/w" ? [...texts.keys()].map((path) => path.slice(3)) : []),
  };
  const workspace = createWorkspace(files, () => ({ sdkVersion: "2.17.0", roots: [], env: {} }));
  const all: number[] = [];
  const one: number[] = [];
  for (let round = -3; round < rounds; round++) {
    texts.set("/w/steps.py", components(round + 10));
    const begun = performance.now();
    let first = 0;
    for (let i = 0; i < count; i++) {
      const { compiled, diagnostics } = await workspace.compiled(`/w/pipeline_${i}.py`, `pipeline_${i}`);
      const error = diagnostics.find(({ severity }) => severity === "error");
      if (!compiled || error) throw new Error(error?.message ?? "it does not compile");
      dagView(compiled);
      if (i === 0) first = performance.now();
    }
    if (round < 0) continue;
    all.push(performance.now() - begun);
    one.push(first - begun);
  }
  return { all, one };
}

function components(added: number): string {
  const bodies = Array.from(
    { length: 8 },
    (_, i) => `@dsl.component\ndef step_${i}(x: int) -> int:\n    return x + ${i === 3 ? added : i}\n`,
  );
  return `from kfp import dsl\n\n\n${bodies.join("\n\n")}`;
}

function importing(i: number): string {
  const names = Array.from({ length: 8 }, (_, k) => `step_${k}`);
  const given = (k: number): string => (k === 0 ? "n" : `t${k - 1}.output`);
  const steps = Array.from({ length: 12 }, (_, k) => `    t${k} = step_${k % 8}(x=${given(k)})`);
  const imports = `from kfp import dsl\nfrom steps import ${names.join(", ")}`;
  return `${imports}\n\n\n@dsl.pipeline\ndef pipeline_${i}(n: int = 1):\n${steps.join("\n")}\n`;
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
