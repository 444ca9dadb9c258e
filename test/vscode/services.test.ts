/** Completion, hover, definition and rename of a Python pipeline, in the window of a real VS Code. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { root, startVsCode, type VsCode } from "../support/vscode.ts";
import { type Driver, drive } from "./driver.ts";

const workspace = mkdtempSync(join(tmpdir(), "millrace-services-"));
let code: VsCode;
let window: Driver;

beforeAll(async () => {
  cpSync(join(root, "test/vscode/services-workspace"), workspace, { recursive: true });
  code = await startVsCode({
    workspace,
    settings: {
      "files.autoSave": "off",
      "editor.autoClosingBrackets": "never",
      "editor.autoIndent": "none",
      "editor.minimap.enabled": false,
    },
  });
  code.page.setDefaultTimeout(20_000);
  window = drive(code);
  await code.go();
  await window.open("flow.py", 23);
  await window.lens("Run pipeline").first().waitFor();
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await window.shot(`failed-services-${task.name.replace(/\W+/g, "-")}`);
});

afterAll(async () => {
  await code.stop();
  rmSync(workspace, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

const suggestions = () => code.page.locator(".suggest-widget.visible .monaco-list-row");

test("an argument is offered, then what fits it; a signature stands above", async () => {
  const { page } = code;
  // What a first try may have left.
  await code.quick(">File: Revert File");
  await window.open("flow.py", 23);
  await page.keyboard.press("End");
  await page.keyboard.type("\n    made = load(rows=5)");
  // While VS Code waits for a new list, it takes Enter for the old one.
  await page.locator(".suggest-widget.visible").waitFor({ state: "hidden" });
  await page.keyboard.type("\n    train(");
  await suggestions().first().waitFor();
  expect(await suggestions().first().getAttribute("aria-label")).toMatch(/^data=/);
  await page
    .locator(".parameter-hints-widget.visible", { hasText: "train(data: Dataset, rate: float = 0.1)" })
    .waitFor();
  await window.shot("services-arguments");
  await page.keyboard.press("Enter");
  await suggestions().filter({ hasText: "made.output" }).first().waitFor();
  await window.shot("services-values");
  await page.keyboard.press("Enter");
  expect(await window.text()).toContain("train(data=made.output");
});

test("a hover says signature, image and packages", async () => {
  const { page } = code;
  await page.keyboard.press("Escape");
  await window.open("flow.py", 7);
  await page.keyboard.press("Home");
  // `    loaded = load(`: onto the callee. Keyboards hover by Ctrl+K Ctrl+I.
  for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Control+i");
  const hover = code.page.locator(".monaco-hover:visible", { hasText: "Image" });
  await hover.waitFor();
  expect((await hover.innerText()).replaceAll("\u00a0", " ")).toMatch(
    /load\(rows: int, seed: int = 7\) → data: Dataset/,
  );
  await window.shot("services-hover");
});

test("F12 leads through the decorator into the other file", async () => {
  const { page } = code;
  await page.keyboard.press("Escape");
  await window.open("flow.py", 7);
  await page.keyboard.press("Home");
  // `    loaded = load(`: onto the callee.
  for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("F12");
  await window.tab("steps.py").first().waitFor();
  await window.atLine(9);
});

test("a rename shows what it would change before it does", async () => {
  const { page } = code;
  await window.open("steps.py", 9);
  // `def load(`: onto its first input.
  await page.keyboard.press("Home");
  for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("F2");
  const input = page.locator(".rename-box input");
  await input.waitFor();
  await input.fill("number");
  await page.keyboard.press("Control+Enter");
  const preview = page.locator(".refactor-preview, .bulk-edit-panel");
  await preview.first().waitFor();
  await preview.locator(".monaco-list-row", { hasText: "cells.py" }).first().waitFor();
  await window.shot("services-rename");
});
