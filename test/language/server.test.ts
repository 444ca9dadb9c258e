/** The language server as a process of its own, spoken to over stdio. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  type ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { LSPErrorCodes } from "vscode-languageserver/node";
import type { LanguageRequests } from "../../language/protocol.ts";

const server = resolve(import.meta.dirname, "../../language/server.ts");
const churn = readFileSync(resolve(import.meta.dirname, "fixtures/churn.yaml"), "utf8");

let folder: string;
let child: ChildProcess;
let connection: MessageConnection;
let log: string[];
/** Newest diagnostics by URI, and who waits for the next ones. */
let diagnostics: Map<string, { version?: number; messages: string[] }>;
let arrivals: { method: string; uri: string; version?: number }[];
let wake: () => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-language-"));
  child = spawn(process.execPath, [server, "--stdio"], { stdio: ["pipe", "pipe", "pipe"] });
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("piped");
  log = [];
  stderr.setEncoding("utf8").on("data", (text: string) => log.push(text));
  diagnostics = new Map();
  arrivals = [];
  wake = () => {};
  connection = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
  connection.onNotification("window/logMessage", ({ message }: { message: string }) => void log.push(message));
  connection.onNotification(
    "textDocument/publishDiagnostics",
    (params: {
      uri: string;
      version?: number;
      diagnostics: { message: string; code: string; range: { start: { line: number; character: number } } }[];
    }) => {
      const messages = params.diagnostics.map(
        (d) => `${d.range.start.line}:${d.range.start.character} ${d.code} ${d.message}`,
      );
      diagnostics.set(params.uri, { messages, ...(params.version === undefined ? {} : { version: params.version }) });
      arrive("diagnostics", params);
    },
  );
  connection.onNotification("millrace/changed", (params: { uri: string; version?: number }) =>
    arrive("changed", params),
  );
  connection.listen();
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "w" }],
  });
  await connection.sendNotification("initialized", {});
});

afterEach(async () => {
  const gone = new Promise((done) => child.once("exit", done));
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  await gone;
  expect(child.exitCode).toBe(0);
  connection.dispose();
  rmSync(folder, { recursive: true, maxRetries: 9 });
});

function arrive(method: string, params: { uri: string; version?: number }): void {
  arrivals.push({ method, uri: params.uri, ...(params.version === undefined ? {} : { version: params.version }) });
  wake();
}

/** Waits until the server has said it about this version. */
async function said(method: "changed" | "diagnostics", uri: string, version: number): Promise<void> {
  while (!arrivals.some((one) => one.method === method && one.uri === uri && (one.version ?? 0) >= version)) {
    await new Promise<void>((done) => (wake = done));
  }
}

function ask<M extends keyof LanguageRequests>(
  method: M,
  params: LanguageRequests[M]["params"],
): Promise<LanguageRequests[M]["result"] | null> {
  return connection.sendRequest(method, params);
}

const file = (name: string, text?: string | Uint8Array): string => {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return pathToFileURL(path).href;
};

async function openDocument(uri: string, languageId: string, text: string): Promise<void> {
  await connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId, version: 1, text } });
}

async function replaceText(uri: string, version: number, text: string): Promise<void> {
  await connection.sendNotification("textDocument/didChange", {
    textDocument: { uri, version },
    contentChanges: [{ text }],
  });
}

test("a compiled file on the disk: definitions, graph, places, YAML", async () => {
  const uri = file("churn.yaml", churn);
  const { definitions } = (await ask("millrace/definitions", { uri })) ?? { definitions: [] };
  expect(definitions.map(({ kind, symbol }) => [kind, symbol])).toEqual([["pipeline", "churn-training-v2"]]);
  expect(Object.keys(definitions[0]?.inputs.parameters ?? {})).toEqual(["n_estimators", "rows"]);

  const drawn = await ask("millrace/graph", { uri, folded: [] });
  expect(drawn?.problem).toBeUndefined();
  expect(drawn?.graph?.dag.nodes.map(({ id }) => id)).toEqual(["root.load-data", "root.train", "root.evaluate"]);
  expect(Object.keys(drawn?.graph?.boxes ?? {}).sort()).toEqual(["root.evaluate", "root.load-data", "root.train"]);

  const place = await ask("millrace/sourceOf", { uri, node: "root.train" });
  expect(churn.split("\n")[place?.range.start.line ?? -1]?.trim()).toBe("train:");
  const position = { line: (place?.range.start.line ?? 0) + 2, character: 8 };
  expect(await ask("millrace/nodeAt", { uri, position })).toEqual({ symbol: "churn-training-v2", node: "root.train" });
  expect(await ask("millrace/compile", { uri })).toEqual({ yaml: churn });
});

