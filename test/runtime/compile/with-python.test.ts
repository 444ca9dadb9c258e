/** "Compile with Python": with the real SDK where it can be had, and with interpreters that are not as they should be. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analyzeFile } from "../../../language/analyze-file.ts";
import { type PythonResult, withPython } from "../../../language/python/by-python.ts";
import { lineStarts, positionAt } from "../../../language/source.ts";
import { compileFile } from "../../../runtime/compile/compile-file.ts";
import { diskFiles } from "../../../runtime/compile/disk.ts";
import { interpreters } from "../../../runtime/compile/interpreters.ts";
import { compileWithPython, type PythonCompileOptions } from "../../../runtime/compile/with-python.ts";
import { findProgram } from "../../../runtime/local/paths.ts";
import { UserError } from "../../../runtime/user-error.ts";
import { realKfp } from "../../support/real-kfp.ts";

const kfp = realKfp();
const python = join(dirname(kfp ?? ""), "python");
const root = mkdtempSync(join(tmpdir(), "millrace compile ünder "));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 9 }));

function write(name: string, text: string): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const said: string[] = [];
const compile = (path: string, more: Partial<PythonCompileOptions> = {}): Promise<PythonResult> =>
  compileWithPython(path, { root, python, timeoutMs: 60_000, say: (line) => said.push(line), ...more });

async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error: unknown = await work.then(
    () => new Error("It was compiled."),
    (reason: unknown) => reason,
  );
  if (error instanceof UserError) return error;
  throw error;
}

function made(result: PythonResult): PythonResult & { readonly kind: "compiled" } {
  if (result.kind === "compiled") return result;
  throw new Error(result.raised.message);
}

const component = `from kfp import dsl


@dsl.component(base_image="python:3.11")
def measure(name: str) -> int:
    return len(name)
`;
const unknowable = `${component}

import subprocess

names = subprocess.check_output(["echo", "one two three"], text=True).split()


@dsl.pipeline(name="Not to be known")
def counted(rows: int = 10):
    ü, first = "ü", measure(name="ü")
    with dsl.ParallelFor([1, 2]):
        for name in names:
            measure(name=name)
`;

describe.skipIf(kfp === undefined)("with the real SDK", { timeout: 120_000 }, () => {
  let path: string;
  let result: PythonResult & { readonly kind: "compiled" };
  beforeAll(async () => {
    path = write("counted.py", unknowable);
    result = made(await compile(path));
  });

  test("the YAML is that of kfp dsl compile, byte for byte", async () => {
    const theirs = join(root, "theirs.yaml");
    execFileSync(kfp ?? "", ["dsl", "compile", "--py", path, "--output", theirs], {
      stdio: "pipe",
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    });
    const file = await compileFile(path, { withPython: () => Promise.resolve(result) });
    expect(file.yaml).toBe(readFileSync(theirs, "utf8"));
    expect(file.definition.byPython).toEqual({ python: result.python, kfp: "2.17.0", older: false });
  });

  test("components are compiled too, and what is only imported is not", async () => {
    write("steps.py", component);
    const importing = write(
      "importing.py",
      `from kfp import dsl\nfrom steps import measure\nalias = measure\n\n@dsl.pipeline\ndef p():\n    measure(name="a")\n\nq = p\n`,
    );
    const { definitions, sources } = made(await compile(importing));
    expect(definitions.map(({ kind, symbol }) => [kind, symbol])).toEqual([
      ["component", "alias"],
      ["pipeline", "p"],
    ]);
    expect(Object.keys(sources).sort()).toEqual([importing, join(root, "steps.py")].sort());
  });

  test("tasks and groups lead to the expressions that make them", async () => {
    const analysis = withPython(await analyze(path), result, diskFiles());
    const pipeline = analysis.definitions.find(({ kind }) => kind === "pipeline");
    const map = pipeline?.compile().compiled?.sourceMap;
    const text = (task: string) => {
      const span = map?.get(task);
      return span && unknowable.slice(span.start, span.end);
    };
    const [, minor = 0] = result.python.split(".").map(Number);
    // Older ones know the line only.
    if (minor < 11) expect(text("root.measure")).toBe('ü, first = "ü", measure(name="ü")');
    else expect(text("root.measure")).toBe('measure(name="ü")');
    expect(text("root.for-loop-2.measure-3")).toBe("measure(name=name)");
    expect(text("root.for-loop-2")).toBe("with dsl.ParallelFor([1, 2]):");
  });

  test("steps of nested pipelines lead to theirs", async () => {
    const nested = write(
      "nested.py",
      `${component}

@dsl.pipeline
def inner():
    measure(name="in")

@dsl.pipeline
def outer():
    inner()
    inner()
    measure(name="out")
`,
    );
    const analysis = withPython(await analyze(nested), await compile(nested), diskFiles());
    const map = analysis.definitions.find(({ symbol }) => symbol === "outer")?.compile().compiled?.sourceMap;
    const lines = [...(map ?? [])].map(([task, span]) => [task, lineOf(nested, span.start)]);
    expect(Object.fromEntries(lines)).toEqual({
      "root.inner": 15,
      "root.inner-2": 16,
      "root.inner.measure": 11,
      "root.inner-2.measure": 11,
      "root.measure": 17,
    });
  });

  test("an If keeps its line when an Else comes to it", async () => {
    const branches = write(
      "branches.py",
      `${component}

@dsl.pipeline
def chosen(flag: bool):
    with dsl.If(flag == True):
        measure(name="a")
    with dsl.Else():
        measure(name="b")
`,
    );
    const analysis = withPython(await analyze(branches), await compile(branches), diskFiles());
    const map = analysis.definitions.find(({ symbol }) => symbol === "chosen")?.compile().compiled?.sourceMap;
    const lines = [...(map ?? [])].map(([task, span]) => [task, lineOf(branches, span.start)]);
    expect(Object.fromEntries(lines)).toEqual({
      "root.condition-branches-1": 11,
      "root.condition-branches-1.condition-2": 11,
      "root.condition-branches-1.condition-2.measure": 12,
      "root.condition-branches-1.condition-3": 13,
      "root.condition-branches-1.condition-3.measure-2": 14,
    });
  });

  test("nothing is written into the workspace, also not by what is imported", async () => {
    const before = readdirSync(root, { recursive: true });
    await compile(join(root, "importing.py"));
    expect(readdirSync(root, { recursive: true })).toEqual(before);
  });

  test("data of the workspace that was read is among the sources", async () => {
    const data = write("names.txt", "a b");
    const reading = write(
      "reading.py",
      `${component}\n@dsl.pipeline\ndef p():\n    for name in open("names.txt").read().split():\n        measure(name=name)\n`,
    );
    const { sources } = made(await compile(reading));
    expect(sources[data]).toBe("a b");
  });

  test("a file of a package may import its siblings, and a file of any name is imported", async () => {
    write("flows/__init__.py", "");
    write("flows/steps.py", component);
    const body = `from kfp import dsl\n\n@dsl.pipeline\ndef p():\n    measure(name="a")\n`;
    const relative = write("flows/relative.py", `from .steps import measure\n${body}`);
    expect(made(await compile(relative)).definitions.map(({ symbol }) => symbol)).toEqual(["p"]);
    const odd = write("0 odd-näme.v2.py", `from flows.steps import measure\n${body}`);
    expect(made(await compile(odd)).definitions.map(({ symbol }) => symbol)).toEqual(["p"]);
  });

  test("modules of the workspace do not take the place of Python's own or of kfp's", async () => {
    write("shadow/json.py", "raise ValueError('not this one')");
    write("shadow/kfp.py", "raise ValueError('not this one')");
    const shadowed = write("shadow/pipeline.py", `${component}\n@dsl.pipeline\ndef p():\n    measure(name="a")\n`);
    expect(made(await compile(shadowed)).definitions).toHaveLength(2);
  });

  test("what a file raises is said at its line, with the traceback", async () => {
    const raising = write(
      "raising.py",
      `from kfp import dsl\n\ndef broken():\n    raise ValueError("no répertoire")\n\nbroken()\n`,
    );
    said.length = 0;
    const raised = await compile(raising);
    expect(raised).toMatchObject({
      kind: "raised",
      raised: { message: "ValueError: no répertoire", path: raising, line: 3 },
    });
    expect(said.join("\n")).toContain(`File "${raising}", line 6, in <module>`);
    expect(said.join("\n")).not.toContain("<string>");
    const { diagnostics } = withPython(await analyze(raising), raised, diskFiles());
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ["python-raised", "Python could not compile it: ValueError: no répertoire"],
    ]);
  });

  test.each([
    ["a module that is not installed", "import acme_steps", "ModuleNotFoundError: No module named 'acme_steps'", 0],
    ["a syntax error", "\nx = (1,\n", /^SyntaxError: /, 1],
    ["an end of its own", "import sys\nsys.exit(3)", "SystemExit: 3", 1],
    ["what kfp refuses", `${component}\n@dsl.pipeline\ndef p():\n    measure(nam="a")\n`, /^TypeError: measure/, 9],
  ])("%s is its own fault", async (_, text, message, line) => {
    const raised = await compile(write("faulty.py", text));
    expect(raised).toMatchObject({
      kind: "raised",
      raised: { line, message: expect.stringMatching(message) as string },
    });
  });

  test("what fails only when it is written is of that pipeline alone", async () => {
    const mixed = write(
      "mixed.py",
      `${component}\n@dsl.pipeline\ndef good():\n    measure(name="a")\n\n@dsl.pipeline\ndef bad():\n    measure(name="a")\n\nbad.component_spec.implementation.graph = None\n`,
    );
    const compiled = await compile(mixed);
    const bad = made(compiled).definitions.find(({ symbol }) => symbol === "bad");
    expect(bad?.yaml).toBeUndefined();
    expect(bad?.raised?.message).toMatch(/Error/);
    await expect(
      compileFile(mixed, { pipeline: "good", withPython: () => Promise.resolve(compiled) }),
    ).resolves.toBeDefined();
    await expect(compileFile(mixed, { pipeline: "bad", withPython: () => Promise.resolve(compiled) })).rejects.toThrow(
      "has errors",
    );
  });

  test("an endless import is ended in time, with all that it started, and it is said where it was", async () => {
    const marker = join(root, "alive");
    const endless = write(
      "endless.py",
      [
        "import signal, subprocess, sys",
        `subprocess.Popen(["sh", "-c", "while sleep 0.1; do date > '${marker}'; done"])`,
        "print('began')",
        "n = 0",
        "while True:",
        "    n += 1",
      ].join("\n"),
    );
    const error = await refusal(compile(endless, { timeoutMs: 6000 }));
    expect(error.code).toBe("python-time");
    expect(error.message).toMatch(/endless\.py was not compiled within 6 s\. It was at line [56] of .*endless\.py\./);
    rmSync(marker, { force: true });
    await new Promise((done) => setTimeout(done, 500));
    expect(existsSync(marker)).toBe(false);
  });

  test("one that will not end is killed", async () => {
    const deaf = write(
      "deaf.py",
      "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)\n",
    );
    expect((await refusal(compile(deaf, { timeoutMs: 2000 }))).code).toBe("python-time");
  });

  test("it stops when it is told to", async () => {
    const stop = new AbortController();
    const slow = write("slow.py", "import time\ntime.sleep(600)\n");
    const work = refusal(compile(slow, { signal: stop.signal }));
    setTimeout(() => stop.abort(), 300);
    expect((await work).code).toBe("canceled");
  });

  test("one that is gone without a word, and one without pipelines, are told apart", async () => {
    const gone = await refusal(compile(write("gone.py", "import os\nprint('bye', flush=True)\nos._exit(7)\n")));
    expect([gone.code, gone.message]).toEqual([
      "python-ended",
      expect.stringMatching(/exit code 7 .*Its last words: bye$/),
    ]);
    const empty = await refusal(compile(write("empty.py", "x = 1\n")));
    expect([empty.code, empty.exit]).toEqual(["no-pipeline", 2]);
  });

  test("a printer without end neither fills memory nor hides the pipeline", async () => {
    const loud = write(
      "loud.py",
      `${component}\nfor _ in range(20000):\n    print("x" * 500)\n\n@dsl.pipeline\ndef p():\n    measure(name="a")\n`,
    );
    expect(made(await compile(loud)).definitions).toHaveLength(2);
  });
});

describe("interpreters", () => {
  const fakes = findProgram("python3", process.env);
  const plain = write("plain.py", "x = 1\n");
  /** A Python whose kfp is this. */
  const withModule = (name: string, text: string): Partial<PythonCompileOptions> => {
    write(`${name}/kfp/__init__.py`, text);
    return { python: "python3", env: { ...process.env, PYTHONPATH: join(root, name) } };
  };

  test.skipIf(fakes === undefined)("without kfp, with kfp 1, with a broken one: what to install is said", async () => {
    const none = withModule("none", `raise ModuleNotFoundError("No module named 'kfp'", name="kfp")\n`);
    const missing = await refusal(compile(plain, none));
    expect(missing.code).toBe("no-kfp");
    expect(missing.message).toMatch(/ has no kfp\.$/);
    expect(missing.action).toMatch(/-m pip install kfp\.$/);
    const old = await refusal(compile(plain, withModule("old", '__version__ = "1.8.22"\n')));
    expect([old.code, old.message]).toEqual(["old-kfp", expect.stringContaining("has kfp 1.8.22")]);
    expect(old.action).toContain("--upgrade kfp");
    const broken = await refusal(compile(plain, withModule("broken", 'raise ImportError("no protobuf")\n')));
    expect(broken.message).toContain("cannot import kfp: ImportError: no protobuf");
  });

  test("none at all, and one that is no interpreter", async () => {
    expect((await refusal(compile(plain, { python: "", env: { PATH: "" } }))).code).toBe("no-python");
    expect((await refusal(compile(plain, { python: join(root, "nowhere") }))).code).toBe("no-python");
    const script = write("not-python", "#!/bin/sh\necho no; exit 4\n");
    chmodSync(script, 0o755);
    expect((await refusal(compile(plain, { python: script }))).message).toContain("exit code 4");
  });

  test("what is no Python file is not compiled with Python", async () => {
    expect((await refusal(compile(write("a.ts", "")))).code).toBe("not-python");
    expect((await refusal(compile(join(root, "absent.py")))).code).toBe("not-python");
  });

  test("the likeliest comes first: preferred, active, of the workspace, named, on the PATH", () => {
    const program = (path: string): string => {
      const file = write(path, "#!/bin/sh\n");
      chmodSync(file, 0o755);
      return file;
    };
    const [chosen, active, near, far, named, plainOne] = [
      program("chosen/python"),
      program("active/bin/python3"),
      program("work/flows/.venv/bin/python3"),
      program("work/venv/bin/python"),
      program("named/python"),
      program("path/python3"),
    ];
    const env = { PATH: join(root, "path"), VIRTUAL_ENV: join(root, "active"), MILLRACE_PYTHON: named };
    const file = join(root, "work/flows/pipeline.py");
    const work = join(root, "work");
    expect(interpreters(file, work, { preferred: chosen }, env)).toEqual([chosen, active, near, far, named, plainOne]);
    expect(interpreters(file, work, { python: "venv", preferred: chosen }, env)).toEqual([far]);
    expect(interpreters(file, join(root, "elsewhere"), {}, env)).toEqual([active, near, named, plainOne]);
  });
});

const analyze = (path: string) => analyzeFile(path, diskFiles(), { sdkVersion: "2.17.0", roots: [root], env: {} });
const lineOf = (path: string, offset: number) => positionAt(lineStarts(readFileSync(path, "utf8")), offset).line + 1;
