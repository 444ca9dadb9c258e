/** What the surfaces may have done for them; `commands.ts` does it. */
import type { Uri } from "vscode";
import type { RunId, TaskId } from "../runtime/events.ts";
import type { Runtime } from "./runtime-client.ts";

export interface Target {
  readonly uri: Uri;
  readonly symbol?: string;
}

export interface Actions {
  /** Opens the form. */
  run(target: Target): void;
  compileWithPython(file: Uri): void;
  cancel(run: RunId): void;
  openLog(run: RunId, task?: TaskId): void;
  showRun(run: RunId): void;
  showArtifact(id: string): void;
  /** Asks for a format and a file. */
  exportGraph(title: string, picture: (format: "svg" | "png" | "mermaid") => Promise<string>): void;
  runtimeAt(folder: string): Runtime;
  /** A path of a source reference, absolute or from its folder. */
  fileOf(folder: string, path: string): Uri;
}
