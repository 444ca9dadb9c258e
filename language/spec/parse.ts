/** YAML or JSON text into values that fit a schema, with bounds: a hostile file costs no more than a large one. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  type Scalar,
} from "yaml";
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import { itemShape, memberShape, type Shape } from "./schema.ts";
import type { Json } from "./types.ts";
import { pyYamlTags } from "./yaml-tags.ts";

/** What a file may hold. The largest real pipelines have some 60,000 lines. */
const limits = { characters: 64_000_000, signs: 1_000_000, nodes: 3_000_000, depth: 100, diagnostics: 50 };

/** Signs that may begin a node: the parser's tree takes some hundred times their room. */
function signsIn(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // A line break, a comma, and brackets that open.
    if (code === 10 || code === 44 || code === 91 || code === 123) count++;
  }
  return count;
}

export type YamlDocument = Document.Parsed;

/** The documents of a text; none where a diagnostic says why. */
export function parseDocuments(
  path: string,
  text: string,
): { readonly documents: readonly YamlDocument[]; readonly diagnostics: readonly Diagnostic[] } {
  const start: Span = { path, start: 0, end: Math.min(text.length, 1) };
  const tooLarge = (what: string) => ({ documents: [], diagnostics: [diagnose("file-too-large", start, what)] });
  if (text.length > limits.characters) return tooLarge(`${text.length} characters`);
  const signs = signsIn(text);
  if (signs > limits.signs) return tooLarge(`${signs} lines and items`);
  // PyYAML speaks YAML 1.1. The parser's own check for equal keys is quadratic; `readNode` has one.
  const options = {
    version: "1.1",
    customTags: pyYamlTags,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  } as const;
  let documents: readonly YamlDocument[];
  try {
    documents = [...parseAllDocuments(text, options)];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return tooLarge("it is nested too deeply");
  }
  const errors = documents.flatMap((document) => document.errors).slice(0, limits.diagnostics);
  if (errors.some((error) => error.message.includes("call stack"))) return tooLarge("it is nested too deeply");
  const diagnostics = errors.map((error) => {
    const [from, to] = error.pos;
    return diagnose(
      "syntax-error",
      { path, start: from, end: Math.max(to, from + 1) },
      error.message.replace(/\.$/, ""),
    );
  });
  return { documents: errors.length === 0 ? documents : [], diagnostics };
}

