import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dagView } from "../../../language/dag/from-spec.ts";
import { layout } from "../../../language/dag/layout.ts";
import { toMermaid } from "../../../language/dag/mermaid.ts";
import { toSvg } from "../../../language/dag/svg.ts";
import { toText } from "../../../language/dag/text.ts";
import type { Box, Dag, LaidOutDag } from "../../../language/dag/view.ts";
import { readPackage } from "../../../language/spec/read.ts";
import type { ComponentSpec, PipelinePackage, TaskSpec } from "../../../language/spec/types.ts";

/** Compiled by the real SDK from `fixtures/constructs.py`. */
const text = readFileSync(new URL("fixtures/constructs.yaml", import.meta.url), "utf8");
const constructs = readPackage("/constructs.yaml", text).package;
if (!constructs) throw new Error("the fixture is a pipeline");
const dag = dagView(constructs);

describe("every construct", () => {
  test("as text", () => {
    expect(toText(dag, { color: false })).toMatchInlineSnapshot(`
      "constructs

      ▾  guarded                                     then always clean
      │   ▾      For each of {"n":1,"s":"x"}, {"n":2,"s":"y"}
      │      ●  load-2                               rows ← item.n
      │   ◆      importer                            uri ← input
      │   │ ●    load                                rows ← input
      │   │ ├─●  flip                                after load
      │   │ ▾ │  inner
      │   │ │ │   ●  split                           data: Dataset ← load
      │   │ │ │   ▾  For each item of split          2 at a time
      │   │ │ │   │   ●  train                       data: Dataset ← load · part ← item · rate = 0.1 · 1 GPU · 4 CPU · 16Gi · 3 retries
      │   │ │ │   ●  best                            model: Model[] ← train
      │   │ ▾─╯  Branches
      │   │ │    ▾  If flip == 'heads'
      │   │ │       ●  big                           chosen: Model ← best
      │   │ │    ▾  Elif flip == 'edge'
      │   │ │       ●  small
      │   │ │    ▾  Else
      │   │ │       ●  small-2
      │   ●─╯    Report it                           text: str ← big, small, small-2 · artifact: Model ← importer
      ●  clean                                       after guarded · status ← status of guarded · runs even if steps before it fail
      "
    `);
  });

  test("in colour the words are the same", () => {
    // biome-ignore lint: the escape is what is looked for
    expect(toText(dag, { color: true }).replace(/\x1b\[\d+m/g, "")).toBe(toText(dag, { color: false }));
    expect(
      toText(dag, { color: false, width: 60 })
        .split("\n")
        .every((line) => line.length <= 60),
    ).toBe(true);
  });

  test("as Mermaid", () => {
    expect(toMermaid(dag)).toMatchInlineSnapshot(`
      "flowchart TD
        subgraph n0 ["guarded"]
          subgraph n1 ["For each of {#34;n#34;:1,#34;s#34;:#34;x#34;}, {#34;n#34;:2,#34;s#34;:#34;y#34;}"]
            n2("load-2")
          end
          n3[("importer")]
          n4("load")
          n5("flip")
          subgraph n6 ["inner"]
            n7("split")
            subgraph n8 ["For each item of split"]
              n9("train<br/>1 GPU<br/>4 CPU<br/>16Gi<br/>3 retries")
            end
            n10("best")
          end
          subgraph n11 ["Branches"]
            subgraph n12 ["If flip == 'heads'"]
              n13("big")
            end
            subgraph n14 ["Elif flip == 'edge'"]
              n15("small")
            end
            subgraph n16 ["Else"]
              n17("small-2")
            end
          end
          n18("Report it")
        end
        n19("clean")
        n4 -->|"data: Dataset"| n7
        n7 -->|"Output: list"| n8
        n4 -->|"data: Dataset"| n9
        n9 -->|"model: Model[]"| n10
        n5 -->|"Output: str"| n12
        n10 -->|"chosen: Model"| n13
        n5 -->|"Output: str"| n14
        n5 -->|"Output: str"| n16
        n13 -->|"text: str"| n18
        n15 -->|"text: str"| n18
        n17 -->|"text: str"| n18
        n3 -->|"artifact: Model"| n18
        n4 -.-> n5
        n0 -.-> n19
      "
    `);
  });

  test("edges lead from the task that makes to the task that takes", () => {
    expect(
      dag.edges.map(({ from, to, kind, label }) => `${short(from)} → ${short(to)} ${kind} ${label ?? ""}`.trim()),
    ).toMatchInlineSnapshot(`
      [
        "load → split artifact data: Dataset",
        "split → for-loop-1 parameter Output: list",
        "load → train artifact data: Dataset",
        "train → best artifact model: Model[]",
        "flip → condition-3 parameter Output: str",
        "best → big artifact chosen: Model",
        "flip → condition-4 parameter Output: str",
        "flip → condition-5 parameter Output: str",
        "big → report parameter text: str",
        "small → report parameter text: str",
        "small-2 → report parameter text: str",
        "importer → report artifact artifact: Model",
        "load → flip order",
        "exit-handler-1 → clean order",
      ]
    `);
  });

  test("a folded group stands for what is in it", () => {
    const folded = dagView(
      constructs,
      new Set(["root.exit-handler-1.inner", "root.exit-handler-1.condition-branches-2"]),
    );
    expect(folded.nodes.filter((node) => node.folded).map((node) => node.label)).toEqual(["inner", "Branches"]);
    expect(
      folded.edges.map(({ from, to, label }) => `${short(from)} → ${short(to)} ${label ?? ""}`.trim()),
    ).toMatchInlineSnapshot(`
      [
        "load → inner data: Dataset",
        "flip → condition-branches-2 Output: str",
        "inner → condition-branches-2 chosen: Model",
        "condition-branches-2 → report text: str",
        "importer → report artifact: Model",
        "load → flip",
        "exit-handler-1 → clean",
      ]
    `);
    expect(dagView(constructs, new Set(["root.exit-handler-1"])).nodes.map((node) => node.id)).toEqual([
      "root.exit-handler-1",
      "root.clean",
    ]);
  });
});

function short(id: string): string {
  return id.slice(id.lastIndexOf(".") + 1);
}

describe("positions", () => {
  test("members lie inside of their groups, nothing overlaps, data flows down", async () => {
    check(await layout(dag));
    check(await layout(dagView(constructs, new Set(["root.exit-handler-1.inner"]))));
  });

  test("the same picture has the same positions", async () => {
    expect(await layout(dag)).toEqual(await layout(structuredClone(dag)));
  });

  test("the same with other words: boxes keep their order", async () => {
    const fan = await layout(dagOf(Array.from({ length: 6 }, (_, i) => [`t${i}`, i === 0 ? [] : ["t0"]])));
    const wider = await layout(dagOf(Array.from({ length: 7 }, (_, i) => [`t${i}`, i === 0 ? [] : ["t0"]])));
    const order = (laidOut: LaidOutDag) =>
      Object.keys(laidOut.boxes)
        .sort((a, b) => (laidOut.boxes[a]?.x ?? 0) - (laidOut.boxes[b]?.x ?? 0))
        .filter((id) => !/t[06]$/.test(id));
    expect(order(wider)).toEqual(order(fan));
  });

  test("no steps, no picture", async () => {
    expect(await layout(dagOf([]))).toEqual({ dag: dagOf([]), width: 0, height: 0, boxes: {}, paths: {} });
    expect(toText(dagOf([]))).toContain("(no steps)");
    expect(toSvg(await layout(dagOf([])))).toContain("<svg");
  });

  test("2,000 steps are laid out", { timeout: 60_000 }, async () => {
    const tasks = Array.from({ length: 2000 }, (_, i): [string, string[]] => [
      `t${i}`,
      i === 0 ? [] : [`t${(i * 7) % i}`, `t${(i * 13) % i}`],
    ]);
    const laidOut = await layout(dagOf(tasks));
    expect(Object.keys(laidOut.boxes)).toHaveLength(2000);
  });
});

function check(laidOut: LaidOutDag): void {
  const { dag: drawn, boxes, paths } = laidOut;
  const groups = new Set(drawn.nodes.map((node) => node.parent));
  for (const node of drawn.nodes) {
    const box = boxes[node.id];
    expect(box, node.id).toBeDefined();
    if (!box) continue;
    expect(
      inside(box, { x: laidOut.width / 2, y: laidOut.height / 2, width: laidOut.width, height: laidOut.height }),
      node.id,
    ).toBe(true);
    const parent = node.parent === undefined ? undefined : boxes[node.parent];
    if (parent) {
      expect(inside(box, parent), `${node.id} in ${node.parent ?? ""}`).toBe(true);
      // The group's name stands above its members.
      expect(box.y - box.height / 2 - (parent.y - parent.height / 2), node.id).toBeGreaterThanOrEqual(26);
    }
    for (const other of drawn.nodes) {
      const otherBox = boxes[other.id];
      if (other === node || groups.has(other.id) || groups.has(node.id) || !otherBox) continue;
      expect(overlap(box, otherBox), `${node.id} and ${other.id}`).toBe(false);
    }
  }
  for (const edge of drawn.edges) {
    const points = paths[edge.id] ?? [];
    expect(points.length % 3, edge.id).toBe(1);
    expect((points.at(-1)?.[1] ?? 0) > (points[0]?.[1] ?? 0), `${edge.id} goes down`).toBe(true);
  }
}

function inside(inner: Box, outer: Box): boolean {
  const slack = 0.6;
  return (
    Math.abs(inner.x - outer.x) <= (outer.width - inner.width) / 2 + slack &&
    Math.abs(inner.y - outer.y) <= (outer.height - inner.height) / 2 + slack
  );
}

function overlap(a: Box, b: Box): boolean {
  return Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2;
}

function dagOf(tasks: readonly (readonly [string, readonly string[]])[]): Dag {
  return dagView(
    packageOf(
      Object.fromEntries(
        tasks.map(([name, after]): [string, TaskSpec] => [
          name,
          { componentRef: { name: "comp-a" }, dependentTasks: [...after] },
        ]),
      ),
    ),
  );
}

function packageOf(tasks: Record<string, TaskSpec>, components: Record<string, ComponentSpec> = {}): PipelinePackage {
  return {
    spec: {
      pipelineInfo: { name: "p" },
      components: { "comp-a": { executorLabel: "exec-a" }, ...components },
      deploymentSpec: { executors: { "exec-a": { container: { image: "x" } } } },
      root: { dag: { tasks } },
      schemaVersion: "2.1.0",
      sdkVersion: "kfp-2.17.0",
    },
  };
}

describe("hostile specs", () => {
  test("components that double forty times are drawn as far as is useful", () => {
    const components: Record<string, ComponentSpec> = {};
    for (let i = 0; i < 40; i++) {
      const inner = { componentRef: { name: i === 39 ? "comp-a" : `comp-${i + 1}` } };
      components[`comp-${i}`] = { dag: { tasks: { l: inner, r: inner } } };
    }
    const view = dagView(packageOf({ top: { componentRef: { name: "comp-0" } } }, components));
    expect(view.nodes.length).toBeLessThanOrEqual(5_000);
    expect(view.nodes.some((node) => node.folded)).toBe(true);
  });

  test("a cycle of tasks, a task that is not there, markup in every name", async () => {
    const evil = '<b>&"]]>--%%\u0000\n`#;';
    const view = dagView(
      packageOf({
        a: { componentRef: { name: "comp-a" }, dependentTasks: ["b"], taskInfo: { name: evil } },
        b: {
          componentRef: { name: "comp-a" },
          dependentTasks: ["a", "nobody"],
          inputs: { parameters: { [evil]: { runtimeValue: { constant: evil } } } },
        },
        c: { componentRef: { name: "comp-none" } },
      }),
    );
    expect(view.nodes.map((node) => node.id).sort()).toEqual(["root.a", "root.b", "root.c"]);
    const svg = toSvg(await layout(view));
    expect(svg).not.toContain("<b>");
    // biome-ignore lint: control characters are what must not be there
    expect(svg).not.toMatch(/[\x00-\x08]/);
    expect(svg.match(/<g\b/g)?.length).toBe(svg.match(/<\/g>/g)?.length);
    expect(toMermaid(view)).not.toContain("<b>");
  });

  test("any pipeline is drawn whole", async () => {
    const anyTasks = fc
      .uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f", "g"), { minLength: 1 })
      .chain((names) =>
        fc.tuple(
          ...names.map((name, i) =>
            fc.tuple(fc.constant(name), fc.subarray(names.slice(0, i)), fc.constantFrom("comp-a", "comp-g", "comp-h")),
          ),
        ),
      );
    await fc.assert(
      fc.asyncProperty(anyTasks, fc.subarray(["root.a", "root.b", "root.c"]), async (tasks, folded) => {
        const spec = packageOf(
          Object.fromEntries(
            tasks.map(([name, after, component]) => [
              name,
              { componentRef: { name: component }, dependentTasks: after },
            ]),
          ),
          {
            "comp-g": {
              dag: {
                tasks: {
                  x: { componentRef: { name: "comp-a" } },
                  y: { componentRef: { name: "comp-h" }, dependentTasks: ["x"] },
                },
              },
            },
            "comp-h": { dag: { tasks: { z: { componentRef: { name: "comp-a" } } } } },
          },
        );
        const view = dagView(spec, new Set(folded));
        const ids = new Set(view.nodes.map((node) => node.id));
        for (const edge of view.edges) expect([ids.has(edge.from), ids.has(edge.to)]).toEqual([true, true]);
        for (const node of view.nodes) if (node.parent !== undefined) expect(ids.has(node.parent)).toBe(true);
        const laidOut = await layout(view);
        expect(Object.keys(laidOut.boxes).sort()).toEqual([...ids].sort());
        const printed = toText(view).split("\n");
        expect(printed.length).toBe(view.nodes.length + 3);
      }),
      { numRuns: 150 },
    );
  });
});
