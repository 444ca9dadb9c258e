/** What the language server takes for what an editor asks: each request after an edit, and all that a key brings about. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type CancellationToken, CancellationTokenSource } from "vscode-jsonrpc/node";
import type { GraphAnswer } from "../../language/protocol.ts";
import { type LiveServer, startLanguageServer } from "../support/language-server.ts";

/** A file that is edited. */
export interface Edited {
  readonly what: string;
  /** Its name, by whose ending its language is known. */
  readonly file: string;
  readonly text: string;
  /** A text that is there once; what is asked about stands at its end. */
  readonly place: string;
  /** Milliseconds that the slowest request may take. */
  readonly requestMs: number;
  /** Milliseconds from a key to its problems; absent where no keys are measured. */
  readonly keyMs?: number;
}

const samples = resolve(import.meta.dirname, "../../samples/churn");

export const editedFiles: readonly Edited[] = [
  sample("pipeline.py", "n_estimators=n_estimators"),
  sample("pipeline.ts", "n_estimators: nEstimators"),
  large("1,000 steps in Python", "chain.py", python(1000, 0), 80),
  large("100,000 lines of Python", "long.py", python(1000, 100_000), 300),
  large("1,000 steps in TypeScript", "chain.ts", typescript(1000), 80),
  large("5,000 steps in TypeScript", "longer.ts", typescript(5000), 300),
];

function sample(file: string, place: string): Edited {
  return { what: `churn/${file}`, file, text: readFileSync(join(samples, file), "utf8"), place, requestMs: 20 };
}

function large(what: string, file: string, text: string, requestMs: number): Edited {
  const place = file.endsWith(".py") ? "step(x=t499" : "step({ x: t499";
  return { what, file, text, place, requestMs, keyMs: requestMs + 70 };
}

/** A chain of steps below so many lines of other code: components, functions, constants. */
function python(steps: number, lines: number): string {
  const body = (i: number): string => Array.from({ length: 40 }, (_, k) => `    x = x + ${i + k}`).join("\n");
  const parts = Array.from(
    { length: Math.round(lines / 90) },
    (_, i) =>
      `@dsl.component\ndef other_${i}(x: int) -> int:\n${body(i)}\n    return x\n\n\ndef plain_${i}(x):\n${body(i)}\n    return x\n\n\nLIMIT_${i} = ${i}\n`,
  );
  const tasks = Array.from({ length: steps }, (_, i) => `    t${i} = step(x=${i === 0 ? "n" : `t${i - 1}.output`})`);
  return [
    "from kfp import dsl",
    "@dsl.component",
    "def step(x: int) -> int:",
    "    return x + 1",
    ...parts,
    "@dsl.pipeline",
    "def chain(n: int = 1):",
    ...tasks,
    "",
  ].join("\n");
}

function typescript(steps: number): string {
  const tasks = Array.from(
    { length: steps },
    (_, i) => `  const t${i} = step({ x: ${i === 0 ? "n" : `t${i - 1}.output`} });`,
  );
  return [
    'import { component, pipeline, type Int } from "millrace";',
    "export const step = component({}, ({ x }: { x: Int }): Int => x + 1);",
    "export const chain = pipeline(({ n = 1 }: { n?: Int }) => {",
    ...tasks,
    "});",
    "",
  ].join("\n");
}

type Position = readonly [line: number, character: number];

function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset).split("\n");
  return [before.length - 1, before.at(-1)?.length ?? 0];
}

