/** Each repair applied: what it is for is gone, nothing new is said, and the text is as expected. */
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../../language/diagnostics.ts";
import { analyzePython } from "../../../language/python/front-end.ts";
import { readMeanings } from "../../../language/python/front-end.ts";
import { fixes } from "../../../language/services/fixes.ts";
import { memoryFiles } from "../python/check.ts";
import { options, path } from "./marked.ts";

const head = `from typing import List, NamedTuple
from kfp import compiler, dsl, kubernetes
from kfp.dsl import Dataset, Input, Output

@dsl.component
def add(x: int, y: int = 1) -> int:
    return x + y

@dsl.component
def say(text: str, loud: bool = False, share: float = 0.5) -> str:
    return text

@dsl.component
def total(values: List[int]) -> int:
    return sum(values)

@dsl.component
def make(data: Output[Dataset], other: Output[Dataset]):
    pass

`;

function said(text: string): readonly Diagnostic[] {
  return analyzePython(path, memoryFiles({ [path]: text }), options).diagnostics;
}

/** Applies the repair with the title to the only complaint of that code. */
function check(code: string, title: string, before: string, after: string): void {
  const text = head + before;
  const diagnostics = said(text);
  const complaints = diagnostics
    .filter((one) => one.code === code)
    .map((one) => ({ code, start: one.span.start, end: one.span.end }));
  expect(complaints.length, `${code} among ${diagnostics.map((one) => one.code).join(", ")}`).toBeGreaterThan(0);
  const files = memoryFiles({ [path]: text });
  const meanings = readMeanings(path, files, options);
  const found = fixes(meanings, path, { start: 0, end: text.length }, complaints);
  const fix = found.find((one) => one.title === title);
  expect(fix, found.map((one) => one.title).join(", ")).toBeDefined();
  let repaired = text;
  const edits = fix?.edits ?? [];
  for (const { span, text: by } of edits.toReversed().toSorted((a, b) => b.span.start - a.span.start))
    repaired = repaired.slice(0, span.start) + by + repaired.slice(span.end);
  expect(repaired).toBe(head + after);
  const left = said(repaired).map((one) => one.code);
  expect(left).not.toContain(code);
  const old = new Set(diagnostics.map((one) => one.code));
  expect(left.filter((one) => !old.has(one))).toEqual([]);
}

const pipeline = (...lines: string[]): string =>
  `@dsl.pipeline\ndef p(n: int, t: str, ok: bool):\n    say(text=t, loud=ok)\n    add(x=n)\n${lines.map((line) => `    ${line}\n`).join("")}`;

describe("values", () => {
  it.each([
    ["text for a number", "argument-type", "Change to 3", ['add(x="3")'], ["add(x=3)"]],
    ["a fraction for a number", "argument-type", "Change to 3", ["add(x=3.0)"], ["add(x=3)"]],
    ["a number for text", "argument-type", 'Change to "3"', ["say(text=3)"], ['say(text="3")']],
    [
      "a whole number for a fraction",
      "argument-type",
      "Change to 2.0",
      ['say(text="a", share=2)'],
      ['say(text="a", share=2.0)'],
    ],
    [
      "text for a boolean",
      "argument-type",
      "Change to True",
      ['say(text="a", loud="true")'],
      ['say(text="a", loud=True)'],
    ],
    ["one for a list", "argument-type", "Change to [1]", ["total(values=1)"], ["total(values=[1])"]],
    ["a number of the run for text", "argument-type", 'Change to f"{n}"', ["say(text=n)"], ['say(text=f"{n}")']],
    [
      "a loop's output for a list",
      "argument-type",
      "Change to dsl.Collected(a.output)",
      ["with dsl.ParallelFor([1]) as i:", "    a = add(x=i)", "total(values=a.output)"],
      ["with dsl.ParallelFor([1]) as i:", "    a = add(x=i)", "total(values=dsl.Collected(a.output))"],
    ],
    [
      "a task",
      "not-an-argument",
      "Change to a.output",
      ["a = add(x=1)", "add(x=a)"],
      ["a = add(x=1)", "add(x=a.output)"],
    ],
    ["places", "positional-argument", "Give by name", ["add(1, 2)"], ["add(x=1, y=2)"]],
    [
      "a number of cores",
      "setting-value",
      'Change to "2"',
      ["add(x=1).set_cpu_limit(2)"],
      ['add(x=1).set_cpu_limit("2")'],
    ],
    [
      "after an output",
      "after-group",
      "Change to a",
      ["a = add(x=1)", "add(x=1).after(a.output)"],
      ["a = add(x=1)", "add(x=1).after(a)"],
    ],
    [
      "a bare boolean",
      "condition-constant",
      "Change to ok == True",
      ["with dsl.If(ok):", "    add(x=1)"],
      ["with dsl.If(ok == True):", "    add(x=1)"],
    ],
    [
      "a plain if",
      "decided-now",
      "Use dsl.If",
      ["if n == 1:", "    add(x=1)"],
      ["with dsl.If(n == 1):", "    add(x=1)"],
    ],
    [
      "an output among several",
      "which-output",
      'Change to outputs["data"]',
      ["x = make().output"],
      ['x = make().outputs["data"]'],
    ],
    ["an unknown option", "unknown-input", "Change to y", ["add(x=1, yy=2)"], ["add(x=1, y=2)"]],
  ] as const)("%s", (_, code, title, before, after) => check(code, title, pipeline(...before), pipeline(...after)));

  it("JSON", () => {
    const compiled = (name: string): string => `${pipeline("add(x=1)")}compiler.Compiler().compile(p, "${name}")\n`;
    check("deprecated", 'Change to "p.yaml"', compiled("p.json"), compiled("p.yaml"));
    check("wrong-value", 'Change to "p.yaml"', compiled("p.tar.gz"), compiled("p.yaml"));
  });
});

