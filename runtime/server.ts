/**
 * The runtime server: one workspace's history, runs and logs for the extension,
 * as JSON-RPC over stdio or Node's IPC. It holds nothing that is not in the store,
 * and may be killed and started again at any time.
 */
import { existsSync, type FSWatcher, realpathSync, watch } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type CancellationToken,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import type { PythonResult } from "../language/python/by-python.ts";
import type { PythonCompileOptions } from "./compile/with-python.ts";
import { finalStates } from "./events.ts";
import type { LogChunk, PythonWish, RunRequest, RuntimeMethods, RuntimeNotifications } from "./protocol.ts";
import { list, pythonWish, record, referenceOf, runRequest, targetOf, text } from "./read-request.ts";
import { cancelRun } from "./run/cancel.ts";
import { followRemote, isForsaken } from "./run/follow-remote.ts";
import { type LogCursor, openRunLog } from "./run/read-log.ts";
import { type Reference, type SourcePlace, sourcePlace } from "./run/source-place.ts";
import { startDetached } from "./run/start-detached.ts";
import { addTarget, chooseTarget, findTarget, readTargets, removeTarget } from "./run/targets.ts";
import type { Store } from "./store/store.ts";
import { openWorkspace } from "./store/open-workspace.ts";
import { runFolder, type Workspace, workspaceAt } from "./store/workspace.ts";
import { describe, UserError } from "./user-error.ts";

/** How often the store is looked at while something runs, where the file system says nothing. */
const pollMs = 150;
/** Changes that come together are told once. */
const settleMs = 30;
const logLines = 2000;
/** Logs that are read at a time, each with its place. */
const mostCursors = 20;
/** Of one log, whose lines are looked for in the sources. */
const mostPlaces = 1000;

type Methods = {
  readonly [K in keyof RuntimeMethods]: (
    ...args: Parameters<RuntimeMethods[K]>
  ) => ReturnType<RuntimeMethods[K]> | Promise<ReturnType<RuntimeMethods[K]>>;
};

