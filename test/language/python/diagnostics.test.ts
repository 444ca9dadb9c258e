/** Each wrong file with the place of its problem between `$0` marks. */
import { describe, expect, it } from "vitest";
import { analyze as analyzeAll } from "./check.ts";

const head = `from kfp import dsl
from kfp.dsl import Dataset, Input, Output

@dsl.component
def make(n: int, data: Output[Dataset]) -> str:
    return str(n)

@dsl.component
def use(text: str, times: int = 1):
    print(text)

`;

function pipeline(...lines: string[]): string {
  return `${head}@dsl.pipeline\ndef main(n: int = 1):\n${lines.map((line) => `    ${line}`).join("\n")}\n`;
}

/** Analyses the text without its marks; one problem is expected, with the code, between them. */
/** Without hints: what these files leave unused is not their point. */
function analyze(...given: Parameters<typeof analyzeAll>): ReturnType<typeof analyzeAll> {
  const analysis = analyzeAll(...given);
  return { ...analysis, diagnostics: analysis.diagnostics.filter(({ severity }) => severity !== "hint") };
}

function check(marked: string, code: string, others: Readonly<Record<string, string>> = {}): void {
  const start = marked.indexOf("$0");
  const end = marked.indexOf("$0", start + 2) - 2;
  const { diagnostics } = analyze(marked.replaceAll("$0", ""), others);
  expect(diagnostics.map(({ code: found, span }) => [found, span.start, span.end])).toEqual([[code, start, end]]);
}

describe("diagnostics", () => {
  it("a syntax error, and the rest of the file stands", () => {
    const text = `${head}x = $0)$0\n@dsl.pipeline\ndef main():\n    use(text="a")\n`;
    check(text, "syntax-error");
    expect(analyze(text.replaceAll("$0", "")).definitions.map(({ symbol }) => symbol)).toEqual(["make", "use", "main"]);
  });
  it("an unclosed bracket", () =>
    check(`${head}@dsl.pipeline\ndef main():\n    use$0($0text="a"\n    use(text="b")\n`, "syntax-error"));
  it("an unknown component", () => check(pipeline("$0mke$0(n=1)", 'use(text="a")'), "undefined-name"));
  it("a component whose text is not known", () =>
    check(
      `from kfp import components\nimport base64\nload = components.load_component_from_text(base64.b64decode("YQ=="))\n${pipeline('use(text="a")', "$0load$0()")}`,
      "not-known",
    ));
  it("a step that cannot be read is told of once", () =>
    check(`import lib\n${pipeline('$0lib.step$0(n=1).after(use(text="b"))')}`, "not-known"));
  it("a missing argument", () => check(pipeline("$0make()$0"), "missing-inputs"));
  it("an unknown argument", () => check(pipeline('use(text="a", size=$03$0)'), "unknown-input"));
  it("a positional argument", () => check(pipeline('use($0"a"$0, text="b")'), "positional-argument"));
  it("a wrong type", () => check(pipeline("use(text=$0n$0)"), "argument-type"));
  it("an int for a float is as wrong as in the SDK", () =>
    check(
      `${head}@dsl.component\ndef rate(x: float):\n    pass\n${pipeline("rate(x=$01$0)").slice(head.length)}`,
      "argument-type",
    ));
  it("an artifact for a parameter", () =>
    check(pipeline("made = make(n=n)", 'use(text=$0made.outputs["data"]$0)'), "argument-type"));
  it("an unknown output", () =>
    check(pipeline("made = make(n=n)", 'use(text=$0made.outputs["txt"]$0)'), "unknown-output"));
  it("`.output` of a task with several", () =>
    check(pipeline("made = make(n=n)", "use(text=$0made.output$0)"), "which-output"));
  it("an unresolved relative import", () =>
    check(`from $0.steps$0 import a\n${pipeline('use(text="a")')}`, "unresolved-import"));
  it("a name that a module does not have", () =>
    check(`from steps import $0b$0\n${pipeline('use(text="a")')}`, "unresolved-name", { "steps.py": "a = 1\n" }));
  it("a third-party module where it matters, and only there", () => {
    check(
      `import loguru\nimport lib\nloguru.logger.info("hi")\n${pipeline("$0lib.step$0(n=n)", 'use(text="a")')}`,
      "not-known",
    );
    expect(
      analyze(`import loguru\nfrom lib import x\n${pipeline('loguru.logger.info("hi")', 'use(text="a")')}`).diagnostics,
    ).toEqual([]);
  });
  it("a cycle", () => {
    const { diagnostics } = analyze(pipeline('a = use(text="a")', 'b = use(text="b").after(a)', "a.after(b)"));
    expect(diagnostics.map(({ code }) => code)).toEqual(["dependency-cycle"]);
  });
  it("a pipeline of no steps", () => check(`${head}@dsl.pipeline\ndef $0main$0():\n    pass\n`, "pipeline-empty"));
  it("a parameter without a type", () =>
    check(`${head}@dsl.component\ndef bad($0x$0):\n    pass\n`, "untyped-parameter"));
  it("a condition that is decided already", () =>
    check(pipeline("with dsl.If($01 == 1$0):", '    use(text="a")'), "condition-constant"));
  it("a loop without an end", () => {
    const { diagnostics } = analyze(`${head}while True:\n    x = 1\n`);
    expect(diagnostics.map(({ code }) => code)).toEqual(["endless-evaluation"]);
  });
  it("recursion without an end", () => check(`${head}def f(x):\n    return $0f(x)$0\nf(1)\n`, "python-error"));
  it("an exception while the module is read, and what stands after it", () => {
    const { definitions, diagnostics } = analyze(
      `import os\nif not os.getenv("TOKEN"):\n    raise ValueError("TOKEN must be set")\n${pipeline('use(text="a")')}`,
    );
    expect(diagnostics.map(({ message }) => message)).toEqual(["ValueError: TOKEN must be set."]);
    expect(definitions.at(-1)?.compile().compiled).toBeDefined();
  });
});

describe("annotations that are only texts", () => {
  const future = (annotation: string): string =>
    `from __future__ import annotations\nfrom kfp import dsl\ndef helper(x: Missing) -> Missing:\n    return x\n@dsl.component\ndef c(n: ${annotation}):\n    pass\n`;
  it("says what the SDK is given, and what to do", () => {
    const [problem, ...more] = analyze(future("int")).diagnostics;
    expect(more).toEqual([]);
    expect([problem?.code, problem?.hint]).toEqual([
      "not-a-type",
      'Remove "from __future__ import annotations": the SDK sees only the texts of types there.',
    ]);
  });
  it("takes the names that the SDK knows", () => expect(analyze(future("Integer")).diagnostics).toEqual([]));
});

describe("values of the run where Python wants them now", () => {
  it.each([
    ["n + 1", "Work it out in a component"],
    ["n[0]", "Work it out in a component"],
    ["make(n=1).outputs['data'].uri", "A component that takes the artifact"],
    ["(n == 1) | (n == 2)", "Nest one dsl.If in another"],
  ])("%s", (expression, hint) => {
    const { diagnostics } = analyze(pipeline(`x = ${expression}`));
    expect(diagnostics.map(({ code }) => code)).toEqual(["runtime-only"]);
    expect(diagnostics[0]?.message).toContain(`\`${expression}\``);
    expect(diagnostics[0]?.hint).toContain(hint);
  });
});
