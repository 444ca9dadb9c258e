import { expect, test } from "vitest";
import { positionOf } from "../../../runtime/cluster/nodes.ts";

test.each([
  ["wf(0).root(0).train(0).executor(0)", "executor root.train #0"],
  ["wf(0).root(0).train(0).executor(2)", "executor root.train #2"],
  ["wf(0).root(0).train(0).executor", "executor root.train"],
  ["wf(0).root(0).train", "task root.train"],
  [
    "wf(0).root(0).for-loop-4(0).iteration-iterations(11:11)(0).iteration-item(0).work(0).executor(0)",
    "executor root.for-loop-4[11].work #0",
  ],
  ["wf(0).root(0).for-loop-4(0).iteration-iterations(1:1)", "task root.for-loop-4[1]"],
  [
    "wf(0).root(0).a(0).iteration-iterations(1:1)(0).iteration-item(0).b(0).iteration-iterations(0:0)(0).iteration-item(0).c",
    "task root.a[1].b[0].c",
  ],
  ["wf(0).root(0).exit-handler-1.onExit(0).done(0).executor(0)", "executor root.done #0"],
  ["wf(0).root(0).branches(0).condition-2(0).say(0)", "task root.branches.condition-2.say #0"],
])("%s", (node, expected) => {
  const { part, path, attempt } = positionOf(node, false) ?? { part: "?", path: "?" };
  expect(`${part} ${path}${attempt === undefined ? "" : ` #${attempt}`}`).toBe(expected);
});

test.each([
  ["wf(0).root-driver(0)", "root"],
  ["wf(0).root(0).train-driver(0)", "root.train"],
  ["wf(0).root(0).screw-driver-driver(0)", "root.screw-driver"],
  ["wf(0).root(0).for-loop-4(0).iteration-driver(0)", "root.for-loop-4"],
  ["wf(0).root(0).for-loop-4(0).iteration-iterations(1:1)(0).iteration-item-driver(0)", "root.for-loop-4[1]"],
  ["wf(0).root(0).exit-handler-1.onExit(0).done-driver(0)", "root.done"],
])("the driver of %s", (node, path) => {
  expect(positionOf(node, true)).toEqual({ part: "driver", path, attempt: 0 });
});

test.each(["wf", "wf(0)", "wf(0).root(0).for-loop-4(0).iteration-iterations", "wf(0).root(0).exit-handler-1.onExit"])(
  "%s is no task",
  (node) => {
    expect(positionOf(node, false)).toBeUndefined();
  },
);

test("a task may be called as a driver is", () => {
  expect(positionOf("wf(0).root(0).screw-driver(0).executor(0)", false)).toEqual({
    part: "executor",
    path: "root.screw-driver",
    attempt: 0,
  });
});
