import { expect, test } from "vitest";
import { analyzePython } from "../../../language/python/front-end.ts";
import { readMeanings } from "../../../language/python/front-end.ts";
import { fixes } from "../../../language/services/fixes.ts";
import { memoryFiles } from "../python/check.ts";
import { body, options, path, steps } from "./marked.ts";

/** Applies the first repair of what is said about a pipeline, until nothing is said or nothing helps. */
function repaired(source: string): {
  readonly text: string;
  readonly titles: readonly string[];
  readonly left: readonly string[];
} {
  let text = source;
  const titles: string[] = [];
  for (;;) {
    const files = memoryFiles({ [path]: text, "/w/steps.py": steps });
    const diagnostics = analyzePython(path, files, options).diagnostics.filter(({ severity }) => severity !== "hint");
    const complaints = diagnostics.map(({ code, span: { start, end } }) => ({ code, start, end }));
    const [fix] = fixes(readMeanings(path, files, options), path, { start: 0, end: text.length }, complaints);
    if (!fix || titles.length > 5) return { text, titles, left: diagnostics.map(({ code }) => code) };
    titles.push(fix.title);
    for (const { span, text: by } of fix.edits.toSorted((a, b) => b.span.start - a.span.start))
      text = text.slice(0, span.start) + by + text.slice(span.end);
  }
}

test.each([
  ["an argument", "load(rosw=1)", "Change to rows", "load(rows=1)"],
  [
    "an output",
    "train(data=load(rows=1).outputs['dta'])",
    "Change to data",
    "train(data=load(rows=1).outputs['data'])",
  ],
  [
    "an output among several",
    "train(data=load(rows=1).output)",
    'Change to outputs["data"]',
    'train(data=load(rows=1).outputs["data"])',
  ],
  [
    "a setting",
    "load(rows=1).set_memory_limt('1Gi')",
    "Change to set_memory_limit",
    "load(rows=1).set_memory_limit('1Gi')",
  ],
  [
    "a parameter of a setting",
    "load(rows=1).set_retry(num_retrys=2)",
    "Change to num_retries",
    "load(rows=1).set_retry(num_retries=2)",
  ],
  [
    "a member of the SDK",
    "with dsl.ParalelFor(names) as name:\n        load(rows=1)",
    "Change to ParallelFor",
    "with dsl.ParallelFor(names) as name:\n        load(rows=1)",
  ],
  [
    "a Kubernetes helper",
    "kubernetes.set_timout(load(rows=1), 3)",
    "Change to set_timeout",
    "kubernetes.set_timeout(load(rows=1), 3)",
  ],
  ["a missing argument, by name", "load()", "Add rows", "load(rows=rows)"],
  [
    "a missing artifact, by type",
    "a = load(rows=1)\n    train()",
    "Add data",
    'a = load(rows=1)\n    train(data=a.outputs["data"])',
  ],
  ["a missing argument after others", "load(seed=1,)", "Add rows", "load(seed=1, rows=rows)"],
  [
    "a deprecated call",
    "load(rows=1).set_gpu_limit(gpu=2)",
    "Use set_accelerator_limit",
    "load(rows=1).set_accelerator_limit(limit=2)",
  ],
  [
    "a deprecated group",
    "with dsl.Condition(rows > 3):\n        load(rows=1)",
    "Use If",
    "with dsl.If(rows > 3):\n        load(rows=1)",
  ],
])("repairs %s", (_, before, title, after) => {
  const result = repaired(body(before.replaceAll("\n    ", "\n")));
  expect(result.titles).toContain(title);
  expect(result.text).toBe(body(after.replaceAll("\n    ", "\n")));
  expect(result.left).toEqual([]);
});

test("a misspelt import", () => {
  const result = repaired(body("load(rows=1)").replace("import load", "import laod"));
  expect(result.titles).toEqual(["Change to load"]);
});

test("no guess where nothing is near", () => {
  expect(repaired(body("load(rows=1, elephant=2)")).titles).toEqual([]);
  expect(repaired(body("load(rows=1).whatever()")).titles).toEqual([]);
});
