/** Files that are too much: each is read within bounds, and what is too much of it is said in words. */

export interface BadInput {
  readonly file: string;
  readonly text: () => string;
  readonly others?: Readonly<Record<string, string>>;
  /** What is said, `code: part of the message`, and the line, counted from 1; absent: nothing is wrong. */
  readonly says?: { readonly what: string; readonly line: number };
}

const head = "from kfp import dsl\n@dsl.component\ndef step(x: int) -> int:\n    return x + 1\n";
/** Its body begins in line 7. */
const pipeline = (body: string): string =>
  `${head}@dsl.pipeline\ndef p(n: int = 1):\n${body.replaceAll(/^(?=.)/gm, "    ")}\n`;
const many = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");
const typescript = (body: string): string =>
  `import { component, pipeline, type Int } from "millrace";
export const step = component({}, ({ x }: { x: Int }): Int => x);
export const p = pipeline(() => {
${body}
  step({ x: 1 });
});
`;
/** Each of nine anchors holds the one before it ten times. */
const bomb = (indent = ""): string =>
  many(
    10,
    (i) => `${indent}a${i}: &a${i} [${i === 0 ? "x" : Array.from({ length: 10 }, () => `*a${i - 1}`).join(", ")}]`,
  );

const python = (text: () => string, what?: string, line = 1): BadInput => ({
  file: "p.py",
  text,
  ...(what !== undefined && { says: { what, line } }),
});
const steps = "endless-evaluation: too many steps";
const tooDeep = "syntax-error: too deeply nested";
const tooLong = "syntax-error: the file is too long; it is read up to here";
const tooLarge = "python-error: MemoryError: ";

