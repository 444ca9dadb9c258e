import { command } from "./command.ts";
import { nothingYet, withStore } from "./open-store.ts";
import { shownUri } from "./run-report.ts";
import { countOf } from "./runs.ts";
import { type Terminal, table } from "./terminal.ts";
import { ago, shownValue } from "./words.ts";
import type { ArtifactRecord } from "../store/store.ts";

export const artifacts = command({
  usage: "artifacts [TYPE] [--where CONDITIONS]",
  options: { where: { type: "string" }, limit: { type: "string", short: "n" } },
  help: [
    [
      "--where CONDITIONS",
      "over metadata, metrics, run, pipeline, task, commit, created, size, ancestor and descendant",
    ],
    ["-n, --limit N", "at most so many; 20 otherwise"],
  ],
  examples: [
    "artifacts",
    "artifacts Model --where 'accuracy > 0.9'",
    "artifacts Dataset --where 'rows > 10k and created > 7 days ago'",
  ],
  arity: [0, 1],
  run: ({ args: [type = "Artifact"], options, terminal }) =>
    withStore(options, terminal, ({ workspace, store }) => {
      const where = options.where === undefined ? "" : ` where ${options.where}`;
      const found = store?.query(`${type}${where} limit ${countOf(options.limit, 20)}`) ?? [];
      if (terminal.json) terminal.document(found);
      else if (found.length === 0) terminal.note(store ? "No artifact is like that." : nothingYet(workspace));
      else listArtifacts(found, terminal);
      return 0;
    }),
});

export function listArtifacts(found: readonly ArtifactRecord[], terminal: Terminal): void {
  const rows = found.map((artifact) => [
    artifact.id,
    artifact.type.replace(/^system\./, ""),
    ago(artifact.createdAt),
    Object.entries({ ...artifact.metadata, ...artifact.metrics })
      .filter(([, value]) => typeof value !== "object")
      .slice(0, 6)
      .map(([name, value]) => `${name}=${shownValue(value)}`)
      .join(" "),
    shownUri(artifact.uri),
  ]);
  for (const line of table(rows, terminal.live ? terminal.columns : Number.POSITIVE_INFINITY)) terminal.out(line);
}
