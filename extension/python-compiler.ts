/**
 * "Compile with Python": for what cannot be read, the user's own interpreter and its `kfp` compile a file, when they
 * are asked to, and after consent whenever it is saved. The runtime server runs them; what comes back is a part of
 * the file's analysis in the language server, so that every surface has it.
 */
import { basename } from "node:path";
import {
  type CancellationToken,
  CancellationTokenSource,
  type Memento,
  ProgressLocation,
  Range,
  type TextDocument,
  Uri,
  window,
  workspace,
} from "vscode";
import type { PythonResult } from "../language/python/by-python.ts";
import type { PythonWish } from "../runtime/protocol.ts";
import { chosenInterpreter } from "./chosen-python.ts";
import { type Language, mayHavePipelines } from "./language-client.ts";
import type { Owned } from "./owned.ts";
import type { Pipelines } from "./pipelines.ts";
import { type Report, sentence } from "./report.ts";
import type { Runtimes } from "./runtime-client.ts";
import { openLocation } from "./source-location.ts";

export interface PythonCompiler extends Owned {
  /** Compiles a file because somebody asked, and says how that went. Whether it did. */
  compile(file: Uri): Promise<boolean>;
  /** Asks whether a file is to be compiled so whenever it is saved. */
  chooseHabit(file: Uri): Promise<void>;
  /** Which Python is to compile a file. */
  wishFor(file: Uri): Promise<PythonWish>;
}

/** Files that were compiled with Python, by URI: again when they are saved, or when somebody asks. */
type Habits = Readonly<Record<string, "on save" | "when asked">>;
const habitsKey = "millrace.compiledWithPython";

