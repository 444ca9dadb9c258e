/** The Lineage view: what an artifact was made from, what was made from it, and the same in words. */
import "../theme.css";
import "./lineage.css";
import { connectHost, expectView, keep, kept } from "../host.ts";
import { paths, toolButton } from "../icons.ts";
import type { LineageView, LineageViewNode } from "../protocol.ts";
import { stateLook } from "../words.ts";
import { layoutLineage, nodeHeight, nodeWidth, type Placed, type Routed } from "./layout.ts";

let view: LineageView | undefined;
const host = connectHost({
  show: (shown) => {
    // While something runs the same comes again and again: a press on it must not be lost.
    if (view && JSON.stringify(view) === JSON.stringify(shown)) return;
    const before = currentOf(view);
    const first = view === undefined;
    view = expectView(shown, "lineage");
    draw(view);
    const current = currentOf(view);
    const last = kept()["current"];
    // After a reload of the window nobody else remembers what was looked at.
    if (first && current === undefined && typeof last === "string") void host.call("selectArtifact", last);
    else keep({ current });
    if (current !== before) document.querySelector("g.node.current")?.scrollIntoView({ block: "nearest" });
  },
  reveal: () => undefined,
  picture: () => "",
});

let width = 0;
new ResizeObserver(([entry]) => {
  const next = entry?.contentRect.width ?? 0;
  if (view && isDown(next) !== isDown(width)) draw(view);
  width = next;
}).observe(document.body);

function currentOf(shown: LineageView | undefined): string | undefined {
  return shown?.nodes.find(({ current }) => current)?.id;
}

const isDown = (room: number) => room < 620;

function draw(shown: LineageView): void {
  const parts: Node[] = [];
  const current = shown.nodes.find((node) => node.current);
  if (current) {
    parts.push(headOf(shown, current), graphOf(shown), wordsOf(shown.words));
  }
  if (shown.recent.length > 0) parts.push(recentOf(shown, current?.id));
  else {
    const none = document.createElement("p");
    none.className = "none";
    none.textContent =
      "No artifacts yet. Run a pipeline: every dataset, model and metric that it makes shows up here, with what it was made from.";
    parts.push(none);
  }
  document.body.replaceChildren(...parts);
}

function headOf(shown: LineageView, current: LineageViewNode): HTMLElement {
  const head = document.createElement("header");
  const title = document.createElement("h2");
  title.textContent = shown.title;
  head.append(title);
  const { actions } = shown;
  if (actions.file)
    head.append(toolButton("file", "Open file", () => void host.call("openArtifact", current.id), "Open"));
  if (actions.source)
    head.append(
      toolButton(
        "source",
        "Open the line that made it",
        () => void host.call("revealArtifactSource", current.id),
        "Source",
      ),
    );
  const { run } = actions;
  if (run !== undefined)
    head.append(toolButton("run", "Show the run that made it", () => void host.call("openRun", run), "Run"));
  return head;
}

function wordsOf(words: readonly string[]): HTMLElement {
  const list = document.createElement("ul");
  list.className = "words";
  list.setAttribute("aria-label", "In words");
  list.append(
    ...words.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }),
  );
  return list;
}

function recentOf(shown: LineageView, current: string | undefined): HTMLElement {
  const section = document.createElement("section");
  const title = document.createElement("h3");
  title.textContent = "Artifacts";
  const list = document.createElement("ul");
  list.className = "recent";
  list.append(
    ...shown.recent.map((artifact) => {
      const item = document.createElement("li");
      const pick = document.createElement("button");
      pick.type = "button";
      pick.dataset["id"] = artifact.id;
      if (artifact.id === current) pick.setAttribute("aria-current", "true");
      const label = document.createElement("span");
      label.textContent = artifact.label;
      const detail = document.createElement("span");
      detail.className = "detail";
      detail.textContent = `${artifact.type} · ${artifact.detail}`;
      pick.append(label, detail);
      pick.addEventListener("click", () => void host.call("selectArtifact", artifact.id));
      item.append(pick);
      return item;
    }),
  );
  section.append(title, list);
  return section;
}

const svgName = "http://www.w3.org/2000/svg";

