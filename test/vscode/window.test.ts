/** Millrace in the window of a real VS Code, as somebody new to it goes about. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { root, startVsCode, type VsCode } from "../support/vscode.ts";
import { type Driver, drive, plainEditor, until } from "./driver.ts";

const workspace = mkdtempSync(join(tmpdir(), "millrace-window-"));
let code: VsCode;
let window: Driver;
let failures = 0;

beforeAll(async () => {
  cpSync(join(root, "samples/churn"), workspace, { recursive: true });
  cpSync(join(root, "test/vscode/fixtures"), workspace, { recursive: true });
  code = await startVsCode({ workspace, settings: plainEditor, size: { width: 1500, height: 950 } });
  code.page.setDefaultTimeout(20_000);
  window = drive(code);
  await code.go();
  await code.page.locator(".monaco-workbench").waitFor();
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await window.shot(`failed-${++failures}-${task.name.replace(/\W+/g, "-")}`);
});

afterAll(async () => {
  await code.stop();
  rmSync(workspace, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

const cli = (...args: readonly string[]) =>
  execFileSync(process.execPath, [join(root, "dist/millrace.js"), ...args], { cwd: workspace, encoding: "utf8" });

/** Nothing open, nothing asked: each test begins as after a start. */
async function closeAll(): Promise<void> {
  await code.page.keyboard.press("Escape");
  await code.quick(">View: Revert and Close Editor").catch(() => undefined);
  await code.quick(">View: Close All Editors");
  await until("all editors closed", async () => (await code.page.locator(".tab").count()) === 0);
}

