/** What the SDK compiles without a word and will not work: a warning between the `$0` marks, or none. */
import { describe, expect, it } from "vitest";
import { analyze } from "./check.ts";

function warnings(marked: string): [string, string][] {
  const text = `from kfp import dsl, components\nfrom kfp.dsl import *\nfrom typing import *\n${marked.replaceAll("$0", "")}`;
  const { diagnostics } = analyze(text);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return diagnostics.map(({ code, span }) => [code, text.slice(span.start, span.end)]);
}

/** One warning with the code, between the marks; without marks, none. */
function check(marked: string, code?: string): void {
  const [, inside] = marked.split("$0");
  expect(warnings(marked)).toEqual(inside === undefined || code === undefined ? [] : [[code, inside]]);
}

describe("names from outside of a component", () => {
  const names: readonly (readonly [string, string])[] = [
    ["a constant", "LIMIT = 3\n@dsl.component\ndef c() -> int:\n    return $0LIMIT$0\n"],
    ["a function", "def half(x):\n    return x / 2\n@dsl.component\ndef c() -> float:\n    return $0half$0(3)\n"],
    ["an import", "import json\n@dsl.component\ndef c() -> str:\n    return $0json$0.dumps([])\n"],
    [
      "a module that is not there",
      "import numpy as np\n@dsl.component\ndef c() -> float:\n    return $0np$0.mean([1])\n",
    ],
    ["a default", "START = 3\n@dsl.component\ndef c(x: int = $0START$0) -> int:\n    return x\n"],
    ["a name in a lambda", "base = 3\n@dsl.component\ndef c() -> int:\n    return (lambda x: x + $0base$0)(1)\n"],
    ["a name in an f-string", 'who = "a"\n@dsl.component\ndef c() -> str:\n    return f"{$0who$0}"\n'],
    [
      "a name in a function that travels",
      "LIMIT = 3\ndef low(x):\n    return x < $0LIMIT$0\n@dsl.component(additional_funcs=[low])\ndef c(x: int) -> bool:\n    return low(x)\n",
    ],
  ];
  it.each(names)("%s", (_, text) => check(text, "outside-name"));

  it.each([
    ["bound inside", "x = 1\n@dsl.component\ndef c() -> int:\n    x = 2\n    return x\n"],
    ["imported inside", "import json\n@dsl.component\ndef c() -> str:\n    import json\n    return json.dumps([])\n"],
    ["a parameter", "x = 1\n@dsl.component\ndef c(x: int) -> int:\n    return x\n"],
    ["a loop's", "i = 1\n@dsl.component\ndef c() -> list:\n    return [i for i in range(3)]\n"],
    [
      "an exception's",
      "e = 1\n@dsl.component\ndef c():\n    try:\n        pass\n    except ValueError as e:\n        print(e)\n",
    ],
    ["a file's", "f = 1\n@dsl.component\ndef c():\n    with open('a') as f:\n        f.read()\n"],
    ["a walrus's", "n = 1\n@dsl.component\ndef c() -> int:\n    if (n := 3) > 2:\n        return n\n    return 0\n"],
    ["a case's", "y = 1\n@dsl.component\ndef c(x: int):\n    match x:\n        case y:\n            print(y)\n"],
    ["builtins", "@dsl.component\ndef c():\n    print(len([1]), ValueError, NotImplemented, __name__, __file__)\n"],
    [
      "typing's and dsl's",
      "@dsl.component\ndef c(d: Input[Dataset]) -> NamedTuple('O', a=int):\n    o: Optional[int] = 1\n    return NamedTuple('O', a=int)(a=o)\n",
    ],
    ["dsl itself", "@dsl.component\ndef c() -> dsl.Dataset:\n    return dsl.Dataset(uri=dsl.get_uri())\n"],
    [
      "a function that travels",
      "def half(x):\n    return x / 2\n@dsl.component(additional_funcs=[half])\ndef c() -> float:\n    return half(3)\n",
    ],
    ["a type of a local variable", "class Shape:\n    pass\n@dsl.component\ndef c():\n    s: Shape = None\n"],
    [
      "a component whose source is in its image",
      "LIMIT = 3\n@dsl.component(base_image='a', target_image='b')\ndef c() -> int:\n    return LIMIT\n",
    ],
    [
      "a container component",
      "LIMIT = 3\n@dsl.container_component\ndef c():\n    return dsl.ContainerSpec(image='a', args=[str(LIMIT)])\n",
    ],
  ])("not %s", (_, text) => check(text));
});

