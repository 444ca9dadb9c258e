/** What is generated is as it would be generated now. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const project = join(import.meta.dirname, "..");

test("docs/api.md is what `npm run docs` writes", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "docs-"));
  try {
    const typedoc = join(project, "node_modules/typedoc/bin/typedoc");
    execFileSync(process.execPath, [typedoc, "--options", "typedoc.config.mjs", "--out", folder], { cwd: project });
    expect(readFileSync(join(project, "docs/api.md"), "utf8")).toBe(readFileSync(join(folder, "api.md"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
  }
});
