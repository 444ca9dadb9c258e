/** Bodies run for real in Node; the fixtures hold what KFP's own Python executor writes for their Python twins. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analyzeTypeScript } from "../../../language/typescript/front-end.ts";
import type { ContainerSpec, Json } from "../../../language/spec/types.ts";
import { fillBodies } from "../../../runtime/compile/bundle.ts";
import { diskFiles } from "../../../runtime/compile/disk.ts";

interface Case {
  readonly component: string;
  readonly input: Json;
  readonly output: Json;
}

const folder = join(import.meta.dirname, "fixtures/bodies");
// SAFETY: made by make.py beside it.
const cases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")) as Case[];
const containers = new Map<string, ContainerSpec>();
let out = "";

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), "bodies-"));
  const files = diskFiles();
  const { definitions, diagnostics } = analyzeTypeScript(join(folder, "bodies.ts"), files, {
    sdkVersion: "2.17.0",
    roots: [],
    env: {},
  });
  expect(diagnostics).toEqual([]);
  for (const { symbol, compile } of definitions) {
    const { compiled } = compile();
    const filled = compiled && (await fillBodies(compiled, files));
    const [executor] = Object.values(filled?.spec.deploymentSpec.executors ?? {});
    if (executor?.container) containers.set(symbol, executor.container);
  }
});

afterAll(() => rmSync(out, { recursive: true, force: true, maxRetries: 9 }));

describe("writes what KFP's Python executor writes", () => {
  test.each(cases.map((each, index) => [`${each.component} ${index}`, each] as const))(
    "%s",
    (_, { component, input, output }) => {
      const { command = [], args = [], env = [] } = containers.get(component) ?? { image: "" };
      const given = args.map((arg) => (arg === "{{$}}" ? JSON.stringify(input).replaceAll("$OUT", out) : arg));
      const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
      const [program = "", ...rest] = command;
      const done = spawnSync(program, [...rest, ...given], {
        encoding: "utf8",
        env: { ...process.env, TMPDIR: out, ...variables },
      });
      expect(done.stderr).toBe("");
      expect(done.status).toBe(0);
      const written: unknown = JSON.parse(
        readFileSync(join(out, "executor_output.json"), "utf8").replaceAll(out, "$OUT"),
      );
      expect(written).toEqual(output);
    },
  );
});