describe("modules that nothing provides", () => {
  const body = (decorator: string, ...lines: string[]): string =>
    `@dsl.component${decorator}\ndef c():\n${lines.map((line) => `    ${line}\n`).join("")}`;

  it("a package", () => check(body("", "import $0pandas$0"), "absent-module"));
  it("a module with another name than its package", () => {
    const { diagnostics } = analyze(`from kfp import dsl\n${body("", "from sklearn.svm import SVC")}`);
    expect(diagnostics.map(({ hint }) => hint)).toEqual(['Add "scikit-learn" to packages_to_install.']);
  });
  it("one beside another", () =>
    check(body("(packages_to_install=['numpy==1.26'])", "import numpy", "import $0torch$0"), "absent-module"));
  it("on a slim image", () => check(body("(base_image='python:3.12-slim')", "import $0yaml$0"), "absent-module"));

  it.each([
    ["of Python itself", body("", "import os.path, json", "from concurrent import futures", "import kfp")],
    ["of a package", body("(packages_to_install=['scikit-learn>=1.3'])", "from sklearn.svm import SVC")],
    [
      "of a package's dependency",
      body("(packages_to_install=['pandas[parquet]==2.2; python_version>\"3\"'])", "import numpy"),
    ],
    ["of a package that may bring it", body("(packages_to_install=['our-models'])", "import torch")],
    ["of a package from somewhere", body("(packages_to_install=['git+https://example.com/a.git'])", "import torch")],
    ["of an image that may have it", body("(base_image='pytorch/pytorch:2.4')", "import torch")],
    ["that is tried", body("", "try:", "    import torch", "except ImportError:", "    pass")],
  ])("not one %s", (_, text) => check(text));
});

describe("what is old, and what the server does not do", () => {
  const pipeline = (...lines: string[]): string =>
    `@dsl.component\ndef done(x: int = 1):\n    pass\n@dsl.component\ndef look(d: Input[Dataset]):\n    pass\n@dsl.component\ndef all_of(ds: Input[List[Dataset]]):\n    pass\n@dsl.pipeline\ndef p(n: int, ds: Input[List[Dataset]]):\n    t = done(x=n)\n    all_of(ds=ds)\n${lines.map((line) => `    ${line}\n`).join("")}`;

  it("set_gpu_limit", () => check(pipeline("$0t.set_gpu_limit(1)$0"), "deprecated"));
  it("add_node_selector_constraint", () =>
    check(pipeline("$0t.add_node_selector_constraint('nvidia.com/gpu')$0"), "deprecated"));
  it("dsl.Condition", () => check(pipeline("with $0dsl.Condition(n == 1)$0:", "    done()"), "deprecated"));
  it("output_component_file", () =>
    check("@dsl.component(output_component_file=$0'a.yaml'$0)\ndef c():\n    pass\n", "deprecated"));
  it("a cache key", () => check(pipeline("$0t.set_caching_options(True, 'k')$0"), "server-ignores"));
  it("a loop over artifacts", () =>
    check(pipeline("with $0dsl.ParallelFor(ds)$0 as d:", "    look(d=d)"), "server-refuses"));
  it("a workspace without access modes", () => {
    const modes = (patch: string): string =>
      `@dsl.component\ndef done(x: str):\n    pass\n@dsl.pipeline(pipeline_config=$0dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi"${patch}))$0)\ndef p():\n    done(x=dsl.WORKSPACE_PATH_PLACEHOLDER)\n`;
    check(modes(""), "server-refuses");
    const patch = ', kubernetes=dsl.KubernetesWorkspaceConfig(pvcSpecPatch={"accessModes": ["ReadWriteOnce"]})';
    check(modes(patch).replaceAll("$0", ""));
  });
  it("Concat", () =>
    check(
      "@dsl.container_component\ndef c(x: str):\n    return dsl.ContainerSpec(image='a', args=[$0dsl.ConcatPlaceholder(['a', x])$0])\n",
      "server-ignores",
    ));
  it("an artifact in text", () =>
    check(
      "@dsl.component\ndef say(x: str):\n    pass\n@dsl.pipeline\ndef p(d: Input[Dataset]):\n    say(x=$0f'{d}'$0)\n",
      "no-value-inside",
    ));
  it("nothing wrong", () => check(pipeline("with dsl.If(n == 1):", "    done(x=n).set_accelerator_limit(1)")));
});

