import { describeReason, finalStates } from "../events.ts";
import type { TaskRecord } from "../store/store.ts";
import type { Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { command } from "./command.ts";
import { withStore } from "./open-store.ts";
import { leaves, reportRun, runDocument } from "./run-report.ts";
import { type Terminal, table } from "./terminal.ts";
import { ago, bytes, duration, shownValue } from "./words.ts";

export const show = command({
  usage: "show RUN",
  options: { spec: { type: "boolean" } },
  help: [["--spec", "the YAML that ran"]],
  examples: ["show latest", "show k3f9x2ab --json", "show latest --spec > pipeline.yaml"],
  arity: [0, 1],
  run: ({ args: [id = "latest"], options, terminal }) =>
    withStore(options, terminal, ({ workspace, store }) => {
      const run = store?.run(id);
      if (!store || !run) throw noSuchRun(id, workspace);
      if (options.spec) {
        terminal.write(store.spec(run.spec) ?? "");
        return 0;
      }
      if (terminal.json) {
        terminal.document(runDocument(run));
        return 0;
      }
      const { source } = run;
      const commit =
        source?.commit === undefined
          ? ""
          : `, commit ${source.commit.slice(0, 7)}${source.dirty ? " with changes" : ""}`;
      terminal.out(
        `${terminal.paint("bold", run.pipeline)} ${ago(run.createdAt)} on ${run.target}${source ? `, from ${source.path}${commit}` : ""}`,
      );
      const parameters = Object.entries(run.parameters);
      if (parameters.length > 0)
        terminal.out(parameters.map(([name, value]) => `${name}=${shownValue(value)}`).join("  "));
      const rows = leaves(run).map((task) => stepRow(task, terminal));
      for (const line of table(rows, terminal.live ? terminal.columns : Number.POSITIVE_INFINITY)) terminal.out(line);
      terminal.out("");
      reportRun(store, run, terminal);
      return 0;
    }),
});

function stepRow(task: TaskRecord, terminal: Terminal): string[] {
  const colour =
    task.state === "FAILED" ? "red" : task.state === "SUCCEEDED" || task.state === "CACHED" ? "green" : "dim";
  const end = task.finishedAt ?? (finalStates.has(task.state) ? undefined : Date.now());
  const memory = task.usage?.peakMemoryBytes === undefined ? "" : bytes(task.usage.peakMemoryBytes);
  return [
    `  ${task.path.replace(/^root\./, "")}`,
    terminal.paint(colour, task.state.toLowerCase()),
    task.startedAt === undefined || end === undefined ? "" : duration(end - task.startedAt),
    memory,
    task.reason ? describeReason(task.reason) : "",
  ];
}

export function noSuchRun(id: string, workspace: Workspace, what = "run"): UserError {
  return new UserError(
    "no-such-run",
    id === "latest" ? `Nothing has run in ${workspace.root} yet.` : `There is no ${what} ${id} in ${workspace.root}.`,
    {
      action: id === "latest" ? "Run a pipeline with millrace run FILE." : "See millrace runs.",
      exit: 2,
    },
  );
}
