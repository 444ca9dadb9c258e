/**
 * A real VS Code (code-server) in a headless Chromium, with the packaged
 * extension installed from its VSIX: for tests inside the extension host and
 * for tests that drive the window as a person would.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium, type BrowserContext, type Frame, type Locator, type Page } from "playwright-core";
import { installChromium, installCodeServer } from "./install-vscode.mjs";

export const root = resolve(import.meta.dirname, "../..");

const quiet = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.editor.useModal": "off",
  "workbench.enableExperiments": false,
  "chat.disableAIFeatures": true,
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
};

export interface StartOptions {
  readonly workspace: string;
  /** Default: `millrace.vsix` of the project's root. */
  readonly vsix?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Default true: the folder is trusted. False gives Restricted Mode. */
  readonly trusted?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly size?: { readonly width: number; readonly height: number };
  /** For tests inside the host. */
  readonly smoke?: boolean;
}

export interface VsCode {
  readonly page: Page;
  readonly folder: string;
  /** Opens the workspace's window, with the payload of VS Code's test contract where given. */
  go(payload?: readonly (readonly [string, string])[]): Promise<void>;
  /** Runs `>Command` or opens a file by name. */
  quick(text: string): Promise<void>;
  /** The innermost frame of the webview that holds a selector. */
  webview(selector: string, timeoutMs?: number): Promise<Frame>;
  uri(path: string): string;
  screenshot(path: string): Promise<void>;
  stop(keep?: boolean): Promise<void>;
}

async function freePort(): Promise<number> {
  return new Promise((answer, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === "object") answer(address.port);
        else fail(new Error("no port"));
      });
    });
  });
}

export async function startVsCode(options: StartOptions): Promise<VsCode> {
  const codeServer = installCodeServer();
  const browser = installChromium();
  if (!browser) throw new Error("No chromium: set CHROMIUM to its path.");
  const vsix = options.vsix ?? join(root, "millrace.vsix");
  if (!existsSync(vsix)) throw new Error(`${vsix} is not there: run npm run package.`);

  const folder = mkdtempSync(join(tmpdir(), "millrace-vscode-"));
  mkdirSync(join(folder, "data/User"), { recursive: true });
  mkdirSync(join(folder, "extensions"));
  writeFileSync(join(folder, "data/User/settings.json"), JSON.stringify({ ...quiet, ...options.settings }));
  const env: Record<string, string | undefined> = { ...process.env, EXTENSIONS_GALLERY: "{}", ...options.env };
  for (const name of Object.keys(env))
    if (/^(VSCODE_|NODE_OPTIONS$|PORT$|PASSWORD$|VITEST)/.test(name)) Reflect.deleteProperty(env, name);
  const entry = join(codeServer, "node_modules/code-server/out/node/entry.js");
  const folders = ["--user-data-dir", join(folder, "data"), "--extensions-dir", join(folder, "extensions")];
  execFileSync(process.execPath, [entry, ...folders, "--install-extension", vsix], { env, stdio: "pipe" });

  const port = await freePort();
  const base = `http://127.0.0.1:${port}/`;
  const log = openSync(join(folder, "code-server.log"), "a");
  const args = ["--config", "/dev/null", "--auth", "none", "--bind-addr", `127.0.0.1:${port}`, ...folders];
  args.push("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override");
  if (options.trusted !== false) args.push("--disable-workspace-trust");
  if (options.smoke) args.push("--vscode-option", "enable-smoke-test-driver");
  const server = spawn(process.execPath, [entry, ...args], { env, detached: true, stdio: ["ignore", log, log] });

  let context: BrowserContext | undefined;
  const stop = async (keep = false): Promise<void> => {
    await context?.close().catch(() => undefined);
    const gone = new Promise((done) => server.once("exit", done));
    if (server.pid !== undefined && server.exitCode === null) {
      process.kill(-server.pid, "SIGTERM");
      await Promise.race([gone, sleep(3000)]);
    }
    if (!keep) rmSync(folder, { recursive: true, force: true, maxRetries: 9, retryDelay: 200 });
  };

  try {
    for (
      let tries = 0;
      !(await fetch(`${base}healthz`).then(
        (answer) => answer.ok,
        () => false,
      ));
      tries++
    ) {
      if (tries > 600) throw new Error(`code-server did not start: ${folder}/code-server.log`);
      await sleep(50);
    }
    context = await chromium.launchPersistentContext(join(folder, "browser"), {
      executablePath: browser,
      headless: true,
      viewport: options.size ?? { width: 1400, height: 900 },
      args: "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split(
        " ",
      ),
    });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  } catch (error) {
    await stop(true);
    throw error;
  }
  const page = context.pages()[0] ?? (await context.newPage());
  return {
    page,
    folder,
    stop,
    uri: (path) => `vscode-remote://127.0.0.1:${port}${resolve(path)}`,
    async go(payload) {
      const query = payload ? `&payload=${encodeURIComponent(JSON.stringify(payload))}` : "";
      await page.goto(`${base}?folder=${encodeURIComponent(resolve(options.workspace))}${query}`);
    },
    async quick(text) {
      // Whatever takes the focus meanwhile (a webview that loads) closes the list: then once more.
      for (let tries = 1; ; tries++)
        try {
          await page.locator(".command-center-center").click({ timeout: 5000 });
          const input = page.locator(".quick-input-widget input[type=text]");
          await input.waitFor({ state: "visible", timeout: 5000 });
          await input.fill(text, { timeout: 5000 });
          const name = text.replace(/^>/, "");
          const rows = page.locator(".quick-input-list .monaco-list-row", { hasText: name });
          await rows.first().waitFor({ timeout: 5000 });
          // "Close All Editors" is not "Close All Editors in Group".
          const exactly = rows.filter({ has: page.getByText(name, { exact: true }) });
          await ((await exactly.count()) > 0 ? exactly : rows).first().click({ timeout: 5000 });
          return;
        } catch (error) {
          if (tries === 5) throw error;
          await page.keyboard.press("Escape");
        }
    },
    async webview(selector, timeoutMs = 20_000) {
      for (const end = Date.now() + timeoutMs; Date.now() < end; ) {
        for (const frame of page.frames()) if (await count(frame.locator(selector))) return frame;
        await sleep(50);
      }
      throw new Error(`No webview with ${selector} within ${timeoutMs / 1000} s.`);
    },
    async screenshot(path) {
      await page.screenshot({ path });
    },
  };
}

