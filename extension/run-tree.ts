/** The sidebar's Runs: runs, their steps, what the steps made. */
import {
  EventEmitter,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  window,
} from "vscode";
import { describeReason, finalStates } from "../runtime/events.ts";
import type { Artifact } from "../runtime/events.ts";
import type { RunRecord, TaskRecord } from "../runtime/store/store.ts";
import { ago, artifactType, duration, number, stateLook, type Tone } from "../webview/words.ts";
import { metricsOf } from "./node-states.ts";
import type { Runtimes } from "./runtime-client.ts";
import type { KnownRun, Runs } from "./runs.ts";
import type { Owned } from "./owned.ts";

export type RunTreeNode =
  | { readonly kind: "run"; readonly run: KnownRun }
  | { readonly kind: "task"; readonly run: KnownRun; readonly record: RunRecord; readonly task: TaskRecord }
  | { readonly kind: "artifact"; readonly run: KnownRun; readonly key: string; readonly artifact: Artifact };

const finals: ReadonlySet<string> = finalStates;

const colors: Readonly<Record<Tone, string>> = {
  good: "testing.iconPassed",
  bad: "testing.iconFailed",
  running: "charts.blue",
  waiting: "testing.iconQueued",
  skipped: "testing.iconSkipped",
  stopped: "testing.iconSkipped",
};

export interface RunTree extends Owned {
  readonly view: TreeView<RunTreeNode>;
}

export function createRunTree(runs: Runs, runtimes: Runtimes): RunTree {
  const changed = new EventEmitter<undefined>();
  const unfolded = new Set<string>();
  const provider: TreeDataProvider<RunTreeNode> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (node) => treeItem(node, Date.now(), runtimes.all().length > 1),
    async getChildren(node) {
      if (!node) return runs.all().map((run) => ({ kind: "run", run }));
      switch (node.kind) {
        case "run": {
          unfolded.add(node.run.summary.id);
          const record = await runs.record(node.run.runtime, node.run.summary.id);
          return record
            ? stepsUnder(record, undefined).map((task) => ({ kind: "task", run: node.run, record, task }))
            : [];
        }
        case "task":
          return [
            ...stepsUnder(node.record, node.task).map((task) => ({ ...node, task })),
            ...node.task.outputs.artifacts.map((made) => ({ kind: "artifact" as const, run: node.run, ...made })),
          ];
        case "artifact":
          return [];
      }
    },
  };
  const view = window.createTreeView("millrace.runs", { treeDataProvider: provider, showCollapseAll: true });
  // A row that is drawn anew loses the click that is under way on its buttons.
  let shown = "";
  const rows = () =>
    JSON.stringify(
      runs.all().map((run) => {
        const { id, description, contextValue, tooltip } = runItem(run, Date.now(), runtimes.all().length > 1);
        const isGoingOn = unfolded.has(run.summary.id) && !finals.has(run.summary.state);
        return [id, description, contextValue, tooltip, isGoingOn ? Date.now() : 0];
      }),
    );
  const folding = [
    view.onDidExpandElement(({ element }) => {
      if (element.kind === "run") unfolded.add(element.run.summary.id);
    }),
    view.onDidCollapseElement(({ element }) => {
      if (element.kind === "run") unfolded.delete(element.run.summary.id);
    }),
  ];
  const listening = runs.onChanged(() => {
    const now = rows();
    if (now !== shown) changed.fire(undefined);
    shown = now;
    const active = runs.all().filter(({ summary }) => !finalStates.has(summary.state)).length;
    view.badge = active > 0 ? { value: active, tooltip: `${active} running` } : undefined;
  });
  return {
    view,
    dispose() {
      listening.dispose();
      for (const each of folding) each.dispose();
      view.dispose();
      changed.dispose();
    },
  };
}

/** Tasks that stand under a task, or under the run's root; those that started first come first. */
function stepsUnder(record: RunRecord, parent: TaskRecord | undefined): readonly TaskRecord[] {
  const root = record.tasks.find((task) => task.type === "ROOT")?.id;
  const under = parent?.id ?? root;
  const began = (task: TaskRecord) => task.startedAt ?? Number.MAX_SAFE_INTEGER;
  return record.tasks
    .filter((task) => task.type !== "ROOT" && task.parent === under)
    .sort((a, b) => began(a) - began(b) || (a.iteration ?? 0) - (b.iteration ?? 0));
}

function treeItem(node: RunTreeNode, now: number, several: boolean): TreeItem {
  switch (node.kind) {
    case "run":
      return runItem(node.run, now, several);
    case "task":
      return taskItem(node, now);
    case "artifact":
      return artifactItem(node);
  }
}

