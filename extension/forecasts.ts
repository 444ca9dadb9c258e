/** Which steps a run would now answer from the cache: asked anew when a file is saved and when a run has ended. */
import { EventEmitter, type Event, type TextDocument, workspace } from "vscode";
import type { Forecast } from "../language/protocol.ts";
import { finalStates } from "../runtime/events.ts";
import type { Owned } from "./owned.ts";
import type { Pipelines } from "./pipelines.ts";
import type { Runs } from "./runs.ts";
import type { Runtimes } from "./runtime-client.ts";

export interface Forecasts extends Owned {
  /** Of a file as it is saved; none while it is being edited, or of which nothing is known yet. */
  of(document: TextDocument): readonly Forecast[];
  readonly onChanged: Event<void>;
}

export function createForecasts(pipelines: Pipelines, runs: Runs, runtimes: Runtimes): Forecasts {
  const changed = new EventEmitter<void>();
  /** By file, with what it was made of: another text or another run makes it old. */
  const known = new Map<string, { readonly of: string; readonly forecasts: readonly Forecast[] }>();

  function of(document: TextDocument): readonly Forecast[] {
    if (document.isDirty || !workspace.isTrusted || document.uri.scheme !== "file") return [];
    const ended = runs.all().find(({ summary }) => finalStates.has(summary.state));
    // Nothing is started where nothing ever ran.
    if (!ended) return [];
    const key = document.uri.toString();
    const basis = `${document.version} ${ended.summary.id}`;
    const entry = known.get(key);
    if (entry?.of !== basis) {
      known.set(key, { of: basis, forecasts: [] });
      void look(document, key, basis);
    }
    return entry?.of === basis ? entry.forecasts : [];
  }

  async function look(document: TextDocument, key: string, basis: string): Promise<void> {
    const runtime = runtimes.of(document.uri);
    const definitions = await pipelines.definitions(document.uri).catch(() => []);
    const forecasts: Forecast[] = [];
    for (const { kind, symbol } of definitions) {
      if (kind !== "pipeline") continue;
      const nodes = await runtime.call("forecast", document.uri.fsPath, symbol).catch(() => []);
      forecasts.push({ symbol, nodes });
    }
    if (known.get(key)?.of !== basis) return;
    known.set(key, { of: basis, forecasts });
    if (forecasts.some(({ nodes }) => nodes.length > 0)) changed.fire();
  }

  const subscriptions: Owned[] = [
    changed,
    runs.onChanged(() => changed.fire()),
    workspace.onDidSaveTextDocument(() => changed.fire()),
    workspace.onDidCloseTextDocument(({ uri }) => known.delete(uri.toString())),
  ];
  return {
    of,
    onChanged: changed.event,
    dispose: () => subscriptions.forEach((subscription) => subscription.dispose()),
  };
}