test("a drawing that the client has is not sent again, until it is another", async () => {
  const uri = file("drawn.yaml", "nothing yet");
  await openDocument(uri, "yaml", churn);
  const { drawing, graph } = (await ask("millrace/graph", { uri })) ?? {};
  if (drawing === undefined) throw new Error("it has no number");
  expect(graph?.dag.nodes).toHaveLength(3);
  await replaceText(uri, 2, `# A comment.\n${churn}`);
  expect(await ask("millrace/graph", { uri, drawing })).toEqual({ version: 2, drawing });
  await replaceText(uri, 3, churn.replace("name: train\n", "name: fit\n"));
  const other = await ask("millrace/graph", { uri, drawing });
  expect(other?.graph?.dag.nodes.map(({ label }) => label)).toContain("fit");
  expect(other?.drawing).not.toBe(drawing);
});

test("an open document comes before the disk, edit by edit", async () => {
  const uri = file("churn.yaml", "nothing yet");
  await openDocument(uri, "yaml", churn);
  await said("changed", uri, 1);
  expect(diagnostics.get(uri)?.messages).toEqual([]);
  expect((await ask("millrace/graph", { uri }))?.version).toBe(1);

  await replaceText(uri, 2, churn.replace("name: comp-train", "name: comp-tarin"));
  await said("diagnostics", uri, 2);
  expect(diagnostics.get(uri)?.messages).toEqual([expect.stringContaining('There is no component "comp-tarin".')]);
  const broken = await ask("millrace/graph", { uri });
  expect(broken).toEqual({ version: 2, problem: { message: 'There is no component "comp-tarin".', count: 1 } });

  // A flood of edits: only what the last one means is said in the end.
  for (let version = 3; version < 60; version++)
    await replaceText(uri, version, version % 2 ? "pipelineInfo: [" : churn.slice(0, 400 * version));
  await replaceText(uri, 60, churn);
  await said("changed", uri, 60);
  expect(diagnostics.get(uri)).toEqual({ version: 60, messages: [] });
  expect((await ask("millrace/graph", { uri }))?.graph?.dag.nodes).toHaveLength(3);

  // Incremental, with a position beyond the end of its line.
  const line = churn.split("\n").findIndex((text) => text.includes("name: churn-training-v2"));
  await connection.sendNotification("textDocument/didChange", {
    textDocument: { uri, version: 61 },
    contentChanges: [{ range: { start: { line, character: 8 }, end: { line, character: 99_999 } }, text: "renamed" }],
  });
  expect((await ask("millrace/definitions", { uri }))?.definitions[0]?.name).toBe("renamed");
  await connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
  expect(await ask("millrace/definitions", { uri })).toEqual({ definitions: [] });
});

test("files that have nothing to do with pipelines are left alone", async () => {
  const python = file("other.py");
  const yaml = file("values.yaml");
  await openDocument(python, "python", "def (:\n");
  await openDocument(yaml, "yaml", "a: [\n");
  expect(await ask("millrace/definitions", { uri: python })).toEqual({ definitions: [] });
  const graph = file("churn.yaml");
  await openDocument(graph, "yaml", churn);
  await said("changed", graph, 1);
  expect([...diagnostics.keys()]).toEqual([graph]);
});

test("hover and go to definition in compiled YAML", async () => {
  const uri = file("churn.yaml", churn);
  const lines = churn.split("\n");
  const line = lines.findIndex((text) => text.includes("name: comp-train"));
  const position = { line, character: (lines[line]?.indexOf("comp-train") ?? 0) + 2 };
  const hover: { contents: { value: string } } = await connection.sendRequest("textDocument/hover", {
    textDocument: { uri },
    position,
  });
  expect(hover.contents.value).toContain("train(");
  expect(hover.contents.value).toContain("dataset: Dataset");
  expect(hover.contents.value).toContain("`scikit-learn==");
  const place: { range: { start: { line: number } } } = await connection.sendRequest("textDocument/definition", {
    textDocument: { uri },
    position,
  });
  expect(lines[place.range.start.line]).toBe("  comp-train:");
});

test("cells, in any text", async () => {
  const uri = file("notes.py", "import kfp\n\n# %% [markdown] About\n# text\n");
  const { cells } = (await ask("millrace/cells", { uri })) ?? { cells: [] };
  expect(cells.map(({ kind, title, text, range }) => [kind, title, text, range.start.line])).toEqual([
    ["code", undefined, "import kfp", 0],
    ["markdown", "About", "text", 2],
  ]);
});

