/** Makes the pictures of docs/images anew, in a real VS Code with the packaged extension; `icon.png` from its SVG. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, startVsCode } from "../support/vscode.ts";
import { drive, plainEditor } from "./driver.ts";

const images = join(root, "docs/images");
const parent = mkdtempSync(join(tmpdir(), "millrace-pictures-"));
const workspace = join(parent, "churn");
cpSync(join(root, "samples/churn"), workspace, { recursive: true });

const code = await startVsCode({
  workspace,
  size: { width: 1600, height: 1000 },
  settings: {
    ...plainEditor,
    "workbench.colorTheme": process.env.THEME ?? "Default Dark Modern",
    "breadcrumbs.enabled": false,
    "editor.stickyScroll.enabled": false,
    "editor.fontSize": 13,
    "workbench.editor.editorActionsLocation": "hidden",
  },
});
const { page } = code;
const window = drive(code);
const shot = async (name: string) => {
  await code.screenshot(join(images, `${name}.png`));
  console.log(`docs/images/${name}.png`);
};

try {
  await page.setContent(
    `<body style="margin:0;background:transparent">${readFileSync(join(images, "icon.svg"), "utf8")}`,
  );
  await page.screenshot({
    path: join(images, "icon.png"),
    clip: { x: 0, y: 0, width: 256, height: 256 },
    omitBackground: true,
  });

  await code.go();
  await page.locator(".monaco-workbench").waitFor();
  await window.open("pipeline.py", 69);
  await window.showRuns();
  // Lineage has more to show than Runs.
  const lineagePane = await page.locator(".pane-header", { hasText: "Lineage" }).boundingBox();
  if (lineagePane) {
    await page.mouse.move(lineagePane.x + 100, lineagePane.y);
    await page.mouse.down();
    await page.mouse.move(lineagePane.x + 100, lineagePane.y - 260, { steps: 8 });
    await page.mouse.up();
  }
  await window.pressLens("Show graph");
  await window.graph("root.train");
  await window.pressLens("Run pipeline");
  await window.form();
  await shot("form");
  await window.submit();
  const graph = await window.graph("root.train");
  await graph.locator('.run-state[data-state="SUCCEEDED"]').waitFor({ timeout: 240_000 });
  await window.lens(/succeeded, accuracy/).waitFor();
  await graph.locator('g.node[data-id="root.evaluate"]').click();
  await graph.locator(".labels text", { hasText: "out_model" }).waitFor();
  await shot("graph");

  await graph.locator('section.strip button[aria-label="Open log"]').click();
  await window.tab("evaluate.log").waitFor();
  await page.locator(".view-line", { hasText: /f1.0\.\d+,.accuracy/ }).waitFor();
  await shot("log");
  await code.quick(">View: Close Editor");
  await window.tab("evaluate.log").waitFor({ state: "detached" });

  await window.expand("Run of churn-training-v2");
  await window.expand("Step train");
  await window.row("out_model").first().click();
  const lineage = await window.lineage();
  await lineage.locator("g.node.current", { hasText: "out_model" }).waitFor();
  await shot("overview");
  const side = await page.locator(".part.sidebar").boundingBox();
  if (!side) throw new Error("The side bar has no place.");
  await page.screenshot({ path: join(images, "lineage.png"), clip: side });

  await code.quick(">View: Close Editors in Other Groups");
  await window.open("pipeline.py", 69);
  await code.quick(">Millrace: Open as Notebook");
  await page.locator(".notebookOverlay:visible .cell").first().waitFor();
  await code.quick(">View: Focus Active Editor Group");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Home");
  for (let cell = 1; cell < 5; cell++) await page.keyboard.press("ArrowDown");
  await page.locator(".statusbar-item", { hasText: "Cell 5 of 5" }).first().waitFor();
  await page.locator(".notebookOverlay:visible .monaco-list-row.focused .run-button-container a").first().click();
  const output = await code.webview('p.head[data-state="SUCCEEDED"]', 60_000);
  await page.keyboard.press("Control+End");
  await output.locator("svg[role=img]").first().waitFor();
  await shot("notebook");
} catch (error) {
  await code.screenshot(join(root, "dist/screenshots/pictures-failed.png"));
  throw error;
} finally {
  await code.stop();
  rmSync(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
