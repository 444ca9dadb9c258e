/** Every variant of a component and every layout of its source, with what the SDK made of it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { analyzePython } from "../../../language/python/front-end.ts";
import { writePackage } from "../../../language/spec/write.ts";
import { comparable } from "./comparable.ts";
import { diskFiles } from "./disk-files.ts";

const fixtures = `${import.meta.dirname}/fixtures`;
describe.each(["source-rules", "templates", "own", "python", "packages"])("%s", (folder) => {
  const names = readdirSync(`${fixtures}/${folder}`)
    .filter((name) => name.endsWith(".py"))
    .map((name) => name.slice(0, -3));

  it.each(names)("%s", (name) => {
    const path = `${fixtures}/${folder}/${name}`;
    const { definitions, diagnostics } = analyzePython(`${path}.py`, diskFiles, {
      sdkVersion: "2.17.0",
      roots: [],
      env: {},
    });
    if (folder === "own") expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    const definition = definitions.findLast(({ kind }) => kind === "pipeline") ?? definitions.at(-1);
    const result = definition?.compile();
    expect(result?.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    if (!existsSync(`${path}.yaml`)) return;
    expect(result?.compiled && comparable(writePackage(result.compiled))).toBe(
      comparable(readFileSync(`${path}.yaml`, "utf8")),
    );
  });
});
