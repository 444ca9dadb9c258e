/** A pipeline file as a notebook: the same bytes, read as cells; a cell's component or pipeline can be run. */
import {
  Disposable,
  EventEmitter,
  NotebookCellData,
  NotebookCellKind,
  NotebookCellStatusBarAlignment,
  NotebookCellStatusBarItem,
  NotebookData,
  type NotebookDocument,
  type NotebookSerializer,
  notebooks,
  workspace,
} from "vscode";
import { lastRun } from "./code-lens.ts";
import type { Language } from "./language-client.ts";
import { fromCells, readOrigin, toCells } from "./notebook-cells.ts";
import { languageOfNotebook, notebookType, sourceCell, textOf, typescriptCells } from "./notebook-places.ts";
import { type CellContext, definitionOf, runCells, showLastRuns } from "./notebook-run.ts";
import type { Owned } from "./owned.ts";

export function registerNotebooks(context: CellContext & { readonly language: Language }): Owned {
  const controller = notebooks.createNotebookController("millrace.controller", notebookType, "Millrace");
  controller.supportedLanguages = ["python", typescriptCells, "typescript"];
  controller.supportsExecutionOrder = false;
  controller.description = "Runs the components and pipelines of a cell";
  controller.executeHandler = (cells, notebook) => runCells(cells, notebook, controller, context);
  /** The language server reads a notebook as the file that its cells make. */
  const tell = (notebook: NotebookDocument) => {
    if (notebook.notebookType !== notebookType) return;
    const { language, text } = textOf(notebook);
    context.language.showCells(notebook.uri, true);
    context.language.setText(notebook.uri, language, text);
  };
  for (const notebook of workspace.notebookDocuments) tell(notebook);
  const changed = new EventEmitter<void>();
  return Disposable.from(
    controller,
    changed,
    controller.onDidChangeSelectedNotebooks(({ notebook, selected }) => {
      if (selected) void showLastRuns(notebook, controller, context);
    }),
    workspace.registerNotebookSerializer(notebookType, serializer, { transientOutputs: true }),
    notebooks.registerNotebookCellStatusBarItemProvider(notebookType, {
      onDidChangeCellStatusBarItems: changed.event,
      async provideCellStatusBarItems(cell) {
        const items: NotebookCellStatusBarItem[] = [];
        const { title } = readOrigin(cell.metadata).origin;
        if (title !== undefined) items.push(new NotebookCellStatusBarItem(title, NotebookCellStatusBarAlignment.Left));
        const definition = await definitionOf(cell, context.pipelines).catch(() => undefined);
        const last = definition && context.runs.latest(cell.notebook.uri.fsPath, definition.symbol);
        if (last) {
          const { title, tooltip, ...command } = lastRun(last);
          const item = new NotebookCellStatusBarItem(title, NotebookCellStatusBarAlignment.Left);
          item.tooltip = tooltip;
          item.command = { title: tooltip, ...command };
          items.push(item);
        }
        return items;
      },
    }),
    context.runs.onChanged(() => changed.fire()),
    workspace.onDidOpenNotebookDocument(tell),
    workspace.onDidChangeNotebookDocument(({ notebook }) => tell(notebook)),
    workspace.onDidCloseNotebookDocument((notebook) => {
      if (notebook.notebookType !== notebookType) return;
      context.language.showCells(notebook.uri, false);
      context.language.setText(notebook.uri, "python", undefined);
    }),
  );
}

const serializer: NotebookSerializer = {
  deserializeNotebook(bytes) {
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Error("The file is not UTF-8 text. Open it as source and save it as UTF-8.");
    }
    const { language, cells } = toCells(text);
    const data = new NotebookData(
      cells.map(({ kind, text, origin }) => {
        const markup = kind === "markdown";
        const cell = new NotebookCellData(
          markup ? NotebookCellKind.Markup : NotebookCellKind.Code,
          text,
          markup ? "markdown" : kind === "raw" ? "plaintext" : language === "typescript" ? typescriptCells : language,
        );
        cell.metadata = { origin: kind === "raw" ? { ...origin, kind } : origin };
        return cell;
      }),
    );
    data.metadata = { language };
    return data;
  },
  serializeNotebook(data) {
    const cells = data.cells.map((cell) => sourceCell(cell.kind, cell.value, cell.metadata));
    return new TextEncoder().encode(fromCells(cells, languageOfNotebook(data.metadata)).text);
  },
};
