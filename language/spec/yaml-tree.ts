import { isAlias, isMap, isNode, isScalar, isSeq, type Node } from "yaml";
import { parseDocuments } from "./parse.ts";

/** YAML with its scalars as they are written, for who types them otherwise than YAML 1.2 does. Aliases are followed. */
export type YamlTree =
  | {
      readonly kind: "scalar";
      readonly text: string;
      /** Without quotes and tag: what it is follows from its text. */
      readonly plain: boolean;
      /** `tag:yaml.org,2002:str` */
      readonly tag: string | undefined;
    }
  | { readonly kind: "list"; readonly items: readonly YamlTree[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [key: YamlTree, value: YamlTree])[] };

/** What a file of settings may hold, its aliases followed. */
const mostNodes = 300_000;

/** One tree a document. Throws a RangeError for more than can be read, an Error that says what is no YAML. */
export function yamlTrees(text: string): readonly YamlTree[] {
  const { documents, diagnostics } = parseDocuments("", text);
  const [problem] = diagnostics;
  if (problem !== undefined) throw new Error(problem.message);
  let nodes = 0;
  const read = (node: unknown, anchors: ReadonlyMap<string, Node>, depth: number): YamlTree => {
    if (++nodes > mostNodes || depth > 100) throw new RangeError("it unfolds to more than can be read");
    if (isAlias(node)) return read(anchors.get(node.source), anchors, depth + 1);
    if (isSeq(node)) return { kind: "list", items: node.items.map((item) => read(item, anchors, depth + 1)) };
    if (isMap(node)) {
      const entries = node.items.map(
        ({ key, value }) => [read(key, anchors, depth + 1), read(value, anchors, depth + 1)] as const,
      );
      return { kind: "map", entries };
    }
    if (!isScalar(node)) return { kind: "scalar", text: "", plain: true, tag: undefined };
    const { tag, value, source = "" } = node;
    const plain = node.type === "PLAIN" && tag === undefined;
    return { kind: "scalar", text: typeof value === "string" && !plain ? value : source, plain, tag };
  };
  return documents.map(({ contents }) => read(contents, anchorsBelow(contents), 0));
}

function anchorsBelow(root: unknown): ReadonlyMap<string, Node> {
  const anchors = new Map<string, Node>();
  const rest: unknown[] = [root];
  while (rest.length > 0) {
    const node = rest.pop();
    if (!isNode(node) || isAlias(node)) continue;
    if (node.anchor !== undefined && !anchors.has(node.anchor)) anchors.set(node.anchor, node);
    if (isSeq(node)) rest.push(...node.items);
    if (isMap(node)) for (const pair of node.items) rest.push(pair.value, pair.key);
  }
  return anchors;
}
