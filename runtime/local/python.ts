import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { UserError } from "../user-error.ts";
import type { PipCall } from "./install.ts";
import { openLog } from "./logs.ts";
import { findProgram, type ProcessEnvironment } from "./paths.ts";
import { runProcess } from "./process.ts";

/** What a Python environment must hold. */
export interface EnvironmentSpec {
  /** `3.11`, where the image names a version: that interpreter is taken where the machine has it. */
  readonly python?: string;
  readonly calls: readonly PipCall[];
}

/** A Python environment on disk. */
export interface Environment {
  readonly folder: string;
  /** To be first in PATH. */
  readonly bin: string;
}

export interface Environments {
  /**
   * The environment of one of the specs, made where it is not there yet; the
   * first call starts the making of all. Rejects with UserError "environment".
   * `say` gets a sentence when there is something to wait for.
   */
  get(spec: EnvironmentSpec, say: (text: string) => void): Promise<Environment>;
  /** Stops what is still being made. */
  close(): Promise<void>;
}

/** An interpreter, as it tells of itself. */
interface Python {
  readonly executable: string;
  readonly version: readonly [number, number, number];
  readonly platform: string;
  /** Version of its pip, if it has one. */
  readonly pip: string | undefined;
  readonly ensurepip: boolean;
}

/**
 * The Python environments of a run, kept in `folder` across runs and keyed by
 * interpreter, platform, packages and options. Of two that one run needs, where
 * one holds all of the other, only the bigger is made.
 */
export function openEnvironments(
  specs: readonly EnvironmentSpec[],
  folder: string,
  env: ProcessEnvironment,
): Environments {
  const stop = new AbortController();
  const made = new Map<string, Promise<Environment>>();
  const pythons = new Map<string, Promise<Python>>();

  const make = (spec: EnvironmentSpec, say?: (text: string) => void): Promise<Environment> => {
    const key = JSON.stringify(spec);
    const known = made.get(key);
    if (known !== undefined) return known;
    const making = (async () => {
      let python = pythons.get(spec.python ?? "");
      if (python === undefined) pythons.set(spec.python ?? "", (python = findPython(spec.python, env)));
      return makeEnvironment(spec, await python, folder, env, stop.signal, say);
    })();
    // Whoever needs it awaits it; made ahead of need, its failure is nobody's yet.
    making.catch(() => {});
    made.set(key, making);
    return making;
  };
  let ahead = false;

  return {
    async get(spec, say) {
      const bigger = specs.find((other) => other !== spec && contains(other, spec) && !contains(spec, other));
      const wanted = bigger !== undefined && !(await isMade(spec, bigger)) ? bigger : spec;
      const making = make(wanted, say);
      if (!ahead) {
        ahead = true;
        for (const other of specs)
          if (!specs.some((more) => contains(more, other) && !contains(other, more))) void make(other);
      }
      try {
        return await making;
      } catch (error) {
        if (wanted === spec || stop.signal.aborted) throw error;
        return make(spec, say);
      }
    },
    async close() {
      stop.abort();
      await Promise.allSettled(made.values());
    },
  };

  async function isMade(spec: EnvironmentSpec, other: EnvironmentSpec): Promise<boolean> {
    let python = pythons.get(other.python ?? "");
    if (python === undefined) pythons.set(other.python ?? "", (python = findPython(other.python, env)));
    return isComplete(join(folder, digestOf(spec, await python)));
  }
}

/** Whether everything that `small` installs, `big` installs too, in the same way. */
export function contains(big: EnvironmentSpec, small: EnvironmentSpec): boolean {
  if (big.python !== small.python) return false;
  return small.calls.every(({ packages, options }) =>
    big.calls.some(
      (call) =>
        call.options.join("\0") === options.join("\0") && packages.every((name) => call.packages.includes(name)),
    ),
  );
}

/**
 * A Python of 3.9 or newer: MILLRACE_PYTHON, else one of the wanted version,
 * else python3 or python. Throws UserError where there is none.
 */
export async function findPython(wanted: string | undefined, env: ProcessEnvironment): Promise<Python> {
  const given = env["MILLRACE_PYTHON"];
  const names = given ? [given] : [...(wanted === undefined ? [] : [`python${wanted}`]), "python3", "python"];
  const tooOld: string[] = [];
  for (const name of names) {
    const python = await probe(name, env);
    if (python === undefined) continue;
    const [major, minor] = python.version;
    if (major === 3 && minor >= 9) return python;
    tooOld.push(`${python.executable} is ${python.version.join(".")}`);
  }
  const found =
    tooOld.length > 0
      ? `${tooOld.join(", ")}.`
      : given
        ? `MILLRACE_PYTHON names ${given}, which does not run.`
        : "Neither python3 nor python is on the PATH.";
  throw new UserError("no-python", `Python steps need Python 3.9 or newer. ${found}`, {
    action:
      "Install Python 3, or set MILLRACE_PYTHON to one. Everything but running Python steps on this machine works without.",
  });
}

