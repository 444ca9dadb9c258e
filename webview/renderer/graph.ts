/** A graph with the states of its run, drawn once and still: the output of a pipeline's cell. */
import type { LaidOutDag } from "../../language/dag/view.ts";
import { stateText } from "../dag/model.ts";
import { paths } from "../icons.ts";
import type { NodeState } from "../protocol.ts";
import { stateLook } from "../words.ts";

export function graphPicture(graph: LaidOutDag, states: Readonly<Record<string, NodeState>>): HTMLElement {
  const svg = make("svg", {
    viewBox: `-4 -4 ${graph.width + 8} ${graph.height + 8}`,
    width: String(Math.min(graph.width + 8, 900)),
    role: "img",
  });
  const said = graph.dag.nodes.flatMap((node) =>
    states[node.id] ? [`${node.label} ${stateText(states[node.id] ?? { state: "" })}`] : [],
  );
  svg.setAttribute("aria-label", [`Graph of ${graph.dag.title}`, ...said].join(". "));
  const open = new Set(graph.dag.nodes.flatMap(({ parent }) => (parent === undefined ? [] : [parent])));
  for (const node of graph.dag.nodes.filter(({ id }) => open.has(id)))
    svg.append(...drawNode(node.id, graph, states, true));
  for (const edge of graph.dag.edges) {
    const points = graph.paths[edge.id];
    const [start, ...rest] = points ?? [];
    const end = rest.at(-1);
    const before = rest.at(-2);
    if (!start || !end || !before) continue;
    svg.append(
      make("path", { class: "edge", d: `M${start.join(",")}C${rest.map((point) => point.join(",")).join(" ")}` }),
      arrow(before, end),
    );
  }
  for (const node of graph.dag.nodes.filter(({ id }) => !open.has(id)))
    svg.append(...drawNode(node.id, graph, states, false));
  const frame = document.createElement("div");
  frame.append(svg);
  return frame;
}

function drawNode(
  id: string,
  graph: LaidOutDag,
  states: Readonly<Record<string, NodeState>>,
  group: boolean,
): readonly SVGElement[] {
  const box = graph.boxes[id];
  const node = graph.dag.nodes.find((each) => each.id === id);
  if (!box || !node) return [];
  const [left, top] = [box.x - box.width / 2, box.y - box.height / 2];
  const state = states[id];
  const rect = make("rect", {
    class: group ? "box group" : "box",
    x: String(left),
    y: String(top),
    width: String(box.width),
    height: String(box.height),
    rx: "6",
  });
  const x = left + (state ? 28 : 12);
  const y = group ? top + 18 : box.y;
  const parts = [rect, text(node.label, x, state && !group ? y - 4 : y + 4)];
  if (state) {
    const look = stateLook(state.state);
    parts.push(
      make("path", {
        d: paths[look.tone],
        fill: "currentColor",
        class: `tone-${look.tone}`,
        transform: `translate(${left + 8},${y - (group ? 12 : 8)})`,
      }),
    );
    if (!group) parts.push(text(shortened(stateText(state), left + box.width - x - 8), x, y + 12, "detail"));
  }
  return parts;
}

/** Cut off at a width in pixels; a detail's letter is about 6 wide. */
function shortened(words: string, width: number): string {
  const most = Math.max(1, Math.floor(width / 5.8));
  return words.length <= most ? words : `${words.slice(0, most - 1).replace(/[\s·,]+$/, "")}…`;
}

function arrow(from: readonly [number, number], to: readonly [number, number]): SVGElement {
  const angle = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
  return make("path", {
    class: "arrow",
    d: "M-6,-3.5L0,0L-6,3.5Z",
    transform: `translate(${to[0]},${to[1]}) rotate(${angle})`,
  });
}

function text(content: string, x: number, y: number, className = ""): SVGElement {
  const element = make("text", { x: String(x), y: String(y), class: className });
  element.textContent = content;
  return element;
}

function make(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  // SAFETY: the SVG namespace has nothing but SVG elements.
  return element;
}
