/** The form before a run, made from the inputs of a pipeline or of one component. */
import { commands, Uri, ViewColumn, type WebviewPanel, window, workspace } from "vscode";
import type { Json } from "../language/spec/types.ts";
import type { RunId } from "../runtime/events.ts";
import type { RunFormView, Submission, ViewMethods } from "../webview/protocol.ts";
import type { Connection } from "../webview/rpc.ts";
import type { DefinitionInfo } from "../language/protocol.ts";
import type { Pipelines } from "./pipelines.ts";
import type { PythonCompiler } from "./python-compiler.ts";
import { formFields } from "./form-fields.ts";
import { sentence } from "./report.ts";
import type { Runtimes } from "./runtime-client.ts";
import type { Runs } from "./runs.ts";
import { onlyHandlers, openPage } from "./webview-panel.ts";
import type { Owned } from "./owned.ts";

export const runFormType = "millrace.runForm";

export interface RunForms extends Owned {
  /** With the values of `like`, or else of the definition's last run. */
  open(uri: Uri, symbol: string, like?: RunId): void;
  restore(panel: WebviewPanel, state: unknown): void;
  /** What may be chosen in open forms is asked anew. */
  reload(): void;
}

export interface FormContext {
  readonly extension: Uri;
  readonly pipelines: Pipelines;
  readonly python: PythonCompiler;
  readonly runtimes: Runtimes;
  readonly runs: Runs;
  /** Where the file's graph is open. */
  readonly graphColumn: (uri: Uri) => ViewColumn | undefined;
  readonly started: (run: string, uri: Uri, definition: DefinitionInfo) => void;
}

export function createRunForms(context: FormContext): RunForms {
  const forms = new Map<string, { readonly panel: WebviewPanel; readonly form: Form }>();

  function adopt(panel: WebviewPanel, uri: Uri, symbol: string, like: RunId | undefined): void {
    const key = `${uri.toString()}#${symbol}`;
    const form = attach(panel, uri, symbol, like, context);
    forms.set(key, { panel, form });
    panel.onDidDispose(() => {
      form.dispose();
      forms.delete(key);
    });
  }

  return {
    open(uri, symbol, like) {
      const open = forms.get(`${uri.toString()}#${symbol}`);
      if (open) {
        if (like !== undefined) open.form.like(like);
        open.panel.reveal();
        return;
      }
      const beside = window.activeTextEditor ? ViewColumn.Beside : ViewColumn.Active;
      const column = context.graphColumn(uri) ?? beside;
      adopt(window.createWebviewPanel(runFormType, `Run ${symbol}`, column, {}), uri, symbol, like);
    },
    restore(panel, state) {
      const restore: unknown = typeof state === "object" && state !== null ? Reflect.get(state, "restore") : undefined;
      const known = typeof restore === "object" && restore !== null ? restore : {};
      const uri: unknown = Reflect.get(known, "uri");
      const symbol: unknown = Reflect.get(known, "symbol");
      const like: unknown = Reflect.get(known, "like");
      if (typeof uri === "string" && typeof symbol === "string")
        adopt(panel, Uri.parse(uri), symbol, typeof like === "string" ? like : undefined);
      else panel.dispose();
    },
    reload() {
      for (const { form } of forms.values()) form.reload();
    },
    dispose() {
      for (const { panel } of forms.values()) panel.dispose();
    },
  };
}

interface Form extends Owned {
  /** Takes the values of another run. */
  like(run: RunId): void;
  /** Asks anew for what may be chosen. */
  reload(): void;
}

function attach(
  panel: WebviewPanel,
  uri: Uri,
  symbol: string,
  initialLike: RunId | undefined,
  context: FormContext,
): Form {
  let like = initialLike;
  const runtime = context.runtimes.of(uri);
  let view: RunFormView | undefined;
  let definition: DefinitionInfo | undefined;

  const connection: Connection<ViewMethods> = openPage(
    panel.webview,
    context.extension,
    "run",
    `Run ${symbol}`,
    onlyHandlers({
      ready: load,
      submit,
      addCluster: async () => {
        await commands.executeCommand("millrace.addCluster", uri);
      },
    }),
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
    const liked = like === undefined ? undefined : context.runs.find(like);
    const last = (liked ?? context.runs.latest(uri.fsPath, symbol))?.summary;
    const [targets, artifacts] = await Promise.all([
      runtime.call("targets").catch(() => ({ all: [], chosen: "local" })),
      definition.kind === "component" ? runtime.call("artifacts", { limit: 200 }).catch(() => []) : [],
    ]);
    const choices = targets.all.map(({ name, kind, namespace }) => ({
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
      target: targetChoices.find(({ name }) => name === (last?.target ?? targets.chosen))?.name ?? "local",
      caching: true,
      busy: false,
      ...(workspace.isTrusted ? {} : { restricted: "Restricted Mode: trust this workspace to run its code." }),
      restore: { uri: uri.toString(), symbol, ...(like === undefined ? {} : { like }) },
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
        ...(definition.byPython ? { withPython: await context.python.wishFor(uri) } : {}),
      });
      context.started(run, uri, definition);
      panel.dispose();
    } catch (error) {
      await show({ ...clean, busy: false, error: sentence(error) });
    }
  }

  const reload = () => {
    // A hidden form has no page: it asks when it is seen.
    if (view) load().catch(() => undefined);
  };
  const trusted = workspace.onDidGrantWorkspaceTrust(reload);
  return {
    reload,
    like(run) {
      like = run;
      reload();
    },
    dispose() {
      trusted.dispose();
      connection.close();
    },
  };
}

function withoutError(view: RunFormView): RunFormView {
  const { error, ...rest } = view;
  return error === undefined ? view : rest;
}
