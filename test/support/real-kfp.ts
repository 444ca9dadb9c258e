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
    rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
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

/**
 * The folder that a package of the index, without what it depends on, is installed in once; undefined, with a line
 * printed, where that cannot be.
 */
export function installedPackage(requirement: string): string | undefined {
  const kfp = realKfp();
  if (kfp === undefined) return undefined;
  const environment = join(kfp, "../..");
  const folder = join(environment, "..", `packages-${requirement.replaceAll(/[^\w.]+/g, "-")}`);
  const done = join(folder, ".done");
  if (existsSync(done)) return folder;
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
    const options = ["install", "-q", "--no-deps", "--target", folder, requirement];
    execFileSync(join(environment, "bin/pip"), options, { stdio: ["ignore", 2, 2] });
    writeFileSync(done, "");
    return folder;
  } catch (error) {
    console.log(`${requirement} cannot be installed: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
