/** What an edit costs is counted in work, not in time; what comes of it is what comes of the text alone. */
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { Analysis, Work } from "../../../language/analyze.ts";
import { type AnalysisMemory, analyzeFile } from "../../../language/analyze-file.ts";
import { readMeanings } from "../../../language/python/front-end.ts";
import type { Meanings } from "../../../language/python/meanings.ts";
import { parseAgain, Parses } from "../../../language/python/parse-again.ts";
import { parseModule } from "../../../language/python/parse.ts";
import type { Meaning } from "../../../language/python/sightings.ts";
import { channelMarks } from "../../../language/services/channel-marks.ts";
import { symbolsOf } from "../../../language/services/symbols.ts";
import { createWorkspace } from "../../../language/workspace.ts";
import { numbersOf } from "../../support/watched.ts";
import { changedLines, pipelineFiles } from "./mutants.ts";

const options = { sdkVersion: "2.17.0", roots: [], env: { HOME: "/home/w" } };

function filesOf(texts: Readonly<Record<string, string>>) {
  return {
    read: (path: string) => texts[path.replace("/w/", "")],
    list: (folder: string) => (folder === "/w" ? Object.keys(texts).sort() : []),
  };
}

/** All that an analysis says, compiled. */
function said({ diagnostics, definitions }: Analysis) {
  return {
    diagnostics,
    definitions: definitions.map((one) => ({ ...one, component: one.component?.(), compile: one.compile() })),
  };
}

/** All that services ask of what was seen: what each place came out as, what is about which component, what is a channel. */
function shown(meanings: Meanings | undefined) {
  if (!meanings) throw new Error("the analysis has a memory");
  return meanings.paths.map((path) => ({
    path,
    tree: meanings.tree(path),
    seen: meanings
      .seen(path)
      .map(({ start, end, meaning }) => `${start} ${end} ${worded(meaning)}`)
      .sort(),
    symbols: symbolsOf(meanings, path).map(({ member, source, span }) => ({ member, source: source.nameSpan, span })),
    channels: channelMarks(meanings, path),
  }));
}

function worded(meaning: Meaning): string {
  switch (meaning.kind) {
    case "component":
      return JSON.stringify(meaning.component);
    case "task":
    case "outputs":
      return `${meaning.kind} ${meaning.task.name} ${JSON.stringify([meaning.task.span, meaning.task.component.span])}`;
    case "channel":
      return meaning.channel.kind === "task-output"
        ? `${meaning.channel.task.name}.${meaning.channel.key}`
        : `${meaning.channel.kind} ${JSON.stringify(meaning.channel.type)}`;
    case "module":
    case "member":
      return `${meaning.kind} ${meaning.name}`;
  }
}

/** A workspace with its texts, and what its analyses had to do since they were last asked. */
function start(first: Readonly<Record<string, string>>) {
  const texts: Record<string, string> = { ...first };
  let done: Work[] = [];
  const memory: AnalysisMemory = { onWork: (work) => void done.push(work) };
  const workspace = createWorkspace(filesOf(texts), () => options, undefined, memory);
  return {
    texts,
    workspace,
    edit: (name: string, from: string, to: string): void => {
      expect(texts[name]).toContain(from);
      texts[name] = (texts[name] ?? "").replace(from, to);
    },
    /** Analyses a file, holds it against an analysis without a memory, and tells what had to be done. */
    work: async (name = "p.py") => {
      done = [];
      const analysis = await workspace.analysis(`/w/${name}`);
      const made = done;
      expect(said(analysis)).toEqual(said(await analyzeFile(`/w/${name}`, filesOf(texts), options)));
      expect(shown(analysis.meanings)).toEqual(shown(readMeanings(`/w/${name}`, filesOf(texts), options)));
      const names = (kind: "component" | "pipeline") => made.flatMap((one) => (one.kind === kind ? [one.name] : []));
      return {
        parsed: made.reduce((sum, one) => sum + (one.kind === "parse" ? one.statements : 0), 0),
        modules: made.flatMap((one) => (one.kind === "module" ? [one.path] : [])),
        components: names("component"),
        pipelines: names("pipeline"),
      };
    },
  };
}

