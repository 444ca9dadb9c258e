import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { millrace, start } from "./millrace.ts";
import { shellPipeline } from "./steps.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-cli-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
});

function pipeline(steps: Readonly<Record<string, string>>, name = "p.yaml"): string {
  writeFileSync(join(folder, name), shellPipeline(steps));
  return name;
}

describe("help and mistakes", () => {
  test.each([
    [["--help"], 0, /Usage: millrace COMMAND/],
    [["run", "--help"], 0, /Examples:\n {2}millrace run/],
    [["help", "graph"], 0, /--format FORMAT/],
    [[], 2, /Usage: millrace COMMAND/],
    [["rum"], 2, /^error: There is no command "rum"\. Did you mean "run"\?\n$/],
    [["runs", "--limt", "3"], 2, /^error: millrace runs has no option --limt\. Did you mean --limit\?\n$/],
    [["graph"], 2, /^error: Something is missing: millrace graph FILE/],
    [["show", "a", "b"], 2, /"b" is too much/],
    [["compile", "nowhere.py"], 2, /^nowhere\.py:1:1: error no-such-file/],
    [["run", "abc"], 2, /There is no file or run abc in/],
    [["show"], 2, /Nothing has run in .* yet\. Run a pipeline with millrace run FILE\.\n$/],
    [["run", "p.yaml", "-p", "word"], 2, /-p word has no value\. Write -p NAME=VALUE\./],
    [["run", "p.yaml", "-p", "wrod=x"], 2, /there is no input wrod\. Its inputs are word\./],
    [["run", "p.yaml", "--params", "none.json"], 2, /none\.json cannot be read/],
    [["run", "p.yaml", "--target", "mars"], 2, /There is no target "mars"\. Targets: local\./],
    [["graph", "p.yaml", "--format", "png"], 2, /There is no format "png"\. Formats: text, json, mermaid, svg\./],
    [["lineage", "Model where rows >"], 0, /Nothing has run/],
  ])("millrace %j", async (args, status, text) => {
    pipeline({ a: "true" });
    const ended = await millrace(folder, ...args);
    expect(ended.out + ended.err).toMatch(text);
    expect(ended.status).toBe(status);
    expect(ended.err).not.toMatch(/\n {4}at /);
  });

  test("a file without a pipeline is no mistake, and is said", async () => {
    writeFileSync(join(folder, "torn.yaml"), "a: [1,2");
    const { err, status } = await millrace(folder, "check", "torn.yaml");
    expect(err).toBe("torn.yaml has no pipeline or component in it.\nNo problems.\n");
    expect(status).toBe(0);
  });

  test("an error as a document", async () => {
    const { err, status } = await millrace(folder, "show", "--json");
    expect(JSON.parse(err)).toMatchObject({
      error: { code: "no-such-run", action: "Run a pipeline with millrace run FILE." },
    });
    expect(status).toBe(2);
  });
});

