/**
 * Completion in a Python file: what a component's call takes and what fits there, the outputs of a step, the SDK's
 * members and what they take; where no other server does it, the names of the file.
 */
import type { AnalyzeOptions } from "../analyze.ts";
import { readMeanings } from "../python/front-end.ts";
import type { Meanings } from "../python/meanings.ts";
import type { Memory } from "../python/memory.ts";
import { parseAgain } from "../python/parse-again.ts";
import type { ValueType } from "../graph/model.ts";
import { isCompatible } from "../graph/types.ts";
import { installedPackages } from "../hover.ts";
import type { Call, Expression, FunctionDefinition, Module } from "../python/syntax.ts";
import { isKind, nodesAround, type TreeNode } from "../python/tree.ts";
import type { Files } from "../source.ts";
import { callAround, type Callee, calleeOf, sdkName } from "./calls.ts";
import { type Completed, completeText, placeholder } from "./half-typed.ts";
import {
  dslMembers,
  kubernetesMembers,
  parameterName,
  sdkMember,
  type SdkMember,
  taskMembers,
  usualTexts,
} from "./sdk.ts";
import { pythonNames } from "./python-names.ts";
import { namesAt, runValues, type ScopeName } from "./scope.ts";
import { callable, inputText, signatureText, typeText } from "./words.ts";

export interface CompletionEntry {
  readonly label: string;
  readonly kind:
    | "argument"
    | "output"
    | "method"
    | "property"
    | "function"
    | "class"
    | "module"
    | "variable"
    | "keyword"
    | "text";
  /** What is written; the label where absent. */
  readonly insert?: string;
  /** `insert` has places to fill in, `${1:items}`. */
  readonly isSnippet?: boolean;
  /** What comes next can be completed as well. */
  readonly goesOn?: boolean;
  readonly detail?: string;
  readonly says?: string;
  readonly deprecated?: boolean;
}

export interface CompletionAnswer {
  /** What is replaced, up to the cursor. */
  readonly start: number;
  /** In the order in which they are to be shown. */
  readonly entries: readonly CompletionEntry[];
}

export interface CompletionContext {
  readonly files: Files;
  readonly options: AnalyzeOptions;
  /** That of the analyses of the file, so that only what is being typed is worked out. */
  readonly memory?: Memory | undefined;
  /** No other server completes Python: the names that stand in the file are told, too. */
  readonly alone: boolean;
}

/** Where the cursor is, as it was read. */
interface Place {
  readonly meanings: Meanings;
  readonly path: string;
  readonly tree: Module;
  readonly text: string;
  readonly offset: number;
  readonly around: readonly TreeNode[];
  readonly names: () => readonly ScopeName[];
}

export function complete(path: string, offset: number, context: CompletionContext): CompletionAnswer | undefined {
  const { files, options, memory } = context;
  const text = files.read(path);
  const parse = (whole: string): Module => parseAgain(path, whole, memory?.parses);
  const completed = text === undefined ? undefined : completeText(text, offset, parse);
  if (!completed) return undefined;
  const typed: Files = {
    read: (one) => (one === path ? completed.text : files.read(one)),
    list: (folder) => files.list(folder),
  };
  const meanings = readMeanings(path, typed, options, memory, true);
  const around = nodesAround(completed.tree, completed.offset);
  const names = () => namesAt(meanings, path, completed.tree, completed.offset);
  const entries = entriesAt({ meanings, path, ...completed, around, names }, context.alone);
  return entries && { start: prefixStart(completed, offset), entries };
}

