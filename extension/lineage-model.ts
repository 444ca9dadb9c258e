/** A lineage as the Lineage view shows it, and in words. Pure. */
import type { ArtifactRecord, Lineage } from "../runtime/store/store.ts";
import type { LineageView, LineageViewNode } from "../webview/protocol.ts";
import { ago, artifactType, number } from "../webview/words.ts";

/** Times in milliseconds since 1970. */
export function lineageView(lineage: Lineage | undefined, recent: readonly ArtifactRecord[], now: number): LineageView {
  return {
    kind: "lineage",
    title: lineage ? artifactLabel(lineage.artifact) : "Lineage",
    ...(lineage ? graphOf(lineage) : { nodes: [], edges: [] }),
    words: lineage ? lineageWords(lineage, now) : [],
    recent: recent.map((artifact) => ({
      id: artifact.id,
      label: artifactLabel(artifact),
      type: artifactType(artifact.type),
      detail: [ago(artifact.createdAt, now), ...metadataWords(artifact)].join(" · "),
    })),
    actions: actionsOf(lineage),
  };
}

/** `train.model`: the step that made it and the key it was made under; its own name where nobody is known. */
export function artifactLabel(artifact: ArtifactRecord): string {
  const { producer } = artifact;
  return producer ? `${producer.path.split(".").at(-1) ?? ""}.${producer.key}` : artifact.name;
}

export function taskNodeId(run: string, task: string): string {
  return `task:${run}:${task}`;
}

function graphOf(lineage: Lineage): Pick<LineageView, "nodes" | "edges"> {
  const artifacts = [
    lineage.artifact,
    ...lineage.nodes.map(({ artifact }) => artifact).filter(({ id }) => id !== lineage.artifact.id),
  ];
  const known = new Set(artifacts.map(({ id }) => id));
  const edges = lineage.tasks.flatMap(({ run, task, inputs, outputs }) => {
    const id = taskNodeId(run, task.id);
    return [
      ...inputs
        .filter(({ artifact }) => known.has(artifact))
        .map(({ key, artifact }) => ({ from: artifact, to: id, label: key })),
      ...outputs
        .filter(({ artifact }) => known.has(artifact))
        .map(({ key, artifact }) => ({ from: id, to: artifact, label: key })),
    ];
  });
  const joined = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const columns = longestPaths(edges);
  const here = columns.get(lineage.artifact.id) ?? 0;
  const column = (id: string) => (columns.get(id) ?? here) - here;
  const artifactNodes = artifacts.map((artifact): LineageViewNode => {
    const [detail] = metadataWords(artifact);
    return {
      id: artifact.id,
      kind: "artifact",
      label: artifact.producer?.key ?? artifact.name,
      type: artifactType(artifact.type),
      ...(detail === undefined ? {} : { detail }),
      current: artifact.id === lineage.artifact.id,
      column: column(artifact.id),
    };
  });
  const taskNodes = lineage.tasks
    .map(({ run, task }) => ({ id: taskNodeId(run, task.id), task }))
    .filter(({ id }) => joined.has(id))
    .map(
      ({ id, task }): LineageViewNode => ({
        id,
        kind: "task",
        label: task.name,
        state: task.state,
        current: false,
        column: column(id),
      }),
    );
  return { nodes: [...artifactNodes, ...taskNodes], edges };
}

/** How many edges lead to each node at most, so that every edge goes forward. */
function longestPaths(edges: readonly { readonly from: string; readonly to: string }[]): ReadonlyMap<string, number> {
  const column = new Map<string, number>(
    edges.flatMap(
      ({ from, to }) =>
        [
          [from, 0],
          [to, 0],
        ] as const,
    ),
  );
  // A lineage has no cycle; a damaged one ends after as many rounds as it has nodes.
  for (let round = 0, moved = true; moved && round < column.size; round++) {
    moved = false;
    for (const { from, to } of edges) {
      const least = (column.get(from) ?? 0) + 1;
      if ((column.get(to) ?? 0) >= least) continue;
      column.set(to, least);
      moved = true;
    }
  }
  return column;
}

/** What made it, from what, when, from which source; what was made from it. One sentence each. */
export function lineageWords(lineage: Lineage, now: number): readonly string[] {
  const { artifact } = lineage;
  const words: string[] = [];
  const type = artifactType(artifact.type);
  const maker = lineage.tasks.find(({ outputs }) => outputs.some((made) => made.artifact === artifact.id));
  const labels = new Map([artifact, ...lineage.nodes.map((node) => node.artifact)].map((each) => [each.id, each]));
  const named = (id: string) => {
    const each = labels.get(id);
    return each
      ? `${artifactLabel(each)} (${[artifactType(each.type), ...metadataWords(each).slice(0, 2)].join(", ")})`
      : id;
  };
  if (!maker) words.push(`This ${type} was made outside of any known run.`);
  else {
    const inputs = maker.inputs.map((input) => named(input.artifact));
    words.push(
      `${maker.task.name} made this ${type} ${ago(artifact.createdAt, now)}${inputs.length > 0 ? ` from ${list(inputs)}` : ""}.`,
    );
    const parameters = Object.entries(maker.task.inputs.parameters).map(
      ([name, value]) => `${name} = ${JSON.stringify(value)}`,
    );
    if (parameters.length > 0) words.push(`With ${list(parameters)}.`);
    if (maker.source) {
      const { path, commit, dirty } = maker.source;
      const where =
        commit === undefined ? "" : ` at commit ${commit.slice(0, 8)}${dirty === true ? " with changes" : ""}`;
      words.push(`Its code is ${path}${where}.`);
    }
  }
  const facts = metadataWords(artifact);
  if (facts.length > 0) words.push(`It says: ${list(facts)}.`);
  const users = lineage.tasks.filter(({ inputs }) => inputs.some((used) => used.artifact === artifact.id));
  for (const { task, outputs } of users) {
    const made = outputs.map((output) => named(output.artifact));
    words.push(made.length > 0 ? `${task.name} made ${list(made)} from it.` : `${task.name} read it.`);
  }
  words.push(`It is at ${artifact.uri}.`);
  return words;
}

function actionsOf(lineage: Lineage | undefined): LineageView["actions"] {
  if (!lineage) return { file: false, source: false };
  const { producer, uri } = lineage.artifact;
  const source = lineage.tasks.some(
    ({ source, outputs }) => source && outputs.some((made) => made.artifact === lineage.artifact.id),
  );
  return { file: uri.startsWith("/") || uri.startsWith("file:"), source, ...(producer ? { run: producer.run } : {}) };
}

function metadataWords(artifact: ArtifactRecord): readonly string[] {
  return Object.entries(artifact.metadata)
    .filter(([name]) => name !== "display_name")
    .map(
      ([name, value]) =>
        `${name} ${typeof value === "number" ? number(value) : typeof value === "string" ? value : JSON.stringify(value)}`,
    );
}

function list(items: readonly string[]): string {
  const shown = items.length > 4 ? [...items.slice(0, 3), `${items.length - 3} more`] : items;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1) ?? ""}`;
}
