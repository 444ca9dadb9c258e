import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Path of the real SDK's `kfp` 2.17.0, installed once into the user's cache;
 * undefined, with a line printed, where Python or the package index is not there.
 */
export function realKfp(): string | undefined {
  const cache =
    process.env.MILLRACE_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "millrace-test");
  const folder = join(cache, "kfp-2.17.0");
  const done = join(folder, ".done");
  if (existsSync(done)) return join(folder, "bin/kfp");
  try {
    rmSync(folder, { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", folder], { stdio: ["ignore", 2, 2] });
    execFileSync(join(folder, "bin/pip"), ["install", "-q", "kfp==2.17.0", "kfp-kubernetes==2.17.0"], {
      stdio: ["ignore", 2, 2],
    });
    writeFileSync(done, "");
    return join(folder, "bin/kfp");
  } catch (error) {
    console.log(`No real kfp to compare with: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
