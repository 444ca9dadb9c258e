/** What the language server offers beyond our own views: problems, hover, completion, where a name is defined. */
import type { CancellationToken, Position } from "vscode";
import {
  CodeAction,
  CodeActionKind,
  CompletionItem,
  CompletionItemKind,
  CompletionItemTag,
  CompletionList,
  Diagnostic,
  type DiagnosticCollection,
  DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
  DocumentHighlight,
  Hover,
  languages,
  Location,
  MarkdownString,
  SnippetString,
  TextEdit,
  type TextDocument,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
} from "vscode";
import {
  type Language,
  languages as languageIds,
  type LspDiagnostic,
  type LspRange,
  mayHavePipelines,
  toRange,
} from "./language-client.ts";
import type { HoverSubject } from "../language/protocol.ts";
import { lastRunText } from "./last-run.ts";
import type { OtherPython } from "./other-python.ts";
import type { Runs } from "./runs.ts";
import {
  cellAt,
  cellsOf,
  isIn,
  notebookOf,
  notebookType,
  placeOfCell,
  textOf,
  typescriptCells,
} from "./notebook-places.ts";
import type { Owned } from "./owned.ts";

// A cell's filter names no scheme: with a `notebookType` it would be held against the notebook's own address.
export const selector = [
  ...languageIds.map((language) => ({ language, scheme: "file" })),
  ...[...languageIds, typescriptCells].map((language) => ({ language, notebookType })),
];

export function registerLanguageFeatures(language: Language, others: OtherPython, runs: Runs): Owned {
  const problems = languages.createDiagnosticCollection("millrace");
  const subscriptions: Owned[] = [
    problems,
    ...showProblems(language, problems),
    whenCapable(language, providersOf(others, runs)),
  ];
  return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
}

/** Registers each provider once the server has said that it can do that. */
export function whenCapable(language: Language, providers: Readonly<Record<string, Register>>): Owned {
  const registered = new Map<string, Owned>();
  const subscription = language.onCapabilities((capabilities) => {
    for (const [name, register] of Object.entries(providers))
      if (capabilities[name] && !registered.has(name)) registered.set(name, register(language, capabilities[name]));
  });
  return {
    dispose() {
      subscription.dispose();
      for (const provider of registered.values()) provider.dispose();
    },
  };
}

/** Where a file is shown: its problems, in its text, or in the cells of its notebook, or in both. */
function showProblems(language: Language, problems: DiagnosticCollection): readonly Owned[] {
  const latest = new Map<string, readonly LspDiagnostic[]>();
  /** Cells that have problems, by file. */
  const marked = new Map<string, readonly Uri[]>();

  function show(uri: Uri): void {
    const key = uri.toString();
    const all = latest.get(key) ?? [];
    const notebook = notebookOf(uri);
    for (const cell of marked.get(key) ?? []) problems.delete(cell);
    marked.delete(key);
    // Told where it is seen, and twice only where it is seen twice.
    const asCells = notebook && window.visibleNotebookEditors.some((editor) => editor.notebook === notebook);
    const asText = window.visibleTextEditors.some(({ document }) => document.uri.toString() === key);
    // Of its text TypeScript's own server speaks.
    const inText = all.filter(({ source }) => source !== typeScriptSource);
    problems.set(uri, asCells && !asText ? [] : inText.map(toDiagnostic));
    // Problems of another text than the notebook's would stand at the wrong lines.
    if (!asCells || !language.reads(uri, textOf(notebook).text)) return;
    const cells = cellsOf(notebook).map(({ cell, line }) => ({
      uri: cell.document.uri,
      problems: all
        .filter(({ range }) => isIn(cell, line, range.start.line))
        .map((problem) => toDiagnostic({ ...problem, range: shifted(problem.range, -line) })),
    }));
    for (const cell of cells) if (cell.problems.length > 0) problems.set(cell.uri, cell.problems);
    marked.set(
      key,
      cells.map((cell) => cell.uri),
    );
  }

  const waiting = new Map<string, Uri>();
  let timer: NodeJS.Timeout | undefined;
  function showSoon(uri: Uri): void {
    waiting.set(uri.toString(), uri);
    timer ??= setTimeout(() => {
      timer = undefined;
      for (const each of waiting.values()) show(each);
      waiting.clear();
    }, lettersFirstMs);
  }

  const known = (uri: Uri) => {
    if (latest.has(uri.toString())) show(uri);
  };
  const knownNotebooks = () => {
    for (const { uri, notebookType: type } of workspace.notebookDocuments) if (type === notebookType) known(uri);
  };
  return [
    language.onDiagnostics(({ uri, diagnostics }) => {
      latest.set(uri.toString(), diagnostics);
      showSoon(uri);
    }),
    { dispose: () => clearTimeout(timer) },
    workspace.onDidCloseNotebookDocument(({ uri }) => known(uri)),
    window.onDidChangeVisibleNotebookEditors(knownNotebooks),
    window.onDidChangeVisibleTextEditors(knownNotebooks),
  ];
}