function entriesAt(place: Place, alone: boolean): readonly CompletionEntry[] | undefined {
  const { meanings, path, around, text, offset, names } = place;
  const innermost = around.at(-1);
  if (isKind(innermost, "constant")) return textEntries(place, innermost);
  if (isKind(innermost, "attribute") && innermost.name.includes(placeholder)) return memberEntries(place, innermost);
  const isName = isKind(innermost, "name") && innermost.id.includes(placeholder);
  const subscript = around.at(-2);
  if (isName && isKind(subscript, "subscript") && subscript.index === innermost) {
    const outputs = outputEntries(meanings, path, subscript);
    if (outputs) return outputs.map((entry) => ({ ...entry, label: `"${entry.label}"` }));
  }
  const call = callAround(around, offset);
  const callee = call && (calleeOf(meanings, path, call.callee) ?? ofTaskParameter(call.callee, around, text));
  const own = callee ? argumentEntries(place, call, callee, innermost) : [];
  if (call && callee?.kind === "component" && own.length > 0 && isArgumentName(innermost, call)) return own;
  const others = alone && isName ? nameEntries(names()) : [];
  const all = [...own, ...others.filter(({ label }) => !own.some((entry) => entry.label === label))];
  return all.length > 0 ? all : undefined;
}

/** What a call still takes, where the name of an argument begins; and what can be its value. */
function argumentEntries(
  place: Place,
  call: Call,
  callee: Callee,
  innermost: TreeNode | undefined,
): readonly CompletionEntry[] {
  const { names } = place;
  const given = givenNames(call);
  const at = call.arguments.findIndex(({ value }) => value === innermost);
  const argument = call.arguments[at];
  const isName = isArgumentName(innermost, call);
  if (callee.kind === "component") {
    const inputs = callable(callee.component);
    const values = runValues(names());
    const fitting = (type: ValueType) => values.filter((value) => isCompatible(value.type, type));
    if (isName)
      return inputs
        .filter(({ name }) => !given.has(name))
        .sort((a, b) => Number(a.optional) - Number(b.optional))
        .map((input) => ({
          label: `${input.name}=`,
          kind: "argument",
          detail: inputText(input),
          ...(fitting(input.type).length > 0 ? { goesOn: true } : {}),
          ...(input.description ? { says: input.description } : {}),
        }));
    const input = inputs.find(({ name }) => argument?.form === "keyword" && name === argument.name);
    if (!input || !isTyped(innermost)) return [];
    return fitting(input.type).map(({ text, type }) => ({ label: text, kind: "output", detail: typeText(type) }));
  }
  const parameters = callee.member.parameters ?? [];
  const positional =
    argument?.form === "plain" ? (parameters[at] ?? parameters.findLast((one) => one.startsWith("*"))) : undefined;
  const wanted =
    argument?.form === "keyword" && !isName
      ? parameters.find((one) => parameterName(one) === argument.name)
      : positional;
  const steps =
    wanted?.includes(": PipelineTask") === true && isTyped(innermost)
      ? names().filter(({ meaning, local }) => local && meaning?.kind === "task")
      : [];
  const stepEntries = steps.map(({ name }): CompletionEntry => ({ label: name, kind: "variable", detail: "step" }));
  if (!isName) return stepEntries;
  const left = parameters
    .slice(positionals(call))
    .filter((parameter) => !parameter.startsWith("*") && !given.has(parameterName(parameter)))
    .map(
      (parameter): CompletionEntry => ({ label: `${parameterName(parameter)}=`, kind: "argument", detail: parameter }),
    );
  return [...stepEntries, ...left];
}

function isTyped(node: TreeNode | undefined): boolean {
  return isKind(node, "name") && node.id.includes(placeholder);
}

/** Names of the file, steps and components first; then Python's own. */
function nameEntries(names: readonly ScopeName[]): readonly CompletionEntry[] {
  const entries = names
    .filter(({ name }) => !name.includes(placeholder) && !name.startsWith("__"))
    .map(nameEntry)
    .sort((a, b) => Number(b.kind === "variable") - Number(a.kind === "variable"))
    .sort((a, b) => Number(b.detail !== undefined) - Number(a.detail !== undefined));
  const own = new Set(entries.map(({ label }) => label));
  const python = pythonNames.filter(([name]) => !own.has(name)).map(([label, kind]) => ({ label, kind }));
  return [...entries, ...python];
}

