/**
 * The declarations under each TypeScript that people have, and each way in which they set it up: what is inferred, and
 * what is refused. The TypeScripts beside the project's own are pinned in package-lock.json here.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeTypes } from "../../language/types-folder.ts";
import { workspaceTypes } from "../../runtime/compile/declarations.ts";
import { diskFiles } from "../../runtime/compile/disk.ts";

const project = join(import.meta.dirname, "../..");
const versions = {
  "5.9": join(import.meta.dirname, "node_modules/typescript-5.9/bin/tsc"),
  "6.0": join(project, "node_modules/typescript/bin/tsc"),
  "7.0": join(import.meta.dirname, "node_modules/typescript-7/bin/tsc"),
};

const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true };
/** Of a `tsconfig.json`: how people have it. */
const settings = {
  "ES modules of Node": { ...strict, target: "es2023", module: "nodenext", verbatimModuleSyntax: true },
  "a bundler": { ...strict, target: "es2022", module: "esnext", moduleResolution: "bundler" },
  CommonJS: { ...strict, target: "es2022", module: "node16" },
  "not strict": { target: "es2020", module: "nodenext", noEmit: true },
};

const open: string[] = [];
beforeAll(() => {
  if (existsSync(versions["5.9"]) && existsSync(versions["7.0"])) return;
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: import.meta.dirname, stdio: ["ignore", 2, 2] });
}, 120_000);
afterAll(() => {
  for (const folder of open) rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
});

function folder(type: "module" | "commonjs"): string {
  const made = mkdtempSync(join(tmpdir(), "types-"));
  open.push(made);
  writeFileSync(join(made, "package.json"), JSON.stringify({ type }));
  return made;
}

function tsc(version: keyof typeof versions, cwd: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [versions[version], "--pretty", "false", ...args], {
    cwd,
    encoding: "utf8",
  });
  return stdout + stderr;
}

const versionNames = ["5.9", "6.0", "7.0"] as const;
const cases = versionNames.flatMap((version) =>
  Object.entries(settings).map(([name, options]) => ({ version, name, options })),
);

test.each(cases)("TypeScript $version, $name", { timeout: 60_000 }, async ({ version, name, options }) => {
  const root = folder(name === "CommonJS" ? "commonjs" : "module");
  const files = "strict" in options ? ["inference.ts", "errors.ts"] : ["inference.ts"];
  for (const file of ["steps.py", ...files]) cpSync(join(import.meta.dirname, "fixtures", file), join(root, file));
  writeTypes(root, await workspaceTypes(root, diskFiles()));
  const config = { extends: "./.millrace/tsconfig.json", compilerOptions: { types: [], ...options }, files };
  writeFileSync(join(root, "tsconfig.json"), JSON.stringify(config));
  expect(tsc(version, root, [])).toBe("");
});

/** As `npm install -D millrace` leaves it. */
function installPackage(root: string): void {
  const target = join(root, "node_modules/millrace");
  const declarations = join(target, "dist/compile/millrace.d.ts");
  mkdirSync(dirname(declarations), { recursive: true });
  cpSync(join(project, "package.json"), join(target, "package.json"));
  cpSync(join(project, "language/millrace.d.ts"), declarations);
}

const loose = `import { component, pipeline, type Int } from "millrace";
const twice = component({}, ({ n }: { n: Int }) => ({ n: n * 2 }));
export default pipeline({}, ({ n = 1 }: { n?: Int }) => {
  const made: number = twice({ n }).n;
  twice({ n: made });
  twice({ n: "x" });
});
`;

test.each(versionNames)("TypeScript %s, the npm package and no tsconfig.json", { timeout: 60_000 }, (version) => {
  const root = folder("module");
  installPackage(root);
  writeFileSync(join(root, "pipeline.ts"), loose);
  const said = tsc(version, root, ["--noEmit", "--ignoreConfig", "pipeline.ts"].slice(version === "5.9" ? 2 : 0));
  expect(said.match(/pipeline\.ts\(\d+,\d+\): error TS\d+/g)).toEqual(["pipeline.ts(6,11): error TS2322"]);
});
