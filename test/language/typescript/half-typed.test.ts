/** Any text gives an answer: the sample and the twins cut at every place, and with pieces missing. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Files } from "../../../language/source.ts";
import type { ComponentSpec } from "../../../language/spec/types.ts";
import { analyzeTypeScript } from "../../../language/typescript/front-end.ts";
import { diskFiles } from "../../../runtime/compile/disk.ts";
import { numbersOf } from "../../support/watched.ts";
import { program } from "./flow/programs.ts";

const twins = join(import.meta.dirname, "fixtures/twins");
const sources = [
  join(import.meta.dirname, "../../../samples/churn/pipeline.ts"),
  ...readdirSync(twins).flatMap((name) => (name.endsWith(".ts") ? [join(twins, name)] : [])),
];

function analyze(path: string, text: string) {
  const disk = diskFiles();
  // Without its Python file every component is unknown; with it, each cut would analyse that again.
  const files: Files = { read: (each) => (each === path ? text : undefined), list: (each) => disk.list(each) };
  return analyzeTypeScript(path, files, { sdkVersion: "2.17.0", roots: [], env: {} });
}

describe("never throws", () => {
  test.each(sources.map((path) => [path.split("/").slice(-2).join("/"), path] as const))("%s", (_, path) => {
    const text = readFileSync(path, "utf8");
    for (let at = 0; at < text.length; at += 23) {
      for (const cut of [text.slice(0, at), text.slice(0, at) + text.slice(at + 17), text.slice(at)]) {
        expect(Array.isArray(analyze(path, cut).diagnostics)).toBe(true);
      }
    }
  });
});

const head = `import { component, pipeline, type Dataset, type Output } from "millrace";
const load = component({}, ({ data }: { data: Output<Dataset> }) => {});
const use = component({}, ({ data }: { data: Dataset }) => {});
`;

describe("draws what is there while the text is being typed", () => {
  test.each([
    ["const { data } = load(); use({ da", ["load", "use"]],
    ["const { data } = load(); use({ data }", ["load", "use"]],
    ["const { data } = load(); use({ data }); if (da", ["load", "use"]],
    ["const { data } = load(); use({ data }, { mem", ["load", "use"]],
    ["const { data } = load(); data.", ["load"]],
    ["const { data } = load(); for (const x of", ["load"]],
  ])("%s", (body, tasks) => {
    const { definitions, diagnostics } = analyze("/w/p.ts", `${head}export const p = pipeline({}, () => { ${body}`);
    const { compiled } = definitions.find((each) => each.symbol === "p")?.compile() ?? {};
    expect(Object.keys(compiled?.spec.root.dag?.tasks ?? {})).toEqual(tasks);
    expect(diagnostics.map(({ code }) => code)).toContain("syntax-error");
  });
});

/** Somebody types a pipeline, key by key, with the brackets that an editor closes; here and there a word is mended. */
const typed = String.raw`const { data } = load();
use({ data });
const { flag, names } = look({ text: "of " + run.id }, { memory: "1Gi" });
if (flag === "yes" && !(flag !== "no")) {
  use({ data }, { retry: 2 });
} else {
  const other = load({}, { name: "again" });
  use({ data: other.data });
}
for (const name of names) {
  look({ text: name });
}
const m = flag === "a" ? load().data : load({}, { cache: false }).data;
try {
  use({ data: m });
} finally {
  look({ text: "end" });
}
`;

const closing: Readonly<Record<string, string>> = { "{": "}", "(": ")", "[": "]" };

/** What an editor has put behind the cursor. */
function closed(text: string): string {
  const open: string[] = [];
  let quote: string | undefined;
  for (const character of text) {
    if (quote === undefined && "\"'`".includes(character)) quote = character;
    else if (character === quote) quote = undefined;
    else if (quote === undefined && closing[character] !== undefined) open.push(closing[character]);
    else if (quote === undefined && ")]}".includes(character)) open.pop();
  }
  return (quote ?? "") + open.reverse().join("");
}

