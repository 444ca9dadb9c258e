/** Icons of our own drawing, as SVG paths in a 16 × 16 box. */

export type Icon = keyof typeof paths;

export const paths = {
  waiting:
    "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2Zm0 1.2a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2Zm-.6 1.9v3l2.3 1.6.7-1-1.8-1.2V5.3Z",
  running: "M8 2.2a5.8 5.8 0 1 0 5.8 5.8h-1.4A4.4 4.4 0 1 1 8 3.6Z",
  good: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm3.1 4.2-3.9 4.6-2.4-2 .9-1 1.4 1.1 3-3.6Z",
  bad: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm2.6 7.7-.9.9L8 8.9l-1.7 1.7-.9-.9L7.1 8 5.4 6.3l.9-.9L8 7.1l1.7-1.7.9.9L8.9 8Z",
  skipped: "M3 7.3h7.2L7.6 4.7l.9-.9L12.7 8l-4.2 4.2-.9-.9 2.6-2.6H3Z",
  stopped:
    "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 1.4c1 0 2 .3 2.7.9l-6.4 6.4A4.6 4.6 0 0 1 8 3.4Zm0 9.2c-1 0-2-.3-2.7-.9l6.4-6.4A4.6 4.6 0 0 1 8 12.6Z",
  folded: "M6 3.8 10.2 8 6 12.2l-.9-.9L8.4 8 5.1 4.7Z",
  unfolded: "M3.8 6 8 10.2 12.2 6l-.9-.9L8 8.4 4.7 5.1Z",
  run: "M4.5 2.7v10.6L13 8Zm1.3 2.4L10.6 8l-4.8 2.9Z",
  stop: "M3.5 3.5h9v9h-9Zm1.2 1.2v6.6h6.6V4.7Z",
  fit: "M2.5 2.5H6v1.2H3.7V6H2.5Zm7.5 0h3.5V6h-1.2V3.7H10ZM2.5 10h1.2v2.3H6v1.2H2.5Zm9.8 0h1.2v3.5H10v-1.2h2.3Z",
  larger: "M7.4 3h1.2v4.4H13v1.2H8.6V13H7.4V8.6H3V7.4h4.4Z",
  smaller: "M3 7.4h10v1.2H3Z",
  outline: "M2.5 3.4h2v1.2h-2Zm3.5 0h7.5v1.2H6Zm-1.5 4h2v1.2h-2Zm3.5 0h5.5v1.2H8Zm-3.5 4h2v1.2h-2Zm3.5 0h5.5v1.2H8Z",
  save: "M7.4 2.5h1.2v6.3l2.2-2.2.9.9L8 11.2 4.3 7.5l.9-.9 2.2 2.2ZM2.7 12.3h10.6v1.2H2.7Z",
  log: "M3 3.4h10v1.2H3Zm0 2.7h7v1.2H3Zm0 2.7h10V10H3Zm0 2.7h6v1.2H3Z",
  file: "M4 1.8h5.2L12.5 5v9.2H4Zm1.2 1.2v10h6.1V5.8H8.5V3Z",
  source: "M5.6 4.3l.9.9L3.7 8l2.8 2.8-.9.9L1.9 8ZM10.4 4.3 14.1 8l-3.7 3.7-.9-.9L12.3 8 9.5 5.2Z",
} as const;

/** An icon as an element; decorative, so that its neighbour's text names it. */
export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", paths[name]);
  path.setAttribute("fill", "currentColor");
  svg.append(path);
  return svg;
}

/** A button of a toolbar: icon, and text where it is given. */
export function toolButton(name: Icon, label: string, press: () => void, text?: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.className = "tool";
  button.type = "button";
  button.title = label;
  button.setAttribute("aria-label", label);
  button.append(icon(name));
  if (text !== undefined) button.append(text);
  button.addEventListener("click", press);
  return button;
}