/** A server with one file open, which is edited by keys. */
async function startEditing(script: string, folder: string, { file, text }: Edited) {
  const server = await startLanguageServer(script, folder);
  const path = join(folder, file);
  const uri = pathToFileURL(path).href;
  let version = 1;
  let told = 0;
  let wake = (): void => {};
  let listen: (version: number) => void = () => {};
  server.connection.onNotification("millrace/changed", (params: { uri: string; version: number }) => {
    if (params.uri !== uri) return;
    told = params.version;
    listen(told);
    wake();
  });
  server.connection.onNotification("textDocument/publishDiagnostics", () => {});
  server.connection.onNotification("window/logMessage", ({ message }: { message: string }) => console.error(message));
  await server.open(path, text);
  /** Waits until all has been said about the newest text. */
  const settled = async (): Promise<void> => {
    while (told < version) await new Promise<void>((done) => (wake = done));
  };
  await settled();
  return {
    server,
    path,
    uri,
    settled,
    /** Hears of each version that all has been said about. */
    onTold: (listener: (version: number) => void) => void (listen = listener),
    /** Replaces what stands between two characters of a line; answers the version. */
    async edit(line: number, from: number, to: number, by: string): Promise<number> {
      const own = ++version;
      const range = { start: { line, character: from }, end: { line, character: to } };
      await server.connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version: own },
        contentChanges: [{ range, rangeLength: to - from, text: by }],
      });
      return own;
    },
  };
}

type Ask = (server: LiveServer, path: string, uri: string, at: Position) => Promise<unknown>;

const whole = (server: LiveServer, method: string, uri: string, more: object = {}): Promise<unknown> =>
  server.connection.sendRequest(method, { textDocument: { uri }, ...more });
const around = ([line]: Position) => ({
  start: { line: Math.max(0, line - 30), character: 0 },
  end: { line: line + 30, character: 0 },
});

const asks: Readonly<Record<string, Ask>> = {
  definitions: (server, _, uri) => server.connection.sendRequest("millrace/definitions", { uri }),
  graph: (server, _, uri) => server.connection.sendRequest("millrace/graph", { uri, folded: [] }),
  completion: (server, path, _, at) => server.at("textDocument/completion", path, at),
  signatureHelp: (server, path, _, at) => server.at("textDocument/signatureHelp", path, at),
  hover: (server, path, _, [line, character]) =>
    server.at("textDocument/hover", path, [line, character - "step(x=".length]),
  definition: (server, path, _, [line, character]) =>
    server.at("textDocument/definition", path, [line, character - "step(x=".length]),
  documentHighlight: (server, path, _, at) => server.at("textDocument/documentHighlight", path, at),
  references: (server, path, _, [line, character]) =>
    server.at("textDocument/references", path, [line, character - 6], { context: { includeDeclaration: true } }),
  prepareRename: (server, path, _, at) => server.at("textDocument/prepareRename", path, at),
  semanticTokens: (server, _, uri) => whole(server, "textDocument/semanticTokens/full", uri),
  foldingRange: (server, _, uri) => whole(server, "textDocument/foldingRange", uri),
  documentSymbol: (server, _, uri) => whole(server, "textDocument/documentSymbol", uri),
  inlayHint: (server, _, uri, at) => whole(server, "textDocument/inlayHint", uri, { range: around(at) }),
  codeAction: (server, _, uri, [line, character]) =>
    whole(server, "textDocument/codeAction", uri, {
      range: { start: { line, character: character - 3 }, end: { line, character: character - 3 } },
      context: { diagnostics: [] },
    }),
};

/** Milliseconds of each request: of a text whose problems have been told, edited before each. */
export async function measureRequests(
  script: string,
  folder: string,
  edited: Edited,
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const editing = await startEditing(script, folder, edited);
  const { server, path, uri, settled } = editing;
  const [line, character] = positionOf(edited.text, edited.text.lastIndexOf(edited.place) + edited.place.length);
  const times = new Map<string, number[]>();
  const last = edited.text.split("\n")[line]?.length ?? 0;
  let isEdited = false;
  for (let round = -1; round < rounds; round++) {
    for (const [name, ask] of Object.entries(asks)) {
      // Behind the statement: a blank more, a blank less.
      await editing.edit(line, last, last + (isEdited ? 1 : 0), isEdited ? "" : " ");
      isEdited = !isEdited;
      await settled();
      const begun = performance.now();
      await ask(server, path, uri, [line, character]);
      const took = performance.now() - begun;
      if (round < 0) continue;
      const known = times.get(name);
      if (known) known.push(took);
      else times.set(name, [took]);
    }
  }
  await server.stop();
  return times;
}

