/** What a loop goes over and what its items are (`kfp/dsl/for_loop.py`). */
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import { compareCodePoints, pythonFloat } from "../spec/python-text.ts";
import { channelsIn, decidingChannels, isChannel, linkOf, templateText } from "./channels.ts";
import type { Argument, Channel, Graph, Group, LoopGroup, ValueType } from "./model.ts";
import { channelsOfResources, channelsOfTask } from "./task-channels.ts";
import { argumentType, elementOf, parameterType, typeName } from "./types.ts";

/** The items of a loop; a loop over constants takes a number of its own before the group's. */
export function loopItems(
  items: Argument,
  span: Span,
  nextNumber: () => number,
  report: (diagnostic: Diagnostic) => void,
): LoopGroup["items"] | undefined {
  if (isChannel(items)) {
    const { type } = items;
    const isList = type.kind === "artifact" ? type.list : type.type === "LIST";
    // A member of a loop's item may be a list: the SDK cannot know.
    if ((isList || items.kind === "loop-field") && items.kind !== "collected")
      return { kind: "channel", channel: items };
    report(diagnose("not-iterable", span, items.kind === "collected" ? "a Collected" : typeName(type)));
    return undefined;
  }
  if (items.kind !== "list" || items.items.length === 0) {
    const type = argumentType(items);
    report(diagnose("not-iterable", span, items.kind === "list" ? "an empty list" : type ? typeName(type) : "null"));
    return undefined;
  }
  if (channelsIn(items).length > 0) {
    report(diagnose("loop-items", span, "values that only the run knows"));
    return undefined;
  }
  return { kind: "constant", items: items.items, code: nextNumber() };
}

/** Of constants the first one's type counts, of a channel the declared one; the SDK takes strings for unknown items. */
export function itemType(loop: LoopGroup): ValueType {
  const { items } = loop;
  if (items.kind === "channel") {
    const { type } = items.channel;
    if (type.kind === "artifact") return { ...type, list: false };
    return elementOf(items.channel) ?? parameterType("STRING");
  }
  const [first] = items.items;
  if (first?.kind === "struct") {
    const member = first.entries[0]?.[1];
    const element = member && argumentType(member);
    return { kind: "parameter", type: "STRUCT", ...(element ? { element } : {}) };
  }
  return (first && argumentType(first)) ?? parameterType("STRING");
}

/**
 * Tells items of loops in loops over the same list apart, where the inner loop uses the outer one's item. The SDK calls
 * both the same, so that the outer item is the inner one there; where only one of them is used, its names are right.
 */
export function tellItemsApart(graph: Graph, report: (diagnostic: Diagnostic) => void): void {
  const visit = (group: Group, around: readonly LoopGroup[]): void => {
    let inside = around;
    if (group.kind === "loop" && group.items.kind === "channel") {
      const used = new Set(channelsInside(group).flatMap(loopOf));
      const alike = () => around.filter((outer) => used.has(outer) && itemName(outer) === itemName(group));
      if (graph.isExact) for (let number = 2; alike().length > 0; number++) group.itemSuffix = `-${String(number)}`;
      else if (group.span && alike().length > 0)
        report({
          ...diagnose("hidden-item", group.span, itemName(group).replace(/-loop-item.*$/, "")),
          hint: "Let a step copy the list for one of the two.",
        });
      inside = [...around, group];
    }
    for (const child of group.children) if (child.kind !== "task") visit(child, inside);
  };
  visit(graph.root, []);
}

/** The loop whose item it is, or is a member of. */
function loopOf(channel: Channel): readonly LoopGroup[] {
  if (channel.kind === "loop-field") return [channel.item.loop];
  return channel.kind === "loop-item" ? [channel.loop] : [];
}

function channelsInside(group: Group): readonly Channel[] {
  return group.children.flatMap((child) => {
    if (child.kind === "task") return [...channelsOfTask(child), ...channelsOfResources(child)];
    return [...decidingChannels(child), ...channelsInside(child)];
  });
}

export function itemName(loop: LoopGroup): string {
  return linkOf({ kind: "loop-item", loop, type: itemType(loop) }, loop).name;
}

/** Python's `json.dumps(items, sort_keys=True)`: the text of a constant loop's items. */
export function rawItems(items: readonly Argument[]): string {
  return pythonJson({ kind: "list", items });
}

function pythonJson(value: Argument): string {
  switch (value.kind) {
    case "string":
      return jsonString(value.value);
    case "integer":
      return String(value.value);
    case "number":
      return floatText(value.value);
    case "boolean":
      return String(value.value);
    case "list":
      return `[${value.items.map(pythonJson).join(", ")}]`;
    case "struct": {
      // `loopItems` lets no channels through, in keys neither.
      const texts = value.entries.map(([key, member]) => [templateText(key, () => ""), member] as const);
      const entries = texts.sort(([a], [b]) => compareCodePoints(a, b));
      return `{${entries.map(([key, member]) => `${jsonString(key)}: ${pythonJson(member)}`).join(", ")}}`;
    }
    default:
      // Only null: `loopItems` lets no channels through.
      return "null";
  }
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? pythonFloat(value) : value > 0 ? "Infinity" : "-Infinity";
}

/** ASCII only, as `json.dumps` does by default. */
function jsonString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (char) =>
    char === "\u007f" ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
