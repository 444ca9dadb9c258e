/** What TypeScript cannot complete: values of step options, and components of files that are not imported. */
import { knownAccelerators } from "../../typescript/checks.ts";
import { defaultImage } from "../../typescript/definers.ts";
import { importedName } from "../../typescript/modules.ts";
import { ts } from "../../typescript/syntax.ts";
import type { Edit } from "../fixes.ts";
import { importEdit, relativePath } from "./imports.ts";
import type { Offered } from "./offers.ts";
import { definerOf, optionsAt } from "./options-at.ts";
import { nodesAround, pipelineAt, type Reading, type Syntax } from "./reading.ts";

export interface CompletionEntry {
  readonly label: string;
  readonly kind: "value" | "component";
  readonly insert: string;
  readonly detail?: string;
  readonly says?: string;
  /** Elsewhere in the file. */
  readonly more?: readonly Edit[];
}

export interface Completions {
  /** Where the word begins that they replace, up to the offset or `end`. */
  readonly start: number;
  readonly end: number;
  readonly entries: readonly CompletionEntry[];
}

/** Undefined where TypeScript's own answer is all there is. */
export function complete(reading: Reading, offset: number, offered: readonly Offered[]): Completions | undefined {
  return optionValues(reading, offset) ?? components(reading, offset, offered);
}

/** Whether `complete` may have an answer, by the syntax alone: most places of a file are TypeScript's. */
export function mayComplete(syntax: Syntax, offset: number, offered: readonly Offered[]): boolean {
  return optionAt(syntax, offset) !== undefined || (offered.length > 0 && nameAt(syntax, offset) !== undefined);
}

// ── Values of options ───────────────────────────────────────────────────────

function optionValues(reading: Reading, offset: number): Completions | undefined {
  const found = optionAt(reading, offset);
  if (!found) return undefined;
  const { member, literal, start, end } = found;
  const values = valuesOf(reading, member, reading.text.slice(start, offset));
  if (!values || values.length === 0) return undefined;
  const entries = values.map(([value, says]): CompletionEntry => {
    const written = literal ? value : JSON.stringify(value);
    return { label: written, kind: "value", insert: written, ...(says === "" ? {} : { detail: says }) };
  });
  return { start, end, entries };
}

/** The member of an object whose value is being written, and where that stands. */
function optionAt({ file, text }: Syntax, offset: number) {
  const nodes = nodesAround(file, offset);
  const literal = nodes.findLast(ts.isStringLiteralLike);
  // Half-typed text has no value yet: `memory: ` ends with its colon.
  const member = literal
    ? nodes.findLast(ts.isPropertyAssignment)
    : nodesAround(file, text.slice(0, offset).trimEnd().length).findLast(ts.isPropertyAssignment);
  if (!member) return undefined;
  const isInside =
    literal !== undefined && offset > literal.getStart() && member.initializer.getStart() <= literal.getStart();
  const isEmpty = !literal && text.slice(member.name.end, offset).trim() === ":";
  if (!isInside && !isEmpty) return undefined;
  if (isInside && literal.parent !== member && !ts.isArrayLiteralExpression(literal.parent)) return undefined;
  return literal
    ? {
        member,
        literal,
        start: literal.getStart() + 1,
        end: Math.max(offset, literal.end - (isClosed(literal) ? 1 : 0)),
      }
    : { member, literal, start: offset, end: offset };
}

function isClosed(literal: ts.StringLiteralLike): boolean {
  const text = literal.getText();
  return text.length > 1 && text.at(-1) === text.charAt(0);
}

type Value = readonly [value: string, says: string];

