import type { DagEdge, DagNode, LaidOutDag } from "../../language/dag/view.ts";

/** A graph from lines such as `load -> train: data: Dataset`; nodes stand where `places` says, 100 × 40. */
export function graph(
  places: Readonly<Record<string, readonly [x: number, y: number]>>,
  edges: readonly (readonly [from: string, to: string, label?: string])[],
  nodes: Readonly<Record<string, Partial<DagNode>>> = {},
): LaidOutDag {
  const ids = Object.keys(places);
  return {
    dag: {
      title: "test",
      nodes: ids.map((id) => ({
        id,
        kind: "task",
        label: id,
        foldable: false,
        folded: false,
        badges: [],
        ...nodes[id],
      })),
      edges: edges.map(([from, to, label]): DagEdge => {
        const edge = { id: `${from}>${to}`, from, to, kind: label === undefined ? "order" : "artifact" } as const;
        return label === undefined ? edge : { ...edge, label };
      }),
    },
    width: 500,
    height: 500,
    boxes: Object.fromEntries(
      ids.map((id) => [id, { x: places[id]?.[0] ?? 0, y: places[id]?.[1] ?? 0, width: 100, height: 40 }]),
    ),
    paths: {},
  };
}
