/** The form before a run, made from the inputs of a pipeline or of one component. */
import { Uri, ViewColumn, type WebviewPanel, window, workspace } from "vscode";
import type { Json } from "../language/spec/types.ts";
import type { RunFormView, Submission, ViewMethods } from "../webview/protocol.ts";
import type { Connection } from "../webview/rpc.ts";
import type { DefinitionInfo } from "../language/protocol.ts";
import type { Pipelines } from "./pipelines.ts";
import { formFields } from "./form-fields.ts";
import { sentence } from "./report.ts";
import type { Runtimes } from "./runtime-client.ts";
import type { Runs } from "./runs.ts";
import { onlyHandlers, openPage } from "./webview-panel.ts";
import type { Owned } from "./owned.ts";

export const runFormType = "millrace.runForm";

export interface RunForms extends Owned {
  open(uri: Uri, symbol: string): void;
  restore(panel: WebviewPanel, state: unknown): void;
}

export interface FormContext {
  readonly extension: Uri;
  readonly pipelines: Pipelines;
  readonly runtimes: Runtimes;
  readonly runs: Runs;
  readonly started: (run: string, uri: Uri, definition: DefinitionInfo) => void;
}

export function createRunForms(context: FormContext): RunForms {
  const panels = new Map<string, WebviewPanel>();

  function adopt(panel: WebviewPanel, uri: Uri, symbol: string): void {
    const key = `${uri.toString()}#${symbol}`;
    panels.set(key, panel);
    const form = attach(panel, uri, symbol, context);
    panel.onDidDispose(() => {
      form.dispose();
      panels.delete(key);
    });
  }

  return {
    open(uri, symbol) {
      const open = panels.get(`${uri.toString()}#${symbol}`);
      if (open) {
        open.reveal();
        return;
      }
      adopt(window.createWebviewPanel(runFormType, `Run ${symbol}`, ViewColumn.Beside, {}), uri, symbol);
    },
    restore(panel, state) {
      const restore: unknown = typeof state === "object" && state !== null ? Reflect.get(state, "restore") : undefined;
      const known = typeof restore === "object" && restore !== null ? restore : {};
      const uri: unknown = Reflect.get(known, "uri");
      const symbol: unknown = Reflect.get(known, "symbol");
      if (typeof uri === "string" && typeof symbol === "string") adopt(panel, Uri.parse(uri), symbol);
      else panel.dispose();
    },
    dispose() {
      for (const panel of panels.values()) panel.dispose();
    },
  };
}

function attach(panel: WebviewPanel, uri: Uri, symbol: string, context: FormContext): Owned {
  const runtime = context.runtimes.of(uri);
  let view: RunFormView | undefined;
  let definition: DefinitionInfo | undefined;

  const connection: Connection<ViewMethods> = openPage(
    panel.webview,
    context.extension,
    "run",
    `Run ${symbol}`,
    onlyHandlers({ ready: load, submit }),
  );

  async function show(next: RunFormView): Promise<void> {
    view = next;
    await connection.call("show", next).catch(() => undefined);
  }

  async function load(): Promise<void> {
    const definitions = await context.pipelines.definitions(uri);
    definition = definitions.find((each) => each.symbol === symbol);
    if (!definition) throw new Error(`${symbol} is not in ${workspace.asRelativePath(uri)} any more.`);
    panel.title = `Run ${definition.name}`;
    const last = context.runs.latest(uri.fsPath, symbol)?.summary;
    const [targets, artifacts] = await Promise.all([
      runtime.call("targets").catch(() => []),
      definition.kind === "component" ? runtime.call("artifacts", { limit: 200 }).catch(() => []) : [],
    ]);
    const choices = targets.map(({ name, kind, namespace }) => ({
      name,
      label: kind === "local" ? "This machine" : `${name}${namespace === undefined ? "" : ` (namespace ${namespace})`}`,
    }));
    const targetChoices = choices.length > 0 ? choices : [{ name: "local", label: "This machine" }];
    await show({
      kind: "run-form",
      what: definition.kind === "pipeline" ? "pipeline" : "step",
      name: definition.name,
      file: workspace.asRelativePath(uri),
      ...(definition.description === undefined ? {} : { description: definition.description }),
      ...formFields(definition, last?.parameters ?? {}, artifacts, Date.now()),
      targets: targetChoices,
      target: targetChoices.find(({ name }) => name === last?.target)?.name ?? targetChoices[0]?.name ?? "local",
      caching: true,
      busy: false,
      ...(workspace.isTrusted ? {} : { restricted: "Restricted Mode: trust this workspace to run its code." }),
      restore: { uri: uri.toString(), symbol },
    });
  }

  async function submit({ values, artifacts, target, caching }: Submission): Promise<void> {
    if (!view || !definition || view.busy || !workspace.isTrusted) return;
    const clean = withoutError(view);
    await show({ ...clean, busy: true });
    try {
      // What runs is what the editor shows.
      await workspace.save(uri);
      const { run } = await runtime.call("run", {
        path: uri.fsPath,
        symbol,
        parameters: values satisfies Readonly<Record<string, Json>>,
        target,
        caching,
        ...(definition.kind === "component" ? { artifacts } : {}),
      });
      context.started(run, uri, definition);
      panel.dispose();
    } catch (error) {
      await show({ ...clean, busy: false, error: sentence(error) });
    }
  }

  return { dispose: () => connection.close() };
}

function withoutError(view: RunFormView): RunFormView {
  const { error, ...rest } = view;
  return error === undefined ? view : rest;
}
