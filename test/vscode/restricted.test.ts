/** Restricted Mode in the window of a real VS Code: all is read, nothing is executed. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root, startVsCode, type VsCode } from "../support/vscode.ts";

const workspace = mkdtempSync(join(tmpdir(), "millrace-restricted-"));
let code: VsCode;
const shot = (name: string) => code.screenshot(join(root, "dist/screenshots", `${name}.png`));
const runs = () =>
  existsSync(join(workspace, ".millrace/runs")) ? readdirSync(join(workspace, ".millrace/runs")) : [];

beforeAll(async () => {
  mkdirSync(join(root, "dist/screenshots"), { recursive: true });
  cpSync(join(root, "test/vscode/fixtures/cells.py"), join(workspace, "cells.py"));
  // A history that came with the folder.
  execFileSync(process.execPath, [join(root, "dist/millrace.js"), "run", "cells.py", "--pipeline", "flowers"], {
    cwd: workspace,
    stdio: "pipe",
  });
  code = await startVsCode({ workspace, trusted: false, settings: { "workbench.editor.enablePreview": false } });
  code.page.setDefaultTimeout(20_000);
  await code.go();
  await code.page.locator(".monaco-workbench").waitFor();
});

afterAll(async () => {
  await code.stop();
  rmSync(workspace, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

test("the graph, its last run and the history are shown; what would run says why it does not", async () => {
  await code.quick("cells.py");
  await code.page.locator(".codelens-decoration a", { hasText: "Run step (Restricted Mode)" }).first().waitFor();
  await code.quick(">Millrace: Show Graph");
  const graph = await code.webview('g.node[data-id="root.measure"][data-state="SUCCEEDED"]');
  expect(await graph.locator('[title*="Restricted Mode"]').count()).toBeGreaterThan(0);
  await code.page.locator(".activitybar a[aria-label^=Millrace]").click({ force: true });
  await code.page.locator('.monaco-list-row[aria-label^="Run of flowers"]').first().waitFor();
  await shot("restricted");
});

test("a button of a page that is pressed against its will starts nothing", async () => {
  const before = runs();
  const graph = await code.webview('g.node[data-id="root.measure"]');
  const pressed = await graph.evaluate(() => {
    const buttons = [...document.querySelectorAll<HTMLElement & { disabled?: boolean }>("button, vscode-button")];
    for (const button of buttons) {
      button.disabled = false;
      button.removeAttribute("disabled");
      if (/run/i.test(`${button.textContent} ${button.title} ${button.getAttribute("aria-label") ?? ""}`))
        button.click();
    }
    return buttons.length;
  });
  expect(pressed).toBeGreaterThan(0);
  await code.page.waitForTimeout(1500);
  expect(await code.page.locator(".tab", { hasText: "Run flowers" }).count()).toBe(0);
  expect(runs()).toEqual(before);
});

test("a notebook's cell is not run", async () => {
  const before = runs();
  await code.page.locator(".tab", { hasText: "cells.py" }).first().click();
  await code.quick(">Millrace: Open as Notebook");
  const cell = code.page.locator(".code-cell-row:visible").first();
  await cell.waitFor();
  await code.quick(">Notebook: Run All");
  await code.page.waitForTimeout(1500);
  expect(runs()).toEqual(before);
  await shot("restricted-notebook");
});
