/**
 * Each error of the SDK that a file can provoke, and beside it a near twin that it takes.
 *
 * A case of `fixtures/rejections/*.txt` is one file in two versions: lines that end with `#-` are
 * the refused one's, lines with `#+` the twin's; the error stands at the line with `!`, else at the
 * first `#-`. `head.py` comes before each. What `warned.txt` has, the SDK takes with a warning, and so
 * do we. `answers.json` has what the SDK said: its error or warnings, and the digest of the twin's
 * YAML. `UPDATE=1 KFP_PYTHON=…` asks it again. `fixtures/sdk-errors.txt` lists the errors that
 * KFP's own tests expect, each with its case.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { writePackage } from "../../../language/spec/write.ts";
import { analyze } from "./check.ts";
import { comparable } from "./comparable.ts";
import { type Answer, askSdk, python } from "./oracle/sdk.ts";

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
  readonly warnings?: readonly string[];
  /** SHA-256 of the twin's YAML without its version. */
  readonly twin: string;
}

const fixtures = `${import.meta.dirname}/fixtures`;
const folder = `${fixtures}/rejections`;
const head = readFileSync(`${folder}/head.py`, "utf8");
const groups = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => ({ name, cases: casesOf(readFileSync(`${folder}/${name}`, "utf8")) }));

if (python !== undefined && process.env["UPDATE"] === "1") update();
// SAFETY: `update` writes it.
const answers = JSON.parse(readFileSync(`${folder}/answers.json`, "utf8")) as Readonly<Record<string, Expected>>;

describe.each(groups)("$name", ({ name, cases }) => {
  it.each(cases)("$title", ({ title, wrong, right, line }) => {
    const expected = answers[title];
    expect(expected, "the SDK was not asked").toBeDefined();
    const isWarned = name === "warned.txt";
    if (wrong !== undefined) {
      const { errors, warnings } = outcome(wrong);
      const [first] = isWarned ? warnings : errors;
      expect(first?.line, `${first?.message ?? "nothing is said"}; the SDK: ${expected?.error ?? ""}`).toBe(line);
      if (isWarned) expect(errors).toEqual([]);
    }
    const twin = outcome(right);
    expect(twin.errors).toEqual([]);
    if (isWarned) expect(twin.warnings).toEqual([]);
    expect(digest(twin.yaml ?? ""), twin.yaml).toBe(expected?.twin);
  });
});

describe("what KFP's own tests expect", () => {
  const listed = readFileSync(`${fixtures}/sdk-errors.txt`, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [place = "", words = "", title = ""] = line.split(" | ");
      return { place, words, title, reason: title.startsWith("- ") ? title.slice(2) : undefined };
    });
  const provoked = listed.filter(({ reason }) => reason === undefined);
  console.log(`the SDK's own tests: ${provoked.length} of ${listed.length} errors and warnings have a case`);
  for (const { place, words, reason } of listed)
    if (reason !== undefined) console.log(`  ${place} "${words}": ${reason}`);

  it("are 143, each listed once", () => expect(new Set(listed.map(({ place }) => place)).size).toBe(143));
  it.each(provoked)("$place $title", ({ words, title }) => {
    expect(groups.flatMap(({ cases }) => cases.map((one) => one.title))).toContain(title);
    const { error, warnings = [] } = answers[title] ?? { twin: "" };
    expect([error, ...warnings].join("\n")).toContain(words);
  });
});

interface Said {
  readonly line: number;
  readonly message: string;
}

function outcome(text: string): { errors: Said[]; warnings: Said[]; yaml?: string } {
  const analysis = analyze(text);
  const { definitions } = analysis;
  const definition = definitions.findLast(({ kind }) => kind === "pipeline") ?? definitions.at(-1);
  const result = definition?.compile();
  const said = [...analysis.diagnostics, ...(result?.diagnostics ?? [])];
  const of = (wanted: string): Said[] =>
    said
      .filter(({ severity }) => severity === wanted)
      .map(({ code, message, span }) => ({
        line: text.slice(0, span.start).split("\n").length,
        message: `${code}: ${message}`,
      }));
  const yaml = result?.compiled && { yaml: writePackage(result.compiled) };
  return { errors: of("error"), warnings: of("warning"), ...yaml };
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

function warningsOf(answer: Answer | undefined): readonly string[] {
  return answer !== undefined && "warnings" in answer ? answer.warnings.map(({ text }) => text) : [];
}

function update(): void {
  const cases = groups.flatMap(({ name, cases }) => cases.map((one) => ({ ...one, isWarned: name === "warned.txt" })));
  const said = askSdk(cases.flatMap(({ wrong, right }) => [wrong ?? right, right]));
  const written: Record<string, Expected> = {};
  for (const [i, { title, wrong, isWarned }] of cases.entries()) {
    const [refused, twin] = said.slice(2 * i);
    if (title in written) throw new Error(`There are two cases "${title}".`);
    if (twin === undefined || "error" in twin)
      throw new Error(`The SDK refuses the twin of "${title}": ${twin?.error ?? "no answer"}`);
    if (wrong !== undefined && !isWarned && (refused === undefined || "yaml" in refused))
      throw new Error(`The SDK takes "${title}".`);
    const warnings = warningsOf(refused).filter((text) => !warningsOf(twin).includes(text));
    written[title] = {
      ...(refused !== undefined && "error" in refused && refused),
      ...(isWarned && { warnings }),
      twin: digest(twin.yaml),
    };
  }
  const text = JSON.stringify(written, (key, value: unknown) => (key === "id" ? undefined : value), 1);
  writeFileSync(
    `${folder}/answers.json`,
    `${text.replaceAll(/0x[0-9a-f]+/g, "0x…").replaceAll(/\(\S*site-packages\//g, "(…/")}\n`,
  );
}
