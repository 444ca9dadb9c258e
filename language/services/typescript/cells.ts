/** What TypeScript itself says of a notebook's cells, read as the one file that they make. In LSP's words but for places. */
import type { Files, Span } from "../../source.ts";
import { ts } from "../../typescript/syntax.ts";
import type { TypeChecker } from "../../typescript/type-checker.ts";

export interface TypeProblem {
  readonly span: Span;
  readonly message: string;
  readonly code: number;
  readonly severity: "error" | "warning" | "hint";
  readonly isUnused: boolean;
  readonly isDeprecated: boolean;
}

/** LSP's number of a kind of completion. */
const kinds: Readonly<Record<string, number>> = {
  [ts.ScriptElementKind.functionElement]: 3,
  [ts.ScriptElementKind.localFunctionElement]: 3,
  [ts.ScriptElementKind.memberFunctionElement]: 2,
  [ts.ScriptElementKind.memberVariableElement]: 5,
  [ts.ScriptElementKind.memberGetAccessorElement]: 10,
  [ts.ScriptElementKind.variableElement]: 6,
  [ts.ScriptElementKind.localVariableElement]: 6,
  [ts.ScriptElementKind.letElement]: 6,
  [ts.ScriptElementKind.constElement]: 21,
  [ts.ScriptElementKind.parameterElement]: 6,
  [ts.ScriptElementKind.alias]: 6,
  [ts.ScriptElementKind.classElement]: 7,
  [ts.ScriptElementKind.interfaceElement]: 8,
  [ts.ScriptElementKind.typeElement]: 8,
  [ts.ScriptElementKind.enumElement]: 13,
  [ts.ScriptElementKind.enumMemberElement]: 20,
  [ts.ScriptElementKind.moduleElement]: 9,
  [ts.ScriptElementKind.scriptElement]: 17,
  [ts.ScriptElementKind.keyword]: 14,
  [ts.ScriptElementKind.string]: 12,
};

export interface TypeCompletion {
  readonly label: string;
  readonly kind: number;
  readonly sortText: string;
  /** Absent: the word that is typed. */
  readonly replaced?: Span;
  readonly insert: string;
  readonly isDeprecated: boolean;
}

