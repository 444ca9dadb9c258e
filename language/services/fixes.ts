/** Obvious repairs of what a diagnostic says, as edits of the file that it stands in. */
import type { Channel, InputDefinition } from "../graph/model.ts";
import { isCompatible } from "../graph/types.ts";
import type { Meanings } from "../python/meanings.ts";
import type { Argument, Call } from "../python/syntax.ts";
import { functionsOf, isKind, nodesAround, type TreeNode, visit } from "../python/tree.ts";
import type { Span } from "../source.ts";
import { calleeOf, sdkName } from "./calls.ts";
import { definitionFix } from "./definition-fixes.ts";
import { valueFix } from "./value-fixes.ts";
import { nearest } from "./nearest.ts";
import { dslMembers, kubernetesMembers, parameterName, sdkMember, taskMembers } from "./sdk.ts";
import { inQuotes, isText } from "./symbols.ts";
import { callable } from "./words.ts";

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** Of the diagnostic that it repairs; absent for what no diagnostic says. */
  readonly code?: string;
}

/** What of a diagnostic a client hands back. */
export interface Complaint {
  readonly code: string;
  readonly start: number;
  readonly end: number;
}

/** Repairs for the complaints, and for the deprecated calls, within a range of a file. */
export function fixes(
  meanings: Meanings,
  path: string,
  range: { readonly start: number; readonly end: number },
  complaints: readonly Complaint[],
): readonly Fix[] {
  const found: Fix[] = [];
  for (const complaint of complaints) {
    const fix = repair(meanings, path, complaint);
    if (fix) found.push({ ...fix, code: complaint.code });
  }
  visit(meanings.tree(path), (node) => {
    if (node.end < range.start || node.start > range.end) return false;
    const fix = isKind(node, "call") ? replaceDeprecated(meanings, path, node) : undefined;
    if (fix && !found.some(({ title }) => title === fix.title)) found.push(fix);
    return true;
  });
  return found;
}

function repair(meanings: Meanings, path: string, { code, start, end }: Complaint): Fix | undefined {
  const tree = meanings.tree(path);
  const around = nodesAround(tree, start);
  const text = meanings.text(path);
  switch (code) {
    case "unknown-input":
    case "unknown-parameter": {
      const found = argumentAt(around, start);
      const callee = found && calleeOf(meanings, path, found.call.callee);
      if (!found || !callee) return undefined;
      const given = new Set(found.call.arguments.map(({ name }) => name));
      const names =
        callee.kind === "component"
          ? callable(callee.component).map(({ name }) => name)
          : (callee.member.parameters ?? []).map(parameterName);
      const { name = "", start: at } = found.argument;
      return replaceName(
        path,
        at,
        name,
        names.filter((one) => !given.has(one)),
      );
    }
    case "unknown-output": {
      const subscript = around.findLast((node) => isKind(node, "subscript") && node.end === end);
      if (!isKind(subscript, "subscript") || !isText(subscript.index)) return undefined;
      const object = meanings.of(path, subscript.object);
      if (object?.kind !== "outputs") return undefined;
      const names = object.task.component.outputs.map(({ name }) => name);
      const place = inQuotes(text, subscript.index);
      // One output is meant, whatever was written.
      const meant = nearest(subscript.index.value, names) ?? (names.length === 1 ? names[0] : undefined);
      return meant === undefined ? undefined : replacement(path, place.start, place.end, meant);
    }
    case "which-output": {
      const attribute = around.findLast((node) => isKind(node, "attribute") && node.name === "output");
      if (!isKind(attribute, "attribute")) return undefined;
      const object = meanings.of(path, attribute.object);
      const [first] = object?.kind === "task" ? object.task.component.outputs : [];
      if (!first) return undefined;
      return replacement(path, attribute.end - "output".length, attribute.end, `outputs["${first.name}"]`);
    }
    case "missing-inputs": {
      const call = around.findLast((node) => isKind(node, "call") && node.end >= end);
      return isKind(call, "call") ? insertMissing(meanings, path, call) : undefined;
    }
    case "python-error":
    case "unknown-setting":
    case "unresolved-name":
      return misspelt(meanings, path, start, end);
    default:
      return definitionFix(meanings, path, { code, start, end }) ?? valueFix(meanings, path, { code, start, end });
  }
}

/** The argument whose value stands at an offset, by name, with its call. */
function argumentAt(
  around: readonly TreeNode[],
  start: number,
): { readonly call: Call; readonly argument: Argument } | undefined {
  for (const call of around.toReversed()) {
    if (!isKind(call, "call")) continue;
    const argument = call.arguments.find(
      (one) => one.form === "keyword" && (one.value.start === start || one.start === start),
    );
    if (argument) return { call, argument };
  }
  return undefined;
}

