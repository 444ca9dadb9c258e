/** What the language server offers beyond our own views: problems, hover, completion, where a name is defined. */
import type { CancellationToken, Position } from "vscode";
import {
  type CompletionItem,
  CompletionList,
  type DiagnosticCollection,
  DocumentHighlight,
  Hover,
  languages,
  type Location,
  type TextDocument,
  Uri,
  window,
  workspace,
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
import {
  fromDiagnostic,
  inDocument,
  locationFrom,
  type LspAction,
  type LspCompletion,
  markdownOf,
  plainRange,
  shifted,
  toAction,
  toCompletion,
  toDiagnostic,
} from "./lsp-values.ts";
import type { OtherPython } from "./other-python.ts";
import type { Runs } from "./runs.ts";
import { cellsOf, isIn, notebookOf, notebookType, placeOfCell, textOf, typescriptCells } from "./notebook-places.ts";
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

const unresolved = new WeakMap<CompletionItem, LspCompletion>();

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

function triggersOf(capability: unknown): readonly string[] {
  const triggers: unknown =
    typeof capability === "object" && capability !== null ? Reflect.get(capability, "triggerCharacters") : undefined;
  return Array.isArray(triggers) ? triggers.filter((each) => typeof each === "string") : [];
}
