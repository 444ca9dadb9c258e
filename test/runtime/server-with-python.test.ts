/** "Compile with Python" through the runtime server and the command line, with the real SDK. */
import { type ChildProcess, spawn } from "node:child_process";
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
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  ParameterStructures,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { finalStates } from "../../runtime/events.ts";
import type { RuntimeMethods } from "../../runtime/protocol.ts";
import { realKfp } from "../support/real-kfp.ts";
import { start } from "./cli/millrace.ts";

const kfp = realKfp();
const python = dirname(dirname(kfp ?? ""));
let root: string;
let folder: string;
let child: ChildProcess;
let connection: MessageConnection;

async function startServer(trusted: boolean): Promise<void> {
  child = spawn(process.execPath, [join(import.meta.dirname, "../../runtime/server.ts"), "--stdio"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, MILLRACE_CACHE: join(root, "cache") },
  });
  if (!child.stdout || !child.stdin) throw new Error("piped");
  connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  connection.listen();
  await call("open", folder, trusted);
}

async function call<K extends keyof RuntimeMethods>(
  method: K,
  ...args: readonly unknown[]
): Promise<ReturnType<RuntimeMethods[K]> | null> {
  // SAFETY: RuntimeMethods types both ends; nothing is null there.
  return await connection.sendRequest<never>(method, ParameterStructures.byPosition, ...args);
}

/** Counts how often it was executed, outside of the workspace. */
const source = () => `import os, pathlib, subprocess
from kfp import dsl

count = pathlib.Path(${JSON.stringify(join(root, "count"))})
times = int(count.read_text()) + 1 if count.exists() else 1
count.write_text(str(times))
steps = subprocess.check_output(["echo", "a b"], text=True).split()


@dsl.container_component
def say(word: str):
    return dsl.ContainerSpec(image="busybox", command=["sh", "-c", 'echo "$0"'], args=[word])


@dsl.pipeline
def counted(word: str = "x"):
    for step in steps:
        say(word=f"{step}{times}")
`;
const executed = () => (existsSync(join(root, "count")) ? Number(readFileSync(join(root, "count"), "utf8")) : 0);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "millrace-server-python-"));
  folder = join(root, "work");
  mkdirSync(folder);
  writeFileSync(join(folder, "counted.py"), source());
});
afterEach(() => {
  connection.dispose();
  child.kill("SIGKILL");
  chmodSync(folder, 0o755);
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

describe.skipIf(kfp === undefined)("the runtime server", { timeout: 120_000 }, () => {
  test("compiles anew when it is asked to, and knows what that gave while the sources are the same", async () => {
    await startServer(true);
    expect(await call("compiledWithPython", "counted.py", { python })).toBeNull();
    expect(await call("compileWithPython", "counted.py", { python })).toMatchObject({
      kind: "compiled",
      kfp: "2.17.0",
    });
    expect(await call("compileWithPython", "counted.py", { python })).toMatchObject({ kind: "compiled" });
    expect(executed()).toBe(2);
    const known = await call("compiledWithPython", "counted.py", { python });
    expect(JSON.stringify(known)).toContain("constant: a2");
    expect(executed()).toBe(2);
    // Another interpreter may have another kfp.
    expect(await call("compiledWithPython", "counted.py", { python: "python3" })).toBeNull();
    writeFileSync(join(folder, "counted.py"), `${source()}\n`);
    expect(await call("compiledWithPython", "counted.py", { python })).toBeNull();
    expect(readdirSync(folder)).toEqual(["counted.py"]);
  });

  test("a run is of what was compiled, and its lines are those of the source", async () => {
    await startServer(true);
    await call("compileWithPython", "counted.py", { python });
    const request = { path: "counted.py", symbol: "counted", parameters: {}, target: "local", caching: false };
    const started = await call("run", { ...request, withPython: { python } });
    expect(executed()).toBe(1);
    const run = started?.run ?? "";
    for (;;) {
      const state = (await call("runRecord", run))?.state;
      if (state && finalStates.has(state)) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    const record = await call("runRecord", run);
    expect(record?.state).toBe("SUCCEEDED");
    const [created = ""] = readFileSync(join(folder, ".millrace/runs", run, "events.ndjson"), "utf8").split("\n");
    expect(JSON.parse(created)).toMatchObject({
      source: { symbol: "counted", lines: { "root.say-2": { path: "counted.py", line: 18 } } },
    });
    expect((await call("log", run, null, 0))?.text).toContain("b1");
    // Of a text that Python has not seen, what it makes of it now.
    writeFileSync(join(folder, "counted.py"), `${source()}\n`);
    await call("run", { ...request, withPython: { python } });
    expect(executed()).toBe(2);
  });

  test("runs nothing in Restricted Mode, and says so", async () => {
    await startServer(false);
    await expect(call("compileWithPython", "counted.py", { python })).rejects.toThrow("Restricted Mode");
    expect(executed()).toBe(0);
  });

  test("stops when it is told to", async () => {
    await startServer(true);
    writeFileSync(join(folder, "slow.py"), "import time\ntime.sleep(600)\n");
    const stop = new CancellationTokenSource();
    const work = call("compileWithPython", "slow.py", { python }, stop.token);
    setTimeout(() => stop.cancel(), 500);
    await expect(work).rejects.toThrow("was stopped");
  });
});

describe.skipIf(kfp === undefined)("the command line", { timeout: 120_000 }, () => {
  beforeEach(() => startServer(true));
  const millrace = (...args: readonly string[]) => start(folder, args, { MILLRACE_CACHE: join(root, "cache") }).ended;

  test("reading names --with-python where it gives up; with it, the YAML is Python's", async () => {
    const refused = await millrace("compile", "counted.py");
    expect([refused.status, refused.err]).toEqual([2, expect.stringContaining("Add --with-python")]);
    const compiled = await millrace("compile", "counted.py", "--with-python", "--python", python);
    expect(compiled.status).toBe(0);
    expect(compiled.out).toContain("constant: b1");
    expect(compiled.err).toMatch(/Compiled with Python 3\.\d+\.\d+, kfp 2\.17\.0\./);
    const json = await millrace("compile", "counted.py", "--python", python, "--json");
    expect(JSON.parse(json.out)).toMatchObject({ pipeline: "counted", byPython: { kfp: "2.17.0", older: false } });
  });

  test("graph, check and run take it too", async () => {
    expect((await millrace("graph", "counted.py", "--python", python)).out).toContain("say-2");
    expect((await millrace("check", "counted.py", "--python", python)).status).toBe(0);
    const ran = await millrace("run", "counted.py", "--python", python, "--no-cache");
    expect([ran.status, ran.out]).toEqual([0, expect.stringContaining("Compiled with Python")]);
    expect(executed()).toBe(3);
  });

  test("what it raises is said at its line, with its traceback; usage is checked", async () => {
    writeFileSync(join(folder, "bad.py"), "from kfp import dsl\n\nraise OSError('no network')\n");
    const bad = await millrace("compile", "bad.py", "--python", python);
    expect(bad.status).toBe(2);
    expect(bad.err).toContain("Traceback");
    expect(bad.err).toContain("bad.py:3:1: error python-raised Python could not compile it: OSError: no network");
    const usage = await millrace("compile", "counted.py", "--with-python", "--python-timeout", "soon");
    expect([usage.status, usage.err]).toEqual([2, expect.stringContaining("no number of seconds")]);
    const nowhere = await millrace("compile", "counted.py", "--python", "./nowhere");
    expect(nowhere.status).toBe(3);
  });
});
