/**
 * The tests in a real VS Code, against the installed VSIX: first inside the
 * extension host, then through the window. `--desktop` runs the first in the
 * desktop VS Code that @vscode/test-electron downloads; `--host` stops before the window,
 * `--services` tries the language services only, with `--alone` without another Python server.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";
import { installChromium, installPythonServer } from "../support/install-vscode.mjs";
import { realKfp } from "../support/real-kfp.ts";
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
const folders: string[] = [];

/** A copy of a folder of the project, to be opened and spoilt. */
function workspaceOf(...sources: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace workspace "));
  folders.push(folder);
  for (const source of sources) cpSync(join(root, source), folder, { recursive: true });
  return folder;
}

/** Another Python server as an extension; undefined where it cannot be had. */
async function pythonServer(): Promise<
  { readonly extension: string; readonly env: Record<string, string> } | undefined
> {
  const server = installPythonServer();
  if (server === undefined) return undefined;
  const extension = join(root, "dist/test/python-server");
  await build({
    entryPoints: [join(root, "test/vscode/python-server/extension.mjs")],
    outfile: join(extension, "extension.cjs"),
    bundle: true,
    format: "cjs",
    platform: "node",
    external: ["vscode"],
    nodePaths: [join(server, "node_modules")],
    logLevel: "warning",
  });
  cpSync(join(root, "test/vscode/python-server/package.json"), join(extension, "package.json"));
  return { extension, env: { PYTHON_SERVER: server } };
}

/** The language services: alone, beside another Python server, and beside one that knows the SDK. */
async function services(): Promise<number> {
  const env = { SUITES: "services" };
  const open = () => workspaceOf("test/vscode/services-workspace");
  const alone = process.argv.includes("--other")
    ? 0
    : await runInHost({ workspace: open(), development: [development], tests, vsix, env });
  const other = await pythonServer();
  if (alone !== 0 || !other || process.argv.includes("--alone")) return alone;
  const kfp = realKfp();
  for (const python of kfp === undefined ? [undefined] : [undefined, join(kfp, "../..")]) {
    const workspace = open();
    if (python !== undefined)
      writeFileSync(
        join(workspace, "pyrightconfig.json"),
        JSON.stringify({ venvPath: dirname(python), venv: basename(python) }),
      );
    const status = await runInHost({
      workspace,
      development: [development, other.extension],
      tests,
      vsix,
      env: { ...env, ...other.env, ...(python === undefined ? {} : { WITH_KFP: "1" }) },
    });
    if (status !== 0) return status;
  }
  return 0;
}

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
      launchArgs: [workspaceOf("samples/churn"), "--disable-workspace-trust"],
    });
  } else if (!installChromium()) {
    console.log("Skipped: the tests in a real VS Code (no chromium here).");
    status = 0;
  } else {
    const churn = (env: Record<string, string>) =>
      runInHost({ workspace: workspaceOf("samples/churn"), development: [development], tests, vsix, env });
    // `--host`, `--services`, `--typescript`: only these.
    const isAsked = (...names: readonly string[]) =>
      names.some((name) => process.argv.includes(name)) ||
      !["--host", "--services", "--typescript"].some((name) => process.argv.includes(name));
    status = isAsked("--host") ? await churn({}) : 0;
    if (status === 0 && isAsked("--host", "--services")) status = await services();
    if (status === 0 && isAsked("--host", "--typescript")) status = await churn({ SUITES: "typescript" });
    if (status === 0 && isAsked())
      execFileSync(
        process.execPath,
        [join(root, "node_modules/vitest/vitest.mjs"), "run", "--config", join(root, "test/vscode/vitest.config.ts")],
        { cwd: root, stdio: "inherit" },
      );
  }
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
process.exit(status);
