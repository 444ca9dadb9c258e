/** Whatever a file is cut or garbled into, it is read without a throw, and in time. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseModule } from "../../../language/python/parse.ts";
import { analyze } from "./check.ts";

const sample = readFileSync(resolve(import.meta.dirname, "../../../samples/churn/pipeline.py"), "utf8");
const rich = readFileSync(`${import.meta.dirname}/fixtures/templates/pipe_k8s.py`, "utf8") + sample;

/** The same numbers on every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

describe("robustness", () => {
  it("cuts at every 23rd character", () => {
    for (let at = 0; at < rich.length; at += 23) expect(analyze(rich.slice(0, at)).path).toBe("/w/pipeline.py");
  });
  it("spans removed, doubled, swapped and garbled", () => {
    const pick = numbers(7);
    const signs = "()[]{}:,.=\"'\\\n\t #@*{}";
    for (let i = 0; i < 400; i++) {
      const from = pick(rich.length);
      const to = Math.min(rich.length, from + pick(60));
      const part = rich.slice(from, to);
      const other = pick(rich.length);
      const mutants = [
        rich.slice(0, from) + rich.slice(to),
        rich.slice(0, to) + part + rich.slice(to),
        rich.slice(0, other) + part + rich.slice(other),
        rich.slice(0, from) + signs.charAt(pick(signs.length)) + rich.slice(from + 1),
      ];
      for (const text of mutants) {
        const { definitions } = analyze(text);
        for (const definition of definitions) definition.compile();
      }
    }
  });
  it.each([
    ["brackets", "(".repeat(10_000)],
    ["nested lists", `x = ${"[".repeat(10_000)}${"]".repeat(10_000)}`],
    ["unary signs", `x = ${"-".repeat(10_000)}1`],
    ["indentation", Array.from({ length: 500 }, (_, i) => `${" ".repeat(i)}if x:`).join("\n")],
    ["a sum of many terms", `x = ${"1 + ".repeat(20_000)}1`],
    ["a long line", `x = "${"a".repeat(2_000_000)}"`],
    ["huge numbers", "x = 10 ** 10 ** 10\ny = 'a' * 10 ** 12\nz = [0] * 10 ** 12\nfor i in range(10 ** 18): pass"],
    ["a doubling list", "x = [1]\nwhile True:\n    x = x + x"],
    ["a doubling text", "x = 'a'\nwhile True:\n    x = f'{x}{x}'"],
    ["iterators without an end", "import itertools\nx = list(itertools.count())"],
    ["a cycle walked", "import itertools\nx = sum(n for n in itertools.cycle([1]))"],
    ["a generator without an end", "def f():\n    while True:\n        yield 1\nfor x in f(): pass"],
    ["a generator of itself", "def f():\n    yield from f()\nlist(f())\nnext(f())"],
    ["a file that grows", "with open('/tmp/x', 'w') as f:\n    while True:\n        f.write('a' * 1000)"],
    ["folders without an end", "import os\nx = '/tmp'\nwhile True:\n    x = x + '/a'\n    os.makedirs(x)"],
    [
      "a YAML bomb",
      `import yaml\nx = yaml.safe_load("a: &a [1]\\n" + "".join(f"b{i}: &b{i} [*a, *a, *a, *a, *a, *a, *a, *a]\\n".replace("*a", f"*b{i-1}" if i else "*a") for i in range(20)))`,
    ],
    ["mutual recursion", "def f(): return g()\ndef g(): return f()\nf()"],
    ["a list that holds itself", "x = []\nx.append(x)\ny = str(x)\nimport json\njson.dumps(x)"],
    ["no text", ""],
    ["control characters", "\0\x01\u2028\ufeff\ud800"],
  ])("%s", (_, text) => {
    // Of this process: what else the machine does meanwhile is none of the file's work.
    const start = process.cpuUsage();
    analyze(text);
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(8_000);
  });
  it("cyclic imports end", () => {
    const { diagnostics } = analyze("import a\n", {
      "a.py": "import b\nx = 1\n",
      "b.py": "import a\nfrom pipeline import y\n",
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(["unresolved-name"]);
  });
  it("spans lie in the file", () => {
    for (let at = 5; at < sample.length; at += 101) {
      const text = sample.slice(0, at);
      for (const { start, end } of parseModule(text).problems) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(text.length + 1);
        expect(start).toBeLessThanOrEqual(end);
      }
    }
  });
});
