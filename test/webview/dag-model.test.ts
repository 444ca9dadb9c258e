import { describe, expect, test } from "vitest";
import { anchorShift, fitTransform, nodeSentence, step, treeRows } from "../../webview/dag/model.ts";
import { graph } from "./graph.ts";

const diamond = graph({ load: [100, 0], left: [0, 100], right: [200, 100], join: [100, 200] }, [
  ["load", "left", "data: Dataset"],
  ["load", "right", "data: Dataset"],
  ["left", "join"],
  ["right", "join", "model: Model"],
]);
const loop = graph(
  { load: [100, 0], loop: [100, 150], train: [100, 150], end: [100, 300] },
  [
    ["load", "loop", "rates: list"],
    ["loop", "end", "models: list"],
  ],
  { loop: { kind: "loop", foldable: true, label: "for each rate" }, train: { parent: "loop", badges: ["1 GPU"] } },
);

describe("arrow keys", () => {
  test.each([
    ["down follows an edge to the nearest end", diamond, "load", "down", "left"],
    ["up follows an edge back", diamond, "join", "up", "left"],
    ["right goes to the node beside", diamond, "left", "right", "right"],
    ["left goes back", diamond, "right", "left", "left"],
    ["a sink leads nowhere", diamond, "join", "down", undefined],
    ["a node without edges leaves by its group's", loop, "train", "down", "end"],
    ["and enters by its group's", loop, "train", "up", "load"],
    ["a group that is open is nobody's neighbour", loop, "train", "right", undefined],
    ["an unknown node leads nowhere", diamond, "nobody", "down", undefined],
  ] as const)("%s", (_name, drawn, from, direction, to) => {
    expect(step(drawn, from, direction)).toBe(to);
  });
});

describe("what stays where it is when the graph changes", () => {
  const moved = graph({ load: [300, 50], left: [120, 100], new: [0, 0] }, []);
  test("the selected node", () =>
    expect(anchorShift(diamond, moved, { x: 100, y: 0 }, "left")).toEqual({ x: -120, y: 0 }));
  test("else the node nearest to the middle", () =>
    expect(anchorShift(diamond, moved, { x: 90, y: 10 }, undefined)).toEqual({ x: -200, y: -50 }));
  test("a selected node that is gone does not count", () =>
    expect(anchorShift(diamond, moved, { x: 0, y: 100 }, "join")).toEqual({ x: -120, y: 0 }));
  test("nothing where the graphs share nothing", () =>
    expect(anchorShift(diamond, graph({ other: [9, 9] }, []), { x: 0, y: 0 }, undefined)).toEqual({ x: 0, y: 0 }));
});

test("the tree has levels, places and folds", () => {
  expect(treeRows(loop, { train: { state: "RUNNING", seconds: 3.25 } })).toEqual([
    { id: "load", level: 1, position: 1, siblings: 3, text: "load, step." },
    {
      id: "loop",
      level: 1,
      position: 2,
      siblings: 3,
      expanded: true,
      text: "for each rate, loop. Takes rates: list from load.",
    },
    { id: "train", level: 2, position: 1, siblings: 1, text: "train, step, running · 3.3 s, 1 GPU." },
    { id: "end", level: 1, position: 3, siblings: 3, text: "end, step. Takes models: list from for each rate." },
  ]);
});

test("a node is said with its state, its sources and its reason", () => {
  const [, , , join] = diamond.dag.nodes;
  if (!join) throw new Error("no node");
  const labels = new Map(diamond.dag.nodes.map((node) => [node.id, node.label]));
  const into = diamond.dag.edges.filter(({ to }) => to === "join");
  expect(nodeSentence(join, { state: "FAILED", reason: "exit code 1: no rows" }, into, labels)).toBe(
    "join, step, failed. Takes after left; model: Model from right. exit code 1: no rows.",
  );
});

test("a small graph is enlarged a little, in the middle; a large one is shown whole", () => {
  expect(fitTransform({ width: 100, height: 100 }, { width: 500, height: 300 })).toEqual({ k: 1.5, x: 175, y: 75 });
  const { k, x } = fitTransform({ width: 10_000, height: 100 }, { width: 548, height: 300 });
  expect([k, x]).toEqual([0.05, 24]);
});
