import type { Dag, DagNode } from "./view.ts";

/** A Mermaid flowchart: groups are subgraphs, an order without data is dotted. GitHub and GitLab draw it in Markdown. */
export function toMermaid(dag: Dag): string {
  const names = new Map(dag.nodes.map((node, i) => [node.id, `n${i}`]));
  const children = Map.groupBy(dag.nodes, (node) => node.parent ?? "");
  const lines = ["flowchart TD"];
  const write = (parent: string, indent: string) => {
    for (const node of children.get(parent) ?? []) {
      const name = names.get(node.id) ?? "";
      if (children.has(node.id)) {
        lines.push(`${indent}subgraph ${name} [${quoted(node.label)}]`);
        write(node.id, `${indent}  `);
        lines.push(`${indent}end`);
      } else lines.push(`${indent}${name}${shaped(node)}`);
    }
  };
  write("", "  ");
  for (const edge of dag.edges) {
    const from = names.get(edge.from);
    const to = names.get(edge.to);
    if (from === undefined || to === undefined) continue;
    const label = edge.label === undefined ? "" : `|${quoted(edge.label)}|`;
    lines.push(`  ${from} ${edge.kind === "order" ? "-.->" : "-->"}${label} ${to}`);
  }
  return `${lines.join("\n")}\n`;
}

function shaped(node: DagNode): string {
  const label = quoted([node.label, ...node.badges].join("\n"));
  if (node.kind === "importer") return `[(${label})]`;
  return node.foldable ? `[[${label}]]` : `(${label})`;
}

/** Mermaid's own escapes: entities with `#`. */
function quoted(text: string): string {
  const escaped = text.replace(/[&"<>#;`\\]/g, (char) => `#${char.charCodeAt(0)};`);
  return `"${escaped.replace(/\r\n|[\n\r]/g, "<br/>")}"`;
}
