import { expect, test } from "vitest";
import { layout } from "../../language/dag/layout.ts";
import type { Dag } from "../../language/dag/view.ts";
import { layoutBeside } from "../../language/layout-beside.ts";

const thread = new URL("../../language/layout-thread.ts", import.meta.url);

function chain(count: number): Dag {
  const id = (i: number) => `root.step-${i}`;
  return {
    title: "chain",
    nodes: Array.from({ length: count }, (_, i) => ({
      id: id(i),
      kind: "task",
      label: `step-${i}`,
      foldable: false,
      folded: false,
      badges: [],
    })),
    edges: Array.from({ length: count - 1 }, (_, i) => ({
      id: `${id(i)}→${id(i + 1)}`,
      from: id(i),
      to: id(i + 1),
      kind: "parameter",
    })),
  };
}

test.each([3, 400])("%i nodes stand where they do without a thread", async (count) => {
  const beside = layoutBeside(thread);
  expect(await beside(chain(count))).toEqual(await layout(chain(count)));
});

test("graphs that are asked for at once each get their own", async () => {
  const beside = layoutBeside(thread);
  const all = await Promise.all([200, 300, 250].map((count) => beside(chain(count))));
  expect(all.map(({ boxes }) => Object.keys(boxes).length)).toEqual([200, 300, 250]);
});

test("this thread goes on while a large graph is laid out", async () => {
  const beside = layoutBeside(thread);
  await beside(chain(200));
  const order: string[] = [];
  const graph = beside(chain(2000)).then(() => order.push("graph"));
  await new Promise((resolve) => setImmediate(resolve));
  order.push("edit");
  await graph;
  expect(order).toEqual(["edit", "graph"]);
});

test("a thread that cannot start fails each question, and no more", async () => {
  const beside = layoutBeside(new URL("./no-such-thread.ts", import.meta.url));
  await expect(beside(chain(200))).rejects.toThrow("no-such-thread");
  await expect(beside(chain(200))).rejects.toThrow("no-such-thread");
  expect(Object.keys((await beside(chain(3))).boxes)).toHaveLength(3);
});
