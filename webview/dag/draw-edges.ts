import { easeCubicOut } from "d3-ease";
import { select, type Selection } from "d3-selection";
import "d3-transition";
import type { DagEdge, LaidOutDag } from "../../language/dag/view.ts";
import { moveMs } from "./draw-nodes.ts";

/** Joins edges to a layer; `hover` hears which edge the pointer is on. */
export function drawEdges(
  layer: Selection<SVGGElement, unknown, null, undefined>,
  graph: LaidOutDag,
  drawn: readonly DagEdge[],
  animate: boolean,
  hover: (id: string | undefined) => void,
): void {
  layer
    .selectAll<SVGGElement, DagEdge>("g.edge")
    .data(drawn, (edge) => edge.id)
    .join(
      (enter) => {
        const g = enter.append("g");
        g.append("path").attr("class", "line");
        g.append("path").attr("class", "hit");
        return g;
      },
      (update) => update,
      (exit) => exit.remove(),
    )
    .attr("class", (edge) => `edge kind-${edge.kind}`)
    .attr("data-id", (edge) => edge.id)
    .attr("data-from", (edge) => edge.from)
    .attr("data-to", (edge) => edge.to)
    .on("mouseenter", (_event, edge) => hover(edge.id))
    .on("mouseleave", () => hover(undefined))
    .each(function (edge) {
      const d = bezier(graph.paths[edge.id] ?? []);
      const lines = select(this).selectAll<SVGPathElement, unknown>("path");
      const before = lines.attr("d") as string | null;
      if (animate && before !== null && shape(before) === shape(d)) {
        lines.transition("move").duration(moveMs).ease(easeCubicOut).attr("d", d);
      } else {
        lines.interrupt("move").attr("d", d);
        if (animate) lines.attr("opacity", 0).transition("fade").duration(moveMs).attr("opacity", 1);
      }
    });
}

const shape = (d: string) => d.replace(/[-\d.e]+/g, "");

/** A path through Bézier points. */
export function bezier(points: LaidOutDag["paths"][string]): string {
  const [start, ...rest] = points;
  return start ? `M${start[0]},${start[1]}C${rest.map(([x, y]) => `${x},${y}`).join(" ")}` : "";
}
