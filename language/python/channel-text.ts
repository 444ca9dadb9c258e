/** Channels inside of text, as the SDK writes them there and finds them again (`kfp/dsl/pipeline_channel.py`). */
import { diagnose } from "../diagnostics.ts";
import type { Argument, Channel } from "../graph/model.ts";
import type { Span } from "../source.ts";
import type { DslContext } from "./context.ts";

export function channelName(channel: Channel): string {
  switch (channel.kind) {
    case "pipeline-input":
      return channel.name;
    case "task-output":
      return channel.key;
    case "loop-item":
      return channel.loop.items.kind === "constant"
        ? `loop-item-param-${channel.loop.items.code}`
        : `${channelName(channel.loop.items.channel)}-loop-item`;
    case "loop-field":
      return `${channelName(channel.item)}-subvar-${channel.field}`;
    case "collected":
      return channel.output.key;
    case "one-of":
      return `pipelinechannel--${channel.branches.name}-oneof-${channel.index}`;
  }
}

export function producerName(channel: Channel): string {
  switch (channel.kind) {
    case "pipeline-input":
      return "";
    case "task-output":
      return channel.task.name;
    case "loop-item":
      return channel.loop.items.kind === "constant" ? "" : producerName(channel.loop.items.channel);
    case "loop-field":
      return producerName(channel.item);
    case "collected":
      return producerName(channel.output);
    case "one-of":
      return channel.branches.name;
  }
}

const memoryTypes: Readonly<Record<string, string>> = {
  STRING: "String",
  NUMBER_INTEGER: "Integer",
  NUMBER_DOUBLE: "Float",
  BOOLEAN: "Boolean",
  LIST: "List",
  STRUCT: "Dict",
};

export function channelPattern(channel: Channel): string {
  const { type: of } = channel;
  const type =
    of.kind === "artifact"
      ? `${of.type.schemaTitle ?? ""}@${of.type.schemaVersion ?? ""}`
      : channel.kind === "collected"
        ? "LIST"
        : (of.declared ?? memoryTypes[of.type] ?? of.type);
  return `{{channel:task=${producerName(channel)};name=${channelName(channel)};type=${type};}}`;
}

/** What may be a channel in text, and what the SDK finds there again: neither artifacts nor `List[int]`. */
const mark = /\{\{channel:task=[^;]*;name=[^;]*;type=[^;]*;\}\}/g;
const foundAgain = /^\{\{channel:task=[\w\s-]*;name=[\w\s-]+;type=[\w\s{}":-]*;\}\}$/;

/**
 * Text with the channels in it as a template; plain text where there are none. In a list or
 * a struct the SDK also finds what stands `beside` the text by itself.
 */
export function textArgument(context: DslContext, text: string, span: Span, beside: ReadonlySet<string>): Argument {
  const pipeline = context.pipelines.at(-1);
  if (pipeline === undefined || !text.includes("{{channel:")) return { kind: "string", value: text };
  const parts: (string | Channel)[] = [];
  let end = 0;
  for (const match of text.matchAll(mark)) {
    const channel = pipeline.channels.get(match[0]);
    if (channel === undefined) continue;
    if (!foundAgain.test(match[0]) && !beside.has(match[0])) {
      // It leaves its own mark there.
      const { type } = channel;
      const what = type.kind === "artifact" ? "An artifact" : `A value of the type ${type.declared ?? ""}`;
      context.machine.report(diagnose("no-value-inside", span, what, "text"));
      continue;
    }
    if (match.index > end) parts.push(text.slice(end, match.index));
    // In text the SDK knows the task's output again, not that it was collected.
    parts.push(channel.kind === "collected" ? channel.output : channel);
    end = match.index + match[0].length;
  }
  if (parts.length === 0) return { kind: "string", value: text };
  if (end < text.length) parts.push(text.slice(end));
  return { kind: "template", parts, written: text };
}
