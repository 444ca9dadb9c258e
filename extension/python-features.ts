/** What the language server knows of Python pipelines beyond hover and completion: rename, signatures, outline, cells, values of the run. */
import {
  DocumentSymbol,
  type Event,
  EventEmitter,
  FoldingRange,
  FoldingRangeKind,
  languages,
  Location,
  ParameterInformation,
  type Position,
  SignatureHelp,
  SignatureInformation,
  SymbolKind,
  type TextDocument,
  type TextEditor,
  Uri,
  window,
  WorkspaceEdit,
} from "vscode";
import { type Language, type LspRange, toRange } from "./language-client.ts";
import { ask, type Register, selector, whenCapable } from "./language-features.ts";
import { inDocument, type LspEdit, markdownOf, shifted } from "./lsp-values.ts";
import { cellAt, isIn, placeOfCell } from "./notebook-places.ts";
import type { OtherPython } from "./other-python.ts";
import type { Owned } from "./owned.ts";

/** Outlines and folds are of files: a notebook's cells are its own. */
const filesOnly = selector.filter((each) => "scheme" in each);

export function registerPythonFeatures(language: Language, others: OtherPython): Owned {
  return whenCapable(language, providersOf(others));
}

const providersOf = (others: OtherPython): Readonly<Record<string, Register>> => ({
  renameProvider: (language) =>
    askedFirst(others, () =>
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
          const answer = await renameEdits(language, others, document, position, newName);
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
    ),
  signatureHelpProvider: (language) =>
    askedFirst(others, () =>
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
    ),
  documentSymbolProvider: (language) =>
    again(others.onAppeared, () =>
      languages.registerDocumentSymbolProvider(
        filesOnly,
        {
          async provideDocumentSymbols(document, token) {
            const more = { alone: !(await others.answers(document)) };
            const method = "textDocument/documentSymbol";
            const found = await ask<LspSymbol[]>(language, method, document, undefined, more, token);
            return found?.map(toSymbol);
          },
        },
        { label: "Millrace" },
      ),
    ),
  foldingRangeProvider: (language) =>
    languages.registerFoldingRangeProvider(filesOnly, {
      provideFoldingRanges: async (document, _, token) =>
        (
          await ask<{ startLine: number; endLine: number; kind?: string }[]>(
            language,
            "textDocument/foldingRange",
            document,
            undefined,
            {},
            token,
          )
        )?.map(({ startLine, endLine, kind }) => new FoldingRange(startLine, endLine, foldKinds[kind ?? ""])),
    }),
  semanticTokensProvider: (language) => markChannels(language),
});

/** Throws why a name is refused, which the editor shows. */
async function renameEdits(
  language: Language,
  others: OtherPython,
  document: TextDocument,
  position: Position,
  newName: string,
): Promise<{ readonly changes: Readonly<Record<string, readonly LspEdit[]>> } | null> {
  const { file, line } = placeOfCell(document) ?? { file: document.uri, line: 0 };
  try {
    // Not `ask`, which says nothing of what went wrong.
    return (await language.request("textDocument/rename", {
      textDocument: { uri: file.toString() },
      position: { line: position.line + line, character: position.character },
      newName,
      // SAFETY: the Language Server Protocol fixes the answer; the server is ours.
    })) as { readonly changes: Readonly<Record<string, readonly LspEdit[]>> } | null;
  } catch (error) {
    if (!(await others.answers(document))) throw error;
    // After a refusal the editor asks the next server, which would rename a part of it: no edits are an answer.
    void window.showErrorMessage(error instanceof Error ? error.message : String(error));
    return { changes: {} };
  }
}

/** Of rename and signatures the editor takes one answer, and asks first who was registered last. */
function askedFirst(others: OtherPython, register: () => Owned): Owned {
  const changed = new EventEmitter<void>();
  const subscriptions = [
    changed,
    others.onAppeared(() => changed.fire()),
    window.onDidChangeActiveTextEditor(() => changed.fire()),
    // A rename that is under way still asks the registration that it began with.
    again(changed.event, register, 1),
  ];
  return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
}

/** Registers, and once more at each event: the editor forgets what it was told. `kept`: of those before, how many stay. */
function again<T>(event: Event<T>, register: () => Owned, kept = 0): Owned {
  const registered = [register()];
  const subscription = event(() => {
    registered.push(register());
    if (registered.length > kept + 1) registered.shift()?.dispose();
  });
  return {
    dispose() {
      subscription.dispose();
      for (const each of registered) each.dispose();
    },
  };
}

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
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const subscriptions: Owned[] = [
    style,
    window.onDidChangeVisibleTextEditors(() => markAll(() => true)),
    // Styles move with their text. To ask at each letter would keep waiting what is asked for that letter.
    language.onChanged((file) => {
      changed.add(file.toString());
      clearTimeout(timer);
      timer = setTimeout(() => {
        markAll(({ document }) => changed.has((placeOfCell(document)?.file ?? document.uri).toString()));
        changed.clear();
      }, quietMs);
    }),
    { dispose: () => clearTimeout(timer) },
  ];
  markAll(() => true);
  return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
}

/** Milliseconds after the last edit. */
const quietMs = 200;

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
