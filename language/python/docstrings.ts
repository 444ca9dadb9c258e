/**
 * What the SDK reads out of a docstring, after the `docstring_parser` package
 * that it uses: the description, and one text a documented argument. The styles
 * are tried in its order, and the one that finds most wins.
 */
import type { Located, Statement } from "./syntax.ts";

export interface Docstring {
  readonly short: string | undefined;
  readonly long: string | undefined;
  readonly parameters: ReadonlyMap<string, string>;
}

interface Read extends Docstring {
  readonly found: number;
}

export function parseDocstring(text: string | null): Docstring {
  return parse(text === null ? "" : cleandoc(text));
}

/** The parser cleans what `inspect.getdoc` has cleaned: a first line at the margin hides that of the others. */
function parse(text: string): Docstring {
  let best: Read | undefined;
  const clean = cleandoc(text);
  for (const read of text === "" ? [] : [readRest, readGoogle, readNumpy]) {
    const docstring = read(clean);
    if (docstring !== undefined && (best === undefined || docstring.found > best.found)) best = docstring;
  }
  return best ?? { short: undefined, long: undefined, parameters: new Map() };
}

/** The text that a module, a class or a function begins with. */
export function docstringOf([first]: readonly Statement[]): string | null {
  return first?.kind === "expression" && first.value.kind === "constant" && typeof first.value.value === "string"
    ? first.value.value
    : null;
}

/** `\N{…}` in a docstring: what stands there is in Python's tables alone. */
export function characterIn([first]: readonly Statement[]):
  | { readonly name: string; readonly at: Located }
  | undefined {
  return docstringOf(first === undefined ? [] : [first]) !== null &&
    first?.kind === "expression" &&
    first.value.kind === "constant" &&
    first.value.character !== undefined
    ? { name: first.value.character, at: first.value }
    : undefined;
}

/** `inspect.cleandoc` */
export function cleandoc(text: string): string {
  const lines = expandTabs(text).split("\n");
  let margin = Infinity;
  for (const line of lines.slice(1)) {
    const content = line.trimStart().length;
    if (content > 0) margin = Math.min(margin, line.length - content);
  }
  const [first = "", ...rest] = lines;
  const cleaned = [first.trimStart(), ...rest.map((line) => (margin < Infinity ? line.slice(margin) : line))];
  while (cleaned.length > 0 && cleaned.at(-1) === "") cleaned.pop();
  while (cleaned.length > 0 && cleaned[0] === "") cleaned.shift();
  return cleaned.join("\n");
}

function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  return text
    .split("\n")
    .map((line) => {
      let out = "";
      for (const char of line) out += char === "\t" ? " ".repeat(8 - (out.length % 8)) : char;
      return out;
    })
    .join("\n");
}

function describe(chunk: string): { short: string | undefined; long: string | undefined } {
  const at = chunk.indexOf("\n");
  const short = at < 0 ? chunk : chunk.slice(0, at);
  const long = at < 0 ? "" : chunk.slice(at + 1).trim();
  return { short: short === "" ? undefined : short, long: long === "" ? undefined : long };
}

/** `:param name: text` */
function readRest(text: string): Read | undefined {
  const start = /^:/m.exec(text)?.index ?? text.length;
  const parameters = new Map<string, string>();
  let found = 0;
  for (const [chunk] of text.slice(start).matchAll(/^:[\s\S]*?(?=^:|$(?![\s\S]))/gm)) {
    if (chunk === "") continue;
    const body = chunk.replace(/^:+/, "");
    const colon = body.indexOf(":");
    if (colon < 0) return undefined;
    const words = body
      .slice(0, colon)
      .split(/\s+/)
      .filter((word) => word !== "");
    const [key = ""] = words;
    let description = body.slice(colon + 1).trim();
    const line = description.indexOf("\n");
    if (line >= 0) description = `${description.slice(0, line)}\n${cleandoc(description.slice(line + 1))}`;
    if ((key === "type" && words.length === 2) || (key === "rtype" && words.length <= 2)) continue;
    if (isParameter(key)) {
      if (words.length !== 2 && words.length !== 3) return undefined;
      parameters.set(words.at(-1) ?? "", description);
    } else if ((isReturn(key) || isRaise(key)) && words.length > 2) return undefined;
    found++;
  }
  return { ...describe(text.slice(0, start)), parameters, found };
}

function isParameter(key: string): boolean {
  return /^(?:param|parameter|arg|argument|attribute|key|keyword)$/.test(key);
}
function isReturn(key: string): boolean {
  return /^(?:return|returns|yield|yields)$/.test(key);
}
function isRaise(key: string): boolean {
  return /^(?:raises|raise|except|exception)$/.test(key);
}

const googleTitles =
  /^(Arguments|Args|Parameters|Params|Raises|Exceptions|Except|Attributes|Example|Examples|Returns|Yields):[ \t\r\f\v]*$/gm;