/** Frames come and go while a webview loads: a frame that is gone holds nothing. */
const count = (locator: Locator): Promise<number> => locator.count().catch(() => 0);

export interface HostOptions extends StartOptions {
  /** Folders of extensions "under development": an empty one at least, Millrace is installed. */
  readonly development: readonly string[];
  /** A bundled module with `run()`. */
  readonly tests: string;
  readonly timeoutMs?: number;
  /** Gets each line that begins with `[test] `, without it; default: prints it. */
  readonly onLine?: (line: string, code: VsCode) => void;
}

/** Runs a module inside the extension host, by the contract of @vscode/test-electron. Answers the exit status. */
export async function runInHost(options: HostOptions): Promise<number> {
  const code = await startVsCode({ ...options, smoke: true });
  let status = 1;
  try {
    const done = new Promise<number>((answer, fail) => {
      setTimeout(
        () => fail(new Error("The tests in the host gave no result in time.")),
        options.timeoutMs ?? 240_000,
      ).unref();
      void code.page.exposeFunction("codeAutomationExit", answer);
      void code.page.exposeFunction("codeAutomationLog", (_type: string, words: unknown[]) => {
        const line = words.join(" ");
        if (line.startsWith("[test] ")) {
          const said = line.slice("[test] ".length);
          if (options.onLine) options.onLine(said, code);
          else console.log(said);
        } else if (process.env.VERBOSE) console.log(line);
      });
    });
    await code.go([
      ...options.development.map((folder) => ["extensionDevelopmentPath", code.uri(folder)] as const),
      ["extensionTestsPath", code.uri(options.tests)],
    ]);
    status = await done;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    await code.screenshot(join(code.folder, "failed.png")).catch(() => undefined);
  } finally {
    await code.stop(status !== 0);
    if (status !== 0) console.error(`Kept ${code.folder}`);
  }
  return status;
}
