/** Any text gives an answer: the sample and the twins cut at every place, and with pieces missing. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Files } from "../../../language/source.ts";
import { analyzeTypeScript } from "../../../language/typescript/front-end.ts";
import { diskFiles } from "../../../runtime/compile/disk.ts";

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

describe("a recorded edit", () => {
  const before = `import { component, pipeline, run, type Dataset, type Output } from "millrace";
const load = component({}, ({ data }: { data: Output<Dataset> }) => {});
const use = component({}, ({ data }: { data: Dataset }) => {});
const look = component({}, ({ text }: { text: string }): { flag: string; names: string[] } => ({ flag: text, names: [] }));
export const p = pipeline({}, () => {
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
