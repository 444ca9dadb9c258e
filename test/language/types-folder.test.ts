/** `.millrace/types` on the disk: written once, taken away again, and never through a link. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commonFiles, filesOf, isWritten, writeTypes } from "../../language/types-folder.ts";
import { analyzeFile } from "../../language/analyze-file.ts";
import type { Files } from "../../language/source.ts";

let root = "";
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "types-folder-"))));
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 9 }));

const python = `from kfp import dsl
from typing import Dict, List

@dsl.component
def fit(sizes: List[int], names: List[List[str]], rows: List[Dict[str, int]], on: bool = True) -> List[float]:
    """Fits */ all."""
    return []
`;

async function typesOf(text: string) {
  const path = join(root, "a/steps.py");
  const files: Files = { read: (each) => (each === path ? text : undefined), list: () => [] };
  const { definitions } = await analyzeFile(path, files, { sdkVersion: "2.17.0", roots: [], env: {} });
  return filesOf(root, path, definitions, files);
}

test("lists have the types of their items, and names lead to their places in the Python file", async () => {
  const written = writeTypes(root, await typesOf(python));
  expect(written.map(({ path }) => path)).toEqual(
    ["steps.d.py.ts.map", "steps.d.py.ts"].map((name) => join(root, ".millrace/types/a", name)),
  );
  const [map = "", text = ""] = written.map(({ path }) => readFileSync(path, "utf8"));
  expect(text).toContain(
    "fit: Component<{ sizes: readonly Int[]; names: readonly (readonly string[])[]; rows: readonly ({ readonly [key: string]: any })[]; on?: boolean }, { output: readonly number[] }>;",
  );
  expect(text).toContain("/** Fits * / all. */");
  expect(JSON.parse(map)).toMatchObject({ sources: ["../../../a/steps.py"], file: "steps.d.py.ts" });
  const { SourceMap } = await import("node:module");
  // SAFETY: a source map of ours, version 3.
  const sourceMap = new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]);
  const lines = text.split("\n");
  for (const name of ["fit", "sizes", "rows", "on"]) {
    const line = lines.findIndex((each) => each.includes("export declare"));
    const column = lines[line]?.search(new RegExp(`\\b${name}\\??:`)) ?? -1;
    const entry = sourceMap.findEntry(line, column);
    if (!("originalLine" in entry)) throw new Error(`${name} leads nowhere`);
    expect([entry.generatedColumn, python.split("\n")[entry.originalLine]?.slice(entry.originalColumn)]).toEqual([
      column,
      expect.stringMatching(new RegExp(`^${name}\\b`)),
    ]);
  }
});

test("what is unchanged is not touched; what defines nothing any more has no types", async () => {
  const [, target] = writeTypes(root, await typesOf(python));
  if (!target) throw new Error("nothing written");
  const before = statSync(target.path).mtimeMs;
  expect(writeTypes(root, await typesOf(python))).toEqual([]);
  expect(statSync(target.path).mtimeMs).toBe(before);
  writeTypes(root, await typesOf("from kfp import dsl\n"));
  expect(existsSync(target.path)).toBe(false);
});

test.each([".millrace", ".millrace/types", ".millrace/tsconfig.json"])("%s as a link is not followed", (link) => {
  const outside = mkdtempSync(join(tmpdir(), "outside-"));
  try {
    mkdirSync(join(root, link, ".."), { recursive: true });
    symlinkSync(join(outside, link.endsWith(".json") ? "file" : ""), join(root, link));
    writeTypes(root, commonFiles(root));
    expect(existsSync(join(outside, "file"))).toBe(false);
    expect(existsSync(join(outside, "millrace.d.ts"))).toBe(false);
    expect(existsSync(join(outside, "tsconfig.json"))).toBe(false);
    expect(commonFiles(root).some((file) => !isWritten(file))).toBe(true);
  } finally {
    rmSync(outside, { recursive: true, force: true, maxRetries: 9 });
  }
});