export function createPythonCompiler(
  language: Language,
  pipelines: Pipelines,
  runtimes: Runtimes,
  report: Report,
  memory: Memento,
): PythonCompiler {
  /** The newest work on a file, which overtakes what was before it. */
  const working = new Map<string, CancellationTokenSource>();
  const habits = (): Habits => memory.get<Habits>(habitsKey, {});
  const learn = (file: Uri, habit: Habits[string]) =>
    memory.update(habitsKey, { ...habits(), [file.toString()]: habit });

  async function wishFor(file: Uri): Promise<PythonWish> {
    const settings = workspace.getConfiguration("millrace.python", file);
    const folder = workspace.getWorkspaceFolder(file)?.uri.fsPath ?? "";
    const python = settings.get<string>("interpreter", "").replaceAll(/\$\{workspaceFolder\}/g, () => folder);
    const preferred = python === "" ? await chosenInterpreter(file, { wake: true }).catch(() => undefined) : undefined;
    return {
      ...(python === "" ? {} : { python }),
      ...(preferred === undefined ? {} : { preferred }),
      timeoutSeconds: settings.get<number>("compileTimeout", 60),
    };
  }

  async function run(file: Uri, outer?: CancellationToken): Promise<PythonResult | undefined> {
    const key = file.toString();
    working.get(key)?.cancel();
    const source = new CancellationTokenSource();
    working.set(key, source);
    const subscription = outer?.onCancellationRequested(() => source.cancel());
    try {
      const wish = await wishFor(file);
      const result = await runtimes.of(file).call("compileWithPython", file.fsPath, wish, source.token);
      if (source.token.isCancellationRequested) return undefined;
      language.setPython(file, result);
      return result;
    } catch (error) {
      if (source.token.isCancellationRequested) return undefined;
      throw error;
    } finally {
      subscription?.dispose();
      if (working.get(key) === source) working.delete(key);
      source.dispose();
    }
  }

  async function compile(file: Uri): Promise<boolean> {
    const name = basename(file.fsPath);
    // What Python reads is what the editor shows.
    await workspace.save(file);
    const result = await window.withProgress(
      { location: ProgressLocation.Notification, title: `Compiling ${name} with Python`, cancellable: true },
      (_, token) => run(file, token),
    );
    if (!result) return false;
    if (result.kind === "raised") {
      void tellRaised(name, result);
      return false;
    }
    const isNew = habits()[file.toString()] === undefined;
    if (isNew) await learn(file, "when asked");
    if (isNew) void offerSaves(file, name, result);
    return true;
  }

  async function offerSaves(file: Uri, name: string, { python, kfp }: PythonResult): Promise<void> {
    const onSave = "On Each Save";
    const said = `${name} was compiled with Python ${python}, kfp ${kfp}. Compile it so whenever it is saved?`;
    const choice = await window.showInformationMessage(said, onSave, "Only When Asked");
    if (choice === onSave) await learn(file, "on save");
  }

  async function tellRaised(name: string, { raised }: PythonResult & { readonly kind: "raised" }): Promise<void> {
    const { path, line = 0 } = raised;
    const where = path === undefined ? "" : ` in line ${line + 1} of ${basename(path)}`;
    const show = path === undefined ? "Show Log" : "Show Line";
    const choice = await window.showErrorMessage(`Python could not compile ${name}: ${raised.message}${where}`, show);
    if (choice === undefined) return;
    if (path === undefined) report.show();
    else await openLocation(Uri.file(path), new Range(line, 0, line, 0));
  }

  async function chooseHabit(file: Uri): Promise<void> {
    const habit = habits()[file.toString()];
    const item = (label: string, meant: Habits[string]) => ({
      label,
      meant,
      ...(meant === habit ? { description: "as now" } : {}),
    });
    const items = [item("On Each Save", "on save"), item("Only When Asked", "when asked")];
    const title = `When is Python to run ${basename(file.fsPath)} to compile it?`;
    const choice = await window.showQuickPick(items, { title });
    if (choice) await learn(file, choice.meant);
  }

  async function again(file: Uri): Promise<void> {
    if (!workspace.isTrusted || habits()[file.toString()] !== "on save") return;
    try {
      // A file that can be read by now needs no Python.
      const definitions = await pipelines.definitions(file);
      if (definitions.length > 0 && !definitions.some(({ byPython, asksPython }) => byPython ?? asksPython)) return;
      const title = `Compiling ${basename(file.fsPath)} with Python`;
      const known = await runtimes.of(file).call("compiledWithPython", file.fsPath, await wishFor(file));
      if (known) language.setPython(file, known);
      else await window.withProgress({ location: ProgressLocation.Window, title }, () => run(file));
    } catch (error) {
      // Nobody asked just now: it is said where it disturbs nobody.
      report.log(sentence(error));
      window.setStatusBarMessage(`$(warning) ${sentence(error)}`, 10_000);
    }
  }

  /** What Python made of a file before, where the file is still the same. Nothing is run for it. */
  async function recall(document: TextDocument): Promise<void> {
    const { uri } = document;
    if (!workspace.isTrusted || habits()[uri.toString()] === undefined || !mayHavePipelines(document)) return;
    const result = await runtimes.of(uri).call("compiledWithPython", uri.fsPath, await wishFor(uri));
    if (result) language.setPython(uri, result);
  }

  const recallSoon = (document: TextDocument) => {
    recall(document).catch((error: unknown) => report.log(sentence(error)));
  };
  const recallAll = () => workspace.textDocuments.forEach(recallSoon);
  const subscriptions: Owned[] = [
    workspace.onDidOpenTextDocument(recallSoon),
    workspace.onDidSaveTextDocument(({ uri }) => void again(uri)),
    workspace.onDidSaveNotebookDocument(({ uri }) => void again(uri)),
    workspace.onDidGrantWorkspaceTrust(recallAll),
  ];
  recallAll();

  return {
    compile,
    chooseHabit,
    wishFor,
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
      for (const source of working.values()) source.cancel();
    },
  };
}

/** The command that a lens, a quick fix or the palette gives; a client of LSP has texts only. */
export function fileOf(argument: unknown): Uri | undefined {
  if (typeof argument === "string") return Uri.parse(argument);
  if (argument instanceof Uri) return argument;
  const uri: unknown = typeof argument === "object" && argument !== null ? Reflect.get(argument, "uri") : undefined;
  return uri instanceof Uri ? uri : undefined;
}
