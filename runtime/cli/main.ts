import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { describe, UserError } from "../user-error.ts";
import { type Command, commonOptions, pipeClosed } from "./command.ts";
import { openTerminal, type Terminal, table } from "./terminal.ts";

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

// Each command is its own chunk of the bundle: what is not asked for is not loaded.
const commands: Readonly<Record<string, Entry>> = {
  compile: {
    summary: "write a pipeline as the YAML that KFP runs",
    load: async () => (await import("./compile.ts")).compile,
  },
  check: { summary: "say what is wrong with pipeline files", load: async () => (await import("./check.ts")).check },
  graph: { summary: "draw a pipeline", load: async () => (await import("./graph.ts")).graph },
  run: { summary: "run a pipeline or a component, or repeat a run", load: async () => (await import("./run.ts")).run },
  runs: { summary: "list runs, newest first", load: async () => (await import("./runs.ts")).runs },
  show: {
    summary: "show a run with its steps, metrics and outputs",
    load: async () => (await import("./show.ts")).show,
  },
  logs: { summary: "print the log of a run or of one step", load: async () => (await import("./logs.ts")).logs },
  cancel: { summary: "stop a run", load: async () => (await import("./cancel.ts")).cancel },
  retry: {
    summary: "run again what failed or was not reached, the rest from the cache",
    load: async () => (await import("./retry.ts")).retry,
  },
  artifacts: {
    summary: "list what runs made, newest first",
    load: async () => (await import("./artifacts.ts")).artifacts,
  },
  lineage: {
    summary: "say which data made what, or what came of it",
    load: async () => (await import("./lineage.ts")).lineage,
  },
  fetch: {
    summary: "fetch components that Python files load by their URL",
    load: async () => (await import("./fetch.ts")).fetchCommand,
  },
  types: {
    summary: "write declarations of Python components for TypeScript",
    load: async () => (await import("./types.ts")).types,
  },
  convert: {
    summary: "write a Python pipeline in TypeScript, over the same components",
    load: async () => (await import("./convert.ts")).convert,
  },
  init: {
    summary: "make a project with one pipeline",
    load: async () => (await import("./init.ts")).init,
  },
  target: {
    summary: "list, add, remove or choose where runs go",
    load: async () => (await import("./target.ts")).target,
  },
  doctor: { summary: "look whether everything is in place", load: async () => (await import("./doctor.ts")).doctor },
};

/** Runs the command of an argument list; sets the process's exit status. */
export async function main(argv: readonly string[]): Promise<void> {
  const stop = new AbortController();
  const interrupt = () => {
    // Who asks twice does not want to wait.
    if (stop.signal.reason === interrupted) process.exit(130);
    stop.abort(interrupted);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  let unwritten: NodeJS.ErrnoException | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // The reader has seen enough (`| head`): no error. A run goes on; see run.ts.
      if (error.code !== "EPIPE" && stream === process.stdout) unwritten ??= error;
      stop.abort(pipeClosed);
    });
  }
  const terminal = openTerminal({
    json: argv.includes("--json"),
    quiet: argv.includes("--quiet") || argv.includes("-q"),
  });
  try {
    const status = await dispatch(argv, terminal, stop.signal);
    // What was written last fails after its writing.
    await new Promise((done) => setImmediate(done));
    if (unwritten) throw outputLost(unwritten);
    process.exitCode = stop.signal.reason === interrupted ? 130 : stop.signal.reason === pipeClosed ? 0 : status;
  } catch (error) {
    process.exitCode = stop.signal.reason === interrupted ? 130 : report(error, terminal);
  }
}

const interrupted = "interrupted";

function outputLost(cause: NodeJS.ErrnoException): UserError {
  const why = cause.code === "ENOSPC" ? "the disk is full" : cause.message;
  return new UserError("cannot-write", `The output cannot be written: ${why}.`, {
    action: "Free some space, or send it elsewhere.",
    cause,
  });
}

