import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const entry = join(import.meta.dirname, "../../../runtime/cli/millrace.ts");

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Until what it has written so far matches. */
  until(pattern: RegExp): Promise<void>;
}

/** The command as a process of its own, in a folder. */
export function start(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  let look = () => {};
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    look();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
    look();
  });
  const ended = new Promise<Ended>((done) => child.once("close", (status) => done({ status, out, err })));
  return {
    child,
    ended,
    until: (pattern) =>
      new Promise((done, fail) => {
        look = () => {
          if (pattern.test(out + err)) done();
        };
        look();
        void ended.then(() => fail(new Error(`it ended before ${String(pattern)}: ${out}${err}`)));
      }),
  };
}

export function millrace(cwd: string, ...args: readonly string[]): Promise<Ended> {
  return start(cwd, args).ended;
}
