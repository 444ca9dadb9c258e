/**
 * Each error of the SDK that a file can provoke, and beside it a near twin that it takes.
 *
 * A case of `fixtures/rejections/*.txt` is one file in two versions: lines that end with `#-` are
 * the refused one's, lines with `#+` the twin's; the error stands at the line with `!`, else at the
 * first `#-`. `head.py` comes before each. `answers.json` has what the SDK said: its error, and the
 * digest of the twin's YAML. `UPDATE=1 KFP_PYTHON=…` asks it again.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { writePackage } from "../../../language/spec/write.ts";
import { analyze } from "./check.ts";
import { comparable } from "./comparable.ts";
import { askSdk, python } from "./oracle/sdk.ts";

interface Case {
  readonly title: string;
  /** Undefined: the SDK takes what looks wrong, and so must we. */
  readonly wrong: string | undefined;
  readonly right: string;
  /** 1-based, in `wrong`. */
  readonly line: number;
}

interface Expected {
  /** What the SDK says, and where. */
  readonly error?: string;
  readonly line?: number | null;
  /** SHA-256 of the twin's YAML without its version. */
  readonly twin: string;
}

const folder = `${import.meta.dirname}/fixtures/rejections`;
const head = readFileSync(`${folder}/head.py`, "utf8");
const groups = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => ({ name, cases: casesOf(readFileSync(`${folder}/${name}`, "utf8")) }));

if (python !== undefined && process.env["UPDATE"] === "1") update();
// SAFETY: `update` writes it.
const answers = JSON.parse(readFileSync(`${folder}/answers.json`, "utf8")) as Readonly<Record<string, Expected>>;

describe.each(groups)("$name", ({ cases }) => {
  it.each(cases)("$title", ({ title, wrong, right, line }) => {
    const expected = answers[title];
    expect(expected, "the SDK was not asked").toBeDefined();
    if (wrong !== undefined) {
      const [first] = outcome(wrong).errors;
      expect(first?.line, `${first?.message ?? "no error"}; the SDK: ${expected?.error ?? ""}`).toBe(line);
    }
    const twin = outcome(right);
    expect(twin.errors).toEqual([]);
    expect(digest(twin.yaml ?? ""), twin.yaml).toBe(expected?.twin);
  });
});

function outcome(text: string): { errors: { line: number; message: string }[]; yaml?: string } {
  const analysis = analyze(text);
  const { definitions } = analysis;
  const definition = definitions.findLast(({ kind }) => kind === "pipeline") ?? definitions.at(-1);
  const result = definition?.compile();
  const errors = [...analysis.diagnostics, ...(result?.diagnostics ?? [])]
    .filter(({ severity }) => severity === "error")
    .map(({ code, message, span }) => ({
      line: text.slice(0, span.start).split("\n").length,
      message: `${code}: ${message}`,
    }));
  return { errors, ...(result?.compiled && { yaml: writePackage(result.compiled) }) };
}

function casesOf(text: string): Case[] {
  return text
    .split(/^== /m)
    .slice(1)
    .map((block) => {
      const [title = "", ...lines] = block.trimEnd().split("\n");
      const marked = lines.map((line) => /^(.*?)(?: {2}#([-+!])( !)?)?$/.exec(line)?.slice(1) ?? [line]);
      const before = head.split("\n").length - 1;
      const version = (left: string): string =>
        head +
        marked
          .filter(([, mark]) => mark !== left)
          .map(([line]) => `${line ?? ""}\n`)
          .join("");
      const refused = marked.filter(([, mark]) => mark !== "+");
      const at = refused.findIndex(([, mark, also]) => mark === "!" || also !== undefined);
      return {
        title,
        wrong: refused.some(([, mark]) => mark !== undefined) ? version("+") : undefined,
        right: version("-"),
        line: before + 1 + (at >= 0 ? at : refused.findIndex(([, mark]) => mark === "-")),
      };
    });
}

function digest(yaml: string): string {
  return createHash("sha256").update(comparable(yaml)).digest("hex");
}

function update(): void {
  const cases = groups.flatMap((group) => group.cases);
  const said = askSdk(cases.flatMap(({ wrong, right }) => [wrong ?? right, right]));
  const written: Record<string, Expected> = {};
  for (const [i, { title, wrong }] of cases.entries()) {
    const [refused, twin] = said.slice(2 * i);
    if (title in written) throw new Error(`There are two cases "${title}".`);
    if (twin === undefined || "error" in twin)
      throw new Error(`The SDK refuses the twin of "${title}": ${twin?.error ?? "no answer"}`);
    if (wrong !== undefined && (refused === undefined || "yaml" in refused))
      throw new Error(`The SDK takes "${title}".`);
    written[title] = { ...(refused !== undefined && "error" in refused && refused), twin: digest(twin.yaml) };
  }
  const text = JSON.stringify(written, (key, value: unknown) => (key === "id" ? undefined : value), 1);
  writeFileSync(`${folder}/answers.json`, `${text.replaceAll(/0x[0-9a-f]+/g, "0x…")}\n`);
}
