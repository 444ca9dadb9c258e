import { type Context, report } from "./context.ts";
import { type Entry, type ObjectValue, type Value, toJson } from "./values.ts";

/** An option that was written: neither absent nor `undefined`. */
export function option(options: ObjectValue | undefined, name: string): Entry | undefined {
  const entry = options?.entries.get(name);
  return entry?.value.kind === "constant" && entry.value.value === undefined ? undefined : entry;
}

/** The step's own options over those of the pipeline. */
export function mergedOptions(
  defaults: ObjectValue | undefined,
  own: ObjectValue | undefined,
): ObjectValue | undefined {
  if (!defaults || !own) return own ?? defaults;
  return { ...own, entries: new Map([...defaults.entries, ...own.entries]) };
}

export function textOption(options: ObjectValue | undefined, name: string, context: Context): string | undefined {
  const entry = option(options, name);
  if (!entry) return undefined;
  if (entry.value.kind === "constant" && typeof entry.value.value === "string") return entry.value.value;
  refuse(entry, name, "a text that is known while compiling", context);
  return undefined;
}

export function numberOption(options: ObjectValue | undefined, name: string, context: Context): number | undefined {
  const entry = option(options, name);
  if (!entry) return undefined;
  if (entry.value.kind === "constant" && typeof entry.value.value === "number") return entry.value.value;
  refuse(entry, name, "a number that is known while compiling", context);
  return undefined;
}

export function booleanOption(options: ObjectValue | undefined, name: string, context: Context): boolean | undefined {
  const entry = option(options, name);
  if (!entry) return undefined;
  if (entry.value.kind === "constant" && typeof entry.value.value === "boolean") return entry.value.value;
  refuse(entry, name, "true or false", context);
  return undefined;
}

export function textsOption(
  options: ObjectValue | undefined,
  name: string,
  context: Context,
): readonly string[] | undefined {
  const entry = option(options, name);
  const json = entry && toJson(entry.value);
  if (!entry || json === undefined) return undefined;
  if (Array.isArray(json) && json.every((each) => typeof each === "string")) return json;
  refuse(entry, name, "a list of texts", context);
  return undefined;
}

/** Says of options that there are none of that name. */
export function checkOptions(options: ObjectValue | undefined, known: readonly string[], context: Context): void {
  for (const [name, entry] of options?.entries ?? []) {
    if (!known.includes(name)) report(context, "unknown-option", entry.span, undefined, name, known.join(", "));
  }
}

export function refuse(entry: Entry, name: string, wanted: string, context: Context): void {
  if (entry.value.kind !== "unknown")
    report(context, "wrong-value", entry.span, undefined, `The option "${name}"`, wanted);
}

export function objectOption(value: Value): ObjectValue | undefined {
  return value.kind === "object" ? value : undefined;
}
