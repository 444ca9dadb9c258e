import { accessSync, constants, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";

export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

/** Where things are kept that any run may use again: MILLRACE_CACHE, or `millrace` in the user's cache folder. */
export function cacheFolder(env: ProcessEnvironment): string {
  if (env["MILLRACE_CACHE"]) return env["MILLRACE_CACHE"];
  const home = env["HOME"] || env["USERPROFILE"] || homeOfUser();
  switch (process.platform) {
    case "win32":
      return join(env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "millrace", "Cache");
    case "darwin":
      return join(home, "Library", "Caches", "millrace");
    default:
      return join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "millrace");
  }
}

/** As the system's list of users has it; one who is not in it has the folder for temporary files. */
function homeOfUser(): string {
  try {
    return userInfo().homedir;
  } catch {
    return tmpdir();
  }
}

/** The path of a program that can be run by this name. */
export function findProgram(name: string, env: ProcessEnvironment): string | undefined {
  const folders = isAbsolute(name) ? [""] : (env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const endings = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  for (const folder of folders) {
    for (const ending of endings) {
      const path = folder === "" ? name + ending : join(folder, name + ending);
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile()) return path;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/** What of the caller's Python would leak into another one. */
export function withoutPython(env: ProcessEnvironment): Record<string, string> {
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
