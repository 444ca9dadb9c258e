/** The sample, compiled by us and, in the same minute, by the real SDK: the same bytes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { realKfp } from "../../support/real-kfp.ts";

const root = resolve(import.meta.dirname, "../../..");
const kfp = realKfp();

test.skipIf(kfp === undefined)("samples/churn/pipeline.py compiles to what kfp writes", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-kfp-"));
  try {
    const source = join(root, "samples/churn/pipeline.py");
    const theirs = join(folder, "theirs.yaml");
    execFileSync(kfp ?? "", ["dsl", "compile", "--py", source, "--output", theirs], { stdio: "pipe" });
    const ours = execFileSync(process.execPath, [join(root, "runtime/cli/millrace.ts"), "compile", source], {
      encoding: "utf8",
    });
    expect(ours).toBe(readFileSync(theirs, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
  }
});
