/** Files and folders that are wrong, as the command line answers them: the place, the words, the status, what is still drawn. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeFolder, workspaceAt } from "../../../runtime/store/workspace.ts";
import { millrace, start } from "./millrace.ts";
import { shellPipeline } from "./steps.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-bad-"));
  // A workspace of its own, whatever lies above it.
  mkdirSync(join(folder, ".millrace/runs"), { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
});

function write(name: string, content: string | Buffer): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const py = `from kfp import dsl

@dsl.component
def add(a: int, b: int) -> int:
    return a + b

@dsl.pipeline
def p(x: int = 1):
`;
const ts = `import { component, pipeline, type Int } from "millrace";
const add = component({}, ({ a, b }: { a: Int; b: Int }): Int => a + b);
export const p = pipeline({}, ({ x = 1 }: { x?: Int }) => {
`;

// biome-ignore format: one row a case
const sources: readonly (readonly [what: string, name: string, text: string | Buffer, said: RegExp, drawn: RegExp])[] = [
  ["a syntax error", "p.py", `${py}    add(a=x, b=2)\n    add(a=1, b=3\n`, /^p\.py:10:8: error syntax-error Syntax error: "\(" was never closed\.$/m, /●  add/],
  ["a syntax error", "p.ts", `${ts}  add({ a: x, b: 2 });\n  add({ a: 1, b: 3 ;\n});\n`, /^p\.ts:5:20: error syntax-error Syntax error: ',' expected\.$/m, /●  add/],
  ["an unknown component", "p.py", `${py}    add(a=x, b=2)\n    ad(a=1, b=3)\n`, /^p\.py:10:5: error undefined-name "ad" is not defined\.$/m, /●  add/],
  ["an unknown component", "p.ts", `${ts}  add({ a: x, b: 2 });\n  ad({ a: 1, b: 3 });\n});\n`, /^p\.ts:5:3: error undefined-name "ad" is not defined\.$/m, /●  add/],
  ["a missing argument", "p.py", `${py}    add(a=x)\n`, /^p\.py:9:5: error missing-inputs "add" also needs "b"\.$/m, /●  add/],
  ["a missing argument", "p.ts", `${ts}  add({ a: x });\n});\n`, /^p\.ts:4:3: error missing-inputs "add" also needs "b"\.$/m, /●  add/],
  ["a wrong type", "p.py", `${py}    add(a=x, b="three")\n`, /^p\.py:9:16: error argument-type Input "b" of "add" takes an integer, not a string\.$/m, /●  add/],
  ["a wrong type", "p.ts", `${ts}  add({ a: x, b: "three" });\n});\n`, /^p\.ts:4:18: error argument-type Input "b" of "add" takes an integer, not a string\.$/m, /●  add/],
  ["a step for its output", "p.ts", `${ts}  const one = add({ a: x, b: 1 });\n  add({ a: one, b: 2 });\n});\n`, /^p\.ts:5:12: error wrong-value .* Name the output: `step\.output`\.$/m, /●  add-2/],
  ["an import that leads nowhere", "p.py", `from .nowhere import sub\n${py}    add(a=x, b=2)\n`, /^p\.py:1:6: error unresolved-import/m, /●  add/],
  ["an import that leads nowhere", "p.ts", `import { sub } from "./nowhere.py";\n${ts}  add({ a: x, b: 2 });\n  sub({ a: 1 });\n});\n`, /^p\.ts:1:10: error unresolved-import The import "\.\/nowhere\.py" leads to no file\.$/m, /●  add/],
  ["a package in a pipeline", "p.ts", `import { cos } from "package";\n${ts}  add({ a: cos(1), b: 2 });\n});\n`, /^p\.ts:1:10: error no-meaning A value of the package "package" /m, /●  add/],
  ["no steps", "p.py", `${py}    pass\n`, /^p\.py:8:5: error pipeline-empty The pipeline has no task\.$/m, /no steps/],
  ["no steps", "p.ts", `${ts}});\n`, /^p\.ts:3:14: error pipeline-empty The pipeline has no task\.$/m, /no steps/],
  ["text that is not UTF-8", "p.py", Buffer.from("# fine\n# caf\xe9\n", "latin1"), /^p\.py:2:6: error not-utf8 .* Save it as UTF-8\.$/m, /^$/],
  ["text that is not UTF-8", "p.ts", Buffer.from("// fine\n// caf\xe9\n", "latin1"), /^p\.ts:2:7: error not-utf8 .* Save it as UTF-8\.$/m, /^$/],
];

describe("a file with an error in it", () => {
  test.each(sources)("%s: %s", async (_, name, text, said, drawn) => {
    write(name, text);
    const checked = await millrace(folder, "check", name);
    expect(checked.out).toMatch(said);
    expect(
      checked.out
        .trim()
        .split("\n")
        .filter((line) => line.includes("missing-inputs")).length,
    ).toBe(Number(said.source.includes("missing-inputs")));
    expect(checked.status).toBe(2);
    const graph = await millrace(folder, "graph", name);
    expect(graph.err).toMatch(said);
    expect(graph.out).toMatch(drawn);
    expect(graph.status).toBe(2);
  });

  test("a cycle is refused before anything runs", async () => {
    write("p.py", `${py}    one = add(a=x, b=2)\n    two = add(a=one.output, b=3)\n    one.after(two)\n`);
    const { err, status } = await millrace(folder, "run", "p.py");
    expect(err).toMatch(/^p\.py:9:11: error dependency-cycle These wait for one another: "add", "add-2"\.$/m);
    expect(status).toBe(2);
  });
});

describe("what is no file of a pipeline", () => {
  test.each([
    [["check", "folder.py"], 2, /folder\.py is a folder\. Name a file in it\./],
    [["run", "."], 2, /\. is a folder\. Name a file in it\./],
    [["graph", "huge.py"], 2, /huge\.py is too large to be a pipeline: 33 MiB\./],
    [["check", "folder.py", "fine.yaml"], 2, /folder\.py is a folder/],
    [["run", "fine.yaml", "--params", "half.json"], 2, /half\.json is not JSON\. Write one JSON object/],
    [["run", "fine.yaml", "--params", "list.json"], 2, /list\.json is not a JSON object/],
    [
      ["run", "fine.yaml", "-p", "nope=1"],
      2,
      /^error: The parameters do not fit the pipeline: there is no input nope\./,
    ],
    [
      ["run", "p.py", "-p", "x=abc"],
      2,
      /^error: The parameters do not fit the pipeline: input x is "abc", which is not a whole number\./,
    ],
    [["retry", "nope"], 2, /There is no run nope/],
  ])("millrace %j", async (args, status, said) => {
    mkdirSync(join(folder, "folder.py"));
    write("fine.yaml", shellPipeline({ a: "true" }));
    write("half.json", "{");
    write("list.json", "[1]");
    write("huge.py", "#".repeat(33 * 1024 * 1024));
    write("p.py", `${py}    add(a=x, b=2)\n`);
    const ended = await millrace(folder, ...args);
    expect(ended.out + ended.err).toMatch(said);
    expect(ended.status).toBe(status);
  });

  test.skipIf(process.platform === "win32")("a pipe that nobody writes to is not waited for", async () => {
    for (const name of ["p.py", "p.ts", "p.yaml"]) {
      execFileSync("mkfifo", [join(folder, name)]);
      const { err, status } = await millrace(folder, "check", name);
      expect(err).toMatch(/is no ordinary file\. Write what it gives to a file first\./);
      expect(status).toBe(2);
    }
  });
});

test("a file where the history should be a folder", () => {
  write("inner/.millrace", "");
  expect(() => makeFolder(workspaceAt(join(folder, "inner")))).toThrow(
    expect.objectContaining({
      code: "not-a-folder",
      exit: 3,
      action: expect.stringMatching(/^Move it away/) as string,
    }),
  );
});

test("a folder with spaces and letters of any script", async () => {
  write("mühle ✓ 水/p q.yaml", shellPipeline({ a: "echo here" }));
  const ended = await millrace(join(folder, "mühle ✓ 水"), "run", "p q.yaml");
  expect(ended.status).toBe(0);
  expect((await millrace(join(folder, "mühle ✓ 水"), "logs", "latest")).out).toMatch(/here/);
});

test("a machine without Python: what is missing, and what still works", async () => {
  write("p.py", `${py}    add(a=x, b=2)\n`);
  mkdirSync(join(folder, "empty"));
  const { err, status } = await start(folder, ["run", "p.py"], {
    PATH: join(folder, "empty"),
    MILLRACE_CACHE: join(folder, "cache"),
  }).ended;
  expect(err).toMatch(
    /Neither python3 nor python is on the PATH\..* Everything but running Python steps on this machine works without/,
  );
  expect(status).not.toBe(0);
});

test("retry: what failed runs again, the rest comes from the cache", async () => {
  write("p.yaml", shellPipeline({ a: "true", b: `test -e "${folder}/flag"`, c: "echo c" }));
  expect((await millrace(folder, "run", "p.yaml")).status).toBe(1);
  write("flag", "");
  const again = await millrace(folder, "retry");
  expect(again.status).toBe(0);
  expect(again.out).toMatch(/1 of 3 steps came from the cache\./);
  const nothing = await millrace(folder, "retry");
  expect(nothing.err).toMatch(/succeeded: there is nothing left to do/);
  expect(nothing.status).toBe(2);
});

test.skipIf(process.platform !== "linux")("a full disk behind stdout: said, and the run is kept", async () => {
  write("p.yaml", shellPipeline({ a: "true" }));
  const entry = join(import.meta.dirname, "../../../runtime/cli/millrace.ts");
  const said = execFileSync(
    "sh",
    ["-c", `"${process.execPath}" "${entry}" run p.yaml 2>err >/dev/full; echo $?; cat err`],
    { cwd: folder, encoding: "utf8" },
  );
  expect(said).toMatch(/^3\n[^]*error: The output cannot be written: the disk is full\./);
  expect((await millrace(folder, "runs")).out).toMatch(/succeeded/);
});
