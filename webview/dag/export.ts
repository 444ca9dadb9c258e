/** The picture as a file of its own: styles inlined, the whole graph at life size. */

const styled = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "opacity",
  "font-size",
  "font-family",
  "font-weight",
  "display",
  "marker-end",
];

/** Text of an SVG file that needs no style sheet. */
export function svgOf(svg: SVGSVGElement): string {
  // SAFETY: cloneNode answers the kind of node it was asked of.
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const far = svg.classList.contains("far");
  svg.classList.remove("far");
  inline(svg, copy);
  svg.classList.toggle("far", far);
  for (const hidden of copy.querySelectorAll(".hit, .fold, .labels, .name, g.overview")) hidden.remove();
  const world = svg.querySelector<SVGGElement>("g.world");
  copy.querySelector("g.world")?.removeAttribute("transform");
  const box = world?.getBBox() ?? { x: 0, y: 0, width: 100, height: 100 };
  const margin = 16;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute(
    "viewBox",
    [box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin].join(" "),
  );
  copy.setAttribute("width", String(Math.ceil(box.width + 2 * margin)));
  copy.setAttribute("height", String(Math.ceil(box.height + 2 * margin)));
  copy.style.background = getComputedStyle(document.body).backgroundColor;
  return new XMLSerializer().serializeToString(copy);
}

/** A PNG of the picture at twice life size (less where that would be huge), as base64. */
export async function pngOf(svg: SVGSVGElement): Promise<string> {
  const text = svgOf(svg);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const scale = Math.min(2, 12_000 / Math.max(image.width, image.height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = image.width * scale;
  canvas.height = image.height * scale;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png").replace(/^data:image\/png;base64,/, "");
}

function inline(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const name of styled) {
    const value = style.getPropertyValue(name);
    if (value !== "") to.setAttribute(name, value);
  }
  for (const [index, child] of [...from.children].entries()) {
    const twin = to.children[index];
    if (twin) inline(child, twin);
  }
}