/** With a detail where it is something of the pipeline's. */
function nameEntry({ name, kind, meaning, type }: ScopeName): CompletionEntry {
  switch (meaning?.kind) {
    case "component": {
      const { description } = meaning.component;
      const says = description ? { says: description } : {};
      return { label: name, kind: "function", detail: signatureText(meaning.component), ...says };
    }
    case "task":
      return { label: name, kind: "variable", detail: `step ${meaning.task.name}` };
    case "channel":
      return { label: name, kind: "variable", detail: typeText(meaning.channel.type) };
    case "module":
      return { label: name, kind: "module" };
    case "member":
      return { label: name, kind: /^[A-Z]/.test(name) ? "class" : "function" };
    case "outputs":
    case undefined:
      return { label: name, kind, ...(type ? { detail: typeText(type) } : {}) };
  }
}

/** A name where an argument begins, and not in the middle of an expression. */
function isArgumentName(innermost: TreeNode | undefined, call: Call): boolean {
  return call.arguments.some(
    (argument) =>
      (argument.form === "plain" && argument.value === innermost && isKind(innermost, "name")) ||
      (argument.form === "keyword" &&
        argument.name?.includes(placeholder) === true &&
        // The value is the `=None` that was put in.
        (argument === innermost || argument.value === innermost)),
  );
}

function givenNames(call: Call): ReadonlySet<string> {
  return new Set(call.arguments.flatMap(({ form, name }) => (form === "keyword" && name !== undefined ? [name] : [])));
}

function positionals(call: Call): number {
  return call.arguments.filter(
    ({ form, value }) => form === "plain" && !(isKind(value, "name") && value.id.includes(placeholder)),
  ).length;
}

/** Inside quotes: the outputs of a step, or the texts that a setting takes. */
function textEntries(
  { meanings, path, around, offset }: Place,
  text: TreeNode,
): readonly CompletionEntry[] | undefined {
  const subscript = around.findLast((node) => isKind(node, "subscript"));
  if (isKind(subscript, "subscript") && subscript.index === text) return outputEntries(meanings, path, subscript);
  const call = callAround(around, offset);
  const name = call && sdkName(meanings, path, call.callee);
  if (!call || name === undefined) return undefined;
  const at = call.arguments.findIndex(
    ({ value }) => value === text || (value.kind === "list" && value.elements.some((element) => element === text)),
  );
  const argument = call.arguments[at];
  const callee = calleeOf(meanings, path, call.callee);
  if (!argument || callee?.kind !== "sdk") return undefined;
  const parameter = argument.form === "keyword" ? argument.name : parameterName(callee.member.parameters?.[at] ?? "");
  const texts = [
    ...usedTexts(meanings, `${name}.${parameter ?? ""}`),
    ...(usualTexts[`${name}.${parameter ?? ""}`] ?? []),
  ];
  return texts.length > 0 ? [...new Set(texts)].map((label) => ({ label, kind: "text" })) : undefined;
}

/** Images and packages that the components of these files have already. */
function usedTexts(meanings: Meanings, parameter: string): readonly string[] {
  const isImage = imageParameters.has(parameter);
  if (!isImage && !/^dsl\.\w+\.packages_to_install$/.test(parameter)) return [];
  return meanings.sources.flatMap(({ component: { implementation } }) => {
    if (implementation.kind !== "container") return [];
    const { container } = implementation;
    const texts = isImage ? [container.image] : installedPackages(container);
    return texts.filter((text) => !text.includes(placeholder));
  });
}

function outputEntries(
  meanings: Meanings,
  path: string,
  subscript: Extract<Expression, { kind: "subscript" }>,
): readonly CompletionEntry[] | undefined {
  const object = meanings.of(path, subscript.object);
  if (object?.kind !== "outputs") return undefined;
  return object.task.component.outputs.map(({ name, type, description }) => ({
    label: name,
    kind: "output",
    detail: typeText(type),
    ...(description ? { says: description } : {}),
  }));
}

