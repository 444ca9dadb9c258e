/** Steps that SDKs before 2.5 compiled, run by the executors of their own `kfp`. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Definitions, Json } from "../../language/spec/types.ts";

/** A value as the executor of `kfp` 1.8 is given it and writes it (`Value` of schema 2.0.0). */
export type OldValue =
  | { readonly stringValue: string }
  | { readonly intValue: number }
  | { readonly doubleValue: number };

/** Parameters in the form of schema 2.0.0; lists, structs and booleans are JSON in text. */
export function oldParameters(
  values: Readonly<Record<string, Json>>,
  definitions: Definitions | undefined,
): Readonly<Record<string, OldValue>> {
  const entries = Object.entries(values).map(([name, value]): readonly [string, OldValue] => {
    const type = definitions?.parameters?.[name]?.parameterType;
    if (typeof value === "number" && type === "NUMBER_INTEGER") return [name, { intValue: value }];
    if (typeof value === "number") return [name, { doubleValue: value }];
    return [name, { stringValue: typeof value === "string" ? value : JSON.stringify(value) }];
  });
  return Object.fromEntries(entries);
}

/** And back; undefined for what is no such value. */
export function newValue(value: Json | undefined): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  // SAFETY: it is an object and no array; its members are JSON.
  const { stringValue, intValue, doubleValue } = value as Readonly<Record<string, Json>>;
  if (stringValue !== undefined) return stringValue;
  return intValue === undefined && doubleValue === undefined ? undefined : Number(intValue ?? doubleValue);
}

/** Whether this `kfp` may know artifacts in stores alone (`artifact_types.py` has no path for others until 2.5). */
export function isOldKfp(packages: readonly string[]): boolean {
  return packages.some((name) => /^kfp==(?:1\.\d+|2\.[0-4])(?:\.|$)/.test(name));
}

/**
 * Has an old `kfp`, in an environment of ours, take the URI of an artifact that is in no store for its path, as the SDK
 * itself does since 2.5.
 */
export async function giveLocalPaths(sitePackages: string): Promise<void> {
  for (const folder of ["components", "dsl", "v2/components"]) {
    const file = join(sitePackages, "kfp", folder, "types", "artifact_types.py");
    const text = await readFile(file, "utf8").catch(() => undefined);
    const fixed = text?.replace(/(def _get_path\(self\)(?:(?!\n {4}def )[^])*?\n {8}return )None\n/, "$1self.uri\n");
    if (fixed !== undefined && fixed !== text) await writeFile(file, fixed);
  }
}
