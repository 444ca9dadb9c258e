/** The language server as a process of its own, for tests and measurements. */
import { type ChildProcess, spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";

export interface LiveServer {
  readonly connection: MessageConnection;
  readonly child: ChildProcess;
  readonly capabilities: Readonly<Record<string, unknown>>;
  open(path: string, text: string): Promise<void>;
  /** Asks about a position of a file, `[line, character]`. */
  at<T>(method: string, path: string, position: readonly [number, number], more?: object): Promise<T>;
  /** Answers the exit code. */
  stop(): Promise<number | null>;
}

export async function startLanguageServer(
  script: string,
  folder: string,
  initializationOptions: object = {},
): Promise<LiveServer> {
  const child = spawn(process.execPath, [script, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  const { capabilities } = await connection.sendRequest<{ capabilities: Record<string, unknown> }>("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "w" }],
  });
  await connection.sendNotification("initialized", {});
  return {
    connection,
    child,
    capabilities,
    open: (path, text) =>
      connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri: pathToFileURL(path).href, languageId: "python", version: 1, text },
      }),
    at: (method, path, [line, character], more = {}) =>
      connection.sendRequest(method, {
        textDocument: { uri: pathToFileURL(path).href },
        position: { line, character },
        ...more,
      }),
    async stop() {
      const gone = new Promise((done) => child.once("exit", done));
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      await gone;
      connection.dispose();
      return child.exitCode;
    },
  };
}
