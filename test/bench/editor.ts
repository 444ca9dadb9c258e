import { cpSync } from "node:fs";
import { join } from "node:path";
import { root, startVsCode } from "../support/vscode.ts";

interface Marked {
  readonly MonacoPerformanceMarks?: { getMarks(): readonly { readonly name: string; readonly startTime: number }[] };
}

/**
 * Types into the churn sample beside its open graph: milliseconds from a key to the
 * redrawn graph, as the webview itself sees it, and the extension's activation times.
 */
export async function measureEditor(scratch: string): Promise<{ redraws: number[]; activations: number[] }> {
  const workspace = join(scratch, "editor");
  cpSync(join(root, "samples/churn"), workspace, { recursive: true });
  const code = await startVsCode({ workspace });
  const redraws: number[] = [];
  const activations: number[] = [];
  try {
    await code.go();
    await code.page.locator(".monaco-workbench").waitFor();
    await code.quick("pipeline.py");
    await code.page.locator(".codelens-decoration a", { hasText: "Show graph" }).first().click();
    const graph = await code.webview("[data-id='root.train']");
    // A new task's node appears for each letter that ends a distinct name: type `trainN = train(...)` lines would be long, so a display name is edited letter by letter.
    await code.page.locator(".monaco-editor .view-lines").first().click();
    await code.page.keyboard.press("Control+End");
    await code.page.keyboard.type("\n    load_data(rows=1).set_display_name('x')");
    await graph.locator("[data-id='root.load-data-2']").waitFor();
    for (let i = 0; i < 3; i++) await code.page.keyboard.press("ArrowLeft");
    for (let i = 0; i < 40; i++) {
      const label = `x${"abcdefghij".repeat(4).slice(0, i + 1)}`;
      await graph.evaluate((text) => {
        const state = window as unknown as { millraceSeen?: Promise<number> };
        state.millraceSeen = new Promise((seen) => {
          const check = () => document.querySelector("[data-id='root.load-data-2']")?.getAttribute("aria-label")?.includes(text) === true && (observer.disconnect(), requestAnimationFrame(() => seen(Date.now())), true);
          const observer = new MutationObserver(check);
          observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
        });
      }, label);
      const pressed = Date.now();
      await code.page.keyboard.press(label.at(-1) ?? "a");
      const seen = await graph.evaluate(() => (window as unknown as { millraceSeen: Promise<number> }).millraceSeen);
      redraws.push(seen - pressed);
    }
    const marks = await code.page.evaluate(() => (globalThis as unknown as Marked).MonacoPerformanceMarks?.getMarks() ?? []);
    const at = (name: string) => marks.find((mark) => mark.name === name)?.startTime;
    const id = "millrace.millrace";
    const from = at(`code/extHost/willLoadExtensionCode/${id}`);
    const to = at(`code/extHost/didActivateExtension/${id}`);
    if (from !== undefined && to !== undefined) activations.push(to - from);
  } finally {
    await code.stop();
  }
  return { redraws, activations };
}
