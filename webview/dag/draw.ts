/**
 * The graph as SVG. Positions come with the graph; this draws them, keeps zoom
 * and place when the graph changes, and animates what moved.
 */
import { easeCubicOut } from "d3-ease";
import { select, type Selection } from "d3-selection";
import "d3-transition";
import { zoom, zoomIdentity, type ZoomTransform } from "d3-zoom";
import type { Box, DagEdge, DagNode, LaidOutDag } from "../../language/dag/view.ts";
import { paths } from "../icons.ts";
import type { NodeState } from "../protocol.ts";
import { stateLook } from "../words.ts";
import { anchorShift, fitTransform, stateText } from "./model.ts";
import { fitText, textWidth } from "./text.ts";

export interface PictureEvents {
  select(id: string | undefined): void;
  open(id: string): void;
  fold(id: string, folded: boolean): void;
  moved(transform: { readonly k: number; readonly x: number; readonly y: number }): void;
}

export interface Picture {
  readonly svg: SVGSVGElement;
  show(graph: LaidOutDag, states: Readonly<Record<string, NodeState>>): void;
  select(id: string | undefined): void;
  /** Brings a node into sight where it is not; nothing moves where it is. */
  bringIntoSight(id: string): void;
  fit(): void;
  zoomBy(factor: number): void;
  restore(transform: { readonly k: number; readonly x: number; readonly y: number }): void;
}

const moveMs = 220;
/** Above this many nodes a change is shown at once: animating them all would stutter. */
const animateAtMost = 300;
/** Below this scale text is too small to read and is left out. */
const readableScale = 0.4;

export function createPicture(container: HTMLElement, events: PictureEvents): Picture {
  const element = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const svg = select<SVGSVGElement, unknown>(element);
  svg.attr("class", "picture").attr("tabindex", 0).attr("role", "application").html(markers());
  const world = svg.append("g").attr("class", "world");
  const groups = world.append("g").attr("class", "groups");
  const edges = world.append("g").attr("class", "edges");
  const nodes = world.append("g").attr("class", "nodes");
  const labels = world.append("g").attr("class", "labels").attr("aria-hidden", "true");
  container.append(element);

  let graph: LaidOutDag | undefined;
  let selected: string | undefined;
  let transform: ZoomTransform = zoomIdentity;
  /** The reader has zoomed or panned: from now on the view stays where it was put. */
  let touched = false;

  const behaviour = zoom<SVGSVGElement, unknown>()
    .scaleExtent([0.02, 4])
    .on("zoom", (event: { transform: ZoomTransform; sourceEvent: unknown }) => {
      transform = event.transform;
      world.attr("transform", transform.toString());
      element.classList.toggle("far", transform.k < readableScale);
      if (event.sourceEvent) touched = true;
    })
    .on("end", () => events.moved({ k: transform.k, x: transform.x, y: transform.y }));
  svg.call(behaviour).on("dblclick.zoom", null);
  element.addEventListener("click", (event) => {
    if (event.target === element) events.select(undefined);
  });

  const viewport = () => ({ width: element.clientWidth || 800, height: element.clientHeight || 600 });
  const moveTo = (next: { k: number; x: number; y: number }, animate: boolean) => {
    const target = zoomIdentity.translate(next.x, next.y).scale(next.k);
    if (animate && calm())
      svg
        .transition()
        .duration(moveMs)
        .ease(easeCubicOut)
        .call((t) => behaviour.transform(t, target));
    else svg.call((s) => behaviour.transform(s, target));
  };

  new ResizeObserver(() => {
    if (graph && !touched) moveTo(fitTransform(graph, viewport()), false);
  }).observe(element);

  function showLabels(ids: readonly string[]): void {
    const current = graph;
    if (!current) return;
    const shown = ids.flatMap((id) => {
      const edge = current.dag.edges.find((candidate) => candidate.id === id);
      const at = edge?.label === undefined ? undefined : middle(current.paths[id] ?? []);
      return edge?.label !== undefined && at ? [{ id, label: edge.label, at }] : [];
    });
    labels
      .selectAll<SVGGElement, (typeof shown)[number]>("g")
      .data(shown, (label) => label.id)
      .join((enter) => {
        const g = enter.append("g");
        g.append("rect").attr("rx", 3);
        g.append("text").attr("text-anchor", "middle").attr("dy", "0.32em");
        return g;
      })
      .attr("transform", ({ at }) => `translate(${at[0]},${at[1]})`)
      .each(function ({ label }) {
        const text = select(this).select<SVGTextElement>("text").text(label).node();
        const width = (text?.getComputedTextLength() ?? 0) + 12;
        select(this)
          .select("rect")
          .attr("x", -width / 2)
          .attr("y", -10)
          .attr("width", width)
          .attr("height", 20);
      });
  }

  function restLabels(): void {
    const near = graph?.dag.edges.filter((edge) => edge.from === selected || edge.to === selected) ?? [];
    showLabels(near.length > 12 ? [] : near.map((edge) => edge.id));
  }

  function paintSelection(): void {
    world.selectAll<SVGGElement, DagNode>("g.node").classed("selected", (node) => node.id === selected);
    edges.selectAll<SVGGElement, DagEdge>("g.edge").classed("near", (e) => e.from === selected || e.to === selected);
    restLabels();
  }

  const picture: Picture = {
    svg: element,
    show(next, states) {
      const first = graph === undefined;
      if (graph && graph !== next) {
        const size = viewport();
        const [x, y] = transform.invert([size.width / 2, size.height / 2]);
        const shift = anchorShift(graph, next, { x, y }, selected);
        const kept = { k: transform.k, x: transform.x + shift.x * transform.k, y: transform.y + shift.y * transform.k };
        const overflows =
          next.width * kept.k + kept.x > size.width ||
          next.height * kept.k + kept.y > size.height ||
          kept.x < 0 ||
          kept.y < 0;
        if (!touched && overflows) moveTo(fitTransform(next, size), true);
        else moveTo(kept, false);
        // The drawn elements start from where they stood on the screen.
        if (shift.x !== 0 || shift.y !== 0) shiftDrawn(world, shift);
      }
      const animate = !first && graph !== next && next.dag.nodes.length <= animateAtMost && calm();
      graph = next;
      const open = new Set(next.dag.nodes.flatMap((node) => (node.parent === undefined ? [] : [node.parent])));
      const boxed = next.dag.nodes.filter((node) => next.boxes[node.id] !== undefined);
      const isGroup = (node: DagNode) => open.has(node.id) && !node.folded;
      drawNodes(groups, boxed.filter(isGroup), next, states, animate, true);
      drawEdges(edges, next, animate, (hovered) => (hovered === undefined ? restLabels() : showLabels([hovered])));
      drawNodes(
        nodes,
        boxed.filter((node) => !isGroup(node)),
        next,
        states,
        animate,
        false,
      );
      listen(world, events);
      if (first) moveTo(fitTransform(next, viewport()), false);
      paintSelection();
    },
    select(id) {
      selected = id;
      paintSelection();
    },
    bringIntoSight(id) {
      const box = graph?.boxes[id];
      if (!box) return;
      const size = viewport();
      const [x, y] = transform.apply([box.x, box.y]);
      const [halfWidth, halfHeight] = [(box.width / 2) * transform.k, (box.height / 2) * transform.k];
      if (x - halfWidth >= 0 && x + halfWidth <= size.width && y - halfHeight >= 0 && y + halfHeight <= size.height)
        return;
      moveTo(
        { k: transform.k, x: size.width / 2 - box.x * transform.k, y: size.height / 2 - box.y * transform.k },
        true,
      );
    },
    fit() {
      touched = false;
      if (graph) moveTo(fitTransform(graph, viewport()), true);
    },
    zoomBy(factor) {
      touched = true;
      svg.call((s) => behaviour.scaleBy(s, factor));
    },
    restore(kept) {
      touched = true;
      moveTo(kept, false);
    },
  };
  return picture;
}

