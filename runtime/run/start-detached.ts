import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../language/spec/types.ts";
import { runFolder, type Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { claimRun } from "./execute.ts";

/** What the runner of a detached run tells whoever started it, once. */
export type StartReport =
  | { readonly kind: "created" }
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly action?: string;
      readonly exit: 2 | 3;
    };

export interface DetachedStart {
  readonly workspace: Workspace;
  /** The script of the `millrace` command. */
  readonly entry: string;
  /** Arguments of `millrace run`, without `--detach`. */
  readonly args: readonly string[];
  /** Inputs with their types, which text on a command line does not have. */
  readonly parameters?: Readonly<Record<string, Json>>;
}

/**
 * Starts `millrace run` as a process of its own, which outlives this one and its
 * terminal, and answers the run's id as soon as the run is in the store.
 * What it prints goes to `runner.log` of the run's folder.
 */
export async function startDetached({ workspace, entry, args, parameters }: DetachedStart): Promise<string> {
  const run = claimRun(workspace);
  const folder = runFolder(workspace, run);
  const log = openSync(join(folder, "runner.log"), "a");
  const inputs = join(folder, "parameters.json");
  let report: StartReport;
  try {
    if (parameters) writeFileSync(inputs, JSON.stringify(parameters));
    const child = spawn(
      process.execPath,
      [
        entry,
        "run",
        ...args,
        ...(parameters ? ["--params", inputs] : []),
        "--workspace",
        workspace.root,
        "--quiet",
        "--as",
        run,
      ],
      {
        detached: true,
        windowsHide: true,
        stdio: ["ignore", log, log, "ipc"],
        env: { ...process.env, NO_COLOR: "1" },
      },
    );
    report = await new Promise((done) => {
      child.once("message", (message) => {
        // SAFETY: the only messages of this channel are those of `millrace run --as`, which are typed so.
        done(message as StartReport);
      });
      const failed = (why: string) =>
        done({ kind: "failed", code: "runner", message: `The run could not be started: ${why}.`, exit: 3 });
      child.once("error", (error) => failed(error.message));
      child.once("exit", (code, signal) =>
        failed(`its process ended with ${signal ?? `status ${code ?? "?"}`}; see ${join(folder, "runner.log")}`),
      );
    });
    child.removeAllListeners();
    if (child.connected) child.disconnect();
    child.unref();
  } finally {
    closeSync(log);
  }
  if (report.kind === "created") return run;
  if (report.code !== "runner") rmSync(folder, { recursive: true, force: true });
  throw new UserError(report.code, report.message, {
    exit: report.exit,
    ...(report.action === undefined ? {} : { action: report.action }),
  });
}
