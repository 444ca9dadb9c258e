/** Repairs of what a task is given: another way to write the same value, or the output that was meant. */
import type { Channel, Group, Task } from "../graph/model.ts";
import { isCompatible } from "../graph/types.ts";
import type { Meanings } from "../python/meanings.ts";
import type { Call, Expression } from "../python/syntax.ts";
import { isKind, nodesAround } from "../python/tree.ts";
import { calleeOf } from "./calls.ts";
import type { Complaint, Edit, Fix } from "./fixes.ts";
import { callable } from "./words.ts";

export function valueFix(meanings: Meanings, path: string, { code, start, end }: Complaint): Fix | undefined {
  const text = meanings.text(path);
  const around = nodesAround(meanings.tree(path), start);
  const written = text.slice(start, end);
  const change = (by: string, title = `Change to ${by}`): Fix => ({
    title,
    edits: [{ span: { path, start, end }, text: by }],
  });
  // SAFETY: what the parser gives at a place and has a start and an end like it is an expression there.
  const value = around.find((node) => "kind" in node && node.start === start && node.end === end) as
    | Expression
    | undefined;
  switch (code) {
    case "argument-type": {
      const call = callAround(around, start);
      return call && value && otherwiseWritten(meanings, path, call, value, written, change);
    }
    case "not-an-argument": {
      const meaning = value && meanings.of(path, value);
      if (meaning?.kind !== "task") return undefined;
      const { outputs } = meaning.task.component;
      const [first] = outputs;
      return first && change(`${written}${outputs.length === 1 ? ".output" : `.outputs["${first.name}"]`}`);
    }
    case "positional-argument":
      return named(meanings, path, callAround(around, start));
    case "setting-value":
      return isKind(value, "constant") && (typeof value.value === "bigint" || typeof value.value === "number")
        ? change(`"${written}"`)
        : undefined;
    case "after-group":
      return isKind(value, "attribute") && meanings.of(path, value.object)?.kind === "task"
        ? change(text.slice(value.object.start, value.object.end))
        : undefined;
    case "condition-constant": {
      const meaning = value && meanings.of(path, value);
      const isBoolean =
        meaning?.kind === "channel" &&
        meaning.channel.type.kind === "parameter" &&
        meaning.channel.type.type === "BOOLEAN";
      return isBoolean ? change(`${written} == True`) : undefined;
    }
    case "decided-now": {
      const statement = around.findLast((node) => isKind(node, "if") && node.test.start === start);
      if (!isKind(statement, "if") || statement.test.kind !== "compare" || statement.otherwise.length > 0)
        return undefined;
      return {
        title: "Use dsl.If",
        edits: [
          { span: { path, start: statement.start, end: start }, text: "with dsl.If(" },
          { span: { path, start: end, end }, text: ")" },
        ],
      };
    }
    case "deprecated":
    case "wrong-value": {
      const file = /^((["']).*?)\.(?:json|tar\.gz|zip)\2$/s.exec(written);
      return file ? change(`${file[1] ?? ""}.yaml${file[2] ?? ""}`) : undefined;
    }
    case "outside-group":
      return isKind(value, "call") ? gathered(meanings, path, value) : undefined;
    default:
      return undefined;
  }
}

function callAround(around: ReturnType<typeof nodesAround>, start: number): Call | undefined {
  const call = around.findLast((node) => isKind(node, "call") && node.callee.end <= start);
  return isKind(call, "call") ? call : undefined;
}

/** The same value as the input's type has it: a number without quotes, text in them, outputs of all turns. */
function otherwiseWritten(
  meanings: Meanings,
  path: string,
  call: Call,
  value: Expression,
  written: string,
  change: (by: string) => Fix,
): Fix | undefined {
  const callee = calleeOf(meanings, path, call.callee);
  const name = call.arguments.find((one) => one.value === value)?.name;
  const type =
    callee?.kind === "component" ? callee.component.inputs.find((input) => input.name === name)?.type : undefined;
  const meaning = meanings.of(path, value);
  if (!type) return undefined;
  if (meaning?.kind === "channel") {
    if (gathers(meaning.channel, type)) return change(`dsl.Collected(${written})`);
    return type.kind === "parameter" && type.type === "STRING" && meaning.channel.type.kind === "parameter"
      ? change(`f"{${written}}"`)
      : undefined;
  }
  if (type.kind !== "parameter" || !isKind(value, "constant")) return undefined;
  const constant = value.value;
  const plain = typeof constant === "string" ? constant : written;
  switch (type.type) {
    case "STRING":
      return typeof constant === "bigint" || typeof constant === "number" || typeof constant === "boolean"
        ? change(`"${written}"`)
        : undefined;
    case "NUMBER_INTEGER":
      return /^-?\d+(?:\.0+)?$/.test(plain) ? change(plain.replace(/\.0+$/, "")) : undefined;
    case "NUMBER_DOUBLE":
      return /^-?\d+(?:\.\d+)?$/.test(plain) ? change(plain.includes(".") ? plain : `${plain}.0`) : undefined;
    case "BOOLEAN":
      return /^(?:true|false)$/i.test(plain) ? change(/^t/i.test(plain) ? "True" : "False") : undefined;
    case "LIST":
      return change(`[${written}]`);
    default:
      return undefined;
  }
}

/** Whether Collected makes of an output what an input takes. */
function gathers(channel: Channel, type: Channel["type"]): boolean {
  if (channel.kind !== "task-output" || !isInLoop(channel.task)) return false;
  return channel.type.kind === "artifact"
    ? type.kind === "artifact" && type.list && isCompatible({ ...channel.type, list: true }, type)
    : type.kind === "parameter" && type.type === "LIST";
}

function isInLoop(task: Task): boolean {
  for (let group: Group = task.group; group.kind !== "root"; group = group.parent)
    if (group.kind === "loop") return true;
  return false;
}

/** `dsl.Collected(…)` around the outputs of loops that a call's lists are given. */
function gathered(meanings: Meanings, path: string, call: Call): Fix | undefined {
  const callee = calleeOf(meanings, path, call.callee);
  if (callee?.kind !== "component") return undefined;
  const edits: Edit[] = call.arguments.flatMap(({ name, value }) => {
    const type = callee.component.inputs.find((input) => input.name === name)?.type;
    const meaning = meanings.of(path, value);
    if (!type || meaning?.kind !== "channel" || !gathers(meaning.channel, type)) return [];
    return [
      { span: { path, start: value.start, end: value.start }, text: "dsl.Collected(" },
      { span: { path, start: value.end, end: value.end }, text: ")" },
    ];
  });
  return edits.length === 0 ? undefined : { title: "Gather with dsl.Collected", edits };
}

/** Each argument of a call with the name of the input that stands at its place. */
function named(meanings: Meanings, path: string, call: Call | undefined): Fix | undefined {
  const callee = call && calleeOf(meanings, path, call.callee);
  if (!call || callee?.kind !== "component") return undefined;
  const given = new Set(call.arguments.map(({ name }) => name));
  const names = callable(callee.component)
    .map(({ name }) => name)
    .filter((name) => !given.has(name));
  const plain = call.arguments.filter(({ form }) => form === "plain");
  if (plain.length > names.length) return undefined;
  const edits = plain.map(({ value: { start } }, i) => ({
    span: { path, start, end: start },
    text: `${names[i] ?? ""}=`,
  }));
  return { title: "Give by name", edits };
}
