import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * The store's SQLite needs Node 22.14. On an older one, goes on with the Node that
 * `npm install` put beside us, as a child with the same terminal; undefined where
 * this Node will do, else the child's exit status, or 3 where there is none.
 */
export async function statusOfNewerNode(): Promise<number | undefined> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 14)) return undefined;
  const newer = join(import.meta.dirname, "..", "node_modules", "node", "bin", "node");
  if (!existsSync(newer)) {
    process.stderr.write(
      `error: Node ${process.versions.node} is too old for Millrace. Install Node 22.14 or newer, or run npm install beside it.\n`,
    );
    return 3;
  }
  // Ctrl-C reaches the whole process group: the child ends as it should, and we with its status.
  process.on("SIGINT", () => undefined);
  const { spawnSync } = await import("node:child_process");
  const done = spawnSync(newer, process.argv.slice(1), { stdio: "inherit" });
  return done.status ?? 130;
}
