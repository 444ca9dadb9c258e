/** What the language server knows of Python pipelines beyond hover and completion: rename, signatures, outline, cells, values of the run. */
import {
  DocumentSymbol,
  FoldingRange,
  FoldingRangeKind,
  languages,
  Location,
  ParameterInformation,
  SignatureHelp,
  SignatureInformation,
  SymbolKind,
  type TextEditor,
  Uri,
  window,
  WorkspaceEdit,
} from "vscode";
import { type Language, type LspRange, toRange } from "./language-client.ts";
import {
  ask,
  inDocument,
  type LspEdit,
  markdownOf,
  type Register,
  selector,
  shifted,
  whenCapable,
} from "./language-features.ts";
import { cellAt, isIn, placeOfCell } from "./notebook-places.ts";
import type { Owned } from "./owned.ts";

/** Outlines and folds are of files: a notebook's cells are its own. */
const filesOnly = selector.filter(({ scheme }) => scheme === "file");

export function registerPythonFeatures(language: Language): Owned {
  return whenCapable(language, providers);
}

const providers: Readonly<Record<string, Register>> = {
  renameProvider: (language) =>
    languages.registerRenameProvider(selector, {
      async prepareRename(document, position) {
        const answer = await ask<{ range: LspRange; placeholder: string }>(
          language,
          "textDocument/prepareRename",
          document,
          position,
        );
        // Nothing said: the next provider is asked, to whom other names belong.
        return answer && { range: toRange(inDocument(document, answer.range)), placeholder: answer.placeholder };
      },
      async provideRenameEdits(document, position, newName) {
        const place = placeOfCell(document) ?? { file: document.uri, line: 0 };
        // Not `ask`: why a name is refused is what the user is to read.
        const answer = (await language.request("textDocument/rename", {
          textDocument: { uri: place.file.toString() },
          position: { line: position.line + place.line, character: position.character },
          newName,
          // SAFETY: the Language Server Protocol fixes the answer; the server is ours.
        })) as { readonly changes: Readonly<Record<string, readonly LspEdit[]>> } | null;
        if (!answer) return undefined;
        const edit = new WorkspaceEdit();
        for (const [uri, edits] of Object.entries(answer.changes))
          for (const { range, newText } of edits) {
            const to = locationIn(Uri.parse(uri), range);
            edit.replace(to.uri, to.range, newText);
          }
        return edit;
      },
    }),
  signatureHelpProvider: (language) =>
    languages.registerSignatureHelpProvider(
      selector,
      {
        async provideSignatureHelp(document, position) {
          const answer = await ask<LspSignatures>(language, "textDocument/signatureHelp", document, position);
          if (!answer) return undefined;
          const help = new SignatureHelp();
          help.signatures = answer.signatures.map(({ label, documentation, parameters }) => {
            const signature = new SignatureInformation(label, markdownOf(documentation));
            signature.parameters = parameters.map(
              (one) => new ParameterInformation(one.label, markdownOf(one.documentation)),
            );
            return signature;
          });
          help.activeParameter = answer.activeParameter;
          return help;
        },
      },
      "(",
      ",",
    ),
  documentSymbolProvider: (language) =>
    languages.registerDocumentSymbolProvider(
      filesOnly,
      {
        provideDocumentSymbols: async (document) =>
          (await ask<LspSymbol[]>(language, "textDocument/documentSymbol", document))?.map(toSymbol),
      },
      { label: "Millrace" },
    ),
  foldingRangeProvider: (language) =>
    languages.registerFoldingRangeProvider(filesOnly, {
      provideFoldingRanges: async (document) =>
        (
          await ask<{ startLine: number; endLine: number; kind?: string }[]>(
            language,
            "textDocument/foldingRange",
            document,
          )
        )?.map(({ startLine, endLine, kind }) => new FoldingRange(startLine, endLine, foldKinds[kind ?? ""])),
    }),
  semanticTokensProvider: (language) => markChannels(language),
};

/**
 * Sets values of the run in italics. Not as semantic tokens: of those the editor takes one provider's only, and
 * another Python server's would be lost.
 */
function markChannels(language: Language): Owned {
  const style = window.createTextEditorDecorationType({ fontStyle: "italic" });
  async function mark(editor: TextEditor): Promise<void> {
    const { document } = editor;
    if (document.languageId !== "python") return;
    const { version } = document;
    const answer = await ask<{ data: readonly number[] }>(language, "textDocument/semanticTokens/full", document);
    if (document.version !== version) return;
    const cell = placeOfCell(document);
    const ranges = decode(answer?.data ?? []).filter(
      ({ start }) => !cell || (start.line >= cell.line && start.line < cell.line + document.lineCount),
    );
    editor.setDecorations(
      style,
      ranges.map((range) => toRange(shifted(range, -(cell?.line ?? 0)))),
    );
  }
  const markAll = (wanted: (editor: TextEditor) => boolean): void => {
    for (const editor of window.visibleTextEditors) if (wanted(editor)) void mark(editor);
  };
  const subscriptions: Owned[] = [
    style,
    window.onDidChangeVisibleTextEditors(() => markAll(() => true)),
    language.onChanged((file) =>
      markAll(({ document }) => (placeOfCell(document)?.file ?? document.uri).toString() === file.toString()),
    ),
  ];
  markAll(() => true);
  return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
}

/** LSP's five numbers a token: lines and characters count from the token before. */
function decode(data: readonly number[]): readonly LspRange[] {
  const ranges: LspRange[] = [];
  let [line, character] = [0, 0];
  for (let i = 0; i + 4 < data.length; i += 5) {
    const [lines = 0, characters = 0, length = 0] = data.slice(i, i + 3);
    line += lines;
    character = lines > 0 ? characters : character + characters;
    ranges.push({ start: { line, character }, end: { line, character: character + length } });
  }
  return ranges;
}

/** In the cell of an open notebook, where one shows the file; else in the file. */
function locationIn(file: Uri, range: LspRange): Location {
  const cell = cellAt(file, range.start.line);
  return cell && isIn(cell.cell, cell.line, range.end.line)
    ? new Location(cell.cell.document.uri, toRange(shifted(range, -cell.line)))
    : new Location(file, toRange(range));
}

interface LspSignatures {
  readonly signatures: readonly {
    readonly label: string;
    readonly documentation?: unknown;
    readonly parameters: readonly { readonly label: string; readonly documentation?: unknown }[];
  }[];
  readonly activeParameter: number;
}

interface LspSymbol {
  readonly name: string;
  readonly detail?: string;
  readonly kind: number;
  readonly range: LspRange;
  readonly selectionRange: LspRange;
  readonly children?: readonly LspSymbol[];
}

const foldKinds: Readonly<Record<string, FoldingRangeKind>> = {
  region: FoldingRangeKind.Region,
  comment: FoldingRangeKind.Comment,
  imports: FoldingRangeKind.Imports,
};

/** Of those that the server uses, by the protocol's numbers. */
const symbolKinds: Readonly<Record<number, SymbolKind>> = {
  3: SymbolKind.Namespace,
  12: SymbolKind.Function,
  18: SymbolKind.Array,
  24: SymbolKind.Event,
};

function toSymbol({ name, detail, kind, range, selectionRange, children }: LspSymbol): DocumentSymbol {
  const symbol = new DocumentSymbol(
    name,
    detail ?? "",
    symbolKinds[kind] ?? SymbolKind.Variable,
    toRange(range),
    toRange(selectionRange),
  );
  symbol.children = (children ?? []).map(toSymbol);
  return symbol;
}
