/** Reads bad inputs by their names, in a process with little memory; says what came of each, one a line. */
import { createWorkspace } from "../../language/workspace.ts";
import { lineStarts, positionAt } from "../../language/source.ts";
import { badInputs } from "./bad-input.ts";

export interface Outcome {
  readonly name: string;
  /** The first of them, as `code: message`, with the lines. */
  readonly said: readonly (readonly [what: string, line: number])[];
  readonly count: number;
  readonly ms: number;
}

const options = { sdkVersion: "2.17.0", roots: [], env: {} };

async function outcome(name: string): Promise<Outcome> {
  const input = badInputs[name];
  if (!input) throw new Error(name);
  const path = `/w/${input.file}`;
  const texts: Record<string, string> = { [input.file]: input.text(), ...input.others };
  const files = {
    read: (asked: string) => texts[asked.replace("/w/", "")],
    list: (folder: string) => (folder === "/w" ? Object.keys(texts) : []),
  };
  const begun = performance.now();
  const workspace = createWorkspace(files, () => options);
  const { diagnostics } = await workspace.analysis(path);
  const { definitions } = await workspace.analysis(path);
  for (const { symbol } of definitions.slice(-1)) await workspace.compiled(path, symbol);
  const ms = Math.round(performance.now() - begun);
  const starts = lineStarts(texts[input.file] ?? "");
  const said = diagnostics
    .slice(0, 20)
    .map(
      ({ code, message, span }) =>
        [`${code}: ${message.slice(0, 200)}`, positionAt(starts, span.start).line + 1] as const,
    );
  return { name, said, count: diagnostics.length, ms };
}

for (const name of process.argv.slice(2)) console.log(JSON.stringify(await outcome(name)));
