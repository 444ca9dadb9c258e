/**
 * The graph as SVG. Positions come with the graph; this draws them, keeps zoom
 * and place when the graph changes, and animates what moved.
 */
import { easeCubicOut } from "d3-ease";
import { select, type Selection } from "d3-selection";
import "d3-transition";
import { zoom, zoomIdentity, type ZoomTransform } from "d3-zoom";
import type { DagEdge, DagNode, LaidOutDag } from "../../language/dag/view.ts";
import type { NodeState } from "../protocol.ts";
import { drawEdges } from "./draw-edges.ts";
import { drawNodes, moveMs } from "./draw-nodes.ts";
import { drawFarNames, namesFit } from "./far-names.ts";
import { anchorShift, fitTransform } from "./model.ts";
import { labelHeight, placeLabels, type PlacedLabel } from "./place-labels.ts";
import { textWidth } from "./text.ts";
import { drawOverview, inSight, largeFrom, nodeAt } from "./overview.ts";

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
  /** Has all of a large graph drawn while `take` looks at it. */
  whole<T>(take: (svg: SVGSVGElement) => T): T;
  fit(): void;
  zoomBy(factor: number): void;
  restore(transform: { readonly k: number; readonly x: number; readonly y: number }): void;
}

/** Above this many nodes a change is shown at once: animating them all would stutter. */
const animateAtMost = 300;
/** Below this scale text is too small to read: only names are left, and only while they fit. */
const readableScale = 0.4;

