import { sizes } from "./layout.ts";
import type { Box, DagEdge, DagNode, LaidOutDag } from "./view.ts";

/**
 * A drawing that stands alone: no scripts, fonts or files beside it; light or dark as the
 * reader's system is. Hovering shows what the picture cuts off.
 */
export function toSvg(laidOut: LaidOutDag): string {
  const { dag, boxes, paths } = laidOut;
  const pad = 24;
  const heading = 44;
  const width = Math.max(laidOut.width, dag.title.length * 9) + 2 * pad;
  const height = laidOut.height + heading + 2 * pad;
  const groups = new Set(dag.nodes.map((node) => node.parent));
  const drawn = dag.nodes.flatMap((node) => {
    const box = boxes[node.id];
    return box ? [groups.has(node.id) ? groupSvg(node, box) : nodeSvg(node, box)] : [];
  });
  // Groups come before what is in them, so that boxes lie in the right order; edges above groups, below steps.
  const groupParts = drawn.filter((part) => part.startsWith('<g class="group'));
  const nodeParts = drawn.filter((part) => !part.startsWith('<g class="group'));
  const edgeParts = dag.edges.map((edge) => edgeSvg(edge, paths[edge.id] ?? []));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(dag.title)}">
<style>${style}</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 0.8 7.2 4 0 7.2z"/></marker></defs>
<rect class="paper" width="${width}" height="${height}"/>
<text class="title" x="${pad}" y="${pad + 16}">${escape(dag.title)}</text>
<g transform="translate(${(width - laidOut.width) / 2} ${pad + heading})">
${[...groupParts, ...edgeParts, ...nodeParts].join("\n")}
</g>
</svg>
`;
}

const style = `
svg{--paper:#fff;--ink:#1f2328;--soft:#656d76;--line:#8c959f;--card:#fff;--edge:#d0d7de;--group:#0969da0a;--accent:#0969da;--data:#1a7f37;--badge:#eaeef2;font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
@media (prefers-color-scheme:dark){svg{--paper:#0d1117;--ink:#e6edf3;--soft:#8d96a0;--line:#6e7681;--card:#161b22;--edge:#30363d;--group:#388bfd14;--accent:#58a6ff;--data:#3fb950;--badge:#21262d}}
.paper{fill:var(--paper)}.title{fill:var(--ink);font-size:17px;font-weight:600}
text{fill:var(--ink)}.detail{fill:var(--soft);font-size:11px}
.card{fill:var(--card);stroke:var(--edge)}.stripe{fill:var(--accent)}.importer .stripe{fill:var(--data)}
.frame{fill:var(--group);stroke:var(--edge);stroke-dasharray:4 3}.pipeline .frame,.loop .frame{stroke-dasharray:none}
.name{font-weight:600}.badge rect{fill:var(--badge)}.badge text{font-size:10px;fill:var(--soft)}
.edge path{fill:none;stroke:var(--line);stroke-width:1.3}.edge.order path{stroke-dasharray:4 3}.tip{fill:var(--line)}
`;

function nodeSvg(node: DagNode, box: Box): string {
  const left = box.x - box.width / 2;
  const top = box.y - box.height / 2;
  const badges = node.badges.join(" · ");
  const badgeWidth = badges === "" ? 0 : badges.length * 5.8 + 12;
  const detail = node.detail ?? node.image ?? "";
  const room = box.width - 28 - badgeWidth;
  const label = `${node.folded ? "▸ " : ""}${node.label}`;
  const second = detail !== "" || badges !== "";
  const badge = badges
    ? `<g class="badge"><rect x="${n(left + box.width - badgeWidth - 8)}" y="${n(top + 26)}" width="${n(badgeWidth)}" height="15" rx="7.5"/><text x="${n(left + box.width - 8 - badgeWidth / 2)}" y="${n(top + 37)}" text-anchor="middle">${escape(badges)}</text></g>`
    : "";
  return `<g class="node ${node.kind}"><title>${escape(tooltip(node))}</title><rect class="card" x="${n(left)}" y="${n(top)}" width="${box.width}" height="${box.height}" rx="7"/><rect class="stripe" x="${n(left)}" y="${n(top + 9)}" width="3" height="${box.height - 18}" rx="1.5"/><text class="name" x="${n(left + 14)}" y="${n(second ? top + 20 : box.y + 4.5)}">${escape(cut(label, box.width - 24, 7.2))}</text>${detail ? `<text class="detail" x="${n(left + 14)}" y="${n(top + 37)}">${escape(cut(detail, room, 5.8))}</text>` : ""}${badge}</g>`;
}

function groupSvg(node: DagNode, box: Box): string {
  const left = box.x - box.width / 2;
  const top = box.y - box.height / 2;
  const label = cut(node.label, box.width - 24, 7.2);
  const room = box.width - 36 - label.length * 7.4;
  const detail = node.detail ? `<tspan class="detail" dx="8">${escape(cut(node.detail, room, 5.8))}</tspan>` : "";
  return `<g class="group ${node.kind}"><title>${escape(tooltip(node))}</title><rect class="frame" x="${n(left)}" y="${n(top)}" width="${box.width}" height="${box.height}" rx="9"/><text x="${n(left + 12)}" y="${n(top + sizes.groupHeader - 6)}">${escape(label)}${detail}</text></g>`;
}

function edgeSvg(edge: DagEdge, points: readonly (readonly [number, number])[]): string {
  const [start, ...rest] = points;
  if (!start) return "";
  const curve = rest.map(([x, y]) => `${n(x)} ${n(y)}`).join(" ");
  return `<g class="edge ${edge.kind}"><title>${escape(edge.label ?? "runs after")}</title><path marker-end="url(#arrow)" d="M${n(start[0])} ${n(start[1])}C${curve}"/></g>`;
}

function tooltip(node: DagNode): string {
  return [node.label, node.detail, node.image, ...node.badges, ...(node.arguments ?? [])].filter(Boolean).join("\n");
}

/** The text, cut where it would be wider, at so many pixels a character. */
function cut(text: string, width: number, character: number): string {
  const most = Math.max(0, Math.floor(width / character));
  return text.length <= most ? text : most < 2 ? "" : `${text.slice(0, most - 1)}…`;
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(text: string): string {
  return (
    text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      // XML has no way to write these.
      .replace(
        /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
        "\ufffd",
      )
  );
}
