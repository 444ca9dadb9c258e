/** The npm package as somebody installs it: what is in it is enough to make a project, check its types and run it. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const project = join(import.meta.dirname, "..");
const built = existsSync(join(project, "dist/millrace.js"));
if (!built) console.log("The npm package is not tried: `npm run build` has not made dist/.");

describe.skipIf(!built)("npm install -D millrace", () => {
  let root = "";

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "package-"));
    const modules = join(root, "node_modules");
    mkdirSync(join(modules, "millrace"), { recursive: true });
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", root], { cwd: project });
    const packed = readdirSync(root).find((file) => file.endsWith(".tgz")) ?? "";
    execFileSync("tar", ["-xzf", join(root, packed), "-C", join(modules, "millrace"), "--strip-components=1"]);
    // What npm installs beside it.
    for (const name of ["better-sqlite3", "bindings", "file-uri-to-path", "esbuild", "@esbuild"])
      if (existsSync(join(project, "node_modules", name)))
        symlinkSync(join(project, "node_modules", name), join(modules, name));
    writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  }, 60_000);
  afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 9 }));

  function millrace(...args: readonly string[]): { status: number | null; out: string; err: string } {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "node_modules/millrace/dist/millrace.js"), ...args],
      { cwd: root, encoding: "utf8", env: { ...process.env, MILLRACE_CACHE: join(root, "cache") } },
    );
    return { status, out: stdout, err: stderr };
  }

  test("makes a project, whose types are right, and runs it", { timeout: 120_000 }, () => {
    expect(millrace("init", "hello")).toMatchObject({ status: 0 });
    const tsc = join(project, "node_modules/typescript/bin/tsc");
    expect(spawnSync(process.execPath, [tsc, "-p", join(root, "hello")], { encoding: "utf8" })).toMatchObject({
      status: 0,
      stdout: "",
    });
    const run = millrace("run", "hello/pipeline.ts", "--json");
    expect(run, run.err).toMatchObject({ status: 0 });
    expect(run.out).toContain('"SUCCEEDED"');
    const python = millrace("init", "python", "--language", "py");
    expect(python).toMatchObject({ status: 0 });
    expect(millrace("compile", "python/pipeline.py", "-o", "p.yaml")).toMatchObject({ status: 0 });
  });

  test("imported in plain Node, a pipeline says what runs it", () => {
    writeFileSync(join(root, "plain.mjs"), 'import { pipeline } from "millrace";\npipeline({}, () => {})();\n');
    const { status, stderr } = spawnSync(process.execPath, ["plain.mjs"], { cwd: root, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/millrace run/);
  });
});
