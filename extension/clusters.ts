/** Where pipelines run: this machine, or a cluster out of a kubeconfig. Adding, choosing and removing, by asking. */
import { basename } from "node:path";
import { ProgressLocation, type QuickPickItem, type Uri, window } from "vscode";
import type { Context, Finding, Target } from "../runtime/protocol.ts";
import { sentence } from "./report.ts";
import type { Runtime, Runtimes } from "./runtime-client.ts";

export interface Clusters {
  /** Asks for a cluster and whether it can be reached. Answers its name; undefined where nobody chose. */
  add(file?: Uri): Promise<string | undefined>;
  /** Where runs go that say nothing. */
  choose(): Promise<void>;
  remove(): Promise<void>;
}

export function createClusters(runtimes: Runtimes, changed: () => void): Clusters {
  async function folder(file?: Uri): Promise<Runtime | undefined> {
    const known = file ?? window.activeTextEditor?.document.uri;
    if (known?.scheme === "file") return runtimes.of(known);
    const all = runtimes.all();
    if (all.length === 0) {
      await window.showInformationMessage("Open a folder first: it remembers its clusters.");
      return undefined;
    }
    if (all.length === 1) return all[0];
    const items = all.map((runtime) => ({ label: runtime.name, description: runtime.folder, runtime }));
    return (await window.showQuickPick(items, { title: "Clusters of which folder?" }))?.runtime;
  }

  async function add(file?: Uri): Promise<string | undefined> {
    const runtime = await folder(file);
    if (!runtime) return undefined;
    const found = await pickContext(runtime);
    if (!found) return undefined;
    const { context, kubeconfig } = found;
    const namespace = await window.showInputBox({
      title: `Add ${context.name} (2/3): namespace of the runs`,
      prompt: "Where Kubeflow Pipelines runs, or your profile's namespace",
      value: context.namespace ?? "kubeflow",
      ignoreFocusOut: true,
      validateInput: (text) =>
        /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text) ? undefined : "Lower-case letters, digits and dashes",
    });
    if (namespace === undefined) return undefined;
    const { all } = await runtime.call("targets");
    const name = await window.showInputBox({
      title: `Add ${context.name} (3/3): its name here`,
      prompt: "What the run form and millrace run --target call it",
      value: freeName(context.name, all),
      ignoreFocusOut: true,
      validateInput: (text) => {
        if (!/^[\w.@:/-]+$/.test(text)) return "Letters, digits, dots and dashes";
        return all.some((target) => target.name === text) ? `There is a ${text} already.` : undefined;
      },
    });
    if (name === undefined) return undefined;
    const target: Target = {
      name,
      kind: "kubernetes",
      context: context.name,
      namespace,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
    };
    await runtime.call("addTarget", target);
    changed();
    await sayFindings(name, runtime);
    return name;
  }

  async function pickTarget(
    title: string,
    withLocal: boolean,
  ): Promise<{ runtime: Runtime; name: string } | undefined> {
    const runtime = await folder();
    if (!runtime) return undefined;
    const { all, chosen } = await runtime.call("targets");
    const items: (QuickPickItem & { readonly name?: string })[] = all
      .filter(({ kind }) => withLocal || kind !== "local")
      .map((target) => ({
        ...labelOf(target),
        ...(target.name === chosen ? { detail: "$(check) runs go here unless the form says otherwise" } : {}),
        name: target.name,
      }));
    if (withLocal || items.length === 0) items.push({ label: "$(add) Add a cluster…" });
    const item = await window.showQuickPick(items, { title });
    if (!item) return undefined;
    const name = item.name ?? (await add());
    return name === undefined || (!withLocal && item.name === undefined) ? undefined : { runtime, name };
  }

  return {
    add,
    async choose() {
      const picked = await pickTarget("Where do pipelines run?", true);
      if (!picked) return;
      await picked.runtime.call("chooseTarget", picked.name);
      changed();
    },
    async remove() {
      const picked = await pickTarget("Forget which cluster? Its runs stay in the history.", false);
      if (!picked) return;
      await picked.runtime.call("removeTarget", picked.name);
      changed();
    },
  };
}

interface Picked {
  readonly context: Context;
  readonly kubeconfig?: string;
}

/** A context of the default kubeconfig, or of a file that is asked for. */
async function pickContext(runtime: Runtime): Promise<Picked | undefined> {
  let contexts: readonly Context[] = [];
  let problem: string | undefined;
  try {
    contexts = await runtime.call("contexts");
  } catch (error) {
    problem = sentence(error);
  }
  const other = "$(folder-opened) Another kubeconfig file…";
  const picked = await pickOne(contexts, [{ label: other, ...(problem === undefined ? {} : { detail: problem }) }]);
  if (picked?.label !== other) return picked?.context && { context: picked.context };
  const [file] =
    (await window.showOpenDialog({ title: "The kubeconfig of a cluster", openLabel: "Use This Kubeconfig" })) ?? [];
  if (!file) return undefined;
  const inFile = await runtime.call("contexts", file.fsPath);
  if (inFile.length === 0) throw new Error(`${basename(file.fsPath)} describes no cluster.`);
  const context = (await pickOne(inFile, []))?.context;
  return context && { context, kubeconfig: file.fsPath };
}

async function pickOne(
  contexts: readonly Context[],
  more: readonly QuickPickItem[],
): Promise<(QuickPickItem & { readonly context?: Context }) | undefined> {
  const items = contexts.map((context) => ({
    label: context.name,
    description: [context.server, ...(context.current ? ["current"] : [])].join(" · "),
    context,
  }));
  return window.showQuickPick<QuickPickItem & { readonly context?: Context }>([...items, ...more], {
    title: "Add a cluster (1/3): which context of the kubeconfig?",
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
}

/** Says whether runs will work there, and what to do where they will not. */
async function sayFindings(name: string, runtime: Runtime): Promise<void> {
  const findings = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Asking ${name} for Kubeflow Pipelines…` },
    () => runtime.call("checkTarget", name),
  );
  const words = ({ detail, action }: Finding) => [detail, action].filter(Boolean).join(" ");
  const broken = findings.find(({ state }) => state === "broken");
  const missing = findings.filter(({ state }) => state === "missing");
  if (broken) void window.showWarningMessage(`${name} was added, but does not work yet. ${words(broken)}`);
  else if (missing.length > 0) void window.showWarningMessage(`${name} works. ${missing.map(words).join(" ")}`);
  else
    void window.showInformationMessage(
      `${name} works: ${findings.map(({ detail }) => detail).join("; ")}. The run form offers it.`,
    );
}

export function labelOf({ name, kind, namespace, context }: Target): { label: string; description: string } {
  return kind === "local"
    ? { label: "This machine", description: "" }
    : {
        label: name,
        description: [context === name ? undefined : context, namespace && `namespace ${namespace}`]
          .filter(Boolean)
          .join(" · "),
      };
}

/** The context's name without what a cloud's tool puts before it, and unlike all others. */
function freeName(context: string, all: readonly Target[]): string {
  const base = (context.split(/[/@]/).at(-1) ?? context).replace(/[^\w.-]+/g, "-") || "cluster";
  const taken = new Set(all.map(({ name }) => name));
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
  return name;
}
