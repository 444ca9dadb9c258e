import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Tells a process from every other that had or will have its pid: the machine
 * (and its pid namespace), the boot, and the time it started, as the system
 * says them. Undefined where there is no such process or nobody can tell.
 */
export function processStart(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const status = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The second field, the command in parentheses, may hold anything: count from its end. Field 22 is the start, field 3 the state.
      const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" ? undefined : `${place()}|${boot()}|${fields[19] ?? ""}`;
    } catch {
      return undefined;
    }
  }
  if (process.platform === "win32") return isRunning(pid) ? `${place()}||` : undefined;
  try {
    const started = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return `${place()}||${started.trim()}`;
  } catch {
    return undefined;
  }
}

/** Whether that very process runs. A process of another machine or container cannot be seen: it counts as running. */
export function isAlive(pid: number, start: string | undefined): boolean {
  if (start !== undefined && start.split("|")[0] !== place()) return true;
  const now = processStart(pid);
  return now !== undefined && (start === undefined || now === start);
}

function place(): string {
  return process.platform === "linux" ? `${hostname()} ${read(() => readlinkSync("/proc/self/ns/pid"))}` : hostname();
}

function boot(): string {
  return read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
}

function read(source: () => string): string {
  try {
    return source();
  } catch {
    return "";
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
