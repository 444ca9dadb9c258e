/** A pipeline file as a notebook, in the window of a real VS Code. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { root, startVsCode, type VsCode } from "../support/vscode.ts";

const pictures = join(root, "dist/screenshots");
/** A folder with a space, as many have. */
const workspace = join(mkdtempSync(join(tmpdir(), "millrace-")), "a workspace");
const file = join(workspace, "cells.py");
let code: VsCode;
/** Hears whatever a page of an artifact fetches. */
let probe: Server;
const heard: string[] = [];

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  cpSync(join(root, "samples/churn"), workspace, { recursive: true });
  cpSync(join(root, "test/vscode/fixtures/cells.py"), file);
  probe = createServer((request, response) => {
    heard.push(request.url ?? "");
    response.end();
  });
  await new Promise<void>((listening) => probe.listen(0, "127.0.0.1", listening));
  // SAFETY: it listens on a port.
  const { port } = probe.address() as AddressInfo;
  code = await startVsCode({
    workspace,
    env: { PROBE: `http://127.0.0.1:${port}` },
    settings: {
      "files.autoSave": "off",
      "editor.autoClosingBrackets": "never",
      "editor.autoClosingQuotes": "never",
      "workbench.editor.enablePreview": false,
      "workbench.colorTheme": "Default Light Modern",
    },
  });
  code.page.setDefaultTimeout(20_000);
  await code.go();
  await code.page.locator(".monaco-workbench").waitFor();
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await shot(`failed-notebook-${task.name.replace(/\W+/g, "-")}`);
});

