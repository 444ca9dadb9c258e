import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { Page } from "playwright-core";
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

/** A file in which the name of an argument is completed. */
export interface Completed {
  readonly file: string;
  /** Stands in it, once or more; the last is written anew. */
  readonly argument: string;
  /** What is offered in its place. */
  readonly wanted: string;
}

/** The argument of a sample's step; and of the same text where it is none of ours, for what VS Code takes without us. */
const completed: Readonly<Record<"py" | "ts", readonly [ours: Completed, bare: Completed]>> = {
  // Without the name of the SDK; who completes there answers at once.
  py: [
    { file: "pipeline.py", argument: "n_estimators=n_estimators", wanted: "n_estimators=" },
    { file: "twin.py", argument: "n_estimators=n_estimators", wanted: "n_estimators=" },
  ],
  // "TypeScript JSX" is TypeScript's own server's alone.
  ts: [
    { file: "pipeline.ts", argument: "n_estimators: nEstimators", wanted: "n_estimators" },
    { file: "twin.tsx", argument: "n_estimators: nEstimators", wanted: "n_estimators" },
  ],
};

export interface Completions {
  /** Milliseconds from an extension's question to the answers of all who were asked. */
  readonly asked: readonly number[];
  /** Milliseconds from a key to what is wanted in VS Code's list, which is drawn 100 ms after that. */
  readonly typed: readonly number[];
}

/** Completion inside a call's arguments, in a file of the sample and, by turns with it, in one that is none of ours. */
export async function measureCompletions(
  scratch: string,
  language: "py" | "ts",
): Promise<{ readonly ours: Completions; readonly bare: Completions }> {
  const tests = join(scratch, "completion.cjs");
  await build({
    entryPoints: [join(import.meta.dirname, "completion.ts")],
    outfile: tests,
    bundle: true,
    format: "cjs",
    platform: "node",
    external: ["vscode"],
  });
  const workspace = join(scratch, `home/me/completion-${language}`);
  cpSync(join(root, "samples/churn"), workspace, { recursive: true });
  const python = readFileSync(join(workspace, "pipeline.py"), "utf8");
  writeFileSync(join(workspace, "twin.py"), python.replaceAll("kfp", "sdk"));
  cpSync(join(workspace, "pipeline.ts"), join(workspace, "twin.tsx"));
  const [ours, bare] = completed[language];
  const asked = new Map([ours, bare].map(({ file }): [string, number[]] => [file, []]));
  let typing: Promise<readonly (readonly number[])[]> | undefined;
  const status = await runInHost({
    workspace,
    tests,
    development: [join(root, "test/vscode/host")],
    settings: { "js/ts.tsdk.path": join(root, "node_modules/typescript/lib") },
    env: { COMPLETED: JSON.stringify([ours, bare]) },
    onLine(line, { page }) {
      const [what, file = "", took] = line.split(" ");
      if (what === "asked") asked.get(file)?.push(Number(took));
      else typing = typeByTurns(page, [ours, bare]).finally(() => writeFileSync(join(workspace, "end"), ""));
    },
  });
  const typed = await typing;
  if (status !== 0 || !typed) throw new Error("completion was not measured");
  const of = ({ file }: Completed, i: number) => ({ asked: asked.get(file) ?? [], typed: typed[i] ?? [] });
  return { ours: of(ours, 0), bare: of(bare, 1) };
}

/** Presses a letter in one editor and the next, each in its own group, and looks for what is wanted in the list. */
async function typeByTurns(page: Page, all: readonly Completed[]): Promise<readonly (readonly number[])[]> {
  const rounds = 40;
  const times = all.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, { wanted }] of all.entries()) {
      await page.keyboard.press(`Control+${i + 1}`);
      // A person does not write faster; what the letter before brought about is over.
      await page.waitForTimeout(300);
      await page.evaluate((label) => {
        const known = window as unknown as { millraceListed?: Promise<number> };
        const isThere = () =>
          document.querySelector(`.suggest-widget .monaco-list-row[aria-label^="${label}"]`) !== null;
        if (isThere()) throw new Error("the list of before is still there");
        known.millraceListed = new Promise((listed) => {
          let pressed = 0;
          document.addEventListener("keydown", ({ timeStamp }) => (pressed = timeStamp), { capture: true, once: true });
          const observer = new MutationObserver(() => {
            if (pressed === 0 || !isThere()) return;
            observer.disconnect();
            listed(performance.now() - pressed);
          });
          observer.observe(document.body, { subtree: true, childList: true, attributes: true });
        });
      }, wanted);
      await page.keyboard.press("n");
      const listed = page.evaluate(() => (window as unknown as { millraceListed: Promise<number> }).millraceListed);
      times[i]?.push(await listed);
      await page.locator(".suggest-widget.visible").first().waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Backspace");
      await page.keyboard.press("Escape");
    }
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
