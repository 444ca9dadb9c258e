/** Places for a lineage: columns by distance, rows in an order with few crossings. Pure. */
import type { LineageView, LineageViewNode } from "../protocol.ts";

export interface Placed {
  readonly node: LineageViewNode;
  readonly x: number;
  readonly y: number;
}

export interface Routed {
  readonly label?: string;
  /** An SVG path from node to node, round the nodes between. */
  readonly d: string;
  /** Where it ends. */
  readonly x: number;
  readonly y: number;
}

export const nodeWidth = 168;
export const nodeHeight = 38;
/** What an edge takes of a row that it passes. */
const laneSize = 4;
const gapX = 44;
const gapY = 12;

/** A node in its row, or the way of an edge past that row. */
interface Slot {
  readonly id: string;
  readonly node?: LineageViewNode;
}

/**
 * Top-left corners, pixels. The sidebar is narrow and tall, so `down` lays
 * columns out as rows; a wide panel reads from left to right.
 */
export function layoutLineage(
  view: LineageView,
  down: boolean,
): {
  readonly placed: readonly Placed[];
  readonly routed: readonly Routed[];
  readonly width: number;
  readonly height: number;
} {
  const [size, depth] = down ? [nodeWidth, nodeHeight] : [nodeHeight, nodeWidth];
  const { columns, ways } = withLanes(view);
  const ordered = inOrder(columns, ways);
  /** The middle of each slot across, and where its column begins along. */
  const places = new Map<string, { middle: number; readonly begin: number }>();
  const [left, right] = [[0], [1]];
  ordered.forEach((slots, column) => {
    const middles: number[] = [];
    let end = -gapY;
    for (const slot of slots) {
      middles.push(end + gapY + sizeOf(slot) / 2);
      end += gapY + sizeOf(slot);
    }
    // The nodes stand in the middle, whatever passes beside them.
    const nodes = middles.filter((_, index) => slots[index]?.node);
    const centre = ((nodes[0] ?? end / 2) + (nodes.at(-1) ?? end / 2)) / 2;
    left.push(-centre);
    right.push(end - centre);
    slots.forEach(({ id }, index) =>
      places.set(id, { middle: (middles[index] ?? 0) - centre, begin: column * (depth + gapX) }),
    );
  });
  const outmost = Math.min(...left);
  for (const place of places.values()) place.middle -= outmost;
  const across = Math.max(...right) - outmost;
  const along = Math.max(1, ordered.length) * (depth + gapX) - gapX;
  const point = (a: number, b: number): readonly [number, number] => (down ? [a, b] : [b, a]);

  const placed = ordered.flat().flatMap(({ id, node }) => {
    const place = places.get(id);
    if (!node || !place) return [];
    const [x, y] = point(place.middle - size / 2, place.begin);
    return [{ node, x, y }];
  });
  const routed = ways.flatMap(({ ids, label }) => {
    const [first, ...rest] = ids.flatMap((id) => places.get(id) ?? []);
    if (!first) return [];
    let [middle, end] = [first.middle, first.begin + depth];
    let d = `M${point(middle, end).join()}`;
    for (const [index, next] of rest.entries()) {
      const half = (end + next.begin) / 2;
      d += `C${point(middle, half).join()} ${point(next.middle, half).join()} ${point(next.middle, next.begin).join()}`;
      [middle, end] = [next.middle, next.begin];
      if (index === rest.length - 1) continue;
      end += depth;
      d += `L${point(middle, end).join()}`;
    }
    const [x, y] = point(middle, end);
    return [{ d, x, y, ...(label !== undefined && { label }) }];
  });
  return { placed, routed, width: down ? across : along, height: down ? along : across };

  function sizeOf(slot: Slot): number {
    return slot.node ? size : laneSize;
  }
}

interface Way {
  readonly ids: readonly string[];
  readonly label?: string;
}

/** Slots of each column in the order of the columns, and each edge as the slots that it goes through. */
function withLanes(view: LineageView): { readonly columns: readonly Slot[][]; readonly ways: readonly Way[] } {
  const byColumn = [...Map.groupBy(view.nodes, (node) => node.column)].sort(([a], [b]) => a - b);
  const columns = byColumn.map(([, nodes]) => nodes.map((node): Slot => ({ id: node.id, node })));
  const columnOf = new Map(columns.flatMap((slots, column) => slots.map(({ id }) => [id, column] as const)));
  const laid = new Set<string>();
  const ways = view.edges.flatMap(({ from, to, label }): readonly Way[] => {
    const [first, last] = [columnOf.get(from), columnOf.get(to)];
    if (first === undefined || last === undefined) return [];
    const lanes: string[] = [];
    for (let column = first + 1; column < last; column++) {
      // What several steps read goes past a column once.
      const id = `lane:${from}:${column}`;
      if (!laid.has(id)) columns[column]?.push({ id });
      laid.add(id);
      lanes.push(id);
    }
    return [{ ids: [from, ...lanes, to], ...(label !== undefined && { label }) }];
  });
  return { columns, ways };
}

/** Each column's slots, ordered by the mean place of what leads to them. */
function inOrder(columns: readonly (readonly Slot[])[], ways: readonly Way[]): readonly (readonly Slot[])[] {
  const before = new Map<string, string[]>();
  for (const { ids } of ways)
    for (const [index, id] of ids.entries()) {
      const previous = ids[index - 1];
      if (previous !== undefined) before.set(id, [...(before.get(id) ?? []), previous]);
    }
  const position = new Map<string, number>();
  return columns.map((slots) => {
    const ranked = slots.map((slot, index) => {
      const ranks = (before.get(slot.id) ?? []).flatMap((id) => position.get(id) ?? []);
      return { slot, rank: ranks.length === 0 ? index : ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length };
    });
    const sorted = ranked.sort((a, b) => a.rank - b.rank).map(({ slot }) => slot);
    sorted.forEach(({ id }, index) => position.set(id, index));
    return sorted;
  });
}
