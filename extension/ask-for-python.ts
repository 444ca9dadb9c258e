/** What reading a Python file cannot know and the user can say: a component on the network, an environment variable. */
import { ConfigurationTarget, ProgressLocation, type Uri, window, workspace } from "vscode";
import type { Runtimes } from "./runtime-client.ts";

/** Fetches a component that a file loads by its URL, after asking. Its files are then read anew by themselves. */
export async function fetchAfterConsent(file: Uri, url: string, runtimes: Runtimes): Promise<void> {
  const fetch = "Fetch";
  const answer = await window.showInformationMessage(
    "Fetch this component?",
    { modal: true, detail: `${url}\n\nIts text is kept in .millrace/components. Nothing of it is run.` },
    fetch,
  );
  if (answer !== fetch) return;
  await window.withProgress({ location: ProgressLocation.Notification, title: `Fetching ${url}` }, () =>
    runtimes.of(file).call("fetchComponent", url),
  );
}

/** Asks for the value that Python files are read with, and keeps it in the workspace's settings. */
export async function setEnvironment(file: Uri | undefined, name: string): Promise<void> {
  const settings = workspace.getConfiguration("millrace.python", file);
  const before = settings.get<Readonly<Record<string, string>>>("environment", {});
  const value = await window.showInputBox({
    title: name,
    prompt: `Value of ${name} while Python files are read`,
    value: before[name] ?? "",
  });
  if (value === undefined) return;
  const target = workspace.workspaceFolders ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await settings.update("environment", { ...before, [name]: value }, target);
}
