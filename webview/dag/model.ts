/** What the graph panel knows about a graph without drawing it. Pure. */
import type { Box, DagEdge, DagNode, LaidOutDag } from "../../language/dag/view.ts";
import type { NodeState } from "../protocol.ts";
import { duration, number, stateLook } from "../words.ts";

export type Direction = "down" | "up" | "left" | "right";

/**
 * Where an arrow key leads from a node. Down follows an edge out of it, up one
 * into it, both to the nearest end; left and right go to the nearest node beside
 * it. Where a node has no edge of its own, its group's count.
 */
export function step(graph: LaidOutDag, from: string, direction: Direction): string | undefined {
  const start = graph.boxes[from];
  if (!start) return undefined;
  const candidates =
    direction === "down" || direction === "up" ? along(graph, from, direction) : beside(graph, from, direction);
  return nearest(graph, start, candidates);
}

function along(graph: LaidOutDag, from: string, direction: "down" | "up"): readonly string[] {
  const parents = new Map(graph.dag.nodes.map((node) => [node.id, node.parent]));
  for (let at: string | undefined = from; at !== undefined; at = parents.get(at)) {
    const here = at;
    const ends = graph.dag.edges
      .filter((edge) => (direction === "down" ? edge.from : edge.to) === here)
      .map((edge) => (direction === "down" ? edge.to : edge.from));
    if (ends.length > 0) return ends;
  }
  return graph.dag.nodes.filter((node) => node.parent === from).map((node) => node.id);
}

function beside(graph: LaidOutDag, from: string, direction: "left" | "right"): readonly string[] {
  const start = graph.boxes[from];
  if (!start) return [];
  const groups = new Set(graph.dag.nodes.flatMap((node) => (node.parent === undefined ? [] : [node.parent])));
  return graph.dag.nodes.flatMap((node) => {
    const box = graph.boxes[node.id];
    if (!box || node.id === from || (groups.has(node.id) && !node.folded)) return [];
    const overlap = Math.abs(box.y - start.y) < (box.height + start.height) / 2;
    return overlap && (direction === "left" ? box.x < start.x : box.x > start.x) ? [node.id] : [];
  });
}

function nearest(graph: LaidOutDag, start: Box, ids: readonly string[]): string | undefined {
  let best: { id: string; distance: number } | undefined;
  for (const id of ids) {
    const box = graph.boxes[id];
    if (!box) continue;
    const distance = Math.hypot(box.x - start.x, box.y - start.y);
    if (!best || distance < best.distance) best = { id, distance };
  }
  return best?.id;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * How far the new graph must move so that it stays where the reader looks: under
 * the selected node, or else under the node nearest to `centre` that both graphs
 * have. Zero where they share none.
 */
export function anchorShift(
  previous: LaidOutDag,
  next: LaidOutDag,
  centre: Point,
  selected: string | undefined,
): Point {
  let best: { id: string; distance: number } | undefined;
  for (const id of Object.keys(previous.boxes)) {
    const box = previous.boxes[id];
    if (!box || !next.boxes[id]) continue;
    const distance = id === selected ? -1 : Math.hypot(box.x - centre.x, box.y - centre.y);
    if (!best || distance < best.distance) best = { id, distance };
  }
  const before = best && previous.boxes[best.id];
  const after = best && next.boxes[best.id];
  return before && after ? { x: before.x - after.x, y: before.y - after.y } : { x: 0, y: 0 };
}

export interface TreeRow {
  readonly id: string;
  /** From 1. */
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  /** Absent where there is nothing to fold. */
  readonly expanded?: boolean;
  readonly text: string;
}

/** The same content as rows of a tree, in order of the graph, parents before children. */
export function treeRows(graph: LaidOutDag, states: Readonly<Record<string, NodeState>>): readonly TreeRow[] {
  const { nodes, edges } = graph.dag;
  const labels = new Map(nodes.map((node) => [node.id, node.label]));
  const children = Map.groupBy(nodes, (node) =>
    node.parent !== undefined && labels.has(node.parent) ? node.parent : "",
  );
  const into = Map.groupBy(edges, (edge) => edge.to);
  const rows: TreeRow[] = [];
  const visit = (parent: string, level: number) => {
    const siblings = children.get(parent) ?? [];
    siblings.forEach((node, index) => {
      const text = nodeSentence(node, states[node.id], into.get(node.id) ?? [], labels);
      const row = { id: node.id, level, position: index + 1, siblings: siblings.length, text };
      rows.push(node.foldable ? { ...row, expanded: !node.folded } : row);
      visit(node.id, level + 1);
    });
  };
  visit("", 1);
  return rows;
}

const kindWords: Readonly<Record<DagNode["kind"], string>> = {
  task: "step",
  importer: "importer",
  input: "input",
  output: "output",
  loop: "loop",
  condition: "condition",
  branches: "branches",
  "exit-handler": "exit handler",
  pipeline: "nested pipeline",
};

/** `train, step, succeeded in 12 s, 1 GPU. From load-data: dataset: Dataset.` */
export function nodeSentence(
  node: DagNode,
  state: NodeState | undefined,
  edges: readonly DagEdge[],
  labels: ReadonlyMap<string, string>,
): string {
  const facts = [node.label, kindWords[node.kind]];
  if (state) facts.push(stateText(state));
  facts.push(...node.badges);
  if (node.detail) facts.push(node.detail);
  const sentences = [facts.join(", ")];
  const sources = edges.flatMap((edge) => {
    const from = labels.get(edge.from);
    if (from === undefined) return [];
    return [edge.label === undefined ? `after ${from}` : `${edge.label} from ${from}`];
  });
  if (sources.length > 0) sentences.push(`Takes ${sources.join("; ")}`);
  if (state?.reason) sentences.push(state.reason);
  return `${sentences.join(". ")}.`;
}

/** `succeeded · 12 s · f1 0.9155`, `running 3 of 8`. */
export function stateText(state: NodeState): string {
  return [stateWord(state), ...numbers(state)].join(" · ");
}

/** The same beside the icon of the state, which says already that all went well. */
export function shortStateText(state: NodeState): string {
  const told = state.state === "SUCCEEDED" && !state.progress && state.seconds !== undefined;
  return told ? numbers(state).join(" · ") : stateText(state);
}

function stateWord({ state, progress }: NodeState): string {
  const { word } = stateLook(state);
  return progress ? `${word} ${progress.done} of ${progress.total}` : word;
}

function numbers(state: NodeState): readonly string[] {
  const parts: string[] = [];
  if (state.seconds !== undefined) parts.push(duration(state.seconds));
  for (const [name, value] of Object.entries(state.metrics ?? {}).slice(0, 2)) parts.push(`${name} ${number(value)}`);
  return parts;
}

/** Half as large again as life: a small graph fills its panel, and stays a graph. */
const largestFit = 1.5;

/** Where a whole graph fits: scale and offsets for a viewport. */
export function fitTransform(
  graph: { readonly width: number; readonly height: number },
  viewport: { readonly width: number; readonly height: number },
): { readonly k: number; readonly x: number; readonly y: number } {
  const margin = 24;
  const k = Math.max(
    0.02,
    Math.min(
      largestFit,
      (viewport.width - 2 * margin) / Math.max(graph.width, 1),
      (viewport.height - 2 * margin) / Math.max(graph.height, 1),
    ),
  );
  return { k, x: (viewport.width - graph.width * k) / 2, y: (viewport.height - graph.height * k) / 2 };
}
