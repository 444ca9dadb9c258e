import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { readPackage } from "../../../language/spec/read.ts";
import { writePackage } from "../../../language/spec/write.ts";

const corpus = resolve(import.meta.dirname, "../../../../shared/corpus");
const read = (text: string) => readPackage("/p.yaml", text);

describe("what the SDK wrote comes back to the byte", () => {
  if (!existsSync(corpus)) {
    console.log(`skipped: no corpus at ${corpus}`);
    test.skip("corpus", () => {});
    return;
  }
  for (const name of readdirSync(corpus)) {
    const file = join(corpus, name, "expected.yaml");
    if (!existsSync(file)) continue;
    test(name, () => {
      const text = readFileSync(file, "utf8");
      const result = read(text);
      expect(result.diagnostics).toEqual([]);
      if (!result.package) throw new Error("no package");
      expect(sortedDefaults(writePackage(result.package))).toBe(sortedDefaults(text));
      expect(result.sourceMap.size).toBeGreaterThan(0);
      for (const [path, span] of result.sourceMap) {
        expect(text.slice(span.start, span.end)).toMatch(new RegExp(`^${path.split(".").at(-1) ?? ""}:`));
      }
    });
  }
});

test.each(["2.0.1", "2.4.0", "2.7.0", "2.10.1"])("what kfp %s wrote comes back to the byte", (version) => {
  const text = readFileSync(join(import.meta.dirname, `fixtures/sdk/kfp-${version}.yaml`), "utf8");
  const result = read(text);
  expect(result.package && writePackage(result.package)).toBe(text);
});

/** Key order of dict defaults in the header is random in the SDK. */
function sortedDefaults(text: string): string {
  return text.replace(/^#.*\[Default: [[{].*$/gm, (line) =>
    line
      .split(/[, {}[\]]+/)
      .sort()
      .join(" "),
  );
}

const minimal = `pipelineInfo:
  name: p
root:
  dag:
    tasks:
      a:
        componentRef:
          name: comp-a
components:
  comp-a:
    executorLabel: exec-a
deploymentSpec:
  executors:
    exec-a:
      container:
        image: x
`;

test.each([
  ["root:", "$0dependsOn$0: 1\nroot:", "refuses"],
  ["        componentRef:", "        $0dependantTasks$0: [a]\n        componentRef:", "refuses"],
  ["        image: x", "        image: x\n        $0imagePullPolicy$0: Always", "ignores"],
])("members that KFP does not know are said where they stand, and kept: %s", (at, instead, does) => {
  const marked = minimal.replace(at, instead);
  const text = marked.replaceAll("$0", "");
  const { diagnostics, package: pkg } = read(text);
  const [, name = ""] = marked.split("$0");
  expect(diagnostics.map(({ code, severity, span }) => [code, severity, text.slice(span.start, span.end)])).toEqual([
    ["spec-unknown", "warning", name],
  ]);
  expect(diagnostics[0]?.message).toContain(does);
  expect(pkg && writePackage(pkg)).toContain(`${name}:`);
});

test("an executor that is nothing", () => {
  const text = minimal.replace("      container:\n        image: x\n", "      {}\n");
  const { diagnostics } = read(text);
  expect(diagnostics.map(({ code, span }) => [code, text.slice(span.start, span.start + 6)])).toEqual([
    ["spec-missing", "exec-a"],
  ]);
});

/** Each diagnostic as `code@text: message`. */
function problems(text: string): string[] {
  return read(text).diagnostics.map(
    (d) =>
      `${d.code}@${JSON.stringify(text.slice(d.span.start, Math.min(d.span.end, d.span.start + 20)))} ${d.message}`,
  );
}

