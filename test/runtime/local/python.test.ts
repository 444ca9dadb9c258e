import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeReason } from "../../../runtime/events.ts";
import {
  contains,
  type EnvironmentSpec,
  explain,
  findPython,
  openEnvironments,
} from "../../../runtime/local/python.ts";
import { constant, integer, packageOf, runPackage, scratch, shell, task, text } from "./run-package.ts";

const needs = (packages: readonly string[], options: readonly string[] = [], python?: string): EnvironmentSpec => ({
  ...(python !== undefined && { python }),
  calls: [{ packages, options }],
});
const never = new AbortController().signal;

test("one environment serves another where it holds all of it in the same way", () => {
  expect(contains(needs(["a", "b"]), needs(["b"]))).toBe(true);
  expect(contains(needs(["b"]), needs(["a", "b"]))).toBe(false);
  expect(contains(needs(["a==2", "b"]), needs(["a==1"]))).toBe(false);
  expect(contains(needs(["a", "b"], ["--index-url", "u"]), needs(["b"]))).toBe(false);
  expect(contains(needs(["a", "b"], [], "3.11"), needs(["b"]))).toBe(false);
  expect(contains({ calls: [{ packages: ["a"], options: [] }], own: "x" }, needs(["a"]))).toBe(false);
});

describe("finding Python", () => {
  const machine = (programs: Readonly<Record<string, string>>) => {
    const bin = join(scratch(), "bin");
    mkdirSync(bin);
    for (const [name, script] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return { PATH: bin };
  };
  const says = (version: string) =>
    `echo '{"executable":"/opt/py${version}","version":[${version.split(".").join(",")}],"platform":"x","pip":null,"ensurepip":false}'`;

  test("takes the wanted version, else python3, else python", async () => {
    const env = machine({ python: says("3.10.1"), "python3.12": says("3.12.0") });
    expect((await findPython("3.12", env)).executable).toBe("/opt/py3.12.0");
    expect((await findPython("3.11", env)).executable).toBe("/opt/py3.10.1");
    expect((await findPython("3.12", { ...env, MILLRACE_PYTHON: "python" })).executable).toBe("/opt/py3.10.1");
  });

  test.each([
    [{}, {}, "Neither python3 nor python is on the PATH."],
    [{ python3: says("3.8.2"), python: says("2.7.18") }, {}, "/opt/py3.8.2 is 3.8.2, /opt/py2.7.18 is 2.7.18."],
    [
      { python3: says("3.11.0") },
      { MILLRACE_PYTHON: "/nowhere/python" },
      "MILLRACE_PYTHON names /nowhere/python, which does not run.",
    ],
  ])("says what it found instead", async (programs, variables, words) => {
    await expect(findPython(undefined, { ...machine(programs), ...variables })).rejects.toThrow(
      `Python steps need Python 3.9 or newer. ${words}`,
    );
  });

  test("a Python without pip and ensurepip fails the step with what to install, and only that", async () => {
    const { PATH } = machine({ python3: says("3.11.0") });
    const pkg = packageOf(
      { py: { command: ["python3", "-c", "1"], image: "python" }, sh: shell("true") },
      { tasks: { py: task("py"), sh: task("sh") } },
    );
    const told = await runPackage(pkg, {
      env: { PATH: `${PATH}:/usr/bin:/bin`, MILLRACE_CACHE: scratch(), HOME: scratch() },
    });
    expect(told.states).toMatchObject({ "root.py": "FAILED", "root.sh": "SUCCEEDED" });
    expect(describeReason(told.reasons["root.py"] ?? { kind: "runner-died" })).toMatch(
      /^its Python environment could not be made: Python \/opt\/py3.11.0 has neither pip nor ensurepip. Install them/,
    );
  });
});

test.each([
  [
    "ERROR: Could not find a version that satisfies the requirement pandas==99 (from versions: 2.0.0, 2.1.0)\nERROR: No matching distribution found for pandas==99",
    "pip found no pandas==99 for this Python and machine; there are 2.0.0, 2.1.0.",
  ],
  [
    "ERROR: Could not find a version that satisfies the requirement nosuch (from versions: none)\nERROR: No matching distribution found for nosuch",
    "pip found no nosuch for this Python and machine.",
  ],
  [
    "WARNING: Retrying after NewConnectionError: Name or service not known\nERROR: No matching distribution found for a",
    "the package index cannot be reached.",
  ],
  ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "the disk is full."],
  [
    "ERROR: Cannot install a and b because these package versions have conflicting dependencies.\nERROR: ResolutionImpossible: for help",
    "its packages want versions that exclude one another.",
  ],
  ["  error: subprocess-exited-with-error\nsomething", "error: subprocess-exited-with-error"],
])("what pip says, in a sentence: %s", (said, words) => {
  expect(explain(said.split("\n"))).toBe(words);
});