/** Serves a connection until it is closed. */
export function serve(connection: MessageConnection, say: (line: string) => void): void {
  const closed = new AbortController();
  let opened: Opened | undefined;

  const workspace = (): Opened => {
    if (opened) return opened;
    throw new UserError("not-open", "No workspace is open.", { action: "Call open first." });
  };
  /** What is asked is checked also where there is no store to ask. */
  const ask = <Q, T>(question: Q, answer: (store: Store, question: Q) => T, otherwise: T): Promise<T> =>
    workspace().ask((store) => answer(store, question), otherwise);
  const methods: Omit<Methods, "compileWithPython"> = {
    async open(folder, trusted) {
      opened?.close();
      opened = await openRuntime(
        text(folder, "workspace"),
        trusted,
        () => void connection.sendNotification("changed" satisfies keyof RuntimeNotifications),
        say,
      );
    },
    trust: () => workspace().trust(),
    compiledWithPython: (path, wish) => workspace().compiledWithPython(text(path, "path"), pythonWish(wish)),
    async fetchComponent(url) {
      workspace().requireTrust("nothing is fetched");
      const { fetchComponent } = await import("./compile/fetch-component.ts");
      return fetchComponent(text(url, "URL"), workspace().workspace, closed.signal);
    },
    run: (request) => workspace().start(runRequest(request)),
    cancel: (run) => workspace().cancel(text(run, "run"), closed.signal),
    log: (run, task, offset) =>
      workspace().log(
        text(run, "run"),
        typeof task === "string" ? task : undefined,
        Number.isSafeInteger(offset) ? offset : 0,
      ),
    forecast: (path, symbol) => workspace().forecast(text(path, "path"), text(symbol, "symbol"), closed.signal),
    targets: () => readTargets(workspace().workspace),
    async contexts(kubeconfig) {
      const { readContexts } = await import("./cluster/connect.ts");
      return readContexts(typeof kubeconfig === "string" ? kubeconfig : undefined);
    },
    addTarget: (target) => addTarget(workspace().workspace, targetOf(target)),
    removeTarget: (name) => removeTarget(workspace().workspace, text(name, "target")),
    chooseTarget: (name) => chooseTarget(workspace().workspace, text(name, "target")),
    async checkTarget(name) {
      workspace().requireTrust("no cluster that it names is asked");
      const { checkTarget } = await import("./cluster/check.ts");
      return checkTarget(findTarget(workspace().workspace, text(name, "target")), closed.signal);
    },
    runs: (query) => ask(record(query), (store, checked) => store.runs(checked), []),
    runRecord: (run) => ask(text(run, "run"), (store, id) => store.run(id), undefined),
    spec: (digest) => ask(text(digest, "digest"), (store, checked) => store.spec(checked), undefined),
    places: (run, references) =>
      workspace().places(text(run, "run"), list(references, "references").slice(0, mostPlaces).map(referenceOf)),
    artifact: (id) => ask(text(id, "artifact"), (store, checked) => store.artifact(checked), undefined),
    artifacts: (query) => ask(record(query), (store, checked) => store.artifacts(checked), []),
    lineage: (artifact) => ask(text(artifact, "artifact"), (store, id) => store.lineage(id), undefined),
    query: (question) => ask(text(question, "query"), (store, checked) => store.query(checked), []),
  };
  const answering = async (work: () => unknown): Promise<unknown> => {
    try {
      return (await work()) ?? null;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new ResponseError(1, error.message, {
        code: error.code,
        ...(error.action === undefined ? {} : { action: error.action }),
      });
    }
  };
  for (const [name, method] of Object.entries(methods)) {
    connection.onRequest(name, (...args: unknown[]) => {
      // The last argument is the request's cancellation token.
      const [first, second, third] = args.slice(0, -1);
      // SAFETY: each method checks what it is given.
      return answering(() => (method as (...args: unknown[]) => unknown)(first, second, third));
    });
  }
  connection.onRequest(
    "compileWithPython" satisfies keyof RuntimeMethods,
    (path: string, wish: PythonWish, token: CancellationToken) =>
      answering(async () => {
        const stop = new AbortController();
        const subscription = token.onCancellationRequested(() => stop.abort());
        const signal = AbortSignal.any([stop.signal, closed.signal]);
        try {
          return await workspace().compileWithPython(text(path, "path"), pythonWish(wish), signal);
        } finally {
          subscription.dispose();
        }
      }),
  );
  connection.onError(([error]) => say(error.message));
  connection.onClose(() => {
    closed.abort();
    opened?.close();
  });
  connection.listen();
}

interface Opened {
  readonly workspace: Workspace;
  /** Asks the store; `otherwise` where nothing ever ran. */
  ask<T>(question: (store: Store) => T, otherwise: T): Promise<T>;
  trust(): void;
  /** Throws UserError where the workspace is not trusted; says what is therefore not done. */
  requireTrust(what: string): void;
  start(request: RunRequest): Promise<{ run: string }>;
  compileWithPython(path: string, wish: PythonWish, signal: AbortSignal): Promise<PythonResult>;
  compiledWithPython(path: string, wish: PythonWish): Promise<PythonResult | undefined>;
  cancel(run: string, signal: AbortSignal): Promise<void>;
  forecast(path: string, symbol: string, signal: AbortSignal): Promise<readonly string[]>;
  log(run: string, task: string | undefined, offset: number): Promise<LogChunk>;
  places(run: string, references: readonly Reference[]): Promise<(SourcePlace | null)[]>;
  close(): void;
}

