/** A large graph from afar: a handful of paths instead of thousands of elements. */
import type { Selection } from "d3-selection";
import type { DagNode, LaidOutDag } from "../../language/dag/view.ts";
import type { NodeState } from "../protocol.ts";
import { stateLook } from "../words.ts";
import { bezier } from "./draw-edges.ts";

/** From this many nodes on, only what is in sight is drawn one by one, and nothing from afar. */
export const largeFrom = 400;

/** Draws all nodes as one path for each tone, and all edges as one. */
export function drawOverview(
  layer: Selection<SVGGElement, unknown, null, undefined>,
  graph: LaidOutDag,
  states: Readonly<Record<string, NodeState>>,
): void {
  const outlines = new Map<string, string[]>();
  for (const node of graph.dag.nodes) {
    const box = graph.boxes[node.id];
    if (!box) continue;
    const state = states[node.id];
    const name = node.foldable && !node.folded ? "group" : state ? `tone-${stateLook(state.state).tone}` : "plain";
    const outline = `M${box.x - box.width / 2},${box.y - box.height / 2}h${box.width}v${box.height}h${-box.width}Z`;
    outlines.set(name, [...(outlines.get(name) ?? []), outline]);
  }
  const lines = graph.dag.edges.map((edge) => bezier(graph.paths[edge.id] ?? [])).join("");
  const shapes = [...outlines].map(([name, parts]) => ({ name, d: parts.join("") }));
  layer
    .selectAll<SVGPathElement, { name: string; d: string }>("path")
    .data([{ name: "lines", d: lines }, ...shapes], ({ name }) => name)
    .join("path")
    .attr("class", ({ name }) => `overview ${name}`)
    .attr("d", ({ d }) => d);
}

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The nodes that touch a rectangle of the graph, and those whose edges are drawn with them. */
export function inSight(graph: LaidOutDag, { left, top, right, bottom }: Rectangle): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const node of graph.dag.nodes) {
    const box = graph.boxes[node.id];
    if (!box) continue;
    const aside = box.x + box.width / 2 < left || box.x - box.width / 2 > right;
    const apart = box.y + box.height / 2 < top || box.y - box.height / 2 > bottom;
    if (!aside && !apart) seen.add(node.id);
  }
  return seen;
}

/** The innermost node at a point of the graph. */
export function nodeAt(graph: LaidOutDag, x: number, y: number): DagNode | undefined {
  let best: { node: DagNode; area: number } | undefined;
  for (const node of graph.dag.nodes) {
    const box = graph.boxes[node.id];
    if (!box || Math.abs(x - box.x) > box.width / 2 || Math.abs(y - box.y) > box.height / 2) continue;
    const area = box.width * box.height;
    if (!best || area < best.area) best = { node, area };
  }
  return best?.node;
}