function runItem({ runtime, summary }: KnownRun, now: number, several: boolean): TreeItem {
  const item = new TreeItem(summary.pipeline, TreeItemCollapsibleState.Collapsed);
  const look = stateLook(summary.state);
  const active = !finalStates.has(summary.state);
  const metrics = Object.entries(summary.metrics).map(([name, value]) => `${name} ${number(value)}`);
  const seconds = ((summary.finishedAt ?? now) - summary.createdAt) / 1000;
  const counts = Object.entries(summary.taskCounts);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const done = counts.reduce((sum, [state, count]) => sum + (finals.has(state) ? count : 0), 0);
  const facts = [
    // The icon says that all went well; anything else is said in words too.
    ...(summary.state === "SUCCEEDED" ? [] : [look.word]),
    ...(active && total > 0 ? [`${done} of ${total} steps`] : []),
    ago(summary.createdAt, now),
    ...(active ? [] : [duration(seconds)]),
    ...(summary.target === "local" ? [] : [summary.target]),
    ...(several ? [runtime.name] : []),
  ];
  item.id = `${runtime.folder} ${summary.id}`;
  item.description = [...metrics.slice(0, 2), ...facts].join(" · ");
  item.iconPath = stateIcon(summary.state);
  item.contextValue = active ? "run.active" : summary.source ? "run.done.source" : "run.done";
  const parameters = Object.entries(summary.parameters).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const reason = summary.reason && describeReason(summary.reason);
  item.tooltip = [`${summary.pipeline}, ${look.word}`, summary.id, reason, ...parameters, ...metrics]
    .filter(Boolean)
    .join("\n");
  item.accessibilityInformation = { label: [`Run of ${summary.pipeline}`, look.word, ...facts, ...metrics].join(", ") };
  return item;
}

function taskItem({ record, task, run }: RunTreeNode & { kind: "task" }, now: number): TreeItem {
  const nested = record.tasks.some((each) => each.parent === task.id) || task.outputs.artifacts.length > 0;
  const label = task.iteration === undefined ? task.name : `${task.name} #${task.iteration + 1}`;
  const item = new TreeItem(label, nested ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None);
  const look = stateLook(task.state);
  const facts: string[] = task.state === "SUCCEEDED" ? [] : [look.word];
  if (task.startedAt !== undefined) facts.push(duration(((task.finishedAt ?? now) - task.startedAt) / 1000));
  for (const [name, value] of Object.entries(metricsOf(task))) facts.push(`${name} ${number(value)}`);
  const reason = task.reason && describeReason(task.reason);
  item.id = `${run.runtime.folder} ${record.id} ${task.id}`;
  item.description = facts.join(" · ");
  item.iconPath = stateIcon(task.state);
  item.contextValue = task.type === "RUNTIME" ? "step" : "group";
  item.tooltip = [`${label}, ${look.word}`, reason].filter(Boolean).join("\n");
  item.accessibilityInformation = { label: [`Step ${label}`, look.word, ...facts, reason].filter(Boolean).join(", ") };
  return item;
}

function artifactItem({ run, key, artifact }: RunTreeNode & { kind: "artifact" }): TreeItem {
  const item = new TreeItem(key, TreeItemCollapsibleState.None);
  item.id = `${run.runtime.folder} ${run.summary.id} ${artifact.id}`;
  const metadata = Object.entries(artifact.metadata).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  item.description = [artifactType(artifact.type), ...metadata.slice(0, 3)].join(" · ");
  item.iconPath = new ThemeIcon(artifactIcon(artifact.type));
  item.contextValue = "artifact";
  item.tooltip = [`${key}: ${artifactType(artifact.type)}`, artifact.uri, ...metadata].join("\n");
  item.command = { command: "millrace.showLineage", title: "Show Lineage", arguments: [artifact.id] };
  return item;
}

function stateIcon(state: string): ThemeIcon {
  const { codicon, tone } = stateLook(state);
  return new ThemeIcon(codicon, new ThemeColor(colors[tone]));
}

function artifactIcon(type: string): string {
  switch (artifactType(type)) {
    case "Dataset":
      return "table";
    case "Model":
      return "package";
    case "Metrics":
    case "ClassificationMetrics":
    case "SlicedClassificationMetrics":
      return "graph";
    case "HTML":
      return "browser";
    case "Markdown":
      return "markdown";
    default:
      return "file-binary";
  }
}