describe("definitions", () => {
  const component = (decorator: string, signature: string, ...lines: string[]): string =>
    `@dsl.component${decorator}\ndef c${signature}:\n${lines.map((line) => `    ${line}\n`).join("")}`;

  it.each([
    ["a name", "undefined-name", "Change to total", pipeline("totl(values=[1])"), pipeline("total(values=[1])")],
    [
      "a step's name",
      "undefined-name",
      "Change to first",
      pipeline("first = add(x=1)", "add(x=1).after(firs)"),
      pipeline("first = add(x=1)", "add(x=1).after(first)"),
    ],
    [
      "no type",
      "untyped-parameter",
      "Add the type str",
      component("", "(x)", "print(x)"),
      component("", "(x: str)", "print(x)"),
    ],
    [
      "no type beside a default",
      "untyped-parameter",
      "Add the type int",
      component("", "(x=3)", "print(x)"),
      component("", "(x: int=3)", "print(x)"),
    ],
    [
      "a default of an artifact",
      "artifact-default",
      "Change to None",
      component("", '(x: Input[Dataset] = "a")', "pass"),
      component("", "(x: Input[Dataset] = None)", "pass"),
    ],
    [
      "a type in quotes",
      "not-a-type",
      "Change to int",
      component("", '(x: "int")', "pass"),
      component("", "(x: int)", "pass"),
    ],
    [
      "a package",
      "absent-module",
      'Add "scikit-learn" to packages_to_install',
      component("", "()", "import sklearn"),
      component('(packages_to_install=["scikit-learn"])', "()", "import sklearn"),
    ],
    [
      "a package beside others",
      "absent-module",
      'Add "torch" to packages_to_install',
      component('(base_image="python:3.12", packages_to_install=["numpy"])', "()", "from torch import nn"),
      component('(base_image="python:3.12", packages_to_install=["numpy", "torch"])', "()", "from torch import nn"),
    ],
    [
      "an import",
      "outside-name",
      "Import json inside of c",
      `import json\n${component("", "() -> str", '"""Says."""', "return json.dumps([])")}`,
      `import json\n${component("", "() -> str", '"""Says."""', "import json", "return json.dumps([])")}`,
    ],
    [
      "an import by another name",
      "outside-name",
      "Import join inside of c",
      `from os.path import join, split\n${component("", "() -> str", "return join('a', 'b')")}`,
      `from os.path import join, split\n${component("", "() -> str", "from os.path import join", "return join('a', 'b')")}`,
    ],
    [
      "a function",
      "outside-name",
      "Add half to additional_funcs",
      `def half(x):\n    return x / 2\n${component("", "() -> float", "return half(3)")}`,
      `def half(x):\n    return x / 2\n${component("(additional_funcs=[half])", "() -> float", "return half(3)")}`,
    ],
    [
      "an artifact of a container component",
      "artifact-marker",
      "Change to Input[Dataset]",
      "@dsl.container_component\ndef c(x: Dataset):\n    return dsl.ContainerSpec(image='a', args=[x.path])\n",
      "@dsl.container_component\ndef c(x: Input[Dataset]):\n    return dsl.ContainerSpec(image='a', args=[x.path])\n",
    ],
    [
      "an option of a component",
      "unknown-parameter",
      "Change to base_image",
      component('(baseimage="a")', "()", "pass"),
      component('(base_image="a")', "()", "pass"),
    ],
  ] as const)("%s", (_, code, title, before, after) => check(code, title, before, after));

  it("an import of the SDK", () =>
    check(
      "unresolved-name",
      "Change to local",
      `from kfp import locl\n${pipeline()}`,
      `from kfp import local\n${pipeline()}`,
    ));

  it("a type or nothing", () => {
    const text = head + component("", "(x: int | None = None)", "pass");
    const [complaint] = said(text).filter((one) => one.code === "not-a-type");
    const [fix] = fixes(
      readMeanings(path, memoryFiles({ [path]: text }), options),
      path,
      { start: 0, end: text.length },
      [{ code: "not-a-type", start: complaint?.span.start ?? 0, end: complaint?.span.end ?? 0 }],
    );
    expect(fix?.edits.map((edit) => edit.text)).toEqual(["from typing import Optional\n", "Optional[int]"]);
  });
});
