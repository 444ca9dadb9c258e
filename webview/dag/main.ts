/** The graph panel: picture, toolbar, outline, the strip about the selected node, and the keyboard. */
import "../theme.css";
import "./dag.css";
import { toMermaid } from "../../language/dag/mermaid.ts";
import type { DagNode } from "../../language/dag/view.ts";
import { connectHost, expectView, keep, kept } from "../host.ts";
import { toolButton } from "../icons.ts";
import type { DagView } from "../protocol.ts";
import { stateLook } from "../words.ts";
import { createPicture } from "./draw.ts";
import { pngOf, svgOf } from "./export.ts";
import { type Direction, nodeSentence, step } from "./model.ts";
import { createOutline } from "./outline.ts";
import { createStrip } from "./strip.ts";

const arrows: Readonly<Record<string, Direction>> = {
  ArrowDown: "down",
  ArrowUp: "up",
  ArrowLeft: "left",
  ArrowRight: "right",
};

const toolbar = part("div", "toolbar", { role: "toolbar", "aria-label": "Graph" });
const banner = part("div", "banner", { role: "status", hidden: "" });
const note = part("div", "note", { role: "status", hidden: "" });
const stage = part("div", "stage", {});
const empty = part("p", "empty", { hidden: "" });
const live = part("div", "hidden-visually", { "aria-live": "polite" });

let view: DagView | undefined;
let selected = keptSelection();
let outlined = kept()["outline"] === true;

const host = connectHost({
  show: (shown) => show(expectView(shown, "dag")),
  reveal: (id) => {
    choose(id, false);
    picture.bringIntoSight(id);
  },
  picture: (format) => pictureIn(format),
});

const picture = createPicture(stage, {
  select: (id) => choose(id, true),
  open: (id) => void host.call("revealSource", id, false),
  fold,
  moved: (transform) => keep({ transform }),
});
const outline = createOutline({
  select: (id) => {
    choose(id, true);
    picture.bringIntoSight(id);
  },
  open: (id) => void host.call("revealSource", id, true),
  fold,
});
const strip = createStrip({
  openLog: (id) => void host.call("openLog", id),
  openSource: (id) => void host.call("revealSource", id, true),
});
stage.prepend(outline.element);
document.body.append(toolbar, banner, note, stage, empty, strip.element, live);

const runButton = toolButton("run", "Run pipeline", () => void host.call("run"), "Run");
const cancelButton = toolButton("stop", "Cancel run", () => void host.call("cancel"), "Cancel");
const outlineButton = toolButton("outline", "Outline", () => toggleOutline(!outlined));
const title = document.createElement("span");
title.className = "title";
toolbar.append(
  runButton,
  cancelButton,
  title,
  toolButton("smaller", "Zoom out (-)", () => picture.zoomBy(1 / 1.3)),
  toolButton("larger", "Zoom in (+)", () => picture.zoomBy(1.3)),
  toolButton("fit", "Fit the graph (0)", () => picture.fit()),
  outlineButton,
  toolButton("save", "Export the graph…", () => void host.call("exportGraph")),
);
toggleOutline(outlined);

const savedTransform = kept()["transform"];

function show(shown: DagView): void {
  const first = view?.graph === undefined;
  // The same graph again is the same object: only states have changed.
  const same = view?.graph !== undefined && JSON.stringify(view.graph) === JSON.stringify(shown.graph);
  const next = same && view?.graph ? { ...shown, graph: view.graph } : shown;
  view = next;
  keep({ restore: next.restore });
  const states = next.run?.states ?? {};
  if (next.graph) {
    picture.show(next.graph, states);
    outline.show(next.graph, states);
    if (first && isTransform(savedTransform)) picture.restore(savedTransform);
  }
  if (next.graph) choose(selected, false);
  const steps = next.graph?.dag.nodes.filter((node) => node.kind === "task").length ?? 0;
  picture.svg.setAttribute(
    "aria-label",
    `Graph of ${next.title}, ${steps} steps. Arrow keys walk along its edges, Enter opens the source.`,
  );
  title.replaceChildren(next.title);
  if (next.run) {
    const look = stateLook(next.run.state);
    const state = document.createElement("span");
    state.className = `run-state tone-${look.tone}`;
    state.dataset["state"] = next.run.state;
    state.textContent = ` · ${look.word}`;
    title.append(state);
  }
  const active = next.run !== undefined && (next.run.state === "RUNNING" || next.run.state === "PENDING");
  runButton.hidden = !next.canRun || active;
  runButton.disabled = next.restricted !== undefined;
  if (next.restricted !== undefined) runButton.title = next.restricted;
  cancelButton.hidden = !active;
  document.body.classList.toggle("stale", next.problem !== undefined && next.graph !== undefined);
  banner.hidden = next.problem === undefined;
  banner.replaceChildren(
    next.problem ? problemText(next.problem, next.graph !== undefined, next.asksPython === true) : "",
  );
  if (next.asksPython) banner.append(" ", pythonButton("Compile with Python", next.restricted));
  note.hidden = next.byPython === undefined;
  note.classList.toggle("older", next.byPython?.older === true);
  if (next.byPython) note.replaceChildren(...originOf(next.byPython, next.restricted));
  const nodes = next.graph?.dag.nodes.length ?? 0;
  empty.hidden = nodes > 0;
  empty.textContent = next.problem
    ? ""
    : next.graph
      ? "This pipeline has no steps yet. Call a component in it."
      : "Reading the pipeline…";
  paintStrip();
}

