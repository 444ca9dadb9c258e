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
cpSync(join(root, "test/vscode/fixtures/steps.py"), join(parent, "steps.py"));

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
  await window.pressLens("Show graph");
  await window.graph("root.train");
  await window.pressLens("Run pipeline");
  await window.form();
  await shot("form");
  await window.submit();
  const graph = await window.graph("root.train");
  await graph.locator('.run-state[data-state="SUCCEEDED"]').waitFor({ timeout: 240_000 });
  await graph.locator('g.node[data-id="root.evaluate"]').click();
  await graph.locator(".labels text", { hasText: "out_model" }).waitFor();
  await shot("graph");

  await graph.locator('section.strip button[aria-label="Open log"]').click();
  await window.tab("evaluate.log").waitFor();
  await page.locator(".view-line", { hasText: "accuracy" }).waitFor();
  await shot("log");
  await page.keyboard.press("Control+F4");
  await page.keyboard.press("Alt+w");

  await window.showRuns();
  await window.expand("Run of churn-training-v2");
  await window.expand("Step train");
  await window.row("out_model").first().click();
  const lineage = await window.lineage();
  await lineage.locator("g.node.current", { hasText: "out_model" }).waitFor();
  await shot("lineage");
  await shot("overview");
} catch (error) {
  await code.screenshot(join(root, "dist/screenshots/pictures-failed.png"));
  throw error;
} finally {
  await code.stop();
  rmSync(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
