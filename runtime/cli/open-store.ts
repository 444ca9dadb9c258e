import type { Store } from "../store/store.ts";
import { openWorkspace } from "../store/open-workspace.ts";
import { findWorkspace, type Workspace } from "../store/workspace.ts";
import type { Terminal } from "./terminal.ts";

export interface OpenedStore {
  readonly workspace: Workspace;
  /** Absent where nothing ever ran. */
  readonly store: Store | undefined;
}

/** Lends the history of the workspace that a command stands in, and closes it. */
export async function withStore(
  options: { readonly workspace?: string | undefined },
  terminal: Terminal,
  work: (opened: OpenedStore) => number | Promise<number>,
): Promise<number> {
  const workspace = findWorkspace(options.workspace ?? process.cwd());
  const store = await openWorkspace(workspace, { create: false, say: (message) => terminal.note(message) });
  try {
    return await work({ workspace, store });
  } finally {
    store?.close();
  }
}

/** What to say where there is no history yet. */
export function nothingYet(workspace: Workspace): string {
  return `Nothing has run in ${workspace.root} yet. Run a pipeline with millrace run FILE.`;
}
