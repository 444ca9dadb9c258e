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
