/** What the services find in TypeScript files, in the words of the Language Server Protocol. */
import { definitionHover } from "../../hover.ts";
import type { OpenFiles } from "../../open-files.ts";
import type { Positions } from "../../positions.ts";
import { typesRoot } from "../../declarations.ts";
import type { Forecast, HoverSubject, Location, Range } from "../../protocol.ts";
import type { Position, Span } from "../../source.ts";
import { settingsFix } from "../../typescript/project-settings.ts";
import type { Workspace } from "../../workspace.ts";
import type { GivenDiagnostic, WorkspaceEdit } from "../answers.ts";
import type { Edit } from "../fixes.ts";
import { actionsAt } from "./actions.ts";
import type { CellTypes, TypeProblem } from "./cells.ts";
import { complete, mayComplete } from "./completion.ts";
import { cachedHints, inlayHints } from "./inlay.ts";
import type { Offers } from "./offers.ts";
import { type Reading, readingOf, syntaxOf } from "./reading.ts";
import { stepHover } from "./step-hover.ts";

export interface TypeScriptContext {
  readonly files: OpenFiles;
  readonly positions: Positions;
  readonly workspace: Workspace;
  readonly offers: Offers;
  readonly folders: () => readonly string[];
  /** Files that are shown as the cells of a notebook: TypeScript's own server does not know them. */
  readonly cells: ReadonlySet<string>;
}

export type TypeScriptAnswers = ReturnType<typeof createTypeScriptAnswers>;