/** `Args:` and its like, each with indented entries. */
function readGoogle(text: string): Read | undefined {
  const titles = [...text.matchAll(googleTitles)];
  const parameters = new Map<string, string>();
  const chunks = new Map<string, string>();
  for (const [i, title] of titles.entries()) {
    let body = text.slice(title.index + title[0].length, titles[i + 1]?.index ?? text.length);
    const other = /\n\S/.exec(body);
    if (other !== null) body = body.slice(0, other.index);
    chunks.set(title[1] ?? "", body.replace(/^\n+|\n+$/g, ""));
  }
  let found = 0;
  for (const [title, chunk] of chunks) {
    const single = /^(?:Example|Examples|Returns|Yields)$/.test(title);
    if (single) {
      // A `Returns:` with "type: text" is split at the colon, which cannot fail here.
      if (
        !/^Example/.test(title) &&
        /^(?:\s*[^:\s]+:|[^:]*\]:.*)/.test(cleandoc(chunk)) &&
        !cleandoc(chunk).includes(":")
      )
        return undefined;
      found++;
      continue;
    }
    const indent = /^\s*/.exec(chunk)?.[0] ?? "";
    const starts = [...chunk.matchAll(new RegExp(`^${indent}(?=\\S)`, "gm"))];
    if (starts.length === 0) return undefined;
    for (const [i, start] of starts.entries()) {
      const part = chunk
        .slice(start.index + start[0].length, starts[i + 1]?.index ?? chunk.length)
        .replace(/^\n+|\n+$/g, "");
      const colon = part.indexOf(":");
      if (colon < 0) return undefined;
      found++;
      if (!/^(?:Arg|Param|Attributes)/.test(title)) continue;
      let before = part.slice(0, colon);
      const line = before.indexOf("\n");
      if (line >= 0) before = before.slice(0, line) + cleandoc(before.slice(line + 1));
      const name = /^\s*(.+?)\s*\(\s*(.*[^\s]+)\s*\)/.exec(before)?.[1] ?? before;
      parameters.set(name, entryText(part.slice(colon + 1)));
    }
  }
  return { ...describe(text.slice(0, titles[0]?.index ?? text.length)), parameters, found };
}

function entryText(description: string): string {
  if (description === "") return description;
  const text = description.startsWith(" ") ? description.slice(1) : description;
  const line = text.indexOf("\n");
  const cleaned = line < 0 ? text : `${text.slice(0, line)}\n${cleandoc(text.slice(line + 1))}`;
  return cleaned.replace(/^\n+|\n+$/g, "");
}

const numpyParameters = new Set([
  "Parameters",
  "Params",
  "Arguments",
  "Args",
  "Other Parameters",
  "Other Params",
  "Other Arguments",
  "Other Args",
  "Receives",
  "Receive",
  "Attributes",
]);
const numpyTitles =
  /^(Parameters|Params|Arguments|Args|Other Parameters|Other Params|Other Arguments|Other Args|Receives|Receive|Raises|Raise|Warns|Warn|Attributes|Attribute|Returns|Return|Yields|Yield|Examples|Example|Warnings|Warning|See Also|Related|Notes|Note|References|Reference|deprecated)\s*?\n-+\s*$/gm;

/** Underlined titles with `name : type` entries. */
function readNumpy(text: string): Read | undefined {
  const titles = [...text.matchAll(numpyTitles)];
  const parameters = new Map<string, string>();
  let found = 0;
  for (const [i, title] of titles.entries()) {
    const body = cleandoc(text.slice(title.index + title[0].length, titles[i + 1]?.index ?? text.length));
    const starts = [...body.matchAll(/^\S.*$/gm)];
    found += starts.length;
    if (!numpyParameters.has(title[1] ?? "")) continue;
    for (const [j, start] of starts.entries()) {
      const description = cleandoc(body.slice(start.index + start[0].length, starts[j + 1]?.index ?? body.length));
      const name = /^([^:]*?)(?:\s*:.*)?$/.exec(start[0])?.[1] ?? start[0];
      if (description !== "") parameters.set(name, description);
    }
  }
  return { ...describe(text.slice(0, titles[0]?.index ?? text.length)), parameters, found };
}

/** Argument texts of a returns section, read as if it were `Args:` (the SDK's trick for outputs). */
export function outputDescriptions(text: string | null): ReadonlyMap<string, string> {
  if (text === null) return new Map();
  const clean = cleandoc(text);
  for (const keyword of ["Returns:\n", "Returns\n", "Return:\n", "Return\n"]) {
    if (clean.includes(keyword)) return parse(clean.replaceAll(keyword.trim(), "Args:")).parameters;
  }
  return new Map();
}

/** A pipeline's or component's description: short and long with the blank line between them gone. */
export function docstringDescription({ short, long }: Docstring): string | undefined {
  const text = short !== undefined && long !== undefined ? `${short}\n${long}` : short;
  const trimmed = text?.trim();
  return trimmed === "" ? undefined : trimmed;
}
