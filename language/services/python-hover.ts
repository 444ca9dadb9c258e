/** What a hover says in a Python file, in Markdown. */
import { installedPackages } from "../hover.ts";
import type { Component, InputDefinition, OutputDefinition } from "../graph/model.ts";
import type { Meanings } from "../python/meanings.ts";
import type { Span } from "../source.ts";
import { sdkName } from "./calls.ts";
import { sdkMember } from "./sdk.ts";
import { meaningAt, type Referent, symbolAt } from "./symbols.ts";
import { callable, channelName, inputText, producerText, signatureText, typeText } from "./words.ts";

export interface Hover {
  readonly text: string;
  readonly span: Span;
  /** The component or pipeline that it is about, of which the last run can be told. */
  readonly about?: Referent;
}

/** `others`: what other servers say of the same place, which is not said again; empty where there are none. */
export function pythonHover(meanings: Meanings, path: string, offset: number, others: string): Hover | undefined {
  const symbol = symbolAt(meanings, path, offset);
  const at = meaningAt(meanings, path, offset);
  if (symbol?.member?.kind === "input") {
    const { name } = symbol.member;
    const input = symbol.source.component.inputs.find((one) => one.name === name);
    if (input) return hover(symbol.span, inputFacts(input, symbol.source.component, others));
  }
  if (at?.meaning.kind === "channel") {
    const { channel } = at.meaning;
    const type = code(`${channelName(channel)}: ${typeText(channel.type)}`);
    return hover(at.span, [type, producerText(channel), described(channel)]);
  }
  if (symbol?.member?.kind === "output") {
    const { name } = symbol.member;
    const { component } = symbol.source;
    const output = component.outputs.find((one) => one.name === name);
    const facts = output && [code(outputText(output)), `Output of \`${component.name}\``, output.description];
    if (facts) return hover(symbol.span, facts);
  }
  if (symbol) return { ...hover(symbol.span, componentFacts(symbol.source.component, others)), about: symbol };
  if (!at) return undefined;
  switch (at.meaning.kind) {
    case "component":
      return hover(at.span, componentFacts(at.meaning.component, others));
    case "task": {
      const { task } = at.meaning;
      const cached = task.settings.caching?.enabled === false ? "Not cached." : undefined;
      const source = meanings.source(task.component);
      const about = source && { about: { source, span: at.span } };
      return {
        ...hover(at.span, [...componentFacts(task.component, others), cached, `Step \`${task.name}\``]),
        ...about,
      };
    }
    case "outputs": {
      const outputs = at.meaning.task.component.outputs.map(outputText);
      return hover(at.span, [code(outputs.join("\n")), `Outputs of step \`${at.meaning.task.name}\``]);
    }
    case "module":
      return undefined;
    case "member": {
      const name = sdkName(meanings, path, at.node);
      const member = name === undefined ? undefined : sdkMember(name);
      if (others !== "" || name === undefined || !member) return undefined;
      return hover(at.span, [
        code(`${name}${member.parameters ? `(${member.parameters.join(", ")})` : ""}`),
        member.says,
      ]);
    }
  }
}

function inputFacts(input: InputDefinition, component: Component, others: string): readonly (string | undefined)[] {
  const of = `Input of \`${component.name}\``;
  const isTyped = namesSaid(others, /[\p{L}\p{N}_]+(?=: (?!Unknown\b|Any\b))/gu).has(input.name);
  const says = isSaid(input.description, others) ? undefined : input.description;
  if (!isTyped) return [code(inputText(input)), of, says];
  const [, given] = inputText(input).split(" = ");
  return [given === undefined ? of : `${of}, default \`${given}\``, says];
}

function componentFacts(component: Component, others: string): readonly (string | undefined)[] {
  const { implementation, outputs, description } = component;
  const lines: (string | undefined)[] = [];
  const said = namesSaid(others, /[\p{L}\p{N}_]+(?=\s*[:=])/gu);
  const isSigned = others !== "" && callable(component).every(({ name }) => said.has(name));
  if (!isSigned) lines.push(code(signatureText(component)));
  else if (outputs.length > 0) lines.push(`Gives ${outputs.map((output) => `\`${outputText(output)}\``).join(", ")}`);
  if (!isSaid(description, others)) lines.push(description);
  if (implementation.kind === "container") {
    const packages = installedPackages(implementation.container);
    lines.push(`Image \`${implementation.container.image}\``);
    if (packages.length > 0) lines.push(`Packages ${packages.map((name) => `\`${name}\``).join(" ")}`);
  }
  if (implementation.kind === "graph") {
    const count = Object.keys(implementation.package.spec.root.dag?.tasks ?? {}).length;
    lines.push(`Pipeline, ${count} ${count === 1 ? "step" : "steps"} at its top`);
  }
  return lines;
}

function namesSaid(others: string, pattern: RegExp): ReadonlySet<string> {
  return new Set(others.match(pattern));
}

/** Whether others show a text, however they break its lines. */
function isSaid(text: string | undefined, others: string): boolean {
  const plain = (one: string) => one.replace(/\s+/g, " ").trim();
  return text !== undefined && text !== "" && plain(others).includes(plain(text));
}

function outputText({ name, type }: OutputDefinition): string {
  return `${name}: ${typeText(type)}`;
}

function described(channel: Parameters<typeof producerText>[0]): string | undefined {
  if (channel.kind !== "task-output") return undefined;
  return channel.task.component.outputs.find(({ name }) => name === channel.key)?.description;
}

function hover(span: Span, lines: readonly (string | undefined)[]): Hover {
  return { span, text: lines.filter((line) => line !== undefined && line !== "").join("\n\n") };
}

function code(text: string): string {
  return `\`\`\`python\n${text}\n\`\`\``;
}
