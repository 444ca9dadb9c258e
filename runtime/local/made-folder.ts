import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, processStart } from "../store/process.ts";
import { UserError } from "../user-error.ts";
import { openLog } from "./logs.ts";
import { type ProcessEnvironment, withoutPython } from "./paths.ts";
import { runProcess } from "./process.ts";

/** Runs a command to its end; rejects with UserError "environment" where it fails, "canceled" where it was stopped. */
export type Run = (command: readonly string[]) => Promise<void>;

/** Whether a folder was made to its end. */
export function isMade(folder: string): boolean {
  return existsSync(join(folder, finished));
}

/**
 * Makes a folder that is kept and shared by all runs: once, whoever asks, in
 * this process or another; what was left half-made is made anew, and what fails
 * leaves nothing but its log beside it (`<folder>.log`). `explain` turns a
 * failed command's last lines into a sentence.
 */
export async function makeFolder(
  folder: string,
  fill: (run: Run) => Promise<void>,
  options: { env: ProcessEnvironment; signal: AbortSignal; explain: (lines: readonly string[]) => string },
): Promise<void> {
  const { env, signal, explain } = options;
  await mkdir(dirname(folder), { recursive: true });
  const unlock = await lock(`${folder}.lock`, signal);
  try {
    if (isMade(folder)) return;
    const log = openLog(`${folder}.log`);
    const run: Run = async (command) => {
      log.write("system", `$ ${command.join(" ")}\n`);
      const { end } = await runProcess({ command, cwd: dirname(folder), env: withoutPython(env), log, signal });
      if (end.kind === "exited" && end.code === 0) return;
      if (end.kind === "aborted") throw new UserError("canceled", "It was canceled.");
      const message =
        end.kind === "unstarted"
          ? `${command[0] ?? ""} cannot be started: ${end.error.message}.`
          : explain([...log.tail("out"), ...log.tail("err")]);
      throw new UserError("environment", message, { action: `All that was said is in ${folder}.log.` });
    };
    try {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      await fill(run);
      // Last, and at once: a folder without it was not finished.
      await writeFile(join(folder, `${finished}.new`), new Date().toISOString());
      await rename(join(folder, `${finished}.new`), join(folder, finished));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    } finally {
      log.close();
    }
  } finally {
    await unlock();
  }
}

/** The file that says that a folder was finished. */
const finished = ".millrace";

/** Holds a lock file until the answer is called; one whose owner died is taken over. */
async function lock(file: string, signal: AbortSignal): Promise<() => Promise<void>> {
  const owner = JSON.stringify({ pid: process.pid, start: processStart(process.pid) });
  for (;;) {
    if (signal.aborted) throw new UserError("canceled", "It was canceled.");
    try {
      await writeFile(file, owner, { flag: "wx" });
      return () => rm(file, { force: true });
    } catch (error) {
      // SAFETY: writeFile rejects with Node's own errors.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (await isAbandoned(file)) await rm(file, { force: true });
    else await sleep(100);
  }
}

/** Longer than any installation takes. */
const longestMs = 60 * 60_000;

async function isAbandoned(file: string): Promise<boolean> {
  try {
    const written = await readFile(file, "utf8");
    const heldMs = Date.now() - (await stat(file)).mtimeMs;
    // Between its making and its first byte it belongs to somebody who is about to say so.
    if (written === "") return heldMs > 5_000;
    // SAFETY: written by `lock`.
    const { pid, start } = JSON.parse(written) as { pid: number; start?: string };
    // An owner on another machine that shares the folder cannot be seen: it has its time.
    return !isAlive(pid, start) || heldMs > longestMs;
  } catch {
    return false;
  }
}
