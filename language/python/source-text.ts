/** The text of a function that a lightweight component carries: `inspect.getsource`, dedented, decorators off. */
import { dedent } from "./stdlib-text.ts";
import type { ClassDefinition, FunctionDefinition } from "./syntax.ts";
import type { FunctionValue } from "./values.ts";

/**
 * What the SDK embeds. Its quirks included: everything above the first line that
 * starts with `def` goes, so that `async def`, and a function that a less
 * indented string keeps from being dedented, leave nothing.
 */
export function functionSource(target: FunctionValue, text: string): string {
  const lines = dedent(rawSource(target, text)).split("\n");
  const first = lines.findIndex((line) => line.startsWith("def"));
  return first < 0 ? "" : lines.slice(first).join("\n");
}

/** `inspect.getsource` of a function, as its file has it. */
export function rawSource(target: FunctionValue, text: string): string {
  if (target.body.kind === "lambda") {
    const start = text.lastIndexOf("\n", target.span.start) + 1;
    const end = text.indexOf("\n", target.span.end);
    return text.slice(start, end < 0 ? text.length : end + 1);
  }
  return wholeLines(text, target.body);
}

/** `inspect.getsource` of a class. */
export function classSource(definition: ClassDefinition, text: string): string {
  return wholeLines(text, definition);
}

/** Python reads source with universal line ends; a missing last one is added. */
function wholeLines(text: string, { firstLine, lastLineEnd }: ClassDefinition | FunctionDefinition): string {
  const source = text
    .slice(firstLine, lastLineEnd)
    .replace(/\r\n?/g, "\n")
    .replace(/^\ufeff/, "");
  return source.endsWith("\n") ? source : `${source}\n`;
}
