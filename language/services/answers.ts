/** What the services find in Python files, in the words of the Language Server Protocol. */
import type { AnalyzeOptions } from "../analyze.ts";
import type { AnalysisMemory } from "../analyze-file.ts";
import type { Meanings } from "../python/meanings.ts";
import type { Location, Range } from "../protocol.ts";
import type { Files, Position, Span } from "../source.ts";
import { unknowable } from "../diagnostics.ts";
import { channelMarks } from "./channel-marks.ts";
import { complete, type CompletionEntry } from "./completion.ts";
import { fixes } from "./fixes.ts";
import { pythonHover } from "./python-hover.ts";
import { passedOnWhole, referencesOf, refusedName, renameable, renamePlaces, wordOf } from "./rename.ts";
import { signatureAt } from "./signature.ts";
import { definitionOf, placesOf, type Referent, symbolAt } from "./symbols.ts";

export interface AnswerContext {
  readonly files: Files;
  optionsFor(path: string): AnalyzeOptions;
  readonly rangeOf: (span: Span) => Range;
  readonly offsetOf: (path: string, position: Position) => number;
  readonly uriOf: (path: string) => string;
  /** Of the text as it is now. */
  readonly meaningsOf: (path: string) => Promise<Meanings>;
  /** That of the analyses. */
  readonly memory: AnalysisMemory;
  /** Python files of the workspace that have a word. */
  filesWith(word: string): AsyncIterable<string>;
}

/** A diagnostic as a client hands it back. */
export interface GivenDiagnostic {
  readonly range: Range;
  readonly code?: string | number;
  readonly source?: string;
  readonly message?: unknown;
}

interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}

export interface WorkspaceEdit {
  readonly changes: Record<string, TextEdit[]>;
}

export type PythonAnswers = ReturnType<typeof createPythonAnswers>;

export interface PythonHover {
  readonly contents: { readonly kind: "markdown"; readonly value: string };
  readonly range: Range;
  /** The component or pipeline that it is about. */
  readonly about?: { readonly path: string; readonly symbol: string };
  /** Where this file has it. */
  readonly uses?: readonly Span[];
  /** Not where it is defined. */
  readonly isUse?: boolean;
}

/** A request that cannot be met, with the reason for the user. */
export class Refusal extends Error {}

