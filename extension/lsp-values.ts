/** Values of the protocol as VS Code has them, and back; those of a file at the places of its notebook's cells. */
import {
  CodeAction,
  CodeActionKind,
  CompletionItem,
  CompletionItemKind,
  CompletionItemTag,
  Diagnostic,
  DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
  Location,
  MarkdownString,
  type Position,
  SnippetString,
  type TextDocument,
  TextEdit,
  Uri,
  WorkspaceEdit,
} from "vscode";
import { type LspDiagnostic, type LspRange, toRange } from "./language-client.ts";
import { cellAt, placeOfCell } from "./notebook-places.ts";

export interface LspCompletion {
  readonly label: string;
  readonly kind?: number;
  readonly detail?: string;
  readonly documentation?: unknown;
  readonly insertText?: string;
  readonly insertTextFormat?: number;
  readonly sortText?: string;
  readonly filterText?: string;
  readonly textEdit?: { readonly newText: string; readonly range: LspRange };
  readonly tags?: readonly number[];
  readonly command?: { readonly title: string; readonly command: string };
  readonly additionalTextEdits?: readonly LspEdit[];
  /** Of one that has more to say when it is looked at. */
  readonly data?: unknown;
}

export interface LspEdit {
  readonly range: LspRange;
  readonly newText: string;
}

export interface LspAction {
  readonly title: string;
  readonly kind?: string;
  readonly edit?: {
    readonly changes?: Readonly<Record<string, readonly LspEdit[]>>;
    /** In order: a file that is made, or edits of one. */
    readonly documentChanges?: readonly (
      | { readonly kind: "create"; readonly uri: string }
      | {
          readonly kind?: undefined;
          readonly textDocument: { readonly uri: string };
          readonly edits: readonly LspEdit[];
        }
    )[];
  };
  readonly isPreferred?: boolean;
  readonly command?: { readonly title: string; readonly command: string; readonly arguments: readonly unknown[] };
}

/** A place that the server names, as whoever looks from a document wants it: from a cell, in a cell. */
export function locationFrom(document: TextDocument, file: Uri, range: LspRange): Location {
  const to = placeOfCell(document)?.file.toString() === file.toString() && cellAt(file, range.start.line);
  return to
    ? new Location(to.cell.document.uri, toRange(shifted(range, -to.line)))
    : new Location(file, toRange(range));
}

/** A range of the file that a document is of, in the document. */
export function inDocument(document: TextDocument, range: LspRange): LspRange {
  return shifted(range, -(placeOfCell(document)?.line ?? 0));
}

export function shifted({ start, end }: LspRange, lines: number): LspRange {
  return { start: { ...start, line: start.line + lines }, end: { ...end, line: end.line + lines } };
}

export function toDiagnostic({
  range,
  severity,
  code,
  source,
  message,
  tags,
  relatedInformation,
}: LspDiagnostic): Diagnostic {
  const diagnostic = new Diagnostic(toRange(range), message, severityOf(severity));
  diagnostic.source = source ?? "millrace";
  if (code !== undefined) diagnostic.code = code;
  diagnostic.tags = (tags ?? []).flatMap((tag) =>
    tag === 1 ? [DiagnosticTag.Unnecessary] : tag === 2 ? [DiagnosticTag.Deprecated] : [],
  );
  diagnostic.relatedInformation = (relatedInformation ?? []).map(
    ({ location, message }) =>
      new DiagnosticRelatedInformation(new Location(Uri.parse(location.uri), toRange(location.range)), message),
  );
  return diagnostic;
}

export function fromDiagnostic({ range, message, code, severity }: Diagnostic): LspDiagnostic {
  const plain = typeof code === "object" ? code.value : code;
  return {
    range: plainRange(range),
    message,
    severity: severity + 1,
    source: "millrace",
    ...(plain === undefined ? {} : { code: plain }),
  };
}

function severityOf(severity: number | undefined): DiagnosticSeverity {
  switch (severity) {
    case 2:
      return DiagnosticSeverity.Warning;
    case 3:
      return DiagnosticSeverity.Information;
    case 4:
      return DiagnosticSeverity.Hint;
    default:
      return DiagnosticSeverity.Error;
  }
}

