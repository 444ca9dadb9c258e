import { finalStates } from "../events.ts";
import { UserError } from "../user-error.ts";
import { command } from "./command.ts";
import { withStore } from "./open-store.ts";
import { run } from "./run.ts";
import { noSuchRun } from "./show.ts";

export const retry = command({
  usage: "retry RUN",
  options: { detach: { type: "boolean", short: "d" } },
  help: [["-d, --detach", "print the new run's id and return; the run goes on"]],
  examples: ["retry latest", "retry k3f9x2ab --detach"],
  arity: [0, 1],
  // What succeeded is in the cache: the same again runs what is left.
  async run(call) {
    const { args, options, terminal } = call;
    let found = "";
    await withStore(options, terminal, ({ workspace, store }) => {
      const record = store?.run(args[0] ?? "latest");
      if (!record) throw noSuchRun(args[0] ?? "latest", workspace);
      const { id, state } = record;
      if (!finalStates.has(state))
        throw new UserError("still-running", `Run ${id} has not ended yet.`, {
          action: `Wait for it with millrace logs ${id} -f, or stop it with millrace cancel ${id}.`,
          exit: 2,
        });
      if (state === "SUCCEEDED")
        throw new UserError("nothing-to-retry", `Run ${id} succeeded: there is nothing left to do.`, {
          action: `millrace run ${id} --no-cache runs all of it again.`,
          exit: 2,
        });
      found = id;
      return 0;
    });
    return run.run({ ...call, args: [found] });
  },
});
