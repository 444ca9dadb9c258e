/**
 * Inside the extension host: how long completion of an argument's name takes, as an extension asks for it, in one
 * file and the next by turns. Then it leaves the window to who types there.
 */
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import type { Completed } from "./editor.ts";

const rounds = 60;

export async function run(): Promise<void> {
  // SAFETY: whoever starts this says which files.
  const all = JSON.parse(process.env.COMPLETED ?? "[]") as readonly Completed[];
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) throw new Error("no workspace is open");
  const provider = vscode.languages.registerCompletionItemProvider(
    { pattern: "**/twin.py" },
    {
      provideCompletionItems: () => all.map(({ wanted }) => new vscode.CompletionItem(wanted)),
    },
  );
  const written = [];
  for (const one of all) {
    const uri = vscode.Uri.joinPath(folder.uri, one.file);
    written.push(await open(uri, all[0] === one ? vscode.ViewColumn.One : vscode.ViewColumn.Two, one));
  }
  for (let round = 0; round < rounds; round++)
    for (const { file, write, complete, wanted } of written) {
      // A letter more, and another word in its place.
      const typed = "n_estimators".slice(0, 1 + (round % 10));
      await write(typed);
      const begun = performance.now();
      const labels = await complete(typed.length);
      const took = performance.now() - begun;
      if (!labels.includes(wanted)) throw new Error(`${typed} is not completed: ${labels.slice(0, 9).join(" ")}`);
      console.log(`[test] asked ${file} ${took}`);
    }
  for (const { write, select } of written) {
    await write("");
    await select();
  }
  console.log("[test] type");
  const end = vscode.Uri.joinPath(folder.uri, "end").fsPath;
  await until("the typing ended", () => existsSync(end));
  provider.dispose();
  for (const { revert } of written) await revert();
}

/** A file in a column of its own, its argument gone, as soon as there is an answer to what it could be. */
async function open(uri: vscode.Uri, column: vscode.ViewColumn, { file, argument, wanted }: Completed) {
  const document = await vscode.workspace.openTextDocument(uri);
  const select = async () => {
    const editor = await vscode.window.showTextDocument(document, column);
    editor.selection = new vscode.Selection(start, start);
    editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenter);
  };
  const start = document.positionAt(document.getText().lastIndexOf(argument));
  await select();
  let length = argument.length;

  async function write(text: string): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(start, start.translate(0, length)), text);
    if (!(await vscode.workspace.applyEdit(edit))) throw new Error("the text cannot be changed");
    ({ length } = text);
  }

  async function complete(typed: number): Promise<readonly string[]> {
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      "vscode.executeCompletionItemProvider",
      uri,
      start.translate(0, typed),
    );
    // TypeScript marks what may be left out: `n_estimators?`.
    return list.items.map(({ label }) => (typeof label === "string" ? label : label.label).replace(/\?$/, ""));
  }

  await write("n");
  // The servers take their time to start.
  await until(`the servers answer for ${file}`, async () => (await complete(1)).includes(wanted));
  const revert = async () => {
    await vscode.window.showTextDocument(document, column);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  };
  return { file, wanted, write, complete, select, revert };
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const last = Date.now() + 120_000;
  while (!(await isSo())) {
    if (Date.now() > last) throw new Error(`${what}: not in time`);
    await new Promise((next) => setTimeout(next, 200));
  }
}
