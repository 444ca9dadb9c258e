/** The package that a run ran, as a read-only YAML document. */
import { type TextDocumentContentProvider, Uri } from "vscode";
import type { RunRecord } from "../runtime/store/store.ts";
import type { Runtimes } from "./runtime-client.ts";

export const specScheme = "millrace-spec";

export function specUri(folder: string, run: Pick<RunRecord, "spec" | "pipeline">): Uri {
  const query = JSON.stringify({ folder, spec: run.spec });
  return Uri.from({ scheme: specScheme, path: `/${run.spec.slice(0, 8)}/${run.pipeline}.yaml`, query });
}

/** Content never changes: a digest names it. */
export function specDocuments(runtimes: Runtimes): TextDocumentContentProvider {
  return {
    async provideTextDocumentContent(uri) {
      const { folder, spec } = JSON.parse(uri.query) as { folder: string; spec: string };
      return (await runtimes.at(folder).call("spec", spec)) ?? "# This package is no longer in the store.\n";
    },
  };
}
