/** TypeScript's own server in VS Code: no false squiggle about `millrace` and Python files, and true ones at once. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { root, startVsCode, type VsCode } from "../support/vscode.ts";

let code: VsCode | undefined;
let workspace = "";

afterEach(async () => {
  await code?.stop();
  rmSync(workspace, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** The sample in a folder of its own. code-server comes without TypeScript: it gets the version that VS Code has. */
async function open({ trusted = true, loose = false }): Promise<VsCode> {
  workspace = mkdtempSync(join(tmpdir(), "typescript "));
  cpSync(join(root, "samples/churn"), workspace, { recursive: true });
  rmSync(join(workspace, ".millrace"), { recursive: true, force: true });
  if (loose) rmSync(join(workspace, "tsconfig.json"));
  const settings = { "js/ts.tsdk.path": join(root, "node_modules/typescript/lib") };
  code = await startVsCode({ workspace, trusted, settings });
  await code.go();
  await code.quick("pipeline.ts");
  await code.page.locator(".monaco-editor .view-line", { hasText: "export const report" }).waitFor();
  await code.page.keyboard.press("Control+Shift+M");
  return code;
}

const problems = (vscode: VsCode) => vscode.page.locator(".markers-panel .monaco-list-row");

/** Waits until the Problems view has what is asked for. */
async function shows(vscode: VsCode, ...parts: readonly string[]): Promise<void> {
  for (const part of parts) await problems(vscode).filter({ hasText: part }).first().waitFor({ timeout: 40_000 });
}

async function isClean(vscode: VsCode): Promise<void> {
  await vscode.page
    .locator(".markers-panel", { hasText: "No problems have been detected" })
    .waitFor({ timeout: 40_000 });
}

function renameInput(): void {
  const path = join(workspace, "pipeline.py");
  writeFileSync(path, readFileSync(path, "utf8").replaceAll("n_estimators: int", "trees: int"));
}

test("the sample has no squiggle; a renamed input in Python is one at once", async () => {
  const vscode = await open({});
  await expect
    .poll(() => existsSync(join(workspace, ".millrace/types/pipeline.d.py.ts")), { timeout: 20_000 })
    .toBe(true);
  await isClean(vscode);
  renameInput();
  await shows(vscode, "'n_estimators' does not exist in type");
  await isCleanAfterUndo(vscode);
});

async function isCleanAfterUndo(vscode: VsCode): Promise<void> {
  cpSync(join(root, "samples/churn/pipeline.py"), join(workspace, "pipeline.py"));
  await isClean(vscode);
}

test("Restricted Mode has the types too, and no history", async () => {
  const vscode = await open({ trusted: false });
  await isClean(vscode);
  renameInput();
  await shows(vscode, "'n_estimators' does not exist in type");
  await isCleanAfterUndo(vscode);
  expect(existsSync(join(workspace, ".millrace/runs"))).toBe(false);
});

test("a loose file gets a tsconfig.json by a quick fix, and is clean", async () => {
  const vscode = await open({ loose: true });
  await shows(vscode, "Cannot find module 'millrace'");
  await problems(vscode).filter({ hasText: "Cannot find module 'millrace'" }).first().dblclick();
  await vscode.page.locator(".statusbar-item", { hasText: "Ln 14" }).waitFor();
  await vscode.page.keyboard.press("Control+Period");
  const action = vscode.page.locator(".action-widget .monaco-list-row", { hasText: "Make tsconfig.json for Millrace" });
  await action.waitFor();
  await action.click();
  await expect.poll(() => existsSync(join(workspace, "tsconfig.json")), { timeout: 20_000 }).toBe(true);
  await isClean(vscode);
  mkdirSync(join(root, "dist/screenshots"), { recursive: true });
  await vscode.screenshot(join(root, "dist/screenshots/typescript-quick-fix.png"));
});
