import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { realKfp } from "../../../support/real-kfp.ts";
import type { Answer } from "./sdk.ts";

/** The real SDK, asked one file after the other. */
export interface Sdk {
  /** The answer to a file's text; of several, to the pipeline or component of that name, else to the last. */
  readonly ask: (source: string, symbol?: string) => Promise<Answer>;
  readonly close: () => void;
}

/** A Python that has kfp and kfp-kubernetes: `KFP_PYTHON`, else the cached one; undefined where none can be had. */
export function kfpPython(): string | undefined {
  const named = process.env["KFP_PYTHON"];
  if (named !== undefined) return existsSync(named) ? named : undefined;
  const kfp = realKfp();
  return kfp === undefined ? undefined : join(dirname(kfp), "python");
}

/** Starts `compile_many.py` in a Python that has kfp. */
export function openSdk(python: string): Sdk {
  const child = spawn(python, [`${import.meta.dirname}/compile_many.py`], { stdio: ["pipe", "pipe", "inherit"] });
  const waiting: { done: (answer: Answer) => void; fail: (error: Error) => void }[] = [];
  // SAFETY: `compile_many.py` answers each line so, in order.
  createInterface(child.stdout).on("line", (line) => waiting.shift()?.done(JSON.parse(line) as Answer));
  const end = (why: string) => () => {
    for (const { fail } of waiting.splice(0)) fail(new Error(`compile_many.py ${why}`));
  };
  child.on("error", end("does not start"));
  child.on("close", end("has ended"));
  return {
    ask: (source, symbol) =>
      new Promise((done, fail) => {
        waiting.push({ done, fail });
        child.stdin.write(`${JSON.stringify({ id: 0, source, function: symbol ?? null })}\n`);
      }),
    close: () => child.stdin.end(),
  };
}