afterAll(async () => {
  await code.stop();
  probe.close();
  rmSync(join(workspace, ".."), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

const shot = (name: string) => code.screenshot(join(pictures, `${name}.png`));
const cells = () =>
  code.page.locator(".notebook-editor:visible .code-cell-row:visible, .notebookOverlay:visible .code-cell-row:visible");
const cell = (text: string) => cells().filter({ hasText: text }).first();

async function openNotebook(name: string): Promise<void> {
  await code.quick(name);
  await code.page.locator(".tab", { hasText: name }).first().waitFor();
  await code.page.locator(".editor-instance .view-lines:visible").first().waitFor();
  await code.quick(">Millrace: Open as Notebook");
  await cells().first().waitFor();
}

/** Selects a cell by its number among all, from the first, and leaves the keyboard in the list. */
async function select(number: number): Promise<void> {
  const { page } = code;
  // Out of a page or an output, wherever the keyboard is.
  await code.quick(">View: Focus Active Editor Group");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Home");
  for (let i = 0; i < number; i++) await page.keyboard.press("ArrowDown");
  await page
    .locator("#status\\.notebook\\.cell, .statusbar-item", { hasText: `Cell ${number + 1} of` })
    .first()
    .waitFor();
}

async function runSelected(number: number): Promise<void> {
  await select(number);
  await code.page.keyboard.press("Shift+Enter");
  // Back from the next cell: outputs out of sight are not drawn.
  await code.page.keyboard.press("ArrowUp");
}

/** What our renderer drew for a definition in a state. */
async function output(name: string, state: string, timeoutMs = 60_000): Promise<{ frame: Frame; root: Locator }> {
  const frame = await code.webview(`p.head[data-state="${state}"]:has-text("${name}:")`, timeoutMs);
  return { frame, root: frame.locator(`:has(> p.head[data-state="${state}"]:text("${name}:"))`).first() };
}

describe("a pipeline file as a notebook", () => {
  test("is its cells, with their titles, and Markdown as such", async () => {
    await openNotebook("cells.py");
    expect(await cells().count()).toBeGreaterThan(1);
    const written = await code.webview("h1:text('Flowers')");
    expect(await written.locator("em").allInnerTexts()).toContain("cells");
    await code.page.locator(".cell-status-item:visible", { hasText: "Pick" }).waitFor();
    await shot("notebook");
  });

  test("a step without a last run says what to do", async () => {
    await runSelected(3);
    const message = await code.webview("text=no run has given it one");
    expect(await message.locator("text=Run the cell of a pipeline that has this step first").count()).toBe(1);
    await shot("notebook-no-inputs");
  });

  test("a pipeline's cell shows its graph, its metrics, its tables and its pages, which cannot act", async () => {
    await runSelected(5);
    const { frame, root: shown } = await output("flowers", "SUCCEEDED");
    const graph = shown.locator("svg[role=img]").first();
    expect(await graph.getAttribute("aria-label")).toMatch(/pick succeeded.*describe succeeded.*measure succeeded/);
    expect(await shown.locator("section", { hasText: "Metrics" }).first().innerText()).toMatch(/rows\s+8/);
    expect(await shown.locator("section", { hasText: "pick.flowers" }).locator("td").allInnerTexts()).toEqual([
      "rose 1",
      "5",
      "rose 2",
      "5",
      "rose 3",
      "5",
      "rose 4",
      "5",
    ]);
    for (const [title, text] of [
      ["describe.page", "Flowers"],
      ["describe.notes", "five"],
    ] as const) {
      const page = await shown.locator(`iframe[title="${title}"]`).elementHandle();
      expect(await page.getAttribute("sandbox")).toBe("");
      const content = await page.contentFrame();
      expect(await content?.locator("h1, strong", { hasText: text }).count()).toBe(1);
      expect(await content?.locator("body[data-ran]").count()).toBe(0);
    }
    await shot("notebook-pipeline");
    // A form may be pressed, and goes nowhere.
    await frame.frameLocator('iframe[title="describe.page"]').locator("button").dispatchEvent("click");
    await code.page.waitForTimeout(500);
    expect(heard).toEqual([]);
  });

  test("a step's cell runs on what it took in the last run, and says so", async () => {
    await runSelected(4);
    const { root: shown } = await output("measure", "SUCCEEDED");
    expect(await shown.locator("p.facts").first().innerText()).toMatch(/with factor = 2, flowers = /);
    expect(await shown.locator("section", { hasText: "Metrics" }).first().innerText()).toMatch(/rows\s+8/);
    // The step's own words, and none of the executor's.
    await code.webview("text=/^4 flowers, times 2/");
    for (const frame of code.page.frames())
      expect(
        await frame
          .locator("text=KFP Executor")
          .count()
          .catch(() => 0),
      ).toBe(0);
    await shot("notebook-step");
  });

  test("a mistake is marked in its cell, at its line, and nowhere after it is mended", async () => {
    await select(5);
    await code.page.keyboard.press("Enter");
    const editor = cell("def flowers(");
    await code.page.keyboard.press("Control+End");
    await code.page.keyboard.type("\n    measure(flower=picked.outputs['flowers'], factor=1.0)");
    await editor.locator(".squiggly-error").first().waitFor();
    expect(await cells().locator(".squiggly-error").count()).toBeGreaterThan(0);
    await shot("notebook-problem");
    await code.quick(">View: Focus Problems").catch(() => code.quick(">Problems: Focus on Problems View"));
    await code.page.locator(".markers-panel .monaco-list-row", { hasText: "flower" }).first().waitFor();
    await select(5);
    await code.page.keyboard.press("Enter");
    await code.page.keyboard.press("Control+End");
    await code.page.keyboard.press("Control+Shift+K");
    await expect.poll(() => cells().locator(".squiggly-error").count()).toBe(0);
  });

  test("is saved byte for byte, but for what was edited", async () => {
    const before = readFileSync(file, "utf8");
    await select(4);
    await code.page.keyboard.press("Enter");
    await code.page.keyboard.press("Control+End");
    await code.page.keyboard.press("Home");
    await code.page.keyboard.type("pass  # ");
    await code.page.locator(".tab.dirty").first().waitFor();
    expect(readFileSync(file, "utf8")).toBe(before);
    await code.page.keyboard.press("Control+s");
    await expect.poll(() => readFileSync(file, "utf8")).toContain("pass  # ");
    const after = readFileSync(file, "utf8");
    expect(after.replace("pass  # ", "")).toBe(before);
  });
});
