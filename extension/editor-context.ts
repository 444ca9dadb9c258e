/** Tells the editor's menus whether the active file has a pipeline. */
import { commands, Disposable, window } from "vscode";
import { type Language, mayHavePipelines } from "./language-client.ts";
import type { Pipelines } from "./pipelines.ts";
import type { Owned } from "./owned.ts";

export function followEditor(language: Language, pipelines: Pipelines): Owned {
  let shown = false;
  const set = (has: boolean) => {
    if (has === shown) return;
    shown = has;
    void commands.executeCommand("setContext", "millrace.hasPipeline", has);
  };
  const look = async () => {
    const document = window.activeTextEditor?.document;
    if (!document || !mayHavePipelines(document)) {
      set(false);
      return;
    }
    const definitions = await pipelines.definitions(document.uri).catch(() => []);
    if (window.activeTextEditor?.document === document) set(definitions.length > 0);
  };
  void look();
  return Disposable.from(
    window.onDidChangeActiveTextEditor(look),
    language.onChanged((uri) => {
      if (uri.toString() === window.activeTextEditor?.document.uri.toString()) void look();
    }),
    { dispose: () => set(false) },
  );
}
