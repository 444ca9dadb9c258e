/** Runs inside the extension host: opens a pipeline and prints how long the extension took to activate. */
import * as vscode from "vscode";

interface Marked {
  readonly MonacoPerformanceMarks?: { getMarks(): readonly { readonly name: string; readonly startTime: number }[] };
}

const id = "millrace.millrace";

export async function run(): Promise<void> {
  const [file] = await vscode.workspace.findFiles("pipeline.py");
  if (!file) throw new Error("no pipeline.py");
  await vscode.window.showTextDocument(file);
  await vscode.extensions.getExtension(id)?.activate();
  const marks = (globalThis as Marked).MonacoPerformanceMarks?.getMarks() ?? [];
  const at = (name: string) => marks.find((mark) => mark.name === name)?.startTime ?? Number.NaN;
  // Between loading and activating, VS Code waits for its own window (state, secrets): not ours.
  const loading = at(`code/extHost/didLoadExtensionCode/${id}`) - at(`code/extHost/willLoadExtensionCode/${id}`);
  const activating = at(`code/extHost/didActivateExtension/${id}`) - at(`code/extHost/willActivateExtension/${id}`);
  console.log(`[test] ${loading + activating}`);
}