describe("what is decided too early", () => {
  const head =
    "@dsl.component\ndef say(text: str = 'a') -> str:\n    return text\n@dsl.component\ndef many(texts: List[str] = []):\n    pass\n";
  const pipeline = (...lines: string[]): string =>
    `${head}@dsl.pipeline\ndef p(n: int, t: str):\n    say(text=t)\n    with dsl.If(n == 1):\n        say()\n${lines.map((line) => `    ${line}\n`).join("")}`;

  it.each([
    ["an if over a comparison", ["if $0t == 'a'$0:", "    say()"]],
    ["an if over an input", ["if $0t$0:", "    say()"]],
    ["an if over an output", ["if $0say().output$0:", "    say()"]],
    ["a choice", ["say(text='x' if $0n == 1$0 else 'y')"]],
    ["the first of two comparisons", ["with dsl.If($0n == 1$0 and t == 'a'):", "    say()"]],
    ["a comparison of three", ["with dsl.If($01 < n < 3$0):", "    say()"]],
  ] as const)("%s", (_, lines) => check(pipeline(...lines), "decided-now"));

  it.each([
    ["an if over what is known", pipeline("mode = 'a'", "if mode == 'a':", "    say()")],
    [
      "a helper that asks what it was given",
      `${head}def helper(text=None):\n    return say(text=text) if text else say()\n@dsl.pipeline\ndef p(t: str):\n    helper(t)\n    helper()\n`,
    ],
    ["a task that there may be", pipeline("before = say()", "after = say()", "if before:", "    after.after(before)")],
    ["a comparison in dsl.If", pipeline("with dsl.If(n >= 2):", "    say()")],
  ])("not %s", (_, text) => check(text));
});

describe("what a component returns", () => {
  const component = (declared: string, ...lines: string[]): string =>
    `@dsl.component\ndef c(n: int = 1)${declared}:\n${lines.map((line) => `    ${line}\n`).join("")}`;

  it.each([
    ["text for an int", component(" -> int", "return $0'3'$0")],
    ["a fraction for an int", component(" -> int", "return $01.5$0")],
    ["an int for text", component(" -> str", "return $03$0")],
    ["an int for a bool", component(" -> bool", "return $01$0")],
    ["a tuple for a list", component(" -> List[int]", "return $0(1, 2)$0")],
    ["a list for a dict", component(" -> dict", "return $0[]$0")],
    ["nothing on one way", component(" -> int", "if n:", "    return 1", "return $0None$0")],
    ["text for an artifact", component(" -> Dataset", "$0return$0")],
  ])("%s", (_, text) => check(text, "returned-type"));
  it("nothing at all", () => check("@dsl.component\ndef $0c$0(n: int = 1) -> int:\n    print(n)\n", "returned-type"));
  it("nothing for a NamedTuple", () =>
    check("@dsl.component\ndef $0c$0() -> NamedTuple('O', a=int):\n    pass\n", "returned-type"));

  it.each([
    ["an int for a float", component(" -> float", "return 1")],
    ["a bool for an int", component(" -> int", "return True")],
    ["a name", component(" -> int", "x = 's'", "return x")],
    ["a call", component(" -> int", "return int(n)")],
    ["an exception", component(" -> int", "raise NotImplementedError('later')")],
    ["what an inner function returns", component(" -> int", "def f():", "    return 's'", "return len(f())")],
    ["nothing where nothing is declared", component("", "print(n)")],
    ["nothing where None is declared", component(" -> None", "return")],
  ])("not %s", (_, text) => check(text));

  it("a default that is no whole number", () =>
    check("@dsl.component\ndef c(n: int = $01.5$0):\n    pass\n", "fraction-default"));
  it("not a default that is one", () => check("@dsl.component\ndef c(n: float = 1, m: int = 2):\n    pass\n"));
});

