import { createHash } from "node:crypto";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { NodeProgram } from "../compile/node-program.ts";
import { UserError } from "../user-error.ts";
import { isMade, makeFolder } from "./made-folder.ts";
import { findProgram, type ProcessEnvironment } from "./paths.ts";

/**
 * A folder in which `node` is the Node that runs this program, to be put into a
 * step's PATH: TypeScript components need no other. Electron plays Node where
 * the editor runs us.
 */
export async function nodeFolder(parent: string): Promise<string> {
  const folder = join(parent, "bin");
  await mkdir(folder, { recursive: true });
  const program = process.execPath;
  if (process.platform === "win32") {
    await writeFile(join(folder, "node.cmd"), `@set ELECTRON_RUN_AS_NODE=1\r\n@"${program}" %*\r\n`);
  } else if (process.versions["electron"] === undefined && basename(program).startsWith("node")) {
    await symlink(program, join(folder, "node"));
  } else {
    const file = join(folder, "node");
    await writeFile(file, `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec '${program.replaceAll("'", "'\\''")}' "$@"\n`);
    await chmod(file, 0o755);
  }
  return folder;
}

/** Writes a program into a folder, with its packages beside it, and answers the command that runs it there. */
export async function placeProgram(
  program: NodeProgram,
  folder: string,
  packages: string | undefined,
): Promise<string[]> {
  const file = join(folder, "component.mjs");
  await writeFile(file, program.source);
  await writeFile(`${file}.map`, program.sourceMap ?? "");
  if (packages !== undefined) await symlink(join(packages, "node_modules"), join(folder, "node_modules"), "junction");
  return ["node", "--enable-source-maps", file];
}

/**
 * A folder whose `node_modules` holds these packages (`name@version`), kept
 * across runs. Undefined for none. Rejects with UserError "environment".
 */
export async function nodePackages(
  packages: readonly string[],
  cache: string,
  env: ProcessEnvironment,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<string | undefined> {
  if (packages.length === 0) return undefined;
  const [major] = process.versions.node.split(".");
  const key = JSON.stringify([1, major, process.platform, process.arch, packages]);
  const folder = join(cache, createHash("sha256").update(key).digest("hex").slice(0, 32));
  if (isMade(folder)) return folder;
  const npm = findProgram("npm", env) ?? findProgram("npm", { PATH: dirname(process.execPath) });
  if (npm === undefined) {
    throw new UserError("environment", `There is no npm on the PATH to install ${packages.join(", ")} with.`, {
      action: "Install Node.js, which brings it.",
    });
  }
  say(`preparing Node.js with ${packages.join(", ")}`);
  const install = [
    npm,
    "install",
    "--prefix",
    folder,
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    ...packages,
  ];
  await makeFolder(folder, (run) => run(install), { env, signal, explain });
  return folder;
}

/** Why npm failed, in a sentence, from what it printed. */
function explain(lines: readonly string[]): string {
  const text = lines.join("\n");
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|network request/.test(text))
    return "the package registry cannot be reached.";
  const missing =
    /'([^'\n]+)' is not in (?:this|the npm) registry/.exec(text)?.[1] ??
    /No matching version found for (\S+?)\.?(?:\s|$)/.exec(text)?.[1];
  if (missing !== undefined) return `npm found no ${missing}.`;
  const line =
    lines.find((line) => /^npm (?:error|ERR!) (?!code)/.test(line)) ?? lines.findLast((line) => line.trim() !== "");
  return line?.replace(/^npm (?:error|ERR!) /, "").trim() ?? "npm failed without a word.";
}
