import { easeCubicOut } from "d3-ease";
import { type BaseType, select, type Selection } from "d3-selection";
import "d3-transition";
import type { Box, DagNode, LaidOutDag } from "../../language/dag/view.ts";
import { paths } from "../icons.ts";
import type { NodeState } from "../protocol.ts";
import { stateLook } from "../words.ts";
import { shortStateText, stateText } from "./model.ts";
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
        // The whole square around the chevron folds, not its thin line.
        g.append("rect").attr("class", "fold").attr("width", 22).attr("height", 22);
        g.append("text").attr("class", "label");
        g.append("text").attr("class", "detail");
        g.append("text").attr("class", "badge").attr("text-anchor", "end");
        g.append("text").attr("class", "name").attr("text-anchor", "middle").attr("dy", "0.35em");
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
  const look = state && stateLook(state.state);
  const badge = node.badges.join(" · ");
  const detail = state ? shortStateText(state) : (node.detail ?? node.image ?? "");
  const twoLines = !group && box.height >= 34 && (detail !== "" || badge !== "");
  const edge = left + 12;
  const right = box.width / 2 - 10;
  const first = group ? top + 14 : twoLines ? -8 : 0;

  let x = edge;
  g.select("path.chevron")
    .attr("d", node.foldable ? paths[node.folded ? "folded" : "unfolded"] : null)
    .attr("transform", `translate(${x - 6},${first - 8})`);
  g.select("rect.fold")
    .attr("x", x - 9)
    .attr("y", first - 11)
    .attr("display", node.foldable ? null : "none");
  if (node.foldable) x += 14;
  g.select("path.icon")
    .attr("d", look ? paths[look.tone] : null)
    .attr("transform", `translate(${x - 3},${first - 8})`);
  if (look) x += 18;
  const label = fitText(node.label, right - x, 13);
  line(g.select("text.label"), x, first, label);

  // A group says all in its one line, a node has a second.
  const second = group ? first : first + 18;
  const start = group ? x + textWidth(label, 13) + 10 : edge;
  const detailText = group || twoLines ? fitText(detail, right - start, 11) : "";
  line(g.select("text.detail"), start, second, detailText);
  const left2 = start + (detailText === "" ? 0 : textWidth(detailText, 11) + 8);
  line(g.select("text.badge"), right, second, group || twoLines ? fitText(badge, right - left2, 10) : "");
}

function line(text: Selection<BaseType, DagNode, null, undefined>, x: number, y: number, words: string): void {
  text.attr("x", x).attr("y", y).attr("dy", "0.35em").text(words);
}

const at = (box: Box) => `translate(${box.x},${box.y})`;
