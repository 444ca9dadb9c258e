/**
 * One of our two servers: a process of its own that runs on the host's own Node,
 * is started at its first use, and comes back when it dies.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { MessageConnection } from "vscode-jsonrpc";
import type { Report } from "./report.ts";

export interface ServerOptions {
  readonly name: string;
  /** The server's script. */
  readonly script: string;
  readonly folder?: string;
  /** Says hello on a new connection, before anybody else may use it. */
  readonly greet: (connection: MessageConnection) => Promise<void>;
  /** The server is back after it had died. */
  readonly restarted?: () => void;
  readonly report: Report;
}

export interface ServerProcess {
  /** The living connection; rejects while the process cannot be started. */
  connection(): Promise<MessageConnection>;
  /** Absent where it is not running. */
  pid(): number | undefined;
  dispose(): void;
}

const firstDelayMs = 200;
const longestDelayMs = 30_000;
/** A server that lived this long starts again with the first delay. */
const healthyMs = 60_000;

export function serverProcess(options: ServerOptions): ServerProcess {
  let live: { child: ChildProcess; ready: Promise<MessageConnection> } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let delayMs = firstDelayMs;
  let disposed = false;

  function start(): Promise<MessageConnection> {
    clearTimeout(timer);
    const startedAt = Date.now();
    const child = spawn(process.execPath, [options.script, "--stdio"], {
      cwd: options.folder,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stderr
      .setEncoding("utf8")
      .on("data", (text: string) => options.report.log(`${options.name}: ${text.trimEnd()}`));
    const ready = connect(child, options);
    live = { child, ready };
    const gone = (why: string) => {
      if (live?.child !== child) return;
      live = undefined;
      if (disposed) return;
      if (Date.now() - startedAt > healthyMs) delayMs = firstDelayMs;
      options.report.log(`${options.name} stopped (${why}); it starts again in ${delayMs} ms.`);
      timer = setTimeout(() => void start().then(options.restarted, () => undefined), delayMs);
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    };
    child.once("error", (error) => gone(error.message));
    child.once("exit", (code, signal) => gone(signal ?? `exit code ${String(code)}`));
    ready.then(
      () => options.report.log(`${options.name} is ready (process ${String(child.pid)}).`),
      () => child.kill(),
    );
    return ready;
  }

  return {
    connection() {
      if (disposed) return Promise.reject(new Error(`${options.name} is closed.`));
      return live?.ready ?? start();
    },
    pid: () => live?.child.pid,
    dispose() {
      disposed = true;
      clearTimeout(timer);
      const last = live;
      live = undefined;
      if (!last) return;
      last.ready.then(
        (connection) => connection.dispose(),
        () => undefined,
      );
      last.child.kill();
    },
  };
}

async function connect(child: ChildProcess, options: ServerOptions): Promise<MessageConnection> {
  // Loaded at the first use, so that activation does not wait for it.
  const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = await import("vscode-jsonrpc/node");
  if (!child.stdout || !child.stdin) throw new Error(`${options.name} has no pipes.`);
  child.stdin.on("error", () => undefined);
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.onError(([error]) => options.report.log(`${options.name}: ${error.message}`));
  connection.onUnhandledNotification(() => undefined);
  connection.listen();
  const died = new Promise<never>((_, fail) => {
    child.once("exit", () => {
      connection.dispose();
      fail(new Error(`${options.name} stopped before it was ready.`));
    });
    child.once("error", (error) => fail(error));
  });
  await Promise.race([options.greet(connection), died]);
  return connection;
}
