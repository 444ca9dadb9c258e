import { execFile } from "node:child_process";
import { dirname } from "node:path";

/** The commit that a file stands at, and whether the file differs from it. Empty where there is no git or no commit. */
export async function revisionOf(path: string): Promise<{ readonly commit?: string; readonly dirty?: boolean }> {
  const args = ["status", "--porcelain=v2", "--branch", "--untracked-files=all", "--", path];
  const text = await new Promise<string>((done) => {
    execFile(
      "git",
      ["-C", dirname(path), ...args],
      { timeout: 5000, env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" } },
      (error, stdout) => done(error ? "" : stdout),
    );
  });
  const commit = /^# branch\.oid ([0-9a-f]+)$/m.exec(text)?.[1];
  return commit === undefined
    ? {}
    : { commit, dirty: text.split("\n").some((line) => line !== "" && !line.startsWith("#")) };
}
