import { expect, test } from "vitest";
import { TextDocument } from "vscode-languageserver-textdocument";
import { createAnnouncements } from "../../language/announcements.ts";
import { createOpenFiles } from "../../language/open-files.ts";
import { createPositions } from "../../language/positions.ts";
import { createWorkspace } from "../../language/workspace.ts";

const path = "/w/pipeline.py";
const text = "from kfp import dsl\n@dsl.pipeline\ndef p():\n    nobody()\n";

/** What is done of a file that is edited, in order. */
async function done(edited: string): Promise<readonly string[]> {
  const order: string[] = [];
  const note = (what: string): Promise<void> => {
    order.push(what);
    return Promise.resolve();
  };
  const files = createOpenFiles();
  files.open.set(path, TextDocument.create(`file://${path}`, "python", 1, edited));
  const workspace = createWorkspace(files, () => ({ sdkVersion: "2.17.0", roots: [], env: {} }));
  await new Promise<void>((told) => {
    const announcements = createAnnouncements(files, workspace, createPositions(files), {
      sendDiagnostics: ({ diagnostics }) => note(`${diagnostics.length} problem`),
      sendChanged() {
        told();
        return Promise.resolve();
      },
      prepare: () => note("analysis"),
      typeProblems: () => Promise.resolve([]),
      turn: (readyAt) => (readyAt === undefined ? Promise.resolve() : note("rest")),
      report: (error) => order.push(String(error)),
    });
    announcements.changed(path);
  });
  return order;
}

test("a file is analysed at once; a long one lets what is asked at a key go first", async () => {
  expect(await done(text)).toEqual(["analysis", "1 problem"]);
  expect(await done(text + "# more\n".repeat(5000))).toEqual(["rest", "analysis", "1 problem"]);
});
