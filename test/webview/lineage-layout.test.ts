import { describe, expect, it } from "vitest";
import { layoutLineage, nodeHeight, nodeWidth } from "../../webview/lineage/layout.ts";
import type { LineageView, LineageViewNode } from "../../webview/protocol.ts";

const node = (id: string, column: number): LineageViewNode => ({
  id,
  kind: "artifact",
  label: id,
  current: false,
  column,
});

const view = (nodes: readonly LineageViewNode[], edges: LineageView["edges"]): LineageView => ({
  kind: "lineage",
  title: "",
  nodes,
  edges,
  words: [],
  recent: [],
  actions: { file: false, source: false },
});

/** Every point that a path names; a curve stays inside of the hull of its own. */
const pointsOf = (d: string) => [...d.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

const chain = view(
  [node("data", 0), node("train", 1), node("model", 2), node("evaluate", 3)],
  [
    { from: "data", to: "train" },
    { from: "train", to: "model" },
    { from: "model", to: "evaluate" },
    { from: "data", to: "evaluate", label: "dataset" },
  ],
);

describe.each([true, false])("a lineage, down: %s", (down) => {
  const { placed, routed, width, height } = layoutLineage(chain, down);

  it("leads an edge past the nodes between its ends", () => {
    const long = routed.find(({ label }) => label === "dataset");
    const between = placed.filter(({ node }) => node.id === "train" || node.id === "model");
    expect(between).toHaveLength(2);
    for (const { x, y } of between)
      for (const [px = 0, py = 0] of pointsOf(long?.d ?? ""))
        expect(px > x && px < x + nodeWidth && py > y && py < y + nodeHeight).toBe(false);
    expect(long?.d).toMatch(/L/);
  });

  it("keeps the nodes of a chain in line, and all inside of the picture", () => {
    const side = new Set(placed.map(({ x, y }) => (down ? x : y)));
    expect(side.size).toBe(1);
    for (const [x = -1, y = -1] of [...placed.map(({ x, y }) => [x, y]), ...routed.flatMap(({ d }) => pointsOf(d))]) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(width);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(height);
    }
  });

  it("goes past a column once for all that read the same", () => {
    const fan = view(
      [node("data", 0), node("a", 1), node("b", 2), node("c", 2)],
      [
        { from: "data", to: "a" },
        { from: "a", to: "b" },
        { from: "data", to: "b" },
        { from: "data", to: "c" },
      ],
    );
    const [, , ...long] = layoutLineage(fan, down).routed;
    const [first, second] = long.map(({ d }) => d.slice(0, d.indexOf("L")));
    expect(first).toBe(second);
  });

  it("leaves out an edge to what is not there", () => {
    expect(layoutLineage(view([node("a", 0)], [{ from: "a", to: "gone" }]), down).routed).toEqual([]);
  });
});