const steps = `from kfp import dsl

LIMIT = 3


@dsl.component
def load(rows: int) -> int:
    return rows


@dsl.component(packages_to_install=["pandas"])
def train(rows: int, rate: float = 0.1) -> float:
    return rows * rate


def helper(rows):
    return load(rows=rows)
`;

const pipelines = `from kfp import dsl
from steps import LIMIT, helper, load, train

RATES = [0.1, 0.2]


@dsl.pipeline
def small(rows: int = LIMIT):
    load(rows=rows)


@dsl.pipeline
def large(rows: int = 10):
    task = helper(rows)
    for rate in RATES:
        train(rows=task.output, rate=rate)


@dsl.container_component
def say(text: str):
    return dsl.ContainerSpec(image="busybox", command=["echo"], args=[text])


@dsl.pipeline
def talk():
    say(text="hello")
`;

const both = { "p.py": pipelines, "steps.py": steps };
const nothing = { components: [], pipelines: [] };

describe("an edit is worked out again only where it is seen", () => {
  it("the first time, all of it; the second, nothing", async () => {
    const { work } = start(both);
    expect(await work()).toEqual({
      parsed: 7 + 5,
      modules: ["/w/p.py", "/w/steps.py"],
      components: ["load", "train", "say"],
      pipelines: ["small", "large", "talk"],
    });
    expect(await work()).toEqual({ parsed: 0, modules: [], ...nothing });
  });
  it.each([
    ["a comment above everything", "from kfp", "# The pipelines.\nfrom kfp", 2],
    ["blank lines between", "\n\n@dsl.pipeline\ndef large", "\n\n\n\n@dsl.pipeline\ndef large", 2],
    ["a comment between", "RATES", "# How fast.\nRATES", 2],
  ])("%s moves places", async (_, from, to, most) => {
    const { edit, work } = start(both);
    await work();
    edit("p.py", from, to);
    const { parsed, ...rest } = await work();
    expect(rest).toEqual({ modules: ["/w/p.py", "/w/steps.py"], ...nothing });
    expect(parsed).toBeLessThanOrEqual(most);
  });
  it("of a pipeline: that pipeline", async () => {
    const { edit, work } = start(both);
    await work();
    edit("p.py", 'text="hello"', 'text="bye"');
    expect(await work()).toMatchObject({ parsed: 1, components: [], pipelines: ["talk"] });
    edit("p.py", 'text="bye"', "text=");
    expect(await work()).toMatchObject({ components: [], pipelines: ["talk"] });
    edit("p.py", "text=", 'text="again"');
    expect(await work()).toMatchObject({ components: [], pipelines: ["talk"] });
  });
  it("of a component: it, and the pipelines whose specs carry it", async () => {
    const { edit, work } = start(both);
    await work();
    edit("steps.py", "return rows * rate", "return rows * rate * 2");
    expect(await work()).toMatchObject({ parsed: 1, components: ["train"], pipelines: ["large"] });
    edit("p.py", '"busybox"', '"alpine"');
    expect(await work()).toMatchObject({ parsed: 1, components: ["say"], pipelines: ["talk"] });
  });
  it("of a name: who uses it, through functions too", async () => {
    const { edit, work } = start(both);
    await work();
    edit("p.py", "[0.1, 0.2]", "[0.1, 0.3]");
    expect(await work()).toMatchObject({ components: [], pipelines: ["large"] });
    edit("steps.py", "LIMIT = 3", "LIMIT = 4");
    expect(await work()).toMatchObject({ components: [], pipelines: ["small"] });
    edit("steps.py", "load(rows=rows)", "load(rows=rows).set_display_name('Load')");
    expect(await work()).toMatchObject({ components: [], pipelines: ["large"] });
  });
  it("of a module: the files that import it, and no others", async () => {
    const other = { "other.py": pipelines.replace("from steps import LIMIT, helper, load, train", steps) };
    const { edit, work, workspace } = start({ ...both, ...other });
    await work();
    await work("other.py");
    edit("steps.py", "return rows\n", "return rows + 1\n");
    expect(workspace.isFresh("/w/p.py")).toBe(false);
    expect(workspace.isFresh("/w/other.py")).toBe(true);
    expect(await work("other.py")).toEqual({ parsed: 0, modules: [], ...nothing });
    expect(await work()).toMatchObject({ parsed: 1, components: ["load"], pipelines: ["small", "large"] });
  });
  it("shares a module's components among the files that import it", async () => {
    const { work } = start({ ...both, "q.py": pipelines });
    await work();
    expect(await work("q.py")).toMatchObject({ parsed: 7, components: ["say"], pipelines: ["small", "large", "talk"] });
  });
  it("draws the same picture without drawing it", async () => {
    const { edit, workspace } = start(both);
    const { graph } = await workspace.graph("/w/p.py", "large", []);
    edit("p.py", "from kfp", "# A comment.\nfrom kfp");
    expect((await workspace.graph("/w/p.py", "large", [])).graph).toBe(graph);
    edit("p.py", "in RATES", "in RATES[1:]");
    expect((await workspace.graph("/w/p.py", "large", [])).graph).not.toBe(graph);
  });
});

