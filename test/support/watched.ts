/** Many trials of one kind in a thread with little memory, watched from outside: what hangs or swells is said by its number. */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** What a module of trials exports. A trial is made by its numbers alone, so that a bad one can be made again. */
export interface Trials {
  /** The text of a trial. */
  readonly make: (seed: number, index: number) => string;
  /** Reads it. Returns what came of it, in a word that is counted; throws at what must not be. */
  readonly attempt: (text: string) => string;
}

export interface Watch {
  readonly seed: number;
  readonly count: number;
  /** Of JavaScript's heap: with more, the thread is ended. */
  readonly heapMb: number;
  /** Of one trial, in time of the processor: a busy machine makes no trial longer. */
  readonly longestMs: number;
}

export interface Watched {
  /** How many trials came out as what. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The most of JavaScript's heap that was in use between two trials. */
  readonly peakMb: number;
  readonly slowestMs: number;
}

/** What the thread tells as it ends. */
export type Said = Watched | { readonly wrong: string };

/** Runs the trials. A trial that throws, hangs or takes too much memory is an Error with the file that its text was put into. */
export async function watched(module: URL, { seed, count, heapMb, longestMs }: Watch): Promise<Watched> {
  const { make } = await trialsOf(module.href);
  // The number of the trial in work.
  const at = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL("watched-thread.ts", import.meta.url), {
    workerData: { module: module.href, seed, count, at },
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    env: process.env,
  });
  let last = -1;
  let since = usedMs();
  let hangs = false;
  const watch = setInterval(() => {
    const now = Atomics.load(at, 0);
    if (now !== last) [last, since] = [now, usedMs()];
    else if (usedMs() - since > longestMs) {
      hangs = true;
      void worker.terminate();
    }
  }, 100);
  const failed = (what: string): Error => {
    const index = Atomics.load(at, 0);
    const file = join(tmpdir(), `millrace-trial-${seed}-${index}.txt`);
    writeFileSync(file, make(seed, index));
    return new Error(`Trial ${index} of seed ${seed} ${what} (its text: ${file})`);
  };
  try {
    return await new Promise<Watched>((done, fail) => {
      worker.on("message", (said: Said) => {
        if ("wrong" in said) fail(failed(said.wrong));
        else done(said);
      });
      worker.on("error", (error: Error & { code?: string }) => {
        fail(
          failed(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? `takes more than ${heapMb} MB` : `ends: ${error.message}`),
        );
      });
      worker.on("exit", () => fail(failed(hangs ? `takes more than ${longestMs} ms` : "ends the thread")));
    });
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

/** What this process has had of the processor: while trials run, nearly all of it is theirs. */
function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** For a test's own limit, in time of the wall: what hangs is found before, on however busy a machine. */
export function longestWaitMs(count: number): number {
  return 600_000 + count * 200;
}

/** The module's trials. */
export async function trialsOf(href: string): Promise<Trials> {
  // SAFETY: each module that is given here exports these two; a missing one fails at its first use.
  return (await import(href)) as Trials;
}

/** Numbers below a bound, the same on every run for the same trial. */
export function numbersOf(seed: number, index: number): (below: number) => number {
  // Neighbouring numbers must not begin alike.
  let state = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b) >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39) >>> 0;
    return Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32) * below);
  };
}
