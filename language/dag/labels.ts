/** The words of the picture: conditions, loops, types and arguments as a person would say them. */
import { conditionWords } from "../spec/condition-words.ts";
import type { Json, TaskSpec } from "../spec/types.ts";
import { inputOf, origin, type Scope, type Source, type TaskInput } from "./scope.ts";
import type { NodeKind } from "./view.ts";

const channelPrefix = "pipelinechannel--";

/** `flip-coin`, `train.loss`, `threshold`, `item`: what a task's input gets, in few words. */
export function inputText(scope: Scope, input: TaskInput | undefined, name: string): string {
  const from = origin(scope, input);
  switch (from.kind) {
    case "output":
      return outputText(from.scope, from.task, from.key);
    case "pipeline-input":
      return from.name;
    case "loop-item": {
      const field = name.includes("-subvar-") ? name.slice(name.indexOf("-subvar-") + 8) : undefined;
      return field === undefined ? "item" : `item.${field}`;
    }
    case "constant":
      return constantText(from.scope, undefined, from.input.runtimeValue?.constant ?? null);
    case "nothing":
      return name.replace(channelPrefix, "");
  }
}

function outputText(scope: Scope, task: string, key: string): string {
  const inner = key.startsWith(channelPrefix) ? key.slice(channelPrefix.length) : key;
  return inner.toLowerCase() === "output" ? task : key === inner ? `${task}.${key}` : inner;
}

/** A condition of the spec (CEL) with the names of what it tests. */
export function conditionText(scope: Scope, task: TaskSpec): string {
  return conditionWords(task.triggerPolicy?.condition ?? "", (name) => inputText(scope, inputOf(task, name), name));
}

/** Inputs of a task that its condition reads. */
export function testedInputs(task: TaskSpec): readonly string[] {
  const condition = task.triggerPolicy?.condition ?? "";
  return [...condition.matchAll(/inputs\.parameter_values\['([^']+)'\]/g)].map((match) => match[1] ?? "");
}

/** `If x > 3`, and in a ladder `Elif y` and `Else`, without the arms that are already denied. */
export function conditionLabels(
  scope: Scope,
  tasks: readonly (readonly [string, TaskSpec])[],
): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  const ladder = scope.via !== undefined && isBranches(scope.via.name);
  let denied = "";
  // A compiled file has `condition-10` before `condition-2`.
  const arms = ladder ? tasks.toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true })) : tasks;
  for (const [name, task] of arms) {
    if (task.triggerPolicy?.condition === undefined) continue;
    const text = conditionText(scope, task);
    const arm = denied !== "" && text.startsWith(`${denied} && `);
    const own = withoutParentheses(arm ? text.slice(denied.length + 4) : text);
    if (denied !== "" && text === denied) labels.set(name, "Else");
    else labels.set(name, `${arm ? "Elif" : "If"} ${own}`);
    if (ladder) denied = denied === "" ? `!(${own})` : `${denied} && !(${own})`;
  }
  return labels;
}

/** `(a || b)` as it is negated: `!(a || b)`. */
function withoutParentheses(text: string): string {
  if (!text.startsWith("(") || !text.endsWith(")")) return text;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    depth += char === "(" ? 1 : char === ")" ? -1 : 0;
    if (depth === 0 && index < text.length - 1) return text;
  }
  return text.slice(1, -1);
}

const isBranches = (name: string) => /^condition-branches-\d+$/.test(name);

/** What a group is, by the constructs and the names that the SDK writes. */
export function groupKind(name: string, task: TaskSpec): NodeKind {
  if (task.parameterIterator ?? task.artifactIterator) return "loop";
  if (task.triggerPolicy?.condition !== undefined) return "condition";
  if (isBranches(name)) return "branches";
  return /^exit-handler-\d+$/.test(name) ? "exit-handler" : "pipeline";
}

export function groupLabel(
  kind: NodeKind,
  scope: Scope,
  name: string,
  task: TaskSpec,
  condition: string | undefined,
): string {
  const given = task.taskInfo?.name;
  if (given !== undefined && given !== name) return given;
  switch (kind) {
    case "loop":
      return loopLabel(scope, task);
    case "condition":
      return condition ?? name;
    case "branches":
      return "Branches";
    case "exit-handler":
      return "Exit handler";
    default:
      return given ?? name;
  }
}

function loopLabel(scope: Scope, task: TaskSpec): string {
  const raw = task.parameterIterator?.items.raw;
  if (raw !== undefined) {
    const items = parseList(raw);
    if (!items) return "For each item";
    const text = items.map((item) => constantText(scope, undefined, item)).join(", ");
    return text.length <= 40 ? `For each of ${text}` : `For each of ${items.length} items`;
  }
  const name = task.parameterIterator?.items.inputParameter ?? task.artifactIterator?.items.inputArtifact ?? "";
  return `For each item of ${inputText(scope, inputOf(task, name), name)}`;
}

