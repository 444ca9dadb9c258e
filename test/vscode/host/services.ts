/** The language services in a real VS Code, as its own commands ask for them: alone, and beside another Python server. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as vscode from "vscode";

/** What the extension exports for tests. */
interface Millrace {
  readonly processes: () => { readonly language: number | undefined };
}

/** Another server is there; with the SDK where it can read it. */
const beside = process.env.PYTHON_SERVER !== undefined;
const nameOf = (uri: vscode.Uri): string => uri.path.slice(uri.path.lastIndexOf("/") + 1);
const labelOf = ({ label }: vscode.CompletionItem): string => (typeof label === "string" ? label : label.label);

function uriOf(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert(folder, "a workspace is open");
  return vscode.Uri.joinPath(folder.uri, name);
}

async function open(name: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uriOf(name));
  await vscode.window.showTextDocument(document);
  return document;
}

/** The position of `|` in a part of a document's text, where that is first. */
function at(document: vscode.TextDocument, part: string): vscode.Position {
  const found = document.getText().indexOf(part.replace("|", ""));
  assert(found >= 0, `${part} in ${document.uri.path}`);
  return document.positionAt(found + part.indexOf("|"));
}

function run<T>(command: string, document: vscode.TextDocument, ...more: readonly unknown[]): Thenable<T> {
  return vscode.commands.executeCommand<T>(command, document.uri, ...more);
}

/** Asks until the answer is as wanted, at most 40 seconds; then what was wrong with the last one is thrown. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 40_000; ; await new Promise((next) => setTimeout(next, 100)))
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
}

async function hovers(document: vscode.TextDocument, part: string): Promise<readonly string[]> {
  const found = await run<readonly vscode.Hover[]>("vscode.executeHoverProvider", document, at(document, part));
  return found.map(({ contents }) =>
    contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : "")).join("\n"),
  );
}

/** `steps.py:9:4`, lines from one, sorted. */
async function places(question: "Definition" | "Reference", document: vscode.TextDocument, part: string) {
  const found = await run<readonly (vscode.Location | vscode.LocationLink)[]>(
    `vscode.execute${question}Provider`,
    document,
    at(document, part),
  );
  return found
    .map((one) => {
      const [uri, range] =
        "targetUri" in one ? [one.targetUri, one.targetSelectionRange ?? one.targetRange] : [one.uri, one.range];
      return placeText(uri, range);
    })
    .sort();
}

function placeText(uri: vscode.Uri, { start }: vscode.Range): string {
  const cell = uri.scheme === "vscode-notebook-cell" ? "#" : "";
  return `${nameOf(uri)}${cell}:${start.line + 1}:${start.character}`;
}

