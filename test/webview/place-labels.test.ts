import { expect, test } from "vitest";
import type { DagNode, LaidOutDag } from "../../language/dag/view.ts";
import { labelHeight, placeLabels } from "../../webview/dag/place-labels.ts";

const node = (id: string, more: Partial<DagNode> = {}): DagNode => ({
  id,
  kind: "task",
  label: id,
  foldable: false,
  folded: false,
  badges: [],
  ...more,
});

/** An edge from a step, straight down through the title of a group into a step of it; `edge` is how far right. */
function intoGroup(edge: number): LaidOutDag {
  return {
    dag: {
      title: "p",
      nodes: [
        node("make"),
        node("If rows > 5", { kind: "condition", foldable: true }),
        node("check", { parent: "If rows > 5" }),
      ],
      edges: [{ id: "data", from: "make", to: "check", label: "data: Dataset", kind: "artifact" }],
    },
    boxes: {
      make: { x: 150, y: 25, width: 200, height: 50 },
      "If rows > 5": { x: 150, y: 120, width: 240, height: 104 },
      check: { x: 150, y: 132, width: 200, height: 50 },
    },
    paths: {
      data: [
        [edge, 50],
        [edge, 70],
        [edge, 90],
        [edge, 107],
      ],
    },
    width: 300,
    height: 180,
  };
}

const widthOf = (text: string) => text.length * 6;

test("a label stands beside the title of a group, not over it", () => {
  const [label] = placeLabels(intoGroup(190), ["data"], widthOf);
  const title = 30 + 44 + 1.2 * widthOf("If rows > 5");
  if (!label) throw new Error("There is no label.");
  const besideIt = label.x - label.width / 2 > title;
  const belowOrAbove = Math.abs(label.y - 82) > (labelHeight + 14) / 2;
  expect(besideIt || belowOrAbove).toBe(true);
});

test("where there is no room beside it there is none, but for one that is asked for", () => {
  expect(placeLabels(intoGroup(80), ["data"], widthOf)).toEqual([]);
  expect(placeLabels(intoGroup(80), ["data"], widthOf, true)).toHaveLength(1);
});