const typeScriptSource = "ts";

/**
 * Milliseconds that new problems wait. A letter makes problems and asks for completion: the editor, which draws both
 * in one thread, is to have the list first.
 */
const lettersFirstMs = 60;

export type Register = (language: Language, capability: unknown) => Owned;

const providersOf = (others: OtherPython, runs: Runs): Readonly<Record<string, Register>> => ({
  hoverProvider: (language) =>
    languages.registerHoverProvider(selector, {
      async provideHover(document, position) {
        if (others.isEcho("hover", document, position)) return undefined;
        const said = (await others.answers(document)) ? await others.hover(document, position) : "";
        const answer = await ask<{ contents: unknown; range?: LspRange; subjects?: readonly HoverSubject[] }>(
          language,
          "textDocument/hover",
          document,
          position,
          { others: said },
        );
        const text = answer && markdownOf(answer.contents);
        if (!text) return undefined;
        const last = await lastRunText(runs, answer.subjects ?? []);
        if (last !== undefined) text.appendMarkdown(`\n\n${last.replace(/[\\`*_{}[\]()<>#+!|~&$]/g, "\\$&")}`);
        return new Hover(text, answer.range && toRange(inDocument(document, answer.range)));
      },
    }),
  definitionProvider: (language) =>
    languages.registerDefinitionProvider(selector, {
      provideDefinition: (document, position) => locations(language, others, "definition", document, position),
    }),
  referencesProvider: (language) =>
    languages.registerReferenceProvider(selector, {
      provideReferences: (document, position, { includeDeclaration }) =>
        locations(language, others, "references", document, position, { context: { includeDeclaration } }),
    }),
  documentHighlightProvider: (language) =>
    languages.registerDocumentHighlightProvider(selector, {
      async provideDocumentHighlights(document, position, token) {
        const method = "textDocument/documentHighlight";
        const found = await ask<{ range: LspRange }[]>(language, method, document, position, {}, token);
        const cell = placeOfCell(document);
        return found
          ?.map(({ range }) => inDocument(document, range))
          .filter(({ start }) => !cell || (start.line >= 0 && start.line < document.lineCount))
          .map((range) => new DocumentHighlight(toRange(range)));
      },
    }),
  completionProvider: (language, capability) =>
    languages.registerCompletionItemProvider(
      selector,
      {
        async provideCompletionItems(document, position, _, { triggerCharacter }) {
          if (others.isEcho("completion", document, position)) return undefined;
          const alone = !(await others.answers(document));
          const answer = await ask<LspCompletion[] | { items: LspCompletion[]; isIncomplete?: boolean }>(
            language,
            "textDocument/completion",
            document,
            position,
            { alone },
          );
          if (!answer) return undefined;
          const items = Array.isArray(answer) ? answer : answer.items;
          const labels = items.map(({ label }) => label);
          const theirs = alone ? new Set() : await others.completions(document, position, triggerCharacter, labels);
          const own = items.filter(({ label }) => !theirs.has(label));
          const list = own.flatMap((item) => {
            const completion = toCompletion(item, document);
            if (completion && item.data !== undefined) unresolved.set(completion, item);
            return completion ?? [];
          });
          return new CompletionList(list, !Array.isArray(answer) && answer.isIncomplete === true);
        },
        async resolveCompletionItem(completion) {
          const item = unresolved.get(completion);
          if (!item) return completion;
          // SAFETY: the Language Server Protocol fixes the answer; the server is ours.
          const more = (await language
            .request("completionItem/resolve", { label: item.label, data: item.data })
            .catch(() => undefined)) as Pick<LspCompletion, "detail" | "documentation"> | null | undefined;
          if (more?.detail !== undefined) completion.detail = more.detail;
          const says = markdownOf(more?.documentation);
          if (says) completion.documentation = says;
          return completion;
        },
      },
      ...triggersOf(capability),
    ),
  codeActionProvider: (language) =>
    languages.registerCodeActionsProvider(selector, {
      async provideCodeActions(document, range, context, token) {
        const line = placeOfCell(document)?.line ?? 0;
        const diagnostics = context.diagnostics
          .filter(({ source }) => source === "millrace")
          .map(fromDiagnostic)
          .map((diagnostic) => ({ ...diagnostic, range: shifted(diagnostic.range, line) }));
        const params = { range: shifted(plainRange(range), line), context: { diagnostics } };
        const answer = await ask<LspAction[]>(language, "textDocument/codeAction", document, undefined, params, token);
        return (answer ?? []).flatMap((action) => toAction(action, document));
      },
    }),
});

interface LspCompletion {
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

const unresolved = new WeakMap<CompletionItem, LspCompletion>();

export interface LspEdit {
  readonly range: LspRange;
  readonly newText: string;
}

interface LspAction {
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

interface LspLocation {
  readonly uri?: string;
  readonly range?: LspRange;
  readonly targetUri?: string;
  readonly targetSelectionRange?: LspRange;
}

/** Nothing where the server is down: the editor asks again soon. */
export async function ask<T>(
  language: Language,
  method: string,
  document: TextDocument,
  position?: Position,
  more: object = {},
  token?: CancellationToken,
): Promise<T | undefined> {
  const place = placeOfCell(document);
  if (!place && !mayHavePipelines(document)) return undefined;
  const { file, line } = place ?? { file: document.uri, line: 0 };
  const at = position ? { position: { line: position.line + line, character: position.character } } : {};
  const params = { textDocument: { uri: file.toString() }, ...at, ...more };
  // SAFETY: the Language Server Protocol fixes the answer of each method; the server is ours.
  return ((await language.request(method, params, token).catch(() => undefined)) ?? undefined) as T | undefined;
}

/** Places of a name; those that another server names as well are left to it. */
async function locations(
  language: Language,
  others: OtherPython,
  question: "definition" | "references",
  document: TextDocument,
  position: Position,
  more: object = {},
): Promise<Location[] | undefined> {
  if (others.isEcho(question, document, position)) return undefined;
  const answer = await ask<LspLocation | LspLocation[]>(language, `textDocument/${question}`, document, position, more);
  const found = (Array.isArray(answer) ? answer : answer ? [answer] : []).flatMap((each) => {
    const uri = each.uri ?? each.targetUri;
    const range = each.range ?? each.targetSelectionRange;
    return uri !== undefined && range ? [locationFrom(document, Uri.parse(uri), range)] : [];
  });
  if (found.length === 0 || !(await others.answers(document))) return found;
  const key = ({ uri, range }: Location) => `${uri.toString()} ${range.start.line}:${range.start.character}`;
  const theirs = new Set((await others.places(question, document, position)).map(key));
  return found.filter((one) => !theirs.has(key(one)));
}

/** A place that the server names, as whoever looks from a document wants it: from a cell, in a cell. */
function locationFrom(document: TextDocument, file: Uri, range: LspRange): Location {
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

function toDiagnostic({ range, severity, code, source, message, tags, relatedInformation }: LspDiagnostic): Diagnostic {
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

function fromDiagnostic({ range, message, code, severity }: Diagnostic): LspDiagnostic {
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
function toCompletion(item: LspCompletion, document: TextDocument): CompletionItem | undefined {
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

function toAction(
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

function triggersOf(capability: unknown): readonly string[] {
  const triggers: unknown =
    typeof capability === "object" && capability !== null ? Reflect.get(capability, "triggerCharacters") : undefined;
  return Array.isArray(triggers) ? triggers.filter((each) => typeof each === "string") : [];
}

function plainRange({ start, end }: { readonly start: Position; readonly end: Position }): LspRange {
  return { start: { line: start.line, character: start.character }, end: { line: end.line, character: end.character } };
}
