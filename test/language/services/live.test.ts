/** The services as an editor meets them: over stdio, with files on the disk and in editors. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WorkspaceRequests } from "../../../language/protocol.ts";
import { type LiveServer, startLanguageServer } from "../../support/language-server.ts";
import { body, steps } from "./marked.ts";

const script = resolve(import.meta.dirname, "../../../language/server.ts");
let folder: string;
let server: LiveServer;
const file = (name: string): string => join(folder, name);
const uri = (name: string): string => pathToFileURL(file(name)).href;

/** Line 6 and on is the body of `fit`. */
const pipeline = `${body('a = load(rows=rows)\ntrain(data=a.outputs["dta"])')}
# %% More
with_more = 1
`;

interface Edits {
  readonly changes: Readonly<
    Record<string, readonly { readonly range: { start: { line: number } }; newText: string }[]>
  >;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-services-"));
  writeFileSync(file("steps.py"), steps);
  writeFileSync(file("pipeline.py"), "nothing on the disk counts");
  mkdirSync(file("deep/er"), { recursive: true });
  writeFileSync(file("deep/er/other.py"), body("load(rows=5)").replace("fit", "later"));
  writeFileSync(file("deep/er/broken.py"), body("load()").replace("fit", "broken"));
  for (const name of ["node_modules", ".hidden", "venv"]) {
    mkdirSync(file(name));
    writeFileSync(file(`${name}/hidden.py`), body("load(rows=1)"));
  }
  writeFileSync(file("venv/pyvenv.cfg"), "");
  writeFileSync(file("helper.py"), "import kfp\nprint('no pipeline here')\n");
  symlinkSync(folder, file("deep/loop"));
  symlinkSync(file("deep/nowhere"), file("deep/dangling.py"));
  server = await startLanguageServer(script, folder);
  await server.open(file("pipeline.py"), pipeline);
});

afterAll(async () => {
  expect(await server.stop()).toBe(0);
  rmSync(folder, { recursive: true, maxRetries: 9 });
});

test("what it can do is announced", () => {
  expect(Object.keys(server.capabilities)).toEqual(
    expect.arrayContaining([
      "completionProvider",
      "signatureHelpProvider",
      "referencesProvider",
      "renameProvider",
      "documentSymbolProvider",
      "foldingRangeProvider",
      "semanticTokensProvider",
      "codeActionProvider",
    ]),
  );
});

test("completion, hover, signature and definition", async () => {
  const completion = await server.at<{ items: { label: string; textEdit: { range: object } }[] }>(
    "textDocument/completion",
    file("pipeline.py"),
    [6, 27],
  );
  expect(completion.items.map(({ label }) => label)).toEqual(["data", "Output"]);
  expect(completion.items[0]?.textEdit.range).toEqual({
    start: { line: 6, character: 26 },
    end: { line: 6, character: 27 },
  });
  const hover = await server.at<{ contents: { value: string } }>("textDocument/hover", file("pipeline.py"), [5, 10]);
  expect(hover.contents.value).toContain("load(rows: int, seed: int = 7)");
  const signature = await server.at<{ signatures: { label: string }[]; activeParameter: number }>(
    "textDocument/signatureHelp",
    file("pipeline.py"),
    [6, 10],
  );
  expect(signature.signatures[0]?.label).toBe("train(data: Dataset, rate: float = 0.1) → loss: float, epochs: int");
  expect(await server.at("textDocument/definition", file("pipeline.py"), [5, 10])).toMatchObject({
    uri: uri("steps.py"),
    range: { start: { line: 4, character: 4 } },
  });
});

test("references and rename reach files that nobody has open", async () => {
  const references = await server.at<{ uri: string }[]>("textDocument/references", file("pipeline.py"), [5, 10], {
    context: { includeDeclaration: false },
  });
  expect([...new Set(references.map((one) => one.uri))].sort()).toEqual([
    uri("deep/er/broken.py"),
    uri("deep/er/other.py"),
    uri("pipeline.py"),
  ]);
  expect(await server.at("textDocument/prepareRename", file("pipeline.py"), [5, 14])).toEqual({
    range: { start: { line: 5, character: 13 }, end: { line: 5, character: 17 } },
    placeholder: "rows",
  });
  const edit = await server.at<Edits>("textDocument/rename", file("pipeline.py"), [5, 14], { newName: "count" });
  expect(Object.entries(edit.changes).map(([one, edits]) => [one, edits.length])).toEqual(
    expect.arrayContaining([
      [uri("pipeline.py"), 1],
      [uri("steps.py"), 6],
      [uri("deep/er/other.py"), 1],
    ]),
  );
  await expect(server.at("textDocument/rename", file("pipeline.py"), [5, 14], { newName: "seed" })).rejects.toThrow(
    '"load" already has "seed".',
  );
  expect(await server.at("textDocument/prepareRename", file("pipeline.py"), [5, 10])).toBeNull();
});

