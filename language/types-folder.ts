/**
 * `.millrace/types` of a TypeScript project on the disk: declarations of its Python and compiled
 * components, `millrace.d.ts`, and the `.millrace/tsconfig.json` that leads the compiler to them.
 * Text that is made from text: nothing of the workspace is executed, and nothing outside of
 * `.millrace` is written, whatever links a workspace that nobody trusts has in it.
 */
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Definition } from "./analyze.ts";
import { declarationPath, declarationsOf, typesConfig } from "./declarations.ts";
import type { Files } from "./source.ts";

/** A file on the disk: its text as it is to be, undefined where it is to go. */
export interface TypesFile {
  readonly path: string;
  readonly text: string | undefined;
}

/** What every project has: settings, and the language's own types. */
export function commonFiles(root: string): readonly TypesFile[] {
  const folder = join(root, ".millrace");
  return [
    { path: join(folder, ".gitignore"), text: "# History of runs on this machine.\n*\n" },
    { path: join(folder, "tsconfig.json"), text: `${JSON.stringify(typesConfig, undefined, 2)}\n` },
    { path: join(folder, "types", "millrace.d.ts"), text: languageTypes() },
  ];
}

/** Declarations of one Python or compiled file and their map; none for a file outside of the root. */
export function filesOf(
  root: string,
  path: string,
  definitions: readonly Definition[],
  files: Files,
): readonly TypesFile[] {
  const inside = relative(root, path);
  if (inside.startsWith("..") || inside === "") return [];
  const target = join(root, ".millrace", "types", declarationPath(inside));
  if (definitions.length === 0) return [target, `${target}.map`].map((each) => ({ path: each, text: undefined }));
  const source = relative(dirname(target), path).split(sep).join("/");
  const { text, map } = declarationsOf(path.split(sep).join("/"), definitions, files, source);
  // The map first: whoever sees the declarations change finds it new.
  return [
    { path: `${target}.map`, text: map },
    { path: target, text },
  ];
}

/** Whether a project's types were ever written. */
export function hasTypes(root: string): boolean {
  return existsSync(join(root, ".millrace", "tsconfig.json"));
}

/** Whether the disk has it already. */
export function isWritten({ path, text }: TypesFile): boolean {
  try {
    return readFileSync(path, "utf8") === text;
  } catch {
    return text === undefined;
  }
}

/** Writes what has changed; what is unchanged is not touched, so that watchers stay quiet. Gives what was written. */
export function writeTypes(root: string, files: readonly TypesFile[]): readonly TypesFile[] {
  const changed = files.filter((file) => !isWritten(file) && isPlain(root, file.path));
  for (const { path, text } of changed) {
    if (text === undefined) rmSync(path, { force: true });
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
  return changed;
}

/** Whether no link leads from under the root elsewhere. */
function isPlain(root: string, path: string): boolean {
  for (let at = path; at.length > root.length; at = dirname(at))
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) return false;
  return true;
}

let types: string | undefined;

/** Text of `millrace.d.ts`, from the source tree or beside the bundles (`esbuild.mjs` copies it). */
function languageTypes(): string {
  if (types !== undefined) return types;
  const places = ["./millrace.d.ts", "./compile/millrace.d.ts", "../compile/millrace.d.ts"].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  const path = places.find((place) => existsSync(place));
  if (path === undefined) throw new Error("millrace.d.ts is not where Millrace was installed.");
  types = readFileSync(path, "utf8");
  return types;
}
