/** A cluster from VS Code, as somebody comes to it: added, run on, waited for, left, come back to, cancelled. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installChromium } from "../support/install-vscode.mjs";
import { root, startVsCode, type VsCode } from "../support/vscode.ts";

const kubeconfig = process.env["MILLRACE_TEST_KUBECONFIG"];
const packaged = existsSync(join(root, "millrace.vsix"));

describe.skipIf(kubeconfig === undefined || !packaged || !installChromium())("a cluster in VS Code", () => {
  const workspace = mkdtempSync(join(tmpdir(), "millrace-cluster-"));
  let code: VsCode;
  const shot = (name: string) => code.screenshot(join(root, "dist/screenshots", `${name}.png`));
  const input = () => code.page.locator(".quick-input-widget input[type=text]");
  const row = (text: string) => code.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();

  beforeAll(async () => {
    mkdirSync(join(root, "dist/screenshots"), { recursive: true });
    cpSync(join(root, "test/cluster/pipelines/steps.py"), join(workspace, "steps.py"));
    code = await startVsCode({
      workspace,
      env: { KUBECONFIG: kubeconfig ?? "" },
      settings: { "workbench.editor.enablePreview": false },
    });
    code.page.setDefaultTimeout(30_000);
    await code.go();
    await code.page.locator(".monaco-workbench").waitFor();
  }, 120_000);

  afterAll(async () => {
    await shot("cluster-end").catch(() => undefined);
    await code.stop();
    rmSync(workspace, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  test("is added from the kubeconfig and chosen; a step that waits for a GPU says so, also after a reload, and is cancelled", async () => {
    const { page } = code;
    await code.quick("steps.py");
    await page.locator(".codelens-decoration a", { hasText: "Run step" }).first().waitFor();

    await code.quick(">Millrace: Add a Cluster");
    await page.locator(".quick-input-title", { hasText: "1/3" }).waitFor();
    await page.locator(".quick-input-list .monaco-list-row").first().click();
    await page.locator(".quick-input-title", { hasText: "2/3" }).waitFor();
    await input().fill(process.env["MILLRACE_TEST_NAMESPACE"] ?? "kubeflow");
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-title", { hasText: "3/3" }).waitFor();
    await input().fill("there");
    await page.keyboard.press("Enter");
    await page.locator(".notification-toast", { hasText: /there works.*KFP/ }).waitFor();
    await shot("cluster-added");

    await code.quick(">Millrace: Choose Where Pipelines Run");
    await row("there").click();
    await code.quick(">Millrace: Run Pipeline or Step");
    await row("settings").click();
    const form = await code.webview("form[aria-label=Run] [data-id=submit]");
    await form.locator("[data-id=submit]").click();

    const waiting = 'g.node[data-id="root.say-2"][data-state="PENDING"]';
    const graph = await code.webview(waiting, 60_000);
    await graph.locator(waiting, { hasText: "waiting" }).waitFor();
    await graph
      .locator('g.node[data-id="root.say"]:is([data-state="SUCCEEDED"], [data-state="CACHED"])')
      .waitFor({ timeout: 120_000 });
    await graph.locator(waiting).click();
    await graph.locator(".strip .reason", { hasText: /waiting for a node.*nvidia\.com\/gpu/ }).waitFor();
    await page.locator(".activitybar a[aria-label^=Millrace]").click({ force: true });
    const run = page.locator('.monaco-list-row[aria-label^="Run of settings"]').first();
    await run.waitFor();
    await shot("cluster-waiting");

    // The window is closed in the middle of the run and opened again.
    await page.goto("about:blank");
    await code.go();
    await page.locator(".activitybar a[aria-label^=Millrace]").click({ force: true });
    await run.waitFor();
    await run.hover();
    await run.locator('.action-label[aria-label^="Show Run on the Graph"]').click();
    await code.webview(waiting, 60_000);
    await run.hover();
    await run.locator('.action-label[aria-label^="Cancel Run"]').click();
    await code.webview('g.node[data-id="root.say-2"][data-state="CANCELED"]', 60_000);
    expect(await run.getAttribute("aria-label")).toMatch(/cancel/);
    await shot("cluster-cancelled");
  });
});
