import { command } from "./command.ts";
import { nothingYet, withStore } from "./open-store.ts";
import { stateColours } from "./run-report.ts";
import { table } from "./terminal.ts";
import { ago, duration, figure } from "./words.ts";
import { UserError } from "../user-error.ts";

export const runs = command({
  usage: "runs [--where CONDITIONS]",
  options: { where: { type: "string" }, limit: { type: "string", short: "n" } },
  help: [
    [
      "--where CONDITIONS",
      "over pipeline, state, target, created, duration, commit, source, parameters and metrics by name",
    ],
    ["-n, --limit N", "at most so many; 20 otherwise"],
  ],
  examples: [
    "runs",
    "runs --where 'accuracy > 0.9 and n_estimators >= 100'",
    "runs --where 'state = FAILED and created > 7 days ago'",
  ],
  arity: [0, 0],
  run: ({ options, terminal }) =>
    withStore(options, terminal, ({ workspace, store }) => {
      const found =
        store?.runs({
          limit: countOf(options.limit, 20),
          ...(options.where === undefined ? {} : { where: options.where }),
        }) ?? [];
      if (terminal.json) terminal.document(found);
      else if (found.length === 0)
        terminal.note(store && options.where !== undefined ? "No run is like that." : nothingYet(workspace));
      else {
        const rows = found.map((run) => [
          run.id,
          terminal.paint(stateColours[run.state], run.state.toLowerCase()),
          run.pipeline,
          ago(run.createdAt),
          run.finishedAt === undefined ? "" : duration(run.finishedAt - run.createdAt),
          run.target,
          Object.entries(run.metrics)
            .map(([name, value]) => `${name} ${figure(value)}`)
            .join(", "),
        ]);
        for (const line of table(rows, terminal.live ? terminal.columns : Number.POSITIVE_INFINITY)) terminal.out(line);
      }
      return 0;
    }),
});

export function countOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d*$/.test(text))
    throw new UserError("usage", `--limit ${text} is not a count.`, { action: "Write a whole number.", exit: 2 });
  return Number(text);
}
