/**
 * What is said beside errors of files that the SDK compiles without a word: each line of
 * `fixtures/corpus-warnings.txt` was looked at and is right. `UPDATE=1` writes it anew; look at what is new.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { analyzePython } from "../../../language/python/front-end.ts";
import { lineStarts, positionAt } from "../../../language/source.ts";
import { diskFiles } from "./disk-files.ts";

const corpus = resolve(import.meta.dirname, "../../../../shared/corpus");
const record = `${import.meta.dirname}/fixtures/corpus-warnings.txt`;

describe.skipIf(!existsSync(corpus))("warnings for the corpus", () => {
  it("are those that were looked at", () => {
    // SAFETY: the corpus's own index; its README names these fields.
    const cases = JSON.parse(readFileSync(`${corpus}/index.json`, "utf8")) as readonly {
      readonly name: string;
      readonly entry: string;
      readonly python_path?: readonly string[];
      readonly ok: boolean;
    }[];
    const counts = new Map<string, number>();
    const lines = cases
      .filter(({ ok }) => ok)
      .flatMap(({ name, entry, python_path = [] }) => {
        const folder = `${corpus}/${name}`;
        const path = `${folder}/${entry}`;
        const roots = python_path.map((root) => resolve(folder, root));
        const { diagnostics } = analyzePython(path, diskFiles, { sdkVersion: "2.17.0", roots, env: {} });
        const starts = lineStarts(readFileSync(path, "utf8"));
        return diagnostics
          .filter(({ severity, span }) => severity !== "error" && span.path === path)
          .map(({ severity, code, message, span }) => {
            counts.set(`${severity} ${code}`, (counts.get(`${severity} ${code}`) ?? 0) + 1);
            return `${name}:${positionAt(starts, span.start).line + 1}: ${code}: ${message}\n`;
          });
      })
      .join("");
    console.log(`warnings for the corpus: ${[...counts].map(([kind, count]) => `${count} ${kind}`).join(", ")}`);
    if (process.env["UPDATE"] === "1") writeFileSync(record, lines);
    expect(lines).toBe(readFileSync(record, "utf8"));
  });
});

if (!existsSync(corpus)) console.log("warnings for the corpus: skipped, there is no ../shared/corpus");
