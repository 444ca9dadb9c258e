/** Names that can still be read from afar: as large on the screen as ever, cut to the node that they stand in. */
import { select, type Selection } from "d3-selection";
import type { DagNode, LaidOutDag } from "../../language/dag/view.ts";
import { fitText } from "./text.ts";

/** Pixels of the screen. */
const wanted = 9;
const least = 6;

/** Whether names have room in nodes at a scale. */
export function namesFit(scale: number): boolean {
  return scale * nameSize(50, scale) >= least;
}

/** Writes the name of each node that is drawn. */
export function drawFarNames(
  nodes: Selection<SVGGElement, unknown, null, undefined>,
  graph: LaidOutDag,
  scale: number,
): void {
  nodes.selectAll<SVGGElement, DagNode>("g.node").each(function (node) {
    const box = graph.boxes[node.id];
    if (!box) return;
    const size = nameSize(box.height, scale);
    select(this)
      .select("text.name")
      .style("font-size", `${size}px`)
      .text(fitText(node.label, ((box.width - 12) * wanted) / size, wanted));
  });
}

const nameSize = (height: number, scale: number) => Math.min(wanted / scale, height * 0.7);
