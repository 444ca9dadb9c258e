/** Reading JSON that somebody else wrote: nothing is taken for granted, nothing is cast. */
import type { Json } from "../../language/spec/types.ts";

/** The value of a JSON text; undefined where it does not parse. */
export function parse(text: string): Json | undefined {
  try {
    // SAFETY: what JSON.parse returns without a reviver is Json by construction.
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** What is found along `path`; undefined where a step is missing or null. */
export function get(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let at = value;
  for (const key of path) {
    if (isList(at)) at = typeof key === "number" ? at[key] : undefined;
    else if (isRecord(at)) at = at[key];
    else return undefined;
  }
  return at ?? undefined;
}

export function text(value: Json | undefined, ...path: readonly (string | number)[]): string | undefined {
  const found = get(value, ...path);
  return typeof found === "string" ? found : undefined;
}

export function number(value: Json | undefined, ...path: readonly (string | number)[]): number | undefined {
  const found = get(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The list along `path`; empty where there is none. */
export function list(value: Json | undefined, ...path: readonly (string | number)[]): readonly Json[] {
  const found = get(value, ...path);
  return isList(found) ? found : [];
}

/** The object along `path`; empty where there is none. */
export function record(value: Json | undefined, ...path: readonly (string | number)[]): Readonly<Record<string, Json>> {
  const found = get(value, ...path);
  return isRecord(found) ? found : {};
}

/** Milliseconds of an RFC 3339 time along `path`. */
export function time(value: Json | undefined, ...path: readonly (string | number)[]): number | undefined {
  const found = text(value, ...path);
  const ms = found === undefined ? Number.NaN : Date.parse(found);
  return Number.isNaN(ms) ? undefined : ms;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isRecord(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
