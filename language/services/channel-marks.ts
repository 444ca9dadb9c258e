/** Where a Python file names a value that only the run knows. */
import type { Meanings } from "../python/meanings.ts";
import { isKind, mentionsOf } from "../python/tree.ts";
import type { Span } from "../source.ts";
import { inQuotes, isText } from "./symbols.ts";

/** In the order of the file, one line each, none over another. */
export function channelMarks(meanings: Meanings, path: string): readonly Span[] {
  const text = meanings.text(path);
  const marks = new Map<number, Span>();
  const mark = (start: number, end: number): void => {
    if (end > start && !/[\r\n]/.test(text.slice(start, end))) marks.set(start, { path, start, end });
  };
  for (const node of mentionsOf(meanings.tree(path))) {
    if (!isKind(node, "name") && !isKind(node, "attribute") && !isKind(node, "subscript")) continue;
    if (meanings.of(path, node)?.kind !== "channel") continue;
    if (isKind(node, "name")) mark(node.start, node.end);
    else if (isKind(node, "attribute")) mark(node.end - node.name.length, node.end);
    else if (isText(node.index)) {
      const { start, end } = inQuotes(text, node.index);
      mark(start, end);
    }
  }
  // Parameters of pipelines are channels from the first.
  for (const { kind, span, component } of meanings.sources) {
    if (kind !== "pipeline" || span.path !== path) continue;
    for (const input of component.inputs)
      if (input.span?.path === path) mark(input.span.start, input.span.start + input.name.length);
  }
  return [...marks.values()].sort((a, b) => a.start - b.start);
}
