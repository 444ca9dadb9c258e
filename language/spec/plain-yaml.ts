import { parse } from "yaml";
import type { Json } from "./types.ts";
import { pyYamlTags } from "./yaml-tags.ts";

/**
 * A YAML document as JSON, read as PyYAML reads it (YAML 1.1: `yes` is a truth
 * value). Throws an Error that says what is wrong with it.
 */
export function plainYaml(text: string): Json {
  // SAFETY: without custom tags the library makes nothing but JSON, and an empty document is null.
  return (parse(text, { version: "1.1", customTags: pyYamlTags, maxAliasCount: 100, uniqueKeys: false }) ??
    null) as Json;
}