describe("a pipeline's graph", () => {
  test("CodeLenses stand above pipeline and components; one draws the graph", async () => {
    await window.open("pipeline.py", 69);
    await window.lens("Run pipeline").waitFor();
    await window.lens("Compile").waitFor();
    await window.pressLens("Show graph");
    const graph = await window.graph("root.train");
    expect(await graph.locator("g.node").count()).toBe(3);
    await graph.locator('g.edge[data-from="root.train"][data-to="root.evaluate"]').waitFor({ state: "attached" });
    await window.shot("graph");
  });

  test("typing adds a node; an error keeps the last good graph and says so; it comes back", async () => {
    const graph = await window.graph("root.train");
    // What a first try may have left.
    await window.open("pipeline.py");
    await code.quick(">File: Revert File");
    await window.open("pipeline.py", 73);
    await code.page.keyboard.type("    load_data(rows=7)\n");
    await graph.locator('g.node[data-id="root.load-data-2"]').waitFor();
    await code.page.keyboard.type("    train(");
    // Half of the word has an error, too.
    await graph.locator(".banner", { hasText: /"\(" was never closed\. This is the last good graph/ }).waitFor();
    expect(await graph.locator("g.node").count()).toBe(4);
    await window.shot("graph-error");
    await code.page.keyboard.press("Control+Shift+k");
    await graph.locator(".banner").waitFor({ state: "hidden" });
    await code.quick(">File: Revert File");
    await graph.locator('g.node[data-id="root.load-data-2"]').waitFor({ state: "detached" });
  });

  test("a node leads to its line, a line to its node, arrow keys along edges", async () => {
    const graph = await window.graph("root.train");
    await graph.locator('g.node[data-id="root.evaluate"]').click();
    await window.atLine(72);
    await window.open("pipeline.py", 70);
    await graph.locator('g.node.selected[data-id="root.load-data"]').waitFor();
    await code.page.keyboard.press("ArrowDown");
    await graph.locator('g.node.selected[data-id="root.train"]').waitFor();
    await graph.locator(".picture").focus();
    await code.page.keyboard.press("ArrowDown");
    await graph.locator('g.node.selected[data-id="root.evaluate"]').waitFor();
    await code.page.keyboard.press("ArrowUp");
    await code.page.keyboard.press("ArrowUp");
    await graph.locator('g.node.selected[data-id="root.load-data"]').waitFor();
    await code.page.keyboard.press("Enter");
    await window.atLine(70);
  });

  test("labels of edges cover no node", async () => {
    const graph = await window.graph("root.train");
    await graph.locator('g.node[data-id="root.evaluate"]').click();
    await graph.locator(".labels text", { hasText: "out_model: Model" }).waitFor();
    const covered = await graph.evaluate(() => {
      const boxes = [...document.querySelectorAll("g.node .body")].map((each) => each.getBoundingClientRect());
      return [...document.querySelectorAll(".labels rect")]
        .map((each) => each.getBoundingClientRect())
        .filter((a) => boxes.some((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom))
        .length;
    });
    expect(covered).toBe(0);
    await window.shot("graph-selected");
  });

  test("exports as SVG and as Mermaid", async () => {
    const graph = await window.graph("root.train");
    const pick = async (format: string) => {
      await graph.locator('button[aria-label="Export the graph…"]').click();
      await code.page.locator(".quick-input-list .monaco-list-row", { hasText: format }).click();
    };
    await pick("Mermaid");
    const mermaid = await until("Mermaid on the clipboard", async () => {
      const text = await code.page.evaluate(() => navigator.clipboard.readText());
      return text.startsWith("flowchart") && text;
    });
    expect(mermaid).toContain("out_model: Model");
    await pick("SVG");
    const path = code.page.locator(".quick-input-widget input[type=text]");
    await until("a place to save", async () => (await path.inputValue()).endsWith("churn-training-v2.svg"));
    await code.page.locator(".quick-input-action a", { hasText: "OK" }).click();
    const file = join(workspace, "churn-training-v2.svg");
    const svg = await until("the SVG file", () => existsSync(file) && readFileSync(file, "utf8"));
    expect(svg).toContain("evaluate");
    expect(svg).not.toContain("var(--");
  });

  test("Compile writes what the command line writes", async () => {
    await window.open("pipeline.py", 69);
    await window.pressLens("Compile");
    await window.tab("pipeline.yaml").waitFor();
    const written = readFileSync(join(workspace, "pipeline.yaml"), "utf8");
    expect(written).toContain("name: churn-training-v2");
    cli("compile", "pipeline.py", "-o", "expected.yaml");
    expect(written).toBe(readFileSync(join(workspace, "expected.yaml"), "utf8"));
  });

  test("a loop folds and unfolds", async () => {
    await closeAll();
    await window.open("steps.py", 41);
    await window.pressLens("Show graph");
    const graph = await code.webview("g.node.kind-loop");
    const inner = graph.locator("g.node.kind-task");
    await inner.first().waitFor();
    const loop = graph.locator("g.node.kind-loop");
    await loop.locator(".fold").click();
    await inner.first().waitFor({ state: "detached" });
    await loop.locator(".fold").click();
    await inner.first().waitFor();
    await window.shot("graph-loop");
  });
});

describe("a run", () => {
  test("the form says what is wrong, and opens beside the source", async () => {
    await closeAll();
    await window.open("pipeline.py", 69);
    await window.pressLens("Show graph");
    await window.graph("root.train");
    await code.quick(">Millrace: Run Pipeline or Step");
    await code.page.locator(".quick-input-list .monaco-list-row", { hasText: "churn" }).first().click();
    const form = await window.form();
    expect(await code.page.locator(".editor-group-container").count()).toBe(2);
    expect(await form.locator("#field-rows input").inputValue()).toBe("5000");
    await form.locator("#field-rows input").fill("many");
    await form.locator("#hint-rows.wrong").waitFor();
    await window.shot("form");
    await form.locator("[data-id=submit]").click();
    expect(await form.locator("#hint-rows").innerText()).toBe("rows must be a whole number, such as 200.");
  });

  test("shows its states on the graph, and its metrics there and above the pipeline", {
    timeout: 240_000,
  }, async () => {
    await window.submit({ rows: "500", n_estimators: "20" });
    const graph = await window.graph("root.train");
    await graph.locator('.run-state[data-state="SUCCEEDED"]').waitFor({ timeout: 220_000 });
    expect(await graph.locator('g.node[data-state="SUCCEEDED"]').count()).toBe(3);
    expect(await graph.locator('g.node[data-id="root.evaluate"] .detail').textContent()).toMatch(
      /f1 0\.\d+ · accuracy 0\.\d/,
    );
    await window.lens(/succeeded, accuracy 0\.\d+, f1 0\./).waitFor();
    await window.shot("run");
  });

  test("the form remembers the last values", async () => {
    const graph = await window.graph("root.train");
    await graph.locator('button[aria-label="Run pipeline"]').click();
    const form = await window.form();
    expect(await form.locator("#field-rows input").inputValue()).toBe("500");
    expect(await form.locator("#field-n_estimators input").inputValue()).toBe("20");
  });

  test("lineage: the model, what made it, in words and on its line", async () => {
    await closeAll();
    await window.showRuns();
    await window.expand("Run of churn-training-v2");
    await window.expand("Step train");
    await window.row("out_model").first().click();
    const lineage = await window.lineage();
    await lineage.locator(".node.current", { hasText: "out_model" }).waitFor();
    const words = await lineage.locator("ul.words li").allInnerTexts();
    expect(words.join(" ")).toMatch(/train made this Model .* from load-data\.data/);
    expect(words.join(" ")).toContain("n_estimators = 20");
    await window.shot("lineage");
    await lineage.locator('button[aria-label="Open the line that made it"]').click();
    await window.tab("pipeline.py").waitFor();
    await window.atLine(71);
    await lineage.locator(".node[data-id]", { hasText: "metrics" }).click();
    await lineage.locator(".node.current", { hasText: "metrics" }).waitFor();
  });
});

describe("logs and the Runs view", () => {
  test("a log streams while its step runs; the run is cancelled from the tree", async () => {
    await closeAll();
    await window.open("steps.py", 25);
    await window.pressLens("Run pipeline");
    await window.submit({ lines: "500", pause: "0.05" });
    const graph = await window.graph("root.count");
    await graph.locator('g.node[data-id="root.count"][data-state="RUNNING"]').click();
    await graph.locator('section.strip button[aria-label="Open log"]').click();
    await window.tab("count.log").waitFor();
    const last = async () =>
      Math.max(0, ...[...(await window.text()).matchAll(/line (\d+)/g)].map((m) => Number(m[1])));
    const before = await until("the first lines", async () => (await last()) || undefined);
    await until("more lines", async () => (await last()) > before + 5);
    await window.shot("log");
    await window.showRuns();
    await window.act(window.row("Run of slow, running"), "Cancel Run");
    await window.row("Run of slow, canceled").waitFor();
    await graph.locator('.run-state[data-state="CANCELED"]').waitFor();
  });

  test("Run Again opens with the values of that run, not of the last", async () => {
    cli("run", "steps.py", "--pipeline", "slow", "-p", "lines=2", "-p", "pause=0.0", "-q");
    await window.showRuns();
    const older = window.row("Run of slow, canceled");
    await window.row("Run of slow, succeeded").waitFor();
    await window.act(older, "Run Again");
    const form = await window.form();
    expect(await form.locator("#field-lines input").inputValue()).toBe("500");
    await window.act(window.row("Run of slow, succeeded"), "Run Again");
    await until("the other run's values", async () => (await form.locator("#field-lines input").inputValue()) === "2");
  });

  test("a step that fails says why, on the graph and in the tree", async () => {
    await closeAll();
    await window.open("steps.py", 35);
    await window.pressLens("Run pipeline");
    await window.submit();
    const graph = await window.graph("root.fail");
    await graph.locator('.run-state[data-state="FAILED"]').waitFor();
    await graph.locator('g.node[data-id="root.fail"][data-state="FAILED"]').click();
    expect(await graph.locator("section.strip .reason").innerText()).toContain("going wrong");
    await window.showRuns();
    await window.expand("Run of broken, failed");
    expect(await window.row("Step fail, failed").getAttribute("aria-label")).toContain("exit code 3");
    await window.shot("failed-step");
  });

  test("a stack trace in a log leads to its line", async () => {
    await closeAll();
    expect(() => cli("run", "raises.ts", "-q")).toThrow();
    await window.showRuns();
    await window.act(window.row("Run of raises, failed"), "Open Log");
    await window.tab("raises.log").waitFor();
    const link = code.page.locator(".detected-link").filter({ hasText: "raises.ts" });
    await link.first().waitFor();
    await window.shot("log-links");
    await link.first().click({ modifiers: ["ControlOrMeta"] });
    await window.tab("raises.ts").waitFor();
    await window.atLine(5);
  });

  test("100,000 lines open without a stall, and again after the window was reloaded", async () => {
    await closeAll();
    cli("run", "steps.py", "--pipeline", "loud", "-q");
    await window.row("Run of loud, succeeded").waitFor();
    await code.page.evaluate(() => {
      const stalls: number[] = [];
      Reflect.set(globalThis, "stalls", stalls);
      new PerformanceObserver((list) => stalls.push(...list.getEntries().map((entry) => entry.duration))).observe({
        entryTypes: ["longtask"],
      });
    });
    const begun = Date.now();
    await window.act(window.row("Run of loud, succeeded"), "Open Log");
    await window.tab("loud.log").waitFor();
    await until("its lines", async () => (await window.text()).includes("of a loud step"));
    const opened = Date.now() - begun;
    await code.page.locator(".editor-instance .view-lines").first().click();
    await code.page.keyboard.press("Control+End");
    await until("its end", async () => (await window.text()).includes("line 100000 of a loud step"));
    const stall = await code.page.evaluate(() => Math.max(0, ...(Reflect.get(globalThis, "stalls") as number[])));
    console.log(`A log of 100,000 lines: open in ${opened} ms, longest task of the window ${Math.round(stall)} ms.`);
    expect(stall).toBeLessThan(500);
    await code.quick(">Developer: Reload Window");
    await code.page.waitForEvent("load");
    await window.tab("loud.log").waitFor();
    await until("the log after the reload", async () => (await window.text()).includes("of a loud step"));
  });
});

describe("TypeScript and YAML", () => {
  test("pipeline.ts has lenses, a graph and a report that opens", { timeout: 240_000 }, async () => {
    await closeAll();
    await window.open("pipeline.ts", 62);
    await window.pressLens("Show graph");
    const graph = await window.graph("root.report");
    expect(await graph.locator("g.node").count()).toBe(4);
    await graph.locator('button[aria-label="Run pipeline"]').click();
    await window.submit({ rows: "500", nEstimators: "20" });
    const running = await window.graph("root.report");
    await running.locator('.run-state[data-state="SUCCEEDED"]').waitFor({ timeout: 220_000 });
    await window.shot("typescript");
    await window.showRuns();
    await window.expand("Run of churn-training-v2, succeeded");
    await window.expand("Step report");
    await window.row("report: HTML").click();
    const lineage = await window.lineage();
    await lineage.locator(".node.current", { hasText: "report" }).waitFor();
    await lineage.locator('button[aria-label="Open file"]').click();
    await until("the page's text", async () => (await window.text()).includes("doctype html"));
    await window.shot("report");
  });

  test("a compiled file has a graph and runs", async () => {
    await closeAll();
    cli("compile", "steps.py", "--pipeline", "slow", "-o", "slow.yaml");
    await window.open("slow.yaml");
    await window.lens("Run pipeline").waitFor();
    await window.pressLens("Show graph");
    const graph = await window.graph("root.count");
    await graph.locator('button[aria-label="Run pipeline"]').click();
    await window.submit({ lines: "3", pause: "0.1" });
    const running = await window.graph("root.count");
    await running.locator('.run-state[data-state="SUCCEEDED"]').waitFor();
    await window.shot("yaml");
  });
});

describe("when things die", () => {
  test("a run outlives the server that started it, and is shown to its end", async () => {
    await closeAll();
    await window.open("steps.py", 25);
    await window.pressLens("Run pipeline");
    await window.submit({ lines: "40", pause: "0.1" });
    const graph = await window.graph("root.count");
    await graph.locator('g.node[data-id="root.count"][data-state="RUNNING"]').waitFor();
    const servers = serversOf(code.folder);
    expect(servers.length).toBeGreaterThan(0);
    for (const pid of servers) process.kill(pid, "SIGKILL");
    await graph.locator('.run-state[data-state="SUCCEEDED"]').waitFor();
  });

  test("a second window sees the runs of the first", async () => {
    const second = await code.page.context().newPage();
    try {
      await second.goto(code.page.url());
      await second.locator(".activitybar a[aria-label^=Millrace]").click();
      await second.locator('.monaco-list-row[aria-label^="Run of slow, succeeded"]').first().waitFor();
      await window.pressLens("Run pipeline");
      await window.submit({ lines: "30", pause: "0.1" });
      await second.locator('.monaco-list-row[aria-label^="Run of slow, running"]').waitFor();
      await second.locator('.monaco-list-row[aria-label^="Run of slow, running"]').waitFor({ state: "detached" });
      const graph = await window.graph("root.count");
      await graph.locator('.run-state[data-state="SUCCEEDED"]').waitFor();
    } finally {
      await second.close();
    }
  });
});

/** Ids of the runtime servers of the installed extension. */
function serversOf(folder: string): readonly number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) =>
    line.includes(folder) && line.includes("runtime-server") ? [Number.parseInt(line, 10)] : [],
  );
}
