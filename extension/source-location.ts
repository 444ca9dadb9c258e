import { Range, Selection, TextEditorRevealType, type Uri, type ViewColumn, window } from "vscode";
import { type LspRange, toRange } from "./language-client.ts";

export interface OpenOptions {
  readonly column?: ViewColumn;
  readonly preserveFocus?: boolean;
}

/** Opens a file at a range: in the editor that shows it already, else in the given column. */
export async function openLocation(uri: Uri, range: LspRange, options: OpenOptions = {}): Promise<void> {
  const shown = window.visibleTextEditors.find((editor) => editor.document.uri.toString() === uri.toString());
  const viewColumn = shown?.viewColumn ?? options.column;
  const editor = await window.showTextDocument(uri, {
    preserveFocus: options.preserveFocus ?? false,
    ...(viewColumn === undefined ? {} : { viewColumn }),
  });
  const { start } = toRange(range);
  editor.selection = new Selection(start, start);
  // The end of a long line would scroll its beginning out of sight.
  editor.revealRange(new Range(start, start), TextEditorRevealType.InCenterIfOutsideViewport);
}