/** Which way the graph came, where it was not by reading. */
function originOf({ python, kfp, older }: NonNullable<DagView["byPython"]>, restricted: string | undefined) {
  const way = `Compiled with Python ${python}, kfp ${kfp}.`;
  if (!older) return [way];
  return [
    `${way} The source has changed since: this is from an older text. `,
    pythonButton("Compile again", restricted),
  ];
}

function pythonButton(words: string, restricted: string | undefined): HTMLElement {
  const button = toolButton("run", words, () => void host.call("compileWithPython"), words);
  button.dataset["id"] = "with-python";
  if (restricted !== undefined) {
    button.disabled = true;
    button.title = restricted;
  }
  return button;
}

function problemText(problem: NonNullable<DagView["problem"]>, old: boolean, partial: boolean): string {
  const more = problem.count > 1 ? ` (and ${problem.count - 1} more in Problems)` : "";
  // Of what cannot be known, the rest is drawn.
  const rest = !old ? "" : partial ? " The graph is what could be read." : " This is the last good graph.";
  return `${problem.message}${more}${rest}`;
}

function choose(id: string | undefined, tellHost: boolean): void {
  selected = id !== undefined && nodeOf(id) ? id : undefined;
  keep({ selected });
  picture.select(selected);
  outline.select(selected);
  paintStrip();
  if (selected === undefined || !tellHost) return;
  void host.call("selectNode", selected);
  live.textContent = sentence(selected);
}

function paintStrip(): void {
  const node = selected === undefined ? undefined : nodeOf(selected);
  strip.show(node, node && view?.run?.states[node.id]);
}

function sentence(id: string): string {
  const graph = view?.graph;
  const node = nodeOf(id);
  if (!graph || !node) return "";
  const labels = new Map(graph.dag.nodes.map((each) => [each.id, each.label]));
  return nodeSentence(
    node,
    view?.run?.states[id],
    graph.dag.edges.filter((edge) => edge.to === id),
    labels,
  );
}

function nodeOf(id: string): DagNode | undefined {
  return view?.graph?.dag.nodes.find((node) => node.id === id);
}

function pictureIn(format: "svg" | "png" | "mermaid"): string | Promise<string> {
  switch (format) {
    case "svg":
      return picture.whole(svgOf);
    case "png":
      return picture.whole(pngOf);
    case "mermaid":
      return view?.graph ? toMermaid(view.graph.dag) : "";
  }
}

function fold(id: string, folded: boolean): void {
  void host.call("fold", id, folded);
}

function toggleOutline(on: boolean): void {
  outlined = on;
  keep({ outline: on });
  document.body.classList.toggle("outlined", on);
  outlineButton.setAttribute("aria-pressed", String(on));
}

picture.svg.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const direction = arrows[event.key];
  const node = selected === undefined ? undefined : nodeOf(selected);
  if (direction) {
    const graph = view?.graph;
    const next = graph && (selected === undefined ? graph.dag.nodes[0]?.id : step(graph, selected, direction));
    if (next !== undefined) {
      choose(next, true);
      picture.bringIntoSight(next);
    }
  } else if (event.key === "Enter" && node) void host.call("revealSource", node.id, true);
  else if (event.key === " " && node?.foldable) fold(node.id, !node.folded);
  else if (event.key === "l" && node) void host.call("openLog", node.id);
  else if (event.key === "+" || event.key === "=") picture.zoomBy(1.3);
  else if (event.key === "-") picture.zoomBy(1 / 1.3);
  else if (event.key === "0") picture.fit();
  else if (event.key === "Escape") choose(undefined, true);
  else return;
  event.preventDefault();
});

function part(tag: string, className: string, attributes: Readonly<Record<string, string>>): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function keptSelection(): string | undefined {
  const { selected } = kept();
  return typeof selected === "string" ? selected : undefined;
}

function isTransform(value: unknown): value is { k: number; x: number; y: number } {
  if (typeof value !== "object" || value === null) return false;
  return ["k", "x", "y"].every((name) => Number.isFinite(Reflect.get(value, name)));
}
