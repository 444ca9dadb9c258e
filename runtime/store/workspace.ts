import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../user-error.ts";

/** Where the history of a folder of pipelines lies. */
export interface Workspace {
  readonly root: string;
  /** `.millrace` of the root. */
  readonly folder: string;
}

/**
 * The nearest folder upward whose `.millrace` has runs in it (another may have types for TypeScript only),
 * else the nearest with `.git`, else the nearest with `.millrace`, else the folder itself.
 */
export function findWorkspace(start: string): Workspace {
  const from = resolve(start);
  const root = upward(from, ".millrace/runs") ?? upward(from, ".git") ?? upward(from, ".millrace") ?? from;
  return { root, folder: join(root, ".millrace") };
}

/** The workspace whose root is this very folder. */
export function workspaceAt(folder: string): Workspace {
  const root = resolve(folder);
  return { root, folder: join(root, ".millrace") };
}

function upward(from: string, name: string): string | undefined {
  // What was once run right in one of these must not gather the history of every project below it.
  const shared = [homedir(), tmpdir(), "/tmp", "/"].map((folder) => resolve(folder));
  for (let folder = from; ; folder = dirname(folder)) {
    if ((folder === from || !shared.includes(folder)) && existsSync(join(folder, name))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

export function runFolder(workspace: Workspace, run: string): string {
  return join(workspace.folder, "runs", run);
}

/** Makes `.millrace` with a .gitignore in it. */
export function makeFolder(workspace: Workspace): void {
  try {
    mkdirSync(join(workspace.folder, "runs"), { recursive: true });
    const ignore = join(workspace.folder, ".gitignore");
    if (!existsSync(ignore)) writeFileSync(ignore, "# History of runs on this machine.\n*\n");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw new UserError("disk-full", `${workspace.folder} cannot be made: the disk is full.`, {
        action: "Free some space.",
        cause: error,
      });
    }
    if (code === "ENOTDIR" || code === "EEXIST") {
      throw new UserError(
        "not-a-folder",
        `${workspace.folder} is a file, where the history of runs should be a folder.`,
        {
          action: "Move it away, or name another folder with --workspace.",
          cause: error,
        },
      );
    }
    throw new UserError("store-readonly", `${workspace.folder} cannot be made or written (${String(code)}).`, {
      action: "Check the permissions of its folder, or name another with --workspace.",
      cause: error,
    });
  }
}
