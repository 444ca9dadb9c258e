/** TypeScript's own server in VS Code: no false squiggle about `millrace` and Python files, and true ones at once. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { root, startVsCode, type VsCode } from "../support/vscode.ts";

let code: VsCode | undefined;
let temporary = "";
let workspace = "";

afterEach(async () => {
  await code?.stop();
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/**
 * The sample in a folder of its own, as deep as a person's: TypeScript watches nothing near the root.
 * code-server comes without TypeScript: it gets the version that VS Code has.
 */
async function open({ trusted = true, loose = false, renamed = false }): Promise<VsCode> {
  temporary = mkdtempSync(join(tmpdir(), "typescript "));
  workspace = join(temporary, "home/me/churn");
  cpSync(join(root, "samples/churn"), workspace, { recursive: true });
  rmSync(join(workspace, ".millrace"), { recursive: true, force: true, maxRetries: 9 });
  if (loose) rmSync(join(workspace, "tsconfig.json"));
  if (renamed) renameInput();
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

function undo(): void {
  cpSync(join(root, "samples/churn/pipeline.py"), join(workspace, "pipeline.py"));
}

function renameInput(): void {
  const path = join(workspace, "pipeline.py");
  writeFileSync(path, readFileSync(path, "utf8").replaceAll("n_estimators: int", "trees: int"));
}

const mistake = "'n_estimators' does not exist in type";

// The mistake is there first: a clean view alone may be one that TypeScript has not come to yet.
test("a renamed input in Python is a squiggle at once; the sample has none", async () => {
  const vscode = await open({ renamed: true });
  await shows(vscode, mistake);
  undo();
  await isClean(vscode);
  renameInput();
  await shows(vscode, mistake);
});

// Only TypeScript of VS Code's own runs in Restricted Mode, which code-server lacks: here speak our words alone.
test("Restricted Mode has the types too, and no history", async () => {
  const vscode = await open({ trusted: false, renamed: true });
  const types = () => readFileSync(join(workspace, ".millrace/types/pipeline.d.py.ts"), "utf8");
  await shows(vscode, '"train" has no input "n_estimators"');
  expect(types()).toContain("trees?: Int");
  undo();
  await isClean(vscode);
  expect(types()).toContain("n_estimators?: Int");
  expect(existsSync(join(workspace, ".millrace/runs"))).toBe(false);
});

const cells = `// %%
import { component, pipeline, type Int } from "millrace";
import { load_data } from "./pipeline.py";

// %% Count
export const count = component({}, ({ rows }: { rows: Int }): { many: Int } => ({ many: rows * 2 }));

// %% Pipeline
export const both = pipeline({}, ({ rows = 10 }: { rows?: Int }) => {
  for (const times of [1, 2]) count({ rows: times });
  if (rows > 5) load_data({ rows });
  count({ rows });
});
`;

// TypeScript's own server runs beside: it is the one that would read each cell as a file of its own.
test("the cells of a notebook know one another, and have no false problem", async () => {
  const vscode = await open({ renamed: true });
  await shows(vscode, mistake);
  writeFileSync(join(workspace, "cells.ts"), cells);
  const { page } = vscode;
  await vscode.quick("cells.ts");
  await page.locator(".monaco-editor .view-line", { hasText: "export const both" }).first().waitFor();
  // In the text both speak: hints beside loops and branches.
  await page.locator(".view-line", { hasText: "unrolled ×2" }).first().waitFor();
  await page.locator(".view-line", { hasText: "condition of the run" }).first().waitFor();
  await vscode.screenshot(join(root, "dist/screenshots/typescript-hints.png"));
  await page.keyboard.press("Control+g");
  await page.locator(".quick-input-widget input[type=text]").fill(":12:4");
  await page.keyboard.press("Enter");
  await vscode.quick(">Show or Focus Hover");
  const hover = page.locator(".monaco-hover:visible", { hasText: "Step count-3" });
  await hover.first().waitFor();
  await vscode.screenshot(join(root, "dist/screenshots/typescript-hover.png"));
  await page.keyboard.press("Escape");
  await vscode.quick(">Millrace: Open as Notebook");
  const rows = page.locator(".notebookOverlay .code-cell-row:visible");
  await rows.first().waitFor();
  const last = rows.filter({ hasText: "export const" }).filter({ hasText: "both" }).first();
  await last.locator(".view-line", { hasText: "unrolled ×2" }).waitFor();
  await last.locator(".view-line", { hasText: "count({ rows });" }).click();
  await page.keyboard.press("End");
  await page.keyboard.type(" count({ rows: rows.nothing });");
  await shows(vscode, "Property 'nothing' does not exist on type");
  await last.locator(".squiggly-error").first().waitFor();
  await vscode.screenshot(join(root, "dist/screenshots/typescript-cells-problem.png"));
  for (let i = 0; i < " count({ rows: rows.nothing });".length; i++) await page.keyboard.press("Backspace");
  await expect.poll(() => rows.locator(".squiggly-error, .squiggly-warning").count(), { timeout: 30_000 }).toBe(0);
  await expect.poll(() => problems(vscode).filter({ hasText: "cells.ts" }).count(), { timeout: 30_000 }).toBe(0);
  await page.keyboard.press("Enter");
  await page.keyboard.type("cou");
  await page.locator(".suggest-widget:visible .monaco-list-row", { hasText: "count" }).first().waitFor();
  await vscode.screenshot(join(root, "dist/screenshots/typescript-cells.png"));
});

test("a loose file gets a tsconfig.json by a quick fix, and is clean", async () => {
  const vscode = await open({ loose: true });
  await shows(vscode, "Cannot find module 'millrace'");
  await problems(vscode).filter({ hasText: "Cannot find module 'millrace'" }).first().dblclick();
  await vscode.page.locator(".statusbar-item", { hasText: "Ln 14" }).waitFor();
  const action = vscode.page.locator(".action-widget .monaco-list-row", { hasText: "Make tsconfig.json for Millrace" });
  // The menu is of what is known when it opens.
  const offered = async () => {
    await vscode.page.keyboard.press("Escape");
    await vscode.page.keyboard.press("Control+Period");
    return await action.waitFor({ timeout: 2000 }).then(
      () => true,
      () => false,
    );
  };
  await expect.poll(offered, { timeout: 30_000 }).toBe(true);
  await action.click();
  await expect.poll(() => existsSync(join(workspace, "tsconfig.json")), { timeout: 20_000 }).toBe(true);
  await isClean(vscode);
  mkdirSync(join(root, "dist/screenshots"), { recursive: true });
  await vscode.screenshot(join(root, "dist/screenshots/typescript-quick-fix.png"));
});