describe("what nobody uses", () => {
  const head = "@dsl.component\ndef say(text: str = 'a') -> str:\n    return text\n";
  const branches = "    with dsl.If(t == 'a'):\n        a = say()\n    with dsl.Else():\n        b = say()\n";

  it("an input", () => check(`${head}@dsl.pipeline\ndef p($0t$0: str):\n    say()\n`, "unused-input"));
  it("a choice", () =>
    check(`${head}@dsl.pipeline\ndef p(t: str):\n${branches}    $0dsl.OneOf(a.output, b.output)$0\n`, "unused-output"));
  it("what is gathered", () =>
    check(
      `${head}@dsl.pipeline\ndef p():\n    with dsl.ParallelFor(['a']) as t:\n        a = say(text=t)\n    x = $0dsl.Collected(a.output)$0\n`,
      "unused-output",
    ));
  it.each([
    ["an input of a condition", `${head}@dsl.pipeline\ndef p(t: str):\n    with dsl.If(t == 'a'):\n        say()\n`],
    ["an input of a loop", `${head}@dsl.pipeline\ndef p(t: List[str]):\n    with dsl.ParallelFor(t):\n        say()\n`],
    [
      "an input of a loop's item's member",
      `${head}@dsl.pipeline\ndef p(t: List[Dict[str, str]]):\n    with dsl.ParallelFor(t) as i:\n        say(text=i.a)\n`,
    ],
    ["an input in text", `${head}@dsl.pipeline\ndef p(t: str):\n    say(text=f'{t}!')\n`],
    ["an input as an image", `${head}@dsl.pipeline\ndef p(t: str):\n    say().set_container_image(t)\n`],
    ["an input as a limit", `${head}@dsl.pipeline\ndef p(t: str):\n    say().set_cpu_limit(t)\n`],
    [
      "a choice that is returned",
      `${head}@dsl.pipeline\ndef p(t: str) -> str:\n${branches}    return dsl.OneOf(a.output, b.output)\n`,
    ],
    ["the outputs of the last steps", `${head}@dsl.pipeline\ndef p():\n    say()\n`],
  ])("not %s", (_, text) => check(text));
});

