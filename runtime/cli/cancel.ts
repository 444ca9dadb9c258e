import { finalStates } from "../events.ts";
import { cancelRun } from "../run/cancel.ts";
import { command } from "./command.ts";
import { withStore } from "./open-store.ts";
import { runDocument, stateWord } from "./run-report.ts";
import { noSuchRun } from "./show.ts";

export const cancel = command({
  usage: "cancel RUN",
  options: {},
  help: [],
  examples: ["cancel latest", "cancel k3f9x2ab"],
  arity: [1, 1],
  run: ({ args: [id = ""], options, terminal, signal }) =>
    withStore(options, terminal, async ({ workspace, store }) => {
      const run = store?.run(id);
      if (!store || !run) throw noSuchRun(id, workspace);
      const had = finalStates.has(run.state);
      const now = await cancelRun(run, workspace, store, signal);
      if (terminal.json) terminal.document(runDocument(now));
      else terminal.out(`Run ${now.id} ${had ? "had ended before: it " : ""}${stateWord(now.state)}.`);
      return 0;
    }),
});