describe("a recorded edit", () => {
  const before = `import { component, pipeline, run, type Dataset, type Output } from "millrace";
const load = component({}, ({ data }: { data: Output<Dataset> }) => {});
const use = component({}, ({ data }: { data: Dataset }) => {});
const look = component({}, ({ text }: { text: string }): { flag: string; names: string[] } => ({ flag: text, names: [] }));
export const p = pipeline({}, () => {
`;
  function components(text: string): readonly string[] | undefined {
    const { definitions } = analyze("/w/p.ts", text);
    const { compiled } = definitions.find((each) => each.symbol === "p")?.compile() ?? {};
    if (!compiled) return undefined;
    const { root, components = {} } = compiled.spec;
    const inDag = (tasks: object = {}): string[] =>
      Object.values(tasks as Readonly<Record<string, { componentRef: { name: string } }>>).flatMap((task) => {
        const { dag } = components[task.componentRef.name] ?? {};
        return dag ? inDag(dag.tasks) : [task.componentRef.name.replace(/^comp-|-\d+$/g, "")];
      });
    return inDag(root.dag?.tasks).filter((name) => /^(load|use|look)$/.test(name));
  }
  test("never blank, never a node that nobody wrote", () => {
    const all = components(`${before}${typed}});\n`) ?? [];
    expect(all).toHaveLength(11);
    const calls = /\b(load|use|look)\(/g;
    for (let at = 1; at <= typed.length; at++) {
      const text = typed.slice(0, at);
      const shown = components(`${before}${text}${closed(text)}\n});\n`);
      const where = JSON.stringify(text.slice(-30));
      const written = [...text.matchAll(calls)].length;
      const finished = [...text.slice(0, text.lastIndexOf("\n") + 1).matchAll(calls)].length;
      expect(shown?.length ?? 0, `too many behind ${where}`).toBeLessThanOrEqual(written);
      expect(shown?.length ?? 0, `too few behind ${where}`).toBeGreaterThanOrEqual(finished);
    }
  });
});

/** Generated pipelines, typed from their first letter to their last: `TYPED` is their number. */
describe("a generated pipeline while it is being typed", () => {
  const count = Number(process.env["TYPED"] ?? 6);

  /** The components that its steps are of, those in nested pipelines too, sorted. */
  function stepsOf(text: string): readonly string[] {
    const { definitions } = analyze("/w/p.ts", text);
    const { compiled } = definitions.find((each) => each.symbol === "p")?.compile() ?? {};
    const { root, components: known = {} } = compiled?.spec ?? {};
    const symbols = new Map(compiled?.bodies.map(({ executorLabel, symbol }) => [executorLabel, symbol]));
    const inside = (component: ComponentSpec): string[] =>
      component.dag
        ? Object.values(component.dag.tasks).flatMap((task) => inside(known[task.componentRef.name] ?? {}))
        : [symbols.get(component.executorLabel ?? "") ?? ""];
    return root?.dag ? inside(root).sort() : [];
  }

  test.each(Array.from({ length: count }, (_, index) => index))("number %i", { timeout: 60_000 }, (index) => {
    const whole = program(numbersOf(20261121, index));
    const start = whole.indexOf("\n", whole.lastIndexOf("export const p = ")) + 1;
    const lines = whole.slice(start).split("\n").slice(0, -2);
    let before = whole.slice(0, start);
    let finished: readonly string[] = [];
    for (let i = 0; i < lines.length; i++) {
      // A statement of the pipeline's own: what stands deeper belongs to it.
      let statement = `${lines[i] ?? ""}\n`;
      while (lines[i + 1] !== undefined && !/^ {2}[^ }]/.test(lines[i + 1] ?? "")) statement += `${lines[++i] ?? ""}\n`;
      for (let at = 1; at < statement.length; at += 13) {
        const text = before + statement.slice(0, at);
        const shown = stepsOf(`${text}${closed(text)}`);
        const left = [...shown];
        const missing = finished.filter(
          (each) => !left.includes(each) || left.splice(left.indexOf(each), 1).length === 0,
        );
        expect(missing, `behind ${JSON.stringify(text.slice(-60))}`).toEqual([]);
      }
      before += statement;
      finished = stepsOf(`${before}});\n`);
    }
  });
});