/** Programs whose pipeline is worked out by ways other than its own text; the edit is of that way. */
const seen: readonly (readonly [what: string, text: string, from: string, to: string])[] = [
  [
    "a helper of a helper",
    "def a():\n    return 1\ndef b():\n    return a()\n#P\n    f(x=b())\n",
    "return 1",
    "return 2",
  ],
  ["a helper's default", "def a(n=1):\n    return n\n#P\n    f(x=a())\n", "n=1", "n=2"],
  [
    "a closure",
    "def make(n):\n    def g():\n        return n\n    return g\ng = make(1)\n#P\n    f(x=g())\n",
    "make(1)",
    "make(2)",
  ],
  ["a lambda in a dict", "all = {'a': lambda: 1}\n#P\n    f(x=all['a']())\n", "lambda: 1", "lambda: 2"],
  [
    "a list filled in a loop",
    "l = []\nfor i in range(2):\n    l.append(i)\n#P\n    for i in l:\n        f(x=i)\n",
    "range(2)",
    "range(3)",
  ],
  ["an item of a list", "l = [1]\nl[0] = 2\n#P\n    f(x=l[0])\n", "= 2", "= 3"],
  ["a class's attribute", "class C:\n    n = 1\n#P\n    f(x=C.n)\n", "n = 1", "n = 2"],
  ["a class's attribute, set later", "class C:\n    n = 1\nC.n = 5\n#P\n    f(x=C.n)\n", "= 5", "= 6"],
  ["a method", "class C:\n    def m(self):\n        return 1\nc = C()\n#P\n    f(x=c.m())\n", "return 1", "return 2"],
  [
    "a base's method",
    "class B:\n    def m(self):\n        return 1\nclass C(B):\n    pass\n#P\n    f(x=C().m())\n",
    "return 1",
    "return 2",
  ],
  [
    "a dataclass",
    "from dataclasses import dataclass\n@dataclass\nclass C:\n    n: int = 1\nc = C()\n#P\n    f(x=c.n)\n",
    "int = 1",
    "int = 2",
  ],
  ["a partial", "from functools import partial\ng = partial(f, x=1)\n#P\n    g()\n", "x=1", "x=2"],
  ["the environment", "import os\nos.environ['N'] = '1'\n#P\n    f(x=int(os.environ['N']))\n", "'1'", "'2'"],
  ["an attribute of a function", "def a():\n    return a.n\na.n = 1\n#P\n    f(x=a())\n", "a.n = 1", "a.n = 2"],
  ["a name of the module, by its dict", "n = 1\n#P\n    f(x=globals()['n'])\n", "n = 1", "n = 2"],
  ["an enum", "from enum import Enum\nclass E(Enum):\n    A = 1\n#P\n    f(x=E.A.value)\n", "A = 1", "A = 2"],
  [
    "a named tuple",
    "from collections import namedtuple\nT = namedtuple('T', ['a', 'b'])\nt = T(1, 2)\n#P\n    f(x=t.a)\n",
    "['a', 'b']",
    "['b', 'a']",
  ],
  ["a shared list", "a = [1]\nb = a\nb.append(2)\n#P\n    f(x=len(a))\n", "b.append(2)", "pass"],
  ["an iterator that was begun", "i = iter([1, 2, 3])\nnext(i)\n#P\n    f(x=next(i))\n", "next(i)\n", "pass\n"],
  ["a file", "text = open('n.txt').read()\n#P\n    f(x=int(open('n.txt').read()))\n", "text", "other"],
  ["what is written", "open('m.txt', 'w').write('1')\n#P\n    f(x=int(open('m.txt').read()))\n", "'1'", "'2'"],
  ["a module's name, from outside", "import m\nm.n = 1\n#P\n    f(x=m.n)\n", "m.n = 1", "m.n = 2"],
  ["a module's function that uses its names", "import m\nm.n = 1\n#P\n    f(x=m.get())\n", "m.n = 1", "m.n = 2"],
  ["the SDK's own name", "import kfp.dsl\n#P\n    dsl.If\n    f(x=1)\n", "import kfp.dsl", "dsl.If = 1"],
  [
    "a decorator of the user's",
    "def d(g):\n    return g\n@d\ndef a():\n    return 1\n#P\n    f(x=a())\n",
    "return g",
    "return lambda: 3",
  ],
  [
    "the number of an earlier turn",
    "n = 0\ndef a():\n    global n\n    n += 1\n    return n\n#P\n    f(x=a())\n#Q\n    f(x=a())\n",
    "n = 0",
    "n = 1",
  ],
  [
    "a list that pipelines fill",
    "l = []\n#P\n    l.append(1)\n    f(x=len(l))\n#Q\n    f(x=len(l))\n",
    "append(1)",
    "extend([1, 2])",
  ],
  ["a helper that is no more", "def a():\n    return 1\n#P\n    f(x=a())\n", "def a", "def b"],
  ["what stands below", "#P\n    f(x=1)\n\ndef later():\n    return 2\n", "return 2", "return 3"],
  ["a component's default", "N = 1\n@dsl.component\ndef g(x: int = N): pass\n#P\n    g()\n", "N = 1", "N = 2"],
  ["a component's options", "I = 'a'\n@dsl.component(base_image=I)\ndef g(): pass\n#P\n    g()\n", "'a'", "'b'"],
  [
    "a component made by a helper",
    "def make(image):\n    @dsl.component(base_image=image)\n    def g(): pass\n    return g\ng = make('a')\n#P\n    g()\n",
    "make('a')",
    "make('b')",
  ],
  [
    "a function that travels along",
    "def h():\n    return 1\n@dsl.component(additional_funcs=[h])\ndef g() -> int:\n    return h()\n#P\n    g()\n",
    "return 1",
    "return 2",
  ],
  [
    "a name that a body has not",
    "h = 1\n@dsl.component\ndef g() -> int:\n    return h\n#P\n    g()\n",
    "h = 1",
    "k = 1",
  ],
  ["a type", "T = int\n@dsl.component\ndef g(x: T): pass\n#P\n    g(x=1)\n", "T = int", "T = str"],
  ["a type as text", "T = int\n@dsl.component\ndef g(x: 'T'): pass\n#P\n    g(x=1)\n", "T = int", "T = str"],
  [
    "that types are texts",
    "import os\n@dsl.component\ndef g(x: int): pass\n#P\n    g(x=1)\n",
    "from kfp import dsl\n",
    "from __future__ import annotations\nfrom kfp import dsl\n",
  ],
  [
    "a component from YAML",
    "from kfp import components\nc = components.load_component_from_text('{name: a, implementation: {container: {image: b}}}')\n#P\n    c()\n",
    "image: b",
    "image: d",
  ],
  ["a nested pipeline", "@dsl.pipeline\ndef inner():\n    f(x=1)\n#P\n    inner()\n", "x=1", "x=2"],
  [
    "a nested pipeline that moves",
    "@dsl.pipeline\ndef inner():\n    f(x='a')\n#P\n    inner()\n",
    "@dsl.pipeline",
    "# Moved.\n@dsl.pipeline",
  ],
  [
    "a warning that moves",
    "@dsl.component\ndef g() -> int:\n    return missing\nmissing = 1\n@dsl.component\ndef h() -> int:\n    return missing\n#P\n    h()\n",
    "missing = 1",
    "\nmissing = 1",
  ],
];

