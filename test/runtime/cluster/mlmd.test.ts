import { readFileSync } from "node:fs";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openMlmd } from "../../../runtime/cluster/mlmd.ts";

let server: http2.Http2Server;
let sessions: http2.ServerHttp2Session[] = [];
afterEach(() => {
  for (const session of sessions) session.destroy();
  sessions = [];
  server.close();
});

/** Answers each method with the bytes that a real ML Metadata gave; a method that is not there with NOT_FOUND. */
async function replay(answers: Readonly<Record<string, string>>): Promise<() => Promise<net.Socket>> {
  server = http2.createServer();
  server.on("session", (session) => sessions.push(session));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    stream.resume();
    const bytes = answers[String(headers[":path"]).split("/").at(-1) ?? ""];
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () =>
      stream.sendTrailers(
        bytes === undefined ? { "grpc-status": "5", "grpc-message": "none%20such" } : { "grpc-status": "0" },
      ),
    );
    if (bytes === undefined) return void stream.end();
    const message = Buffer.from(bytes, "base64");
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([head, message]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // SAFETY: a server that listens on a port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return () => Promise.resolve(net.connect(port, "127.0.0.1"));
}

function recorded(name: string): Record<string, string> {
  // SAFETY: fixtures are JSON of this shape.
  return JSON.parse(readFileSync(new URL(`fixtures/mlmd-${name}.json`, import.meta.url), "utf8")) as Record<
    string,
    string
  >;
}

test("artifacts, metadata, metrics and parameters of each step", async () => {
  const mlmd = await openMlmd(await replay(recorded("churn")), "bench");
  const tasks = new Map((await mlmd.tasks("run")).map((task) => [task.path, task]));
  mlmd.close();
  expect([...tasks.keys()].sort()).toEqual(["root", "root.evaluate", "root.load-data", "root.train"]);
  expect(tasks.get("root.load-data")).toMatchObject({
    state: "COMPLETE",
    inputs: { parameters: { rows: 2000 }, artifacts: [] },
  });
  const data = tasks.get("root.load-data")?.outputs.artifacts.find(({ key }) => key === "data")?.artifact;
  expect(data).toMatchObject({ name: "data", type: "system.Dataset", metadata: { features: 10, rows: 2000 } });
  expect(data?.uri).toMatch(/^minio:\/\/mlpipeline\/v2\/artifacts\/churn-training-v2\/.*\/load-data\/.*\/data$/);
  const evaluate = tasks.get("root.evaluate");
  expect(evaluate?.inputs.artifacts.map(({ key, artifact }) => `${key}: ${artifact.type}`).sort()).toEqual([
    "dataset: system.Dataset",
    "model: system.Model",
  ]);
  expect(evaluate?.inputs.artifacts.find(({ key }) => key === "dataset")?.artifact.id).toBe(data?.id);
  const metrics = evaluate?.outputs.artifacts.find(({ key }) => key === "metrics")?.artifact;
  expect(metrics?.type).toBe("system.Metrics");
  expect(metrics?.metadata["accuracy"]).toBeGreaterThan(0.8);
  expect(Object.keys(metrics?.metadata ?? {})).toEqual(["accuracy", "f1"]);
});

test("paths in loops, branches and nested pipelines", async () => {
  const mlmd = await openMlmd(await replay(recorded("flow")), "bench");
  const tasks = await mlmd.tasks("run");
  mlmd.close();
  const states = Object.fromEntries(tasks.map(({ path, state }) => [path, state]));
  expect(states).toMatchObject({
    "root.inner.work": "COMPLETE",
    "root.for-loop-4[0].condition-5": "CANCELED",
    "root.for-loop-4[2].condition-5.say-3": "CACHED",
    "root.condition-branches-1.condition-2.say": "COMPLETE",
  });
  expect(tasks.find(({ path }) => path === "root.total")).toMatchObject({
    inputs: { parameters: { ns: [2, 4, 6] } },
    outputs: { parameters: { Output: 12 } },
  });
});

test("before the first driver has run there is nothing, and no error", async () => {
  const mlmd = await openMlmd(await replay({}), "bench");
  expect(await mlmd.tasks("run")).toEqual([]);
  mlmd.close();
});

test("dials again after the way has broken", async () => {
  const dial = await replay(recorded("churn"));
  let dialled = 0;
  let last: net.Socket | undefined;
  const mlmd = await openMlmd(async () => {
    dialled++;
    last = await dial();
    return last;
  }, "bench");
  await mlmd.tasks("run");
  last?.destroy();
  await expect.poll(async () => (await mlmd.tasks("run").catch(() => [])).length).toBe(4);
  expect(dialled).toBe(2);
  mlmd.close();
});
