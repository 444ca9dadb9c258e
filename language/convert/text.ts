/** Pieces of TypeScript's text. */
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";

/** What TypeScript has no words for: the reason is shown to people. */
export class Unfit extends Error {
  /** The step or the group that it is about. */
  span?: Span;
}

/** What it makes; where that has no words, it is about this place, unless about one in it. */
export function placed<T>(span: Span | undefined, make: () => T): T {
  try {
    return make();
  } catch (problem) {
    if (problem instanceof Unfit && span) problem.span ??= span;
    throw problem;
  }
}

export const longestLine = 120;

/**
 * A statement's lines, each indented; where it is too long for one, the outermost brackets of it stand open, one
 * element a line.
 */
export function broken(text: string, indent: number): string[] {
  const pad = " ".repeat(indent);
  if (indent + text.length <= longestLine) return [pad + text];
  const [open, close] = widest(text);
  if (open === undefined || close === undefined) return [pad + text];
  const inside = elements(text.slice(open + 1, close));
  const last = broken(text.slice(close), indent);
  return [
    pad + text.slice(0, open + 1).trimEnd(),
    ...inside.flatMap((element) => broken(`${element},`, indent + 2)),
    ...last,
  ];
}

/** Where the first of the longest outermost brackets opens and closes. */
function widest(text: string): readonly [open?: number, close?: number] {
  let best: readonly [number, number] | undefined;
  let depth = 0;
  let open = 0;
  for (const { at, character } of code(text)) {
    if ("([{".includes(character) && depth++ === 0) open = at;
    if (")]}".includes(character) && --depth === 0 && at - open > (best ? best[1] - best[0] : 2)) best = [open, at];
  }
  return best ?? [];
}

/** The parts between its outermost commas. */
function elements(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let from = 0;
  for (const { at, character } of code(text)) {
    if ("([{".includes(character)) depth++;
    if (")]}".includes(character)) depth--;
    if (character !== "," || depth > 0) continue;
    found.push(text.slice(from, at).trim());
    from = at + 1;
  }
  return [...found, text.slice(from).trim()].filter((each) => each !== "");
}

/** Its characters but those of strings and templates. */
function* code(text: string): Generator<{ readonly at: number; readonly character: string }> {
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== undefined) {
      if (character === "\\") at++;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "`") quote = character;
    else yield { at, character };
  }
}

/** Throws Unfit for words that a doc comment cannot hold as they are. */
export function docComment(words: string): string[] {
  if (words.includes("*/") || /(^|\s|\{)@/.test(words) || words !== words.trim())
    throw new Unfit("the description of an input cannot be a doc comment");
  const lines = words.split("\n");
  return lines.length === 1 ? [`/** ${words} */`] : ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"];
}

export const isName = (text: string): boolean => /^[A-Za-z_$][\w$]*$/.test(text);
/** As a member of an object: quoted where it is no name. */
export const key = (name: string): string => (isName(name) ? name : JSON.stringify(name));
export const member = (of: string, name: string): string =>
  isName(name) ? `${of}.${name}` : `${of}[${JSON.stringify(name)}]`;

export function camelCase(name: string): string {
  const text = name.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
  return /^[A-Za-z]/.test(text) ? text : `step${text}`;
}

/** `./steps.py`, `../shared/steps.py` */
export function relative(from: string, to: string): string {
  const [a, b] = [from.split("/").slice(0, -1), to.split("/")];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const up = "../".repeat(a.length - same);
  return `${up || "./"}${b.slice(same).join("/")}`;
}

/** A constant as TypeScript writes it: `{ rows: 3, names: ["a"] }`. */
export function json(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((each: Json) => json(each)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, each]: [string, Json]) => `${key(name)}: ${json(each)}`);
  return members.length > 0 ? `{ ${members.join(", ")} }` : "{}";
}
