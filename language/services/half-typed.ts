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
  const innermost = state.quote === "" ? state.open.at(-1) : undefined;
  const withValue = innermost === ")" ? "=None" : innermost === "}" ? ":None" : undefined;
  const closed = state.quote + state.open.toReversed().join("");
  // From what keeps most of the text to what keeps least; the first does, nearly always.
  function* attempts(): Generator<string> {
    yield after;
    if (withValue) yield withValue + after;
    yield closed + restOfFile;
    if (withValue) yield withValue + closed + restOfFile;
    const next = nextStatement(restOfFile);
    yield closed + next;
    if (withValue) yield withValue + closed + next;
    // A block that has no body yet, a decorator that has no function.
    yield `${closed}:pass${restOfFile}`;
    const decorator = [...text.slice(0, offset).matchAll(/^([ \t]*)@/gm)].at(-1);
    if (decorator) yield `${closed}\n${decorator[1] ?? ""}def ${placeholder}():pass${restOfFile}`;
  }
  for (const attempt of attempts()) {
    const whole = before + attempt;
    const tree = parse(whole);
    const around = nodesAround(tree, offset + 1);
    const last = around.at(-1);
    if (last && !around.some((node) => isKind(node, "broken"))) return { text: whole, tree, offset: offset + 1 };
  }
  return undefined;
}

interface State {
  /** What closes each bracket that is open; the place for a value in an f-string is closed with its quotes. */
  readonly open: readonly string[];
  /** The quotes of the text that the offset is in, or nothing. */
  readonly quote: string;
}

/** Statements that no bracket can hold: where a line begins with one, what was open before was forgotten. */
const beginning = /[ \t]*(?:async[ \t]+def|def|class|return|import|with|while|try|raise|assert)\b|@/y;

function readUpTo(text: string, offset: number): State | undefined {
  let open: string[] = [];
  let quote = "";
  let formatted = false;
  let lineStart = true;
  for (let i = 0; i < offset; ) {
    if (quote !== "") {
      if (text[i] === "\\" || (formatted && text.startsWith("{{", i))) i += 2;
      else if (text.startsWith(quote, i)) {
        i += quote.length;
        quote = "";
      } else if (formatted && text[i] === "{") {
        open.push(`}${quote}`);
        quote = "";
        i++;
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
      formatted = /(?<!\w)(?:[fF][rR]?|[rR][fF])$/.test(text.slice(Math.max(0, i - 3), i));
      i += quote.length;
      continue;
    }
    const close = closing[char];
    if (close !== undefined) open.push(close);
    else if (")]}".includes(char)) {
      quote = open.pop()?.slice(1) ?? "";
      formatted = quote !== "";
    } else if (char === "\n" || char === "\r") lineStart = true;
    i++;
  }
  return { open, quote };
}

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** The text from the next line on that begins a statement for certain. */
function nextStatement(rest: string): string {
  for (const match of rest.matchAll(/[\r\n]+/g)) {
    beginning.lastIndex = match.index + match[0].length;
    if (beginning.test(rest)) return rest.slice(match.index);
  }
  return "";
}
