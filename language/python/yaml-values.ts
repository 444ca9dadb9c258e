/** YAML text as Python values, as PyYAML's safe loader gives them. */
import { yamlTrees, type YamlTree } from "../spec/yaml-tree.ts";
import type { ValuesReader } from "./context.ts";
import { dict, isObject, keyOf, list, unknown, type Value } from "./values.ts";

export const readYamlValues: ValuesReader = (text) => {
  try {
    return { values: yamlTrees(text).map(valueOf), problem: "" };
  } catch (error) {
    return { values: [], problem: error instanceof Error ? error.message : "it is not YAML" };
  }
};

function valueOf(tree: YamlTree): Value {
  if (tree.kind === "list") return list(tree.items.map(valueOf));
  if (tree.kind === "scalar") {
    if (tree.plain) return plain(tree.text);
    if (tree.tag === "tag:yaml.org,2002:float") return Number(tree.text);
    return tree.tag === "tag:yaml.org,2002:int" || tree.tag === "tag:yaml.org,2002:bool" ? plain(tree.text) : tree.text;
  }
  const merged = dict();
  const own = dict();
  for (const [key, tree_] of tree.entries) {
    const value = valueOf(tree_);
    if (key.kind === "scalar" && key.plain && key.text === "<<") {
      // The first of several merged mappings wins, and a key of its own over all of them.
      for (const one of isObject(value) && value.kind === "list" ? [...value.items].reverse() : [value])
        if (isObject(one) && one.kind === "dict")
          for (const [name, entry] of one.entries) merged.entries.set(name, entry);
      continue;
    }
    const name = valueOf(key);
    own.entries.set(keyOf(name), [name, value]);
  }
  for (const [name, entry] of own.entries) merged.entries.set(name, entry);
  return merged;
}

/** PyYAML's implicit types of plain scalars (yaml/resolver.py), which are not quite YAML 1.1's. */
function plain(text: string): Value {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(text)) return true;
  if (/^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(text)) return false;
  const bare = text.replaceAll("_", "");
  const sign = bare.startsWith("-") ? -1n : 1n;
  const digits = bare.replace(/^[-+]/, "");
  if (/^[-+]?0b[01_]+$|^[-+]?0x[\da-fA-F_]+$/.test(text)) return sign * BigInt(digits);
  if (/^[-+]?0[0-7_]+$/.test(text)) return sign * BigInt(`0o${digits.slice(1) || "0"}`);
  if (/^[-+]?(?:0|[1-9][\d_]*)$/.test(text)) return sign * BigInt(digits);
  if (/^[-+]?[1-9][\d_]*(?::[0-5]?\d)+$/.test(text))
    return sign * digits.split(":").reduce((total, part) => total * 60n + BigInt(part), 0n);
  if (/^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.[\d][\d_]*(?:[eE][-+]\d+)?)$/.test(text)) return Number(bare);
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return sign === 1n ? Infinity : -Infinity;
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return Number.NaN;
  // PyYAML makes a date of it.
  if (/^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$/.test(text)) return unknown("dates in YAML are not worked out");
  return text;
}
