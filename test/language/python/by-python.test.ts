/** What the language server makes of what Python has compiled: with results made by hand, so without Python. */
import { expect, test } from "vitest";
import { analyzeFile } from "../../../language/analyze-file.ts";
import type { PythonResult } from "../../../language/python/by-python.ts";
import { withPython } from "../../../language/python/by-python.ts";
import type { Files } from "../../../language/source.ts";
import { writePackage } from "../../../language/spec/write.ts";
import { askingPython, createWorkspace } from "../../../language/workspace.ts";

const path = "/w/p.py";
const component = `from kfp import dsl
import socket

@dsl.component(base_image="python:3.11")
def step(name: str) -> str:
    return name
`;
const unread = `${component}
@dsl.pipeline
def p(rows: int = 1):
    for name in socket.gethostname().split("."):
        step(name=name)
`;
/** What the pipeline is where the machine is called a.b. */
const read = unread.replace('socket.gethostname().split(".")', '["a", "b"]');
const options = { sdkVersion: "2.17.0", roots: [], env: {} };

function filesOf(texts: Readonly<Record<string, string>>): Files {
  return { read: (file) => texts[file], list: () => [] };
}

async function yamlOf(text: string): Promise<string> {
  const { definitions } = await analyzeFile(path, filesOf({ [path]: text }), options);
  const compiled = definitions.find(({ kind }) => kind === "pipeline")?.compile().compiled;
  if (!compiled) throw new Error("not compiled");
  return writePackage(compiled);
}

async function resultFor(text: string, more: Partial<PythonResult> = {}): Promise<PythonResult> {
  const line = text.split("\n").findIndex((one) => one.includes("step(name=name)"));
  const place = { path, at: [line, 8, line, 23] };
  return {
    kind: "compiled",
    executable: "/usr/bin/python3",
    python: "3.11.2",
    kfp: "2.17.0",
    kfpFile: "",
    sources: { [path]: text },
    definitions: [{ kind: "pipeline", symbol: "p", lines: [7, 8, 10], yaml: await yamlOf(read) }],
    places: { p: { step: place, "step-2": place } },
    ...more,
  } as PythonResult;
}

async function look(text: string, result: PythonResult) {
  const files = filesOf({ [path]: text });
  const analysis = withPython(await analyzeFile(path, files, options), result, files);
  const pipeline = analysis.definitions.find(({ symbol }) => symbol === "p");
  const compiled = pipeline?.compile().compiled;
  return {
    analysis,
    pipeline,
    compiled,
    problems: analysis.diagnostics.map(({ code, severity }) => `${severity} ${code}`),
    text: (task: string) => {
      const span = compiled?.sourceMap.get(task);
      return span && text.slice(span.start, span.end);
    },
  };
}

test("without Python the file asks for it", async () => {
  const files = filesOf({ [path]: unread });
  const analysis = await analyzeFile(path, files, options);
  expect([...askingPython(analysis)].map(({ symbol }) => symbol)).toEqual(["p"]);
  const fine = await analyzeFile(path, filesOf({ [path]: read }), options);
  expect([...askingPython(fine)]).toEqual([]);
});

test("of the same text, Python is right: no errors, its YAML, its tasks", async () => {
  const { analysis, pipeline, compiled, problems, text } = await look(unread, await resultFor(unread));
  expect(pipeline?.byPython).toEqual({ python: "3.11.2", kfp: "2.17.0", older: false });
  expect(problems).toEqual(["information not-known"]);
  expect(Object.keys(compiled?.spec.root.dag?.tasks ?? {})).toEqual(["step", "step-2"]);
  expect(compiled?.yaml).toBe(await yamlOf(read));
  expect(text("root.step-2")).toBe("step(name=name)");
  expect(pipeline && unread.slice(pipeline.nameSpan.start, pipeline.nameSpan.end)).toBe("p");
  expect([...askingPython(analysis)]).toEqual([]);
  // What can be read is read.
  expect(analysis.definitions.find(({ symbol }) => symbol === "step")?.byPython).toBeUndefined();
});

test("of an older text the graph stays, says so, and its tasks are found where they went", async () => {
  const newer = `# a line more\n${unread}    step(name="more")\n`;
  const { pipeline, compiled, problems, text } = await look(newer, await resultFor(unread));
  expect(pipeline?.byPython?.older).toBe(true);
  expect(Object.keys(compiled?.spec.root.dag?.tasks ?? {})).toEqual(["step", "step-2"]);
  expect(text("root.step")).toBe("step(name=name)");
  expect(problems).toEqual(["information not-known"]);
});

