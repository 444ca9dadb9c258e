/** What can be done with a pipeline or a component, and how its last run went, above its definition. */
import { CodeLens, type CodeLensProvider, EventEmitter, languages, Range, type TextDocument, workspace } from "vscode";
import { finalStates } from "../runtime/events.ts";
import { ago, number, stateLook } from "../webview/words.ts";
import { languages as languageIds, type Language, mayHavePipelines, toRange } from "./language-client.ts";
import type { DefinitionInfo } from "../language/protocol.ts";
import type { Pipelines } from "./pipelines.ts";
import type { KnownRun, Runs } from "./runs.ts";
import type { Owned } from "./owned.ts";

export function registerCodeLenses(language: Language, pipelines: Pipelines, runs: Runs): Owned {
  const changed = new EventEmitter<void>();
  const known = new Map<string, readonly DefinitionInfo[]>();
  const provider: CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    async provideCodeLenses(document) {
      if (!mayHavePipelines(document)) return [];
      const key = document.uri.toString();
      // While the server is down or thinks, the last lenses stay.
      const definitions = await pipelines.definitions(document.uri).catch(() => known.get(key) ?? []);
      known.set(key, definitions);
      return definitions.flatMap((definition) => lensesOf(document, definition, runs));
    },
  };
  const subscriptions: Owned[] = [
    languages.registerCodeLensProvider(
      languageIds.map((id) => ({ language: id, scheme: "file" })),
      provider,
    ),
    language.onChanged(() => changed.fire()),
    language.onRestarted(() => changed.fire()),
    runs.onChanged(() => changed.fire()),
    workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    workspace.onDidCloseTextDocument(({ uri }) => known.delete(uri.toString())),
    changed,
  ];
  return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
}

function lensesOf(document: TextDocument, definition: DefinitionInfo, runs: Runs): readonly CodeLens[] {
  // Above its decorators.
  const { start } = toRange(definition.range);
  const range = new Range(start, start);
  const target = { uri: document.uri, symbol: definition.symbol };
  const lens = (title: string, command: string, tooltip: string) =>
    new CodeLens(range, { title, command, tooltip, arguments: [target] });
  const last = runs.latest(document.uri.fsPath, definition.symbol);
  const state = last ? [new CodeLens(range, lastRun(last))] : [];
  const what = definition.kind === "pipeline" ? "Run pipeline" : "Run step";
  const run = workspace.isTrusted
    ? lens(`$(play) ${what}`, "millrace.run", "Opens a form for its inputs")
    : lens(`$(shield) ${what} (Restricted Mode)`, "workbench.trust.manage", "Trust this workspace to run its code");
  if (definition.kind === "component") return [run, ...withPython(definition, lens), ...state];
  return [
    run,
    lens("Show graph", "millrace.showGraph", "Draws the pipeline beside its source"),
    lens("Compile", "millrace.compile", "Writes the PipelineSpec YAML"),
    ...withPython(definition, lens),
    ...state,
  ];
}

/** Where reading is not enough: to have Python compile the file, or which one did. */
function withPython(
  { byPython, asksPython }: DefinitionInfo,
  lens: (title: string, command: string, tooltip: string) => CodeLens,
): readonly CodeLens[] {
  if (!byPython && !asksPython) return [];
  if (!workspace.isTrusted) {
    const why = "Trust this workspace to have your Python compile its files";
    return [lens("$(shield) Compile with Python (Restricted Mode)", "workbench.trust.manage", why)];
  }
  const command = "millrace.compileWithPython";
  if (!byPython)
    return [
      lens("Compile with Python", command, "It cannot be read: your own Python and its kfp run the file instead"),
    ];
  const { python, kfp, older } = byPython;
  const way = `Python ${python}, kfp ${kfp}`;
  return older
    ? [lens("$(warning) Compile with Python again", command, `The source has changed since ${way} compiled it`)]
    : [lens(way, command, "Compiled with Python; press to compile it again")];
}

/** What to show of a run where there is room for one line, and the command that opens it. */
export function lastRun({ summary }: KnownRun): {
  title: string;
  command: string;
  tooltip: string;
  arguments: unknown[];
} {
  const look = stateLook(summary.state);
  const metrics = Object.entries(summary.metrics)
    .slice(0, 2)
    .map(([name, value]) => `${name} ${number(value)}`);
  const when = finalStates.has(summary.state)
    ? `last run ${ago(summary.finishedAt ?? summary.createdAt, Date.now())}`
    : "run";
  return {
    title: [`$(${look.codicon}) ${when}: ${look.word}`, ...metrics].join(", "),
    command: "millrace.showRun",
    tooltip: "Shows the run on the graph",
    arguments: [summary.id],
  };
}