test("wrong files, wrong questions and garbage get an answer, and the server lives on", async () => {
  const latin = file("latin.yaml", Uint8Array.of(0x70, 0xe9, 0xff));
  expect((await ask("millrace/graph", { uri: latin }))?.problem?.message).toMatch(/is not UTF-8/);
  expect((await ask("millrace/graph", { uri: file("absent.yaml") }))?.problem?.message).toMatch(/does not exist/);
  expect((await ask("millrace/graph", { uri: file("notes.txt", "x") }))?.problem?.message).toMatch(/is not a \.ts/);
  const good = file("churn.yaml", churn);
  expect(await ask("millrace/compile", { uri: good, symbol: "nobody" })).toEqual({
    problem: 'This file has no pipeline "nobody".',
  });
  expect(await ask("millrace/sourceOf", { uri: good, node: "root.nobody" })).toBeNull();
  expect(await ask("millrace/nodeAt", { uri: good, position: { line: 1e9, character: 1e9 } })).toBeNull();

  for (const params of [null, 5, {}, { uri: 7 }, { uri: "::::" }, { uri: "file://%%%" }, [], "x"]) {
    for (const method of [
      "millrace/graph",
      "millrace/definitions",
      "textDocument/hover",
      "millrace/nodeAt",
      "millrace/compile",
    ]) {
      await connection.sendRequest(method, params).catch(() => undefined);
      await connection.sendNotification("textDocument/didChange", params as object).catch(() => undefined);
    }
  }
  await expect(connection.sendRequest("millrace/unknown", {})).rejects.toThrow();
  for (const junk of [
    "Content-Length: 7\r\n\r\n{{{{{{{",
    'Content-Length: 20\r\n\r\n{"jsonrpc":"2.0"}   ',
    "Content-Length: 2\r\n\r\n[]",
    "Content-Length: 4\r\n\r\nnull",
  ])
    child.stdin?.write(junk);
  expect((await ask("millrace/graph", { uri: good }))?.graph?.dag.nodes).toHaveLength(3);
});

test("a file that changes on the disk is read anew", async () => {
  const uri = file("churn.yaml", churn);
  expect((await ask("millrace/definitions", { uri }))?.definitions[0]?.name).toBe("churn-training-v2");
  file("churn.yaml", churn.replace("name: churn-training-v2", "name: another-name"));
  expect((await ask("millrace/definitions", { uri }))?.definitions[0]?.name).toBe("another-name");
});

const steps = `from kfp import dsl

@dsl.component
def train(rows: int) -> float:
    return 0.5
`;
const pipeline = `from kfp import dsl
from steps import train

@dsl.pipeline
def fit(rows: int = 3):
    train(rows=rows)
`;

test("what newer keys have superseded is not worked out: it neither queues up nor goes unanswered", async () => {
  const text = (count: number): string => `import kfp\n${"x = 1\n".repeat(count)}`;
  const uri = file("typed.py");
  await openDocument(uri, "python", text(0));
  await said("changed", uri, 1);
  const about = { textDocument: { uri } };
  const keys = 60;
  const answers: Promise<unknown>[] = [];
  let before = new CancellationTokenSource();
  for (let key = 1; key <= keys; key++) {
    before.cancel();
    before = new CancellationTokenSource();
    // Not awaited: all is sent before anything is answered.
    answers.push(replaceText(uri, key + 1, text(key)));
    answers.push(connection.sendRequest("textDocument/semanticTokens/full", about, before.token));
    answers.push(connection.sendRequest("textDocument/foldingRange", about));
    answers.push(ask("millrace/definitions", { uri }));
  }
  const results = await Promise.allSettled(answers);
  const last = results.slice(-4).map((one) => (one.status === "fulfilled" ? one.value : one.status));
  expect(last.slice(1)).toEqual([{ data: [] }, [], { version: keys + 1, definitions: [] }]);
  await said("changed", uri, keys + 1);
  // As many as there were moments without a newer text: a few, where the system delivers it in pieces.
  expect(arrivals.filter(({ method }) => method === "changed").length).toBeLessThan(keys / 2);
  const codes = results.flatMap((one) => (one.status === "rejected" ? [(one.reason as ResponseError).code] : []));
  expect(new Set(codes)).toEqual(new Set([LSPErrorCodes.RequestCancelled, LSPErrorCodes.ContentModified]));
});

test("Python: a pipeline over two open files follows edits of both", async () => {
  const stepsUri = file("steps.py", "nothing on the disk counts");
  const uri = file("pipeline.py");
  await openDocument(stepsUri, "python", steps);
  await openDocument(uri, "python", pipeline);
  await said("changed", uri, 1);
  expect((await ask("millrace/definitions", { uri }))?.definitions.map(({ symbol }) => symbol)).toEqual(["fit"]);
  expect((await ask("millrace/graph", { uri, symbol: "fit" }))?.graph?.dag.nodes.map(({ id }) => id)).toEqual([
    "root.train",
  ]);
  expect((await ask("millrace/nodeAt", { uri, position: { line: 5, character: 6 } }))?.node).toBe("root.train");

  arrivals = [];
  await replaceText(stepsUri, 2, steps.replace("rows: int", "count: int"));
  await said("changed", uri, 1);
  expect(diagnostics.get(uri)?.messages.join("\n")).toMatch(/^5:\d+ \S+ .*rows/m);
  await replaceText(stepsUri, 3, steps);
  while ((diagnostics.get(uri)?.messages.length ?? 0) > 0) await new Promise<void>((done) => (wake = done));

  await replaceText(uri, 2, pipeline.replace("train(rows=rows)", "train(rows=rows"));
  await said("diagnostics", uri, 2);
  expect(diagnostics.get(uri)?.messages.join("\n")).toMatch(/syntax-error/);
});