describe("run", () => {
  test("prints the graph, the steps and the end; the second time all comes from the cache", async () => {
    pipeline({ first: 'echo "$0 to you"', second: "echo bye >&2" });
    const first = await millrace(folder, "run", "p.yaml", "-p", "word=good day");
    expect(first.status).toBe(0);
    expect(first.out).toMatch(/● +first/);
    expect(first.out).toMatch(/Run \w{8} succeeded in/);
    expect(first.err).toMatch(/▸ first\n✓ first .*\n▸ second\n✓ second/);
    const again = await millrace(folder, "run", "p.yaml", "-p", "word=good day");
    expect(again.out).toMatch(/Every step came from the cache: nothing has changed since run \w{8}\./);
    const logs = await millrace(
      folder,
      "logs",
      readdirSync(join(folder, ".millrace/runs")).find((id) => first.out.includes(id)) ?? "",
    );
    expect(logs.out).toBe("[first] good day to you\n[second] bye\n");
    const runs = JSON.parse((await millrace(folder, "runs", "--json", "--where", "word ~ 'good'")).out) as {
      id: string;
      state: string;
    }[];
    expect(runs.map(({ state }) => state)).toEqual(["SUCCEEDED", "SUCCEEDED"]);
    const repeated = await millrace(folder, "run", runs[1]?.id ?? "", "--no-cache", "--json");
    const lines = repeated.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string; state?: string; parameters?: unknown });
    expect(lines[0]).toMatchObject({ kind: "run-created", parameters: { word: "good day" } });
    expect(lines.at(-1)).toMatchObject({ kind: "result", state: "SUCCEEDED" });
  });

  test("a step that fails: status 1, the reason, and where to read more", async () => {
    pipeline({ bad: "echo oh no >&2; exit 3", next: "true" });
    const { status, out, err } = await millrace(folder, "run", "p.yaml");
    expect(status).toBe(1);
    expect(err).toMatch(/✗ bad failed .*exit code 3: oh no/);
    expect(out).toMatch(/Run \w{8} failed in .*: bad failed: exit code 3: oh no\nSee why: millrace logs \w{8} bad/);
    expect((await millrace(folder, "logs", "latest", "bad")).out).toBe("oh no\n");
    expect((await millrace(folder, "show", "latest")).out).toMatch(/bad +failed/);
    expect(existsSync(join(folder, ".millrace/.gitignore"))).toBe(true);
  });

  test("Ctrl-C: status 130, the step is gone, the run is canceled", async () => {
    pipeline({ long: "echo $$ > pid; echo started; exec sleep 60" });
    const running = start(folder, ["run", "p.yaml"]);
    await running.until(/▸ long/);
    running.child.kill("SIGINT");
    const { status, err } = await running.ended;
    expect(status).toBe(130);
    expect(err).toMatch(/Stopping the steps/);
    const record = JSON.parse((await millrace(folder, "show", "--json")).out) as {
      state: string;
      tasks: { name: string; state: string }[];
    };
    expect(record.state).toBe("CANCELED");
    expect(record.tasks.every(({ state }) => state === "CANCELED")).toBe(true);
  });

  test("detached: the id at once, then logs and cancel from elsewhere", async () => {
    pipeline({ long: "echo started; exec sleep 60" });
    const { out, status } = await millrace(folder, "run", "p.yaml", "--detach");
    expect(status).toBe(0);
    const id = out.trim();
    expect(id).toMatch(/^[a-z]\w{7}$/);
    const following = start(folder, ["logs", id, "-f"]);
    await following.until(/\[long\] started/);
    expect((await millrace(folder, "cancel", id)).out).toBe(`Run ${id} was canceled.\n`);
    expect((await following.ended).status).toBe(0);
    expect((await millrace(folder, "cancel", id)).out).toBe(`Run ${id} had ended before: it was canceled.\n`);
  });

  test("detached, and wrong: the reason comes back, nothing is left behind", async () => {
    pipeline({ a: "true" });
    const { status, err } = await millrace(folder, "run", "p.yaml", "--detach", "-p", "nothing=1");
    expect(status).toBe(2);
    expect(err).toMatch(/there is no input nothing/);
    expect(readdirSync(join(folder, ".millrace/runs"))).toEqual([]);
  });

  test("killed: the next command says so and the state is right", async () => {
    pipeline({ long: "exec sleep 5" });
    const running = start(folder, ["run", "p.yaml"]);
    await running.until(/▸ long/);
    running.child.kill("SIGKILL");
    await running.ended;
    const { out, err } = await millrace(folder, "runs");
    expect(err).toMatch(/Run \w{8} \(shell\) ended without a word/);
    expect(out).toMatch(/failed +shell/);
  });

  test("two at once in one workspace", async () => {
    pipeline({ a: "sleep 0.3", b: "true" });
    const both = await Promise.all([
      millrace(folder, "run", "p.yaml", "-p", "word=1"),
      millrace(folder, "run", "p.yaml", "-p", "word=2"),
    ]);
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect(JSON.parse((await millrace(folder, "runs", "--json")).out)).toHaveLength(2);
  });
});

test("a reader that has seen enough is no error", () => {
  pipeline(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`step-${i}`, "true"])));
  const entry = join(import.meta.dirname, "../../../runtime/cli/millrace.ts");
  const out = execFileSync(
    "sh",
    ["-c", `"${process.execPath}" "${entry}" graph p.yaml --format json 2>err | head -c 20; cat err`],
    { cwd: folder, encoding: "utf8" },
  );
  expect(out).toHaveLength(20);
});

test("targets are kept without secrets, and chosen", async () => {
  await millrace(folder, "target", "add", "dev", "--context", "minikube", "--namespace", "kubeflow");
  await millrace(folder, "target", "use", "dev");
  expect(JSON.parse((await millrace(folder, "target", "--json")).out)).toEqual([
    { name: "local", kind: "local", chosen: false },
    { name: "dev", kind: "kubernetes", context: "minikube", namespace: "kubeflow", chosen: true },
  ]);
  await millrace(folder, "target", "remove", "dev");
  expect(JSON.parse((await millrace(folder, "target", "--json")).out)).toHaveLength(1);
  expect(readFileSync(join(folder, ".millrace/targets.json"), "utf8")).not.toMatch(/token|password/);
});

test("the doctor says what is missing and what to do", async () => {
  const findings = JSON.parse((await millrace(folder, "doctor", "--json")).out) as {
    name: string;
    state: string;
    action?: string;
  }[];
  expect(findings.map(({ name }) => name).sort()).toEqual([
    "Cache",
    "Containers",
    "History",
    "Node",
    "Python",
    "Target",
    "uv",
  ]);
  for (const { state, action } of findings) if (state === "broken") expect(action).toBeDefined();
});