test("a quick fix for what is said, and for nothing else", async () => {
  const range = { start: { line: 6, character: 15 }, end: { line: 6, character: 31 } };
  const diagnostic = { range, code: "unknown-output", source: "millrace", message: "" };
  const ask = (diagnostics: readonly object[]) =>
    server.connection.sendRequest<{ title: string; edit: Edits }[]>("textDocument/codeAction", {
      textDocument: { uri: uri("pipeline.py") },
      range,
      context: { diagnostics },
    });
  const [fix] = await ask([diagnostic]);
  expect(fix?.title).toBe("Change to data");
  expect(Object.keys(fix?.edit.changes ?? {})).toEqual([uri("pipeline.py")]);
  expect(await ask([{ ...diagnostic, source: "pylance" }])).toEqual([]);
});

test("outline, cells, marks of channels", async () => {
  const whole = <T>(method: string): Promise<T> =>
    server.connection.sendRequest(method, { textDocument: { uri: uri("pipeline.py") } });
  const symbols = await whole<{ name: string; children: { name: string }[] }[]>("textDocument/documentSymbol");
  expect(symbols.map(({ name, children }) => [name, children.map((one) => one.name)])).toEqual([
    ["fit", ["load", "train"]],
  ]);
  expect(await whole("textDocument/foldingRange")).toEqual([
    { startLine: 0, endLine: 1, kind: "imports" },
    { startLine: 4, endLine: 6 },
    { startLine: 8, endLine: 9, kind: "region" },
  ]);
  const { data } = await whole<{ data: number[] }>("textDocument/semanticTokens/full");
  // `rows` and `names` of the signature, `rows` of the call.
  expect(data).toEqual([4, 8, 4, 0, 1, 0, 15, 5, 0, 1, 1, 18, 4, 0, 1]);
});

test("the pipelines of the workspace: once each, open text first, loops of links and tools' folders left out", async () => {
  const listing: WorkspaceRequests["millrace/pipelines"]["result"] = await server.connection.sendRequest(
    "millrace/pipelines",
    {},
  );
  expect(listing.complete).toBe(true);
  expect(listing.pipelines.map((one) => [one.uri, one.symbol, one.broken])).toEqual([
    [uri("deep/er/broken.py"), "broken", true],
    [uri("deep/er/other.py"), "later", false],
    [uri("pipeline.py"), "fit", true],
  ]);
  expect(listing.pipelines[2]?.nameRange.start).toEqual({ line: 4, character: 4 });
});

test("beside another Python server: no names of the file, and what that one says is not said again", async () => {
  const ask = (position: readonly [number, number], more: object) =>
    server.at<{ items: { label: string }[] } | null>("textDocument/completion", file("pipeline.py"), position, more);
  expect((await ask([5, 4], {}))?.items.map(({ label }) => label)).toEqual(expect.arrayContaining(["load", "for"]));
  expect(await ask([5, 4], { alone: false })).toBeNull();
  expect((await ask([6, 27], { alone: false }))?.items).toHaveLength(2);
  const hover = (others: unknown) =>
    server.at<{ contents: { value: string } }>("textDocument/hover", file("pipeline.py"), [5, 10], { others });
  expect((await hover("def load(rows: int, seed: int)")).contents.value).toMatch(/^Gives /);
  expect((await hover(7)).contents.value).toContain("load(rows: int");
  const symbols = await server.connection.sendRequest<{ name: string }[]>("textDocument/documentSymbol", {
    textDocument: { uri: uri("pipeline.py") },
    alone: false,
  });
  expect(symbols.map(({ name }) => name)).toEqual(["Steps of fit"]);
});

test("wrong questions get an answer, and the server lives on", async () => {
  const methods = ["completion", "signatureHelp", "references", "rename", "prepareRename", "semanticTokens/full"];
  const textDocument = { uri: uri("pipeline.py") };
  const wrong: readonly unknown[] = [
    null,
    5,
    {},
    { textDocument: { uri: 7 } },
    { textDocument },
    { textDocument, position: { line: 1e9, character: -1 } },
    { textDocument, position: { line: "a" }, newName: 3, range: null },
    { textDocument: { uri: uri("steps.txt") }, position: { line: 0, character: 0 } },
  ];
  for (const method of [...methods, "codeAction", "documentSymbol", "foldingRange"])
    for (const params of wrong)
      await server.connection.sendRequest(`textDocument/${method}`, params).catch(() => undefined);
  const listing = await server.connection.sendRequest<{ pipelines: unknown[] }>("millrace/pipelines", null);
  expect(listing.pipelines).toHaveLength(3);
});