const probeProgram = `
import sys, sysconfig, json
from importlib import util, metadata
try: pip = metadata.version("pip") if util.find_spec("pip") else None
except Exception: pip = None
print(json.dumps({"executable": sys.executable, "version": list(sys.version_info[:3]), "platform": sysconfig.get_platform(), "pip": pip, "ensurepip": util.find_spec("ensurepip") is not None}))
`;

async function probe(name: string, env: ProcessEnvironment): Promise<Python | undefined> {
  try {
    const { stdout } = await promisify(execFile)(name, ["-c", probeProgram], {
      env: { ...env },
      timeout: 20_000,
      windowsHide: true,
    });
    const line = stdout.trim().split("\n").at(-1) ?? "";
    const { pip, ...python } = JSON.parse(line) as Omit<Python, "pip"> & { pip: string | null }; // SAFETY: printed by our own program
    return { ...python, pip: pip ?? undefined };
  } catch {
    return undefined;
  }
}

function digestOf(spec: EnvironmentSpec, python: Python): string {
  return createHash("sha256")
    .update(
      JSON.stringify([
        1,
        python.version,
        python.platform,
        spec.calls.map(({ packages, options }) => [packages, options]),
      ]),
    )
    .digest("hex")
    .slice(0, 32);
}

async function makeEnvironment(
  spec: EnvironmentSpec,
  python: Python,
  cache: string,
  env: ProcessEnvironment,
  signal: AbortSignal,
  say: ((text: string) => void) | undefined,
): Promise<Environment> {
  const folder = join(cache, digestOf(spec, python));
  const environment = { folder, bin: join(folder, process.platform === "win32" ? "Scripts" : "bin") };
  if (await isComplete(folder)) return environment;
  await mkdir(cache, { recursive: true });
  say?.(
    `preparing Python ${python.version.join(".")} with ${spec.calls.flatMap((call) => call.packages).join(", ") || "no packages"}`,
  );
  const unlock = await lock(`${folder}.lock`, signal);
  try {
    if (await isComplete(folder)) return environment;
    await rm(folder, { recursive: true, force: true });
    const log = openLog(`${folder}.log`);
    const run = async (command: readonly string[]): Promise<void> => {
      log.write("system", `$ ${command.join(" ")}\n`);
      const { end } = await runProcess({ command, cwd: cache, env: clean(env), log, signal });
      if (end.kind === "exited" && end.code === 0) return;
      if (end.kind === "aborted") throw new UserError("canceled", "It was canceled.");
      throw new UserError("environment", explain([...log.tail("err"), ...log.tail("out")], command), {
        action: `The whole story is in ${folder}.log.`,
      });
    };
    try {
      await install(spec, python, folder, env, run);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    } finally {
      log.close();
    }
    // Named last and at once: an environment without it was not finished.
    await writeFile(join(folder, ".making"), JSON.stringify({ calls: spec.calls, python: python.version }));
    await rename(join(folder, ".making"), join(folder, ".millrace"));
    return environment;
  } finally {
    await unlock();
  }
}

async function install(
  spec: EnvironmentSpec,
  python: Python,
  folder: string,
  env: ProcessEnvironment,
  run: (command: readonly string[]) => Promise<void>,
): Promise<void> {
  const inner = process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
  const uv = findProgram("uv", env);
  if (uv !== undefined) {
    await run([uv, "venv", "--quiet", "--python", python.executable, folder]);
    const seed = [...spec.calls.slice(0, 1), ...(spec.calls.length === 0 ? [{ packages: [], options: [] }] : [])].map(
      (call) => withPip(call, python),
    );
    for (const { packages, options } of [...seed, ...spec.calls.slice(1)]) {
      if (packages.length === 0) continue;
      await run([
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        inner,
        ...options.map((option) => (option === "--trusted-host" ? "--allow-insecure-host" : option)),
        ...packages,
      ]);
    }
    return;
  }
  // A pip from 22.3 on installs into another Python: no second pip has to be unpacked by ensurepip first (about 2 s).
  const outside = python.pip !== undefined && compareVersions(python.pip, "22.3") >= 0;
  if (!outside && !python.ensurepip) {
    throw new UserError("environment", `Python ${python.executable} has neither pip nor ensurepip.`, {
      action:
        "Install them (Debian and Ubuntu: apt install python3-venv), or install uv, or set MILLRACE_PYTHON to another Python.",
    });
  }
  await run([python.executable, "-m", "venv", ...(outside ? ["--without-pip"] : []), folder]);
  const pip = outside ? [python.executable, "-m", "pip", "--python", inner] : [inner, "-m", "pip"];
  const [first = { packages: [], options: [] }, ...others] = spec.calls;
  for (const { packages, options } of [outside ? withPip(first, python) : first, ...others]) {
    if (packages.length === 0) continue;
    // Not compiled: Python compiles what is imported, which is far less than what is installed.
    await run([
      ...pip,
      "install",
      "--quiet",
      "--no-input",
      "--no-compile",
      "--disable-pip-version-check",
      "--no-warn-script-location",
      "--retries",
      "2",
      ...options,
      ...packages,
    ]);
  }
}

