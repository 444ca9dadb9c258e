/** Types for all that the TypeScript pipelines of a workspace import (`language/types-folder.ts`), for the command line. */
import { resolve, sep } from "node:path";
import { analyzeFile, languageOf } from "../../language/analyze-file.ts";
import type { Files } from "../../language/source.ts";
import { speaksOfPipelines } from "../../language/speaks-of-pipelines.ts";
import { commonFiles, filesOf, type TypesFile } from "../../language/types-folder.ts";
import { sdkVersion } from "./compile-file.ts";
import { sourcePath } from "./disk.ts";

/**
 * The declarations of the given Python and YAML files, or of all of the workspace where none are
 * given, as they are to be. A file that has no component any more loses its own.
 */
export async function workspaceTypes(
  root: string,
  files: Files,
  paths = importable(root, files),
): Promise<readonly TypesFile[]> {
  const all = [...commonFiles(root)];
  for (const path of paths) {
    const { definitions } = await analyzeFile(sourcePath(resolve(path)), files, {
      sdkVersion,
      roots: [sourcePath(resolve(root))],
      env: {},
    });
    all.push(...filesOf(root, resolve(path), definitions, files));
  }
  return all;
}

/** Python and YAML files of a workspace, hidden folders and installed packages left out. */
function importable(root: string, files: Files): string[] {
  const found: string[] = [];
  const folders = [sourcePath(resolve(root))];
  for (let folder = folders.pop(); folder !== undefined && found.length < 20_000; folder = folders.pop()) {
    for (const name of files.list(folder)) {
      if (name.endsWith("/")) {
        if (!/^\.|^node_modules\/|^__pycache__\/|^dist\/|^venv\//.test(name))
          folders.push(`${folder}/${name.slice(0, -1)}`);
      } else if (mayHoldComponents(`${folder}/${name}`, files)) found.push(`${folder}/${name}`.split("/").join(sep));
    }
  }
  return found.sort();
}

/** A look at the text saves an analysis of every file of the workspace. */
function mayHoldComponents(path: string, files: Files): boolean {
  const language = languageOf(path);
  if (language !== "python" && language !== "yaml") return false;
  const text = files.read(path) ?? "";
  return language === "python" ? /\bkfp\b/.test(text) : speaksOfPipelines(path, text);
}
