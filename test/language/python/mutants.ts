/** Files with a few things wrong, or only different: the same ones for the same seed. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Numbers below a bound, the same on every run. */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Pipeline files: the cases of `fixtures/rejections`, and the corpus's where it lies beside the project. */
export function pipelineFiles(): readonly string[] {
  const folder = `${import.meta.dirname}/fixtures/rejections`;
  const head = readFileSync(`${folder}/head.py`, "utf8");
  const own = readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .flatMap((name) =>
      readFileSync(`${folder}/${name}`, "utf8")
        .split(/^== .*\n/m)
        .slice(1),
    )
    .map((text) => head + text.replaceAll(/^.* {2}#-.*\n/gm, "").replaceAll(/ {2}#[+!].*$/gm, ""));
  const corpus = resolve(import.meta.dirname, "../../../../shared/corpus");
  const others = existsSync(corpus)
    ? readdirSync(corpus).flatMap((name) => {
        const file = [`${corpus}/${name}/pipeline.py`, `${corpus}/${name}/${name}.py`].find((path) => existsSync(path));
        return file === undefined ? [] : [readFileSync(file, "utf8")];
      })
    : [];
  return [...own, ...others.filter((text) => text.length < 20_000)];
}

/** One text with one to three changes. */
export function mutate(text: string, pick: (below: number) => number): string {
  const lines = text.split("\n");
  const changes = 1 + pick(3);
  for (let i = 0; i < changes; i++) {
    // The end of a file has the pipelines.
    const at = pick(2) === 0 ? pick(lines.length) : Math.floor(lines.length * (0.6 + pick(400) / 1000));
    const line = lines[at] ?? "";
    const change = pick(changesOfLines.length);
    changesOfLines[change]?.(lines, at, line, pick);
  }
  return lines.join("\n");
}

type Change = (lines: string[], at: number, line: string, pick: (below: number) => number) => void;

const changesOfLines: readonly Change[] = [
  (lines, at) => lines.splice(at, 1),
  (lines, at, line) => lines.splice(at, 0, line),
  (lines, at, line) => {
    const next = lines[at + 1];
    if (next !== undefined) lines.splice(at, 2, next, line);
  },
  (lines, at, line) => (lines[at] = `    ${line}`),
  (lines, at, line) => (lines[at] = line.replace(/^ {4}/, "")),
  (lines, at, line, pick) => {
    const other = lines[pick(lines.length)];
    if (other !== undefined) lines[at] = (/^ */.exec(line)?.[0] ?? "") + other.trimStart();
  },
  exchange(/\b[a-z_]\w*\b/g),
  exchange(/\b[a-z_]\w*\b/g),
  exchange(/\b\d+\b|"[^"\n]*"|'[^'\n]*'/g),
  exchange(/==|!=|<=|>=|[()[\],.=]/g),
];

/** Puts one thing of the file where another like it stands. */
function exchange(pattern: RegExp): Change {
  return (lines, at, line, pick) => {
    const found = [...line.matchAll(pattern)];
    const others = (lines[pick(lines.length)] ?? "").match(pattern) ?? [];
    const old = found[pick(found.length)];
    const other = others[pick(others.length)];
    if (old === undefined || other === undefined) return;
    lines[at] = line.slice(0, old.index) + other + line.slice(old.index + old[0].length);
  };
}