/** A member that an object of the SDK does not have, or a name that a module does not. */
function misspelt(meanings: Meanings, path: string, start: number, end: number): Fix | undefined {
  const around = nodesAround(meanings.tree(path), Math.max(start, end - 1));
  const attribute = around.findLast((node) => isKind(node, "attribute") && node.end === end);
  if (isKind(attribute, "attribute")) {
    const object = meanings.of(path, attribute.object);
    const names =
      object?.kind === "task"
        ? taskMembers
        : object?.kind === "module" && object.name === "kfp.dsl"
          ? dslMembers
          : object?.kind === "module" && object.name === "kfp.kubernetes"
            ? kubernetesMembers
            : {};
    return replaceName(path, attribute.end - attribute.name.length, attribute.name, Object.keys(names));
  }
  const statement = around.findLast((node) => isKind(node, "import-from"));
  if (!isKind(statement, "import-from")) return undefined;
  const imported = statement.names.find((one) => one.start <= start && start <= one.end);
  if (!imported) return undefined;
  const module = statement.path.join(".");
  const names =
    module === "kfp.dsl"
      ? Object.keys(dslMembers)
      : module === "kfp"
        ? ["dsl", "compiler", "components", "kubernetes", "local", "Client"]
        : module === "kfp.kubernetes"
          ? Object.keys(kubernetesMembers)
          : meanings.members(module);
  return replaceName(path, imported.start, imported.name, names);
}

function replaceName(path: string, start: number, name: string, names: readonly string[]): Fix | undefined {
  const meant = nearest(name, names);
  return meant === undefined ? undefined : replacement(path, start, start + name.length, meant);
}

function replacement(path: string, start: number, end: number, text: string): Fix {
  return { title: `Change to ${text}`, edits: [{ span: { path, start, end }, text }] };
}

/** Every input that must be given, each with a value of the pipeline that fits it, or one of its type. */
function insertMissing(meanings: Meanings, path: string, call: Call): Fix | undefined {
  const callee = calleeOf(meanings, path, call.callee);
  if (callee?.kind !== "component") return undefined;
  const given = new Set(call.arguments.map(({ name }) => name));
  const missing = callable(callee.component).filter(({ name, optional }) => !optional && !given.has(name));
  if (missing.length === 0) return undefined;
  const text = meanings.text(path);
  const values = valuesBefore(meanings, path, call.start);
  const written = missing.map((input) => `${input.name}=${fitting(input, values) ?? emptyOf(input)}`).join(", ");
  const inside = text.slice(call.callee.end, call.end - 1).trimEnd();
  const at = call.callee.end + inside.length;
  const separator = inside.endsWith("(") ? "" : inside.endsWith(",") ? " " : ", ";
  const names = missing.map(({ name }) => name).join(", ");
  return { title: `Add ${names}`, edits: [{ span: { path, start: at, end: at }, text: separator + written }] };
}

interface Named {
  readonly text: string;
  readonly name: string;
  readonly type: Channel["type"];
}

/** Values of the run that have a name before an offset of the same function: its parameters, and what its steps give. */
function valuesBefore(meanings: Meanings, path: string, offset: number): readonly Named[] {
  const around = functionsOf(meanings.tree(path)).findLast(({ start, end }) => start <= offset && offset <= end);
  if (!around) return [];
  const found: Named[] = [];
  for (const { component, nameSpan } of meanings.sources)
    if (nameSpan.path === path && nameSpan.start === around.nameStart)
      for (const { name, type } of component.inputs) found.push({ text: name, name, type });
  visit({ body: around.body }, (node) => {
    if (!isKind(node, "assign") || node.end > offset) return;
    for (const target of node.targets) {
      if (!isKind(target, "name")) continue;
      const meaning = meanings.of(path, target);
      if (meaning?.kind === "channel") found.push({ text: target.id, name: target.id, type: meaning.channel.type });
      if (meaning?.kind !== "task") continue;
      const { outputs } = meaning.task.component;
      for (const { name, type } of outputs)
        found.push({
          text: outputs.length === 1 ? `${target.id}.output` : `${target.id}.outputs["${name}"]`,
          name,
          type,
        });
    }
  });
  return found;
}

/** One of the same name first; an artifact else takes the newest that fits. */
function fitting({ name, type }: InputDefinition, values: readonly Named[]): string | undefined {
  const fit = values.filter((value) => isCompatible(value.type, type));
  const same = fit.findLast((value) => value.name === name);
  return (same ?? (type.kind === "artifact" ? fit.at(-1) : undefined))?.text;
}

function emptyOf({ type }: InputDefinition): string {
  if (type.kind === "artifact") return "None";
  switch (type.type) {
    case "NUMBER_INTEGER":
      return "0";
    case "NUMBER_DOUBLE":
      return "0.0";
    case "BOOLEAN":
      return "False";
    case "LIST":
      return "[]";
    case "STRUCT":
      return "{}";
    default:
      return '""';
  }
}

/** `set_gpu_limit(gpu=…)` → `set_accelerator_limit(limit=…)` */
function replaceDeprecated(meanings: Meanings, path: string, call: Call): Fix | undefined {
  const { callee } = call;
  const name = sdkName(meanings, path, callee);
  const wanted = name === undefined ? undefined : sdkMember(name)?.replacement;
  if (!wanted || !isKind(callee, "attribute")) return undefined;
  const edits: Edit[] = [
    { span: { path, start: callee.end - callee.name.length, end: callee.end }, text: wanted.name },
  ];
  for (const { form, name: parameter = "", start } of call.arguments) {
    const other = form === "keyword" ? wanted.parameters?.[parameter] : undefined;
    if (other !== undefined) edits.push({ span: { path, start, end: start + parameter.length }, text: other });
  }
  return { title: `Use ${wanted.name}`, edits };
}
