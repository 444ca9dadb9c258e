/** Draws the output of a cell. Everything that a pipeline wrote is text, or a page in a frame without any rights. */
import { Marked } from "marked";
import { artifactType, number, stateLook } from "../words.ts";
import type { ArtifactOutput, StepOutput } from "./output.ts";
import { graphPicture } from "./graph.ts";
import { pageStyle, style } from "./style.ts";

interface OutputItem {
  json(): unknown;
}

export function activate(): { renderOutputItem(item: OutputItem, element: HTMLElement): void } {
  return {
    renderOutputItem(item, element) {
      const output = item.json();
      if (!isOutput(output)) return;
      const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
      const sheet = document.createElement("style");
      sheet.textContent = style;
      root.replaceChildren(sheet, ...partsOf(output));
    },
  };
}

function partsOf(output: StepOutput): readonly HTMLElement[] {
  const look = stateLook(output.state);
  const head = make("p", `${output.name}: `, "head");
  head.append(make("span", look.word, `tone-${look.tone}`));
  head.dataset["state"] = output.state;
  const parts: HTMLElement[] = [head];
  if (output.inputs.length > 0) parts.push(make("p", `with ${output.inputs.join(", ")}`, "facts"));
  for (const problem of output.problems) parts.push(make("p", problem, "problem"));
  if (output.graph) parts.push(graphPicture(output.graph, output.states ?? {}));
  const metrics = output.artifacts.filter(({ type }) => type.endsWith("Metrics"));
  if (metrics.length > 0) parts.push(section("Metrics", tableOf(["metric", "value"], metrics.flatMap(metricRows))));
  if (output.parameters.length > 0)
    parts.push(
      section(
        "Outputs",
        tableOf(
          ["name", "value"],
          output.parameters.map(({ name, value }) => [name, JSON.stringify(value)]),
        ),
      ),
    );
  for (const artifact of output.artifacts) if (!metrics.includes(artifact)) parts.push(artifactOf(artifact));
  return parts;
}

function artifactOf({ key, type, uri, metadata, preview }: ArtifactOutput): HTMLElement {
  const facts = Object.entries(metadata).map(([name, value]) => `${name} ${plain(value)}`);
  const caption = make("p", [artifactType(type), ...facts].join(" · "), "facts");
  caption.title = uri;
  switch (preview?.kind) {
    case "table":
      return section(key, caption, tableOf(preview.columns, preview.rows));
    case "html":
      return section(key, caption, frameOf(key, preview.text));
    case "markdown":
      return section(key, caption, frameOf(key, markdownPage(preview.text)));
    case undefined:
      return section(key, caption);
  }
}

const markdown = new Marked({ gfm: true });

/** The HTML of a Markdown text, its own tags included: it is shown where nothing of it can act. */
function markdownPage(text: string): string {
  return `<style>${pageStyle}</style>${markdown.parse(text, { async: false })}`;
}

/** No scripts, no same origin, no forms, no links out. */
function frameOf(title: string, html: string): HTMLElement {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "");
  frame.title = title;
  frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">${html}`;
  return frame;
}

function metricRows({ metadata }: ArtifactOutput): readonly (readonly string[])[] {
  return Object.entries(metadata)
    .filter(([name]) => name !== "display_name")
    .map(([name, value]) => [name, plain(value)]);
}

function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const column of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = column;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const text of row) {
      const cell = line.insertCell();
      cell.textContent = text;
      if (text !== "" && Number.isFinite(Number(text))) cell.className = "number";
    }
  }
  const frame = make("div", "", "table");
  frame.tabIndex = 0;
  frame.append(table);
  return frame;
}

function section(title: string, ...content: readonly HTMLElement[]): HTMLElement {
  const element = document.createElement("section");
  element.append(make("h4", title), ...content);
  return element;
}

function make(tag: string, text: string, className = ""): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className !== "") element.className = className;
  return element;
}

function plain(value: unknown): string {
  return typeof value === "number" ? number(value) : typeof value === "string" ? value : JSON.stringify(value);
}

function isOutput(value: unknown): value is StepOutput {
  if (typeof value !== "object" || value === null) return false;
  return (
    typeof Reflect.get(value, "name") === "string" &&
    ["artifacts", "parameters", "inputs", "problems"].every((name) => Array.isArray(Reflect.get(value, name)))
  );
}