function graphOf(shown: LineageView): HTMLElement {
  const room = document.body.clientWidth;
  const down = isDown(room);
  const { placed, routed, width, height } = layoutLineage(shown, down);
  const margin = 6;
  const svg = svgElement("svg", {
    viewBox: `${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}`,
    role: "group",
    "aria-label": `Lineage of ${shown.title}`,
  });
  svg.style.width = `${Math.min(width + 2 * margin, Math.max(room - 16, 120))}px`;
  const at = new Map(placed.map((one) => [one.node.id, one]));
  svg.append(svgElement("defs", {}), ...routed.flatMap((edge) => edgeOf(edge, down)));
  svg.append(...placed.map((one) => nodeOf(one, at)));
  const frame = document.createElement("div");
  frame.className = "graph";
  frame.append(svg);
  return frame;
}

function edgeOf({ d, x, y, label }: Routed, down: boolean): readonly SVGElement[] {
  const line = svgElement("path", { d, class: "edge" });
  if (label !== undefined) line.append(svgText("title", label));
  const head = down
    ? `M${x - 3.5},${y - 6}L${x},${y}L${x + 3.5},${y - 6}Z`
    : `M${x - 6},${y - 3.5}L${x},${y}L${x - 6},${y + 3.5}Z`;
  return [line, svgElement("path", { d: head, class: "head" })];
}

function nodeOf({ node, x, y }: Placed, at: ReadonlyMap<string, Placed>): SVGElement {
  const words = [
    node.label,
    node.type ?? (node.kind === "task" ? "step" : ""),
    node.state && stateLook(node.state).word,
    node.detail,
  ].filter(Boolean);
  const g = svgElement("g", {
    class: `node ${node.kind}${node.current ? " current" : ""}`,
    transform: `translate(${x},${y})`,
    tabindex: node.current ? "0" : "-1",
    role: "button",
    "aria-label": words.join(", "),
    "data-id": node.id,
  });
  if (node.current) g.setAttribute("aria-current", "true");
  g.append(
    svgElement("rect", { width: String(nodeWidth), height: String(nodeHeight), rx: node.kind === "task" ? "4" : "18" }),
    svgText("title", words.join("\n")),
  );
  const look = node.state === undefined ? undefined : stateLook(node.state);
  if (look)
    g.append(
      svgElement("path", {
        d: paths[look.tone],
        class: `tone-${look.tone}`,
        fill: "currentColor",
        transform: "translate(8,11)",
      }),
    );
  const left = look ? 28 : 14;
  const second = node.type ?? node.detail;
  g.append(
    svgText("text", cut(node.label, look ? 20 : 21), { x: String(left), y: second === undefined ? "23" : "16" }),
  );
  if (second !== undefined)
    g.append(
      svgText("text", cut([node.type, node.detail].filter(Boolean).join(" · "), 26), {
        x: String(left),
        y: "30",
        class: "detail",
      }),
    );
  const choose = () => {
    if (node.kind === "artifact") void host.call("selectArtifact", node.id);
    else void host.call("revealSource", node.id, true);
  };
  g.addEventListener("click", choose);
  g.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") choose();
    else if (event.key.startsWith("Arrow")) walk(g, node.id, event.key, at);
    else return;
    event.preventDefault();
  });
  return g;
}

/** Arrow keys go to the nearest node that lies that way. */
function walk(from: SVGElement, id: string, key: string, at: ReadonlyMap<string, Placed>): void {
  const here = at.get(id);
  if (!here) return;
  const [dx, dy] = key === "ArrowLeft" ? [-1, 0] : key === "ArrowRight" ? [1, 0] : key === "ArrowUp" ? [0, -1] : [0, 1];
  let best: { id: string; cost: number } | undefined;
  for (const { node, x, y } of at.values()) {
    const ahead = (x - here.x) * dx + (y - here.y) * dy;
    const aside = Math.abs((x - here.x) * dy) + Math.abs((y - here.y) * dx);
    if (ahead > 4 && (!best || ahead + 2 * aside < best.cost)) best = { id: node.id, cost: ahead + 2 * aside };
  }
  const next = best && from.parentElement?.querySelector<SVGElement>(`[data-id="${CSS.escape(best.id)}"]`);
  if (!next) return;
  from.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}

function svgElement(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(svgName, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  // SAFETY: the SVG namespace has nothing but SVG elements.
  return element;
}

function svgText(name: string, text: string, attributes: Readonly<Record<string, string>> = {}): SVGElement {
  const element = svgElement(name, attributes);
  element.textContent = text;
  return element;
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
