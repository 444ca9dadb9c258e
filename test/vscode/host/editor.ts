import assert from "node:assert/strict";
import * as vscode from "vscode";

/** A file of the folder that is open. */
export function workspaceFile(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert(folder, "a workspace is open");
  return vscode.Uri.joinPath(folder.uri, name);
}

/** Asks until the answer is something, at most `timeoutMs`. */
export async function eventually<T>(
  what: string,
  ask: () => Thenable<T | undefined> | T | undefined,
  timeoutMs = 30_000,
): Promise<T> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await new Promise((next) => setTimeout(next, 50))) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
}