/** What is offered at `|` in lines at the end of a document, in the order in which the list shows it. */
async function offered(document: vscode.TextDocument, lines: string): Promise<readonly vscode.CompletionItem[]> {
  const end = document.lineAt(document.lineCount - 1).range.end;
  const change = new vscode.WorkspaceEdit();
  change.insert(document.uri, end, lines.replace("|", ""));
  assert(await vscode.workspace.applyEdit(change));
  try {
    const position = document.positionAt(document.offsetAt(end) + lines.indexOf("|"));
    const { items } = await run<vscode.CompletionList>("vscode.executeCompletionItemProvider", document, position);
    const key = (item: vscode.CompletionItem) => item.sortText ?? labelOf(item);
    return [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  } finally {
    const back = new vscode.WorkspaceEdit();
    back.delete(document.uri, new vscode.Range(end, document.lineAt(document.lineCount - 1).range.end));
    await vscode.workspace.applyEdit(back);
  }
}

async function firstOffered(document: vscode.TextDocument, lines: string, count: number): Promise<readonly string[]> {
  return (await offered(document, lines)).slice(0, count).map(labelOf);
}

export function registerServices(): void {
  describe(`Python services${beside ? ` beside another server${process.env.WITH_KFP ? " that knows the SDK" : ""}` : ""}`, () => {
    let flow: vscode.TextDocument;

    before(async () => {
      flow = await open("flow.py");
      await eventually(async () => {
        const lenses = await run<readonly vscode.CodeLens[]>("vscode.executeCodeLensProvider", flow, 1);
        assert(lenses.length > 0, "CodeLenses");
        if (beside) assert((await hovers(flow, "def fl|ow")).length > 1, "the other server answers");
      });
    });

    it("hovers say what a step is, and nothing twice", async () => {
      const all = await hovers(flow, "loaded = lo|ad(");
      assert.equal(all.length, beside ? 2 : 1);
      const text = all.join("\n");
      assert.match(text, /Image `python:3.12`/);
      assert.match(text, /Packages `pandas==2.2.0`/);
      for (const once of ["rows: int", "seed: int = 7", "Loads customers."])
        assert.equal(text.split(once).length - 1, 1, `${once} once in ${text}`);
      assert.match(text, beside ? /Gives `data: Dataset`/ : /→ data: Dataset/);
      assert.match((await hovers(flow, "rows=ro|ws")).join("\n"), /Input of `flow`/);
      assert.match((await hovers(flow, 'outputs["da|ta"]')).join("\n"), /Output `data` of step `load`/);
    });

    it("leads from a use to its definition, once", async () => {
      assert.deepEqual(await places("Definition", flow, "loaded = lo|ad("), ["steps.py:9:4"]);
      assert.deepEqual(await places("Definition", flow, "load(ro|ws=rows"), ["steps.py:9:9"]);
      assert.deepEqual(await places("Definition", flow, 'outputs["da|ta"]'), ["steps.py:9:20"]);
      assert.deepEqual(await places("Definition", flow, "rows=ro|ws"), ["flow.py:6:9"]);
    });

    it("finds all references, in files that are not open too, once", async () => {
      assert.deepEqual(await places("Reference", flow, "load(ro|ws=rows"), [
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

    it("marks the places of a name in its file", async () => {
      const marks = await run<readonly vscode.DocumentHighlight[]>(
        "vscode.executeDocumentHighlights",
        flow,
        at(flow, "load(ro|ws=rows"),
      );
      assert.deepEqual(
        marks.map(({ range }) => `${range.start.line + 1}:${range.start.character}`),
        ["7:18", "22:9", "23:9"],
      );
    });

    it("folds blocks, calls and imports", async () => {
      const folds = await run<readonly vscode.FoldingRange[]>("vscode.executeFoldingRangeProvider", flow);
      const shown = folds.map(({ start, end }) => `${start + 1}-${end + 1}`);
      for (const wanted of ["1-2", "6-17", "11-17", "12-17", "13-16", "21-23"])
        assert(shown.includes(wanted), shown.join());
      assert.equal(new Set(folds.map(({ start }) => start)).size, folds.length);
    });

    it("outlines pipelines with their steps", async () => {
      interface Named {
        readonly name: string;
        readonly children: readonly Named[];
      }
      const names = ({ name, children }: Named): unknown => (children.length > 0 ? [name, children.map(names)] : name);
      const symbols = await run<readonly vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", flow);
      const steps = symbols.filter(({ kind }) => kind === vscode.SymbolKind.Namespace);
      assert.deepEqual(steps.map(names), [
        [beside ? "Steps of flow" : "flow", ["load", "count", ["condition-1", [["for-loop-2", ["train"]]]]]],
        [beside ? "Steps of twice" : "twice", ["load", "load-2"]],
      ]);
      assert.equal(new Set(symbols.map(({ name }) => name)).size, symbols.length);
    });

    it("renames an input wherever it is written, once each, and says why not", async () => {
      const place = at(flow, "load(ro|ws=rows");
      const rename = (name: string) =>
        run<vscode.WorkspaceEdit>("vscode.executeDocumentRenameProvider", flow, place, name);
      const edit = await rename("number");
      const found = edit.entries().flatMap(([uri, edits]) => edits.map(({ range }) => placeText(uri, range)));
      assert.deepEqual(found.sort(), await places("Reference", flow, "load(ro|ws=rows"));
      // Where there is another server, a refusal would let that one rename.
      for (const [name, why] of [
        ["seed", /"load" already has "seed"/],
        ["class", /word of Python's own/],
        ["a b", /not a name that Python takes/],
      ] as const)
        if (beside) assert.equal((await rename(name)).size, 0);
        else await assert.rejects(async () => rename(name), why);
    });

    it("shows a component's signature inside of its call", async () => {
      const help = await run<vscode.SignatureHelp>(
        "vscode.executeSignatureHelpProvider",
        flow,
        at(flow, "load(rows=rows, |seed"),
        "(",
      );
      assert.deepEqual(
        help.signatures.map(({ label }) => label),
        ["load(rows: int, seed: int = 7) → data: Dataset"],
      );
      assert.equal(help.activeParameter, 1);
    });

    it("completes arguments, what fits there, outputs and settings", async () => {
      const first = (lines: string, count: number) => firstOffered(flow, lines, count);
      assert.deepEqual(await first("    load(rows=1, |)\n", 1), ["seed="]);
      assert.deepEqual(await first("    a = load(rows=1)\n    train(data=|)\n", 1), ["a.output"]);
      assert.deepEqual(await first('    a = load(rows=1)\n    a.outputs["|"]\n', 1), ["data"]);
      assert.deepEqual(await first("    a = load(rows=1)\n    a.outputs[|]\n", 1), ['"data"']);
      assert.deepEqual(await first('    load(rows=1).set_accelerator_type("|")\n', 2), [
        "nvidia.com/gpu",
        "amd.com/gpu",
      ]);
      assert.deepEqual(await first('\n@dsl.component(base_image="|")\ndef x():\n    pass\n', 1), ["python:3.12"]);
      const seed = (await offered(flow, "    load(rows=1, |)\n"))[0];
      assert.equal(seed?.detail, "seed: int = 7");
      assert(seed.documentation instanceof vscode.MarkdownString);
      assert.equal(seed.documentation.value, "Where chance begins.");
    });

    it("completes members of the SDK and its arguments, whoever knows them, and nothing twice", async () => {
      for (const [lines, wanted] of [
        ["    load(|)\n", ["rows=", "seed="]],
        ["    train(|)\n", ["data=", "rate="]],
        ["    a = load(rows=1)\n    a.|\n", ["set_retry", "outputs", "after"]],
        ["    c = count()\n    c.|\n", ["set_retry", "output"]],
        ["    dsl.|\n", ["If", "ParallelFor", "component"]],
        ["    kubernetes.|\n", ["mount_pvc", "use_secret_as_env"]],
        ["    a = load(rows=1)\n    kubernetes.mount_pvc(a, |)\n", ["pvc_name=", "mount_path="]],
        ["    dsl.ParallelFor(|)\n", ["items=", "parallelism="]],
        ["    lo|\n", ["load"]],
        ["\n@dsl.component(|)\ndef x():\n    pass\n", ["base_image=", "packages_to_install="]],
      ] as const) {
        const labels = (await offered(flow, lines)).map(labelOf);
        for (const label of wanted)
          assert.equal(labels.filter((one) => one === label).length, 1, `${label} once at ${lines}: ${labels.join()}`);
      }
    });

    it("writes whole blocks after `with`", async () => {
      const items = await offered(flow, "    with dsl.|\n");
      const block = items.find((item) => labelOf(item) === "ParallelFor");
      const isSnippet = block?.insertText instanceof vscode.SnippetString;
      assert.equal(isSnippet, process.env.WITH_KFP === undefined);
    });
  });

  describe("Services in cells, after runs and after a crash", () => {
    it("hovers tell the last run of a pipeline, of a step, and of a component that it uses", async () => {
      const extension = vscode.extensions.getExtension("millrace.millrace");
      assert(extension);
      const cli = `${extension.extensionPath}/dist/millrace.js`;
      const cwd = uriOf(".").fsPath;
      execFileSync(process.execPath, [cli, "run", "small.py", "--quiet"], {
        cwd,
        env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      });
      const small = await open("small.py");
      for (const part of ["def sma|ll", "    sa|y(words", "def sa|y"])
        await eventually(async () => {
          const text = (await hovers(small, part)).join("\n");
          assert.match(text, /Last run just now: succeeded, \d.* m?s/);
        });
    });

    it("names of other cells complete, hover and resolve in a cell", async () => {
      const uri = uriOf("cells.py");
      await vscode.commands.executeCommand("vscode.openWith", uri, "millrace.notebook");
      const cellOf = (text: string) =>
        vscode.workspace.notebookDocuments
          .find((one) => one.uri.path === uri.path)
          ?.getCells()
          .find(({ document }) => document.getText().includes(text))?.document;
      let last: vscode.TextDocument | undefined;
      await eventually(async () => {
        last = cellOf("def doubled");
        assert(last, "the cell");
        assert.match((await hovers(last, "first = dou|ble(")).join("\n"), /number: int/);
      });
      assert(last);
      assert.match((await hovers(last, "lo|ad(rows")).join("\n"), /Image `python:3.12`/);
      const definition = await places("Definition", last, "first = dou|ble(");
      assert.deepEqual(definition, ["cells.py#:2:4"]);
      assert.deepEqual(await places("Definition", last, "lo|ad(rows"), ["steps.py:9:4"]);
      assert.deepEqual(
        (await places("Reference", last, "double(num|ber=number)")).filter((place) => place.includes("#")).length >= 3,
        true,
      );
      const items = await run<vscode.CompletionList>(
        "vscode.executeCompletionItemProvider",
        last,
        at(last, "double(number=first.output, |times=3)"),
      );
      assert(items.items.map(labelOf).includes("times="), items.items.map(labelOf).join());
      const edit = await run<vscode.WorkspaceEdit>(
        "vscode.executeDocumentRenameProvider",
        last,
        at(last, "double(num|ber=number)"),
        "value",
      );
      const renamed = edit.entries().flatMap(([where, edits]) => edits.map(() => where.scheme));
      assert.deepEqual(new Set(renamed), new Set(["vscode-notebook-cell"]));
      assert.equal(renamed.length, 4);
      const marked = vscode.languages.getDiagnostics().filter(([where]) => where.path === uri.path);
      assert.deepEqual(
        marked.flatMap(([, all]) => all.filter(({ source }) => source === "millrace")),
        [],
      );
    });

    it("say nothing while the server is down, and all once it is back", async () => {
      const flow = await open("flow.py");
      const { processes } = vscode.extensions.getExtension<Millrace>("millrace.millrace")?.exports ?? {};
      const pid = processes?.().language;
      assert(pid !== undefined, "a language server");
      process.kill(pid, "SIGKILL");
      const asked = [
        run("vscode.executeHoverProvider", flow, at(flow, "loaded = lo|ad(")),
        run("vscode.executeCompletionItemProvider", flow, at(flow, "load(rows=rows, |seed")),
        run("vscode.executeDefinitionProvider", flow, at(flow, "loaded = lo|ad(")),
        run("vscode.executeFoldingRangeProvider", flow),
      ];
      await Promise.all(asked);
      await eventually(async () => {
        assert.notEqual(processes?.().language, pid);
        assert.match((await hovers(flow, "loaded = lo|ad(")).join("\n"), /Image `python:3.12`/);
      });
      assert.deepEqual(await firstOffered(flow, "    load(rows=1, |)\n", 1), ["seed="]);
    });
  });

  describe("Services for compiled files", () => {
    for (const [file, quote] of [
      ["compiled.yaml", ""],
      ["compiled.json", '"'],
    ] as const)
      it(`${file}: hover, definition, references, outline`, async () => {
        const document = await open(file);
        const use = `${quote}executorLabel${quote}: ${quote}exec-lo|ad`;
        await eventually(async () => {
          const text = (await hovers(document, use)).join("\n");
          assert.match(text, /Image `python:3.12`/);
        });
        const definition = at(document, file.endsWith("yaml") ? "    |exec-load:\n      container" : '"|exec-load": {');
        const place = `${file}:${definition.line + 1}:${definition.character}`;
        assert.deepEqual(await places("Definition", document, use), [place]);
        const references = await places("Reference", document, use);
        assert.equal(references.length, file.endsWith("yaml") ? 3 : 2);
        assert(references.includes(place));
        const symbols = await run<readonly vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", document);
        const ours = symbols.find(({ detail }) => detail === "pipeline");
        assert(ours?.children.some(({ name }) => name === "comp-load"));
        await assert.rejects(async () =>
          run("vscode.executeDocumentRenameProvider", document, at(document, use), "another"),
        );
      });
  });
}
