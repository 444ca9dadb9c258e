/** "Compile with Python": what static reading cannot know, the user's own interpreter and its own `kfp` do. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { languageOf } from "../../language/analyze-file.ts";
import type { PythonRaised, PythonResult } from "../../language/python/by-python.ts";
import type { Stream } from "../local/logs.ts";
import type { ProcessEnvironment } from "../local/paths.ts";
import { type ProcessEnd, runProcess } from "../local/process.ts";
import { UserError } from "../user-error.ts";
import { checkReadable } from "./disk.ts";
import { type InterpreterWish, interpreters } from "./interpreters.ts";
import { type ProgramAnswer, type ProgramRequest, pythonProgram } from "./python-program.ts";

export interface PythonCompileOptions extends InterpreterWish {
  /** The workspace's: it, and the other roots, stand behind all others in sys.path. */
  readonly root: string;
  readonly roots?: readonly string[];
  readonly timeoutMs?: number | undefined;
  readonly env?: ProcessEnvironment;
  readonly signal?: AbortSignal;
  /** Gets what the file printed, a line at a time, where it did not end well. */
  readonly say?: (line: string) => void;
}

/** Static reading is what a keystroke waits for; this may import half of what is installed. */
export const defaultTimeoutMs = 60_000;
const graceMs = 1_000;
/** Of what the file prints, so much of the end is kept. */
const mostOutput = 64 * 1024;

/**
 * Compiles every pipeline and component of a file, in a process of its own, which ends with all that it started.
 * What the file raises is a result. Rejects with UserError: `no-python`, `no-kfp`, `old-kfp`, `python-time`,
 * `python-ended`, `no-pipeline`, `canceled`, or for what is no Python file.
 */
export async function compileWithPython(path: string, options: PythonCompileOptions): Promise<PythonResult> {
  const file = resolve(path);
  checkReadable(file);
  if (languageOf(file) !== "python" || !existsSync(file)) {
    throw new UserError("not-python", `${path} is no Python file.`, {
      action: "Only Python files are compiled with Python.",
      exit: 2,
    });
  }
  const { env = process.env } = options;
  const refused: ProgramAnswer[] = [];
  for (const executable of interpreters(file, resolve(options.root), options, env)) {
    const answer = await ask(executable, file, options);
    if (answer === undefined) continue;
    if (answer.kind === "raised") return answer;
    if (answer.kind === "compiled") return checked(answer, path);
    refused.push(answer);
  }
  throw withoutKfp(refused, options.python);
}

