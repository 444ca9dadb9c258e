import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createMessageConnection,
  type MessageConnection,
  ParameterStructures,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { finalStates } from "../../runtime/events.ts";
import type { RuntimeMethods } from "../../runtime/protocol.ts";
import { shellPipeline } from "./cli/steps.ts";

let folder: string;
let server: Server;

interface Server {
  readonly child: ChildProcess;
  readonly connection: MessageConnection;
  changes: number;
  call<K extends keyof RuntimeMethods>(
    method: K,
    ...args: Parameters<RuntimeMethods[K]>
  ): Promise<ReturnType<RuntimeMethods[K]>>;
}

async function startServer(trusted = true): Promise<Server> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../../runtime/server.ts"), "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  const started: Server = {
    child,
    connection,
    changes: 0,
    // SAFETY: RuntimeMethods types both ends.
    call: async (method, ...args) =>
      await connection.sendRequest<never>(method, ParameterStructures.byPosition, ...args),
  };
  connection.onNotification("changed", () => {
    started.changes++;
  });
  await started.call("open", folder, trusted);
  return started;
}

/** And waits: what dies may still write. */
async function kill({ connection, child }: Server): Promise<void> {
  connection.dispose();
  const gone = once(child, "exit");
  if (child.kill("SIGKILL")) await gone;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-server-"));
  server = await startServer();
});
afterEach(async () => {
  await kill(server);
  rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
});

function request(steps: Readonly<Record<string, string>>) {
  writeFileSync(join(folder, "p.yaml"), shellPipeline(steps));
  return { path: join(folder, "p.yaml"), parameters: { word: "1" }, target: "local", caching: true };
}

/** The whole log, read on from where the last reading ended, and how often that was; `after` each reading. */
async function wholeLog(
  from: Server,
  run: string,
  task?: string,
  after?: (text: string) => void,
): Promise<{ text: string; reads: number }> {
  let text = "";
  for (let next = 0, reads = 1; ; reads++) {
    // JSON has no undefined: a call without a task has null there.
    const chunk = await from.call("log", run, task, next);
    text += chunk.text;
    after?.(text);
    if (chunk.done) return { text, reads };
    if (chunk.next === next) await new Promise((done) => setTimeout(done, 20));
    next = chunk.next;
  }
}

test("a folder where nothing ran answers, and is not written to", async () => {
  expect(await server.call("runs", {})).toEqual([]);
  expect(await server.call("query", "Model")).toEqual([]);
  expect(await server.call("runRecord", "latest")).toBeNull();
  expect(await server.call("targets")).toEqual({ all: [{ name: "local", kind: "local" }], chosen: "local" });
});

test("a run: started, told of as it changes, its log read to the end without a line twice", async () => {
  // Each line waits until the one before it has been read.
  const waits = `for i in 1 2 3; do echo line $i; until [ -e "${folder}/read $i" ]; do sleep 0.05; done; done`;
  const { run } = await server.call("run", request({ first: waits, second: 'echo "got $0"' }));
  const { text, reads } = await wholeLog(server, run, undefined, (read) => {
    for (const [, i] of read.matchAll(/line (\d)\n/g)) writeFileSync(join(folder, `read ${i}`), "");
  });
  expect(text).toBe("[first] line 1\n[first] line 2\n[first] line 3\n[second] got 1\n");
  expect(reads).toBeGreaterThan(2);
  const record = await server.call("runRecord", run);
  expect(record).toMatchObject({ state: "SUCCEEDED", parameters: { word: "1" } });
  expect(server.changes).toBeGreaterThan(1);
  const second = record?.tasks.find(({ name }) => name === "second");
  expect((await wholeLog(server, run, second?.id)).text).toBe("got 1\n");
});

test("killed and started again: the run goes on, its log is read on", async () => {
  const { run } = await server.call(
    "run",
    request({ first: "for i in 1 2 3 4 5 6; do echo line $i; sleep 0.15; done" }),
  );
  let next = 0;
  let text = "";
  while (!text.includes("line 1")) {
    const chunk = await server.call("log", run, undefined, next);
    text += chunk.text;
    next = chunk.next;
  }
  await kill(server);
  server = await startServer();
  for (;;) {
    const chunk = await server.call("log", run, undefined, next);
    text += chunk.text;
    next = chunk.next;
    if (chunk.done) break;
  }
  expect(text).toBe([1, 2, 3, 4, 5, 6].map((i) => `[first] line ${i}\n`).join(""));
  expect((await server.call("runRecord", run))?.state).toBe("SUCCEEDED");
});