export function createPythonAnswers(context: AnswerContext) {
  const { files, rangeOf, uriOf, meaningsOf } = context;
  async function everywhere(path: string, symbol: Referent): Promise<readonly Meanings[]> {
    const found = [await meaningsOf(path)];
    for await (const file of context.filesWith(wordOf(symbol))) if (file !== path) found.push(await meaningsOf(file));
    return found;
  }

  async function symbolIn(path: string, position: Position): Promise<Referent | undefined> {
    const offset = context.offsetOf(path, position);
    return symbolAt(await meaningsOf(path), path, offset);
  }

  const locationOf = (span: Span): Location => ({ uri: uriOf(span.path), range: rangeOf(span) });

  function editOf(edits: readonly { readonly span: Span; readonly text: string }[]): WorkspaceEdit {
    const changes: Record<string, TextEdit[]> = {};
    for (const { span, text } of edits)
      (changes[uriOf(span.path)] ??= []).push({ range: rangeOf(span), newText: text });
    return { changes };
  }

  return {
    /** `alone`: no other server completes Python. */
    completion(path: string, position: Position, alone: boolean) {
      const offset = context.offsetOf(path, position);
      const options = context.optionsFor(path);
      const answer = complete(path, offset, { files, options, memory: context.memory.python, alone });
      if (!answer) return undefined;
      const range = rangeOf({ path, start: answer.start, end: offset });
      return { isIncomplete: false, items: answer.entries.map((entry, i) => completionItem(entry, i, range)) };
    },

    /** `others`: what other servers say there. */
    async hover(path: string, position: Position, others: string): Promise<PythonHover | undefined> {
      const offset = context.offsetOf(path, position);
      const meanings = await meaningsOf(path);
      const found = pythonHover(meanings, path, offset, others);
      if (!found) return undefined;
      const { text, span, about } = found;
      const source = about?.source;
      return {
        contents: { kind: "markdown", value: text },
        range: rangeOf(span),
        ...(source && {
          about: { path: source.span.path, symbol: source.functionName },
          uses: placesOf(meanings, about).filter((place) => place.path === path),
          isUse: source.nameSpan.path !== path || source.nameSpan.start !== span.start,
        }),
      };
    },

    async highlights(path: string, position: Position) {
      const offset = context.offsetOf(path, position);
      const meanings = await meaningsOf(path);
      const symbol = symbolAt(meanings, path, offset);
      return (
        symbol && placesOf(meanings, symbol).flatMap((span) => (span.path === path ? [{ range: rangeOf(span) }] : []))
      );
    },

    async definition(path: string, position: Position): Promise<Location | undefined> {
      const symbol = await symbolIn(path, position);
      return symbol && locationOf(definitionOf(symbol));
    },

    async references(path: string, position: Position, includeDeclaration: boolean): Promise<Location[] | undefined> {
      const symbol = await symbolIn(path, position);
      if (!symbol) return undefined;
      const { path: file, start } = definitionOf(symbol);
      return referencesOf(await everywhere(path, symbol), symbol)
        .filter((span) => includeDeclaration || span.path !== file || span.start !== start)
        .map(locationOf);
    },

    async prepareRename(path: string, position: Position) {
      const offset = context.offsetOf(path, position);
      const symbol = renameable(await meaningsOf(path), path, offset);
      return symbol && { range: rangeOf(symbol.span), placeholder: symbol.member?.name ?? "" };
    },

    async rename(path: string, position: Position, newName: string): Promise<WorkspaceEdit | undefined> {
      const offset = context.offsetOf(path, position);
      const symbol = renameable(await meaningsOf(path), path, offset);
      if (!symbol) return undefined;
      const refused = refusedName(symbol, newName);
      if (refused !== undefined) throw new Refusal(refused);
      const readings = await everywhere(path, symbol);
      const whole = passedOnWhole(readings, symbol);
      if (whole) {
        const line = rangeOf(whole).start.line + 1;
        const file = whole.path.slice(whole.path.lastIndexOf("/") + 1);
        const what = symbol.member?.kind === "input" ? "arguments" : "outputs";
        const { name } = symbol.source.component;
        throw new Refusal(`The ${what} of "${name}" are passed on whole in line ${line} of ${file}.`);
      }
      const places = renamePlaces(readings, symbol);
      return editOf(places.map((span) => ({ span, text: newName })));
    },

    signatureHelp(path: string, position: Position) {
      const found = signatureAt(
        path,
        context.offsetOf(path, position),
        files,
        context.optionsFor(path),
        context.memory.python,
      );
      if (!found) return undefined;
      const parameters = found.parameters.map(({ label, says }) => ({ label, ...documented(says) }));
      const { active = parameters.length } = found;
      const signature = { label: found.label, ...documented(found.says), parameters };
      return { signatures: [signature], activeSignature: 0, activeParameter: active };
    },

    async codeActions<D extends GivenDiagnostic>(path: string, range: Range, diagnostics: readonly D[]) {
      const within = { start: context.offsetOf(path, range.start), end: context.offsetOf(path, range.end) };
      const complaints = diagnostics.flatMap((diagnostic) =>
        diagnostic.source === "millrace" && typeof diagnostic.code === "string"
          ? [
              {
                code: diagnostic.code,
                start: context.offsetOf(path, diagnostic.range.start),
                end: context.offsetOf(path, diagnostic.range.end),
                diagnostic,
              },
            ]
          : [],
      );
      return fixes(await meaningsOf(path), path, within, complaints).map(({ title, edits, code }) => {
        const repaired = complaints.filter((one) => one.code === code).map(({ diagnostic }) => diagnostic);
        const kind = "quickfix";
        return { title, kind, diagnostics: repaired, isPreferred: code !== undefined, edit: editOf(edits) };
      });
    },

    /** For what reading gives up at: our client's command that has the user's own Python compile the file. */
    askPython<D extends GivenDiagnostic>(path: string, diagnostics: readonly D[]) {
      const asking = diagnostics.filter(({ source, code }) => source === "millrace" && isUnknowable(code));
      if (asking.length === 0) return [];
      const title = "Compile with Python";
      const command = { title, command: "millrace.compileWithPython", arguments: [uriOf(path)] };
      return [{ title, kind: "quickfix", diagnostics: asking, isPreferred: true, command }];
    },

    /** For what the user alone can say: our client's commands that ask for it. */
    askUser<D extends GivenDiagnostic>(path: string, diagnostics: readonly D[]) {
      return diagnostics.flatMap((diagnostic) => {
        const { source, code, message } = diagnostic;
        if (source !== "millrace" || typeof message !== "string") return [];
        const offer = (title: string, command: string, about: string) => ({
          title,
          kind: "quickfix",
          diagnostics: [diagnostic],
          command: { title, command, arguments: [uriOf(path), about] },
        });
        const url = code === "not-fetched" ? /^The component at (\S+) was/.exec(message)?.[1] : undefined;
        const name = code === "assumed-environment" ? /^(.+) is taken to be/.exec(message)?.[1] : undefined;
        return [
          ...(url === undefined ? [] : [offer("Fetch this component…", "millrace.fetchComponent", url)]),
          ...(name === undefined ? [] : [offer(`Set ${name}…`, "millrace.setEnvironment", name)]),
        ];
      });
    },

    /** LSP's five numbers a token: all of the one type and modifier that the server announces. */
    async semanticTokens(path: string): Promise<{ readonly data: readonly number[] }> {
      const data: number[] = [];
      let [line, character] = [0, 0];
      for (const span of channelMarks(await meaningsOf(path), path)) {
        const { start } = rangeOf(span);
        data.push(start.line - line, start.line === line ? start.character - character : start.character);
        data.push(span.end - span.start, 0, 1);
        [line, character] = [start.line, start.character];
      }
      return { data };
    },
  };
}

/** LSP's numbers. */
const completionKinds: Readonly<Record<CompletionEntry["kind"], number>> = {
  argument: 10,
  output: 5,
  method: 2,
  property: 10,
  function: 3,
  class: 7,
  module: 9,
  variable: 6,
  keyword: 14,
  text: 12,
};

function isUnknowable(code: string | number | undefined): boolean {
  return [...unknowable].some((one) => one === code);
}

function completionItem(entry: CompletionEntry, index: number, range: Range) {
  const { label, kind, insert, isSnippet, goesOn, detail, says, deprecated } = entry;
  return {
    label,
    kind: completionKinds[kind],
    // Before what others offer, in our own order.
    sortText: `!${String(index).padStart(4, "0")}`,
    ...(detail === undefined ? {} : { detail }),
    ...documented(says),
    ...(deprecated ? { tags: [1] } : {}),
    ...(isSnippet ? { insertTextFormat: 2 } : {}),
    ...(goesOn ? { command: { title: "", command: "editor.action.triggerSuggest" } } : {}),
    textEdit: { range, newText: insert ?? label },
  };
}

function documented(says: string | undefined) {
  return says === undefined ? {} : { documentation: { kind: "markdown" as const, value: says } };
}
