/**
 * Completion where a Python server has nothing to say, or is not there: what a component's call
 * takes, the outputs of a step, the SDK's members and what they take.
 */
import type { AnalyzeOptions } from "../analyze.ts";
import { type Meanings, readMeanings } from "../python/meanings.ts";
import type { Call, Expression } from "../python/syntax.ts";
import { isKind, nodesAround, type TreeNode } from "../python/tree.ts";
import type { Files } from "../source.ts";
import { callAround, calleeOf, sdkName } from "./calls.ts";
import { type Completed, completeText, placeholder } from "./half-typed.ts";
import { dslMembers, kubernetesMembers, parameterName, type SdkMember, taskMembers, usualTexts } from "./sdk.ts";
import { callable, inputText, typeText } from "./words.ts";

export interface CompletionEntry {
  readonly label: string;
  readonly kind: "argument" | "output" | "method" | "property" | "function" | "class" | "text";
  /** What is written; the label where absent. */
  readonly insert?: string;
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
  /** Another server completes members and arguments of the SDK: they are left to it. */
  readonly besideOther: boolean;
}

export function complete(path: string, offset: number, context: CompletionContext): CompletionAnswer | undefined {
  const text = context.files.read(path);
  const completed = text === undefined ? undefined : completeText(text, offset);
  if (!completed) return undefined;
  const { files } = context;
  const typed: Files = {
    read: (one) => (one === path ? completed.text : files.read(one)),
    list: (folder) => files.list(folder),
  };
  const meanings = readMeanings(path, typed, context.options);
  const entries = entriesAt(meanings, path, completed, context.besideOther);
  return entries && { start: prefixStart(completed, offset), entries };
}

function entriesAt(
  meanings: Meanings,
  path: string,
  { tree, offset }: Completed,
  besideOther: boolean,
): readonly CompletionEntry[] | undefined {
  const around = nodesAround(tree, offset);
  const innermost = around.at(-1);
  if (isKind(innermost, "constant")) return textEntries(meanings, path, around, innermost, offset);
  if (isKind(innermost, "attribute") && innermost.name.includes(placeholder))
    return besideOther ? undefined : memberEntries(meanings, path, innermost.object);
  const call = callAround(around, offset);
  if (!call || !isArgumentName(innermost, call)) return undefined;
  const callee = calleeOf(meanings, path, call.callee);
  if (!callee) return undefined;
  const given = givenNames(call);
  if (callee.kind === "component")
    return callable(callee.component)
      .filter(({ name }) => !given.has(name))
      .sort((a, b) => Number(a.optional) - Number(b.optional))
      .map((input) => ({
        label: `${input.name}=`,
        kind: "argument",
        detail: inputText(input),
        ...(input.description ? { says: input.description } : {}),
      }));
  if (besideOther) return undefined;
  const parameters = (callee.member.parameters ?? []).slice(positionals(call));
  return parameters
    .filter((parameter) => !parameter.startsWith("*") && !given.has(parameterName(parameter)))
    .map((parameter) => ({ label: `${parameterName(parameter)}=`, kind: "argument", detail: parameter }));
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
  meanings: Meanings,
  path: string,
  around: readonly TreeNode[],
  text: TreeNode,
  offset: number,
): readonly CompletionEntry[] | undefined {
  const subscript = around.findLast((node) => isKind(node, "subscript"));
  if (isKind(subscript, "subscript") && subscript.index === text) {
    const object = meanings.of(path, subscript.object);
    if (object?.kind !== "outputs") return undefined;
    return object.task.component.outputs.map(({ name, type, description }) => ({
      label: name,
      kind: "output",
      detail: typeText(type),
      ...(description ? { says: description } : {}),
    }));
  }
  const call = callAround(around, offset);
  const name = call && sdkName(meanings, path, call.callee);
  if (!call || name === undefined) return undefined;
  const at = call.arguments.findIndex(({ value }) => value === text);
  const argument = call.arguments[at];
  const callee = calleeOf(meanings, path, call.callee);
  if (!argument || callee?.kind !== "sdk") return undefined;
  const parameter = argument.form === "keyword" ? argument.name : parameterName(callee.member.parameters?.[at] ?? "");
  const texts = usualTexts[`${name}.${parameter ?? ""}`];
  return texts?.map((label) => ({ label, kind: "text" }));
}

function memberEntries(meanings: Meanings, path: string, object: Expression): readonly CompletionEntry[] | undefined {
  const meaning = meanings.of(path, object);
  if (meaning?.kind === "task")
    return Object.entries(taskMembers).map(([name, member]) => memberEntry(name, member, "method"));
  if (meaning?.kind !== "module") return undefined;
  const members = meaning.name === "kfp.dsl" ? dslMembers : meaning.name === "kfp.kubernetes" ? kubernetesMembers : {};
  return Object.entries(members).map(([name, member]) =>
    memberEntry(name, member, /^[A-Z]/.test(name) ? "class" : "function"),
  );
}

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
