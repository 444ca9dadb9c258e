/** A text with a name put in where somebody types, so that the statement there can be read. */
import { parseModule } from "../python/parse.ts";
import type { Module } from "../python/syntax.ts";
import { isKind, nodesAround } from "../python/tree.ts";

/** Stands for what is not typed yet. No one's name in earnest. */
export const placeholder = "millrace_here";

export interface Completed {
  readonly text: string;
  readonly tree: Module;
  /** Inside the placeholder. */
  readonly offset: number;
}

/** Undefined in comments, and where even with a name nothing can be made of it. */
export function completeText(
  text: string,
  offset: number,
  parse: (text: string) => Module = parseModule,
): Completed | undefined {
  const state = readUpTo(text, offset);
  if (state === undefined) return undefined;
  const before = text.slice(0, offset) + placeholder;
  const after = text.slice(offset);
  const lineEnd = /[\r\n]|$/.exec(after)?.index ?? after.length;
  const restOfFile = after.slice(lineEnd);
  const next = nextStatement(restOfFile);
  const inCall = state.quote === "" && state.open.at(-1) === "(";
  const closed = state.quote + state.open.map(closing).reverse().join("");
  // From what keeps most of the text to what keeps least.
  const attempts = [
    after,
    ...(inCall ? [`=None${after}`] : []),
    closed + restOfFile,
    ...(inCall ? [`=None${closed}${restOfFile}`] : []),
    closed + next,
    ...(inCall ? [`=None${closed}${next}`] : []),
    // A block that has no body yet.
    `${closed}:pass${restOfFile}`,
  ];
  for (const attempt of attempts) {
    const whole = before + attempt;
    const tree = parse(whole);
    const around = nodesAround(tree, offset + 1);
    const last = around.at(-1);
    if (last && !around.some((node) => isKind(node, "broken"))) return { text: whole, tree, offset: offset + 1 };
  }
  return undefined;
}

interface State {
  /** Brackets that are open. */
  readonly open: readonly string[];
  /** The quotes of the text that the offset is in, or nothing. */
  readonly quote: string;
}

/** Statements that no bracket can hold: where a line begins with one, what was open before was forgotten. */
const beginning = /[ \t]*(?:async[ \t]+def|def|class|return|import|with|while|try|raise|assert)\b|@/y;

function readUpTo(text: string, offset: number): State | undefined {
  let open: string[] = [];
  let quote = "";
  let lineStart = true;
  for (let i = 0; i < offset; ) {
    if (quote !== "") {
      if (text[i] === "\\") i += 2;
      else if (text.startsWith(quote, i)) {
        i += quote.length;
        quote = "";
      } else {
        // A text in single quotes ends with its line, whatever follows.
        if (quote.length === 1 && (text[i] === "\n" || text[i] === "\r")) quote = "";
        else i++;
      }
      continue;
    }
    if (lineStart) {
      lineStart = false;
      beginning.lastIndex = i;
      if (open.length > 0 && beginning.test(text)) open = [];
    }
    const char = text.charAt(i);
    if (char === "#") {
      while (i < offset && text[i] !== "\n" && text[i] !== "\r") i++;
      if (i === offset) return undefined;
      continue;
    }
    if (char === '"' || char === "'") {
      quote = text.startsWith(char.repeat(3), i) ? char.repeat(3) : char;
      i += quote.length;
      continue;
    }
    if ("([{".includes(char)) open.push(char);
    else if (")]}".includes(char)) open.pop();
    else if (char === "\n" || char === "\r") lineStart = true;
    i++;
  }
  return { open, quote };
}

function closing(bracket: string): string {
  return bracket === "(" ? ")" : bracket === "[" ? "]" : "}";
}

/** The text from the next line on that begins a statement for certain. */
function nextStatement(rest: string): string {
  for (const match of rest.matchAll(/[\r\n]+/g)) {
    beginning.lastIndex = match.index + match[0].length;
    if (beginning.test(rest)) return rest.slice(match.index);
  }
  return "";
}
