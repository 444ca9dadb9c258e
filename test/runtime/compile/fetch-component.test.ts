import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compileFile, Rejected } from "../../../runtime/compile/compile-file.ts";
import { fetchComponent } from "../../../runtime/compile/fetch-component.ts";
import { workspaceAt } from "../../../runtime/store/workspace.ts";

const component = `name: Train
inputs:
- {name: rows, type: Integer}
implementation:
  container:
    image: train:1
    command: [train, {inputValue: rows}]
`;

let server: Server;
let folder: string;
let base: string;

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "fetch-")));
  server = createServer(({ url }, response) => {
    if (url === "/train.yaml") response.end(component);
    else if (url === "/moved") response.writeHead(302, { location: "/train.yaml" }).end();
    else if (url === "/page") response.end("<!doctype html><p>not a component");
    else if (url === "/bytes") response.end(Buffer.from([0xff, 0xfe, 0x00]));
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  base = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
});

function pipeline(url: string): string {
  const path = join(folder, "pipeline.py");
  writeFileSync(
    path,
    `from kfp import components, dsl

train = components.load_component_from_url("${url}")

@dsl.pipeline
def main(rows: int):
    train(rows=rows)
`,
  );
  return path;
}

it("keeps what it fetched where files that load it find it", async () => {
  const path = pipeline(`${base}/moved`);
  await expect(compileFile(path)).rejects.toBeInstanceOf(Rejected);
  const kept = await fetchComponent(`${base}/moved`, workspaceAt(folder));
  expect(readFileSync(kept, "utf8")).toBe(component);
  const { package: made } = await compileFile(path);
  expect(JSON.stringify(made.spec.deploymentSpec)).toContain("train:1");
});

it.each([
  ["/nothing", "not-fetched", "it answers 404"],
  ["/page", "not-a-component", "no component"],
  ["/bytes", "not-fetched", "not valid"],
])("says what is wrong with %s", async (path, code, words) => {
  const problem = await fetchComponent(base + path, workspaceAt(folder)).catch((error: unknown) => error);
  expect(problem).toMatchObject({ code, message: expect.stringContaining(words) as string });
});

it("fetches from the web alone, and stops when it is told to", async () => {
  const workspace = workspaceAt(folder);
  await expect(fetchComponent("file:///etc/passwd", workspace)).rejects.toMatchObject({ code: "not-a-url" });
  await expect(fetchComponent(`${base}/train.yaml`, workspace, AbortSignal.abort())).rejects.toThrow();
  server.close();
  server.closeAllConnections();
  await expect(fetchComponent(`${base}/train.yaml`, workspace)).rejects.toMatchObject({ code: "not-fetched" });
});
