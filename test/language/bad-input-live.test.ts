/** What is too much, for the processes that read it: the server goes on answering, the command says it and fails. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LanguageRequests } from "../../language/protocol.ts";
import { startLanguageServer } from "../support/language-server.ts";
import { badInputs } from "./bad-input.ts";

const limitMs = 180_000;
const heap = "--max-old-space-size=512";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-bad-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
});

function text(name: string): string {
  const input = badInputs[name];
  if (!input) throw new Error(name);
  return input.text();
}

test("the language server reads them all, and answers about another file", { timeout: limitMs }, async () => {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = heap;
  const server = await startLanguageServer(resolve(import.meta.dirname, "../../language/server.ts"), folder);
  process.env.NODE_OPTIONS = before ?? "";
  const bad = ["while True, in a pipeline", "10,000 open brackets", "many ranges", "a list that doubles itself"];
  for (const [i, name] of bad.entries()) await server.open(join(folder, `bad_${i}.py`), text(name));
  const good = join(folder, "good.py");
  await server.open(good, "from kfp import dsl\n\n@dsl.component\ndef step(x: int): pass\n");
  const ask = (path: string): Promise<LanguageRequests["millrace/definitions"]["result"]> =>
    server.connection.sendRequest("millrace/definitions", { uri: pathToFileURL(path).href });
  expect((await ask(good)).definitions.map(({ symbol }) => symbol)).toEqual(["step"]);
  for (const [i] of bad.entries()) {
    const path = join(folder, `bad_${i}.py`);
    expect(Array.isArray((await ask(path)).definitions)).toBe(true);
    await server.at("textDocument/completion", path, [3, 4]);
  }
  expect(await server.stop()).toBe(0);
});

test.each([
  ["while True, in a pipeline", /too many steps/],
  ["100,000 steps", /too many steps/],
  ["10,000 open brackets", /too deeply nested/],
  ["a long list", /the file is too long/],
  ["many ranges", /too many steps/],
  ["a YAML bomb in a spec", /its aliases unfold without end/],
  ["a long line of YAML", /lines and items/],
  ["10,000 lists in JSON", /nested too deeply/],
  ["10,000 lists in TypeScript", /nested too deeply/],
  ["a text that doubles itself, in TypeScript", /a text grows without end/],
])("the command fails with words: %s", { timeout: limitMs }, (name, words) => {
  const path = join(folder, badInputs[name]?.file ?? "");
  writeFileSync(path, text(name));
  const entry = resolve(import.meta.dirname, "../../runtime/cli/millrace.ts");
  const done = spawnSync(process.execPath, [heap, entry, "compile", path, "-o", join(folder, "out.yaml")], {
    cwd: folder,
    encoding: "utf8",
    timeout: limitMs,
    maxBuffer: 1e8,
    env: { ...process.env, NO_COLOR: "1" },
  });
  expect(done.stderr).toMatch(words);
  expect(done.status).toBe(2);
});
