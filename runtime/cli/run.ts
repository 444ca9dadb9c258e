import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { dagView } from "../../language/dag/from-spec.ts";
import { toText } from "../../language/dag/text.ts";
import type { Json } from "../../language/spec/types.ts";
import { Rejected, SeveralDefinitions } from "../compile/compile-file.ts";
import type { RunState } from "../events.ts";
import { claimRun, execute } from "../run/execute.ts";
import { isFile, type Prepared, prepareAgain, prepareFile, type RunOptions } from "../run/prepare.ts";
import { type StartReport, startDetached } from "../run/start-detached.ts";
import { readTargets } from "../run/targets.ts";
import type { Store } from "../store/store.ts";
import { openWorkspace } from "../store/open-workspace.ts";
import { findWorkspace, type Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { askWhich, canAsk } from "./ask-which.ts";
import { type Call, command, pipeClosed } from "./command.ts";
import { place } from "./diagnostics.ts";
import { openProgress } from "./progress.ts";
import { refusing } from "./refusing.ts";
import { reportRun, runDocument } from "./run-report.ts";
import { noSuchRun } from "./show.ts";
import type { Terminal } from "./terminal.ts";
import { compiledBy, pythonHelp, pythonOptions, withPython } from "./with-python.ts";

const runOptions = {
  pipeline: { type: "string" },
  parameter: { type: "string", short: "p", multiple: true },
  params: { type: "string" },
  artifact: { type: "string", multiple: true },
  target: { type: "string" },
  "no-cache": { type: "boolean" },
  detach: { type: "boolean", short: "d" },
  "python-path": { type: "string", multiple: true },
  ...pythonOptions,
  /** Of the runtime server: what Python has made of the file already. */
  "python-result": { type: "string" },
  /** Of `--detach`, for itself: the id that was claimed. */
  as: { type: "string" },
} as const;

type Options = Call<typeof runOptions>["options"];

export const run = command({
  usage: "run FILE|RUN [-p NAME=VALUE]...",
  options: runOptions,
  help: [
    ["-p, --parameter NAME=VALUE", "an input; lists and objects as JSON; may be repeated"],
    ["--params FILE.json", "inputs as one JSON object"],
    ["--pipeline NAME", "which pipeline or component, where the file has several"],
    ["--artifact NAME=ID", "an artifact for a component that runs alone; from the last run otherwise"],
    ["--target NAME", "where to run: local, or a cluster of `millrace target list`"],
    ["--no-cache", "run every step, also those that nothing has changed for"],
    ["-d, --detach", "print the run's id and return; the run goes on"],
    ["--python-path DIR", "another import root; may be repeated"],
    ...pythonHelp,
  ],
  examples: [
    "run samples/churn/pipeline.py",
    "run samples/churn/pipeline.py -p n_estimators=300 --no-cache",
    "run pipeline.yaml --detach",
    "run steps.py --pipeline train",
    "run latest -p rows=20000",
  ],
  arity: [1, 1],
  async run(call) {
    const {
      args: [what = ""],
      options,
      terminal,
    } = call;
    const workspace = findWorkspace(options.workspace ?? (isFile(what) ? dirname(resolve(what)) : process.cwd()));
    if (options.detach && options.as === undefined) return detach(call, workspace, what);
    try {
      return await refusing(terminal, () => inForeground(call, workspace, what));
    } finally {
      if (process.connected) process.disconnect();
    }
  },
});

async function inForeground(
  { options, terminal, signal }: Call<typeof runOptions>,
  workspace: Workspace,
  what: string,
): Promise<number> {
  const store = await openWorkspace(workspace, { create: true, say: (message) => terminal.note(message) });
  const roots = [workspace.root, ...(options["python-path"] ?? [])];
  const made = options["python-result"];
  const python =
    made === undefined
      ? withPython(what, options, roots, terminal, signal)
      : { withPython: async () => (await import("../compile/python-cache.ts")).readKept(made).result };
  try {
    const prepared = await prepare(what, workspace, store, options, python)
      .catch(async (error: unknown) => {
        if (!(error instanceof SeveralDefinitions) || !canAsk(terminal)) throw error;
        const pipeline = await askWhich(error, terminal, signal);
        return prepare(what, workspace, store, { ...options, pipeline }, python);
      })
      .catch((error: unknown) => {
        tellStarter(error);
        throw error;
      });
    const id = options.as ?? claimRun(workspace);
    if (!terminal.json && !terminal.quiet) {
      for (const line of introduction(prepared, id, terminal)) terminal.out(line);
    }
    const state = await follow(prepared, { id, workspace, store, terminal, signal }).catch((error: unknown) => {
      tellStarter(error);
      throw error;
    });
    const record = store.run(id);
    if (record && terminal.json) terminal.document({ kind: "result", ...(runDocument(record) as object) });
    else if (record) reportRun(store, record, terminal);
    if (state === "SUCCEEDED") return 0;
    // A step without its environment never began: that is the world's fault, not the run's.
    return record?.tasks.some(({ reason }) => reason?.kind === "environment") ? 3 : 1;
  } finally {
    store.close();
  }
}

async function prepare(
  what: string,
  workspace: Workspace,
  store: Store,
  options: Options,
  python: Pick<RunOptions, "withPython">,
): Promise<Prepared> {
  const request: RunOptions = {
    pipeline: options.pipeline,
    parameters: parameters(options),
    artifacts: Object.fromEntries((options.artifact ?? []).map((text) => pair(text, "--artifact"))),
    target: options.target ?? readTargets(workspace).chosen,
    caching: !options["no-cache"],
    roots: options["python-path"] ?? [],
    ...python,
  };
  if (isFile(what)) return prepareFile(what, workspace, store, request);
  const before = store.run(what);
  if (!before) throw noSuchRun(what, workspace, "file or run");
  return prepareAgain(before, workspace, store, { ...request, target: options.target ?? before.target });
}

interface Following {
  readonly id: string;
  readonly workspace: Workspace;
  readonly store: Store;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function follow(prepared: Prepared, { id, workspace, store, terminal, signal }: Following): Promise<RunState> {
  const progress = openProgress(terminal);
  const cancel = new AbortController();
  const detach = new AbortController();
  const stop = () => {
    // Whoever reads our output may go away; the run goes on.
    if (signal.reason === pipeClosed) return;
    if (prepared.target === "local") {
      progress.say("Stopping the steps. Ctrl-C again leaves at once.");
      cancel.abort();
    } else {
      progress.say(`The run goes on at ${prepared.target}. millrace cancel ${id} stops it there.`);
      detach.abort();
    }
  };
  signal.addEventListener("abort", stop, { once: true });
  let told = false;
  try {
    return await execute(prepared, {
      run: id,
      workspace,
      store,
      signal: cancel.signal,
      detach: detach.signal,
      notice: (line) => progress.say(line),
      listener(event) {
        if (!told) process.send?.({ kind: "created" } satisfies StartReport);
        told = true;
        if (terminal.json) terminal.document(event);
        progress.see(event);
      },
    });
  } finally {
    progress.close();
    signal.removeEventListener("abort", stop);
  }
}

/** The graph, and what is about to run. */
function introduction(prepared: Prepared, id: string, terminal: Terminal): string[] {
  const { name } = prepared.package.spec.pipelineInfo;
  const where = prepared.target === "local" ? "" : ` on ${prepared.target}`;
  const colour = terminal.paint("bold", "x") !== "x";
  const graph = toText(dagView(prepared.package), {
    color: colour,
    ...(terminal.live ? { width: terminal.columns } : {}),
  }).trimEnd();
  const way = prepared.byPython ? [compiledBy(prepared.byPython)] : [];
  return [graph, "", ...way, `${terminal.paint("bold", name)}, run ${id}${where}`];
}

/** Tells whoever started this process with `--detach` why there will be no run. */
function tellStarter(error: unknown): void {
  if (!process.send) return;
  const report = (): StartReport => {
    if (error instanceof UserError) {
      const { code, message, action, exit } = error;
      return { kind: "failed", code, message, exit, ...(action === undefined ? {} : { action }) };
    }
    if (error instanceof Rejected) {
      const lines = place(error.diagnostics).map(
        ({ path, line, column, code, message }) => `${path}:${line}:${column}: ${code} ${message}`,
      );
      return { kind: "failed", code: "rejected", message: lines.join("\n"), exit: 2 };
    }
    return {
      kind: "failed",
      code: "bug",
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      exit: 3,
    };
  };
  process.send(report());
}

async function detach(
  { options, terminal }: Call<typeof runOptions>,
  workspace: Workspace,
  what: string,
): Promise<number> {
  const args = [what];
  for (const name of ["pipeline", "params", "target", "python", "python-timeout"] as const) {
    const value = options[name];
    if (value !== undefined) args.push(`--${name}`, value);
  }
  for (const name of ["parameter", "artifact", "python-path"] as const)
    for (const value of options[name] ?? []) args.push(`--${name}`, value);
  for (const name of ["no-cache", "with-python"] as const) if (options[name]) args.push(`--${name}`);
  const id = await startDetached({ workspace, entry: process.argv[1] ?? "", args });
  if (terminal.json) terminal.document({ run: id });
  else {
    terminal.out(id);
    terminal.note(`Follow it with millrace logs ${id} -f, stop it with millrace cancel ${id}.`);
  }
  return 0;
}

function parameters(options: Options): RunOptions["parameters"] {
  const values: Record<string, { text: string } | { json: Json }> = {};
  for (const [name, json] of Object.entries(options.params === undefined ? {} : parametersFile(options.params)))
    values[name] = { json };
  for (const text of options.parameter ?? []) {
    const [name, value] = pair(text, "-p");
    values[name] = { text: value };
  }
  return values;
}

function parametersFile(path: string): Record<string, Json> {
  const refuse = (why: string, cause?: unknown) =>
    new UserError("params", `${path} ${why}.`, {
      action: 'Write one JSON object, such as {"rows": 5000}.',
      exit: 2,
      cause,
    });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw refuse("cannot be read", error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse("is not JSON", error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse("is not a JSON object");
  // SAFETY: an object that JSON.parse answered holds JSON.
  return value as Record<string, Json>;
}

function pair(text: string, option: string): [name: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1)
    throw new UserError("usage", `${option} ${text} has no value.`, { action: `Write ${option} NAME=VALUE.`, exit: 2 });
  return [text.slice(0, at), text.slice(at + 1)];
}