/** The value of a node, held against its shape. Where there are diagnostics, the value is of no use. */
export function readNode(
  path: string,
  document: YamlDocument,
  root: Node,
  rootShape: Shape,
  rootName: string,
): { readonly value: Json; readonly diagnostics: readonly Diagnostic[]; readonly unknown: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  /** Members that no message of the schema has. */
  const unknown: Diagnostic[] = [];
  let nodes = 0;
  let anchors: Map<string, Node> | undefined;

  const report = (diagnostic: Diagnostic): null => {
    if (diagnostics.length < limits.diagnostics) diagnostics.push(diagnostic);
    return null;
  };
  const misfit = (node: Node, what: string, wanted: string) =>
    report(diagnose("spec-shape", spanOf(path, node), what, wanted));

  function read(node: Node, shape: Shape | undefined, what: string, depth: number): Json {
    // An alias counts whenever it is followed: this is what stops a YAML bomb.
    nodes++;
    if (nodes > limits.nodes) {
      return nodes === limits.nodes + 1
        ? report(diagnose("file-too-large", spanOf(path, node), "its aliases unfold without end"))
        : null;
    }
    if (depth > limits.depth) return report(diagnose("file-too-large", spanOf(path, node), "it is nested too deeply"));
    if (isAlias(node)) {
      const target = (anchors ??= anchorsOf(document)).get(node.source);
      return target ? read(target, shape, what, depth + 1) : misfit(node, what, "an alias of an anchor above it");
    }
    if (isScalar(node)) return readScalar(node, shape, what);
    const wanted = shape === undefined || shape === "any" ? undefined : shapeWords(shape);
    if (isSeq(node)) {
      if (wanted !== undefined && wanted !== "a list") return misfit(node, what, wanted);
      const items = node.items.filter((item) => isNode(item));
      return items.map((item) => read(item, itemShape(shape), `An item of ${what}`, depth + 1));
    }
    if (!isMap(node)) return null;
    if (wanted !== undefined && wanted !== "a mapping") return misfit(node, what, wanted);
    const object: Record<string, Json> = {};
    const names = new Set<string>();
    const given = new Set<string>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? sourceText(key) : undefined;
      if (name === undefined) {
        misfit(isNode(key) ? key : node, `A key of ${what}`, "text");
        continue;
      }
      if (names.has(name))
        report(diagnose("syntax-error", spanOf(path, isNode(key) ? key : node), `"${name}" is here twice`));
      names.add(name);
      const inner = memberShape(shape, name);
      const message = typeof shape === "object" && shape.kind === "message" ? shape : undefined;
      const does = message?.isOpen === true ? "ignores it" : "refuses the file";
      if (message && inner === undefined && unknown.length < limits.diagnostics)
        unknown.push(diagnose("spec-unknown", spanOf(path, isNode(key) ? key : node), name, what, does));
      const before = diagnostics.length;
      const member = isNode(value) ? read(value, inner, `"${name}"`, depth + 1) : null;
      // What does not fit is not missing, too.
      if (member !== null || inner === "any" || diagnostics.length > before) given.add(name);
      // A null member means "not set" in protobuf's JSON, but for a Value.
      if (member === null && inner !== undefined && inner !== "any") continue;
      // An assignment to `__proto__` would make no member.
      Object.defineProperty(object, name, { value: member, enumerable: true, configurable: true, writable: true });
    }
    if (typeof shape === "object" && shape.kind === "message") {
      for (const field of shape.required) {
        const [now = "", before] = field.split("|");
        if (!given.has(now) && (before === undefined || !given.has(before)))
          report(diagnose("spec-missing", spanOf(path, node), what, now));
      }
    }
    return object;
  }

  function readScalar(node: Scalar, shape: Shape | undefined, what: string): Json {
    const { value } = node;
    if (value === null || value === undefined) return null;
    const plain =
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : sourceText(node);
    if (shape === undefined || shape === "any") return typeof value === "bigint" ? Number(value) : plain;
    if (typeof shape === "object" && shape.kind === "enum")
      return shape.names.includes(sourceText(node)) ? sourceText(node) : misfit(node, what, shapeWords(shape));
    switch (shape) {
      case "string":
        return typeof value === "boolean" ? misfit(node, what, "text") : sourceText(node);
      case "boolean":
        return typeof value === "boolean" ? value : misfit(node, what, "true or false");
      case "integer":
      case "double": {
        // Protobuf's JSON takes numbers as text too.
        const number =
          typeof plain === "number"
            ? plain
            : typeof plain === "string" && plain.trim() !== ""
              ? Number(plain)
              : Number.NaN;
        const fits = shape === "integer" ? Number.isInteger(number) : !Number.isNaN(number);
        return fits ? number : misfit(node, what, shape === "integer" ? "an integer" : "a number");
      }
      default:
        return misfit(node, what, shapeWords(shape));
    }
  }

  return { value: read(root, rootShape, rootName, 0), diagnostics, unknown };
}

/** The characters of a node, at least one. */
export function spanOf(path: string, node: Node): Span {
  const [start, end] = node.range ?? [0, 1];
  return { path, start, end: Math.max(end, start + 1) };
}

/** A scalar as it was written: `1.10` stays `1.10` where text is wanted. */
export function sourceText(scalar: Scalar): string {
  return typeof scalar.value === "string" ? scalar.value : (scalar.source ?? String(scalar.value));
}

function shapeWords(shape: Exclude<Shape, "any">): string {
  if (typeof shape === "object") {
    if (shape.kind === "enum") return `one of ${shape.names.join(", ")}`;
    return shape.kind === "list" ? "a list" : "a mapping";
  }
  return { string: "text", boolean: "true or false", integer: "an integer", double: "a number" }[shape];
}

/** Last anchor of each name; found once, since resolving aliases one by one is quadratic. */
function anchorsOf(document: YamlDocument): Map<string, Node> {
  const anchors = new Map<string, Node>();
  const rest: unknown[] = [document.contents];
  while (rest.length > 0) {
    const node = rest.pop();
    if (!isNode(node) || isAlias(node)) continue;
    if (node.anchor !== undefined && !anchors.has(node.anchor)) anchors.set(node.anchor, node);
    if (isSeq(node)) for (const item of node.items) rest.push(item);
    if (isMap(node)) for (const pair of node.items) rest.push(pair.value, pair.key);
  }
  return anchors;
}
