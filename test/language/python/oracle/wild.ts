/**
 * Other people's pipeline files, compiled by the SDK and by us:
 * `KFP_PYTHON=… node test/language/python/oracle/wild.ts FOLDER [ANSWERS]`
 * The folder has one folder a repository. Prints a line of JSON for each file on which the two differ, the warnings
 * of those on which they agree, and counts. The SDK's answers are kept in the file ANSWERS, so that only ours are
 * made anew. It executes what is in the folder (`compile_files.py`): name a Python without network, home and rights.
 * In the environment: ONLY, of which files (a pattern of paths or texts); LIBRARIES, folders of installed packages;
 * SHOW=both or SHOW=lack prints also what both refuse, or what one lacks something for.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { dirname, join, relative } from "node:path";
import { analyzePython } from "../../../../language/python/front-end.ts";
import type { Diagnostic } from "../../../../language/diagnostics.ts";
import { lineStarts, positionAt } from "../../../../language/source.ts";
import { writePackage } from "../../../../language/spec/write.ts";
import { comparable } from "../comparable.ts";
import { diskFiles } from "../disk-files.ts";
import { python } from "./sdk.ts";

interface Theirs {
  readonly definitions?: Readonly<
    Record<string, { readonly own: boolean; readonly yaml?: string; readonly error?: string }>
  >;
  readonly error?: string;
  readonly line?: number | null;
  /** Modules that are not installed. */
  readonly stubbed?: readonly string[];
}

interface Verdict {
  readonly kind: string;
  readonly why?: unknown;
  readonly warnings?: readonly string[];
}

/** What `compile_files.py` gives its programs. */
const env = { PATH: "/usr/bin:/bin", HOME: "/tmp", USER: "nobody", LANG: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" };

const [folder, kept = ""] = process.argv.slice(2);
if (folder === undefined || python === undefined) {
  console.log("KFP_PYTHON=… wild.ts FOLDER [ANSWERS]: which Python has kfp, and where are the files?");
  process.exit(2);
}
/** Folders of installed packages, for both: the SDK's own are in its Python. */
const libraries = (process.env["LIBRARIES"] ?? "").split(":").filter((each) => each !== "");
const only = new RegExp(process.env["ONLY"] ?? "");
const files = pipelineFiles(folder).filter((path) => only.test(path) || only.test(diskFiles.read(path) ?? ""));
const theirs = await answersOf(files);
const counts = new Map<string, number>();
const repositories = new Set<string>();
const warnings = new Map<string, string[]>();
for (const path of files) {
  const answer = theirs.get(path);
  if (answer === undefined) continue;
  const started = performance.now();
  const { kind, why, warnings: warned = [] } = verdict(path, answer);
  const took = performance.now() - started;
  const name = relative(folder, path);
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
  repositories.add(name.split("/")[0] ?? "");
  if (why !== undefined) console.log(JSON.stringify({ kind, name, stubbed: answer.stubbed, why }));
  if (took > 1000) console.log(JSON.stringify({ kind: "slow", name, took: Math.round(took) }));
  for (const each of warned) warnings.set(each, [...(warnings.get(each) ?? []), name]);
}
for (const [text, names] of [...warnings].sort((a, b) => b[1].length - a[1].length))
  console.log(`${names.length} × ${text}   ${names[0] ?? ""}`);
console.log(`${files.length} files of ${repositories.size} repositories`, Object.fromEntries([...counts].sort()));

/** Files that define something with kfp's decorators, one of each text. */
function pipelineFiles(root: string): string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  const visit = (at: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        // The SDK itself and what is installed are not what people write.
        if (!/site-packages|sdk\/python\/kfp$|google_cloud_pipeline_components$/.test(path)) visit(path);
      } else if (entry.isFile() && /^[^.]+\.py$/.test(entry.name)) {
        const text = diskFiles.read(path) ?? "";
        if (!/^\s*(from|import) kfp\b/m.test(text) || !/^\s*@[\w.]*pipeline\b/m.test(text) || seen.has(text)) continue;
        seen.add(text);
        found.push(path);
      }
    }
  };
  visit(root);
  return found;
}

/** Where a file's imports are looked for: its repository's folders above it, and their `src`. */
function rootsOf(path: string): string[] {
  const roots: string[] = [];
  for (let at = dirname(dirname(path)); at.length > (folder ?? "").length; at = dirname(at)) {
    roots.push(at);
    if (existsSync(join(at, "src"))) roots.push(join(at, "src"));
  }
  return roots;
}

