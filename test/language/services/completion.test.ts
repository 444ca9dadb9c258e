import { expect, test } from "vitest";
import { type AnalysisMemory, analyzeFile } from "../../../language/analyze-file.ts";
import { complete } from "../../../language/services/completion.ts";
import { body, marked, options, path } from "./marked.ts";

function labels(source: string, alone = false): readonly string[] | undefined {
  const { offset, files } = marked(source);
  return complete(path, offset, { files, options, alone })?.entries.map(({ label }) => label);
}

test.each([
  ["in empty brackets", "load($0)", ["rows=", "seed="]],
  ["in brackets that are not closed", "load($0", ["rows=", "seed="]],
  ["after another argument", "a = load(rows=3, $0)", ["seed="]],
  [
    "over several lines, unfinished, before more statements",
    "a = load(\n    rows=3,\n    se$0\nb = load(rows=1)",
    ["seed="],
  ],
  ["before a name that stands there", "a = load(rows=3, $0seed=1)", ["seed="]],
  ["before other arguments", "a = load($0, seed=1)", ["rows="]],
  ["an artifact", "train(da$0", ["data=", "rate="]],
])("arguments of a component: %s", (_, line, expected) => {
  expect(labels(body(line))).toEqual(expected);
});

test.each([
  ["a member", "@dsl.$0", "component"],
  ["an argument", "@dsl.component(base_$0", "base_image="],
  ["an argument of several", '@dsl.component(\n    base_image="python:3.12",\n    pack$0', "packages_to_install="],
  ["above something else", "@dsl.$0\n\nlimit = 3", "pipeline"],
  ["in a class", "class Steps:\n    @dsl.$0", "component"],
  ["above a function", "@dsl.$0\ndef load():\n    pass\n", "container_component"],
])("a decorator whose function is not written yet: %s", (_, typed, expected) => {
  expect(labels(`from kfp import dsl\n\n\n${typed}`)).toContain(expected);
});

test.each([
  ["a value that nothing fits", "load(seed=$0)".replace("seed", "rate")],
  ["an expression", "load(rows=1 + $0)"],
  ["a comment", "load(rows=1)  # $0"],
  ["a function of Python's", "print($0"],
  ["an empty line", "$0"],
])("nothing in %s", (_, line) => {
  expect(labels(body(line))).toBeUndefined();
});

test("arguments of what the file itself compiles and loads again", () => {
  const source = `from kfp import compiler, components
${body("load(rows=1)")}
compiler.Compiler().compile(fit, "own.yaml")
own = components.load_component_from_file("own.yaml")
@dsl.pipeline
def outer():
    own($0)
`;
  expect(labels(source)).toEqual(["names=", "rows="]);
});

test("what is asked while somebody types changes no analysis", async () => {
  const memory: AnalysisMemory = {};
  const { offset, files } = marked(
    `${body("made = load(rows=1)\ntrain($0)")}\n\n@dsl.pipeline\ndef all():\n    fit()\n`,
  );
  const compiled = async (kept?: AnalysisMemory) =>
    (await analyzeFile(path, files, options, kept)).definitions.map(({ compile }) => compile());
  await compiled(memory);
  const asked = complete(path, offset, { files, options, memory: memory.python, alone: false });
  expect(asked?.entries.map(({ label }) => label)).toEqual(["data=", "rate="]);
  expect(await compiled(memory)).toEqual(await compiled());
});

test("arguments say their types, defaults and descriptions", () => {
  const { offset, files } = marked(body("load($0"));
  const answer = complete(path, offset, { files, options, alone: false });
  expect(answer?.entries).toEqual([
    { label: "rows=", kind: "argument", detail: "rows: int", says: "How many customers.", goesOn: true },
    { label: "seed=", kind: "argument", detail: "seed: int = 7", goesOn: true },
  ]);
});

test.each([
  ["double quotes", 'a = load(rows=1)\na.outputs["$0"]'],
  ["a quote that is open", "a = load(rows=1)\ntrain(data=a.outputs['$0"],
  ["a prefix", 'a = load(rows=1)\ntrain(data=a.outputs["da$0"])'],
  ["another name for them", 'o = load(rows=1).outputs\nprint(o["$0'],
])("outputs of a step: %s", (_, lines) => {
  expect(labels(body(lines))).toEqual(["data", "Output"]);
});

test.each([
  ["a member", 'a = load(rows=1)\nprint(f"{a.$0', "outputs"],
  ["an output", "a = load(rows=1)\nprint(f'{{}} {a.outputs[\"$0\"]}')", "data"],
  ["an output after others", "a = load(rows=1)\nprint(f\"{a.output:>{3}} {a.outputs['$0", "data"],
])("in an f-string: %s", (_, lines, expected) => {
  expect(labels(body(lines))).toContain(expected);
});

test("a helper's step, by its annotation", () => {
  const helper = "from kfp import dsl\n\ndef small(task: dsl.PipelineTask):\n    task";
  expect(labels(`${helper}.$0`)).toContain("set_retry");
  expect(labels(`${helper}.set_cpu_limit($0`)).toEqual(["cpu="]);
});

test("functions of the SDK, by whatever import, also where nothing runs them", () => {
  const imports = `${body("made = load(rows=1)")}
from kfp import compiler, components
from kfp.kubernetes import mount_pvc, use_secret_as_env
`;
  expect(labels(`${imports}use_secret_as_env($0`)).toContain("secret_key_to_env=");
  expect(labels(`${imports}components.load_component_from_file($0`)).toEqual(["file_path="]);
  expect(labels(`${imports}if __name__ == "__main__":\n    compiler.Compiler().compile($0`)).toContain("package_path=");
});

