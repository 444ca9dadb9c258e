/** TypeScript sources of the tests of what editors ask. */
import type { Analysis } from "../../../../language/analyze.ts";
import type { Files } from "../../../../language/source.ts";
import { analyzeTypeScript } from "../../../../language/typescript/front-end.ts";
import type { Mark } from "../../../../language/typescript/marks.ts";
import { memoryFiles } from "../../python/check.ts";

export const path = "/w/pipeline.ts";
export const options = { sdkVersion: "2.17.0", roots: [], env: {} };

export const head = `import { component, importer, parallel, pipeline, run, type Dataset, type Int, type Output } from "millrace";
export const load = component({}, ({ data }: { data: Output<Dataset> }): { rows: Int; names: string[]; ok: boolean } => ({ rows: 1, names: [], ok: true }));
export const say = component({}, ({ text }: { text: string }) => \`\${text}!\`);
export const use = component({}, ({ data }: { data: Dataset }) => {});
`;

export interface Analyzed {
  readonly text: string;
  readonly files: Files;
  readonly analysis: Analysis;
  readonly marks: readonly Mark[];
}

/** The file `/w/pipeline.ts` of a text, beside others of `/w`. */
export function analyzed(text: string, others: Readonly<Record<string, string>> = {}): Analyzed {
  const all = Object.entries(others).map(([name, content]) => [`/w/${name}`, content] as const);
  const files = memoryFiles({ [path]: text, ...Object.fromEntries(all) });
  const analysis = analyzeTypeScript(path, files, options);
  const marks = analysis.definitions.flatMap((each) => each.compile().marks ?? []);
  return { text, files, analysis, marks };
}