export function createCellTypes(checker: TypeChecker, files: Files) {
  const { service } = checker;

  function problemsOf(path: string): readonly TypeProblem[] {
    checker.look(path);
    const found = [
      ...service.getSyntacticDiagnostics(path),
      ...service.getSemanticDiagnostics(path),
      ...service.getSuggestionDiagnostics(path).filter((each) => each.reportsUnnecessary ?? each.reportsDeprecated),
    ];
    return found.flatMap(
      ({ start = 0, length = 0, messageText, code, category, reportsUnnecessary, reportsDeprecated }) => ({
        span: { path, start, end: start + length },
        message: ts.flattenDiagnosticMessageText(messageText, "\n"),
        code,
        severity:
          category === ts.DiagnosticCategory.Error
            ? "error"
            : category === ts.DiagnosticCategory.Warning
              ? "warning"
              : "hint",
        isUnused: reportsUnnecessary !== undefined,
        isDeprecated: reportsDeprecated !== undefined,
      }),
    );
  }

  function complete(path: string, offset: number): readonly TypeCompletion[] {
    checker.look(path);
    const answer = service.getCompletionsAtPosition(path, offset, {
      includeCompletionsWithInsertText: true,
      includeCompletionsForModuleExports: false,
    });
    return (answer?.entries ?? []).map(({ name, kind, sortText, insertText, replacementSpan, kindModifiers }) => ({
      label: name,
      kind: kinds[kind] ?? 1,
      sortText,
      ...(replacementSpan
        ? { replaced: { path, start: replacementSpan.start, end: replacementSpan.start + replacementSpan.length } }
        : {}),
      insert: insertText ?? name,
      isDeprecated: kindModifiers?.includes("deprecated") ?? false,
    }));
  }

  /** Signature and documentation of an entry of `complete`. */
  function details(
    path: string,
    offset: number,
    name: string,
  ): { readonly detail: string; readonly says: string } | undefined {
    checker.look(path);
    const found = service.getCompletionEntryDetails(path, offset, name, undefined, undefined, undefined, undefined);
    return found && { detail: plain(found.displayParts), says: documentation(found) };
  }

  function hover(path: string, offset: number): { readonly text: string; readonly span: Span } | undefined {
    checker.look(path);
    const found = service.getQuickInfoAtPosition(path, offset);
    if (!found) return undefined;
    const { start, length } = found.textSpan;
    const text = [`\`\`\`typescript\n${plain(found.displayParts)}\n\`\`\``, documentation(found)].filter(
      (each) => each !== "",
    );
    return { text: text.join("\n\n"), span: { path, start, end: start + length } };
  }

  /** In files that are there: lib.d.ts is none. */
  function definitions(path: string, offset: number): readonly Span[] {
    checker.look(path);
    return (service.getDefinitionAtPosition(path, offset) ?? []).flatMap(placeIn);
  }

  function references(path: string, offset: number): readonly Span[] {
    checker.look(path);
    return (service.getReferencesAtPosition(path, offset) ?? []).flatMap(placeIn);
  }

  function placeIn({ fileName, textSpan: { start, length } }: ts.DocumentSpan): readonly Span[] {
    if (files.read(fileName) === undefined) return [];
    const [from, to] = [sourceOf(fileName, start), sourceOf(fileName, start + length)];
    return from && to && from.fileName === to.fileName
      ? [{ path: from.fileName, start: from.pos, end: to.pos }]
      : [{ path: fileName, start, end: start + length }];
  }

  /** Where a place of declarations was made from: in the Python file. */
  function sourceOf(fileName: string, pos: number): { readonly fileName: string; readonly pos: number } | undefined {
    if (!/\.d\.\w+\.ts$/.test(fileName)) return undefined;
    // SAFETY: every language service has it for tsserver's own use; the public types leave it out.
    return (service as unknown as WithSourceMaps).getSourceMapper().tryGetSourcePosition({ fileName, pos });
  }

  /** The places of a name in the file that is shown, and of the name that is asked about. */
  function renamePlaces(
    path: string,
    offset: number,
  ): { readonly name: Span; readonly places: readonly (Span & { before: string; after: string })[] } | undefined {
    checker.look(path);
    const info = service.getRenameInfo(path, offset, { allowRenameOfImportPath: false });
    if (!info.canRename) return undefined;
    const { start, length } = info.triggerSpan;
    const found =
      service.findRenameLocations(path, offset, false, false, { providePrefixAndSuffixTextForRename: true }) ?? [];
    const places = found.flatMap((each) =>
      placeIn(each).map((span) => ({ ...span, before: each.prefixText ?? "", after: each.suffixText ?? "" })),
    );
    return { name: { path, start, end: start + length }, places };
  }

  function signature(path: string, offset: number) {
    checker.look(path);
    const found = service.getSignatureHelpItems(path, offset, undefined);
    if (!found) return undefined;
    const signatures = found.items.map((item) => {
      const parameters = item.parameters.map((each) => ({
        label: plain(each.displayParts),
        documentation: plain(each.documentation),
      }));
      const listed = parameters.map(({ label }) => label).join(plain(item.separatorDisplayParts));
      const label = plain(item.prefixDisplayParts) + listed + plain(item.suffixDisplayParts);
      return { label, documentation: plain(item.documentation), parameters };
    });
    return { signatures, activeSignature: found.selectedItemIndex, activeParameter: found.argumentIndex };
  }

  return {
    problemsOf,
    complete,
    details,
    hover,
    definitions,
    references,
    renamePlaces,
    signature,
    forget: checker.forget,
  };
}

interface WithSourceMaps {
  getSourceMapper(): {
    tryGetSourcePosition(at: {
      readonly fileName: string;
      readonly pos: number;
    }): { readonly fileName: string; readonly pos: number } | undefined;
  };
}

export type CellTypes = ReturnType<typeof createCellTypes>;

function plain(parts: readonly ts.SymbolDisplayPart[] | undefined): string {
  return (parts ?? []).map(({ text }) => text).join("");
}

function documentation({ documentation: says, tags }: Pick<ts.QuickInfo, "documentation" | "tags">): string {
  const tagged = (tags ?? []).map(({ name, text }) => `*@${name}* ${plain(text)}`.trim());
  return [plain(says), ...tagged].filter((each) => each !== "").join("\n\n");
}
