import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { followLog, type LogLine } from "../../../runtime/cluster/follow-log.ts";
import { type FakeServer, fakeServer, refuse } from "./fake-server.ts";

/** A step's log as a kubelet gave it, with time stamps. */
const stamped = readFileSync(new URL("fixtures/train.log", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const texts = stamped.map((line) => line.slice(line.indexOf(" ") + 1));

let server: FakeServer;
afterEach(() => server.close());

/** Serves the log as a kubelet does: from a whole second on; the n-th stream is cut after `cuts[n]` bytes. */
async function kubelet(
  lines: readonly string[],
  cuts: readonly number[],
  how: "cut" | "end" | "stall" = "cut",
): Promise<void> {
  let streams = 0;
  server = await fakeServer((_, response, url) => {
    const since = url.searchParams.get("sinceTime");
    const from =
      since === null
        ? lines
        : lines.filter((line) => Date.parse(line.slice(0, line.indexOf(" "))) >= Date.parse(since));
    const body = from.map((line) => `${line}\n`).join("");
    const cut = cuts[streams++];
    if (cut === undefined || cut >= body.length) return void response.end(body);
    if (how === "end") return void response.end(body.slice(0, cut));
    response.write(body.slice(0, cut) || "");
    if (how === "cut") setTimeout(() => response.destroy(), 5);
  });
}

async function follow(
  options: { known?: readonly LogLine[]; endedAfter?: number; idleMs?: number } = {},
): Promise<{ got: LogLine[]; how: string }> {
  const got: LogLine[] = [];
  let asked = 0;
  const how = await followLog(server, {
    namespace: "n",
    pod: "p",
    container: "main",
    signal: AbortSignal.timeout(20_000),
    ended: () => asked++ >= (options.endedAfter ?? 0),
    onLine: (line) => got.push(line),
    ...(options.known ? { known: options.known } : {}),
    ...(options.idleMs ? { idleMs: options.idleMs } : {}),
  });
  return { got, how };
}

test("a log is read to its end", async () => {
  await kubelet(stamped, []);
  const { got, how } = await follow();
  expect(how).toBe("complete");
  expect(got.map(({ text }) => text)).toEqual(texts);
  expect(got[0]?.at).toBe(
    Date.parse(stamped[0]?.slice(0, 24) ?? "") || Date.parse((stamped[0] ?? "").split(" ")[0] ?? ""),
  );
});

test("a stream that ends before its container has ended is not the last", async () => {
  await kubelet(stamped, [700, 1500], "end");
  const { got } = await follow({ endedAfter: 2 });
  expect(got.map(({ text }) => text)).toEqual(texts);
});

test("cut off anywhere, no line is lost and none comes twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 9_000 }), { maxLength: 3 }), async (cuts) => {
      await kubelet(stamped, cuts);
      const { got } = await follow();
      await server.close();
      expect(got.map(({ text }) => text)).toEqual(texts);
    }),
    { numRuns: 12 },
  );
}, 60_000);

test("equal lines within one second stay as many as they were", async () => {
  const same = [1, 1, 2, 2, 2, 3]
    .map((ms) => `2026-11-21T10:00:00.00${ms}000000Z tick`)
    .concat("2026-11-21T10:00:01.000000000Z end");
  await kubelet(same, [100, 160, 230]);
  const { got } = await follow();
  expect(got.map(({ text }) => text)).toEqual(["tick", "tick", "tick", "tick", "tick", "tick", "end"]);
});

test("a follower goes on where an earlier one stopped", async () => {
  await kubelet(stamped, []);
  const first = await follow();
  for (const count of [1, 40, texts.length]) {
    const { got } = await follow({ known: first.got.slice(0, count) });
    expect(got.map(({ text }) => text)).toEqual(texts.slice(count));
  }
});

test("a stream that hangs is left", async () => {
  await kubelet(stamped, [0, 900], "stall");
  const { got } = await follow({ idleMs: 150, endedAfter: 1 });
  expect(got.map(({ text }) => text)).toEqual(texts);
});

test("waits for a container that has not begun; ends where the pod is gone", async () => {
  let asked = 0;
  server = await fakeServer((_, response) => {
    if (++asked < 3) return refuse(response, 400, 'container "main" in pod "p" is waiting to start: ContainerCreating');
    refuse(response, 404, 'pods "p" not found');
  });
  expect(await follow()).toEqual({ got: [], how: "gone" });
  expect(asked).toBe(3);
});

test("without permission it says so", async () => {
  server = await fakeServer((_, response) => refuse(response, 403, 'pods "p" is forbidden'));
  await expect(follow()).rejects.toMatchObject({ status: 403 });
});