export function createPicture(container: HTMLElement, events: PictureEvents): Picture {
  const element = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const svg = select<SVGSVGElement, unknown>(element);
  svg.attr("class", "picture").attr("tabindex", 0).attr("role", "application").html(markers());
  const world = svg.append("g").attr("class", "world");
  const overview = world.append("g").attr("class", "overview");
  const groups = world.append("g").attr("class", "groups");
  const edges = world.append("g").attr("class", "edges");
  const nodes = world.append("g").attr("class", "nodes");
  const labels = world.append("g").attr("class", "labels").attr("aria-hidden", "true");
  container.append(element);

  let graph: LaidOutDag | undefined;
  let selected: string | undefined;
  let states: Readonly<Record<string, NodeState>> = {};
  let transform: ZoomTransform = zoomIdentity;
  /** The reader has zoomed or panned: from now on the view stays where it was put. */
  let touched = false;

  const behaviour = zoom<SVGSVGElement, unknown>()
    .scaleExtent([0.02, 4])
    .on("zoom", (event: { transform: ZoomTransform; sourceEvent: unknown }) => {
      transform = event.transform;
      world.attr("transform", transform.toString());
      element.classList.toggle("far", transform.k < readableScale);
      if (isLarge()) requestDetails();
      else nameFromAfar();
      if (event.sourceEvent) touched = true;
    })
    .on("end", () => events.moved({ k: transform.k, x: transform.x, y: transform.y }));
  svg.call(behaviour).on("dblclick.zoom", null);
  element.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("g.node, g.edge")) return;
    const point = transform.invert([event.offsetX, event.offsetY]);
    const node = graph && isLarge() ? nodeAt(graph, ...point) : undefined;
    events.select(node?.id);
    if (node) events.open(node.id);
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

  function showLabels(ids: readonly string[], always: boolean): void {
    if (!graph) return;
    labels
      .selectAll<SVGGElement, PlacedLabel>("g")
      .data(
        placeLabels(graph, ids, (text) => textWidth(text, 11) + 14, always),
        (label) => label.id,
      )
      .join((enter) => {
        const g = enter.append("g");
        g.append("rect")
          .attr("rx", labelHeight / 2)
          .attr("y", -labelHeight / 2)
          .attr("height", labelHeight);
        g.append("text").attr("text-anchor", "middle").attr("dy", "0.32em");
        return g;
      })
      .attr("transform", ({ x, y }) => `translate(${x},${y})`)
      .each(function ({ text, width }) {
        const g = select(this);
        g.select("text").text(text);
        g.select("rect")
          .attr("x", -width / 2)
          .attr("width", width);
      });
  }

  function restLabels(): void {
    const near = graph?.dag.edges.filter((edge) => edge.from === selected || edge.to === selected) ?? [];
    showLabels(
      near.map((edge) => edge.id),
      false,
    );
  }

  function paintSelection(): void {
    world.selectAll<SVGGElement, DagNode>("g.node").classed("selected", (node) => node.id === selected);
    edges.selectAll<SVGGElement, DagEdge>("g.edge").classed("near", (e) => e.from === selected || e.to === selected);
    restLabels();
  }

  const isLarge = () => graph !== undefined && graph.dag.nodes.length >= largeFrom;
  let requested = false;
  let drawAll = false;

  /** At most once a frame, and only for large graphs: what came into sight is drawn, what left it goes. */
  function requestDetails(): void {
    if (requested) return;
    requested = true;
    requestAnimationFrame(() => {
      requested = false;
      drawDetails(false);
      paintSelection();
    });
  }

  function nameFromAfar(): void {
    const named = transform.k < readableScale && !isLarge() && namesFit(transform.k);
    element.classList.toggle("named", named);
    if (named && graph) drawFarNames(nodes, graph, transform.k);
  }

  function drawDetails(animate: boolean): void {
    const current = graph;
    if (!current) return;
    const open = new Set(current.dag.nodes.flatMap((node) => (node.parent === undefined ? [] : [node.parent])));
    const isOpen = (node: DagNode) => open.has(node.id) && !node.folded;
    const seen = isLarge() ? details(current) : undefined;
    const drawn = current.dag.nodes.filter((node) => current.boxes[node.id] && (seen?.has(node.id) ?? true));
    const lines = current.dag.edges.filter(
      (edge) => current.paths[edge.id] && (!seen || seen.has(edge.from) || seen.has(edge.to)),
    );
    const hover = (id: string | undefined) => (id === undefined ? restLabels() : showLabels([id], true));
    drawNodes(groups, drawn.filter(isOpen), current, states, animate, true);
    drawEdges(edges, current, lines, animate, hover);
    drawNodes(
      nodes,
      drawn.filter((node) => !isOpen(node)),
      current,
      states,
      animate,
      false,
    );
    nameFromAfar();
  }

  /** What of a large graph is drawn one by one: from afar the selected node only. */
  function details(current: LaidOutDag): ReadonlySet<string> | undefined {
    if (drawAll) return undefined;
    if (transform.k < readableScale) return new Set(selected === undefined ? [] : [selected]);
    const size = viewport();
    const margin = 100;
    const [left, top] = transform.invert([-margin, -margin]);
    const [right, bottom] = transform.invert([size.width + margin, size.height + margin]);
    return inSight(current, { left, top, right, bottom });
  }

  const picture: Picture = {
    svg: element,
    show(next, nextStates) {
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
      states = nextStates;
      element.classList.toggle("large", isLarge());
      if (isLarge()) drawOverview(overview, next, states);
      else overview.selectAll("path").remove();
      drawDetails(animate);
      listen(world, events);
      if (first) moveTo(fitTransform(next, viewport()), false);
      paintSelection();
    },
    select(id) {
      selected = id;
      if (isLarge()) drawDetails(false);
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
    whole(take) {
      drawAll = true;
      if (isLarge()) drawDetails(false);
      try {
        return take(element);
      } finally {
        drawAll = false;
        if (isLarge()) drawDetails(false);
      }
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

/** Attached to the world once; nodes come and go under it. */
function listen(world: Selection<SVGGElement, unknown, null, undefined>, events: PictureEvents): void {
  world.on("click.nodes", (event: MouseEvent) => {
    const node = nodeUnder(event);
    if (!node) return events.select(undefined);
    if (event.target instanceof Element && event.target.classList.contains("fold"))
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

function calm(): boolean {
  return !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function markers(): string {
  const arrow = (id: string) =>
    `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0,0.5L8,4L0,7.5Z"/></marker>`;
  return `<defs>${arrow("arrow")}${arrow("arrow-near")}</defs>`;
}