test("wrong files are said, each at its place", () => {
  expect(problems(minimal)).toEqual([]);
  expect(problems(minimal.replace("name: comp-a", "name: comp-b"))).toMatchInlineSnapshot(`
    [
      "spec-reference@"a:\\n        component" There is no component "comp-b".",
    ]
  `);
  expect(problems(minimal.replace("exec-a:", "exec-b:"))).toMatchInlineSnapshot(`
    [
      "spec-reference@"comp-a:\\n    executor" There is no executor "exec-a".",
    ]
  `);
  expect(problems(minimal.replace("image: x", "image: [x]"))).toMatchInlineSnapshot(`
    [
      "spec-shape@"[x]" "image" must be text.",
    ]
  `);
  expect(problems(minimal.replace("image: x", "command: [x]"))).toMatchInlineSnapshot(`
    [
      "spec-missing@"command: [x]\\n" "container" has no "image".",
    ]
  `);
  expect(
    problems(minimal.replace("    executorLabel: exec-a\n", "    dag: {tasks: {b: {componentRef: {name: comp-a}}}}\n")),
  ).toMatchInlineSnapshot(`
    [
      "spec-cycle@"comp-a:\\n    dag: {ta" Component "comp-a" contains itself.",
    ]
  `);
  expect(problems(minimal.replace("name: p\n", "name: p\n  name: q\n"))).toMatchInlineSnapshot(`
    [
      "syntax-error@"name" Syntax error: "name" is here twice.",
    ]
  `);
  expect(problems(minimal.replace("componentRef:\n          name: comp-a", "componentRef: 5"))).toMatchInlineSnapshot(`
    [
      "spec-shape@"5" "componentRef" must be a mapping.",
    ]
  `);
  expect(problems(`${minimal}  - bad: [`)).toMatchInlineSnapshot(`
    [
      "syntax-error@" " Syntax error: A block sequence may not be used as an implicit map key.",
      "syntax-error@"-" Syntax error: Implicit keys need to be on a single line.",
      "syntax-error@"" Syntax error: Flow sequence in block collection must be sufficiently indented and end with a ].",
      "syntax-error@"- bad: [" Syntax error: Implicit map keys need to be followed by map values.",
    ]
  `);
  expect(problems("just text")).toMatchInlineSnapshot(`
    [
      "spec-missing@"j" This file has no "pipelineInfo".",
    ]
  `);
  expect(problems("")).toMatchInlineSnapshot(`
    [
      "spec-missing@"" This file has no "pipelineInfo".",
    ]
  `);
});

test("what is null is missing, and a graph has tasks", () => {
  expect(problems(minimal.replace("pipelineInfo:\n  name: p", "pipelineInfo: null"))).toEqual([
    'spec-missing@"pipelineInfo: null\\nr" The pipeline has no "pipelineInfo".',
  ]);
  expect(problems(minimal.replace(/ {4}tasks:[^]*name: comp-a\n/, "    outputs: {}\n"))).toEqual([
    'spec-missing@"outputs: {}\\n" "dag" has no "tasks".',
  ]);
  expect(problems(minimal.replace("image: x", "image: 1e3"))).toEqual([]);
});

test("other wrappings of the same spec", () => {
  const indented = minimal.replace(/^/gm, "    ");
  const manifest = `apiVersion: pipelines.kubeflow.org/v2beta1\nkind: PipelineVersion\nspec:\n  pipelineSpec:\n${indented}`;
  const api = JSON.stringify({
    pipeline_spec: read(minimal).package?.spec,
    platform_spec: { platforms: { kubernetes: {} } },
  });
  expect(read(manifest).package?.spec).toEqual(read(minimal).package?.spec);
  expect(read(api).package?.spec).toEqual(read(minimal).package?.spec);
  expect(read(api).package?.platform).toEqual({ platforms: { kubernetes: {} } });
});

test("the SDK's own broken header is read", () => {
  const text =
    "# PIPELINE DEFINITION\n# Name: p\n# Description: One\n#              two\n# Inputs:\n#    multi: str [Default: 'a\nb']\n" +
    minimal;
  expect(read(text).diagnostics).toEqual([]);
  expect(read(text).package?.description).toBe("One\ntwo");
});

describe("hostile files cost little and are said", () => {
  const cases: Record<string, [text: string, says: RegExp]> = {
    "a YAML bomb": [
      `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`).join("\n")}\npipelineInfo: {name: p}\nroot: {}\nx: *a40\n`,
      /unfold|deeply/,
    ],
    "an alias of itself": ["pipelineInfo: &a {name: p, x: *a}\nroot: {}\n", /deeply|unfold/],
    "deep nesting": [`pipelineInfo: {name: p}\nroot: ${"[".repeat(50_000)}${"]".repeat(50_000)}\n`, /deeply/],
    "a hundred thousand keys": [
      `pipelineInfo: {name: p}\nroot: {}\n${Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join("\n")}\n`,
      /^$/,
    ],
    "a line of 5 MB": [`pipelineInfo: {name: p}\nroot: {}\nx: "${"y ".repeat(2_500_000)}"\n`, /^$/],
    "a plain line of 5 MB": [`pipelineInfo: {name: p}\nroot: {}\nx: ${"y ".repeat(2_500_000)}\n`, /^$/],
    "zero bytes": [`pipelineInfo: {name: p}\0\0\0\nroot: {}\n`, /./],
    "random bytes": [Array.from({ length: 200_000 }, (_, i) => String.fromCharCode((i * 7919) % 256)).join(""), /./],
  };
  for (const [name, [text, says]] of Object.entries(cases)) {
    test(name, { timeout: 60_000 }, () => {
      expect(
        read(text)
          .diagnostics.filter(({ severity }) => severity === "error")
          .map((d) => d.message)
          .join("\n"),
      ).toMatch(says);
    });
  }
});
