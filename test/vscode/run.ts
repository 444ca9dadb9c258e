/**
 * The tests in a real VS Code, against the installed VSIX: first inside the
 * extension host, then through the window. `--desktop` runs the first in the
 * desktop VS Code that @vscode/test-electron downloads.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { installChromium } from "../support/install-vscode.mjs";
import { root, runInHost } from "../support/vscode.ts";

const vsix = join(root, "millrace.vsix");
if (!existsSync(vsix)) execFileSync("npm", ["run", "--silent", "package"], { cwd: root, stdio: "inherit" });
const tests = join(root, "dist/test/host.cjs");
await build({
  entryPoints: [join(root, "test/vscode/host/run.ts")],
  outfile: tests,
  bundle: true,
  format: "cjs",
  platform: "node",
  external: ["vscode", "mocha"],
  logLevel: "warning",
});
const development = join(root, "test/vscode/host");
const workspace = mkdtempSync(join(tmpdir(), "millrace workspace "));
cpSync(join(root, "samples/churn"), workspace, { recursive: true });

let status: number;
try {
  if (process.argv.includes("--desktop")) {
    const { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } = await import(
      "@vscode/test-electron"
    );
    const executable = await downloadAndUnzipVSCode();
    const [cli = "", ...args] = resolveCliArgsFromVSCodeExecutablePath(executable);
    execFileSync(cli, [...args, "--install-extension", vsix], { stdio: "inherit" });
    status = await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: development,
      extensionTestsPath: tests,
      launchArgs: [workspace, "--disable-workspace-trust"],
    });
  } else if (!installChromium()) {
    console.log("Skipped: the tests in a real VS Code (no chromium here).");
    status = 0;
  } else {
    status = await runInHost({ workspace, development, tests, vsix });
    if (status === 0)
      execFileSync(
        process.execPath,
        [join(root, "node_modules/vitest/vitest.mjs"), "run", "--config", join(root, "test/vscode/vitest.config.ts")],
        { cwd: root, stdio: "inherit" },
      );
  }
} finally {
  rmSync(workspace, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
process.exit(status);