export const badInputs: Readonly<Record<string, BadInput>> = {
  // Long files.
  "100,000 lines": python(() => head + many(100_000, (i) => `x${i} = ${i}`)),
  "20,000 functions": python(
    () =>
      head + many(20_000, (i) => `def f${i}(a):\n    """Says."""\n    if a > ${i}:\n        return [a]\n    return {}`),
  ),
  "10,000 components": python(() => head + many(10_000, (i) => `@dsl.component\ndef f${i}(x: int):\n    print(x)`)),
  "100,000 steps": python(() => pipeline(many(100_000, (i) => `t${i} = step(x=${i})`)), steps, 0),
  "100,000 wrong lines": python(() => head + many(100_000, () => "x = )"), "syntax-error: expected an expression", 5),
  "100,000 unclosed brackets": python(
    () => head + many(100_000, () => "x = ("),
    'syntax-error: "(" was never closed',
    5,
  ),
  "100,000 unknown names": python(() => head + many(100_000, (i) => `u${i}`), "undefined-name: ", 5),
  "20,000 arms": python(() => `${head}if step:\n  pass\n${many(20_000, () => "elif step:\n  pass")}`, tooDeep, 6005),
  // One line of 5 MB.
  "a long text": python(() => `${head}x = "${"a".repeat(5e6)}"`),
  "a long comment": python(() => `${head}x = 1 # ${"a".repeat(5e6)}`),
  "a text without an end": python(
    () => `${head}x = "${"a".repeat(5e6)}`,
    "syntax-error: unterminated string literal",
    5,
  ),
  "a long list": python(() => `${head}x = [${"1, ".repeat(1.6e6)}]`, tooLong, 5),
  "a long dict": python(() => `${head}x = {${many(300_000, (i) => `"k${i}": ${i},`)}}`, tooLong, 249997),
  "a long f-string": python(() => `${head}x = f"${"{step}".repeat(8e5)}"`, tooLong, 5),
  "f-strings in a long f-string": python(() => `${head}x = f"${"{f'{step}'}".repeat(4e5)}"`, tooLong, 5),
  "a long sum": python(() => `${head}x = ${"1 + ".repeat(1.2e6)}1`, tooDeep, 5),
  "a long chain of attributes": python(() => `${head}x = a${".b".repeat(2.5e6)}`, tooDeep, 5),
  "a long chain of calls": python(() => `${head}x = a${"()".repeat(2.5e6)}`, tooDeep, 5),
  "a long comparison": python(() => `${head}x = 1${" < 2".repeat(1.2e6)}`, tooLong, 5),
  "a long assignment": python(() => `${head}${"x = ".repeat(1.2e6)}1`, tooLong, 5),
  "many statements on a line": python(() => `${head}${"x=1;".repeat(1.2e6)}`, tooLong, 5),
  "a long line, continued": python(() => `${head}x = ${"\\\n".repeat(2e6)}1`),
  "quotes alone": python(() => `${head}x = ${'"'.repeat(5e6)}`),
  "quotes in a field of an f-string": python(
    () => `${head}x = f"{${"'".repeat(500_001)}`,
    "syntax-error: unterminated string literal",
    5,
  ),
  "texts in a field of an f-string": python(
    () => `${head}x = f'''{${'"a" '.repeat(200_001)}`,
    "syntax-error: unterminated string literal",
    5,
  ),
  // Nesting.
  "10,000 open brackets": python(() => `${head}x = ${"(".repeat(10_000)}`, tooDeep, 5),
  "10,000 lists": python(() => `${head}x = ${"[".repeat(10_000)}${"]".repeat(10_000)}`, tooDeep, 5),
  "10,000 signs": python(() => `${head}x = ${"-".repeat(10_000)}1`, tooDeep, 5),
  "10,000 lambdas": python(() => `${head}x = ${"lambda: ".repeat(10_000)}1`, tooDeep, 5),
  "10,000 conditions": python(() => `${head}x = ${"1 if step else ".repeat(10_000)}1`, tooDeep, 5),
  "10,000 f-strings, one in another": python(
    () => `${head}x = ${'f"{'.repeat(10_000)}1${'}"'.repeat(10_000)}`,
    tooDeep,
    5,
  ),
  "500 blocks": python(
    () => head + many(500, (i) => `${" ".repeat(i)}if step:`),
    "syntax-error: too many levels of indentation",
    106,
  ),
  "10,000 lists, made in a loop": python(() => `${head}x = []\nfor i in range(10000):\n    x = [x]\ny = str(x)\n`),
  "10,000 classes": python(
    () => `${head}class A0: pass\n${many(10_000, (i) => `class A${i + 1}(A${i}): pass`)}\nA10000().x`,
    steps,
    0,
  ),
  "2 ** 60 ways to a base": python(
    () =>
      `${head}class A0: pass\n${many(60, (i) => `class B${i}(A${i}): pass\nclass C${i}(A${i}): pass\nclass A${i + 1}(B${i}, C${i}): pass`)}\nA60().x`,
    "python-error: AttributeError: ",
    186,
  ),
  // Without an end.
  "while True": python(() => `${head}while True:\n    pass`, steps, 6),
  "while True, in a pipeline": python(() => pipeline("while True:\n    step(x=1)"), steps, 7),
  "while True, with what fails": python(() => `${head}while True:\n    unknown`, steps, 0),
  "while True, with what is caught": python(
    () => `${head}while True:\n    try:\n        unknown\n    except Exception:\n        pass`,
    steps,
    0,
  ),
  "components without an end": python(() => `${head}while True:\n    @dsl.component\n    def f(): pass`, steps, 0),
  "pipelines without an end": python(
    () => `${head}while True:\n    @dsl.pipeline\n    def f():\n        step(x=1)`,
    steps,
    0,
  ),
  "a helper that calls itself": python(
    () => pipeline("def f(i):\n    f(i + 1)\nf(1)"),
    "python-error: RecursionError: ",
    8,
  ),
  "a helper that calls itself twice": python(
    () => pipeline("def f(i):\n    return 1 if i < 2 else f(i - 1) + f(i - 2)\nf(60)"),
    steps,
    8,
  ),
  "a generator": python(() => `${head}def g():\n    while True:\n        yield 1\nx = list(g())`, steps, 0),
  "an iterator": python(
    () => `${head}class A:\n    def __iter__(self): return self\n    def __next__(self): return 1\nx = list(A())`,
    steps,
    0,
  ),
  "an attribute that asks for itself": python(
    () => `${head}class A:\n    def __getattr__(self, name): return self.x\nA().y`,
    "python-error: RecursionError: ",
    0,
  ),
  "a text that asks for itself": python(
    () => `${head}class A:\n    def __str__(self): return str(self)\nstr(A())`,
    "python-error: RecursionError: ",
    0,
  ),
  "a decorator of decorators": python(() => `${head}def d(f): return d\n${"@d\n".repeat(20_000)}def f(): pass`),
  "a pipeline in itself": python(() => `${head}@dsl.pipeline\ndef p():\n    p()`, "undefined-name: ", 7),
  // Much from little.
  "a large text": python(() => `${head}x = "x" * 10**9`, tooLarge, 5),
  "a large number": python(() => `${head}x = 10 ** 10 ** 8`, "python-error: OverflowError: ", 5),
  "a number that squares itself": python(() => `${head}x = 10\nwhile True:\n    x = x * x`, steps, 0),
  "a large shift": python(() => `${head}x = 1 << 10 ** 9`, "python-error: OverflowError: ", 5),
  "a large range": python(() => `${head}x = list(range(10**9))`, tooLarge, 5),
  "many ranges": python(() => `${head}x = [list(range(4000000)) for i in range(1000)]`, steps, 5),
  "many texts": python(() => `${head}x = ["x" * 4000000 + str(i) for i in range(10000)]`, steps, 5),
  "three loops in one": python(
    () => `${head}x = [1 for a in range(10000) for b in range(10000) for c in range(10000)]`,
    steps,
    5,
  ),
  "all combinations": python(
    () => `${head}import itertools\nx = list(itertools.product(range(1000), range(1000), range(1000)))`,
    tooLarge,
    6,
  ),
  "a wide format": python(() => `${head}x = f"{1:1000000000}"`),
  "a text for each letter": python(() => `${head}x = "a" * 1000000\ny = x.replace("a", x)`, tooLarge, 6),
  "a list that doubles itself": python(() => `${head}x = [0]\nwhile True:\n    x.extend(x)`, tooLarge, 0),
  "a dict that grows": python(
    () => `${head}x = {}\ni = 0\nwhile True:\n    x[i] = "a" * 1000 + str(i)\n    i += 1`,
    steps,
    0,
  ),
  "a pattern that looks everywhere": python(() => `${head}import re\nx = re.match("(a+)+$", "a" * 40 + "b")`),
  "a list in itself": python(
    () => pipeline("x = []\nx.append(x)\nstep(x=x)"),
    "endless-evaluation: nested too deeply",
    9,
  ),
  "lists in JSON": python(
    () => `${head}import json\nx = json.loads("[" * 100000 + "]" * 100000)`,
    "python-error: ValueError: ",
    6,
  ),
  // Imports.
  "a module that imports itself": { file: "p.py", text: () => `${head}import p\nx = p.step`, others: {} },
  "modules that import one another": {
    file: "p.py",
    text: () => `${head}import a\nx = a.b.a.b.y`,
    others: { "a.py": "import b\n", "b.py": "import a\ny = 1\n" },
  },
  "modules that ask one another too early": {
    file: "p.py",
    text: () => `${head}from a import x`,
    others: { "a.py": "from b import y\nx = 1\n", "b.py": "from a import x\ny = 1\n" },
    says: { what: 'unresolved-name: "a" has no "x"', line: 0 },
  },
  "a chain of 1,000 modules": {
    file: "p.py",
    text: () => `${head}import m0`,
    others: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`m${i}.py`, `import m${i + 1}\n`])),
    says: { what: "endless-evaluation: nested too deeply", line: 0 },
  },
  // YAML and JSON.
  "a YAML bomb": {
    file: "p.yaml",
    text: () => `${bomb()}\npipelineInfo: *a9\n`,
    says: { what: "file-too-large: its aliases unfold without end", line: 1 },
  },
  "a YAML bomb in a spec": {
    file: "p.yaml",
    text: () =>
      `schemaVersion: 2.1.0\nsdkVersion: kfp-2.17.0\npipelineInfo:\n  name: a\ndeploymentSpec:\n${bomb("  ")}\nroot:\n  dag: {}\n`,
    says: { what: "file-too-large: its aliases unfold without end", line: 0 },
  },
  "a YAML bomb in a component": python(
    () =>
      `${head}from kfp import components\nc = components.load_component_from_text("""\nname: c\n${bomb()}\nmetadata: *a9\nimplementation:\n  container: {image: a, command: *a9}\n""")\n`,
    "component-text: its aliases unfold without end",
    6,
  ),
  "10,000 lists in YAML": {
    file: "p.yaml",
    text: () => `pipelineInfo: ${"[".repeat(10_000)}${"]".repeat(10_000)}`,
    says: { what: "file-too-large: nested too deeply", line: 1 },
  },
  "10,000 blocks in YAML": {
    file: "p.yaml",
    text: () => `pipelineInfo:\n${many(10_000, (i) => `${" ".repeat(i + 1)}a:`)}`,
    says: { what: "file-too-large: nested too deeply", line: 1 },
  },
  "10,000 lists in JSON": {
    file: "p.json",
    text: () => `{"pipelineInfo": ${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
    says: { what: "file-too-large: nested too deeply", line: 1 },
  },
  "10,000 objects in JSON": {
    file: "p.json",
    text: () => `{"pipelineInfo": ${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`,
    says: { what: "file-too-large: nested too deeply", line: 1 },
  },
  "10,000 lists in a component's YAML": python(
    () =>
      `${head}from kfp import components\nc = components.load_component_from_text("name: " + "[" * 10000 + "]" * 10000)`,
    "component-text: nested too deeply",
    6,
  ),
  "100,000 lines of YAML": {
    file: "p.yaml",
    text: () => `pipelineInfo:\n  name: a\n${many(100_000, (i) => `k${i}: v${i}`)}`,
    says: { what: "spec-missing: ", line: 0 },
  },
  "a long line of YAML": {
    file: "p.yaml",
    text: () => `pipelineInfo: [${"x,".repeat(2.5e6)}]`,
    says: { what: "file-too-large: lines and items", line: 1 },
  },
  // TypeScript.
  "10,000 lists in TypeScript": {
    file: "p.ts",
    text: () => typescript(`const x = ${"[".repeat(10_000)}${"]".repeat(10_000)};`),
    says: { what: "endless-evaluation: nested too deeply", line: 4 },
  },
  "10,000 brackets in TypeScript": {
    file: "p.ts",
    text: () => typescript(`const x = ${"(".repeat(10_000)}1${")".repeat(10_000)};`),
    says: { what: "endless-evaluation: nested too deeply", line: 4 },
  },
  "a long sum in TypeScript": {
    file: "p.ts",
    text: () => typescript(`const x = ${"1 + ".repeat(20_000)}1;`),
    says: { what: "endless-evaluation: nested too deeply", line: 3 },
  },
  "100,000 lines of TypeScript": {
    file: "p.ts",
    text: () => typescript("") + many(100_000, (i) => `const x${i} = ${i};`),
  },
  "a long text in TypeScript": { file: "p.ts", text: () => typescript(`const x = "${"a".repeat(5e6)}";`) },
  "while (true) in TypeScript": {
    file: "p.ts",
    text: () => typescript("while (true) {}"),
    says: { what: "no-meaning: ", line: 4 },
  },
  "a helper that calls itself, in TypeScript": {
    file: "p.ts",
    text: () => `function f(x: number): number { return f(x + 1); }\n${typescript("f(1);")}`,
    says: { what: "endless-evaluation: ", line: 0 },
  },
  "a text that doubles itself, in TypeScript": {
    file: "p.ts",
    text: () => typescript('let x = "a"; for (;;) { x = x + x; }'),
    says: { what: "endless-evaluation: a text grows without end", line: 3 },
  },
  "a large text in TypeScript": {
    file: "p.ts",
    text: () => typescript('const x = "x".repeat(1e9);'),
    says: { what: "wrong-value: A length must be below a million", line: 4 },
  },
  "a large array in TypeScript": {
    file: "p.ts",
    text: () => typescript("const x = [...Array(1e9).keys()];"),
    says: { what: "not-callable: ", line: 4 },
  },
};