function memberEntries(
  { meanings, path, around, text, offset }: Place,
  { object }: Extract<Expression, { kind: "attribute" }>,
): readonly CompletionEntry[] | undefined {
  const meaning = meanings.of(path, object);
  if (meaning?.kind === "task" || (meaning === undefined && isTaskParameter(object, around, text)))
    return Object.entries(taskMembers).map(([name, member]) => memberEntry(name, member, "method"));
  if (meaning?.kind !== "module") return undefined;
  if (meaning.name === "kfp.kubernetes")
    return Object.entries(kubernetesMembers).map(([name, member]) => memberEntry(name, member, "function"));
  if (meaning.name !== "kfp.dsl") {
    const members = meanings.members(meaning.name);
    return members.length > 0 ? members.map((label) => ({ label, kind: "variable" })) : undefined;
  }
  const rest = text.slice(offset).replace(/^\w*/, "");
  const isBlock = isKind(around.at(-2), "with") && /^(?::pass)?[ \t]*(?:[\r\n]|$)/.test(rest);
  return Object.entries(dslMembers).map(([name, member]) => {
    const entry = memberEntry(name, member, /^[A-Z]/.test(name) ? "class" : "function");
    const block = isBlock ? blocks[name] : undefined;
    return block === undefined ? entry : { ...entry, insert: `${name}${block}`, isSnippet: true };
  });
}

/** `task: PipelineTask` of a helper that no pipeline calls yet. */
function isTaskParameter(object: Expression, around: readonly TreeNode[], text: string): boolean {
  if (!isKind(object, "name")) return false;
  const helper = around.findLast((node): node is FunctionDefinition => isKind(node, "function"));
  const annotation = helper?.parameters.find(({ name }) => name === object.id)?.annotation;
  return annotation !== undefined && /\bPipelineTask\b/.test(text.slice(annotation.start, annotation.end));
}

function ofTaskParameter(callee: Expression, around: readonly TreeNode[], text: string): Callee | undefined {
  if (!isKind(callee, "attribute") || !isTaskParameter(callee.object, around, text)) return undefined;
  const name = `task.${callee.name}`;
  const member = sdkMember(name);
  return member && { kind: "sdk", name, member };
}

/** What is written after `with dsl.`. */
const blocks: Readonly<Record<string, string>> = {
  If: "(${1:condition}):\n\t$0",
  Elif: "(${1:condition}):\n\t$0",
  Else: "():\n\t$0",
  ParallelFor: "(${1:items}) as ${2:item}:\n\t$0",
  ExitHandler: "(${1:exit_task}):\n\t$0",
};

const imageParameters: ReadonlySet<string> = new Set([
  "dsl.component.base_image",
  "dsl.notebook_component.base_image",
  "dsl.ContainerSpec.image",
  "task.set_container_image.name",
]);

function memberEntry(label: string, member: SdkMember, kind: CompletionEntry["kind"]): CompletionEntry {
  return {
    label,
    kind: member.parameters ? kind : kind === "method" ? "property" : kind,
    ...(member.parameters ? { detail: `(${member.parameters.join(", ")})` } : {}),
    says: member.says,
    ...(member.replacement ? { deprecated: true } : {}),
  };
}

/** Of the word, or of the text inside quotes, that is being typed. */
function prefixStart({ text, tree, offset }: Completed, cursor: number): number {
  const innermost = nodesAround(tree, offset).at(-1);
  if (isKind(innermost, "constant")) {
    const quotes = /^[A-Za-z]*("""|'''|"|')/.exec(text.slice(innermost.start, innermost.end))?.[0].length ?? 0;
    return Math.min(cursor, innermost.start + quotes);
  }
  return cursor - (/\w*$/.exec(text.slice(0, cursor))?.[0].length ?? 0);
}
