/** The services over files that others wrote: nothing throws, and what is renamed still compiles as it did. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { analyzePython } from "../../../language/python/front-end.ts";
import { readMeanings } from "../../../language/python/front-end.ts";
import { channelMarks } from "../../../language/services/channel-marks.ts";
import { complete } from "../../../language/services/completion.ts";
import { fixes } from "../../../language/services/fixes.ts";
import { pythonHover } from "../../../language/services/python-hover.ts";
import { passedOnWhole, refusedName, renameable, renamePlaces } from "../../../language/services/rename.ts";
import { signatureAt } from "../../../language/services/signature.ts";
import { keyOf, symbolsOf } from "../../../language/services/symbols.ts";
import type { Files } from "../../../language/source.ts";
import { diskFiles } from "../python/disk-files.ts";
import { options } from "./marked.ts";

const corpus = resolve(import.meta.dirname, "../../../../shared/corpus");
const isHere = existsSync(corpus);
if (!isHere) console.log("No corpus beside the project: the services are not tried on it.");

const codesOf = (path: string, files: Files): readonly string[] =>
  analyzePython(path, files, options)
    .diagnostics.map(({ code }) => code)
    .sort();

test.runIf(isHere)("every sixteenth file of the corpus", { timeout: 120_000 }, () => {
  const paths = readdirSync(corpus, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py"))
    .sort()
    .map((name) => join(corpus, name));
  let renames = 0;
  const wrong: string[] = [];
  for (const path of paths.filter((_, i) => i % 16 === 0)) {
    const text = readFileSync(path, "utf8");
    const meanings = readMeanings(path, diskFiles, options);
    const before = codesOf(path, diskFiles);
    channelMarks(meanings, path);
    for (let i = 1; i < 6; i++) {
      const offset = Math.floor((text.length * i) / 6);
      complete(path, offset, { files: diskFiles, options, alone: true });
      signatureAt(path, offset, diskFiles, options);
      fixes(meanings, path, { start: 0, end: text.length }, [
        { code: "unknown-input", start: offset, end: offset + 1 },
      ]);
    }
    const seen = new Set<string>();
    for (const { span } of symbolsOf(meanings, path)) {
      pythonHover(meanings, path, span.start, "");
      const symbol = renameable(meanings, path, span.start);
      if (!symbol || seen.has(keyOf(symbol)) || seen.size > 5) continue;
      seen.add(keyOf(symbol));
      const name = `renamed_${symbol.member?.name ?? ""}`;
      if (refusedName(symbol, name) !== undefined || passedOnWhole([meanings], symbol)) continue;
      const edited = new Map<string, string>();
      for (const { path: file, start, end } of renamePlaces([meanings], symbol).toSorted((a, b) => b.start - a.start)) {
        const old = edited.get(file) ?? diskFiles.read(file) ?? "";
        edited.set(file, old.slice(0, start) + name + old.slice(end));
      }
      const files: Files = {
        read: (file) => edited.get(file) ?? diskFiles.read(file),
        list: (one) => diskFiles.list(one),
      };
      renames++;
      const after = codesOf(path, files);
      if (after.join() !== before.join())
        wrong.push(
          `${path.slice(corpus.length + 1)}: ${symbol.source.component.name} ${symbol.member?.name ?? ""}: ${after.join()}`,
        );
    }
  }
  expect(wrong).toEqual([]);
  expect(renames).toBeGreaterThan(25);
});
