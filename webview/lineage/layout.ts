/** Places for a lineage: columns by distance, rows in an order with few crossings. Pure. */
import type { LineageView, LineageViewNode } from "../protocol.ts";

export interface Placed {
  readonly node: LineageViewNode;
  readonly x: number;
  readonly y: number;
}

export const nodeWidth = 168;
export const nodeHeight = 38;
const gapX = 44;
const gapY = 12;

/**
 * Top-left corners, pixels. The sidebar is narrow and tall, so `down` lays
 * columns out as rows; a wide panel reads from left to right.
 */
export function layoutLineage(
  view: LineageView,
  down: boolean,
): { readonly placed: readonly Placed[]; readonly width: number; readonly height: number } {
  const columns = [...Map.groupBy(view.nodes, (node) => node.column)].sort(([a], [b]) => a - b);
  const position = new Map<string, number>();
  const ordered = columns.map(([, nodes]) => {
    const sorted = nodes
      .map((node, index) => ({ node, rank: meanOfNeighbours(node.id, view, position) ?? index }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ node }) => node);
    sorted.forEach((node, index) => position.set(node.id, index));
    return sorted;
  });
  const most = Math.max(0, ...ordered.map((nodes) => nodes.length));
  const [alongStep, acrossStep] = down ? [nodeHeight + gapX, nodeWidth + gapY] : [nodeWidth + gapX, nodeHeight + gapY];
  const placed = ordered.flatMap((nodes, column) =>
    nodes.map((node, row) => {
      const across = (row + (most - nodes.length) / 2) * acrossStep;
      const along = column * alongStep;
      return { node, x: down ? across : along, y: down ? along : across };
    }),
  );
  const along = Math.max(1, ordered.length) * alongStep - gapX;
  const across = Math.max(1, most) * acrossStep - gapY;
  return { placed, width: down ? across : along, height: down ? along : across };
}

function meanOfNeighbours(id: string, view: LineageView, position: ReadonlyMap<string, number>): number | undefined {
  const ranks = view.edges.flatMap(({ from, to }) => {
    const rank = to === id ? position.get(from) : from === id ? position.get(to) : undefined;
    return rank === undefined ? [] : [rank];
  });
  return ranks.length === 0 ? undefined : ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length;
}