describe("what the server does not do", () => {
  const head = "@dsl.component\ndef done():\n    pass\n";
  it("a group of steps that all ignore failures", () =>
    check(
      `${head}@dsl.pipeline\ndef p(n: int):\n    done()\n    with $0dsl.If(n == 1)$0:\n        done().ignore_upstream_failure()\n`,
      "server-refuses",
    ));
  it.each([
    "with $0dsl.If(n == 1)$0:\n        pass",
    "with dsl.If(n == 1):\n        with $0dsl.If(n == 2)$0:\n            pass",
    "with dsl.If(n == 1):\n        done()\n    with $0dsl.Else()$0:\n        pass",
    "with $0dsl.ParallelFor([1])$0:\n        pass",
    "with $0dsl.ExitHandler(done())$0:\n        pass",
  ])("a group without a step: %s", (group) =>
    check(
      `${head}@dsl.pipeline\ndef p(${group.includes("If") ? "n: int" : ""}):\n    done()\n    ${group}\n`,
      "server-refuses",
    ),
  );
  it("not a loop in an exit handler, which runs", () =>
    check(
      `${head}@dsl.pipeline\ndef p():\n    with dsl.ExitHandler(done()):\n        with dsl.ParallelFor([1, 2]):\n            done()\n`,
    ));
  it("not a long default, which a run takes", () =>
    check(
      `@dsl.component\ndef say(x: str):\n    pass\n@dsl.pipeline\ndef p(x: str = "${"x".repeat(20_000)}"):\n    say(x=x)\n`,
    ));
  const program = (bytes: number): string =>
    `@dsl.container_component\ndef c():\n    return dsl.ContainerSpec(image="a", args=["x" * ${bytes}])\n@dsl.pipeline\ndef p():\n    $0c()$0\n`;
  it("a command that its driver has no room for", () => check(program(129_000), "server-refuses"));
  it("not one that it has", () => check(program(126_000).replaceAll("$0", "")));
  it("a pipeline of so many steps", () =>
    check(
      `@dsl.component\ndef say(x: str):\n    pass\n@dsl.pipeline\ndef $0p$0():\n    for i in range(700):\n        say(x="a")\n`,
      "server-refuses",
    ));
  it("not one of half of them", () =>
    check(
      `@dsl.component\ndef say(x: str):\n    pass\n@dsl.pipeline\ndef p():\n    for i in range(300):\n        say(x="a")\n`,
    ));
  it("not one with another step", () =>
    check(
      `${head}@dsl.pipeline\ndef p(n: int):\n    with dsl.If(n == 1):\n        a = done()\n        done().after(a).ignore_upstream_failure()\n`,
    ));
  const container = (annotation: string, argument: string): string =>
    `@dsl.container_component\ndef c(d: ${annotation}):\n    return $0dsl.ContainerSpec(image='a', args=[${argument}])$0\n`;
  it("the metadata of an artifact in a command", () =>
    check(container("Input[Dataset]", "d.metadata['a']"), "server-ignores"));
  it("a list of artifacts in a command", () => check(container("Input[List[Dataset]]", "d"), "server-ignores"));
  it("not the path of an artifact", () => check(container("Input[Dataset]", "d.path, d.uri").replaceAll("$0", "")));
  const large = (components: number, name: string): string =>
    Array.from(
      { length: components },
      (_, i) => `@dsl.component\ndef c${i}() -> str:\n    return '${"x".repeat(100_000)}'\n`,
    ).join("") +
    `@dsl.pipeline\ndef ${name}():\n${Array.from({ length: components }, (_, i) => `    c${i}()\n`).join("")}`;
  it("a pipeline of more than a megabyte", () => check(large(11, "$0p$0"), "too-large"));
  it("not one of half a megabyte", () => check(large(5, "p")));
});

describe("what nobody uses, in a file that cannot all be read", () => {
  it("is not said", () => {
    const text =
      "from kfp import components, dsl\nload = components.load_component_from_file('missing.yaml')\n@dsl.pipeline\ndef p(n: int):\n    load(n=n)\n";
    expect(analyze(text).diagnostics.map(({ code }) => code)).not.toContain("unused-input");
  });
});

it("a default that the SDK refuses, of a component that nothing uses yet", () => {
  const component = '@dsl.component\ndef c(x: dict = $0{"a": None}$0):\n    pass\n';
  check(component, "wrong-default");
  const { diagnostics } = analyze(
    `from kfp import dsl\n${component.replaceAll("$0", "")}@dsl.pipeline\ndef p():\n    c()\n`,
  );
  expect(diagnostics.map(({ severity, code }) => [severity, code])).toEqual([["error", "wrong-default"]]);
});
