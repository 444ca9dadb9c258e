import type { Json } from "../../language/spec/types.ts";

/** `Array.isArray` forgets the elements' type on a readonly array. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value that a text is in JSON; undefined where it is none. */
export function tryParse(text: string): Json | undefined {
  try {
    // SAFETY: JSON.parse gives JSON.
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
