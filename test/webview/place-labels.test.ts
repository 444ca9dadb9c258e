import { expect, test } from "vitest";
import type { LaidOutDag } from "../../language/dag/view.ts";
import { labelHeight, placeLabels } from "../../webview/dag/place-labels.ts";
import { graph } from "./graph.ts";

/** An edge from a step, straight down through the title of a group into a step of it; `edge` is how far right. */
function intoGroup(edge: number): LaidOutDag {
  const group = "If rows > 5";
  const made = graph(
    { make: [150, 25], [group]: [150, 120], check: [150, 132] },
    [["make", "check", "data: Dataset"]],
    {
      [group]: { kind: "condition", foldable: true },
      check: { parent: group },
    },
  );
  return {
    ...made,
    boxes: {
      make: { x: 150, y: 25, width: 200, height: 50 },
      [group]: { x: 150, y: 120, width: 240, height: 104 },
      check: { x: 150, y: 132, width: 200, height: 50 },
    },
    paths: {
      "make>check": [
        [edge, 50],
        [edge, 70],
        [edge, 90],
        [edge, 107],
      ],
    },
  };
}

const widthOf = (text: string) => text.length * 6;

test("a label stands beside the title of a group, not over it", () => {
  const [label] = placeLabels(intoGroup(190), ["make>check"], widthOf);
  const title = 30 + 44 + 1.2 * widthOf("If rows > 5");
  if (!label) throw new Error("There is no label.");
  const besideIt = label.x - label.width / 2 > title;
  const belowOrAbove = Math.abs(label.y - 82) > (labelHeight + 14) / 2;
  expect(besideIt || belowOrAbove).toBe(true);
});

test("where there is no room beside it there is none, but for one that is asked for", () => {
  expect(placeLabels(intoGroup(80), ["make>check"], widthOf)).toEqual([]);
  expect(placeLabels(intoGroup(80), ["make>check"], widthOf, true)).toHaveLength(1);
});