/** In the order of the protocol, which counts from one. */
const completionKinds: readonly CompletionItemKind[] = [
  CompletionItemKind.Text,
  CompletionItemKind.Method,
  CompletionItemKind.Function,
  CompletionItemKind.Constructor,
  CompletionItemKind.Field,
  CompletionItemKind.Variable,
  CompletionItemKind.Class,
  CompletionItemKind.Interface,
  CompletionItemKind.Module,
  CompletionItemKind.Property,
  CompletionItemKind.Unit,
  CompletionItemKind.Value,
  CompletionItemKind.Enum,
  CompletionItemKind.Keyword,
  CompletionItemKind.Snippet,
  CompletionItemKind.Color,
  CompletionItemKind.File,
  CompletionItemKind.Reference,
  CompletionItemKind.Folder,
  CompletionItemKind.EnumMember,
  CompletionItemKind.Constant,
  CompletionItemKind.Struct,
  CompletionItemKind.Event,
  CompletionItemKind.Operator,
  CompletionItemKind.TypeParameter,
];

/** Undefined where it would change more than the cell that it is for. */
export function toCompletion(item: LspCompletion, document: TextDocument): CompletionItem | undefined {
  const completion = new CompletionItem(
    item.label,
    item.kind === undefined ? undefined : completionKinds[item.kind - 1],
  );
  const text = item.textEdit?.newText ?? item.insertText;
  if (text !== undefined) completion.insertText = item.insertTextFormat === 2 ? new SnippetString(text) : text;
  if (item.textEdit) completion.range = toRange(inDocument(document, item.textEdit.range));
  if (item.detail !== undefined) completion.detail = item.detail;
  const documentation = markdownOf(item.documentation);
  if (documentation) completion.documentation = documentation;
  if (item.sortText !== undefined) completion.sortText = item.sortText;
  if (item.filterText !== undefined) completion.filterText = item.filterText;
  if (item.command) completion.command = item.command;
  if (item.tags?.includes(1)) completion.tags = [CompletionItemTag.Deprecated];
  if (item.additionalTextEdits) {
    const more = item.additionalTextEdits.map(({ range, newText }) => ({
      range: inDocument(document, range),
      newText,
    }));
    if (more.some(({ range }) => range.start.line < 0 || range.end.line >= document.lineCount)) return undefined;
    completion.additionalTextEdits = more.map(({ range, newText }) => new TextEdit(toRange(range), newText));
  }
  return completion;
}

export function toAction(
  { title, kind, edit, isPreferred, command }: LspAction,
  document: TextDocument,
): readonly CodeAction[] {
  if (!edit && !command) return [];
  const action = new CodeAction(
    title,
    kind === undefined ? CodeActionKind.QuickFix : CodeActionKind.Empty.append(kind),
  );
  if (command) action.command = { ...command, arguments: [...command.arguments] };
  if (isPreferred !== undefined) action.isPreferred = isPreferred;
  if (!edit) return [action];
  action.edit = new WorkspaceEdit();
  const changes =
    edit.documentChanges ??
    Object.entries(edit.changes ?? {}).map(([uri, edits]) => ({ kind: undefined, textDocument: { uri }, edits }));
  const made = new Set(changes.flatMap((change) => (change.kind === "create" ? [change.uri] : [])));
  for (const change of changes) {
    if (change.kind === "create") continue;
    const { textDocument, edits } = change;
    const uri = Uri.parse(textDocument.uri);
    // With its text at once: an edit of a new file would leave it unsaved, and unseen by others.
    const contents = new TextEncoder().encode(edits.map(({ newText }) => newText).join(""));
    if (made.has(textDocument.uri)) action.edit.createFile(uri, { ignoreIfExists: true, contents });
    else
      for (const { range, newText } of edits) {
        const to = locationFrom(document, uri, range);
        action.edit.replace(to.uri, to.range, newText);
      }
  }
  return [action];
}

/** Markdown without HTML and without commands: text of a file is in it. */
export function markdownOf(contents: unknown): MarkdownString | undefined {
  const value: unknown = typeof contents === "object" && contents !== null ? Reflect.get(contents, "value") : contents;
  return typeof value === "string" && value !== "" ? new MarkdownString(value) : undefined;
}

export function plainRange({ start, end }: { readonly start: Position; readonly end: Position }): LspRange {
  return { start: { line: start.line, character: start.character }, end: { line: end.line, character: end.character } };
}