test("what is replaced begins after the quotes", () => {
  const source = body('a = load(rows=1)\na.outputs["da$0"]');
  const { text, offset, files } = marked(source);
  const answer = complete(path, offset, { files, options, alone: false });
  expect(text.slice(answer?.start, offset)).toBe("da");
});

test("methods of a step, members of the SDK, and what they take", () => {
  expect(labels(body("load(rows=1).$0"))).toEqual(expect.arrayContaining(["set_retry", "outputs", "after"]));
  expect(labels(body("a = load(rows=1)\na.set_$0\nload(rows=2)"))).toContain("set_memory_limit");
  expect(labels(body("with dsl.$0"))).toEqual(expect.arrayContaining(["ParallelFor", "If", "pipeline"]));
  expect(labels(body("kubernetes.$0"))).toContain("use_secret_as_env");
  expect(labels(body("a = load(rows=1)\na.set_retry($0)"))).toContain("num_retries=");
  expect(labels(body('a = load(rows=1)\nkubernetes.mount_pvc(a, "p", $0)'))).toEqual(["mount_path=", "sub_path="]);
});

test("the texts that a setting takes", () => {
  const accelerators = ["nvidia.com/gpu", "amd.com/gpu"];
  expect(labels(body('load(rows=1).set_accelerator_type("$0"'), true)).toEqual(expect.arrayContaining(accelerators));
  expect(labels(body("load(rows=1).set_accelerator_type(accelerator='nv$0')"), true)).toEqual(
    expect.arrayContaining(accelerators),
  );
  expect(labels(body('a = load(rows=1)\nkubernetes.set_image_pull_policy(a, "$0'), true)).toEqual([
    "Always",
    "IfNotPresent",
    "Never",
  ]);
  expect(labels(body('load(rows=1).set_display_name("$0")'), true)).toBeUndefined();
});

test.each([
  ["inputs of the pipeline", "load(rows=$0)", ["rows"]],
  [
    "outputs of steps before, of the right type",
    "a = load(rows=1)\nb = load(rows=2)\ntrain(data=$0)",
    ['b.outputs["data"]', 'a.outputs["data"]'],
  ],
  ["numbers", "a = load(rows=1)\ntrain(rate=a$0)", ['a.outputs["Output"]']],
  ["items of loops", "with dsl.ParallelFor([1, 2]) as item:\n    load(rows=$0)", ["item", "rows"]],
  ["nothing of the statement itself, nor of what comes after", "a = train(data=$0)\nb = load(rows=1)", undefined],
  ["steps, for those who take steps", "a = load(rows=1)\nb = load(rows=2)\nb.after(a$0)", ["b", "a"]],
  [
    "steps, in a helper",
    "a = load(rows=1)\nkubernetes.mount_pvc($0)",
    ["a", "task=", "pvc_name=", "mount_path=", "sub_path="],
  ],
])("what fits: %s", (_, lines, expected) => {
  expect(labels(body(lines))).toEqual(expected);
});

test("alone: names of the file, what is of the pipeline first, then Python's", () => {
  const names = labels(body("a = load(rows=1)\nn = 3\n$0\nlater = 1"), true) ?? [];
  expect(names.slice(0, 6)).toEqual(["a", "rows", "names", "fit", "train", "load"]);
  expect(names).toEqual(expect.arrayContaining(["n", "dsl", "kubernetes", "for", "len", "str"]));
  expect(names).not.toContain("later");
  expect(labels(body("a = load(rows=1)\n$0"))).toBeUndefined();
});

test("outputs without quotes, images and packages that others have, members of one's own modules", () => {
  expect(labels(body("a = load(rows=1)\na.outputs[$0]"))).toEqual(['"data"', '"Output"']);
  const image = body("load(rows=1)").replace(
    "@dsl.pipeline",
    '@dsl.component(base_image="$0")\ndef mine():\n    pass\n\n@dsl.pipeline',
  );
  expect(labels(image)).toEqual(expect.arrayContaining(["python:3.12", "python:3.13"]));
  expect(new Set(labels(image)).size).toBe(labels(image)?.length);
  const packages = image.replace('base_image="$0"', 'packages_to_install=["$0"]');
  expect(labels(packages)).toEqual(["pandas==2.2.0"]);
  expect(labels(body("steps.$0").replace("from kfp", "import steps\nfrom kfp"))).toEqual(
    expect.arrayContaining(["load", "train"]),
  );
});

test("blocks are written whole, where nothing follows", () => {
  const insert = (line: string) => {
    const { offset, files } = marked(body(line));
    const answer = complete(path, offset, { files, options, alone: false });
    const entry = answer?.entries.find(({ label }) => label === "ParallelFor");
    return entry?.insert ?? entry?.label;
  };
  expect(insert("with dsl.$0")).toBe("ParallelFor(${1:items}) as ${2:item}:\n\t$0");
  expect(insert("with dsl.Par$0\n    pass")).toContain("${1:items}");
  expect(insert("with dsl.Par$0(names) as name:\n    pass")).toBe("ParallelFor");
  expect(insert("x = dsl.$0")).toBe("ParallelFor");
});

test("in a loop, in a branch, and in a function that nothing calls", () => {
  expect(labels(body("with dsl.ParallelFor(names) as name:\n    load($0"))).toEqual(["rows=", "seed="]);
  expect(labels(body("if False:\n    load($0)"))).toEqual(["rows=", "seed="]);
  expect(labels(`${body("load(rows=1)")}\ndef later():\n    load($0`)).toEqual(["rows=", "seed="]);
});
