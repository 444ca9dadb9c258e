/** What a file has, as an outline. */
import type { CompiledPipeline, Definition } from "../analyze.ts";
import type { Span } from "../source.ts";

export interface OutlineEntry {
  readonly name: string;
  readonly detail: string;
  readonly kind: "pipeline" | "component" | "step" | "group";
  readonly span: Span;
  /** What is selected: the name, or the whole. */
  readonly nameSpan: Span;
  readonly children: readonly OutlineEntry[];
}

/** Pipelines with their steps, and components; only what stands in this very file. */
export function outline(
  path: string,
  definitions: readonly Definition[],
  compiled: (definition: Definition) => CompiledPipeline | undefined,
): readonly OutlineEntry[] {
  return definitions
    .filter(({ span }) => span.path === path)
    .map((definition) => {
      const { symbol, name, kind, span, nameSpan } = definition;
      const pipeline = kind === "pipeline" ? compiled(definition) : undefined;
      const steps = pipeline ? stepsOf(pipeline, span) : [];
      return {
        name: symbol,
        detail: symbol === name ? kind : `${kind} ${name}`,
        kind,
        span,
        nameSpan,
        children: steps,
      };
    });
}

/** What no other server knows: the pipelines' steps, under names that others do not give. */
export function onlySteps(entries: readonly OutlineEntry[]): readonly OutlineEntry[] {
  return entries.flatMap((entry) => (entry.children.length > 0 ? [{ ...entry, name: `Steps of ${entry.name}` }] : []));
}

function stepsOf({ sourceMap }: CompiledPipeline, within: Span): readonly OutlineEntry[] {
  const own = [...sourceMap].filter(
    ([, { path, start, end }]) => path === within.path && start >= within.start && end <= within.end,
  );
  const nodes = new Set(own.map(([node]) => node));
  const below = new Map<string, (readonly [string, Span])[]>();
  for (const entry of own) {
    const parent = nearestAbove(entry[0], nodes);
    const known = below.get(parent);
    if (known) known.push(entry);
    else below.set(parent, [entry]);
  }
  const entries = (parent: string): readonly OutlineEntry[] =>
    (below.get(parent) ?? [])
      .sort((a, b) => a[1].start - b[1].start)
      .map(([node, span]) => {
        const children = entries(node);
        const name = node.slice(parent.length + 1);
        // A group is known by the expression that opens it; its steps follow.
        const end = Math.max(span.end, ...children.map((child) => child.span.end));
        const kind = children.length > 0 ? "group" : "step";
        return { name, detail: "", kind, span: { ...span, end }, nameSpan: span, children };
      });
  return entries("root");
}

/** The nearest group around a node that has a place of its own in the file. */
function nearestAbove(node: string, nodes: ReadonlySet<string>): string {
  for (let at = node.lastIndexOf("."); at > 0; at = node.lastIndexOf(".", at - 1))
    if (nodes.has(node.slice(0, at))) return node.slice(0, at);
  return "root";
}
