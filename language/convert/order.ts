/** Python may name a step before it makes what that step takes: settings are given later. TypeScript writes it after. */
import type { Channel, Group, Task } from "../graph/model.ts";
import type { Use } from "./channels.ts";

/** What stands in a group, each behind what it needs of the others; as it was made where nothing asks for more. */
export function inOrder(children: readonly (Task | Group)[], uses: readonly Use[]): readonly (Task | Group)[] {
  const homes = new Map<Task | Group, Task | Group>();
  for (const child of children) for (const each of within(child)) homes.set(each, child);
  const needs = new Map<Task | Group, Set<Task | Group>>();
  const need = (by: Task | Group, producer: Task | Group): void => {
    const [from, to] = [homes.get(by), homes.get(producer)];
    if (from && to && from !== to) needs.set(from, (needs.get(from) ?? new Set()).add(to));
  };
  for (const { by, channel } of uses) for (const producer of producersOf(channel)) need(by, producer);
  for (const by of homes.keys()) if (by.kind === "task") for (const { node } of by.settings.after) need(by, node);

  const written = new Set<Task | Group>();
  const open = new Set<Task | Group>();
  const write = (child: Task | Group): void => {
    // A circle is for the graph to refuse.
    if (written.has(child) || open.has(child)) return;
    open.add(child);
    for (const other of needs.get(child) ?? []) write(other);
    written.add(child);
  };
  children.forEach(write);
  return [...written];
}

function* within(node: Task | Group): Generator<Task | Group> {
  yield node;
  if (node.kind === "task") return;
  for (const child of node.children) yield* within(child);
  if (node.kind === "exit-handler") yield node.exitTask;
}

function producersOf(channel: Channel): readonly (Task | Group)[] {
  switch (channel.kind) {
    case "task-output":
      return [channel.task];
    case "collected":
      return [channel.output.task];
    case "one-of":
      return [channel.branches];
    case "loop-field":
      return producersOf(channel.item);
    case "loop-item":
    case "pipeline-input":
      return [];
  }
}