/** What one interpreter answers; undefined where it does not run. */
async function ask(
  executable: string,
  file: string,
  options: PythonCompileOptions,
): Promise<ProgramAnswer | undefined> {
  const { env = process.env, timeoutMs = defaultTimeoutMs, signal = new AbortController().signal } = options;
  const folder = mkdtempSync(join(tmpdir(), "millrace-python-"));
  try {
    const request = requestFor(file, folder, options);
    const output = openTail();
    const { end } = await runProcess({
      command: [executable, "-c", pythonProgram, JSON.stringify(request)],
      cwd: dirname(file),
      env: environment(executable, env),
      log: output,
      signal,
      timeoutMs,
      graceMs,
    });
    const answer = read(request.answer);
    // What it left running after it had answered changes nothing.
    if (answer?.kind === "compiled" && end.kind !== "aborted") return answer;
    if (end.kind === "unstarted") return undefined;
    for (const line of output.lines()) options.say?.(line);
    if (answer && end.kind !== "aborted") return answer;
    throw died(end, file, executable, timeoutMs, stuckAt(request), output.lines());
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function requestFor(file: string, folder: string, { root, roots = [] }: PythonCompileOptions): ProgramRequest {
  const packages = packagesAbove(file);
  const above = packages.length === 0 ? [] : [resolve(dirname(file), ...packages.map(() => ".."))];
  const stem = basename(file).replace(/\.py$/i, "");
  const all = [...above, resolve(root), ...roots.map((one) => resolve(one))];
  return {
    file,
    module: [...packages, ...(stem === "__init__" && packages.length > 0 ? [] : [stem])].join("."),
    roots: all,
    own: [...new Set([dirname(file), ...all])],
    folder,
    answer: join(folder, "answer.json"),
    stuck: join(folder, "stuck.txt"),
  };
}

/** The packages that a file is in, outermost first. */
function packagesAbove(file: string): readonly string[] {
  const names: string[] = [];
  for (let at = dirname(file); existsSync(join(at, "__init__.py")) && dirname(at) !== at; at = dirname(at))
    names.unshift(basename(at));
  return names;
}

/** The user's, but for what is our editor's or of another Python; a virtual environment is active in it. */
function environment(executable: string, env: ProcessEnvironment): Record<string, string> {
  const foreign = /^(?:ELECTRON_|VSCODE_|PYTHONHOME$|__PYVENV_LAUNCHER__$|VIRTUAL_ENV$)/;
  const own = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || foreign.test(name) ? [] : [[name, value] as const],
  );
  const bin = dirname(executable);
  const isVirtual = existsSync(join(dirname(bin), "pyvenv.cfg"));
  return {
    ...Object.fromEntries(own),
    ...(isVirtual ? { VIRTUAL_ENV: dirname(bin), PATH: [bin, env["PATH"] ?? ""].join(delimiter) } : {}),
    // Nothing is written beside the sources.
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUNBUFFERED: "1",
    PYTHONIOENCODING: "utf-8:backslashreplace",
  };
}

function read(path: string): ProgramAnswer | undefined {
  try {
    // SAFETY: our own program wrote it, whole.
    return JSON.parse(readFileSync(path, "utf8")) as ProgramAnswer;
  } catch {
    return undefined;
  }
}

function checked(result: PythonResult & { readonly kind: "compiled" }, path: string): PythonResult {
  if (result.definitions.length === 0) {
    throw new UserError(
      "no-pipeline",
      `${path} defines no pipeline and no component, as ${result.executable} runs it.`,
      {
        action: "A pipeline is a function with @dsl.pipeline.",
        exit: 2,
      },
    );
  }
  const unwritten = result.definitions.find(({ yaml, raised }) => yaml === undefined && raised === undefined);
  if (unwritten) {
    throw new UserError("python-ended", `kfp ${result.kfp} wrote no YAML for "${unwritten.symbol}" of ${path}.`, {
      action: `Does ${result.executable} -m kfp dsl compile --py ${path} work?`,
    });
  }
  return result;
}

function withoutKfp(refused: readonly ProgramAnswer[], wanted: string | undefined): UserError {
  const [first] = refused;
  const another =
    wanted === undefined ? ", or name another (--python, or millrace.python.interpreter in the settings)" : "";
  if (first?.kind === "old-kfp") {
    return new UserError("old-kfp", `${first.executable} has kfp ${first.kfp}, which writes no pipelines of KFP 2.`, {
      action: `Run ${first.executable} -m pip install --upgrade kfp${another}.`,
    });
  }
  if (first?.kind === "no-kfp") {
    const why = first.message === "" ? "has no kfp" : `cannot import kfp: ${first.message}`;
    return new UserError("no-kfp", `${first.executable} (Python ${first.python}) ${why}.`, {
      action: `Run ${first.executable} -m pip install kfp${another}.`,
    });
  }
  return new UserError("no-python", `${wanted === undefined ? "No Python that was found" : wanted} could be started.`, {
    action:
      "Install Python 3 and kfp (pip install kfp), or name one (--python, or millrace.python.interpreter in the settings).",
  });
}

function died(
  end: ProcessEnd,
  file: string,
  executable: string,
  timeoutMs: number,
  stuck: PythonRaised | undefined,
  lines: readonly string[],
): UserError {
  const last = lines.findLast((line) => line.trim() !== "")?.trim();
  const words = last === undefined ? "" : ` Its last words: ${last}`;
  switch (end.kind) {
    case "aborted":
      return new UserError("canceled", `Compiling ${file} with Python was stopped.`);
    case "timed-out": {
      const where = stuck?.line === undefined ? "" : ` It was at line ${stuck.line + 1} of ${stuck.path}.`;
      return new UserError("python-time", `${file} was not compiled within ${timeoutMs / 1000} s.${where}`, {
        action:
          "Make its import quicker, or allow more time (--python-timeout, or millrace.python.compileTimeout in the settings).",
      });
    }
    case "exited":
    case "signaled":
    case "unstarted": {
      const how =
        end.kind === "exited" ? `with exit code ${end.code}` : end.kind === "signaled" ? `by ${end.signal}` : "at once";
      return new UserError("python-ended", `${executable} ended ${how} before ${file} was compiled.${words}`, {
        action: `Does ${executable} ${file} work?`,
      });
    }
  }
}

/** The innermost line of the user's where Python was when it was asked to end. */
function stuckAt({ stuck, own }: ProgramRequest): PythonRaised | undefined {
  if (!existsSync(stuck)) return undefined;
  for (const [, written = "", line] of readFileSync(stuck, "utf8").matchAll(/^ {2}File "(.+)", line (\d+)/gm)) {
    // faulthandler writes ASCII alone: ü is \xfc.
    const path = written.replaceAll(/\\(?:x(..)|u(.{4})|U(.{8}))/g, (_, ...codes: (string | undefined)[]) =>
      String.fromCodePoint(Number.parseInt(codes.find((one) => one !== undefined) ?? "", 16)),
    );
    if (!/(?:site|dist)-packages/.test(path) && own.some((folder) => path.startsWith(join(folder, "/"))))
      return { message: "", path, line: Number(line) - 1 };
  }
  return undefined;
}

/** Takes what a process prints and keeps the end of it. */
function openTail() {
  let text = "";
  return {
    write(_: Stream, chunk: Buffer | string) {
      text = (text + chunk.toString("utf8")).slice(-mostOutput);
    },
    tail: () => [],
    close: () => undefined,
    lines: (): readonly string[] => text.split(/\r?\n/).filter((line, i, all) => line !== "" || i < all.length - 1),
  };
}
