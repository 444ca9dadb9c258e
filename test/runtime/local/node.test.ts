import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { programContainer } from "../../../runtime/compile/node-program.ts";
import { constant, integer, packageOf, runPackage, scratch, task, text } from "./run-package.ts";

/** A package of one step that is a Node program, as `runtime/compile` writes it. */
function nodePackage(source: string, packages: readonly string[] = []) {
  const pkg = packageOf(
    { step: { command: [], inputs: { parameters: { n: integer } }, outputs: { parameters: { Output: text } } } },
    { tasks: { step: task("step", { inputs: { parameters: { n: constant(20) } } }) } },
  );
  const executors = pkg.spec.deploymentSpec.executors ?? {};
  executors["exec-step"] = {
    container: programContainer(
      { image: "node:24" },
      { source, packages, sourceMap: '{"version":3,"sources":["report.ts"],"mappings":"AAAA"}' },
    ),
  };
  return pkg;
}

const input = "const input = JSON.parse(process.argv[process.argv.indexOf('--executor_input') + 1]);";
const write =
  "import { writeFileSync } from 'node:fs'; const say = (text) => writeFileSync(input.outputs.parameters.Output.outputFile, text);";

test("a program runs by our own Node, with the executor input and no shell", async () => {
  const told = await runPackage(
    nodePackage(
      `${write}${input} say(process.version + ' ' + (input.inputs.parameterValues.n + 1) + ' ' + ('MILLRACE_SOURCE_MAP' in process.env));`,
    ),
    { env: { PATH: "/usr/bin:/bin", MILLRACE_CACHE: scratch() } },
  );
  expect(told.runReason).toBeUndefined();
  expect(told.outputs["root.step"]).toEqual({ Output: `${process.version} 21 false` });
});

test("its error is the reason", async () => {
  const told = await runPackage(nodePackage("throw new RangeError('no rows');"));
  expect(told.reasons["root.step"]).toEqual({ kind: "exit-code", code: 1, lastLine: "RangeError: no rows" });
});

test("packages are installed once, beside it, and kept; one that is not there is named", async () => {
  const cache = scratch();
  // An npm of our own: no network.
  const bin = join(scratch(), "bin");
  mkdirSync(bin);
  const npm = `#!/bin/sh
while [ "$1" != --prefix ]; do shift; done
case "$*" in *nosuch*) echo "npm error code E404" >&2; echo "npm error 404  'nosuch@1' is not in this registry." >&2; exit 1 ;; esac
mkdir -p "$2/node_modules/twice" && echo 'export const twice = (n) => 2 * n;' > "$2/node_modules/twice/index.mjs"
echo '{"name": "twice", "exports": "./index.mjs"}' > "$2/node_modules/twice/package.json"
echo installed >> "$2/installed"
`;
  writeFileSync(join(bin, "npm"), npm);
  chmodSync(join(bin, "npm"), 0o755);
  const env = { PATH: `${bin}:/usr/bin:/bin`, MILLRACE_CACHE: cache };
  const pkg = nodePackage(
    `import { twice } from 'twice'; ${write}${input} say(String(twice(input.inputs.parameterValues.n)));`,
    ["twice@1"],
  );
  for (const run of ["run-1", "run-2"])
    expect((await runPackage(pkg, { run, env })).outputs["root.step"]).toEqual({ Output: "40" });
  const [folder = ""] = readdirSync(join(cache, "node")).filter((name) => !name.includes("."));
  expect(readFileSync(join(cache, "node", folder, "installed"), "utf8")).toBe("installed\n");
  const told = await runPackage(nodePackage("", ["nosuch@1"]), { env });
  expect(told.reasons["root.step"]).toMatchObject({
    kind: "environment",
    message: expect.stringMatching(/^npm found no nosuch@1\./) as unknown,
  });
  expect(readdirSync(join(cache, "node")).filter((name) => !name.includes("."))).toHaveLength(1);
});
