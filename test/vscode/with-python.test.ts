/** "Compile with Python" in the window of a real VS Code: a file that cannot be read, with the real SDK in `.venv`. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { realKfp } from "../support/real-kfp.ts";
import { startVsCode, type VsCode } from "../support/vscode.ts";
import { drive, type Driver, plainEditor, until } from "./driver.ts";

const kfp = realKfp();
const workspace = mkdtempSync(join(tmpdir(), "millrace-with-python-"));
const source = `import subprocess

from kfp import dsl


@dsl.container_component
def measure(name: str):
    return dsl.ContainerSpec(image="busybox", command=["sh", "-c", 'echo "measuring $0"'], args=[name])


names = subprocess.check_output(["cat", "names.txt"], text=True).split()


@dsl.pipeline
def counted(rows: int = 10):
    for name in names:
        measure(name=name)
`;
const loop = 17;
let code: VsCode;
let window: Driver;
let failures = 0;

async function start(trusted: boolean): Promise<void> {
  const settings = { ...plainEditor, "editor.lightbulb.enabled": "off", "files.exclude": { "**/.venv": true } };
  code = await startVsCode({ workspace, settings, trusted, size: { width: 1500, height: 950 } });
  code.page.setDefaultTimeout(20_000);
  window = drive(code);
  await code.go();
  await code.page.locator(".monaco-workbench").waitFor();
}

const message = (text: string) => code.page.locator(".notification-toast", { hasText: text });
const note = async () => (await window.graph("root.measure")).locator(".note");

beforeAll(() => {
  if (kfp === undefined) return;
  writeFileSync(join(workspace, "counted.py"), source);
  writeFileSync(join(workspace, "names.txt"), "one two three\n");
  symlinkSync(dirname(dirname(kfp)), join(workspace, ".venv"));
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await window.shot(`failed-python-${++failures}-${task.name.replace(/\W+/g, "-")}`);
});

