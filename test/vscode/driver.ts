/** The window as a person drives it: editors, views and lists by what they say. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Frame, Locator } from "playwright-core";
import { root, type VsCode } from "../support/vscode.ts";

export const pictures = join(root, "dist/screenshots");

/** Settings under which typed text arrives as it is typed and nothing is saved unasked. */
export const plainEditor = {
  "files.autoSave": "off",
  "editor.autoClosingBrackets": "never",
  "editor.autoClosingQuotes": "never",
  "editor.autoIndent": "none",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  "editor.parameterHints.enabled": false,
  "editor.minimap.enabled": false,
  "workbench.editor.enablePreview": false,
};

export interface Driver {
  /** Opens a file of the workspace, its cursor on a line. */
  open(file: string, line?: number): Promise<void>;
  /** Waits until the cursor of an editor is on a line. */
  atLine(line: number): Promise<void>;
  lens(text: string | RegExp): Locator;
  /** Presses a code lens of the definition that the cursor is in. */
  pressLens(text: string): Promise<void>;
  graph(node: string): Promise<Frame>;
  form(): Promise<Frame>;
  lineage(): Promise<Frame>;
  /** Fills a form's fields and starts it. */
  submit(values?: Readonly<Record<string, string>>): Promise<void>;
  showRuns(): Promise<void>;
  /** A row of the Runs view, by the beginning of what a screen reader says of it. */
  row(label: string): Locator;
  expand(label: string): Promise<void>;
  /** The button of a row. */
  act(row: Locator, action: string): Promise<void>;
  tab(title: string): Locator;
  text(): Promise<string>;
  shot(name: string): Promise<void>;
}

export function drive(code: VsCode): Driver {
  const { page } = code;
  mkdirSync(pictures, { recursive: true });
  const driver: Driver = {
    async open(file, line) {
      // Not over the graph.
      await until("the first group of editors", async () => {
        await page.keyboard.press("Control+1");
        const state = await page.locator(".editor-group-container").first().getAttribute("class");
        return state?.split(" ").includes("active");
      });
      await code.quick(file);
      await driver.tab(file).first().waitFor();
      if (line === undefined) return;
      await page.keyboard.press("Control+g");
      const input = page.locator(".quick-input-widget input[type=text]");
      await input.waitFor({ state: "visible" });
      await input.fill(`:${line}`);
      await page.locator(".quick-input-list .monaco-list-row", { hasText: `line ${line} ` }).click();
      await driver.atLine(line);
    },
    async atLine(line) {
      await page.locator(".active-line-number", { hasText: new RegExp(`^${line}$`) }).waitFor();
    },
    lens: (text) => page.locator(".codelens-decoration a", { hasText: text }),
    async pressLens(text) {
      // The first group of editors, where `open` puts files: after a reload there may be more.
      const group = page.locator(".editor-group-container").first();
      const lenses = group.locator(driver.lens(text));
      await lenses.first().waitFor();
      const cursor = await group.locator(".editor-instance .current-line").first().boundingBox();
      // Lenses come and are moved while the editor settles: the last one above the cursor's line is its definition's.
      const lens = await until(`the lens ${text}`, async () => {
        let nearest: { readonly lens: Locator; readonly y: number } | undefined;
        for (const each of await lenses.all()) {
          const box = await each.boundingBox({ timeout: 500 }).catch(() => null);
          if (box && cursor && box.y < cursor.y && box.y > (nearest?.y ?? 0)) nearest = { lens: each, y: box.y };
        }
        return nearest?.lens;
      });
      await lens.click();
    },
    graph: (node) => code.webview(`g.node[data-id="${node}"]`),
    form: () => code.webview("form[aria-label=Run] [data-id=submit]"),
    lineage: () => code.webview("body[data-page=lineage]"),
    async submit(values = {}) {
      const form = await driver.form();
      for (const [name, value] of Object.entries(values)) await form.locator(`#field-${name} input`).fill(value);
      await form.locator("[data-id=submit]").click();
    },
    async showRuns() {
      const pane = page.locator(".pane-header", { hasText: "Runs" });
      if (!(await pane.isVisible())) await page.locator(".activitybar a[aria-label^=Millrace]").click();
      await pane.waitFor();
    },
    row: (label) => page.locator(`.monaco-list-row[aria-label^="${label}"]`),
    async expand(label) {
      const row = driver.row(label).first();
      await row.waitFor();
      if ((await row.getAttribute("aria-expanded")) === "true") return;
      await row.locator(".monaco-tl-twistie").click();
      await page.locator(`.monaco-list-row[aria-label^="${label}"][aria-expanded=true]`).first().waitFor();
    },
    async act(row, action) {
      await row.first().hover();
      await row.first().locator(`.action-label[aria-label^="${action}"]`).click();
    },
    tab: (title) => page.locator(".tab", { hasText: title }),
    // Lines are drawn in any order, with spaces that do not break.
    text: async () =>
      (await page.locator(".editor-instance .view-lines").allInnerTexts()).join("\n").replaceAll("\u00a0", " "),
    async shot(name) {
      await code.screenshot(join(pictures, `${name}.png`));
    },
  };
  return driver;
}

/** Asks until the answer is something. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await sleep(60);
  }
  throw new Error(`${what}: not within ${timeoutMs / 1000} s.`);
}
