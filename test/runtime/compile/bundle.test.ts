import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { bundleBody } from "../../../runtime/compile/bundle.ts";
import { diskFiles } from "../../../runtime/compile/disk.ts";
import { programContainer, programOf } from "../../../runtime/compile/node-program.ts";

const signature = { lists: [], statuses: [], configs: [], outputs: {} };
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
});

function folderWith(files: Readonly<Record<string, string>>, name = "work"): string {
  const folder = join(mkdtempSync(join(tmpdir(), "bundle-")), name);
  folders.push(dirname(folder));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const bundle = (folder: string, symbol: string, packages: readonly string[] = []) =>
  bundleBody({ path: join(folder, "pipeline.ts"), symbol, packages }, signature, diskFiles());

const pipeline = `import { component as define, pipeline } from "millrace";
import { train } from "./steps.py";
import { shout } from "./lib/shout.ts";
import pad from "pad";
import heavy from "heavy";

export const first = define({}, ({ text }: { text: string }) => {
  if (text === "") throw new Error("nothing to say");
  console.log(pad(shout(text)));
});

export const second = define({ packages: ["heavy@1"] }, () => { console.log(heavy.secret); });
export const all = pipeline({}, () => { first({ text: "a" }); second(); train(); });
`;
const files = {
  "pipeline.ts": pipeline,
  "steps.py": "not for bundlers",
  "lib/shout.ts": "export const shout = (text: string): string => text.toUpperCase();\n",
  "node_modules/pad/package.json": '{ "name": "pad", "version": "1.0.0", "main": "index.js" }',
  "node_modules/pad/index.js": 'const { EOL } = require("os"); module.exports = (text) => `[${text}]${EOL.length}`;\n',
};

test("holds what the body uses and nothing of the other components", async () => {
  const { source } = await bundle(folderWith(files), "first");
  expect(source).toContain("toUpperCase");
  expect(source).toContain("[${text}]");
  expect(source).not.toContain("secret");
  expect(source).not.toMatch(/from "heavy"|import "heavy"/);
});

test("packages of the image stay imports", async () => {
  const { source, packages } = await bundle(folderWith(files), "second", ["heavy@1"]);
  expect(source).toMatch(/import heavy from "heavy"/);
  expect(packages).toEqual(["heavy@1"]);
  const { command = [] } = programContainer({ image: "node" }, { source, packages });
  expect(command[2]).toContain(
    "npm install --prefix \"$program\" --no-save --no-audit --no-fund --loglevel=error 'heavy@1'\n",
  );
});

test("is the same in every folder", async () => {
  const one = await bundle(folderWith(files), "first");
  const two = await bundle(folderWith(files, "some/where else"), "first");
  expect(two).toEqual(one);
});

test("an edit elsewhere in the file changes neither program nor map", async () => {
  const one = await bundle(folderWith(files), "first");
  const edited = pipeline.replace("train();", "train(); second();").replace("heavy.secret", "heavy.other");
  expect(await bundle(folderWith({ ...files, "pipeline.ts": edited }), "first")).toEqual(one);
});

test("an edit above moves the map only", async () => {
  const one = await bundle(folderWith(files), "first");
  const two = await bundle(folderWith({ ...files, "pipeline.ts": `\n\n${pipeline}` }), "first");
  expect(two.source).toBe(one.source);
  expect(two.sourceMap).not.toBe(one.sourceMap);
});

test("an error names its line in the .ts file", async () => {
  const container = programContainer({ image: "node" }, await bundle(folderWith(files), "first"));
  const [shell = "", ...command] = container.command ?? [];
  const input = JSON.stringify({
    inputs: { parameterValues: { text: "" } },
    outputs: { outputFile: join(tmpdir(), "out.json") },
  });
  const variables = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));
  const done = spawnSync(shell, [...command, "--executor_input", input], {
    encoding: "utf8",
    env: { ...process.env, ...variables },
  });
  expect(done.status).toBe(1);
  expect(done.stderr).toContain("Error: nothing to say");
  expect(done.stderr).toMatch(/pipeline\.ts:8:\d+/);
});