afterAll(() => rmSync(workspace, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

describe.skipIf(kfp === undefined)("in Restricted Mode", () => {
  beforeAll(() => start(false));
  afterAll(() => code.stop());

  test("nothing is compiled with Python, and it is said why", async () => {
    await window.open("counted.py", loop);
    await window.lens("Compile with Python (Restricted Mode)").first().waitFor();
    await code.quick(">Millrace: Compile with Python");
    await message("Restricted Mode: nothing of it is executed").waitFor();
    expect(readdirSync(workspace).sort()).toEqual([".venv", "counted.py", "names.txt"]);
    await window.shot("python-restricted");
  });
});

describe.skipIf(kfp === undefined)("in a trusted workspace", () => {
  beforeAll(() => start(true));
  afterAll(() => code.stop());

  test("what cannot be known is named, with the command that would know it", async () => {
    await window.open("counted.py", loop - 1);
    await window.lens("Compile with Python").first().waitFor();
    await window.pressLens("Show graph");
    const graph = await code.webview(".banner [data-id=with-python]");
    expect(await graph.locator(".banner").innerText()).toContain("cannot be known while reading");
    await window.open("counted.py", loop - 1);
    await code.page.keyboard.press("End");
    await code.page.keyboard.press("ArrowLeft");
    await code.page.keyboard.press("Control+.");
    await code.page.locator(".action-widget", { hasText: "Compile with Python" }).waitFor();
    await window.shot("python-offer");
    await code.page.keyboard.press("Escape");
  });

  test("the lens has Python compile it: the graph is whole and says which way it came", async () => {
    await window.pressLens("Compile with Python");
    const graph = await window.graph("root.measure-3");
    expect(await graph.locator("g.node").count()).toBe(3);
    expect(await (await note()).innerText()).toMatch(/^Compiled with Python 3\.\d+\.\d+, kfp 2\.17\.0\.$/);
    await graph.locator(".banner").waitFor({ state: "hidden" });
    await window
      .lens(/^Python 3\.\d+\.\d+, kfp 2\.17\.0$/)
      .first()
      .waitFor();
    await message("Compile it so whenever it is saved?").waitFor();
    await window.shot("python-compiled");
    expect(existsSync(join(workspace, "__pycache__"))).toBe(false);
  });

  test("a newer text is told from the graph, which stays; saving it brings the graph up to date", async () => {
    await message("Compile it so whenever it is saved?").locator("text=On Each Save").click();
    const graph = await window.graph("root.measure-3");
    await window.open("counted.py", loop);
    await code.page.keyboard.press("End");
    await code.page.keyboard.type('\n    measure(name="last")');
    await graph.locator(".note.older", { hasText: "The source has changed since" }).waitFor();
    expect(await graph.locator("g.node").count()).toBe(3);
    await window.lens("Compile with Python again").first().waitFor();
    await window.shot("python-older");
    await code.page.keyboard.press("Control+s");
    await graph.locator('g.node[data-id="root.measure-4"]').waitFor();
    await graph.locator(".note:not(.older)").waitFor();
  });

  test("a node leads to the line that made it, a line to its node", async () => {
    const graph = await window.graph("root.measure-4");
    await graph.locator('g.node[data-id="root.measure-4"]').click();
    await window.atLine(loop + 1);
    await graph.locator('g.node[data-id="root.measure-2"]').click();
    await window.atLine(loop);
  });

  test("who asks again gets what is there now", async () => {
    // That a program of the file's reads this, nobody knows.
    writeFileSync(join(workspace, "names.txt"), "one two three four five\n");
    const graph = await window.graph("root.measure-4");
    await code.quick(">Millrace: Compile with Python");
    await graph.locator('g.node[data-id="root.measure-6"]').waitFor();
  });

  test("it runs as it is drawn", async () => {
    await window.open("counted.py", loop);
    await window.pressLens("Run pipeline");
    await window.submit();
    const graph = await window.graph("root.measure-6");
    await graph.locator('g.node[data-id="root.measure-6"][data-state="SUCCEEDED"]').waitFor({ timeout: 90_000 });
    await graph.locator('.run-state[data-state="SUCCEEDED"]').waitFor();
    await window.shot("python-run");
  });

  test("Compile writes what kfp wrote", async () => {
    await window.open("counted.py", loop);
    await window.pressLens("Compile");
    const yaml = await until("the YAML", () => {
      const path = join(workspace, "counted.yaml");
      return existsSync(path) && readFileSync(path, "utf8");
    });
    const theirs = join(workspace, "theirs.yaml");
    execFileSync(kfp ?? "", ["dsl", "compile", "--py", "counted.py", "--output", theirs], {
      cwd: workspace,
      stdio: "pipe",
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    });
    expect(yaml).toBe(readFileSync(theirs, "utf8"));
  });

  test("what it raises is a problem at its line", async () => {
    await window.open("counted.py", loop);
    await code.page.keyboard.press("End");
    await code.page.keyboard.type('\n        raise ValueError("enough")');
    await code.page.keyboard.press("Control+s");
    await code.page.locator(".squiggly-error").first().waitFor();
    await code.quick(">View: Focus Problems");
    await code.page.locator(".markers-panel .monaco-list-row", { hasText: "ValueError: enough" }).waitFor();
    // What it was before is still drawn.
    await window.lens("Compile with Python again").first().waitFor();
    await window.shot("python-raised");
  });

  test("the graph is there again after a reload, without Python", async () => {
    writeFileSync(join(workspace, "names.txt"), "one two three four five\n");
    // The compiled file's lens has the same words.
    await code.quick(">View: Close All Editors");
    await until("no editor", async () => (await code.page.locator(".tab").count()) === 0);
    await window.open("counted.py", loop + 1);
    if ((await window.text()).includes("raise ValueError")) await code.page.keyboard.press("Control+Shift+k");
    await code.page.keyboard.press("Control+s");
    const way = window.lens(/^Python 3\./).first();
    await way.waitFor();
    // Were Python run, this is what it would read.
    writeFileSync(join(workspace, "names.txt"), "one\n");
    await code.page.reload();
    await code.page.locator(".monaco-workbench").waitFor();
    // Which editors VS Code opens again depends on when it last wrote that down.
    await window.open("counted.py", loop);
    await way.waitFor();
    await window.pressLens("Show graph");
    const graph = await window.graph("root.measure-6");
    await graph.locator(".note:not(.older)", { hasText: "Compiled with Python" }).waitFor();
  });
});
