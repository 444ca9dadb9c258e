import { lineageInWords } from "../store/lineage-words.ts";
import type { ArtifactRecord, Store } from "../store/store.ts";
import { UserError } from "../user-error.ts";
import { listArtifacts } from "./artifacts.ts";
import { command } from "./command.ts";
import { nothingYet, withStore } from "./open-store.ts";

export const lineage = command({
  usage: "lineage ARTIFACT|QUERY",
  options: { sql: { type: "boolean" }, explain: { type: "boolean" }, list: { type: "boolean" } },
  help: [
    ["--list", "the artifacts that a query finds, a line each, without their stories"],
    ["--explain", "the SQL of a query, not its answer"],
    ["--sql", "take the argument as an SQL statement that only reads"],
  ],
  examples: [
    "lineage 'Model where ancestor Dataset.rows > 10000'",
    `lineage 'Model where framework = "sklearn" and accuracy > 0.9 order by accuracy desc limit 5'`,
    "lineage 'Artifact where ancestor Dataset.name = data'",
    "lineage k3f9x2ab/root.train/out_model",
    'lineage --sql "SELECT pipeline, count(*) AS runs FROM runs GROUP BY pipeline"',
  ],
  arity: [1, 1],
  run: ({ args: [asked = ""], options, terminal }) =>
    withStore(options, terminal, ({ workspace, store }) => {
      if (!store) {
        if (terminal.json) terminal.document([]);
        else terminal.note(nothingYet(workspace));
        return 0;
      }
      if (options.sql) {
        const rows = store.sql(asked);
        if (terminal.json) terminal.document(rows);
        else
          for (const row of rows)
            terminal.out(
              Object.entries(row)
                .map(([name, value]) => `${name}=${value ?? ""}`)
                .join("  "),
            );
        return 0;
      }
      if (options.explain) {
        terminal.out(store.explain(asked));
        return 0;
      }
      const found = artifactsOf(asked, store);
      if (terminal.json) terminal.document(options.list ? found : found.map(({ id }) => story(store, id)));
      else if (found.length === 0) terminal.note("No artifact is like that.");
      else if (options.list) listArtifacts(found, terminal);
      else {
        found.forEach((artifact, index) => {
          if (index > 0) terminal.out("");
          terminal.out(terminal.paint("bold", artifact.id));
          for (const sentence of story(store, artifact.id)?.words ?? []) terminal.out(`  ${sentence}`);
        });
      }
      return 0;
    }),
});

function story(store: Store, id: string) {
  const found = store.lineage(id);
  return found && { ...found, words: lineageInWords(found) };
}

/** An id, a path of its file, or a query. */
function artifactsOf(asked: string, store: Store): readonly ArtifactRecord[] {
  const known = store.artifact(asked);
  if (known) return [known];
  if (!/[/\\]/.test(asked) || /\swhere\s/.test(asked)) return store.query(asked);
  const quoted = JSON.stringify(asked);
  const byUri = store.query(`Artifact where uri = ${quoted} or uri ~ ${quoted} limit 20`);
  if (byUri.length > 0) return byUri;
  throw new UserError("no-such-artifact", `There is no artifact ${asked}.`, {
    action: "See millrace artifacts.",
    exit: 2,
  });
}
