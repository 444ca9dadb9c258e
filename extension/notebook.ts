/** A pipeline file as a notebook: the same bytes, read as cells; a cell's component or pipeline can be run. */
import {
  Disposable,
  type NotebookCell,
  NotebookCellData,
  NotebookCellKind,
  NotebookData,
  type NotebookDocument,
  type NotebookSerializer,
  notebooks,
  workspace,
} from "vscode";
import type { CellLanguage } from "../language/cells.ts";
import type { Language } from "./language-client.ts";
import { fromCells, readOrigin, type SourceCell, toCells } from "./notebook-cells.ts";
import { type CellContext, runCell } from "./notebook-run.ts";
import type { Owned } from "./owned.ts";

export const notebookType = "millrace.notebook";

export function registerNotebooks(context: CellContext & { readonly language: Language }): Owned {
  const controller = notebooks.createNotebookController("millrace.controller", notebookType, "Millrace");
  controller.supportedLanguages = ["python", "typescript"];
  controller.supportsExecutionOrder = false;
  controller.description = "Runs the components and pipelines of a cell";
  controller.executeHandler = async (cells, notebook) => {
    for (const cell of cells) await runCell(cell, notebook, controller, context);
  };
  /** The language server reads a notebook as the file that its cells make. */
  const tell = (notebook: NotebookDocument) => {
    if (notebook.notebookType !== notebookType) return;
    const { language, text } = textOf(notebook.getCells(), notebook.metadata);
    context.language.setText(notebook.uri, language, text);
  };
  for (const notebook of workspace.notebookDocuments) tell(notebook);
  return Disposable.from(
    controller,
    workspace.registerNotebookSerializer(notebookType, serializer, { transientOutputs: true }),
    workspace.onDidOpenNotebookDocument(tell),
    workspace.onDidChangeNotebookDocument(({ notebook }) => tell(notebook)),
    workspace.onDidCloseNotebookDocument((notebook) => {
      if (notebook.notebookType === notebookType) context.language.setText(notebook.uri, "python", undefined);
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
          markup ? "markdown" : kind === "raw" ? "plaintext" : language,
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
    return new TextEncoder().encode(fromCells(cells, languageOfNotebook(data.metadata)));
  },
};

function textOf(cells: readonly NotebookCell[], metadata: unknown): { language: CellLanguage; text: string } {
  const language = languageOfNotebook(metadata);
  return {
    language,
    text: fromCells(
      cells.map((cell) => sourceCell(cell.kind, cell.document.getText(), cell.metadata)),
      language,
    ),
  };
}

function sourceCell(kind: NotebookCellKind, text: string, metadata: unknown): SourceCell {
  const { kind: raw, origin } = readOrigin(metadata);
  return { kind: kind === NotebookCellKind.Markup ? "markdown" : (raw ?? "code"), text, origin };
}

function languageOfNotebook(metadata: unknown): CellLanguage {
  const language: unknown =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "language") : undefined;
  return language === "typescript" ? "typescript" : "python";
}
