import { parseDocument } from "yaml";
import type { Json } from "./types.ts";
import { pyYamlTags } from "./yaml-tags.ts";

/**
 * A YAML document as JSON, read as PyYAML reads it (YAML 1.1: `yes` is a truth
 * value). Throws an Error that says what is wrong with it.
 */
export function plainYaml(text: string): Json {
  const document = parseDocument(text, {
    version: "1.1",
    customTags: pyYamlTags,
    uniqueKeys: false,
    logLevel: "error",
  });
  // A tag that nobody knows is a warning to the library, and an error to PyYAML.
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong) throw wrong;
  // SAFETY: without custom tags the library makes nothing but JSON, and an empty document is null.
  return (document.toJS({ maxAliasCount: 100 }) ?? null) as Json;
}
