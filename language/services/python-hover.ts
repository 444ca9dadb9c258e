/** What a hover says in a Python file, in Markdown. */
import { installedPackages } from "../hover.ts";
import type { Component } from "../graph/model.ts";
import type { Meanings } from "../python/meanings.ts";
import type { Span } from "../source.ts";
import { sdkName } from "./calls.ts";
import { sdkMember } from "./sdk.ts";
import { meaningAt, symbolAt } from "./symbols.ts";
import { channelName, inputText, producerText, signatureText, typeText } from "./words.ts";

export interface Hover {
  readonly text: string;
  readonly span: Span;
}

export function pythonHover(meanings: Meanings, path: string, offset: number, besideOther: boolean): Hover | undefined {
  const symbol = symbolAt(meanings, path, offset);
  if (symbol?.member?.kind === "input") {
    const { name } = symbol.member;
    const input = symbol.source.component.inputs.find((one) => one.name === name);
    if (input)
      return hover(
        symbol.span,
        code(inputText(input)),
        `Input of \`${symbol.source.component.name}\``,
        input.description,
      );
  }
  const at = meaningAt(meanings, path, offset);
  if (at?.meaning.kind === "channel") {
    const { channel } = at.meaning;
    return hover(
      at.span,
      code(`${channelName(channel)}: ${typeText(channel.type)}`),
      producerText(channel),
      described(channel),
    );
  }
  if (symbol?.member?.kind === "output") {
    const { name } = symbol.member;
    const output = symbol.source.component.outputs.find((one) => one.name === name);
    if (output)
      return hover(
        symbol.span,
        code(`${name}: ${typeText(output.type)}`),
        `Output of \`${symbol.source.component.name}\``,
        output.description,
      );
  }
  if (symbol) return hover(symbol.span, ...componentFacts(symbol.source.component));
  if (!at) return undefined;
  switch (at.meaning.kind) {
    case "component":
      return hover(at.span, ...componentFacts(at.meaning.component));
    case "task": {
      const { task } = at.meaning;
      const cached = task.settings.caching?.enabled === false ? "Not cached." : undefined;
      return hover(at.span, ...componentFacts(task.component), cached, `Step \`${task.name}\``);
    }
    case "outputs": {
      const outputs = at.meaning.task.component.outputs.map(({ name, type }) => `${name}: ${typeText(type)}`);
      return hover(at.span, code(outputs.join("\n")), `Outputs of step \`${at.meaning.task.name}\``);
    }
    case "module":
      return undefined;
    case "member": {
      const name = sdkName(meanings, path, at.node);
      const member = name === undefined ? undefined : sdkMember(name);
      if (besideOther || name === undefined || !member) return undefined;
      return hover(
        at.span,
        code(`${name}${member.parameters ? `(${member.parameters.join(", ")})` : ""}`),
        member.says,
      );
    }
  }
}

function componentFacts(component: Component): readonly (string | undefined)[] {
  const { implementation } = component;
  const lines: (string | undefined)[] = [code(signatureText(component)), component.description];
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

function described(channel: Parameters<typeof producerText>[0]): string | undefined {
  if (channel.kind !== "task-output") return undefined;
  return channel.task.component.outputs.find(({ name }) => name === channel.key)?.description;
}

function hover(span: Span, ...lines: readonly (string | undefined)[]): Hover {
  return { span, text: lines.filter((line) => line !== undefined && line !== "").join("\n\n") };
}

function code(text: string): string {
  return `\`\`\`python\n${text}\n\`\`\``;
}
