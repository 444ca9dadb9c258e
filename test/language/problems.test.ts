/** The table of problems in `docs/python.md` has every code that a Python or compiled file can bring. `UPDATE=1` writes it. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { catalogue, type DiagnosticCode } from "../../language/diagnostics.ts";

const language = resolve(import.meta.dirname, "../../language");
const docs = resolve(import.meta.dirname, "../../docs/python.md");

it("has every code", () => {
  const raised = codes(["python", "graph", "spec", "yaml"], /\b(?:diagnose|report)\(\s*"([a-z-]+)"/g);
  const repaired = codes(["services"], /\bcase "([a-z-]+)":/g, /fixes\.ts$/);
  const table = [...raised]
    .filter((code): code is DiagnosticCode => Object.hasOwn(catalogue, code))
    .sort()
    .map((code) => {
      const [severity, sentence] = catalogue[code];
      // SAFETY: sentences put their details into text, whatever they are.
      const text = (sentence as (...details: unknown[]) => string)("…", "…", "…", "…");
      return `| \`${code}\` | ${severity} | ${text.replaceAll("|", "\\|")} | ${repaired.has(code) ? "yes" : ""} |`;
    });
  const written = readFileSync(docs, "utf8");
  const [before = "", after = ""] = written.split(/(?<=<!-- problems -->\n)[^]*(?=<!-- end of problems -->)/);
  const wanted = `${before}\n| code | | what it says | light bulb |\n|---|---|---|---|\n${table.join("\n")}\n\n${after}`;
  if (process.env["UPDATE"] === "1") writeFileSync(docs, wanted);
  expect(readFileSync(docs, "utf8")).toBe(wanted);
  expect(table.length).toBeGreaterThan(90);
});

/** What the files of some folders name in that way. */
function codes(folders: readonly string[], pattern: RegExp, files = /\.ts$/): ReadonlySet<string> {
  const texts = folders.flatMap((folder) =>
    readdirSync(`${language}/${folder}`, { recursive: true, encoding: "utf8" })
      .filter((name) => files.test(name))
      .map((name) => readFileSync(`${language}/${folder}/${name}`, "utf8")),
  );
  return new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? "")));
}
