/** Text cut to a width, measured on the font that draws it. */

const widths = new Map<string, number>();
let pen: CanvasRenderingContext2D | null | undefined;

/** The text, or as much of it as fits with an ellipsis; empty where not even that fits. Pixels. */
export function fitText(text: string, width: number, size: number): string {
  if (text === "" || textWidth(text, size) <= width) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(`${text.slice(0, middle)}…`, size) <= width) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? "" : `${text.slice(0, low)}…`;
}

export function textWidth(text: string, size: number): number {
  const key = `${size} ${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    pen ??= document.createElement("canvas").getContext("2d");
    if (!pen) return text.length * size * 0.55;
    pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
    width = pen.measureText(text).width;
    if (widths.size > 20_000) widths.clear();
    widths.set(key, width);
  }
  return width;
}
