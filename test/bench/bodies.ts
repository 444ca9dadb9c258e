/** What components in TypeScript cost: to bundle, and to start. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleBody } from "../../runtime/compile/bundle.ts";
import { diskFiles } from "../../runtime/compile/disk.ts";
import { placeProgram } from "../../runtime/local/node.ts";

const modules = 20;

/** A component over `modules` local modules, each with some code of its own. */
function writeComponent(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < modules; index++)
    writeFileSync(
      join(folder, `part${index}.ts`),
      [
        ...(index + 1 < modules ? [`import { count as deeper } from "./part${index + 1}.ts";`] : []),
        "export interface Row { readonly name: string; readonly value: number }",
        "export function count(rows: readonly Row[]): number {",
        "  const known = new Map<string, number>();",
        "  for (const { name, value } of rows) known.set(name, (known.get(name) ?? 0) + value);",
        `  return known.size + ${index + 1 < modules ? "deeper(rows)" : "0"};`,
        "}",
        "",
      ].join("\n"),
    );
  const path = join(folder, "pipeline.ts");
  writeFileSync(
    path,
    [
      'import { component, pipeline, type Int } from "millrace";',
      'import { count } from "./part0.ts";',
      "export const step = component({}, ({ n }: { n: Int }): Int => {",
      '  console.log("begun");',
      '  return count([{ name: "a", value: n }]);',
      "});",
      "export default pipeline({}, () => { step({ n: 1 }); });",
      "",
    ].join("\n"),
  );
  return path;
}

const signature = { lists: [], statuses: [], configs: [], outputs: { Output: "NUMBER_INTEGER" } } as const;

export interface Bodies {
  readonly modules: number;
  /** Milliseconds of one bundle, esbuild started. */
  readonly bundling: readonly number[];
  /** Milliseconds from the step's process started to the body's first line of output. */
  readonly starting: readonly number[];
  /** The same of a program of one line, no body. */
  readonly bare: readonly number[];
}

export async function measureBodies(folder: string, rounds: number): Promise<Bodies> {
  const path = writeComponent(folder);
  const body = { path, symbol: "step", packages: [] };
  const bundling: number[] = [];
  let program = await bundleBody(body, signature, diskFiles());
  for (let round = -3; round < rounds; round++) {
    const begun = performance.now();
    program = await bundleBody(body, signature, diskFiles());
    if (round >= 0) bundling.push(performance.now() - begun);
  }
  const place = join(folder, "step");
  mkdirSync(place);
  const command = await placeProgram(program, place, undefined);
  const line = join(folder, "line.mjs");
  writeFileSync(line, 'console.log("begun");\n');
  const input = {
    inputs: { parameterValues: { n: 1 } },
    outputs: {
      parameters: { Output: { outputFile: join(place, "Output") } },
      outputFile: join(place, "executor_output.json"),
    },
  };
  const starting: number[] = [];
  const bare: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const [one, other] = [
      await firstLine([...command, "--executor_input", JSON.stringify(input)]),
      await firstLine(["node", line]),
    ];
    if (round < 0) continue;
    starting.push(one);
    bare.push(other);
  }
  return { modules, bundling, starting, bare };
}

/** Milliseconds until it says "begun". Throws where it ends without. */
function firstLine([, ...args]: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let took: number | undefined;
    child.stdout.on("data", (data: Buffer) => {
      if (data.includes("begun")) took ??= performance.now() - begun;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0 && took !== undefined) resolve(took);
      else reject(new Error(`A step's program ended with ${code} and has not begun.`));
    });
  });
}
