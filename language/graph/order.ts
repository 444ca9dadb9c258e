/** Which tasks and groups wait for which, and whether they may. */
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import { groupName } from "./builder.ts";
import { channelsOfCondition, type Node, pathOf, producerOf, uncommon } from "./channels.ts";
import type { Channel, Graph, Group, Task } from "./model.ts";
import { channelsOfTask } from "./task-channels.ts";

/** The names that a task or group waits for, sorted. Only what stands in the same group can wait for one another. */
export function dependencies(
  graph: Graph,
  report: (diagnostic: Diagnostic) => void,
): (node: Node) => readonly string[] {
  const upstreamOf = new Map<Node, Set<Node>>();

  function wait(upstream: Node, downstream: Node): void {
    const all = upstreamOf.get(downstream) ?? new Set<Node>();
    upstreamOf.set(downstream, all);
    all.add(upstream);
  }

  function dependOn(producer: Node, task: Task, how: "data" | "collected" | "order", span: Span): void {
    if (producer.kind === "task" && producer.exitTask) return report(diagnose("exit-task-used", span, producer.name));
    const { upstream, downstream } = uncommon(producer, task);
    const [first] = upstream;
    const [waiting] = downstream;
    if (!first || !waiting) return report(diagnose("after-itself", span, task.name));
    if (first !== producer && first.kind !== "task" && !mayLeave(first, how)) {
      if (how === "collected" && upstream.every((node) => node.kind !== "loop")) {
        return report(diagnose("collected-inside", span, producer.name));
      }
      return report(diagnose("outside-group", span, task.name, producer.name, groupName(first)));
    }
    if (how === "collected" && upstream.every((node) => node.kind !== "loop")) {
      return report(diagnose("collected-inside", span, producer.name));
    }
    wait(first, waiting);
  }

  function dependOnChannel(channel: Channel, task: Task): void {
    const producer = producerOf(channel);
    if (producer) dependOn(producer, task, channel.kind === "collected" ? "collected" : "data", task.span);
  }

  function visit(group: Group, conditions: readonly Channel[]): void {
    const own = group.kind === "condition" ? [...group.denied, ...(group.condition ? [group.condition] : [])] : [];
    const inherited = own.length > 0 ? [...conditions, ...own.flatMap(channelsOfCondition)] : conditions;
    for (const child of group.children) {
      if (child.kind !== "task") {
        visit(child, inherited);
        continue;
      }
      for (const channel of channelsOfTask(child)) dependOnChannel(channel, child);
      for (const channel of inherited) dependOnChannel(channel, child);
      for (const { node, span } of child.settings.after) {
        // The SDK knows what a task waits for by its name alone.
        if (node.kind !== "task" && graph.tasks.some(({ name }) => name === node.name))
          report(diagnose("ambiguous-name", span, node.name));
        dependOn(node, child, "order", span);
      }
    }
  }

  function warnOfEarlyLoops(group: Group): void {
    for (const child of group.children) {
      if (child.kind === "task") continue;
      warnOfEarlyLoops(child);
      const maker = child.kind === "loop" && child.items.kind === "channel" && producerOf(child.items.channel);
      const { upstream, downstream } = maker ? uncommon(maker, child) : { upstream: [], downstream: [] };
      if (!maker || !upstream[0] || !downstream[0] || upstreamOf.get(downstream[0])?.has(upstream[0])) continue;
      if (child.span) report(diagnose("loop-too-early", child.span, maker.name));
    }
  }

  visit(graph.root, []);
  warnOfEarlyLoops(graph.root);
  reportCycle(graph, upstreamOf, report);
  return (node) => [...(upstreamOf.get(node) ?? [])].map(({ name }) => name).sort();
}

/** Whether what is inside a group may be used, or waited for, outside. */
function mayLeave(group: Group, how: "data" | "collected" | "order"): boolean {
  switch (group.kind) {
    case "loop":
      return how !== "data";
    case "branches":
      return how === "order";
    case "condition":
    case "exit-handler":
      return false;
    case "root":
      return true;
  }
}

/** The SDK writes cycles; no server runs them. */
function reportCycle(
  graph: Graph,
  upstreamOf: ReadonlyMap<Node, ReadonlySet<Node>>,
  report: (diagnostic: Diagnostic) => void,
): void {
  const state = new Map<Node, "open" | "done">();
  for (const start of upstreamOf.keys()) {
    if (state.has(start)) continue;
    // Depth first with a stack of its own: a chain of a thousand tasks must not exhaust JavaScript's.
    const stack: { readonly node: Node; readonly rest: Node[] }[] = [];
    const enter = (node: Node): void => {
      state.set(node, "open");
      stack.push({ node, rest: [...(upstreamOf.get(node) ?? [])] });
    };
    enter(start);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.rest.pop();
      if (!next) {
        state.set(top.node, "done");
        stack.pop();
      } else if (!state.has(next)) enter(next);
      else if (state.get(next) === "open") {
        const cycle = stack.slice(stack.findIndex(({ node }) => node === next)).map(({ node }) => node.name);
        const span = pathOf(next).at(-1)?.span ?? graph.span;
        if (span) report(diagnose("dependency-cycle", span, cycle.map((name) => `"${name}"`).join(", ")));
        return;
      }
    }
  }
}
