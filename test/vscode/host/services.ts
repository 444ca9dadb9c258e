/** The language services in a real VS Code, as its own commands ask for them; alone, and beside another Python server. */
import assert from "node:assert/strict";
import * as vscode from "vscode";

const nameOf = (uri: vscode.Uri): string => uri.path.slice(uri.path.lastIndexOf("/") + 1);

async function open(name: string): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert(folder, "a workspace is open");
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, name));
  await vscode.window.showTextDocument(document);
  return document;
}

/** The position of `|` in a part of a document's text that is there once, or first. */
function at(document: vscode.TextDocument, part: string): vscode.Position {
  const found = document.getText().indexOf(part.replace("|", ""));
  assert(found >= 0, `${part} in ${document.uri.path}`);
  return document.positionAt(found + part.indexOf("|"));
}

function run<T>(command: string, document: vscode.TextDocument, ...more: readonly unknown[]): Thenable<T> {
  return vscode.commands.executeCommand<T>(command, document.uri, ...more);
}

/** Asks until the answer is as wanted, at most 30 seconds; the last answer's failure is thrown. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 30_000; ; await new Promise((next) => setTimeout(next, 100)))
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
}

export function registerServices(): void {
  describe("Python services", () => {
    let flow: vscode.TextDocument;

    before(async () => {
      flow = await open("flow.py");
      await eventually(async () => {
        const lenses = await run<readonly vscode.CodeLens[]>("vscode.executeCodeLensProvider", flow, 1);
        assert(lenses.length > 0, "CodeLenses");
      });
    });

    it("folds blocks, calls and imports", async () => {
      const folds = await run<readonly vscode.FoldingRange[]>("vscode.executeFoldingRangeProvider", flow);
      const shown = folds.map(({ start, end }) => `${start + 1}-${end + 1}`);
      for (const wanted of ["1-2", "6-17", "11-17", "12-17", "13-16", "21-23"])
        assert(shown.includes(wanted), shown.join());
      assert.equal(new Set(folds.map(({ start }) => start)).size, folds.length);
    });

    it("renames an input wherever it is written, once each", async () => {
      const edit = await run<vscode.WorkspaceEdit>(
        "vscode.executeDocumentRenameProvider",
        flow,
        at(flow, "load(ro|ws=rows"),
        "number",
      );
      const places = edit
        .entries()
        .flatMap(([uri, edits]) =>
          edits.map(({ range }) => `${nameOf(uri)}:${range.start.line + 1}:${range.start.character}`),
        );
      assert.deepEqual(places.sort(), [
        "cells.py:19:9",
        "flow.py:22:9",
        "flow.py:23:9",
        "flow.py:7:18",
        "steps.py:13:8",
        "steps.py:16:10",
        "steps.py:16:19",
        "steps.py:9:9",
      ]);
    });
  });
}
