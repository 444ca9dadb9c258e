import type { Dag, DagEdge, DagNode } from "./view.ts";

export interface TextOptions {
  /** ANSI colours. */
  readonly color: boolean;
  /** Columns; longer lines are cut. Not cut where absent. */
  readonly width?: number;
}

/** More lanes than this are harder to follow than a list. */
const mostLanes = 12;

/**
 * The picture for a terminal: a step a line, in an order in which they may run, with rails
 * from the steps that make values to those that take them; what is in a group stands under it.
 */
export function toText(dag: Dag, options: TextOptions = { color: false }): string {
  const paint = painter(options.color);
  const lines: Line[] = [];
  const children = Map.groupBy(dag.nodes, (node) => node.parent ?? "");
  const into = Map.groupBy(dag.edges, (edge) => edge.to);
  const labels = new Map(dag.nodes.map((node) => [node.id, node.label]));
  const between = siblingEdges(dag);

  const write = (parent: string, prefix: string) => {
    const members = children.get(parent) ?? [];
    const rows = rails(
      members.map((node) => node.id),
      between.get(parent) ?? new Map(),
    );
    for (const [i, node] of members.entries()) {
      const row = rows[i] ?? { rail: "●", below: "" };
      const sign = node.foldable ? (node.folded ? "▸" : "▾") : node.kind === "importer" ? "◆" : "●";
      const rail = row.rail.replace("●", paint(sign, node.foldable ? "cyan" : "green"));
      lines.push({
        rail: prefix + rail,
        railWidth: prefix.length + row.rail.length,
        name: node.label,
        node,
        facts: facts(node, into.get(node.id) ?? [], labels),
      });
      if (children.has(node.id)) write(node.id, `${prefix}${row.below.padEnd(row.rail.trimEnd().length)}  `);
    }
  };
  write("", "");

  // Names of one block start in one column, and so do their facts.
  const column = Math.min(44, Math.max(0, ...lines.map((line) => line.railWidth + 2 + line.name.length)));
  const text = lines.map(({ rail, railWidth, name, node, facts: said }) => {
    const title = paint(name, node.foldable ? "cyan" : "bold");
    const gap = " ".repeat(Math.max(2, column - railWidth - 2 - name.length + 3));
    const used = railWidth + 2 + name.length + gap.length;
    const room = options.width === undefined ? said.length : Math.max(0, options.width - used);
    const shown = said.length <= room ? said : room < 2 ? "" : `${said.slice(0, room - 1)}…`;
    return `${rail}  ${title}${shown === "" ? "" : gap + paint(shown, "dim")}`.trimEnd();
  });
  const heading = paint(dag.title, "bold");
  return `${[heading, "", ...(text.length > 0 ? text : [paint("(no steps)", "dim")])].join("\n")}\n`;
}

interface Line {
  readonly rail: string;
  readonly railWidth: number;
  readonly name: string;
  readonly node: DagNode;
  readonly facts: string;
}

/** `data ← load-data · n_estimators = 200 · 1 GPU · 16Gi` */
function facts(node: DagNode, edges: readonly DagEdge[], labels: ReadonlyMap<string, string>): string {
  // The names of loops and conditions say what they take.
  const said =
    node.kind === "loop" || node.kind === "condition" ? edges.filter((edge) => edge.kind === "order") : edges;
  const inputs = [...Map.groupBy(said, (edge) => edge.label)].map(([label, group]) => {
    const from = group.map((edge) => labels.get(edge.from) ?? edge.from).join(", ");
    return label === undefined ? `after ${from}` : `${label} ← ${from}`;
  });
  const detail = node.detail === undefined || (node.arguments ?? []).includes(node.detail) ? [] : [node.detail];
  return [...inputs, ...(node.arguments ?? []), ...node.badges, ...detail].join(" · ");
}