export interface Typed {
  /** Milliseconds from a key until the problems of its text, or of a later one, were told. */
  readonly told: readonly number[];
  /** Milliseconds from a key until the graph of its text, or of a later one, was there. */
  readonly drawn: readonly number[];
  /** Milliseconds from the last key until nothing was left to be answered. */
  readonly rest: number;
  /** Requests that were not worked out, since a later key had superseded them. */
  readonly superseded: number;
}

/** What is typed into a new line below the place. */
const lines: Readonly<Record<string, string>> = {
  "chain.py": "    t = step(x=t499.output)",
  "long.py": "    t = step(x=t499.output)",
  "chain.ts": "  const t = step({ x: t499.output });",
  "longer.ts": "  const t = step({ x: t499.output });",
};

/**
 * Types a line and deletes it, a key each `everyMs`, whether or not the server has answered. After each key it is
 * asked for what an editor shows of pipelines; what was asked before is cancelled, and of graphs one is asked for at
 * a time, as in VS Code.
 */
export async function measureKeys(script: string, folder: string, edited: Edited, everyMs: number): Promise<Typed> {
  const line = lines[edited.file] ?? "";
  const editing = await startEditing(script, folder, edited);
  const { connection } = editing.server;
  const { uri } = editing;
  const [above] = positionOf(edited.text, edited.text.lastIndexOf(edited.place));
  const end = edited.text.split("\n")[above]?.length ?? 0;
  await editing.edit(above, end, end, "\n");
  await editing.settled();
  const [told, drawn] = [waits(), waits()];
  editing.onTold((version) => told.until(version));
  let superseded = 0;
  const asked: Promise<unknown>[] = [];
  const ask = (token: CancellationToken): void => {
    const about = { textDocument: { uri }, range: around([above, 0]) };
    for (const method of ["textDocument/semanticTokens/full", "textDocument/inlayHint", "textDocument/foldingRange"])
      asked.push(connection.sendRequest(method, about, token).catch(() => superseded++));
    asked.push(connection.sendRequest("millrace/definitions", { uri }, token).catch(() => superseded++));
  };
  let drawing: Promise<void> | undefined;
  let known: number | undefined;
  const draw = async (): Promise<void> => {
    while (drawn.waiting()) {
      const has = known === undefined ? {} : { drawing: known };
      const answer = await connection.sendRequest<GraphAnswer>("millrace/graph", { uri, folded: [], ...has });
      if (answer.graph) known = answer.drawing;
      drawn.until(answer.version ?? 0);
    }
    drawing = undefined;
  };
  let before = new CancellationTokenSource();
  for (let key = 0; key < 2 * line.length; key++) {
    const at = key < line.length ? key : 2 * line.length - key - 1;
    before.cancel();
    before = new CancellationTokenSource();
    const isTyped = key < line.length;
    const version = await editing.edit(above + 1, at, isTyped ? at : at + 1, isTyped ? line.charAt(at) : "");
    told.begin(version);
    drawn.begin(version);
    ask(before.token);
    drawing ??= draw();
    await new Promise((next) => setTimeout(next, everyMs));
  }
  const last = performance.now() - everyMs;
  await Promise.all([...asked, drawing, editing.settled()]);
  const rest = performance.now() - last;
  await editing.server.stop();
  return { told: told.times, drawn: drawn.times, rest, superseded };
}

/** How long versions of a text wait for something. */
function waits() {
  const times: number[] = [];
  const begun = new Map<number, number>();
  return {
    times,
    begin: (version: number) => void begun.set(version, performance.now()),
    waiting: () => begun.size > 0,
    until(version: number): void {
      for (const [one, since] of begun) {
        if (one > version) continue;
        times.push(performance.now() - since);
        begun.delete(one);
      }
    },
  };
}