test.each([
  ["an import when it is needed", 'const { made } = await import("./lib/made.ts"); console.log(made);', "made here"],
  [
    "an import of a name that only the run knows",
    'const { sep } = await import(["node", "path"].join(":")); console.log(sep);',
    "/",
  ],
  ["require", 'const { made } = require("./lib/made.cjs"); console.log(made);', "made there"],
  ["eval, which sees the body's names", 'const y = 5; console.log(eval("3 + y"));', "8"],
  ["modules that import each other", "console.log(even(10));", "true"],
])("runs %s", async (_, body, out) => {
  const folder = folderWith({
    "pipeline.ts": `import { component } from "millrace";\nimport { even } from "./lib/even.ts";\nexport const it = component({}, async () => { ${body} void even; });\n`,
    "lib/made.ts": 'export const made = "made here";\n',
    "lib/made.cjs": 'exports.made = "made there";\n',
    "lib/even.ts":
      'import { odd } from "./odd.ts";\nexport const even = (n: number): boolean => n === 0 || odd(n - 1);\n',
    "lib/odd.ts":
      'import { even } from "./even.ts";\nexport const odd = (n: number): boolean => n !== 0 && even(n - 1);\n',
  });
  writeFileSync(join(folder, "component.mjs"), (await bundle(folder, "it")).source);
  const input = JSON.stringify({ inputs: {}, outputs: { outputFile: join(folder, "out.json") } });
  const done = spawnSync(process.execPath, ["component.mjs", "--executor_input", input], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(done.stderr).toBe("");
  expect(done.stdout).toBe(`${out}\n`);
});

test("long programs go in pieces and come back whole", () => {
  const source = `const text = "${"ü".repeat(200_000)}";\n${"// 𝄞 line\n".repeat(20_000)}`;
  const container = programContainer(
    { image: "node", env: [{ name: "A", value: "b" }] },
    { source, packages: ["a@1", "@b/c"] },
  );
  for (const each of container.command ?? []) expect(Buffer.byteLength(each)).toBeLessThan(131_072);
  expect(programOf(container)).toEqual({ source, packages: ["a@1", "@b/c"] });
  expect(programOf({ image: "python", command: ["sh", "-ec", "echo"] })).toBeUndefined();
});

describe("says what is wrong", () => {
  const body = (text: string) => ({
    "pipeline.ts": `import { component } from "millrace";\n${text}`,
    "node_modules/addon/package.json": '{ "name": "addon", "version": "1.0.0", "main": "addon.node" }',
    "node_modules/addon/addon.node": "binary",
    "big.ts": `export const big = "${"x".repeat(600 * 1024)}";`,
  });
  test.each([
    [
      "a package that is not there",
      'import x from "not-here";\nexport const a = component({}, () => x());',
      /pipeline\.ts:2:15: Could not resolve "not-here"/,
      /npm install not-here/,
    ],
    [
      "a file that is not there",
      'import x from "./not-here.ts";\nexport const a = component({}, () => x());',
      /Could not resolve/,
      /path of the import/,
    ],
    ["a native add-on", 'import x from "addon";\nexport const a = component({}, () => x());', /\.node/, /`packages`/],
    [
      "too much",
      'import { big } from "./big.ts";\nexport const a = component({}, () => console.log(big));',
      /512 KiB is the limit\. Largest: big\.ts \(\d+ KiB\)/,
      /`packages`/,
    ],
  ])("%s", async (_, text, message, action) => {
    const error: unknown = await bundle(folderWith(body(text)), "a").catch((problem: unknown) => problem);
    expect(error).toMatchObject({
      name: "UserError",
      exit: 2,
      message: expect.stringMatching(message) as string,
      action: expect.stringMatching(action) as string,
    });
  });
});
