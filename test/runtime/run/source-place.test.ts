import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compileFile } from "../../../runtime/compile/compile-file.ts";
import { sourcePlace } from "../../../runtime/run/source-place.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "places-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 9 }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const steps = `from kfp import dsl


@dsl.component
def first(x: int) -> int:
    y = x + 1
    return y


@dsl.component
def second(x: int) -> int:
    z = x * 2
    return z
`;
const pipeline = `from kfp import dsl
from lib.steps import first, second


@dsl.component
def third(x: int) -> int:
    if x > 5:
        raise ValueError(x)
    return x


@dsl.pipeline(name="p")
def p():
    a = first(x=1)
    b = second(x=a.output)
    third(x=b.output)
`;

test("a line of a lightweight component's program is the line of its function, in whatever module it stands", async () => {
  write({ "p.py": pipeline, "lib/steps.py": steps, "lib/__init__.py": "" });
  const compiled = await compileFile(join(root, "p.py"));
  const { spec } = compiled.package;
  /** Where in the program of an executor a line of its function is. */
  const place = (executor: string, words: string, text?: string) => {
    const program = spec.deploymentSpec.executors?.[executor]?.container?.command?.at(-1)?.split("\n") ?? [];
    const line = program.findIndex((each) => each.includes(words)) + 1;
    expect(line).toBeGreaterThan(1);
    const file = "/tmp/tmp.X/ephemeral_component.py";
    return sourcePlace(
      { file, line, column: 1, ...(text === undefined ? {} : { text }) },
      join(root, "p.py"),
      spec,
      root,
    );
  };
  const inSteps = join(root, "lib/steps.py");
  expect(place("exec-third", "raise ValueError", "raise ValueError(x)")).toEqual({
    path: join(root, "p.py"),
    line: 7,
    column: 8,
  });
  expect(place("exec-first", "y = x + 1", "y = x + 1")).toEqual({ path: inSteps, line: 5, column: 4 });
  expect(place("exec-second", "return z", "    return z")).toEqual({ path: inSteps, line: 12, column: 4 });

  // Edited since: moved down, and a line put in.
  write({ "p.py": `"""New words."""\n\n${pipeline.replace("    if x", "    print(x)\n    if x")}` });
  expect(place("exec-third", "raise ValueError", "raise ValueError(x)")).toEqual({
    path: join(root, "p.py"),
    line: 10,
    column: 8,
  });
  // Not told which of the three.
  expect(place("exec-third", "raise ValueError")).toBeUndefined();
  // Its words are gone.
  write({ "p.py": pipeline.replace("raise ValueError(x)", "return 5") });
  expect(place("exec-third", "raise ValueError", "raise ValueError(x)")).toBeUndefined();
  expect(
    sourcePlace({ file: "/t/ephemeral_component.py", line: 10 ** 9, column: 1 }, inSteps, spec, root),
  ).toBeUndefined();
});

test("a line of a TypeScript body is where its map says, beside the pipeline or above it", () => {
  write({ "src/pipelines/p.ts": "", "src/lib/deep.ts": "" });
  const source = join(root, "src/pipelines/p.ts");
  const place = (file: string) => sourcePlace({ file, line: 5, column: 11 }, source, undefined, root);
  expect(place("/tmp/millrace-1/p.ts")).toEqual({ path: source, line: 4, column: 10 });
  expect(place("/lib/deep.ts")?.path).toBe(join(root, "src/lib/deep.ts"));
  expect(place("/tmp/lib/deep.ts")).toEqual({ path: join(root, "src/lib/deep.ts"), line: 4, column: 10 });
  expect(place("/tmp/lib/other.ts")).toBeUndefined();
  expect(place(join(root, "src/lib/deep.ts"))?.path).toBe(join(root, "src/lib/deep.ts"));
});
