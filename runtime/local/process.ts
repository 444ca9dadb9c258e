import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import type { LogWriter } from "./logs.ts";
import { guardGroup } from "./orphans.ts";

export interface ProcessRequest {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: LogWriter;
  readonly signal: AbortSignal;
  /** SIGTERM when it is over, SIGKILL `graceMs` later. */
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  readonly started?: (pid: number) => void;
}

export type ProcessEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signaled"; readonly signal: string }
  /** We stopped it. */
  | { readonly kind: "aborted" | "timed-out" }
  /** It never ran. */
  | { readonly kind: "unstarted"; readonly error: NodeJS.ErrnoException };

export interface Usage {
  readonly wallSeconds: number;
  readonly cpuSeconds?: number;
  readonly peakMemoryBytes?: number;
}

/**
 * Runs a program in a process group of its own to its end; never rejects. When
 * it ends, or is stopped, the whole group ends with it, as in a container; and
 * where we are killed, the group is ended too.
 */
export function runProcess(request: ProcessRequest): Promise<{ readonly end: ProcessEnd; readonly usage: Usage }> {
  const { command, cwd, env, log, signal, timeoutMs, graceMs = 5_000 } = request;
  const begun = performance.now();
  const [program = "", ...args] = command;
  return new Promise((resolve) => {
    let stopped: "aborted" | "timed-out" | undefined;
    let killer: NodeJS.Timeout | undefined;
    const done = (end: ProcessEnd, measured: Omit<Usage, "wallSeconds"> = {}): void => {
      clearTimeout(deadline);
      clearTimeout(killer);
      signal.removeEventListener("abort", abort);
      resolve({
        end: stopped ? { kind: stopped } : end,
        usage: { wallSeconds: (performance.now() - begun) / 1000, ...measured },
      });
    };
    const stop = (why: "aborted" | "timed-out"): void => {
      stopped ??= why;
      signalGroup(child.pid, "SIGTERM");
      killer ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMs);
    };
    const abort = (): void => stop("aborted");
    let child: ReturnType<typeof spawn>;
    try {
      child = spawn(program, args, {
        cwd,
        env: { ...env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: process.platform !== "win32",
        windowsHide: true,
      });
    } catch (error) {
      // SAFETY: spawn throws Node's own errors, E2BIG among them.
      resolve({ end: { kind: "unstarted", error: error as NodeJS.ErrnoException }, usage: { wallSeconds: 0 } });
      return;
    }
    const deadline = timeoutMs === undefined ? undefined : setTimeout(() => stop("timed-out"), timeoutMs);
    const release = child.pid === undefined ? undefined : guardGroup(child.pid);
    const watch = child.pid === undefined ? undefined : watchUsage(child.pid);
    child.stdout?.on("data", (chunk: Buffer) => log.write("out", chunk));
    child.stderr?.on("data", (chunk: Buffer) => log.write("err", chunk));
    child.once("error", (error) => {
      if (child.pid !== undefined) return;
      done({ kind: "unstarted", error });
    });
    // What the program left running would keep the pipes open and outlive the step.
    child.once("exit", () => {
      signalGroup(child.pid, "SIGKILL");
      release?.();
    });
    child.once("close", (code, killedBy) => {
      if (child.pid === undefined) return;
      done(endOf(code, killedBy), watch?.());
    });
    if (child.pid !== undefined) request.started?.(child.pid);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });
}

/** A shell tells that its child was killed by 128 + the signal's number; those that a program hardly chooses itself are read so. */
function endOf(code: number | null, killedBy: NodeJS.Signals | null): ProcessEnd {
  if (killedBy !== null) return { kind: "signaled", signal: killedBy };
  const bySignal = (["SIGKILL", "SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTERM"] as const).find(
    (name) => code === 128 + constants.signals[name],
  );
  return bySignal === undefined ? { kind: "exited", code: code ?? 1 } : { kind: "signaled", signal: bySignal };
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    if (process.platform === "win32") spawn("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" });
    else process.kill(-pid, name);
  } catch {
    // The group is gone: that was the wish.
  }
}

/**
 * Samples what a process and its descendants use, on Linux, ever more rarely;
 * the answer stops it and gives the peak of memory and the last sum of CPU.
 */
function watchUsage(pid: number): (() => { cpuSeconds?: number; peakMemoryBytes?: number }) | undefined {
  if (process.platform !== "linux") return undefined;
  let peak = 0;
  let cpu = 0;
  let wait = 50;
  const sample = (): void => {
    const now = treeUsage(pid);
    peak = Math.max(peak, now.memory);
    cpu = Math.max(cpu, now.cpu);
    wait = Math.min(wait * 1.5, 2_000);
    timer = setTimeout(sample, wait).unref();
  };
  let timer = setTimeout(sample, wait).unref();
  return () => {
    clearTimeout(timer);
    return peak === 0 ? {} : { cpuSeconds: cpu, peakMemoryBytes: peak };
  };
}

/** Seconds of CPU and resident bytes of a process and its descendants, from /proc; zeros where it is gone. */
function treeUsage(pid: number): { memory: number; cpu: number } {
  try {
    // Fields after the name in parentheses, counted from the third (proc_pid_stat(5)); pages of 4 KiB, 100 ticks a second.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const at = (field: number): number => Number(fields[field - 3] ?? 0);
    let memory = at(24) * 4096;
    let cpu = (at(14) + at(15) + at(16) + at(17)) / 100;
    for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean)) {
      const below = treeUsage(Number(child));
      memory += below.memory;
      cpu += below.cpu;
    }
    return { memory, cpu };
  } catch {
    return { memory: 0, cpu: 0 };
  }
}
