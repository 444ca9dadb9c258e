/** Components of the workspace that a TypeScript file does not import yet. */
import type { Complaint, Fix } from "../fixes.ts";
import { importEdit, relativePath } from "./imports.ts";
import type { Reading } from "./reading.ts";

export interface Offered {
  /** As the file would call it. */
  readonly name: string;
  readonly path: string;
  readonly description?: string;
}

/** A compiled component has a name of words; a variable's are in one. */
export function variableName(component: string): string {
  return component.replace(/[^A-Za-z0-9]+(\w)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
}

/** Imports for a name that is not defined, one for each file that has a component of that name. */
export function offeredFix(
  reading: Reading,
  { start, end }: Complaint,
  offered: (name: string) => readonly Offered[],
): readonly Fix[] {
  const name = reading.text.slice(start, end);
  return offered(name).flatMap(({ path }) => {
    const from = relativePath(reading.path, path);
    const edit = importEdit(reading, from, name);
    return edit ? [{ title: `Import ${name} from ${from}`, edits: [edit] }] : [];
  });
}
