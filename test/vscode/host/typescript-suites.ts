/** TypeScript pipelines in a real VS Code, without TypeScript's own server: what only the language server knows, and cells. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { eventually, workspaceFile } from "./editor.ts";

const steps = `import { component, parallel, pipeline, type Int } from "millrace";

export const say = component({ description: "Says it." }, ({ text = "a" }: { text?: string }) => {
  console.log(text);
});

export const greet = pipeline({}, ({ times = 3 }: { times?: Int }) => {
  for (const text of ["a", "b"]) say({ text });
  if (times > 2) say({ text: "often" }, { memory: "4GB" });
  say({ text: "end" });
});
`;

const cells = `// %%
import { component, pipeline, type Int } from "millrace";
import { load_data } from "./pipeline.py";

// %% Count
export const count = component({}, ({ rows }: { rows: Int }): { many: Int } => ({ many: rows * 2 }));

// %% Pipeline
export const both = pipeline({}, ({ rows = 10 }: { rows?: Int }) => {
  const { data } = load_data({ rows });
  count({ rows });
});
`;

async function open(name: string, text: string): Promise<vscode.TextDocument> {
  const uri = workspaceFile(name);
  writeFileSync(uri.fsPath, text);
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

function placeOf(document: vscode.TextDocument, text: string, inside = 0): vscode.Position {
  const at = document.getText().indexOf(text);
  assert(at >= 0, text);
  return document.positionAt(at + inside);
}

const problems = (uri: vscode.Uri) => vscode.languages.getDiagnostics(uri);
const labelOf = ({ label }: vscode.CompletionItem) => (typeof label === "string" ? label : label.label);

async function completions(document: vscode.TextDocument, position: vscode.Position): Promise<readonly string[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    "vscode.executeCompletionItemProvider",
    document.uri,
    position,
  );
  return list.items.map(labelOf);
}

async function hovers(document: vscode.TextDocument, position: vscode.Position): Promise<string> {
  const found = await vscode.commands.executeCommand<vscode.Hover[]>(
    "vscode.executeHoverProvider",
    document.uri,
    position,
  );
  return found
    .flatMap(({ contents }) => contents)
    .map((each) => (each instanceof vscode.MarkdownString ? each.value : ""))
    .join("\n");
}

async function actions(document: vscode.TextDocument, at: vscode.Position): Promise<readonly vscode.CodeAction[]> {
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    new vscode.Range(at, at),
  );
}

export function registerTypeScriptSuites(): void {
  describe("TypeScript pipelines", () => {
    it("say beside loops and branches what becomes of them", async () => {
      const document = await open("greet.ts", steps);
      const whole = new vscode.Range(0, 0, document.lineCount, 0);
      const hints = await eventually("hints", async () => {
        const found = await vscode.commands.executeCommand<vscode.InlayHint[]>(
          "vscode.executeInlayHintProvider",
          document.uri,
          whole,
        );
        return found.length > 0 ? found : undefined;
      });
      assert.deepEqual(
        hints.map(({ label, position }) => [
          label,
          document.lineAt(position.line).text.slice(0, position.character).trim(),
        ]),
        [
          ["unrolled ×2", 'for (const text of ["a", "b"])'],
          ["condition of the run", "if (times > 2)"],
        ],
      );
    });

    it("say behind a step that the cache will answer it, once it has run and while it is unchanged", async () => {
      const uri = workspaceFile("small.ts");
      writeFileSync(
        uri.fsPath,
        `import { component, pipeline } from "millrace";
export const one = component({}, (): number => 1);
export const two = component({}, ({ of }: { of: number }): number => of * 2);
export const small = pipeline({}, () => {
  const { output } = one();
  two({ of: output });
});
`,
      );
      const extension = vscode.extensions.getExtension("millrace.millrace");
      assert(extension);
      execFileSync(
        process.execPath,
        [join(extension.extensionPath, "dist/millrace.js"), "run", uri.fsPath, "--quiet"],
        {
          cwd: dirname(uri.fsPath),
        },
      );
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document);
      const cached = async (count: number) =>
        eventually(`${count} cached steps`, async () => {
          const found = await vscode.commands.executeCommand<vscode.InlayHint[]>(
            "vscode.executeInlayHintProvider",
            uri,
            new vscode.Range(0, 0, document.lineCount, 0),
          );
          return found.filter(({ label }) => label === "cached").length === count ? true : undefined;
        });
      await cached(2);
      const change = new vscode.WorkspaceEdit();
      change.replace(uri, new vscode.Range(placeOf(document, "of * 2"), placeOf(document, "of * 2", 6)), "of * 3");
      assert(await vscode.workspace.applyEdit(change));
      assert(await document.save());
      await cached(1);
    });

    it("say what a step is, beside what TypeScript says of its name", async () => {
      const document = await open("greet.ts", steps);
      const text = await eventually("a hover", async () => {
        const said = await hovers(document, placeOf(document, 'say({ text: "end"', 1));
        return said === "" ? undefined : said;
      });
      assert.match(
        text,
        /Step `say-4`[\s\S]*Says it\.[\s\S]*Image `node:24-slim`[\s\S]*\| `text` \| string \| `"a"` \| `"end"` \|/,
      );
      assert.equal(await hovers(document, placeOf(document, '"end"', 2)), "");
    });

    it("complete amounts, and components of files that are not imported, with their import", async () => {
      const document = await open("greet.ts", steps);
      const values = await eventually("values", async () => {
        const found = await completions(document, placeOf(document, '"4GB"', 2));
        return found.includes("4Gi") ? found : undefined;
      });
      assert.equal(values[0], "4Gi");
      const change = new vscode.WorkspaceEdit();
      const line = placeOf(document, '  say({ text: "end"');
      change.insert(document.uri, line, "  eval\n");
      assert(await vscode.workspace.applyEdit(change));
      const names = await eventually("components", async () => {
        const found = await completions(document, placeOf(document, "  eval\n", 6));
        return found.includes("evaluate") ? found : undefined;
      });
      assert(names.includes("evaluate"));
    });

    it("mend and rewrite", async () => {
      const document = await open("mend.ts", steps);
      await eventually("a problem", () => (problems(document.uri).length > 0 ? true : undefined));
      const fix = await eventually("a fix", async () =>
        (await actions(document, placeOf(document, '"4GB"', 1))).find(({ title }) => title === 'Change to "4G"'),
      );
      assert(fix.edit && (await vscode.workspace.applyEdit(fix.edit)));
      await eventually("no problem", () => (problems(document.uri).length === 0 ? true : undefined));
      const rewrite = (await actions(document, placeOf(document, 'say({ text: "end"', 1))).find(
        ({ title }) => title === "Give it a GPU",
      );
      assert(rewrite?.edit && (await vscode.workspace.applyEdit(rewrite.edit)));
      assert.match(document.getText(), /say\(\{ text: "end" \}, \{ gpu: 1 \}\);/);
      const loop = (await actions(document, placeOf(document, 'for (const text of ["a"', 20))).find(({ title }) =>
        title.startsWith("Make it a loop of the run"),
      );
      assert(loop?.edit && (await vscode.workspace.applyEdit(loop.edit)));
      assert.match(document.getText(), /for \(const text of parallel\(\["a", "b"\]\)\) say/);
      await eventually("no problem", () => (problems(document.uri).length === 0 ? true : undefined));
      await document.save();
    });
  });

  describe("A TypeScript notebook", () => {
    let notebook: vscode.NotebookDocument;
    const cell = (index: number) => {
      const { document } = notebook.cellAt(index);
      return document;
    };

    it("has no false problem in any cell", async () => {
      const uri = workspaceFile("cells.ts");
      writeFileSync(uri.fsPath, cells);
      await vscode.commands.executeCommand("vscode.openWith", uri, "millrace.notebook");
      notebook = await eventually("the notebook", () =>
        vscode.workspace.notebookDocuments.find((one) => one.uri.path === uri.path),
      );
      assert.deepEqual(
        notebook.getCells().map(({ document }) => document.languageId),
        ["millrace-typescript", "millrace-typescript", "millrace-typescript"],
      );
      // A mistake shows that problems are looked for.
      const change = new vscode.WorkspaceEdit();
      const wrong = placeOf(cell(1), "rows * 2");
      change.insert(cell(1).uri, wrong, '"x" + ');
      assert(await vscode.workspace.applyEdit(change));
      const [problem] = await eventually("a type error", () => {
        const found = problems(cell(1).uri).filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
        return found.length > 0 ? found : undefined;
      });
      assert.match(problem?.message ?? "", /Type 'string' is not assignable to type 'number'/);
      assert.equal(problem?.source, "ts");
      const back = new vscode.WorkspaceEdit();
      back.delete(cell(1).uri, new vscode.Range(wrong, wrong.translate(0, '"x" + '.length)));
      assert(await vscode.workspace.applyEdit(back));
      await eventually("no problem", () =>
        notebook
          .getCells()
          .flatMap(({ document }) => problems(document.uri))
          .every(({ severity }) => severity === vscode.DiagnosticSeverity.Hint)
          ? true
          : undefined,
      );
    });

    it("knows names of other cells: they complete, say what they are, and are found", async () => {
      const names = await completions(cell(2), placeOf(cell(2), "count({", 3));
      for (const name of ["count", "load_data", "rows"]) assert(names.includes(name), `${name} among ${names.length}`);
      const said = await hovers(cell(2), placeOf(cell(2), "count({", 2));
      assert.match(said, /const count: Component/);
      assert.match(said, /Step `count`/);
      const [definition] = await vscode.commands.executeCommand<vscode.Location[]>(
        "vscode.executeDefinitionProvider",
        cell(2).uri,
        placeOf(cell(2), "count({", 2),
      );
      assert.equal(definition?.uri.toString(), cell(1).uri.toString());
      assert.equal(cell(1).getText(definition.range), "count");
      const [python] = await vscode.commands.executeCommand<vscode.Location[]>(
        "vscode.executeDefinitionProvider",
        cell(2).uri,
        placeOf(cell(2), "load_data({", 2),
      );
      assert.match(python?.uri.path ?? "", /pipeline\.py$/);
    });

    it("completes options with what their comments say, and renames across cells", async () => {
      const change = new vscode.WorkspaceEdit();
      const end = placeOf(cell(2), "count({ rows });", "count({ rows }".length);
      change.insert(cell(2).uri, end, ", { mem }");
      assert(await vscode.workspace.applyEdit(change));
      const list = await eventually("options", async () => {
        const found = await vscode.commands.executeCommand<vscode.CompletionList>(
          "vscode.executeCompletionItemProvider",
          cell(2).uri,
          placeOf(cell(2), "{ mem }", 5),
          undefined,
          200,
        );
        return found.items.find((item) => labelOf(item) === "memory");
      });
      const says = list.documentation;
      assert(says instanceof vscode.MarkdownString);
      assert.match(says.value, /16Gi/);
      const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>(
        "vscode.executeDocumentRenameProvider",
        cell(1).uri,
        placeOf(cell(1), "count =", 1),
        "tally",
      );
      assert.deepEqual(
        edit
          .entries()
          .map(([uri]) => uri.toString())
          .sort(),
        [cell(1).uri.toString(), cell(2).uri.toString()].sort(),
      );
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    });
  });
}
