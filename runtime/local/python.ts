import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../user-error.ts";
import type { PipCall } from "./install.ts";
import { isMade, makeFolder, type Run } from "./made-folder.ts";
import { giveLocalPaths, isOldKfp } from "./old-kfp.ts";
import { findProgram, type ProcessEnvironment, withoutPython } from "./paths.ts";
import { openSlots, type Slots } from "./slots.ts";

/** What a Python environment must hold. Each has pip as well, for components that call it. */
export interface EnvironmentSpec {
  /** `3.11`, where the image names a version: that interpreter is taken where the machine has it. */
  readonly python?: string;
  /** Digest of the command that it is for alone, because that installs things into it. */
  readonly own?: string;
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
   * first call starts the making of all. Rejects with UserError: `environment`,
   * `no-python` or `canceled`. `say` gets a sentence when there is something to
   * wait for.
   */
  get(spec: EnvironmentSpec, say: (text: string) => void): Promise<Environment>;
  /** Stops what is still being made. */
  close(): Promise<void>;
}

/** How many environments are made at a time: pip keeps a core busy. */
const makers = 2;

/**
 * The Python environments of a run, kept in `folder` across runs and keyed by
 * interpreter, platform, packages and options. Of two that one run needs, where
 * one holds all of the other, only the bigger is made.
 */
export function openEnvironments(
  specs: readonly EnvironmentSpec[],
  folder: string,
  env: ProcessEnvironment,
  outer: AbortSignal,
): Environments {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, outer]);
  const slots = openSlots(makers);
  const pythons = new Map<string, Promise<Python>>();
  const made = new Map<string, Promise<Environment>>();
  const covered = specs.filter((spec) => specs.some((other) => contains(other, spec) && !contains(spec, other)));
  let ahead = false;

  const pythonOf = (spec: EnvironmentSpec): Promise<Python> => {
    const wanted = spec.python ?? "";
    const known = pythons.get(wanted) ?? findPython(spec.python, env);
    pythons.set(wanted, known);
    return known;
  };
  const make = (spec: EnvironmentSpec): Promise<Environment> => {
    const key = JSON.stringify(spec);
    const known =
      made.get(key) ?? pythonOf(spec).then((python) => makeEnvironment(spec, python, folder, env, slots, signal));
    // Whoever needs it awaits it; made ahead of need, its failure is nobody's yet.
    known.catch(() => {});
    made.set(key, known);
    return known;
  };

  return {
    async get(spec, say) {
      const python = await pythonOf(spec);
      const own = existing(folder, spec, python);
      if (own !== undefined) return own;
      const bigger = specs.find((other) => contains(other, spec) && !covered.includes(other)) ?? spec;
      const other = existing(folder, bigger, python);
      if (other !== undefined) return other;
      const making = make(bigger);
      say(
        `preparing Python ${python.version.join(".")} with ${bigger.calls.flatMap((call) => call.packages).join(", ") || "no packages"}`,
      );
      if (!ahead) for (const spec of specs) if (!covered.includes(spec)) void make(spec);
      ahead = true;
      try {
        return await making;
      } catch (error) {
        // Perhaps what it needs itself can be had.
        if (bigger === spec || signal.aborted) throw error;
        return make(spec);
      }
    },
    async close() {
      stop.abort();
      await Promise.allSettled(made.values());
    },
  };
}

/** Whether everything that `small` installs, `big` installs too, in the same way. */
export function contains(big: EnvironmentSpec, small: EnvironmentSpec): boolean {
  if (big.python !== small.python || big.own !== small.own) return false;
  return small.calls.every(({ packages, options }) =>
    big.calls.some(
      (call) =>
        call.options.join("\0") === options.join("\0") && packages.every((name) => call.packages.includes(name)),
    ),
  );
}

