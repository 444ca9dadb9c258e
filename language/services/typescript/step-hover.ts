/** What a step is, beside what TypeScript says of its name: image, resources, inputs with their types, defaults and values. */
import { installedPackages } from "../../hover.ts";
import type { Argument, InputDefinition, Task, TaskSettings, ValueType } from "../../graph/model.ts";
import type { Json } from "../../spec/types.ts";
import type { StepMark } from "../../typescript/marks.ts";
import { callable, producerText, typeText } from "../words.ts";
import { memberName, type Reading, stepsNamedAt } from "./reading.ts";
import { typeWord } from "./type-words.ts";

export interface StepHover {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Of each step that is made here, the place of its call. */
  readonly steps: readonly StepMark[];
}

/** Of the called name at an offset; undefined elsewhere. */
export function stepHover(reading: Reading, offset: number): StepHover | undefined {
  // A file with several pipelines, or a pipeline in another, has one mark for each.
  const steps = distinct(stepsNamedAt(reading, offset));
  const [first] = steps;
  if (!first) return undefined;
  const { callee, task } = first;
  const names = steps.map((each) => `\`${each.task.name}\``);
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  const lines = [
    `${steps.length > 1 ? "Steps" : "Step"} ${shown.join(", ")}`,
    ...(task.component.description ? [task.component.description.trim()] : []),
    ...madeOf(task),
    ...settingsText(task.settings),
    inputTable(task, steps.length === 1),
    outputText(task),
  ];
  return { text: lines.filter((line) => line !== "").join("\n\n"), start: callee.start, end: callee.end, steps };
}

function distinct(steps: readonly StepMark[]): readonly StepMark[] {
  return [...new Map(steps.map((each) => [each.task.name, each])).values()];
}

function madeOf({ component, settings }: Task): readonly string[] {
  const { implementation } = component;
  switch (implementation.kind) {
    case "container": {
      const { container, body } = implementation;
      const image = settings.image ? plain(settings.image) : container.image;
      const packages = body ? body.packages : installedPackages(container);
      const listed = packages.length > 0 ? `, with ${packages.map((name) => `\`${name}\``).join(" ")}` : "";
      return [`Image \`${image}\`${listed}`];
    }
    case "graph": {
      const count = Object.keys(implementation.package.spec.root.dag?.tasks ?? {}).length;
      return [`A pipeline of ${count} ${count === 1 ? "step" : "steps"}`];
    }
    case "importer":
    case "unread":
      return [];
  }
}

function settingsText(settings: TaskSettings): readonly string[] {
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit } = settings;
  const resources = [
    amount("CPU", cpuRequest, cpuLimit),
    amount("memory", memoryRequest, memoryLimit),
    acceleratorLimit ? `${plain(acceleratorLimit)} × ${acceleratorType ? plain(acceleratorType) : "accelerator"}` : "",
  ].filter((each) => each !== "");
  const { retry, caching, env, ignoreUpstreamFailure } = settings;
  const timeout = settings.kubernetes?.["activeDeadlineSeconds"];
  const facts = [
    resources.length > 0 ? `Resources: ${resources.join(", ")}` : "",
    retry && retry.count > 0 ? `tried ${retry.count} more ${retry.count === 1 ? "time" : "times"} when it fails` : "",
    caching?.enabled === false ? "never cached" : "",
    typeof timeout === "number" || typeof timeout === "string" ? `stopped after ${timeout} s` : "",
    env.length > 0 ? `environment ${env.map(([name]) => `\`${name}\``).join(" ")}` : "",
    ignoreUpstreamFailure ? "runs also when a step before it failed" : "",
  ].filter((each) => each !== "");
  const text = facts.join("; ");
  return text === "" ? [] : [text.charAt(0).toUpperCase() + text.slice(1)];
}

function amount(what: string, request: Argument | undefined, limit: Argument | undefined): string {
  if (request && limit) return `${what} ${plain(request)} to ${plain(limit)}`;
  if (limit) return `${what} up to ${plain(limit)}`;
  return request ? `${what} from ${plain(request)}` : "";
}

function inputTable(task: Task, hasValues: boolean): string {
  const inputs = callable(task.component);
  if (inputs.length === 0) return "";
  const rows = inputs.map((input) => {
    const given = task.arguments.get(input.name);
    const cells = [`\`${input.name}\``, typeName(input.type), defaultText(input)];
    return [...cells, ...(hasValues ? [given ? argumentText(given) : ""] : [])];
  });
  const titles = ["input", "type", "default", ...(hasValues ? ["here"] : [])];
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

function typeName(type: ValueType): string {
  return typeWord(type) ?? typeText(type);
}

function defaultText({ optional, defaultValue }: InputDefinition): string {
  return defaultValue === undefined ? (optional ? "none" : "") : code(defaultValue);
}

function outputText({ component }: Task): string {
  const outputs = component.outputs.map(({ name, type }) => `\`${memberName(name)}\` (${typeName(type)})`);
  return outputs.length > 0 ? `Gives ${outputs.join(", ")}` : "";
}

/** A value of an input in Markdown. */
function argumentText(value: Argument): string {
  switch (value.kind) {
    case "template":
      return `\`${plain(value)}\``;
    case "null":
      return "`null`";
    case "string":
    case "integer":
    case "number":
    case "boolean":
      return code(value.value);
    case "list":
      return `a list of ${value.items.length}`;
    case "struct":
      return `${value.entries.length} members`;
    default:
      return producerText(value).replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  }
}

function plain(value: Argument): string {
  if (value.kind === "string" || value.kind === "integer" || value.kind === "number") return String(value.value);
  if (value.kind === "template") return value.parts.map((part) => (typeof part === "string" ? part : "…")).join("");
  return argumentText(value);
}

function code(value: Json): string {
  const text = JSON.stringify(value);
  return `\`${text.length > 60 ? `${text.slice(0, 59)}…` : text}\``;
}