/** For each group, which member must come before which: from a maker's sibling to a taker's. */
function siblingEdges(dag: Dag): ReadonlyMap<string, Map<string, Set<string>>> {
  const parents = new Map(dag.nodes.map((node) => [node.id, node.parent ?? ""]));
  const chain = (id: string) => {
    const ids = [id];
    for (let at = parents.get(id); at; at = parents.get(at)) ids.unshift(at);
    return ids;
  };
  const levels = new Map<string, Map<string, Set<string>>>();
  for (const edge of dag.edges) {
    const from = chain(edge.from);
    const to = chain(edge.to);
    const level = from.findIndex((id, i) => id !== to[i]);
    const [maker, taker] = [from[level], to[level]];
    if (maker === undefined || taker === undefined) continue;
    const parent = parents.get(maker) ?? "";
    const makers = levels.get(parent) ?? new Map<string, Set<string>>();
    levels.set(parent, makers);
    makers.set(taker, (makers.get(taker) ?? new Set()).add(maker));
  }
  return levels;
}

interface Row {
  /** Lanes of the row with `●` for the node. All rows of a block are equally long. */
  readonly rail: string;
  /** Lanes that go on below the node, for what is in it. */
  readonly below: string;
}

/**
 * Lanes as `git log --graph` has them: a lane belongs to a maker until its last taker.
 * `makers` gives the makers of a node; those after it in the order are left out.
 */
function rails(order: readonly string[], makers: ReadonlyMap<string, ReadonlySet<string>>): readonly Row[] {
  const place = new Map(order.map((id, i) => [id, i]));
  const lastTaker = new Map<string, number>();
  const before = order.map((id, i) => {
    const found = [...(makers.get(id) ?? [])].filter((maker) => (place.get(maker) ?? i) < i);
    for (const maker of found) lastTaker.set(maker, i);
    return new Set(found);
  });
  const lanes: (string | undefined)[] = [];
  const rows: { cells: string[]; below: string }[] = [];
  for (const [i, id] of order.entries()) {
    const taken = before[i] ?? new Set();
    const touched = lanes.flatMap((owner, lane) => (owner !== undefined && taken.has(owner) ? [lane] : []));
    const ending = touched.filter((lane) => lastTaker.get(lanes[lane] ?? "") === i);
    const free = lanes.findIndex((owner, lane) => owner === undefined && lane > (touched[0] ?? -1));
    // A chain stays in its lane; a branch takes the next free one to the right.
    const own = ending[0] ?? (free >= 0 ? free : lanes.length);
    const joined = [...touched, own];
    const [first, last] = [Math.min(...joined), Math.max(...joined)];
    const cells: string[] = [];
    for (let lane = 0; lane < Math.max(lanes.length, own + 1); lane++) {
      const crossed = lane > first && lane < last;
      const ends = ending.includes(lane);
      let sign = lanes[lane] === undefined ? (crossed ? "─" : " ") : crossed ? "┼" : "│";
      if (lane === own) sign = "●";
      else if (touched.includes(lane)) {
        if (lane === first) sign = ends ? "╰" : "├";
        else if (lane === last) sign = ends ? "╯" : "┤";
        else sign = ends ? "┴" : "┼";
      }
      cells.push(sign, lane >= first && lane < last ? "─" : " ");
    }
    for (const lane of ending) lanes[lane] = undefined;
    lanes[own] = lastTaker.has(id) ? id : undefined;
    while (lanes.length > 0 && lanes.at(-1) === undefined) lanes.pop();
    const below = lanes.map((owner) => (owner === undefined ? "  " : "│ ")).join("");
    rows.push({ cells, below });
  }
  const width = Math.max(0, ...rows.map((row) => row.cells.length));
  if (width > 2 * mostLanes) return order.map(() => ({ rail: "●", below: "" }));
  return rows.map(({ cells, below }) => ({
    rail: cells
      .join("")
      .trimEnd()
      .padEnd(width - 1),
    below,
  }));
}

type Style = "bold" | "dim" | "cyan" | "green";

function painter(color: boolean): (text: string, style: Style) => string {
  if (!color) return (text) => text;
  const codes = { bold: [1, 22], dim: [2, 22], cyan: [36, 39], green: [32, 39] } as const;
  return (text, style) => {
    const [on, off] = codes[style];
    return text === "" ? "" : `\x1b[${on}m${text}\x1b[${off}m`;
  };
}
