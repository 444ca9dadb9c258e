/** Inside the extension host: how long completion takes inside a call's arguments; in TypeScript its own server is beside ours. */
import * as vscode from "vscode";

/** The argument that is written anew, by file of the sample. */
const markers = { "pipeline.ts": "n_estimators: nEstimators", "pipeline.py": "n_estimators=n_estimators" };
const file = process.env.COMPLETED === "pipeline.py" ? "pipeline.py" : "pipeline.ts";
const marker = markers[file];
/** With its sign in Python: the bare name is a word of the file, which anybody may offer. */
const wanted = file === "pipeline.py" ? "n_estimators=" : "n_estimators";
const rounds = 60;

/** Writes one letter of an argument's name at a time, and asks for what completes it. */
export async function run(): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) throw new Error("no workspace is open");
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, file));
  await vscode.window.showTextDocument(document);
  const start = document.positionAt(document.getText().lastIndexOf(marker));
  const name = new vscode.Range(start, start.translate(0, marker.length));
  await change(document, name, "n");
  await bothAnswer(document, start.translate(0, 1));
  for (let round = 0; round < rounds; round++) {
    // A letter more, and another word in its place.
    const typed = "n_estimators".slice(0, 1 + (round % 10));
    await change(document, document.lineAt(start.line).range.with(start, end(document, start)), typed);
    const begun = performance.now();
    const labels = await complete(document, start.translate(0, typed.length));
    const took = performance.now() - begun;
    if (!labels.includes(wanted)) throw new Error(`${typed} is not completed: ${labels.slice(0, 9).join(" ")}`);
    console.log(`[test] ${took}`);
  }
  await vscode.commands.executeCommand("workbench.action.files.revert");
}

function end(document: vscode.TextDocument, start: vscode.Position): vscode.Position {
  const [word = ""] = /^\w*/.exec(document.lineAt(start.line).text.slice(start.character)) ?? [];
  return start.translate(0, word.length);
}

async function change(document: vscode.TextDocument, range: vscode.Range, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, text);
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error("the text cannot be changed");
}

async function complete(document: vscode.TextDocument, position: vscode.Position): Promise<readonly string[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    "vscode.executeCompletionItemProvider",
    document.uri,
    position,
  );
  // TypeScript marks what may be left out: `n_estimators?`.
  return list.items.map(({ label }) => (typeof label === "string" ? label : label.label).replace(/\?$/, ""));
}

/** The servers take their time to start. */
async function bothAnswer(document: vscode.TextDocument, position: vscode.Position): Promise<void> {
  for (const last = Date.now() + 60_000; Date.now() < last; await new Promise((next) => setTimeout(next, 200)))
    if ((await complete(document, position)).includes(wanted)) return;
  throw new Error("the servers do not answer");
}