/** An interpreter, as it tells of itself. */
export interface Python {
  readonly executable: string;
  readonly version: readonly [number, number, number];
  readonly platform: string;
  readonly pip: { readonly version: string; readonly folder: string } | null;
  readonly ensurepip: boolean;
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
pip = None
try:
    found = util.find_spec("pip")
    if found: pip = {"version": metadata.version("pip"), "folder": list(found.submodule_search_locations)[0]}
except Exception: pass
print(json.dumps({"executable": sys.executable, "version": list(sys.version_info[:3]), "platform": sysconfig.get_platform(), "pip": pip, "ensurepip": util.find_spec("ensurepip") is not None}))
`;

async function probe(name: string, env: ProcessEnvironment): Promise<Python | undefined> {
  try {
    const { stdout } = await promisify(execFile)(name, ["-c", probeProgram], {
      env: withoutPython(env),
      timeout: 20_000,
      windowsHide: true,
    });
    // SAFETY: the last line is what our own program printed.
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Python;
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
        ...(hasOldKfp(spec) ? ["local paths"] : []),
      ]),
    )
    .digest("hex")
    .slice(0, 32);
}

/** The environment, where it was finished and the interpreter that it stands on is still there. */
function existing(cache: string, spec: EnvironmentSpec, python: Python): Environment | undefined {
  const folder = join(cache, digestOf(spec, python));
  return isMade(folder) && existsSync(interpreterIn(folder)) ? { folder, bin: binOf(folder) } : undefined;
}

async function makeEnvironment(
  spec: EnvironmentSpec,
  python: Python,
  cache: string,
  env: ProcessEnvironment,
  slots: Slots,
  signal: AbortSignal,
): Promise<Environment> {
  const folder = join(cache, digestOf(spec, python));
  const release = await slots.take(signal);
  try {
    // Finished, but on an interpreter that has gone since.
    if (isMade(folder) && !existsSync(interpreterIn(folder))) await rm(folder, { recursive: true, force: true });
    const make = async (run: Run): Promise<void> => {
      await install(spec, python, folder, env, run);
      if (hasOldKfp(spec)) await giveLocalPaths(sitePackages(python, folder));
    };
    await makeFolder(folder, make, { env, signal, explain });
  } finally {
    release?.();
  }
  return { folder, bin: binOf(folder) };
}

async function install(
  spec: EnvironmentSpec,
  python: Python,
  folder: string,
  env: ProcessEnvironment,
  run: Run,
): Promise<void> {
  const inner = interpreterIn(folder);
  const uv = findProgram("uv", env);
  if (uv !== undefined) {
    await run([uv, "venv", "--quiet", "--python", python.executable, folder]);
    await lendPip(python, folder);
    for (const { packages, options } of spec.calls) {
      const translated = options.map((option) => (option === "--trusted-host" ? "--allow-insecure-host" : option));
      await run([uv, "pip", "install", "--quiet", "--python", inner, ...translated, ...packages]);
    }
    return;
  }
  // From 22.3 on, pip installs into another Python: no second pip has to be unpacked by ensurepip first (about 2 s).
  const outside = python.pip !== null && compareVersions(python.pip.version, "22.3") >= 0;
  if (!outside && !python.ensurepip) {
    throw new UserError("environment", `Python ${python.executable} has neither pip nor ensurepip.`, {
      action:
        "Install them (Debian and Ubuntu: apt install python3-pip python3-venv), or install uv, or set MILLRACE_PYTHON to another Python.",
    });
  }
  await run([python.executable, "-m", "venv", ...(outside ? ["--without-pip"] : []), folder]);
  if (outside) await lendPip(python, folder);
  const pip = outside ? [python.executable, "-m", "pip", "--python", inner] : [inner, "-m", "pip"];
  for (const { packages, options } of spec.calls) {
    // Not compiled: Python compiles what is imported, which is far less than what is installed.
    const quiet = [
      "--quiet",
      "--no-input",
      "--no-compile",
      "--disable-pip-version-check",
      "--no-warn-script-location",
      "--retries",
      "2",
    ];
    await run([...pip, "install", ...quiet, ...options, ...packages]);
  }
}

/**
 * Gives an environment made without pip the pip and setuptools of its base
 * Python, as a python image has them, behind whatever is installed in it: by a
 * folder of links that a .pth file names, so that no installation into the
 * environment can ever write through them.
 */
async function lendPip(python: Python, folder: string): Promise<void> {
  if (python.pip === null || windows) return;
  const links = join(folder, "lib", "millrace-pip");
  await mkdir(links, { recursive: true });
  for (const name of ["pip", "setuptools", "pkg_resources", "_distutils_hack"]) {
    const target = join(dirname(python.pip.folder), name);
    if (existsSync(target)) await symlink(target, join(links, name));
  }
  await writeFile(join(sitePackages(python, folder), "zz-millrace-pip.pth"), `${links}\n`);
  for (const name of ["pip", "pip3"]) {
    // A bare `pip` must not be the user's own, further down the PATH.
    await writeFile(join(folder, "bin", name), '#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n', {
      mode: 0o755,
    });
  }
}

const hasOldKfp = (spec: EnvironmentSpec): boolean => spec.calls.some(({ packages }) => isOldKfp(packages));
const sitePackages = ({ version }: Python, folder: string): string =>
  windows
    ? join(folder, "Lib", "site-packages")
    : join(folder, "lib", `python${version[0]}.${version[1]}`, "site-packages");
const windows = process.platform === "win32";
const binOf = (folder: string): string => join(folder, windows ? "Scripts" : "bin");
const interpreterIn = (folder: string): string => join(binOf(folder), windows ? "python.exe" : "python");

/** Why pip or venv failed, in a sentence, from what it printed. */
export function explain(lines: readonly string[]): string {
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
  return error?.trim() ?? "it failed without a word.";
}

/** The variables under which a step's programs find an environment first. */
export function activate(
  environment: Environment | undefined,
  extra: readonly string[],
  env: ProcessEnvironment,
): Record<string, string> {
  const path = [...(environment ? [environment.bin] : []), ...extra, env["PATH"] ?? ""].join(delimiter);
  return {
    ...withoutPython(env),
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
