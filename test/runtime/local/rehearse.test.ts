/** What the cache would answer, found without running anything. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import type { Json } from "../../../language/spec/types.ts";
import { rehearse } from "../../../runtime/local/rehearse.ts";
import {
  constant,
  dataset,
  input,
  packageOf,
  remember,
  runPackage,
  scratch,
  shell,
  task,
  text,
} from "./run-package.ts";

const make = shell('printf %s "$0" > "$1"', {
  args: ["{{$.inputs.parameters['value']}}", "{{$.outputs.artifacts['data'].path}}"],
  inputs: { parameters: { value: text } },
  outputs: { artifacts: { data: dataset } },
});
const read = shell('cat "$0"; echo "$1"', {
  args: ["{{$.inputs.artifacts['data'].path}}", "{{$.inputs.parameters['how']}}"],
  inputs: { artifacts: { data: dataset }, parameters: { how: text } },
});
const cachingOptions = { enableCache: true };

const pkg = (how: string, caching = cachingOptions) =>
  packageOf(
    { make, read },
    {
      tasks: {
        make: task("make", { cachingOptions: caching, inputs: { parameters: { value: input("v") } } }),
        read: task("read", {
          cachingOptions,
          inputs: {
            parameters: { how: constant(how) },
            artifacts: { data: { taskOutputArtifact: { producerTask: "make", outputArtifactKey: "data" } } },
          },
        }),
      },
    },
    { inputs: { parameters: { v: text } } },
  );

test("names the steps that nothing changed for, and those alone", async () => {
  const first = await runPackage(pkg("loud"), { parameters: { v: "x" } });
  const cached = remember(first.events);
  const told = (how: string, parameters: Readonly<Record<string, Json>>, caching?: typeof cachingOptions) =>
    rehearse({ package: pkg(how, caching), parameters, cached, signal: new AbortController().signal });
  expect(await told("loud", { v: "x" })).toEqual(["root.make", "root.read"]);
  expect(await told("soft", { v: "x" })).toEqual(["root.make"]);
  // What a changed step would give is not known.
  expect(await told("loud", { v: "y" })).toEqual([]);
  expect(await told("loud", { v: "x" }, { enableCache: false })).toEqual([]);
  // Without its files a success is worth nothing.
  rmSync(first.folder, { recursive: true, maxRetries: 9 });
  expect(await told("loud", { v: "x" })).toEqual([]);
});

test("starts and writes nothing", async () => {
  const folder = scratch();
  const before = process.cwd();
  const touching = packageOf(
    { touch: shell(`touch ${folder}/ran`) },
    { tasks: { touch: task("touch", { cachingOptions }) } },
  );
  expect(
    await rehearse({
      package: touching,
      parameters: {},
      cached: () => undefined,
      signal: new AbortController().signal,
    }),
  ).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
  expect(existsSync(`${before}/rehearsal`)).toBe(false);
});