async function openRuntime(
  root: string,
  trustedAtFirst: boolean,
  changed: () => void,
  say: (line: string) => void,
): Promise<Opened> {
  const workspace = workspaceAt(root);
  // Only a clear yes is one.
  let trusted = (trustedAtFirst as unknown) === true;
  const stop = new AbortController();
  const cursors = new Map<string, LogCursor>();
  const followed = new Set<string>();
  let store: Store | undefined;
  let opening: Promise<Store | undefined> | undefined;
  let seen = 0;
  let watcher: FSWatcher | undefined;
  let settling: NodeJS.Timeout | undefined;
  let polling: NodeJS.Timeout | undefined;

  async function ready(create = false): Promise<Store | undefined> {
    if (store && existsSync(join(workspace.folder, "store.db"))) return store;
    // Deleted under us: history begins anew.
    store?.close();
    store = undefined;
    opening ??= openWorkspace(workspace, { create, say }).finally(() => (opening = undefined));
    store = await opening;
    seen = store?.version() ?? 0;
    watchFolder();
    if (store) look();
    return store;
  }

  /** The folder of the database, or before there is one, the root where it will appear. */
  function watchFolder(): void {
    watcher?.close();
    const folder = existsSync(workspace.folder) ? workspace.folder : workspace.root;
    try {
      watcher = watch(folder, { persistent: false }, (_, name) => {
        if (folder === workspace.root ? name === ".millrace" : name?.startsWith("store.db")) lookSoon();
      });
      watcher.on("error", () => watcher?.close());
    } catch {
      // No more watches to be had: polling while something runs is enough to live with.
    }
  }

  function lookSoon(): void {
    settling ??= setTimeout(() => {
      settling = undefined;
      if (store) look();
      else void ready().then((found) => found && changed(), complain);
    }, settleMs);
  }

  function look(): void {
    clearTimeout(polling);
    if (!store || stop.signal.aborted) return;
    try {
      const version = store.version();
      const isNew = version !== seen;
      seen = version;
      const unfinished = store.runs({ unfinished: true, limit: 50 });
      if (unfinished.length > 0) polling = setTimeout(look, pollMs).unref();
      // To reach a cluster is to run what a kubeconfig names, and the workspace says which kubeconfig.
      if (trusted) for (const run of unfinished) if (!followed.has(run.id) && isForsaken(run)) follow(run.id);
      if (isNew) changed();
    } catch (error) {
      complain(error);
    }
  }

  /** A run on a cluster whose follower ended with its terminal or its window. */
  function follow(id: string): void {
    const run = store?.run(id);
    if (!store || !run) return;
    followed.add(id);
    const never = new AbortController().signal;
    followRemote(run, workspace, store, { signal: never, detach: stop.signal }, say).catch(complain);
  }

  function complain(error: unknown): void {
    say(describe(error));
  }

  function requireTrust(what: string): void {
    if (trusted) return;
    throw new UserError("restricted", `This workspace is in Restricted Mode: ${what}.`, {
      action: "Trust it to run its pipelines.",
    });
  }

  async function ask<T>(question: (store: Store) => T, otherwise: T): Promise<T> {
    const found = await ready();
    if (!found) return otherwise;
    try {
      return question(found);
    } catch (error) {
      const { DamagedStore } = await import("./store/sqlite.ts");
      if (!(error instanceof DamagedStore)) throw error;
      // Opening it again sets it aside and makes it anew.
      found.close();
      store = undefined;
      const mended = await ready();
      return mended ? question(mended) : otherwise;
    }
  }

  function pythonOptions({ python, preferred, timeoutSeconds }: PythonWish): PythonCompileOptions {
    const timeoutMs = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000;
    return { python, preferred, timeoutMs, root: workspace.root, say };
  }

  /** For a run of what the graph shows. */
  async function keptResult(path: string, wish: PythonWish): Promise<readonly string[]> {
    const { compileAndKeep, recall } = await import("./compile/python-cache.ts");
    const options = pythonOptions(wish);
    if (!recall(path, options)) await compileAndKeep(path, { ...options, signal: stop.signal });
    const kept = recall(path, options);
    if (kept) return ["--python-result", kept.file];
    // The sources changed meanwhile, or nothing can be kept: the run compiles what it finds.
    return ["--with-python", ...(wish.python === undefined ? [] : ["--python", wish.python])];
  }

  await ready();
  return {
    workspace,
    async compileWithPython(path, wish, signal) {
      requireTrust("Python does not run its files");
      const { compileAndKeep } = await import("./compile/python-cache.ts");
      return compileAndKeep(resolve(workspace.root, path), { ...pythonOptions(wish), signal });
    },
    async compiledWithPython(path, wish) {
      const { recall } = await import("./compile/python-cache.ts");
      return recall(resolve(workspace.root, path), pythonOptions(wish))?.result;
    },
    ask,
    trust() {
      trusted = true;
      look();
    },
    requireTrust,
    async start(request) {
      requireTrust("nothing of it is run");
      const args = [resolve(workspace.root, request.path), "--target", request.target];
      if (request.symbol !== undefined) args.push("--pipeline", request.symbol);
      if (!request.caching) args.push("--no-cache");
      for (const [name, id] of Object.entries(request.artifacts ?? {})) args.push("--artifact", `${name}=${id}`);
      if (request.withPython)
        args.push(...(await keptResult(resolve(workspace.root, request.path), request.withPython)));
      const run = await startDetached({ workspace, entry: commandScript(), args, parameters: request.parameters });
      await ready();
      lookSoon();
      return { run };
    },
    async forecast(path, symbol, signal) {
      const found = trusted ? await ready() : undefined;
      if (!found) return [];
      const { forecast } = await import("./run/forecast.ts");
      return forecast(resolve(workspace.root, path), symbol, workspace, found, signal);
    },
    async cancel(run, signal) {
      requireTrust("its history does not say which process to stop");
      const found = await ready();
      const known = found?.run(run);
      if (!found || !known) throw new UserError("no-such-run", `There is no run ${run}.`);
      await cancelRun(known, workspace, found, signal);
    },
    async log(run, task, offset) {
      const key = `${run}|${task ?? ""}`;
      let cursor = cursors.get(key);
      if (cursor?.position !== offset) {
        const path =
          task === undefined
            ? undefined
            : await ask((found) => found.run(run)?.tasks.find(({ id }) => id === task)?.path, undefined);
        if (task !== undefined && path === undefined)
          throw new UserError("no-such-step", `Run ${run} has no step ${task}.`);
        cursor = openRunLog(runFolder(workspace, run), path);
        cursor.skip(offset);
      }
      // The least used goes first.
      cursors.delete(key);
      cursors.set(key, cursor);
      for (const old of cursors.keys()) if (cursors.size > mostCursors) cursors.delete(old);
      let lines = cursor.read(logLines, false);
      let done = false;
      if (lines.length === 0) {
        const record = await ask((found) => found.run(run), undefined);
        const state = task === undefined ? record?.state : record?.tasks.find(({ id }) => id === task)?.state;
        if (state === undefined || finalStates.has(state)) {
          lines = cursor.read(logLines, true);
          done = lines.length === 0;
        }
      }
      const text = lines
        .map((line) => (task === undefined ? `[${line.step}] ${line.text}\n` : `${line.text}\n`))
        .join("");
      return { text, next: cursor.position, done };
    },
    async places(run, references) {
      const known = await ask((found) => found.run(run), undefined);
      const yaml = known && (await ask((found) => found.spec(known.spec), undefined));
      const path = known?.source && resolve(workspace.root, known.source.path);
      const { readPackage } = await import("../language/spec/read.ts");
      const spec = yaml === undefined ? undefined : readPackage(`${run}.yaml`, yaml).package?.spec;
      return references.map((each) => sourcePlace(each, path, spec, workspace.root) ?? null);
    },
    close() {
      stop.abort();
      watcher?.close();
      clearTimeout(settling);
      clearTimeout(polling);
      store?.close();
      store = undefined;
    },
  };
}

/** The `millrace` command beside this server, in `dist` and in the sources. */
function commandScript(): string {
  const here = fileURLToPath(import.meta.url);
  return extname(here) === ".ts" ? join(dirname(here), "cli", "millrace.ts") : join(dirname(here), "millrace.js");
}

// Started as a program, not imported by a test.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const ipc = process.argv.includes("--node-ipc");
  const connection = ipc
    ? createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process))
    : createMessageConnection(new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout));
  connection.onClose(() => process.exit());
  process.stdout.on("error", () => process.exit());
  serve(connection, (line) => process.stderr.write(`${line}\n`));
}
