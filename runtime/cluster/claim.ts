import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, processStart } from "../store/process.ts";

/**
 * Makes this process the one that writes a run's logs: a terminal and an editor
 * may follow the same run. Answers how to give that up, or undefined where
 * another process that lives has it.
 */
export function claim(folder: string): (() => void) | undefined {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "follower");
  const mine = `${process.pid} ${Math.random().toString(36).slice(2)} ${processStart(process.pid) ?? ""}`;
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, mine);
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        // A link is made whole or not at all.
        linkSync(draft, file);
        return () => {
          if (holder(file) === mine) rmSync(file, { force: true });
        };
      } catch {
        const [pid = "", , ...start] = holder(file).split(" ");
        const since = start.join(" ");
        if (pid !== "" && isAlive(Number(pid), since === "" ? undefined : since)) return undefined;
        rmSync(file, { force: true });
      }
    }
    return undefined;
  } finally {
    rmSync(draft, { force: true });
  }
}

function holder(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