function parseList(raw: string): readonly Json[] | undefined {
  try {
    // SAFETY: what JSON.parse gives is JSON.
    const value = JSON.parse(raw) as Json;
    return Array.isArray(value) ? (value as readonly Json[]) : undefined;
  } catch {
    return undefined;
  }
}

/** The second line of a node: its whole condition, how many at a time, what always follows. */
export function groupDetail(kind: NodeKind, scope: Scope, name: string, task: TaskSpec): string | undefined {
  if (kind === "condition") return conditionText(scope, task);
  const limit = task.iteratorPolicy?.parallelismLimit;
  if (kind === "loop" && limit !== undefined) return `${limit} at a time`;
  if (kind !== "exit-handler") return undefined;
  for (const [other, { dependentTasks, triggerPolicy }] of Object.entries(scope.component.dag?.tasks ?? {})) {
    const always = triggerPolicy?.strategy === "ALL_UPSTREAM_TASKS_COMPLETED";
    if (always && dependentTasks?.includes(name)) return `then always ${other}`;
  }
  return undefined;
}

/** `int`, `str`, `dict`: a parameter's type as Python has it. */
export function typeWord(type: string): string {
  return parameterWords[type] ?? type;
}

/** A value on one line, cut at 60 characters. */
export function valueText(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

const parameterWords: Readonly<Record<string, string>> = {
  STRING: "str",
  NUMBER_INTEGER: "int",
  NUMBER_DOUBLE: "float",
  LIST: "list",
  STRUCT: "dict",
  BOOLEAN: "bool",
};

/** `dataset: Dataset`: an output by its name, or where it has none of its own by the input that takes it. */
export function flowLabel(source: Source, input: string): string {
  const task = source.scope.component.dag?.tasks[source.task];
  const definitions = task && source.scope.spec.components?.[task.componentRef.name]?.outputDefinitions;
  const parameter = definitions?.parameters?.[source.key];
  const artifact = definitions?.artifacts?.[source.key];
  const word = parameter
    ? typeWord(parameter.parameterType)
    : (artifact?.artifactType.schemaTitle ?? "").replace(/^system\./, "");
  const name =
    source.key.toLowerCase() === "output" && !input.startsWith(channelPrefix) && input !== "" ? input : source.key;
  const isList = source.list || artifact?.isArtifactList === true;
  return `${name}${word ? `: ${word}` : ""}${isList ? "[]" : ""}`;
}

/** What a task gets that comes from no other task: `rows = 5000`, `rows ← input`, `x ← item`. */
export function argumentTexts(scope: Scope, task: TaskSpec): readonly string[] {
  const texts: string[] = [];
  const inputs: Record<string, TaskInput> = { ...task.inputs?.parameters, ...task.inputs?.artifacts };
  for (const [name, input] of Object.entries(inputs)) {
    if (name.startsWith(channelPrefix)) continue;
    const from = origin(scope, input);
    if (input.taskFinalStatus) {
      const producer = input.taskFinalStatus.producerTask;
      texts.push(`${name} ← status of ${scope.component.dag?.tasks[producer]?.taskInfo?.name ?? producer}`);
    } else if (from.kind === "pipeline-input")
      texts.push(`${name} ← input${from.name === name ? "" : ` ${from.name}`}`);
    else if (from.kind === "loop-item") {
      const field = /\["(.*)"\]/.exec(input.parameterExpressionSelector ?? "")?.[1];
      texts.push(`${name} ← item${field === undefined ? "" : `.${field}`}`);
    } else if (from.kind === "constant") {
      const constant = from.input.runtimeValue?.constant;
      if (constant !== undefined) texts.push(`${name} = ${constantText(scope, task, constant)}`);
    }
  }
  return texts;
}

/** A constant on one line, cut at 60 characters; placeholders in braces by what they stand for. */
export function constantText(scope: Scope, task: TaskSpec | undefined, constant: Json): string {
  const text = JSON.stringify(constant);
  const filled = task ? fillPlaceholders(scope, task, text) : text;
  return filled.length > 60 ? `${filled.slice(0, 59)}…` : filled;
}

/** A text with `{{$.inputs.parameters['x']}}` replaced by `{train.loss}`. */
export function fillPlaceholders(scope: Scope, task: TaskSpec, text: string): string {
  return text.replace(
    /\{\{\$\.inputs\.(?:parameters|artifacts)\[\\?['"]([^'"\\]+)\\?['"]\][^}]*\}\}/g,
    (_match, name: string) => {
      const inner = inputText(scope, inputOf(task, name), name);
      return `{${inner}}`;
    },
  );
}
