// Brings what the tests in a real VS Code need, once, into the user's cache:
// code-server (VS Code as a web server, from npm) and, where the system's
// package manager has it and we may use it, chromium. Prints the folder.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, platform } from "node:os";
import { dirname, join } from "node:path";

const here = import.meta.dirname;
const pin = readFileSync(join(here, "code-server", "package-lock.json"));
const cache =
  process.env.MILLRACE_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "millrace-test");

/** Folder of the installed code-server; installs it where it is absent. */
export function installCodeServer() {
  const folder = join(cache, `code-server-${createHash("sha256").update(pin).digest("hex").slice(0, 12)}`);
  if (existsSync(join(folder, ".done"))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(here, "code-server"), folder, { recursive: true });
  // npm must run on the Node that code-server will use, and find its headers without a download.
  const bin = dirname(process.execPath);
  const headers = [join(bin, "..", "node_modules", `node-${platform()}-${process.arch}`), join(bin, "..")].find(
    (path) => existsSync(join(path, "include")),
  );
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    npm_config_nodedir: headers ?? "",
    npm_config_update_notifier: "false",
  };
  const npm = (cwd, ...args) =>
    execFileSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd,
      env,
      stdio: ["ignore", 2, 2],
    });
  console.error("Installing code-server for the tests in a real VS Code (about a minute, once) …");
  npm(folder, "ci", "--ignore-scripts");
  const vscode = join(folder, "node_modules", "code-server", "lib", "vscode");
  npm(vscode, "install", "--omit=dev", "--ignore-scripts");
  for (const [link, target] of [
    ["remote-cli/code-server", "code-linux.sh"],
    ["helpers/browser.sh", "browser-linux.sh"],
  ]) {
    rmSync(join(vscode, "bin", link), { force: true });
    symlinkSync(target, join(vscode, "bin", link));
  }
  // Without spdlog the server's log is lost; everything else works, so a machine without a compiler still tests.
  try {
    npm(vscode, "rebuild", "@vscode/spdlog", "@vscode/native-watchdog");
  } catch {
    console.error("No compiler for @vscode/spdlog: VS Code's own log will be missing.");
  }
  for (const heavy of [
    "node_modules/@github/copilot-sdk-linux-x64",
    "node_modules/@microsoft/mxc-sdk",
    "extensions/copilot",
  ])
    rmSync(join(vscode, heavy), { recursive: true, force: true });
  writeFileSync(join(folder, ".done"), "");
  return folder;
}

/** Folder with the npm packages of another Python server; undefined with a reason printed where they cannot be had. */
export function installPythonServer() {
  const lock = readFileSync(join(here, "python-server", "package-lock.json"));
  const folder = join(cache, `python-server-${createHash("sha256").update(lock).digest("hex").slice(0, 12)}`);
  if (existsSync(join(folder, ".done"))) return folder;
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(here, "python-server"), folder, { recursive: true });
  try {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: folder,
      stdio: ["ignore", 2, 2],
    });
  } catch (error) {
    console.error(`npm could not install another Python server: ${error.message}`);
    return undefined;
  }
  writeFileSync(join(folder, ".done"), "");
  return folder;
}

/** Path of a chromium, installed by apt where there is none and we are root; undefined with a reason printed otherwise. */
export function installChromium() {
  const known = [
    process.env.CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  const found = () => known.find((path) => path && existsSync(path));
  if (found()) return found();
  if (platform() === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.error("Installing chromium for the tests in a real VS Code …");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args) => execFileSync("apt-get", args, { env, stdio: ["ignore", 2, 2] });
    try {
      apt("update", "-qq");
      apt("install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core");
    } catch (error) {
      console.error(`apt-get could not install chromium: ${error.message}`);
    }
  }
  if (!found())
    console.error("No chromium: set CHROMIUM to the path of a Chromium or Chrome to run the tests in a real VS Code.");
  return found();
}

if (process.argv[1] === import.meta.filename) {
  installChromium();
  console.log(installCodeServer());
}