async function dispatch(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    const entry = commands[rest[0] ?? ""];
    if (name === "help" && entry) return help(rest[0] ?? "", entry, await entry.load(), terminal);
    terminal.write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-V") {
    const { version } = await import("./version.ts");
    terminal.out(version);
    return 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) {
    const close = nearest(name, Object.keys(commands));
    throw new UserError("usage", `There is no command "${name}".`, {
      action: close ? `Did you mean "${close}"?` : "See millrace --help.",
      exit: 2,
    });
  }
  const command = await entry.load();
  const options = { ...command.options, ...commonOptions };
  const parsed = parse(rest, options, name);
  if (parsed.values.help) return help(name, entry, command, terminal);
  const [least, most] = command.arity;
  if (parsed.positionals.length < least || parsed.positionals.length > most) {
    const what =
      parsed.positionals.length < least ? "Something is missing" : `"${parsed.positionals[most] ?? ""}" is too much`;
    throw new UserError("usage", `${what}: millrace ${command.usage}.`, {
      action: `See millrace ${name} --help.`,
      exit: 2,
    });
  }
  return command.run({ args: parsed.positionals, options: parsed.values, terminal, signal });
}

function parse(args: readonly string[], options: ParseArgsOptionsConfig & typeof commonOptions, name: string) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const option = /'(--?[^'=\s]+)/.exec(message)?.[1];
    const unknown = error instanceof Error && "code" in error && error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION";
    const close = unknown && option ? nearest(option.replace(/^--?/, ""), Object.keys(options)) : undefined;
    throw new UserError(
      "usage",
      unknown && option ? `millrace ${name} has no option ${option}.` : `${message.split(". ")[0] ?? message}.`,
      {
        action: close ? `Did you mean --${close}?` : `See millrace ${name} --help.`,
        exit: 2,
        cause: error,
      },
    );
  }
}

/** One line for what a person can mend; with MILLRACE_DEBUG, and for a bug, where it happened. */
function report(error: unknown, terminal: Terminal): number {
  const user = error instanceof UserError;
  const status = user ? error.exit : 70;
  if (terminal.json) {
    const message = error instanceof Error ? error.message : String(error);
    const { code, action } = user ? error : { code: "bug", action: undefined };
    terminal.complain(JSON.stringify({ error: { code, message, ...(action === undefined ? {} : { action }) } }));
    return status;
  }
  const head = terminal.paintError(["red", "bold"], user ? "error:" : "This is a bug in Millrace:");
  // A message of several lines shows a place in a text: what to do stands below it.
  const words = user && error.message.includes("\n") ? [error.message, error.action].join("\n") : describe(error);
  terminal.complain(`${head} ${words}`);
  if ((!user || process.env["MILLRACE_DEBUG"]) && error instanceof Error && error.stack) terminal.complain(error.stack);
  return status;
}

function overview(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [`  ${name}`, summary]);
  return [
    "Millrace: Kubeflow Pipelines, compiled, run and remembered.",
    "",
    "Usage: millrace COMMAND [OPTIONS]",
    "",
    ...table(rows, 100),
    "",
    "Every command has --help, --json, --quiet and --workspace DIR.",
    "Exit status: 0 fine, 1 the run failed, 2 the input is wrong, 3 the world is, 130 interrupted.",
    "",
    "Example: millrace run samples/churn/pipeline.py",
    "",
  ].join("\n");
}

function help(name: string, { summary }: Entry, command: Command, terminal: Terminal): number {
  const common: [string, string][] = [
    ["--json", "one JSON document, or one a line"],
    ["-q, --quiet", "results and errors only"],
    ["--workspace DIR", "whose .millrace folder; the nearest upward otherwise"],
  ];
  terminal.write(
    [
      `millrace ${name}: ${summary}`,
      "",
      `Usage: millrace ${command.usage}`,
      "",
      ...table(
        [...command.help, ...common].map(([option, meaning]) => [`  ${option}`, meaning]),
        120,
      ),
      "",
      command.examples.length === 1 ? "Example:" : "Examples:",
      ...command.examples.map((example) => `  millrace ${example}`),
      "",
    ].join("\n"),
  );
  return 0;
}

/** The candidate that is at most two edits away. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  return candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= 2)
    .sort((a, b) => a.edits - b.edits)[0]?.candidate;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
