import { expect, test } from "vitest";
import { complete } from "../../../language/services/completion.ts";
import { body, marked, options, path } from "./marked.ts";

function labels(source: string, besideOther = false): readonly string[] | undefined {
  const { offset, files } = marked(source);
  return complete(path, offset, { files, options, besideOther })?.entries.map(({ label }) => label);
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
  ["a value", "load(rows=$0)"],
  ["an expression", "load(rows=1 + $0)"],
  ["a comment", "load(rows=1)  # $0"],
  ["a function of Python's", "print($0"],
  ["an empty line", "$0"],
])("nothing in %s", (_, line) => {
  expect(labels(body(line))).toBeUndefined();
});

test("arguments say their types, defaults and descriptions", () => {
  const { offset, files } = marked(body("load($0"));
  const answer = complete(path, offset, { files, options, besideOther: true });
  expect(answer?.entries).toEqual([
    { label: "rows=", kind: "argument", detail: "rows: int", says: "How many customers." },
    { label: "seed=", kind: "argument", detail: "seed: int = 7" },
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

test("what is replaced begins after the quotes", () => {
  const source = body('a = load(rows=1)\na.outputs["da$0"]');
  const { text, offset, files } = marked(source);
  const answer = complete(path, offset, { files, options, besideOther: true });
  expect(text.slice(answer?.start, offset)).toBe("da");
});

test("methods of a step, members of the SDK, and what they take: unless another server has them", () => {
  expect(labels(body("load(rows=1).$0"))).toEqual(expect.arrayContaining(["set_retry", "outputs", "after"]));
  expect(labels(body("a = load(rows=1)\na.set_$0\nload(rows=2)"))).toContain("set_memory_limit");
  expect(labels(body("with dsl.$0"))).toEqual(expect.arrayContaining(["ParallelFor", "If", "pipeline"]));
  expect(labels(body("kubernetes.$0"))).toContain("use_secret_as_env");
  expect(labels(body("a = load(rows=1)\na.set_retry($0)"))).toContain("num_retries=");
  expect(labels(body('a = load(rows=1)\nkubernetes.mount_pvc(a, "p", $0)'))).toEqual(["mount_path=", "sub_path="]);
  for (const line of ["load(rows=1).$0", "with dsl.$0", "a = load(rows=1)\na.set_retry($0)"])
    expect(labels(body(line), true)).toBeUndefined();
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

test("in a loop, in a branch, and in a function that nothing calls", () => {
  expect(labels(body("with dsl.ParallelFor(names) as name:\n    load($0"))).toEqual(["rows=", "seed="]);
  expect(labels(body("if False:\n    load($0)"))).toEqual(["rows=", "seed="]);
  expect(labels(`${body("load(rows=1)")}\ndef later():\n    load($0`)).toEqual(["rows=", "seed="]);
});