describe("whatever is seen counts", () => {
  const head = "from kfp import dsl\n@dsl.component\ndef f(x: int): pass\n";
  const define = (name: string) => `@dsl.pipeline\ndef ${name}():`;
  it.each(seen)("%s", async (_, text, from, to) => {
    const program = head + text.replace("#P", define("p")).replace("#Q", define("q"));
    const { edit, work } = start({
      "p.py": program,
      "m.py": "n = 0\ndef get():\n    return n\n",
      "n.txt": "7",
    });
    await work();
    edit("p.py", from, to);
    await work();
    edit("p.py", to, from);
    await work();
  });
  it("a file that a pipeline reads", async () => {
    const { edit, work } = start({
      "p.py": `${head}${define("p")}\n    f(x=int(open("n.txt").read()))\n`,
      "n.txt": "7",
    });
    await work();
    edit("n.txt", "7", "8");
    expect(await work()).toMatchObject({ parsed: 0, components: [], pipelines: ["p"] });
  });
});

describe("a long file", () => {
  it("is parsed again only where it was edited", () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `x${i} = "${"a".repeat(100)}"`);
    const parses = new Parses();
    const parsed: number[] = [];
    const parse = (): unknown =>
      parseAgain("/w/p.py", lines.join("\n"), parses, (work) => {
        if (work.kind === "parse") parsed.push(work.statements);
      });
    parse();
    for (let i = 0; i < 20; i++) {
      lines[4_000 + i] = `y = [${i}]`;
      parse();
    }
    expect(parsed[0]).toBe(5_000);
    expect(parsed).toHaveLength(21);
    expect(Math.max(...parsed.slice(1))).toBeLessThanOrEqual(2);
  });
  it("that becomes too long is read as far as it would be alone", () => {
    // Four words and signs a line: the last of these is one too many.
    const lines = Array.from({ length: 249_998 }, () => "x = 1");
    const parses = new Parses();
    for (const line of ["x = 1", "x = [1, 2, 3, 4, 5]"]) {
      lines.splice(200_000, 1, line, line);
      const text = lines.join("\n");
      const [again, alone] = [parseAgain("/w/p.py", text, parses), parseModule(text)];
      expect(again.problems).toEqual(alone.problems);
      expect(again.body.length).toBe(alone.body.length);
    }
    expect(parseModule(lines.join("\n")).problems).toHaveLength(1);
  });
});