export function createTypeScriptAnswers(context: TypeScriptContext) {
  const { files, positions, workspace, offers, folders, cells } = context;
  const { rangeOf, offsetOf } = positions;
  const { uriOf } = files;

  let types: Promise<CellTypes> | undefined;

  /** What TypeScript itself says; undefined of a file whose text its own server has. */
  async function typesOf(path: string): Promise<CellTypes | undefined> {
    if (!cells.has(path)) return undefined;
    types ??= loadTypes();
    return types;
  }

  async function loadTypes(): Promise<CellTypes> {
    const { createTypeChecker } = await import("../../typescript/type-checker.ts");
    const { createCellTypes } = await import("./cells.ts");
    return createCellTypes(
      createTypeChecker(files, (path) => typesRoot(path, files, folders())),
      files,
    );
  }

  const locationOf = (span: Span): Location => ({ uri: uriOf(span.path), range: rangeOf(span) });

  async function reading(path: string): Promise<Reading> {
    return readingOf(await workspace.analysis(path), files);
  }

  function editOf(edits: readonly Edit[]): WorkspaceEdit {
    const changes: Record<string, { range: Range; newText: string }[]> = {};
    for (const { span, text } of edits)
      (changes[uriOf(span.path)] ??= []).push({ range: rangeOf(span), newText: text });
    return { changes };
  }

  return {
    async hover(path: string, position: Position) {
      const own = await ownHover(path, offsetOf(path, position));
      const typed = (await typesOf(path))?.hover(path, offsetOf(path, position));
      if (!typed) return own;
      const text = own ? `${typed.text}\n\n---\n\n${own.contents.value}` : typed.text;
      return { ...own, contents: markdown(text), range: own?.range ?? rangeOf(typed.span) };
    },

    async completion(path: string, position: Position) {
      const offset = offsetOf(path, position);
      const own = (await ownCompletion(path, offset)) ?? [];
      const typed = (await typesOf(path))?.complete(path, offset) ?? [];
      const items = [
        ...own,
        ...typed.map(({ label, kind, sortText, replaced, insert, isDeprecated }) => ({
          label,
          kind,
          sortText,
          ...(isDeprecated ? { tags: [1] } : {}),
          ...(replaced ? { textEdit: { range: rangeOf(replaced), newText: insert } } : {}),
          ...(!replaced && insert !== label ? { insertText: insert } : {}),
          data: { path, offset },
        })),
      ];
      return items.length > 0 ? { isIncomplete: false, items } : undefined;
    },

    /** Signature and documentation of an entry that TypeScript gave. */
    async resolve(path: string, offset: number, name: string) {
      const found = (await typesOf(path))?.details(path, offset, name);
      return found && { detail: found.detail, documentation: markdown(found.says) };
    },

    async definition(path: string, position: Position): Promise<Location[] | undefined> {
      return (await typesOf(path))?.definitions(path, offsetOf(path, position)).map(locationOf);
    },

    async references(path: string, position: Position): Promise<Location[] | undefined> {
      return (await typesOf(path))?.references(path, offsetOf(path, position)).map(locationOf);
    },

    async signatureHelp(path: string, position: Position) {
      const found = (await typesOf(path))?.signature(path, offsetOf(path, position));
      return (
        found && {
          ...found,
          signatures: found.signatures.map((each) => ({
            ...each,
            documentation: markdown(each.documentation),
            parameters: each.parameters.map(({ label, documentation }) => ({
              label,
              documentation: markdown(documentation),
            })),
          })),
        }
      );
    },

    async prepareRename(path: string, position: Position) {
      const found = (await typesOf(path))?.renamePlaces(path, offsetOf(path, position));
      const text = files.read(path) ?? "";
      return found && { range: rangeOf(found.name), placeholder: text.slice(found.name.start, found.name.end) };
    },

    async rename(path: string, position: Position, newName: string): Promise<WorkspaceEdit | undefined> {
      const found = (await typesOf(path))?.renamePlaces(path, offsetOf(path, position));
      return (
        found && editOf(found.places.map(({ before, after, ...span }) => ({ span, text: before + newName + after })))
      );
    },

    /** What TypeScript finds wrong in cells. */
    async typeProblems(path: string): Promise<readonly TypeProblem[]> {
      return (await typesOf(path))?.problemsOf(path) ?? [];
    },

    /** A file that is shown as cells no more. */
    async forget(path: string): Promise<void> {
      if (types) (await types).forget(path);
    },
    async codeActions<D extends GivenDiagnostic>(path: string, range: Range, diagnostics: readonly D[]) {
      const place = { start: offsetOf(path, range.start), end: offsetOf(path, range.end) };
      const complaints = diagnostics.flatMap((diagnostic) =>
        diagnostic.source === "millrace" && typeof diagnostic.code === "string"
          ? [
              {
                code: diagnostic.code,
                start: offsetOf(path, diagnostic.range.start),
                end: offsetOf(path, diagnostic.range.end),
                diagnostic,
              },
            ]
          : [],
      );
      const own = actionsAt(await reading(path), place, complaints, (name) =>
        offers.now().filter((each) => each.name === name),
      ).map(({ title, kind, edits, code }) => {
        const repaired = complaints.filter((one) => one.code === code).map(({ diagnostic }) => diagnostic);
        return {
          title,
          kind,
          edit: editOf(edits),
          ...(code === undefined ? {} : { diagnostics: repaired, isPreferred: repaired.length > 0 }),
        };
      });
      const settings = settingsAction(path, place);
      return settings ? [settings, ...own] : own;
    },

    async inlayHints(
      path: string,
      range: Range,
      wanted: { readonly constructs: boolean; readonly cached: readonly Forecast[] },
    ) {
      const [start, end] = [offsetOf(path, range.start), offsetOf(path, range.end)];
      const { marks } = await reading(path);
      const places = await Promise.all(
        wanted.cached.map(async ({ symbol, nodes }) => {
          const { compiled } = await workspace.compiled(path, symbol);
          return compiled ? cachedHints(path, compiled.sourceMap, new Set(nodes)) : [];
        }),
      );
      return [...(wanted.constructs ? inlayHints(path, marks) : []), ...places.flat()]
        .filter(({ offset }) => start <= offset && offset <= end)
        .map(({ offset, label, says }) => ({
          position: rangeOf({ path, start: offset, end: offset }).start,
          label,
          tooltip: says,
          paddingLeft: true,
        }));
    },
  };

  async function ownHover(path: string, offset: number) {
    const { definitions } = await workspace.analysis(path);
    const named = definitions.find(({ nameSpan }) => holds(nameSpan, path, offset));
    if (named) {
      const { compiled } = await workspace.compiled(path, named.symbol);
      const subjects: readonly HoverSubject[] = [{ uri: uriOf(path), symbol: named.symbol }];
      return { contents: markdown(definitionHover(named, compiled)), range: rangeOf(named.nameSpan), subjects };
    }
    const found = stepHover(await reading(path), offset);
    if (!found) return undefined;
    const { text, start, end, steps } = found;
    const subjects = await subjectsOf(
      path,
      steps.map(({ span }) => span),
    );
    return { contents: markdown(text), range: rangeOf({ path, start, end }), subjects };
  }

  async function ownCompletion(path: string, offset: number) {
    const offered = offers.now();
    // Whoever types waits for all who complete: nothing is analysed for nothing.
    if (!mayComplete(syntaxOf(path, files), offset, offered)) return undefined;
    const found = complete(await reading(path), offset, offered);
    if (!found) return undefined;
    const range = rangeOf({ path, start: found.start, end: found.end });
    return found.entries.map(({ label, kind, insert, detail, says, more }, index) => ({
      label,
      kind: kind === "value" ? 12 : 3,
      // Values before what others offer, in our own order; components among the names.
      sortText: kind === "value" ? `!${String(index).padStart(4, "0")}` : `~${label}`,
      ...(detail === undefined ? {} : { detail }),
      ...(says === undefined ? {} : { documentation: markdown(says) }),
      textEdit: { range, newText: insert },
      ...(more ? { additionalTextEdits: more.map(({ span, text }) => ({ range: rangeOf(span), newText: text })) } : {}),
    }));
  }

  /** Which tasks of which pipeline stand at these places. */
  async function subjectsOf(path: string, spans: readonly Span[]): Promise<readonly HoverSubject[]> {
    const [first] = spans;
    const { definitions } = await workspace.analysis(path);
    const around = definitions.filter(
      ({ kind, span }) => kind === "pipeline" && first && holds(span, path, first.start),
    );
    for (const { symbol } of around) {
      const { compiled } = await workspace.compiled(path, symbol);
      const nodes = [...(compiled?.sourceMap ?? [])].flatMap(([node, span]) =>
        spans.some((each) => each.path === span.path && each.start === span.start && each.end === span.end)
          ? [node]
          : [],
      );
      if (nodes.length > 0) return nodes.map((node) => ({ uri: uriOf(path), symbol, node }));
    }
    return [];
  }

  function settingsAction(path: string, place: { readonly start: number; readonly end: number }) {
    const fix = settingsFix(path, files.read(path) ?? "", place, files, folders());
    if (!fix) return undefined;
    const uri = uriOf(fix.path);
    const edits = fix.edits.map(({ span, text: newText }) => ({ range: rangeOf(span), newText }));
    const change = { textDocument: { uri, version: null }, edits };
    const create = { kind: "create" as const, uri, options: { ignoreIfExists: true } };
    return { title: fix.title, kind: "quickfix", edit: { documentChanges: fix.isNew ? [create, change] : [change] } };
  }
}

function holds(span: Span, path: string, offset: number): boolean {
  return span.path === path && span.start <= offset && offset <= span.end;
}

function markdown(value: string) {
  return { kind: "markdown" as const, value };
}