/** What may be written as the value of a member of options; undefined where nobody can say. */
function valuesOf(reading: Reading, member: ts.PropertyAssignment, typed: string): readonly Value[] | undefined {
  const name = member.name.getText().replace(/^["']|["']$/g, "");
  const outer = ts.isPropertyAssignment(member.parent.parent) ? member.parent.parent.name.getText() : "";
  if (outer === "fieldEnv" && isStep(reading, member.parent.parent)) return fields;
  const options = optionsAt(reading, member.parent);
  if (!options) return isImageOfContainer(reading, member, name) ? images(reading) : undefined;
  if (options.step === undefined) return name === "image" ? images(reading) : undefined;
  switch ([...options.step, name].join(".")) {
    case "image":
      return images(reading);
    case "memory":
    case "memory.request":
    case "memory.limit":
    case "sharedMemory":
    case "volumes.size":
    case "volumes.sizeLimit":
      return amounts(typed);
    case "cpu":
    case "cpu.request":
    case "cpu.limit":
      return processors;
    case "gpu.type":
      return knownAccelerators.map((each) => [each, ""]);
    case "timeout":
    case "retry.backoff":
    case "retry.max":
      return durations;
    case "volumes.accessModes":
      return accessModes;
    case "volumes.medium":
      return [["Memory", "kept in memory"]];
    default:
      return undefined;
  }
}

function isStep(reading: Reading, member: ts.Node): boolean {
  const literal = member.parent;
  return ts.isObjectLiteralExpression(literal) && optionsAt(reading, literal)?.step?.length === 0;
}

/** `container(() => ({ image: "…" }))`. */
function isImageOfContainer(reading: Reading, member: ts.Node, name: string): boolean {
  if (name !== "image") return false;
  for (let node = member; !ts.isSourceFile(node); node = node.parent)
    if (ts.isCallExpression(node) && definerOf(reading, node)) return true;
  return false;
}

/** Those of the file's own steps first. */
function images({ marks }: Reading): readonly Value[] {
  const used = marks.flatMap((mark) => {
    if (mark.kind !== "step" || mark.task.component.implementation.kind !== "container") return [];
    const { image } = mark.task.settings;
    const own = image?.kind === "string" ? [image.value] : [];
    return [...own, mark.task.component.implementation.container.image];
  });
  const own = [...new Set(used)].filter((each) => each !== "" && !each.includes("{{"));
  const known: readonly Value[] = [
    [defaultImage, "what TypeScript components run in"],
    ["node:24", "Node with a compiler and git"],
    ["python:3.12-slim", ""],
  ];
  return [
    ...own.map((each): Value => [each, "of a step of this file"]),
    ...known.filter(([image]) => !own.includes(image)),
  ];
}

function amounts(typed: string): readonly Value[] {
  const [digits = ""] = /^\d+/.exec(typed) ?? [];
  const says: Readonly<Record<string, string>> = {
    Mi: "2²⁰ bytes",
    Gi: "2³⁰ bytes",
    Ti: "2⁴⁰ bytes",
    G: "10⁹ bytes",
    M: "10⁶ bytes",
  };
  if (digits !== "") return ["Gi", "Mi", "G", "M", "Ti"].map((unit): Value => [digits + unit, says[unit] ?? ""]);
  return ["512Mi", "1Gi", "2Gi", "4Gi", "8Gi", "16Gi", "32Gi", "64Gi"].map((each): Value => [each, ""]);
}

const processors: readonly Value[] = [
  ["500m", "half a processor"],
  ...["1", "2", "4", "8", "16"].map((each): Value => [each, each === "1" ? "one processor" : `${each} processors`]),
];

const durations: readonly Value[] = [
  ["30s", "half a minute"],
  ["5m", "five minutes"],
  ["30m", "half an hour"],
  ["2h", "two hours"],
  ["1d", "a day"],
];

const accessModes: readonly Value[] = [
  ["ReadWriteOnce", "by one node"],
  ["ReadWriteMany", "by many nodes"],
  ["ReadOnlyMany", "read by many nodes"],
  ["ReadWriteOncePod", "by one pod"],
];

/** Fields of a pod that the downward API hands to environment variables. */
const fields: readonly Value[] = [
  ["metadata.name", "the pod"],
  ["metadata.namespace", ""],
  ["metadata.uid", ""],
  ["spec.nodeName", "the node"],
  ["spec.serviceAccountName", ""],
  ["status.podIP", ""],
  ["status.hostIP", ""],
  ["metadata.labels['…']", "one label"],
  ["metadata.annotations['…']", "one annotation"],
];

// ── Components ──────────────────────────────────────────────────────────────

/** Components that are not imported, where a pipeline can call one. */
function components(reading: Reading, offset: number, offered: readonly Offered[]): Completions | undefined {
  const start = nameAt(reading, offset);
  if (start === undefined || !pipelineAt(reading, offset)) return undefined;
  const { path, module } = reading;
  const entries = offered.flatMap(({ name, path: from, description }): CompletionEntry[] => {
    if (from === path || module.imports.has(name) || module.exports.has(name)) return [];
    const source = relativePath(path, from);
    const edit = importEdit(reading, source, name);
    if (!edit || importedName(module, name) !== undefined) return [];
    const says = description === undefined ? {} : { says: description };
    return [{ label: name, kind: "component", insert: name, detail: `Import from ${source}`, more: [edit], ...says }];
  });
  return entries.length > 0 ? { start, end: offset, entries } : undefined;
}

/** Where the name begins that is being written, where a component can be called. */
function nameAt({ file, text }: Syntax, offset: number): number | undefined {
  const [word = ""] = /[A-Za-z_$][\w$]*$/.exec(text.slice(Math.max(0, offset - 200), offset)) ?? [];
  if (word === "") return undefined;
  const start = offset - word.length;
  if (!/(?:^|[;{}(=:>?[&|!,]|\breturn|\bof)\s*$/.test(text.slice(Math.max(0, start - 200), start))) return undefined;
  const nodes = nodesAround(file, start, offset);
  const innermost = nodes.at(-1);
  const holder = innermost && ts.isIdentifier(innermost) ? innermost.parent : innermost;
  if (!holder || !nodes.some(isFunction)) return undefined;
  if (ts.isObjectLiteralExpression(holder) || ts.isShorthandPropertyAssignment(holder) || isDeclaration(holder, start))
    return undefined;
  return start;
}

function isFunction(node: ts.Node): boolean {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isFunctionDeclaration(node);
}

/** Whether the word is a name that is being declared. */
function isDeclaration(node: ts.Node, start: number): boolean {
  const isNamed =
    ts.isVariableDeclaration(node) ||
    ts.isBindingElement(node) ||
    ts.isParameter(node) ||
    ts.isPropertyAssignment(node);
  return (isNamed && node.name.getStart() === start) || ts.isTypeNode(node) || ts.isTypeElement(node);
}