test("a task whose line has changed leads nowhere", async () => {
  const { text } = await look(unread.replace("step(name=name)", "step(name=name.upper())"), await resultFor(unread));
  expect(text("root.step")).toBeUndefined();
});

test("an error of the newer text is an error", async () => {
  const newer = `${unread}    step(nam="x")\n`;
  const { problems } = await look(newer, await resultFor(unread));
  expect(problems).toContain("error unknown-input");
  const broken = await look(`${unread}    step(\n`, await resultFor(unread));
  expect(broken.problems).toContain("error syntax-error");
  expect(broken.pipeline?.byPython?.older).toBe(true);
});

test("a text that can be read needs no Python any more", async () => {
  const { pipeline, compiled } = await look(read.replace('["a", "b"]', '["a", "b", "c"]'), await resultFor(unread));
  expect(pipeline?.byPython).toBeUndefined();
  expect(Object.keys(compiled?.spec.root.dag?.tasks ?? {})).toHaveLength(3);
});

test("a module or data that changed makes it older, a byte order mark does not", async () => {
  const result = await resultFor(unread, { sources: { [path]: unread, "/w/names.txt": "a" } });
  const current = (texts: Readonly<Record<string, string>>) =>
    analyzeFile(path, filesOf({ [path]: unread, ...texts }), options).then((analysis) =>
      withPython(analysis, result, filesOf({ [path]: unread, ...texts })).definitions.map(
        ({ byPython }) => byPython?.older,
      ),
    );
  expect(await current({ "/w/names.txt": "a" })).toContain(false);
  expect(await current({ "/w/names.txt": "b" })).toContain(true);
  expect(await current({})).toContain(true);
  expect(await current({ "/w/names.txt": "a", [path]: `\uFEFF${unread}` })).toContain(false);
});

test("a pipeline that is in no text but was made: at the line that binds its name", async () => {
  const text = `from kfp import dsl\nfrom acme import make\n\nmade = make("x")\n`;
  const yaml = await yamlOf(read);
  const result = await resultFor(text, {
    definitions: [{ kind: "pipeline", symbol: "made", lines: [3, 3, 3], yaml }],
    places: {},
  });
  const of = async (now: string) => (await look(now, result)).analysis.definitions;
  const [made] = await of(text);
  expect(made && text.slice(made.span.start, made.span.end)).toBe('made = make("x")');
  const moved = `# first\n${text}`;
  const [later] = await of(moved);
  expect(later && moved.slice(later.span.start, later.span.end)).toBe('made = make("x")');
  expect(await of(text.replace("made =", "other ="))).toEqual([]);
});

test("what Python raised stands at its line until the text is another", async () => {
  const raised = { kind: "raised", raised: { message: "OSError: no network", path, line: 9 } } as Partial<PythonResult>;
  const { problems, pipeline } = await look(unread, await resultFor(unread, raised));
  expect(problems).toContain("error python-raised");
  expect(pipeline?.byPython).toBeUndefined();
  expect((await look(`${unread}\n`, await resultFor(unread, raised))).problems).not.toContain("error python-raised");
});

test("YAML that cannot be read is said where the pipeline stands", async () => {
  const result = await resultFor(unread, {
    definitions: [{ kind: "pipeline", symbol: "p", lines: [7, 8, 10], yaml: "pipelineInfo: [" }],
  });
  const { pipeline, compiled } = await look(unread, result);
  expect(compiled).toBeUndefined();
  const [first] = pipeline?.compile().diagnostics ?? [];
  expect(first && unread.slice(first.span.start, first.span.end)).toBe("p");
});

test("a workspace draws it, and draws it anew when it comes, changes and goes", async () => {
  const texts = { [path]: unread };
  const workspace = createWorkspace(filesOf(texts), () => options);
  const nodes = async () => (await workspace.graph(path, "p", [])).graph?.dag.nodes.length ?? 0;
  expect(await nodes()).toBe(0);
  workspace.setPython(path, await resultFor(unread));
  expect(workspace.isFresh(path)).toBe(false);
  expect(await nodes()).toBe(2);
  expect(workspace.isFresh(path)).toBe(true);
  texts[path] = `${unread}\n`;
  expect(workspace.isFresh(path)).toBe(false);
  expect((await workspace.definition(path, "p"))?.byPython?.older).toBe(true);
  expect(await nodes()).toBe(2);
  // What was raised later leaves the last graph.
  const sources = { [path]: texts[path] };
  workspace.setPython(path, await resultFor(unread, { kind: "raised", raised: { message: "no" }, sources } as never));
  expect(await nodes()).toBe(2);
  expect((await workspace.analysis(path)).diagnostics.map(({ code }) => code)).toContain("python-raised");
  workspace.setPython(path, undefined);
  expect(await nodes()).toBe(0);
});