test("a module that changed on the disk is told of, also where a question was the first to read it anew", async () => {
  file("steps.py", steps.replace("rows: int", "count: int"));
  const uri = file("pipeline.py");
  await openDocument(uri, "python", pipeline);
  await said("changed", uri, 1);
  expect(diagnostics.get(uri)?.messages.join("\n")).toMatch(/^5:\d+ \S+ .*rows/m);
  file("steps.py", steps);
  // An editor asks all the time; what its file watcher saw comes later.
  expect((await ask("millrace/definitions", { uri }))?.definitions.map(({ symbol }) => symbol)).toEqual(["fit"]);
  await connection.sendNotification("workspace/didChangeWatchedFiles", { changes: [] });
  while ((diagnostics.get(uri)?.messages.length ?? 0) > 0) await new Promise<void>((done) => (wake = done));
});

test("Python without pipelines: syntax errors where it imports kfp, nothing else", async () => {
  const helper = file("helper.py");
  const broken = file("broken.py");
  await openDocument(
    helper,
    "python",
    "import kfp\nimport nowhere\nnowhere.do(undefined_name)\nclient = kfp.Client()\n",
  );
  await openDocument(broken, "python", "import kfp\nx = (\n");
  await said("changed", broken, 1);
  await said("changed", helper, 1);
  expect(diagnostics.get(helper)?.messages).toEqual([]);
  expect(diagnostics.get(broken)?.messages.join("\n")).toMatch(/syntax-error/);
});

test("TypeScript: to the Python component, and to its file", async () => {
  const stepsUri = file("steps.py", steps);
  const text = `import { pipeline } from "millrace";
import { train } from "./steps.py";
export const fit = pipeline({ name: "fit" }, () => {
  train({ rows: 3 });
});
`;
  const uri = file("pipeline.ts", text);
  await openDocument(uri, "typescript", text);
  await said("changed", uri, 1);
  expect(diagnostics.get(uri)?.messages).toEqual([]);
  const goTo = (line: number, character: number) =>
    connection.sendRequest("textDocument/definition", { textDocument: { uri }, position: { line, character } });
  expect(await goTo(3, 4)).toMatchObject({ uri: stepsUri, range: { start: { line: 3, character: 4 } } });
  expect(await goTo(1, 28)).toMatchObject({ uri: stepsUri, range: { start: { line: 0, character: 0 } } });
  expect((await ask("millrace/compile", { uri, symbol: "fit" }))?.yaml).toContain("constant: 3.0");
});

test("what only the user can say is asked for: an environment variable, a component on the network", async () => {
  const url = "https://example.org/component.yaml";
  const text = `import os
from kfp import components, dsl

TAG = os.environ.get("MILLRACE_TEST_TAG", "none")
train = components.load_component_from_url("${url}")

@dsl.component(base_image="a:" + TAG)
def use():
    pass

@dsl.pipeline
def main():
    use()
`;
  const uri = file("pipeline.py", text);
  await openDocument(uri, "python", text);
  await said("diagnostics", uri, 1);
  const actions = async (code: string, line: number): Promise<unknown> => {
    const message = diagnostics.get(uri)?.messages.find((one) => one.includes(` ${code} `));
    const range = { start: { line, character: 6 }, end: { line, character: 12 } };
    const given = { range, code, source: "millrace", message: message?.replace(/^\S+ \S+ /, "") };
    const context = { diagnostics: [given] };
    const found = await connection.sendRequest<{ command?: { command: string; arguments: unknown } }[]>(
      "textDocument/codeAction",
      { textDocument: { uri }, range, context },
    );
    return found.flatMap(({ command }) => (command ? [[command.command, command.arguments]] : []))[0];
  };
  expect(await actions("assumed-environment", 3)).toEqual(["millrace.setEnvironment", [uri, "MILLRACE_TEST_TAG"]]);
  expect(await actions("not-fetched", 4)).toEqual(["millrace.fetchComponent", [uri, url]]);

  arrivals = [];
  await connection.sendNotification("millrace/settings", { environment: { MILLRACE_TEST_TAG: "v7" } });
  await said("diagnostics", uri, 1);
  expect(diagnostics.get(uri)?.messages.join("\n")).toContain('MILLRACE_TEST_TAG is taken to be "v7"');
});
