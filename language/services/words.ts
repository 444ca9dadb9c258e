/** Types, signatures and places as a person reads them. */
import { typeWord } from "../dag/labels.ts";
import type { Channel, Component, InputDefinition, ValueType } from "../graph/model.ts";
import type { Json } from "../spec/types.ts";

/** `Model`, `list[Dataset]`, `int`, `list[str]`. */
export function typeText(type: ValueType): string {
  if (type.kind === "parameter") {
    const word = typeWord(type.type);
    if (!type.element) return word;
    return type.type === "STRUCT" ? `${word}[str, ${typeText(type.element)}]` : `${word}[${typeText(type.element)}]`;
  }
  const title = (type.type.schemaTitle ?? type.type.instanceSchema ?? "Artifact").replace(/^system\./, "");
  return type.list ? `list[${title}]` : title;
}

/** `rows: int = 5000`; `rows: int?` where it has a default of None. */
export function inputText({ name, type, optional, defaultValue }: InputDefinition): string {
  if (!optional) return `${name}: ${typeText(type)}`;
  return defaultValue === undefined || defaultValue === null
    ? `${name}: ${typeText(type)} = None`
    : `${name}: ${typeText(type)} = ${pythonText(defaultValue)}`;
}

/** `train(rows: int = 3) → model: Model`, with what callers cannot give left out. */
export function signatureText(component: Component): string {
  const inputs = callable(component).map(inputText);
  const outputs = component.outputs.map(({ name, type }) => `${name}: ${typeText(type)}`);
  const list = inputs.join(", ").length > 60 ? `(\n  ${inputs.join(",\n  ")}\n)` : `(${inputs.join(", ")})`;
  return `${component.name}${list}${outputs.length > 0 ? ` → ${outputs.join(", ")}` : ""}`;
}

/** Inputs that a caller gives: the system fills the others in. */
export function callable(component: Component): readonly InputDefinition[] {
  return component.inputs.filter(
    ({ type }) => type.kind !== "parameter" || (type.type !== "TASK_FINAL_STATUS" && type.type !== "TASK_CONFIG"),
  );
}

/** Who gives a channel its value. */
export function producerText(channel: Channel): string {
  switch (channel.kind) {
    case "pipeline-input":
      return `Input \`${channel.name}\` of the pipeline`;
    case "task-output":
      return `Output \`${channel.key}\` of step \`${channel.task.name}\``;
    case "loop-item":
      return `Item of the loop \`${channel.loop.name}\``;
    case "loop-field":
      return `Member \`${channel.field}\` of an item of the loop \`${channel.item.loop.name}\``;
    case "collected":
      return `Output \`${channel.output.key}\` of every turn of step \`${channel.output.task.name}\``;
    case "one-of":
      return `Whichever runs: ${channel.channels.map(({ key, task }) => `output \`${key}\` of step \`${task.name}\``).join(", ")}`;
  }
}

export function channelName(channel: Channel): string {
  switch (channel.kind) {
    case "pipeline-input":
      return channel.name;
    case "task-output":
      return channel.key;
    case "loop-item":
      return "item";
    case "loop-field":
      return channel.field;
    case "collected":
      return channel.output.key;
    case "one-of":
      return channel.channels[0]?.key ?? "output";
  }
}

/** A default as Python writes it, at most 60 characters long. */
function pythonText(value: Json): string {
  const text = python(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function python(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  const entries = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${python(one)}`);
  return `{${entries.join(", ")}}`;
}