test("cancel ends a run", async () => {
  const { run } = await server.call("run", request({ long: "exec sleep 60" }));
  await server.call("cancel", run);
  const record = await server.call("runRecord", run);
  expect(record && finalStates.has(record.state) && record.state).toBe("CANCELED");
});

test("what cannot be run says why, as data", async () => {
  const wrong = server.call("run", { ...request({ a: "true" }), parameters: { nothing: 1 } });
  await expect(wrong).rejects.toMatchObject({
    message: expect.stringMatching(/there is no input nothing/) as string,
    data: { code: "parameters", action: "Its inputs are word." },
  });
  await expect(server.call("query", "Model where")).rejects.toMatchObject({ data: { code: "query" } });
  expect(await server.call("runs", {})).toEqual([]);
});

test("a bad message is answered with an error, and the next one is served", async () => {
  const send = (method: string, ...args: unknown[]) =>
    server.connection.sendRequest(method, ParameterStructures.byPosition, ...args);
  await expect(send("nonsense")).rejects.toThrow(/Unhandled method/);
  await expect(send("runRecord", 7)).rejects.toThrow("The run is not a text.");
  await expect(send("runs", "x")).rejects.toThrow("The query is not an object.");
  await expect(send("run", { path: 1 })).rejects.toThrow("is not a");
  await expect(send("run")).rejects.toThrow();
  await expect(send("log", "no-such-run", null, "x")).resolves.toMatchObject({ done: true, text: "" });
  server.child.stdin?.write("Content-Length: 9\r\n\r\n{not json");
  expect(await server.call("runs", {})).toEqual([]);
});

test("a workspace that is not trusted is read, and nothing of it runs", async () => {
  const { run } = await server.call("run", request({ first: "echo hello" }));
  await expect.poll(async () => (await server.call("runRecord", run))?.state, { timeout: 20_000 }).toBe("SUCCEEDED");
  const restricted = await startServer(false);
  try {
    expect((await restricted.call("runs", {})).map(({ id }) => id)).toEqual([run]);
    expect((await wholeLog(restricted, run)).text).toContain("hello");
    const refusal = { code: 1, data: { code: "restricted", action: "Trust it to run its pipelines." } };
    await expect(restricted.call("run", request({ first: "touch ran" }))).rejects.toMatchObject(refusal);
    await expect(restricted.call("cancel", run)).rejects.toMatchObject(refusal);
    expect(await restricted.call("runs", {})).toHaveLength(1);
    await restricted.call("trust");
    await restricted.call("run", request({ first: "echo now" }));
    expect(await restricted.call("runs", {})).toHaveLength(2);
  } finally {
    await kill(restricted);
  }
});

test("clusters are found in a kubeconfig, added, chosen and removed", async () => {
  const kubeconfig = join(folder, "kube config");
  const clusters = [{ name: "c", cluster: { server: "http://127.0.0.1:9" } }];
  const contexts = ["far", "near"].map((name) => ({ name, context: { cluster: "c", user: "u", namespace: "team" } }));
  writeFileSync(
    kubeconfig,
    JSON.stringify({ clusters, contexts, users: [{ name: "u", user: {} }], "current-context": "near" }),
  );
  expect(await server.call("contexts", kubeconfig)).toEqual([
    { name: "near", server: "http://127.0.0.1:9", namespace: "team", current: true },
    { name: "far", server: "http://127.0.0.1:9", namespace: "team", current: false },
  ]);
  await expect(server.call("contexts", join(folder, "none"))).rejects.toMatchObject({
    data: { code: "kubeconfig-missing" },
  });
  const added = { name: "dev", kind: "kubernetes", kubeconfig, context: "near", namespace: "team" } as const;
  await server.call("addTarget", added);
  await server.call("chooseTarget", "dev");
  expect(await server.call("targets")).toEqual({ all: [{ name: "local", kind: "local" }, added], chosen: "dev" });
  expect(await server.call("checkTarget", "dev")).toMatchObject([{ name: "Cluster", state: "broken" }]);
  await server.call("removeTarget", "dev");
  expect(await server.call("targets")).toEqual({ all: [{ name: "local", kind: "local" }], chosen: "local" });
  await expect(server.call("addTarget", { ...added, name: "local" })).rejects.toMatchObject({
    data: { code: "target-name" },
  });
});
