/** The runtime servers, one for each workspace folder: each has a store of its own. */
import { basename, dirname } from "node:path";
import type { CancellationToken, Uri } from "vscode";
import { EventEmitter, type Event, workspace, type WorkspaceFolder } from "vscode";
import type { RuntimeMethods } from "../runtime/protocol.ts";
import type { Report } from "./report.ts";
import { type ServerProcess, serverProcess } from "./server-process.ts";
import type { Owned } from "./owned.ts";

export interface Runtime {
  /** Path of the folder whose `.millrace` it reads. */
  readonly folder: string;
  /** What people call it. */
  readonly name: string;
  call<K extends keyof RuntimeMethods>(
    method: K,
    ...args: readonly [...Parameters<RuntimeMethods[K]>, CancellationToken?]
  ): Promise<ReturnType<RuntimeMethods[K]>>;
  pid(): number | undefined;
}

export interface Runtimes extends Owned {
  /** One for each folder of the window. */
  all(): readonly Runtime[];
  /** Of the folder that holds a file; a loose file's own folder. */
  of(file: Uri): Runtime;
  /** By its folder's path. */
  at(folder: string): Runtime;
  /** The store changed, or its server came back. */
  readonly onChanged: Event<Runtime>;
}

export function createRuntimes(script: string, report: Report): Runtimes {
  const running = new Map<string, Runtime & { readonly server: ServerProcess }>();
  const changed = new EventEmitter<Runtime>();

  function at(folder: string): Runtime {
    const known = running.get(folder);
    if (known) return known;
    const server = serverProcess({
      name: `Runtime server of ${basename(folder)}`,
      script,
      report,
      async greet(connection) {
        connection.onNotification("changed", () => changed.fire(runtime));
        const { ParameterStructures } = await import("vscode-jsonrpc/node");
        await connection.sendRequest("open", ParameterStructures.byPosition, folder, workspace.isTrusted);
      },
      restarted: () => changed.fire(runtime),
    });
    const runtime = {
      folder,
      name: basename(folder),
      server,
      pid: () => server.pid(),
      call: async (method: string, ...args: readonly unknown[]) => {
        const connection = await server.connection();
        const { ParameterStructures } = await import("vscode-jsonrpc/node");
        const answer: unknown = await connection.sendRequest(method, ParameterStructures.byPosition, ...args);
        // SAFETY: RuntimeMethods types both ends; the server is ours and answers null for nothing.
        return (answer ?? undefined) as never;
      },
    };
    running.set(folder, runtime);
    return runtime;
  }

  const folders = workspace.onDidChangeWorkspaceFolders(({ removed }) => {
    for (const { uri } of removed) {
      running.get(uri.fsPath)?.server.dispose();
      running.delete(uri.fsPath);
    }
  });

  const trust = workspace.onDidGrantWorkspaceTrust(() => {
    // One that starts later is told as it is opened.
    for (const runtime of running.values())
      if (runtime.server.pid() !== undefined)
        runtime.call("trust").catch((error: unknown) => report.log(`${runtime.name}: ${String(error)}`));
  });

  return {
    all: () => (workspace.workspaceFolders ?? []).filter(isOnDisk).map((folder) => at(folder.uri.fsPath)),
    of: (file) => at(workspace.getWorkspaceFolder(file)?.uri.fsPath ?? dirname(file.fsPath)),
    at,
    onChanged: changed.event,
    dispose() {
      folders.dispose();
      trust.dispose();
      for (const { server } of running.values()) server.dispose();
      running.clear();
      changed.dispose();
    },
  };
}

const isOnDisk = (folder: WorkspaceFolder) => folder.uri.scheme === "file";
