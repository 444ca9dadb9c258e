import { afterEach, expect, test } from "vitest";
import { text } from "../../../runtime/cluster/json.ts";
import { watch } from "../../../runtime/cluster/watch.ts";
import { type Answer, type FakeServer, fakeServer, json, refuse } from "./fake-server.ts";

let server: FakeServer;
afterEach(() => server.close());

const pod = (name: string, version: string) => ({ metadata: { name, resourceVersion: version } });
const event = (type: string, name: string, version: string) =>
  `${JSON.stringify({ type, object: pod(name, version) })}\n`;

/** Watches until `until` pods were seen; `streams` are the answers to the watches, one after the other. */
async function seen(until: number, lists: unknown[][], streams: Answer[], idleMs = 5_000): Promise<string[]> {
  let listed = 0;
  let watched = 0;
  server = await fakeServer((request, response, url, body) => {
    if (url.searchParams.get("watch") === "true") {
      const stream = streams[watched++];
      if (stream) return stream(request, response, url, body);
      return response.writeHead(200).flushHeaders();
    }
    json(response, { metadata: { resourceVersion: "10" }, items: lists[Math.min(listed++, lists.length - 1)] });
  });
  const names: string[] = [];
  const done = new AbortController();
  await watch(server, {
    path: "/pods",
    labelSelector: "a=b",
    signal: done.signal,
    idleMs,
    onObject(object) {
      names.push(text(object, "metadata", "name") ?? "?");
      if (names.length === until) done.abort();
    },
  });
  return names;
}

const versions = () =>
  server.requests.flatMap(
    (request) => new URL(request.split(" ")[1] ?? "", "http://fake").searchParams.get("resourceVersion") ?? "list",
  );

test("lists, then follows from the list's version", async () => {
  const names = await seen(
    3,
    [[pod("a", "3")]],
    [(_, response) => response.end(event("ADDED", "b", "11") + event("DELETED", "a", "12"))],
  );
  expect(names).toEqual(["a", "b", "a"]);
  expect(versions()).toEqual(["list", "10"]);
});

test("goes on from the last version after a stream that ended, and one cut in the middle of a line", async () => {
  const names = await seen(
    3,
    [[]],
    [
      (_, response) => response.end(event("ADDED", "a", "11")),
      (_, response) => {
        response.write(event("ADDED", "b", "12") + event("ADDED", "c", "13").slice(0, 20));
        setTimeout(() => response.destroy(), 20);
      },
      (_, response) => response.end(event("ADDED", "c", "13")),
    ],
  );
  expect(names).toEqual(["a", "b", "c"]);
  expect(versions()).toEqual(["list", "10", "11", "12"]);
});

test("a bookmark moves the version and is no object", async () => {
  const names = await seen(
    1,
    [[]],
    [
      (_, response) =>
        response.end(`${JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion: "40" } } })}\n`),
      (_, response) => response.end(event("ADDED", "a", "41")),
    ],
  );
  expect(names).toEqual(["a"]);
  expect(versions()).toEqual(["list", "10", "40"]);
});

test("what is not JSON is asked for again, and got round by a list where it stays", async () => {
  const garbage: Answer = (_, response) => response.end('{"type":"ADDED","obj\n');
  const names = await seen(1, [[], [pod("a", "20")]], [garbage, garbage, garbage]);
  expect(names).toEqual(["a"]);
  expect(versions()).toEqual(["list", "10", "10", "10", "list"]);
});

test("lists anew where the server has forgotten the version", async () => {
  const gone: Answer = (_, response) =>
    response.end(`${JSON.stringify({ type: "ERROR", object: { code: 410, message: "too old resource version" } })}\n`);
  expect(await seen(1, [[], [pod("a", "20")]], [gone])).toEqual(["a"]);
  expect(versions()).toEqual(["list", "10", "list"]);
});

test("a stream that says nothing is left, one that speaks is kept", async () => {
  // A stream that is not left keeps the test from its end.
  const names = await seen(
    4,
    [[]],
    [
      (_, response) => response.writeHead(200).flushHeaders(),
      (_, response) => {
        // Slower than it would take to be called dead, were it silent.
        for (const [index, name] of ["a", "b", "c", "d"].entries())
          setTimeout(() => response.write(event("ADDED", name, `${20 + index}`)), index * 400);
      },
    ],
    1_000,
  );
  expect(names).toEqual(["a", "b", "c", "d"]);
  expect(versions()).toEqual(["list", "10", "10"]);
});

test("server errors are survived", async () => {
  const names = await seen(
    1,
    [[]],
    [
      (_, response) => refuse(response, 500, "etcdserver: request timed out"),
      (_, response) => response.destroy(),
      (_, response) => response.end(event("ADDED", "a", "11")),
    ],
  );
  expect(names).toEqual(["a"]);
});

test.each([401, 403, 404])("%i is final", async (status) => {
  server = await fakeServer((_, response) => refuse(response, status, "no"));
  const watching = watch(server, {
    path: "/pods",
    labelSelector: "a=b",
    signal: new AbortController().signal,
    onObject: () => undefined,
  });
  await expect(watching).rejects.toMatchObject({ status });
  expect(server.requests).toHaveLength(1);
});
