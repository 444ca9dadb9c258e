/** What the language server offers beyond our own views: problems, hover, completion, where a name is defined. */
import type { Position } from "vscode";
import {
  CodeAction,
  CodeActionKind,
  CompletionItem,
  CompletionItemKind,
  CompletionList,
  Diagnostic,
  DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
  Hover,
  languages,
  Location,
  MarkdownString,
  SnippetString,
  TextEdit,
  type TextDocument,
  Uri,
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
import type { Owned } from "./owned.ts";

const selector = languageIds.map((language) => ({ language, scheme: "file" }));

export function registerLanguageFeatures(language: Language): Owned {
  const problems = languages.createDiagnosticCollection("millrace");
  const subscriptions: Owned[] = [
    problems,
    language.onDiagnostics(({ uri, diagnostics }) => problems.set(uri, diagnostics.map(toDiagnostic))),
  ];
  const registered = new Set<string>();
  subscriptions.push(
    language.onCapabilities((capabilities) => {
      for (const [name, register] of Object.entries(providers)) {
        if (!capabilities[name] || registered.has(name)) continue;
        registered.add(name);
        subscriptions.push(register(language, capabilities[name]));
      }
    }),
  );
  return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
}

type Register = (language: Language, capability: unknown) => Owned;

const providers: Readonly<Record<string, Register>> = {
  hoverProvider: (language) =>
    languages.registerHoverProvider(selector, {
      async provideHover(document, position) {
        const answer = await ask<{ contents: unknown; range?: LspRange }>(
          language,
          "textDocument/hover",
          document,
          position,
        );
        const text = answer && markdownOf(answer.contents);
        return text ? new Hover(text, answer.range && toRange(answer.range)) : undefined;
      },
    }),
  definitionProvider: (language) =>
    languages.registerDefinitionProvider(selector, {
      provideDefinition: (document, position) => locations(language, "textDocument/definition", document, position),
    }),
  referencesProvider: (language) =>
    languages.registerReferenceProvider(selector, {
      provideReferences: (document, position) =>
        locations(language, "textDocument/references", document, position, { context: { includeDeclaration: true } }),
    }),
  completionProvider: (language, capability) =>
    languages.registerCompletionItemProvider(
      selector,
      {
        async provideCompletionItems(document, position) {
          const answer = await ask<LspCompletion[] | { items: LspCompletion[]; isIncomplete?: boolean }>(
            language,
            "textDocument/completion",
            document,
            position,
          );
          if (!answer) return undefined;
          const items = Array.isArray(answer) ? answer : answer.items;
          return new CompletionList(items.map(toCompletion), !Array.isArray(answer) && answer.isIncomplete === true);
        },
      },
      ...triggersOf(capability),
    ),
  codeActionProvider: (language) =>
    languages.registerCodeActionsProvider(selector, {
      async provideCodeActions(document, range, context) {
        const diagnostics = context.diagnostics.filter(({ source }) => source === "millrace").map(fromDiagnostic);
        const params = { range: plainRange(range), context: { diagnostics } };
        const answer = await ask<LspAction[]>(language, "textDocument/codeAction", document, undefined, params);
        return (answer ?? []).flatMap((action) => toAction(action));
      },
    }),
};

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
}

interface LspEdit {
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
}

interface LspLocation {
  readonly uri?: string;
  readonly range?: LspRange;
  readonly targetUri?: string;
  readonly targetSelectionRange?: LspRange;
}

/** Nothing where the server is down: the editor asks again soon. */
async function ask<T>(
  language: Language,
  method: string,
  document: TextDocument,
  position?: Position,
  more: object = {},
): Promise<T | undefined> {
  if (!mayHavePipelines(document)) return undefined;
  const at = position ? { position: { line: position.line, character: position.character } } : {};
  const params = { textDocument: { uri: document.uri.toString() }, ...at, ...more };
  // SAFETY: the Language Server Protocol fixes the answer of each method; the server is ours.
  return ((await language.request(method, params).catch(() => undefined)) ?? undefined) as T | undefined;
}

async function locations(
  language: Language,
  method: string,
  document: TextDocument,
  position: Position,
  more: object = {},
): Promise<Location[]> {
  const answer = await ask<LspLocation | LspLocation[]>(language, method, document, position, more);
  return (Array.isArray(answer) ? answer : answer ? [answer] : []).flatMap((each) => {
    const uri = each.uri ?? each.targetUri;
    const range = each.range ?? each.targetSelectionRange;
    return uri !== undefined && range ? [new Location(Uri.parse(uri), toRange(range))] : [];
  });
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

function toCompletion(item: LspCompletion): CompletionItem {
  const completion = new CompletionItem(
    item.label,
    item.kind === undefined ? undefined : completionKinds[item.kind - 1],
  );
  const text = item.textEdit?.newText ?? item.insertText;
  if (text !== undefined) completion.insertText = item.insertTextFormat === 2 ? new SnippetString(text) : text;
  if (item.textEdit) completion.range = toRange(item.textEdit.range);
  if (item.detail !== undefined) completion.detail = item.detail;
  const documentation = markdownOf(item.documentation);
  if (documentation) completion.documentation = documentation;
  if (item.sortText !== undefined) completion.sortText = item.sortText;
  if (item.filterText !== undefined) completion.filterText = item.filterText;
  return completion;
}

function toAction({ title, kind, edit, isPreferred }: LspAction): readonly CodeAction[] {
  if (!edit) return [];
  const action = new CodeAction(
    title,
    kind === undefined ? CodeActionKind.QuickFix : CodeActionKind.Empty.append(kind),
  );
  action.edit = new WorkspaceEdit();
  const changes =
    edit.documentChanges ??
    Object.entries(edit.changes ?? {}).map(([uri, edits]) => ({ kind: undefined, textDocument: { uri }, edits }));
  for (const change of changes) {
    if (change.kind === "create") action.edit.createFile(Uri.parse(change.uri), { ignoreIfExists: true });
    else
      action.edit.set(
        Uri.parse(change.textDocument.uri),
        change.edits.map(({ range, newText }) => new TextEdit(toRange(range), newText)),
      );
  }
  if (isPreferred !== undefined) action.isPreferred = isPreferred;
  return [action];
}

/** Markdown without HTML and without commands: text of a file is in it. */
function markdownOf(contents: unknown): MarkdownString | undefined {
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