/** The dotted name of a file that is in a package. */
function dotted(path: string): string | null {
  const names = [path.replace(/.*\/|\.py$/g, "")];
  let at = dirname(path);
  for (; existsSync(join(at, "__init__.py")); at = dirname(at)) names.unshift(at.replace(/.*\//, ""));
  return names.length > 1 ? names.join(".") : null;
}

async function answersOf(paths: readonly string[]): Promise<Map<string, Theirs>> {
  // SAFETY: written below.
  const old = existsSync(kept) ? (JSON.parse(readFileSync(kept, "utf8")) as [string, Theirs][]) : [];
  const answers = new Map(old);
  const missing = paths.filter((path) => !answers.has(path));
  if (missing.length === 0) return answers;
  const children = missing.length > 20 ? 2 : 1;
  await Promise.all(Array.from({ length: children }, (_, n) => ask(missing.filter((__, i) => i % children === n))));
  if (kept !== "") writeFileSync(kept, JSON.stringify([...answers]));
  return answers;

  async function ask(asked: readonly string[]): Promise<void> {
    const child: ChildProcess = spawn(python ?? "", [`${import.meta.dirname}/compile_files.py`], {
      stdio: ["pipe", "pipe", "inherit"],
      env,
    });
    if (child.stdin === null || child.stdout === null) throw new Error("no pipes");
    for (const path of asked)
      child.stdin.write(
        `${JSON.stringify({ id: path, path, roots: [...rootsOf(path), ...libraries], module: dotted(path) })}\n`,
      );
    child.stdin.end();
    for await (const line of createInterface(child.stdout)) {
      // SAFETY: `compile_files.py` answers each line so.
      const { id, ...answer } = JSON.parse(line) as Theirs & { id: string };
      answers.set(id, answer);
    }
  }
}

function verdict(path: string, answer: Theirs): Verdict {
  let analysis;
  try {
    analysis = analyzePython(path, diskFiles, { sdkVersion: "2.17.0", roots: rootsOf(path), env, libraries });
  } catch (problem) {
    return { kind: "we throw", why: problem instanceof Error ? problem.stack : problem };
  }
  const all = [...analysis.diagnostics];
  const compiled = new Map<string, string | undefined>();
  for (const definition of analysis.definitions) {
    const result = definition.compile();
    all.push(...result.diagnostics);
    const fails = result.compiled === undefined || result.diagnostics.some(({ severity }) => severity === "error");
    compiled.set(definition.symbol, fails ? undefined : writePackage(result.compiled));
  }
  const errors = all.filter(({ severity }) => severity === "error").map(said);
  if (answer.definitions === undefined) {
    const why = { sdk: answer.error, line: answer.line };
    // What this machine lacks: modules, a network, files, rights.
    if (
      /^(ModuleNotFoundError: No module named '(?!kfp\b)|\w+: HTTP|FileNotFound|Permission|OSError)|died|ConnectionError/.test(
        answer.error ?? "",
      ) ||
      (answer.stubbed ?? []).length > 0
    )
      return {
        kind: `SDK lacks something; we ${errors.length > 0 ? "refuse" : "accept"}`,
        ...(process.env["SHOW"] === "lack" && { why: { ...why, errors: errors.slice(0, 2) } }),
      };
    return errors.length > 0
      ? { kind: "both refuse", ...(process.env["SHOW"] === "both" && { why: { ...why, errors: errors.slice(0, 2) } }) }
      : { kind: "SDK refuses, we accept", why };
  }
  const suffix = (answer.stubbed ?? []).length > 0 ? " (without their modules)" : "";
  const refused = Object.entries(answer.definitions).filter(([, { error }]) => error !== undefined);
  const own = Object.entries(answer.definitions).filter(([symbol, one]) => one.own || compiled.has(symbol));
  for (const [symbol, { yaml }] of own) {
    const ours = compiled.get(symbol);
    if (yaml === undefined || ours === undefined) continue;
    const [a, b] = [ours, yaml].map(comparable);
    if (a !== b) return { kind: `differ${suffix}`, why: { symbol, ...firstDifference(a ?? "", b ?? "") } };
  }
  const absent = errors.find((each) => / not-known: /.test(each));
  if (suffix !== "" && absent !== undefined)
    return { kind: "needs a module that is not there", ...(process.env["SHOW"] === "lack" && { why: absent }) };
  const gone = own.find(([symbol, { yaml }]) => yaml !== undefined && compiled.get(symbol) === undefined)?.[0];
  if (gone !== undefined || (errors.length > 0 && refused.length === 0))
    return { kind: `SDK compiles, we refuse${suffix}`, why: { symbol: gone, errors: errors.slice(0, 3) } };
  const extra = [...compiled].find(([symbol, yaml]) => yaml !== undefined && answer.definitions?.[symbol]?.error)?.[0];
  if (extra !== undefined && errors.length === 0)
    return { kind: "SDK refuses, we accept", why: { symbol: extra, sdk: answer.definitions[extra]?.error } };
  if (own.length === 0) return { kind: "nothing of its own" };
  const warned = all.filter(({ severity }) => severity === "warning").map(({ code, message }) => `${code}: ${message}`);
  return { kind: `identical${suffix}`, warnings: [...new Set(warned)] };
}

function firstDifference(ours: string, theirs: string): { readonly ours: string; readonly theirs: string } {
  const [a, b] = [ours.split("\n"), theirs.split("\n")];
  const line = a.findIndex((text, i) => text !== b[i]);
  const [left, right] = [a[line] ?? "(end)", b[line] ?? "(end)"];
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  const from = Math.max(0, at - 40);
  return { ours: `${line + 1}: ${left.slice(from, at + 80)}`, theirs: right.slice(from, at + 80) };
}

function said({ code, message, span }: Diagnostic): string {
  const line = positionAt(lineStarts(diskFiles.read(span.path) ?? ""), span.start).line + 1;
  return `${span.path.split("/").at(-1) ?? ""}:${line} ${code}: ${message}`;
}
