/** What must hold inside the extension host of a real VS Code, with Millrace installed from its VSIX. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { eventually, workspaceFile } from "./editor.ts";

const id = "millrace.millrace";

const lenses = (uri: vscode.Uri) =>
  vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri, 100);

async function lensTitles(uri: vscode.Uri): Promise<readonly string[]> {
  return eventually(`CodeLenses of ${uri.path}`, async () => {
    const found = (await lenses(uri)).map((lens) => lens.command?.title ?? "");
    return found.some((title) => title.includes("Run pipeline")) ? found : undefined;
  });
}

async function edit(document: vscode.TextDocument, text: string): Promise<void> {
  const change = new vscode.WorkspaceEdit();
  change.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  assert(await vscode.workspace.applyEdit(change));
}

const problems = (uri: vscode.Uri) =>
  vscode.languages.getDiagnostics(uri).filter((one) => one.source?.toLowerCase() === "millrace");

export function registerSuites(): void {
  describe("Millrace", () => {
    it("is installed from its VSIX, not from the source tree", () => {
      const extension = vscode.extensions.getExtension(id);
      assert(extension, "installed");
      assert.match(extension.extensionPath, /extensions/);
      assert.equal(extension.isActive, false, "and not active before a pipeline file is open");
    });

    it("registers every command that it contributes", async () => {
      await vscode.extensions.getExtension(id)?.activate();
      const known = new Set(await vscode.commands.getCommands(true));
      interface Manifest {
        readonly contributes: { readonly commands: readonly { readonly command: string }[] };
      }
      const manifest = vscode.extensions.getExtension<unknown>(id)?.packageJSON as Manifest;
      assert(manifest.contributes.commands.length > 5);
      assert.deepEqual(
        manifest.contributes.commands.map((one) => one.command).filter((command) => !known.has(command)),
        [],
      );
    });

    for (const name of ["pipeline.py", "pipeline.ts"])
      it(`shows CodeLenses above the pipeline and the components of ${name}`, async () => {
        const document = await vscode.workspace.openTextDocument(workspaceFile(name));
        await vscode.window.showTextDocument(document);
        const titles = await lensTitles(document.uri);
        for (const wanted of ["Run pipeline", "Show graph", "Compile", "Run step"])
          assert(
            titles.some((title) => title.includes(wanted)),
            `${wanted} among ${titles.join(" | ")}`,
          );
      });

    it("finds no problem in the samples", () => {
      for (const name of ["pipeline.py", "pipeline.ts"])
        assert.deepEqual(
          problems(workspaceFile(name)).map((one) => one.message),
          [],
        );
    });

    it("puts a mistake into Problems, where it stands, and takes it away again", async () => {
      const document = await vscode.workspace.openTextDocument(workspaceFile("pipeline.py"));
      const before = document.getText();
      const wrong = before.replace('loaded.outputs["data"], n_estimators', 'loaded.outputs["dat"], n_estimators');
      assert.notEqual(wrong, before);
      await edit(document, wrong);
      const [problem] = await eventually("a problem", () =>
        problems(document.uri).length ? problems(document.uri) : undefined,
      );
      assert(problem);
      assert.match(problem.message, /dat/);
      assert.equal(document.lineAt(problem.range.start.line).text.includes('outputs["dat"]'), true);
      await edit(document, before);
      await eventually("no problem", () => (problems(document.uri).length ? undefined : true));
    });

    it("says nothing about Python files without a pipeline", async () => {
      const uri = workspaceFile("plain.py");
      writeFileSync(uri.fsPath, "import os\nprint(os.environ[\n");
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document);
      await lensTitles(workspaceFile("pipeline.py"));
      assert.deepEqual(problems(uri), []);
    });

    for (const name of ["pipeline.py", "pipeline.ts"])
      it(`opens ${name} as a notebook and saves it byte for byte`, async () => {
        const uri = workspaceFile(name);
        const bytes = readFileSync(uri.fsPath);
        await vscode.commands.executeCommand("vscode.openWith", uri, "millrace.notebook");
        const notebook = await eventually("the notebook", () =>
          vscode.workspace.notebookDocuments.find((one) => one.uri.path === uri.path),
        );
        assert(notebook.cellCount >= 4, `${notebook.cellCount} cells`);
        const cell = notebook.getCells().find((one) => one.kind === vscode.NotebookCellKind.Code);
        assert(cell);
        const change = new vscode.WorkspaceEdit();
        change.insert(cell.document.uri, new vscode.Position(0, 0), "\n");
        assert(await vscode.workspace.applyEdit(change));
        const back = new vscode.WorkspaceEdit();
        back.delete(cell.document.uri, new vscode.Range(0, 0, 1, 0));
        assert(await vscode.workspace.applyEdit(back));
        assert(await notebook.save());
        assert.equal(readFileSync(uri.fsPath).equals(bytes), true);
        await vscode.commands.executeCommand("workbench.action.closeAllEditors");
      });

    it("restarts a language server that was killed, and nobody notices", async () => {
      const uri = workspaceFile("pipeline.py");
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
      await lensTitles(uri);
      const server = () => {
        const lines = execFileSync("ps", ["-eo", "pid,ppid,args"], { encoding: "utf8" }).split("\n");
        const line = lines.find(
          (one) => one.includes("language-server.js") && Number(one.trim().split(/\s+/)[1]) === process.pid,
        );
        return line === undefined ? undefined : Number(line.trim().split(/\s+/)[0]);
      };
      const first = await eventually("the language server", server);
      process.kill(first, "SIGKILL");
      const second = await eventually("another language server", () => (server() === first ? undefined : server()));
      assert.notEqual(second, first);
      const document = await vscode.workspace.openTextDocument(uri);
      const before = document.getText();
      await edit(document, before.replace("load_data(rows=rows)", "load_data(rows=rows, nothing=1)"));
      await eventually("a problem from the new server", () => (problems(uri).length ? true : undefined));
      await edit(document, before);
      await eventually("no problem", () => (problems(uri).length ? undefined : true));
      await document.save();
    });

    it("loads at most 300 KB", () => {
      const extension = vscode.extensions.getExtension(id);
      assert(extension);
      const size = readFileSync(join(extension.extensionPath, "dist/extension.cjs")).length;
      assert(size <= 300 * 1024, `${size} bytes`);
    });
  });
}