function drawNodes(
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

function drawEdges(
  layer: Selection<SVGGElement, unknown, null, undefined>,
  graph: LaidOutDag,
  animate: boolean,
  hover: (id: string | undefined) => void,
): void {
  const drawn = graph.dag.edges.filter((edge) => graph.paths[edge.id] !== undefined);
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

/** Attached to the world once; nodes come and go under it. */
function listen(world: Selection<SVGGElement, unknown, null, undefined>, events: PictureEvents): void {
  world.on("click.nodes", (event: MouseEvent) => {
    const node = nodeUnder(event);
    if (!node) return events.select(undefined);
    if (event.target instanceof Element && event.target.classList.contains("chevron"))
      return events.fold(node.id, !node.folded);
    events.select(node.id);
    events.open(node.id);
  });
  world.on("dblclick.nodes", (event: MouseEvent) => {
    const node = nodeUnder(event);
    if (node?.foldable) events.fold(node.id, !node.folded);
  });
}

function nodeUnder(event: MouseEvent): DagNode | undefined {
  const g = event.target instanceof Element ? event.target.closest("g.node") : null;
  // SAFETY: `drawNodes` binds a DagNode to every g.node.
  return g ? (select(g).datum() as DagNode) : undefined;
}

/** Moves what is drawn without animation, so that a change of the view's transform is not seen. */
function shiftDrawn(
  world: Selection<SVGGElement, unknown, null, undefined>,
  shift: { readonly x: number; readonly y: number },
): void {
  world.selectAll<SVGGElement, unknown>("g.node").each(function () {
    const match = /translate\(([-\d.e]+),([-\d.e]+)\)/.exec(this.getAttribute("transform") ?? "");
    if (match) this.setAttribute("transform", `translate(${Number(match[1]) - shift.x},${Number(match[2]) - shift.y})`);
  });
  world.selectAll<SVGPathElement, unknown>("g.edge path").each(function () {
    const moved = (this.getAttribute("d") ?? "").replace(
      /([-\d.e]+),([-\d.e]+)/g,
      (_all, x: string, y: string) => `${Number(x) - shift.x},${Number(y) - shift.y}`,
    );
    this.setAttribute("d", moved);
  });
}

const at = (box: Box) => `translate(${box.x},${box.y})`;
const shape = (d: string) => d.replace(/[-\d.e]+/g, "");

function bezier(points: LaidOutDag["paths"][string]): string {
  const [start, ...rest] = points;
  return start ? `M${start[0]},${start[1]}C${rest.map(([x, y]) => `${x},${y}`).join(" ")}` : "";
}

function middle(points: LaidOutDag["paths"][string]): readonly [number, number] | undefined {
  const segments = Math.floor((points.length - 1) / 3);
  const first = 3 * Math.floor((segments - 1) / 2);
  const [a, b, c, d] = points.slice(first, first + 4);
  if (!a || !b || !c || !d) return points[0];
  if (segments % 2 === 0) return d;
  return [(a[0] + 3 * b[0] + 3 * c[0] + d[0]) / 8, (a[1] + 3 * b[1] + 3 * c[1] + d[1]) / 8];
}

function calm(): boolean {
  return !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function markers(): string {
  const arrow = (id: string) =>
    `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0,0.5L8,4L0,7.5Z"/></marker>`;
  return `<defs>${arrow("arrow")}${arrow("arrow-near")}</defs>`;
}
