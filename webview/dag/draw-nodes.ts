import { easeCubicOut } from "d3-ease";
import { select, type Selection } from "d3-selection";
import "d3-transition";
import type { Box, DagNode, LaidOutDag } from "../../language/dag/view.ts";
import { paths } from "../icons.ts";
import type { NodeState } from "../protocol.ts";
import { stateLook } from "../words.ts";
import { stateText } from "./model.ts";
import { fitText, textWidth } from "./text.ts";

/** How long a change of the graph takes to see. */
export const moveMs = 220;

/** Joins nodes, or the boxes of open groups, to a layer. */
export function drawNodes(
  layer: Selection<SVGGElement, unknown, null, undefined>,
  data: readonly DagNode[],
  graph: LaidOutDag,
  states: Readonly<Record<string, NodeState>>,
  animate: boolean,
  group: boolean,
): void {
  const boxOf = (node: DagNode): Box => graph.boxes[node.id] ?? { x: 0, y: 0, width: 0, height: 0 };
  const joined = layer
    .selectAll<SVGGElement, DagNode>("g.node")
    .data(data, (node) => node.id)
    .join(
      (enter) => {
        const g = enter.append("g").attr("transform", (node) => at(boxOf(node)));
        g.append("rect").attr("class", "body").attr("rx", 6);
        g.append("title");
        g.append("path").attr("class", "icon");
        g.append("path").attr("class", "chevron");
        g.append("text").attr("class", "label");
        g.append("text").attr("class", "detail");
        g.append("text").attr("class", "badge").attr("text-anchor", "end");
        if (animate) g.attr("opacity", 0).transition().duration(moveMs).attr("opacity", 1);
        return g;
      },
      (update) => update,
      (exit) =>
        animate
          ? exit
              .transition()
              .duration(moveMs / 2)
              .attr("opacity", 0)
              .remove()
          : exit.remove(),
    );
  joined
    .attr("data-id", (node) => node.id)
    .attr("data-state", (node) => states[node.id]?.state ?? null)
    .attr("class", (node) => {
      const state = states[node.id];
      return `node kind-${node.kind}${group ? " group" : ""}${state ? ` tone-${stateLook(state.state).tone}` : ""}`;
    })
    .each(function (node) {
      paintNode(select(this), node, boxOf(node), states[node.id], group);
    });
  const moved = animate ? joined.transition("move").duration(moveMs).ease(easeCubicOut) : joined;
  // SAFETY: a selection and a transition share `attr` with these arguments.
  (moved as typeof joined).attr("transform", (node) => at(boxOf(node)));
}

function paintNode(
  g: Selection<SVGGElement, DagNode, null, undefined>,
  node: DagNode,
  box: Box,
  state: NodeState | undefined,
  group: boolean,
): void {
  const [left, top] = [-box.width / 2, -box.height / 2];
  g.select("rect.body").attr("x", left).attr("y", top).attr("width", box.width).attr("height", box.height);
  g.select("title").text(
    [node.label, state && stateText(state), state?.reason, node.detail, node.image].filter(Boolean).join("\n"),
  );
  const lineY = group ? top + 14 : 0;
  let textX = left + 12;
  g.select("path.chevron")
    .attr("d", node.foldable ? paths[node.folded ? "folded" : "unfolded"] : null)
    .attr("transform", `translate(${textX - 6},${lineY - 8})`);
  if (node.foldable) textX += 14;
  const look = state && stateLook(state.state);
  g.select("path.icon")
    .attr("d", look ? paths[look.tone] : null)
    .attr("transform", `translate(${textX - 3},${lineY - 8})`);
  if (look) textX += 18;
  const badge = node.badges.join(" · ");
  const detail = state ? stateText(state) : (node.detail ?? node.image ?? "");
  const twoLines = !group && box.height >= 34 && (detail !== "" || badge !== "");
  const room = box.width / 2 - textX - 10;
  const badgeText = fitText(badge, room / 2, 10);
  g.select("text.label")
    .attr("x", textX)
    .attr("y", twoLines ? lineY - 8 : lineY)
    .attr("dy", "0.35em")
    .text(fitText(node.label, room, 13));
  const detailText = group && detail ? fitText(detail, Math.max(0, room - textWidth(node.label, 13)), 11) : "";
  g.select("text.detail")
    .attr("x", group ? textX + textWidth(node.label, 13) + 10 : textX)
    .attr("y", group ? lineY : lineY + 10)
    .attr("dy", "0.35em")
    .text(twoLines ? fitText(detail, room - (badgeText ? textWidth(badgeText, 10) + 8 : 0), 11) : detailText);
  g.select("text.badge")
    .attr("x", box.width / 2 - 10)
    .attr("y", group ? lineY : lineY + 10)
    .attr("dy", "0.35em")
    .text(badgeText);
}

const at = (box: Box) => `translate(${box.x},${box.y})`;
