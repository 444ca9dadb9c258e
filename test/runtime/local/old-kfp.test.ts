/** Pipelines that older SDKs compiled (fixtures: the same two steps by each), run by the executors of their own `kfp`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPackage } from "../../../language/spec/read.ts";
import { giveLocalPaths, isOldKfp, newValue, oldParameters } from "../../../runtime/local/old-kfp.ts";
import { runPackage, scratch } from "./run-package.ts";

const fixtures = join(import.meta.dirname, "../../language/spec/fixtures/sdk");

test.for([
  // Installed without what it depends on, or with it once: its environment is kept like those of any run.
  "kfp-1.8.22.json",
  "kfp-2.0.1.yaml",
  "kfp-2.4.0.yaml",
  "kfp-2.7.0.yaml",
  "kfp-2.10.1.yaml",
])("%s", { timeout: 300_000 }, async (name, { skip }) => {
  const read = readPackage(name, readFileSync(join(fixtures, name), "utf8"));
  if (!read.package) throw new Error(read.diagnostics[0]?.message);
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const told = await runPackage(read.package, {
    env: { ...process.env, MILLRACE_CACHE: join(cache, "millrace-test", "old-kfp") },
  });
  if (JSON.stringify(told.reasons).includes("the package index cannot be reached"))
    skip("no package index can be reached");
  expect(told.states).toMatchObject({ "root.greet": "SUCCEEDED", "root.shout": "SUCCEEDED" });
  expect(told.outputs["root.shout"]).toEqual({ Output: "HELLO WORLD HELLO WORLD" });
  const [loud] = told.artifacts["root.shout"] ?? [];
  expect(loud?.metadata).toMatchObject({ length: 23 });
  expect(readFileSync(loud?.uri ?? "", "utf8")).toBe("HELLO WORLD HELLO WORLD");
});

test("values of schema 2.0.0, there and back", () => {
  const values = { text: "a", whole: 3, part: 0.5, yes: true, list: [1, "b"] };
  const old = oldParameters(values, {
    parameters: { whole: { parameterType: "NUMBER_INTEGER" }, part: { parameterType: "NUMBER_DOUBLE" } },
  });
  expect(old).toEqual({
    text: { stringValue: "a" },
    whole: { intValue: 3 },
    part: { doubleValue: 0.5 },
    yes: { stringValue: "true" },
    list: { stringValue: '[1,"b"]' },
  });
  const back = ["text", "whole", "part", "none"].map((name) => newValue({ ...old[name] }));
  expect(back).toEqual(["a", 3, 0.5, undefined]);
});

test.each([
  ["kfp==1.8.22", true],
  ["kfp==2.0.0-beta.1", true],
  ["kfp==2.4.0", true],
  ["kfp==2.5.0", false],
  ["kfp==2.10.1", false],
  ["kfp-kubernetes==1.0.0", false],
])("whether %s knows artifacts in stores alone", (name, isOld) => expect(isOldKfp([name])).toBe(isOld));

test("the one line of an old kfp, and nothing of a new one", async () => {
  const folder = scratch();
  const file = (of: string) => join(folder, "kfp", of, "types/artifact_types.py");
  const text = (last: string) =>
    `class Artifact:\n    def _get_path(self):\n        if self.uri.startswith('gs://'):\n            return '/gcs/'\n        return ${last}\n\n    def other(self):\n        return None\n`;
  for (const of of ["components", "dsl"]) mkdirSync(join(file(of), ".."), { recursive: true });
  writeFileSync(file("components"), text("None"));
  writeFileSync(file("dsl"), text("self.uri"));
  await giveLocalPaths(folder);
  expect(readFileSync(file("components"), "utf8")).toBe(text("self.uri"));
  expect(readFileSync(file("dsl"), "utf8")).toBe(text("self.uri"));
});