test("types of Python components are written for TypeScript", async () => {
  writeFileSync(
    join(folder, "steps.py"),
    "from kfp import dsl\n\n@dsl.component\ndef add(a: int, b: int = 2) -> int:\n    return a + b\n",
  );
  const { out, status } = await millrace(folder, "types");
  expect(status).toBe(0);
  expect(out).toMatch(/steps\.d\.py\.ts/);
  expect(readFileSync(join(folder, ".millrace/types/steps.d.py.ts"), "utf8")).toMatch(/a: Int/);
  expect((await millrace(folder, "types", "--check")).status).toBe(0);
  writeFileSync(
    join(folder, "steps.py"),
    "from kfp import dsl\n\n@dsl.component\ndef add(x: int, b: int = 2) -> int:\n    return x + b\n",
  );
  const stale = await millrace(folder, "types", "--check");
  expect([stale.status, stale.out]).toEqual([1, expect.stringMatching(/steps\.d\.py\.ts/)]);
  expect(readFileSync(join(folder, ".millrace/types/steps.d.py.ts"), "utf8")).toMatch(/a: Int/);
});

test.each(["ts", "py"])(
  "init makes a project whose pipeline compiles, and writes over nothing: %s",
  async (language) => {
    const made = await millrace(folder, "init", "new one", "--language", language);
    expect(made.status).toBe(0);
    const compiled = await millrace(folder, "compile", `new one/pipeline.${language}`);
    expect([compiled.status, compiled.out]).toEqual([
      0,
      expect.stringMatching(/^# PIPELINE DEFINITION\n# Name: new-one/),
    ]);
    const again = await millrace(folder, "init", "new one", "--language", language);
    expect([again.status, again.err]).toEqual([2, expect.stringMatching(/is there already/)]);
  },
);

test("a Python pipeline is written in TypeScript, which compiles to the same", async () => {
  const steps = "from kfp import dsl\n\n@dsl.component\ndef add(a: int, b: int = 2) -> int:\n    return a + b\n\n";
  const body =
    "@dsl.pipeline\ndef sums(n: int = 1):\n    first = add(a=n)\n    with dsl.If(first.output > 2):\n        add(a=first.output, b=n)\n";
  writeFileSync(join(folder, "sums.py"), steps + body);
  expect((await millrace(folder, "convert", "sums.py", "-o", "out/sums.ts")).status).toBe(0);
  expect(readFileSync(join(folder, "out/sums.ts"), "utf8")).toContain('from "../sums.py"');
  const [python, typescript] = [
    await millrace(folder, "compile", "sums.py"),
    await millrace(folder, "compile", "out/sums.ts"),
  ];
  expect(typescript.out).toBe(python.out);
  const refused = await millrace(folder, "convert", "sums.py", "--pipeline", "add");
  expect([refused.status, refused.err]).toEqual([2, expect.stringMatching(/no Python pipeline/)]);
});

test("what TypeScript cannot say is said, and where", async () => {
  writeFileSync(
    join(folder, "branch.py"),
    `from typing import List
from kfp import dsl
@dsl.component
def one(n: int) -> int:
    return n
@dsl.component
def add(all: List[int]):
    pass
@dsl.pipeline
def sums():
    with dsl.ParallelFor([1, 2]) as n:
        with dsl.If(n == 1):
            made = one(n=n)
    add(all=dsl.Collected(made.output))
`,
  );
  const refused = await millrace(folder, "convert", "branch.py", "--pipeline", "sums");
  expect([refused.status, refused.err]).toEqual([
    2,
    expect.stringMatching(/"one" is made in a branch and used outside of it \(branch\.py:11\)/),
  ]);
});

test("what converts brings components without a name as files, and writes over nobody's", async () => {
  const yaml =
    "name: Print Text\ninputs:\n- {name: text, type: String}\nimplementation:\n  container:\n    image: alpine\n    command: [echo, {inputValue: text}]\n";
  writeFileSync(
    join(folder, "loaded.py"),
    `from kfp import components, dsl\n@dsl.pipeline\ndef prints():\n    op = components.load_component_from_text(${JSON.stringify(yaml)})\n    op(text="a")\n`,
  );
  const shown = await millrace(folder, "convert", "loaded.py");
  expect([shown.status, shown.err]).toEqual([0, expect.stringMatching(/print-text\.yaml: -o writes/)]);
  expect(shown.out).toContain('import printText from "./print-text.yaml";');
  expect((await millrace(folder, "convert", "loaded.py", "-o", "beside/loaded.ts")).status).toBe(0);
  const [python, typescript] = [
    await millrace(folder, "compile", "loaded.py"),
    await millrace(folder, "compile", "beside/loaded.ts"),
  ];
  expect(typescript.out).toBe(python.out);
  writeFileSync(join(folder, "beside/print-text.yaml"), "mine");
  const refused = await millrace(folder, "convert", "loaded.py", "-o", "beside/loaded.ts");
  expect([refused.status, refused.err]).toEqual([2, expect.stringMatching(/is there already/)]);
});