function hasPython(): boolean {
  try {
    execFileSync("python3", ["-c", "import sys, venv; sys.exit(sys.version_info < (3, 9))"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A tiny package index of files: no network. */
function wheel(folder: string, name: string, source: string): void {
  // A wheel is a zip of its files and three of metadata.
  const program = `
import sys, zipfile
folder, name, source = sys.argv[1:]
with zipfile.ZipFile(f"{folder}/{name}-1.0-py3-none-any.whl", "w") as z:
    z.writestr(f"{name}.py", source)
    z.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
    z.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    z.writestr(f"{name}-1.0.dist-info/RECORD", "")
`;
  mkdirSync(folder, { recursive: true });
  execFileSync("python3", ["-c", program, folder, name, source]);
}

describe.runIf(hasPython())("making environments, by the machine's own Python and an index in a folder", () => {
  test("once for all that asks for it, at the same time and later, with what it holds and pip", async () => {
    const index = scratch();
    wheel(index, "alpha", "x = 1");
    wheel(index, "beta", "y = 2");
    const cache = scratch();
    const offline = ["--no-index", "--find-links", index];
    const small = needs(["alpha"], offline);
    const big = needs(["alpha", "beta"], offline);
    const said: string[] = [];
    // Two runs at once, as two processes would be: each has its own view of the folder.
    const runs = [1, 2].map(() => openEnvironments([small, big], cache, process.env, never));
    const made = await Promise.all(
      runs.flatMap((run) => [run.get(small, (line) => said.push(line)), run.get(big, (line) => said.push(line))]),
    );
    expect(new Set(made.map(({ folder }) => folder)).size).toBe(1);
    expect(said[0]).toMatch(/^preparing Python 3\.\d+\.\d+ with alpha, beta$/);
    const [environment] = made;
    if (environment === undefined) throw new Error("nothing was made");
    const out = execFileSync(
      join(environment.bin, "python"),
      ["-c", "import alpha, beta, pip; print(alpha.x + beta.y)"],
      { encoding: "utf8" },
    );
    expect(out.trim()).toBe("3");
    const silent: string[] = [];
    expect(
      (await openEnvironments([small], cache, process.env, never).get(big, (line) => silent.push(line))).folder,
    ).toBe(environment.folder);
    expect(silent).toEqual([]);
    expect(readdirSync(cache).filter((name) => name.endsWith(".lock"))).toEqual([]);
  }, 120_000);

  test("what cannot be had is said, leaves no half an environment, and does not spoil what can", async () => {
    const index = scratch();
    wheel(index, "alpha", "x = 1");
    const cache = scratch();
    const offline = ["--no-index", "--find-links", index];
    const environments = openEnvironments(
      [needs(["alpha"], offline), needs(["alpha", "nosuch"], offline)],
      cache,
      process.env,
      never,
    );
    await expect(environments.get(needs(["alpha", "nosuch"], offline), () => {})).rejects.toThrow(
      "pip found no nosuch for this Python and machine.",
    );
    await expect(environments.get(needs(["alpha"], offline), () => {})).resolves.toHaveProperty("bin");
    const left = readdirSync(cache);
    expect(left.filter((name) => !name.includes("."))).toHaveLength(1);
    const log = left.filter((name) => name.endsWith(".log")).map((name) => readFileSync(join(cache, name), "utf8"));
    expect(log.join("")).toContain("No matching distribution found for nosuch");
  }, 120_000);

  test("one that was left half-made by a process that died is made anew", async () => {
    const cache = scratch();
    const spec: EnvironmentSpec = { calls: [] };
    const first = await openEnvironments([spec], cache, process.env, never).get(spec, () => {});
    // As a killed process leaves it: no mark of the end, and a lock of a process that is gone.
    rmSync(join(first.folder, ".millrace"));
    writeFileSync(join(first.folder, "half"), "");
    writeFileSync(`${first.folder}.lock`, JSON.stringify({ pid: 4_194_303 }));
    const second = await openEnvironments([spec], cache, process.env, never).get(spec, () => {});
    expect(second.folder).toBe(first.folder);
    expect(existsSync(join(second.folder, "half"))).toBe(false);
  }, 120_000);

  test("a run that is canceled stops what is being made", async () => {
    const stop = new AbortController();
    const cache = scratch();
    const slow = needs(["nosuch"], ["--index-url", "http://192.0.2.1/simple"]);
    const environments = openEnvironments([slow], cache, process.env, stop.signal);
    const making = environments.get(slow, () => {});
    setTimeout(() => stop.abort(), 500);
    // Where there is a way to that address, pip alone would try for longer than the test may take.
    await expect(making).rejects.toThrow();
    await environments.close();
    expect(readdirSync(cache).filter((name) => !/\.(log|index)$/.test(name))).toEqual([]);
  }, 60_000);
});

test.runIf(hasPython())(
  "a lightweight component as the SDK compiles it runs in an environment with kfp",
  async ({ skip }) => {
    const install = `\nif ! [ -x "$(command -v pip)" ]; then\n    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\nfi\n\nPIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-warn-script-location 'kfp==2.17.0' '--no-deps' 'typing-extensions>=3.7.4,<5; python_version<"3.9"' && "$0" "$@"\n`;
    const program = `program_path=$(mktemp -d)\n\nprintf "%s" "$0" > "$program_path/ephemeral_component.py"\n_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main                         --component_module_path                         "$program_path/ephemeral_component.py"                         "$@"\n`;
    const source =
      "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\ndef add(a: int, b: int = 2) -> NamedTuple('O', [('sum', int), ('say', str)]):\n    from collections import namedtuple\n    return namedtuple('O', ['sum', 'say'])(a + b, str(a))\n\n";
    const pkg = packageOf(
      {
        add: {
          image: "python:3.11",
          command: ["sh", "-c", install, "sh", "-ec", program, source],
          args: ["--executor_input", "{{$}}", "--function_to_execute", "add"],
          inputs: { parameters: { a: integer, b: { ...integer, defaultValue: 2, isOptional: true } } },
          outputs: { parameters: { sum: integer, say: text } },
        },
      },
      { tasks: { add: task("add", { inputs: { parameters: { a: constant(40) } } }) } },
    );
    const told = await runPackage(pkg, { env: { ...process.env, MILLRACE_CACHE: scratch() } });
    const reason = told.runReason && describeReason(told.runReason);
    if (reason?.includes("the package index cannot be reached")) skip("no package index can be reached");
    expect(reason).toBeUndefined();
    expect(told.outputs["root.add"]).toEqual({ sum: 42, say: "40" });
  },
  300_000,
);
