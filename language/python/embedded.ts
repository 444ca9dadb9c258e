import { diagnose } from "../diagnostics.ts";
import type { Machine } from "./machine.ts";
import type { Options } from "./component.ts";

/**
 * The helper that unpacks an embedded file or folder, with the archive in it.
 * Archives hold the bytes of files, which `Files` gives only as text, and are
 * packed by gzip: neither can be done here yet, and it is said.
 */
export function embeddedArchive(machine: Machine, options: Options): string | undefined {
  const path = options.text("embedded_artifact_path");
  if (path === undefined || path === "") return undefined;
  machine.report(diagnose("not-embedded", options.span("embedded_artifact_path"), path));
  return undefined;
}

export function notebookArchive(machine: Machine, options: Options): string | undefined {
  const path = options.text("notebook_path");
  machine.report(diagnose("not-embedded", options.span("notebook_path"), path ?? "the notebook"));
  return undefined;
}