/** A component may call pip itself, and before 3.12 expects setuptools, as in a python image. */
function withPip(call: PipCall, python: Python): PipCall {
  if (call.options.includes("--no-deps")) return call;
  const names = python.version[1] < 12 ? ["pip", "setuptools"] : ["pip"];
  return { ...call, packages: [...call.packages, ...names] };
}

/** Finished, and the interpreter that it stands on still there. */
async function isComplete(folder: string): Promise<boolean> {
  return (
    existsSync(join(folder, ".millrace")) &&
    (existsSync(join(folder, "bin", "python")) || existsSync(join(folder, "Scripts", "python.exe")))
  );
}

/** Why pip or venv failed, in a sentence, from what it printed. */
export function explain(lines: readonly string[], command: readonly string[]): string {
  const text = lines.join("\n");
  if (
    /NewConnectionError|Name or service not known|name resolution|getaddrinfo failed|Network is unreachable|ConnectTimeoutError|dns error|error sending request/i.test(
      text,
    )
  ) {
    return "the package index cannot be reached.";
  }
  const missing =
    /No matching distribution found for ([^\n]+)/.exec(text)?.[1] ??
    /Because ([\w.-]+) was not found in the package registry/.exec(text)?.[1];
  if (missing !== undefined) {
    const versions = /\(from versions: (.*?)\)/.exec(text)?.[1];
    const known =
      versions === undefined || versions === "none" ? "" : `; there are ${versions.split(", ").slice(-5).join(", ")}`;
    return `pip found no ${missing.trim()} for this Python and machine${known}.`;
  }
  if (/No space left on device/.test(text)) return "the disk is full.";
  if (/ensurepip is not available|No module named '?(ensurepip|venv)/.test(text))
    return "this Python has no ensurepip (Debian and Ubuntu: apt install python3-venv).";
  if (/ResolutionImpossible|conflicting dependencies/.test(text))
    return "its packages want versions that exclude one another.";
  const error =
    lines.findLast((line) => /^\s*(ERROR|error)\b/.test(line)) ?? lines.findLast((line) => line.trim() !== "");
  return error?.trim() ?? `${command.slice(0, 4).join(" ")} failed without a word.`;
}

/** Holds a lock file until the answer is called; one whose owner died is taken over. */
async function lock(file: string, signal: AbortSignal): Promise<() => Promise<void>> {
  for (;;) {
    if (signal.aborted) throw new UserError("canceled", "It was canceled.");
    try {
      const handle = await open(file, "wx");
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      // SAFETY: open rejects with Node's own errors.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (await isAbandoned(file)) await rm(file, { force: true });
    else await sleep(100);
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(file, "utf8"));
    if (pid > 0) {
      process.kill(pid, 0);
      return false;
    }
    return Date.now() - (await stat(file)).mtimeMs > 5_000;
  } catch (error) {
    // SAFETY: readFile, stat and kill fail with Node's own errors. ESRCH: no such process.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** What of the caller's Python would leak into another one. */
function clean(env: ProcessEnvironment): Record<string, string> {
  const foreign = new Set([
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "__PYVENV_LAUNCHER__",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_USER",
    "PIP_REQUIRE_VIRTUALENV",
  ]);
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined || foreign.has(name) ? [] : [[name, value]])),
  );
}

/** The variables under which a step's programs find an environment first. */
export function activate(
  environment: Environment | undefined,
  extra: readonly string[],
  env: ProcessEnvironment,
): Record<string, string> {
  const path = [...(environment ? [environment.bin] : []), ...extra, env["PATH"] ?? ""].join(delimiter);
  return {
    ...clean(env),
    PATH: path,
    ...(environment && { VIRTUAL_ENV: environment.folder, PYTHONNOUSERSITE: "1" }),
    // Lines reach the log when they are printed, not when 8 KB have gathered.
    PYTHONUNBUFFERED: "1",
  };
}

function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((version) => version.split(".").map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (x?.[i] ?? 0) - (y?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
