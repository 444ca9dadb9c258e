/** What the language server knows of TypeScript pipelines beyond TypeScript's own: what loops and branches become, which steps are cached. */
import { commands, EventEmitter, InlayHint, languages, Position, type Range, workspace } from "vscode";
import { type Language, type LspPosition } from "./language-client.ts";
import { ask, type Register, selector, whenCapable } from "./language-features.ts";
import { shifted } from "./lsp-values.ts";
import { placeOfCell } from "./notebook-places.ts";
import type { Forecasts } from "./forecasts.ts";
import type { Owned } from "./owned.ts";

const ofTypeScript = selector.filter(({ language }) => !["python", "yaml", "json"].includes(language));

export function registerTypeScriptFeatures(language: Language, forecasts: Forecasts): Owned {
  const features = whenCapable(language, { inlayHintProvider: showInlayHints(forecasts) });
  // TypeScript's server has looked for them before, and its watcher may miss files of a folder that is new.
  const look = language.onTypesMade(
    () => void commands.executeCommand("typescript.reloadProjects").then(undefined, () => undefined),
  );
  return {
    dispose() {
      look.dispose();
      features.dispose();
      forecasts.dispose();
    },
  };
}

interface LspInlayHint {
  readonly position: LspPosition;
  readonly label: string;
  readonly tooltip?: string;
  readonly paddingLeft?: boolean;
}

const showInlayHints =
  (forecasts: Forecasts): Register =>
  (language) => {
    const changed = new EventEmitter<void>();
    const subscriptions: Owned[] = [
      changed,
      language.onChanged(() => changed.fire()),
      forecasts.onChanged(() => changed.fire()),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("millrace.inlayHints")) changed.fire();
      }),
      languages.registerInlayHintsProvider(ofTypeScript, {
        onDidChangeInlayHints: changed.event,
        async provideInlayHints(document, range, token) {
          const settings = workspace.getConfiguration("millrace.inlayHints", document);
          const line = placeOfCell(document)?.line ?? 0;
          const constructs = settings.get<boolean>("constructs", true);
          const cached = settings.get<boolean>("cache", true) ? forecasts.of(document) : [];
          const asked = { range: shifted(plain(range), line), constructs, cached };
          const answer = await ask<readonly LspInlayHint[]>(
            language,
            "textDocument/inlayHint",
            document,
            undefined,
            asked,
            token,
          );
          return (answer ?? []).flatMap(({ position, label, tooltip, paddingLeft }) => {
            const own = new Position(Math.max(0, position.line - line), position.character);
            if (position.line < line || !document.validateRange(range).contains(own)) return [];
            const hint = new InlayHint(own, label);
            if (tooltip !== undefined) hint.tooltip = tooltip;
            hint.paddingLeft = paddingLeft ?? false;
            return [hint];
          });
        },
      }),
    ];
    return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
  };

function plain({ start, end }: Range) {
  return { start: { line: start.line, character: start.character }, end: { line: end.line, character: end.character } };
}
