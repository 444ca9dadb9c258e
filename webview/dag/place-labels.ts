/** Where the labels of edges go: on their line, and over no node, no title of a group and no other label. Pure. */
import type { LaidOutDag } from "../../language/dag/view.ts";

export interface PlacedLabel {
  readonly id: string;
  readonly text: string;
  /** Centre, pixels of the graph. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export const labelHeight = 20;
const gap = 3;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * One label for each edge that has one and room for it. Points along the edge are tried from its
 * middle outwards: the label on the point, then beside it. `always`: those without room stand in
 * the middle all the same. `widthOf` in pixels of the graph.
 */
export function placeLabels(
  graph: LaidOutDag,
  ids: readonly string[],
  widthOf: (text: string) => number,
  always = false,
): readonly PlacedLabel[] {
  const open = new Set(
    graph.dag.nodes.flatMap((node) => (node.folded || node.parent === undefined ? [] : [node.parent])),
  );
  const taken: Place[] = graph.dag.nodes.flatMap((node) => {
    const box = graph.boxes[node.id];
    if (!box) return [];
    if (!open.has(node.id)) return [box];
    // Of an open group its title, which `draw-nodes.ts` draws larger, behind a chevron and an icon.
    const width = 44 + 1.2 * widthOf(node.label);
    return [{ x: box.x - box.width / 2 + width / 2, y: box.y - box.height / 2 + 14, width, height: 14 }];
  });
  const placed: PlacedLabel[] = [];
  for (const id of ids) {
    const text = graph.dag.edges.find((edge) => edge.id === id)?.label;
    const points = pointsAlong(graph.paths[id] ?? []);
    const [first] = points;
    if (text === undefined || !first) continue;
    const width = widthOf(text);
    const places = points.flatMap(([x, y]) =>
      [0, width / 2 + gap, -width / 2 - gap].map((aside) => ({ x: x + aside, y, width, height: labelHeight })),
    );
    const free = places.find((place) => !taken.some((other) => overlap(place, other)));
    if (!free && !always) continue;
    const { x, y } = free ?? { x: first[0], y: first[1] };
    taken.push({ x, y, width, height: labelHeight });
    placed.push({ id, text, x, y, width });
  }
  return placed;
}

function overlap(a: Place, b: Place): boolean {
  return Math.abs(a.x - b.x) < (a.width + b.width) / 2 + gap && Math.abs(a.y - b.y) < (a.height + b.height) / 2 + gap;
}

const steps = 16;

/** Points of a path, from its middle outwards; its ends, where the arrow is, are left out. */
function pointsAlong(path: LaidOutDag["paths"][string]): readonly (readonly [number, number])[] {
  const points: (readonly [number, number])[] = [];
  for (let at = 0; at + 3 < path.length; at += 3) {
    const [a, b, c, d] = path.slice(at, at + 4);
    if (!a || !b || !c || !d) continue;
    for (let i = 0; i < steps; i++) points.push(cubic(a, b, c, d, i / steps));
  }
  const middle = Math.floor(points.length / 2);
  return points
    .map((point, index) => ({ point, index }))
    .slice(Math.min(2, middle))
    .sort((a, b) => Math.abs(a.index - middle) - Math.abs(b.index - middle))
    .map(({ point }) => point);
}

function cubic(
  a: readonly [number, number],
  b: readonly [number, number],
  c: readonly [number, number],
  d: readonly [number, number],
  t: number,
): readonly [number, number] {
  const u = 1 - t;
  const [wa, wb, wc, wd] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return [wa * a[0] + wb * b[0] + wc * c[0] + wd * d[0], wa * a[1] + wb * b[1] + wc * c[1] + wd * d[1]];
}