describe("after any edits, what the text alone gives", () => {
  const files = pipelineFiles();
  it.each(Array.from({ length: 12 }, (_, seed) => seed))("sequences %i", async (seed) => {
    for (let run = 0; run < 10; run++) {
      const pick = numbersOf(seed, run);
      let text = files[pick(files.length)] ?? "";
      const parses = new Parses();
      const memory: AnalysisMemory = {};
      for (let edit = 0; edit < 6; edit++) {
        const tree = parseAgain("/w/p.py", text, parses);
        if (!isDeepStrictEqual(tree, parseModule(text))) expect(tree, text).toEqual(parseModule(text));
        const texts = filesOf({ "p.py": text });
        const analysis = await analyzeFile("/w/p.py", texts, options, memory);
        const [again, alone] = [said(analysis), said(await analyzeFile("/w/p.py", texts, options))];
        if (!isDeepStrictEqual(again, alone)) expect(again, text).toEqual(alone);
        const [seen, seenAlone] = [shown(analysis.meanings), shown(readMeanings("/w/p.py", texts, options))];
        if (!isDeepStrictEqual(seen, seenAlone)) expect(seen, text).toEqual(seenAlone);
        const lines = text.split("\n");
        if (pick(3) === 0) text = lines.toSpliced(pick(lines.length), 0, pick(2) === 0 ? "" : "# a comment").join("\n");
        else text = changedLines(text, pick);
      }
    }
  });
});
