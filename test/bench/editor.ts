import { cpSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root, runInHost, startVsCode } from "../support/vscode.ts";

/** Milliseconds that loading the extension's code and activating it take, by VS Code's own marks, once a window. */
export async function measureActivation(scratch: string, rounds: number): Promise<number[]> {
  const tests = join(scratch, "activation.cjs");
  await build({
    entryPoints: [join(import.meta.dirname, "activation.ts")],
    outfile: tests,
    bundle: true,
    format: "cjs",
    platform: "node",
    external: ["vscode"],
  });
  const workspace = join(scratch, "activation");
  cpSync(join(root, "samples/churn"), workspace, { recursive: true });
  const times: number[] = [];
  for (let round = 0; round < rounds; round++)
    await runInHost({
      workspace,
      tests,
      development: [join(root, "test/vscode/host")],
      onLine: (line) => times.push(Number(line)),
    });
  return times;
}

/** Milliseconds that completion inside a call's arguments takes in a file of the sample, once a letter, as an extension asks for it. */
export async function measureCompletions(scratch: string, file: "pipeline.ts" | "pipeline.py"): Promise<number[]> {
  const tests = join(scratch, "completion.cjs");
  await build({
    entryPoints: [join(import.meta.dirname, "completion.ts")],
    outfile: tests,
    bundle: true,
    format: "cjs",
    platform: "node",
    external: ["vscode"],
  });
  const workspace = join(scratch, `home/me/completion-${file.slice(-2)}`);
  cpSync(join(root, "samples/churn"), workspace, { recursive: true });
  const times: number[] = [];
  const status = await runInHost({
    workspace,
    tests,
    development: [join(root, "test/vscode/host")],
    settings: { "js/ts.tsdk.path": join(root, "node_modules/typescript/lib") },
    env: { COMPLETED: file },
    onLine: (line) => times.push(Number(line)),
  });
  if (status !== 0) throw new Error("completion was not measured");
  return times;
}

/** Types into the churn sample beside its open graph: milliseconds from a key to the redrawn graph, as the webview itself sees it. */
export async function measureRedraws(scratch: string): Promise<number[]> {
  const workspace = join(scratch, "editor");
  cpSync(join(root, "samples/churn"), workspace, { recursive: true });
  const code = await startVsCode({ workspace });
  const redraws: number[] = [];
  try {
    await code.go();
    await code.page.locator(".monaco-workbench").waitFor();
    await code.quick("pipeline.py");
    await code.page.locator(".codelens-decoration a", { hasText: "Run step" }).first().waitFor();
    await code.quick(">Millrace: Show Graph");
    const graph = await code.webview("[data-id='root.train']");
    // Each letter of a step's display name is another picture.
    await code.page.locator(".monaco-editor .view-lines").first().click();
    await code.page.keyboard.press("Control+End");
    await code.page.keyboard.type("\n    load_data(rows=1).set_display_name('x')");
    const node = "g.node[data-id='root.load-data-2']";
    await graph.locator(node).waitFor();
    for (let i = 0; i < 2; i++) await code.page.keyboard.press("ArrowLeft");
    // A letter more, a letter less: each key gives the step another name.
    for (let i = 0; i < 60; i++) {
      const letter = "abcdefghijklmnopqrstuvwxyz"[(i >> 1) % 26] ?? "a";
      const wanted = i % 2 === 0 ? `x${letter}` : "x";
      await graph.evaluate(
        ([selector, text]) => {
          const page = window as unknown as { millraceSeen?: Promise<number> };
          page.millraceSeen = new Promise((seen) => {
            const observer = new MutationObserver(() => {
              if (document.querySelector(`${selector ?? ""} .label`)?.textContent !== text) return;
              observer.disconnect();
              requestAnimationFrame(() => seen(Date.now()));
            });
            observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
          });
        },
        [node, wanted],
      );
      const pressed = Date.now();
      await code.page.keyboard.press(i % 2 === 0 ? letter : "Backspace");
      const seen = await graph.evaluate(() => (window as unknown as { millraceSeen: Promise<number> }).millraceSeen);
      redraws.push(seen - pressed);
    }
  } finally {
    await code.stop();
  }
  return redraws;
}
