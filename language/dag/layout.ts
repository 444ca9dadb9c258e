/** Positions for a picture, by Graphviz' `dot` in WebAssembly: groups are its clusters. */
import type { Graphviz } from "@hpcc-js/wasm-graphviz";
import type { Box, Dag, DagNode, LaidOutDag } from "./view.ts";

/** Pixels. The same sizes are drawn by the webview and by `toSvg`. */
export const sizes = {
  nodeHeight: 52,
  /** Holds the state of a run and two metrics. */
  minWidth: 216,
  maxWidth: 320,
  /** Average of a proportional 13 px font, generous. */
  character: 7.3,
  /** Room above the members of a group for its name. */
  groupHeader: 26,
  margin: 16,
} as const;

let loading: Promise<Graphviz> | undefined;

/**
 * The same picture with the box of each node and the curve of each edge. The same picture
 * gives the same positions. Some 15 ms for 100 nodes and 500 ms for 2,000; the first call
 * loads the WebAssembly (about 60 ms). Left out of `paths`: edges with a missing end.
 */
export async function layout(dag: Dag): Promise<LaidOutDag> {
  if (dag.nodes.length === 0) return { dag, width: 0, height: 0, boxes: {}, paths: {} };
  loading ??= import("@hpcc-js/wasm-graphviz").then(({ Graphviz }) => Graphviz.load());
  const graphviz = await loading;
  const drawing = new Drawing(dag);
  try {
    // SAFETY: "json0" (positions without drawing operations) is Graphviz' own and works; the types forget it.
    const text = graphviz.layout(drawing.dot, "json0" as "json", "dot");
    // SAFETY: the members of that form which are read.
    return drawing.read(JSON.parse(text) as DotJson);
  } catch (error) {
    // A trap leaves the WebAssembly's memory unusable: the next call loads it anew.
    loading = undefined;
    throw error;
  }
}

interface DotJson {
  readonly bb: string;
  readonly objects?: readonly { readonly name: string; readonly bb?: string; readonly pos?: string }[];
  readonly edges?: readonly { readonly id?: string; readonly pos?: string }[];
}

/** Names for Graphviz are numbers, so that no text of the user needs quoting. */
class Drawing {
  readonly dot: string;
  private readonly dag: Dag;
  private readonly groups: ReadonlySet<string>;

  constructor(dag: Dag) {
    this.dag = dag;
    this.groups = new Set(dag.nodes.flatMap((node) => (node.parent === undefined ? [] : [node.parent])));
    this.dot = this.write();
  }

  private write(): string {
    const { nodes, edges } = this.dag;
    const index = new Map(nodes.map((node, i) => [node.id, i]));
    const children = Map.groupBy(nodes, (node) => node.parent ?? "");
    const inches = (pixels: number) => (pixels / 72).toFixed(3);
    const lines = [
      "digraph {",
      `graph [compound=true nodesep=${inches(32)} ranksep=${inches(this.groups.size > 0 ? 60 : 52)} margin=0 pad=0 splines=${nodes.length > 1500 ? "polyline" : "spline"}]`,
      `node [shape=box fixedsize=true label="" margin=0]`,
      `edge [arrowhead=none]`,
    ];
    const write = (parent: string) => {
      for (const node of children.get(parent) ?? []) {
        const i = index.get(node.id) ?? 0;
        if (!this.groups.has(node.id)) {
          lines.push(`n${i} [width=${inches(nodeWidth(node))} height=${inches(sizes.nodeHeight)}]`);
          continue;
        }
        // A table of a fixed size as label reserves the room for the name.
        const header = `<<table border="0" fixedsize="true" width="${headerWidth(node)}" height="${sizes.groupHeader - 8}"><tr><td></td></tr></table>>`;
        lines.push(`subgraph cluster_${i} {`, `graph [margin=${sizes.margin} labeljust=l label=${header}]`);
        write(node.id);
        lines.push("}");
      }
    };
    write("");
    // An edge of a group ends at one of its tasks and is cut where it crosses the border.
    const end = (id: string, which: 0 | -1): string => {
      for (let at = id; ; ) {
        const inner = this.groups.has(at) ? children.get(at)?.at(which) : undefined;
        if (!inner) return `n${index.get(at) ?? 0}`;
        at = inner.id;
      }
    };
    edges.forEach((edge, i) => {
      if (!index.has(edge.from) || !index.has(edge.to)) return;
      const attributes = [`id=${i}`];
      if (this.groups.has(edge.from)) attributes.push(`ltail=cluster_${index.get(edge.from) ?? 0}`);
      if (this.groups.has(edge.to)) attributes.push(`lhead=cluster_${index.get(edge.to) ?? 0}`);
      lines.push(`${end(edge.from, -1)} -> ${end(edge.to, 0)} [${attributes.join(" ")}]`);
    });
    lines.push("}");
    return lines.join("\n");
  }

  read(json: DotJson): LaidOutDag {
    const [left = 0, bottom = 0, right = 0, top = 0] = numbers(json.bb);
    // Graphviz' y grows upwards.
    const x = (value: number) => round(value - left);
    const y = (value: number) => round(top - value);
    const boxes: Record<string, Box> = {};
    for (const object of json.objects ?? []) {
      const node = this.dag.nodes[Number(object.name.replace(/^(?:n|cluster_)/, ""))];
      if (!node) continue;
      if (object.bb !== undefined) {
        const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = numbers(object.bb);
        boxes[node.id] = { x: x((x1 + x2) / 2), y: y((y1 + y2) / 2), width: round(x2 - x1), height: round(y2 - y1) };
      } else if (object.pos !== undefined) {
        const [cx = 0, cy = 0] = numbers(object.pos);
        boxes[node.id] = { x: x(cx), y: y(cy), width: nodeWidth(node), height: sizes.nodeHeight };
      }
    }
    const paths: Record<string, readonly (readonly [number, number])[]> = {};
    for (const { id, pos } of json.edges ?? []) {
      const edge = this.dag.edges[Number(id)];
      if (!edge || pos === undefined) continue;
      paths[edge.id] = pos.split(" ").flatMap((point) => {
        const [px, py] = numbers(point);
        return px === undefined || py === undefined ? [] : [[x(px), y(py)] as const];
      });
    }
    return { dag: this.dag, width: round(right - left), height: round(top - bottom), boxes, paths };
  }
}

function nodeWidth(node: DagNode): number {
  const label = node.label.length * sizes.character + 52;
  const second =
    Math.min(Math.max((node.detail ?? node.image)?.length ?? 0, 12), 30) * 5.8 +
    node.badges.join(" · ").length * 5.8 +
    36;
  return Math.round(Math.min(sizes.maxWidth, Math.max(sizes.minWidth, label, second)));
}

/** A group is at least as wide as its name; Graphviz stretches the cluster to the label. */
function headerWidth(node: DagNode): number {
  return Math.round(Math.min(sizes.maxWidth, 40 + node.label.length * sizes.character));
}

function numbers(text: string): readonly number[] {
  return text
    .split(",")
    .map(Number)
    .filter((value) => !Number.isNaN(value));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
