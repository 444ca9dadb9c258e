/** A pipeline in Python and in TypeScript over the same components: one YAML, byte for byte, made by the SDK (fixtures/twins). */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writePackage } from "../../../language/spec/write.ts";
import { analyzeTypeScript } from "../../../language/typescript/front-end.ts";
import { diskFiles } from "../../../runtime/compile/disk.ts";

const folder = join(import.meta.dirname, "fixtures/twins");
const twins = readdirSync(folder).flatMap((name) => (name.endsWith(".yaml") ? [name.slice(0, -".yaml".length)] : []));

describe("compiles to what the SDK makes of its Python twin", () => {
  test.each(twins)("%s", (name) => {
    const path = join(folder, `${name}.ts`);
    const { definitions, diagnostics } = analyzeTypeScript(path, diskFiles(), {
      sdkVersion: "2.17.0",
      roots: [],
      env: {},
    });
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    const compiled = definitions.find((each) => each.symbol === name)?.compile().compiled;
    expect(compiled && writePackage(compiled)).toBe(readFileSync(join(folder, `${name}.yaml`), "utf8"));
  });
});
