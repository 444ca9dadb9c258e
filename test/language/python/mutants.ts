/** Files with a few things wrong, or only different: the same one for the same numbers. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { numbersOf } from "../../support/watched.ts";

type Pick = (below: number) => number;

/** One pipeline file with changes in it. */
export function mutant(seed: number, index: number): string {
  return mutantOf(pipelineFiles(), seed, index);
}

/** What `mutant` of the same numbers changes. */
export function originalOf(seed: number, index: number): string {
  return chosen(pipelineFiles(), seed, index);
}

/** Another file among these leaves nearly all choices as they are: it is taken itself, or nothing changes. */
function chosen(files: readonly string[], seed: number, index: number): string {
  const salt = numbersOf(seed, index)(2 ** 31);
  let best = "";
  let most = -1;
  for (const text of files) {
    const weight = Math.imul((hashOf(text) ^ salt) | 1, 0x9e3779b1) >>> 0;
    const mixed = Math.imul(weight ^ (weight >>> 15), 0x85ebca6b) >>> 0;
    if (mixed <= most) continue;
    most = mixed;
    best = text;
  }
  return best;
}

const hashes = new Map<string, number>();

function hashOf(text: string): number {
  const known = hashes.get(text);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hashes.set(text, hash);
  return hash;
}

/** One of these texts with changes in it. */
export function mutantOf(files: readonly string[], seed: number, index: number): string {
  const pick = numbersOf(seed, index);
  const text = chosen(files, seed, index);
  switch (pick(10)) {
    case 0:
    case 1:
      return changedTokens(text, pick);
    case 2:
      return spliced(text, chosen(files, seed + 1, index), pick);
    case 3:
      return garbled(text, pick);
    default:
      return changedLines(text, pick);
  }
}

let found: readonly string[] | undefined;

/** Pipeline files: the cases of `fixtures/rejections`, and the corpus's where it lies beside the project. */
export function pipelineFiles(): readonly string[] {
  return (found ??= readPipelineFiles());
}

function readPipelineFiles(): readonly string[] {
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

/** One to three lines are others. */
export function changedLines(text: string, pick: Pick): string {
  const lines = text.split("\n");
  for (let changes = few(pick); changes > 0; changes--) {
    const at = later(lines.length, pick);
    const line = lines[at] ?? "";
    const change = pick(changesOfLines.length);
    changesOfLines[change]?.(lines, at, line, pick);
  }
  return lines.join("\n");
}

type Change = (lines: string[], at: number, line: string, pick: Pick) => void;

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

const token = /"[^"\n]*"|'[^'\n]*'|[A-Za-z_]\w*|\d+(?:\.\d+)?|[-+*/%<>=!]=|\*\*|->|:=|[^\s\w]|\n +/g;

/** What may stand where anything stands. */
const constants = ["None", "True", "0", "-1", "2.5", "''", '"a b"', "[]", "{}", "()", "[1, 'a']", "{'a': 1}", "..."];

/** One to three tokens are cut, doubled, exchanged with the next or with any other, or made a constant. */
function changedTokens(text: string, pick: Pick): string {
  const tokens = [...text.matchAll(token)];
  // From the end, so that what comes before keeps its place.
  const places = Array.from({ length: few(pick) }, () => later(tokens.length, pick)).sort((a, b) => b - a);
  return places.reduce((changed, at) => {
    const one = tokens[at];
    const next = tokens[at + 1];
    if (one === undefined) return changed;
    const end = one.index + one[0].length;
    const put = (some: string): string => changed.slice(0, one.index) + some + changed.slice(end);
    switch (pick(6)) {
      case 0:
        return put("");
      case 1:
        return put(`${one[0]} ${one[0]}`);
      case 2:
        if (next === undefined) return changed;
        return (
          changed.slice(0, one.index) +
          next[0] +
          changed.slice(end, next.index) +
          one[0] +
          changed.slice(next.index + next[0].length)
        );
      case 3:
        return put(constants[pick(constants.length)] ?? "");
      default: {
        const alike = tokens.filter(([other]) => /^\w/.test(other) === /^\w/.test(one[0]));
        return put(alike[pick(alike.length)]?.[0] ?? "");
      }
    }
  }, text);
}

/** The beginning of one file and the end of another; both are cut where a statement of the module begins. */
function spliced(text: string, other: string, pick: Pick): string {
  const starts = (of: string): number[] => [0, ...[...of.matchAll(/^(?=[@\w])/gm)].map(({ index }) => index)];
  const [here, there] = [starts(text), starts(other)];
  return text.slice(0, here[later(here.length, pick)]) + other.slice(there[pick(there.length)]);
}

const signs = "()[]{}:,.=\"'\\\n\t\r\f #@*;`$?~^&|<>!%-+/0aé\u00a0\u3000\u2028\ufeff😀\0\x1b";

/** One to eight characters are others. */
function garbled(text: string, pick: Pick): string {
  const all = Array.from(signs);
  const characters = Array.from(text);
  const changes = 1 + pick(8);
  for (let i = 0; i < changes; i++)
    characters.splice(pick(characters.length), pick(2), ...(pick(4) === 0 ? [] : [all[pick(all.length)] ?? ""]));
  return characters.join("");
}

/** One, sometimes two or three: of files with one change more still compile. */
function few(pick: Pick): number {
  return pick(2) === 0 ? 1 : 1 + pick(3);
}

/** Any place, but more often one near the end: there a file has its pipelines. */
function later(length: number, pick: Pick): number {
  return pick(2) === 0 ? pick(length) : Math.floor(length * (0.6 + pick(400) / 1000));
}
