/** Fetches components that Python files load by their URL, for who asked for it: reading a file fetches nothing. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetchedFolder, fetchedName, isFetchable } from "../../language/python/fetched.ts";
import { readComponent } from "../../language/python/read-component.ts";
import { makeFolder, type Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";

/** As large as the largest compiled pipelines. */
const mostBytes = 16 * 1024 * 1024;
const timeoutMs = 30_000;

/** The path of the file that the component is kept in from now on. Throws UserError where it cannot be had or is none. */
export async function fetchComponent(url: string, workspace: Workspace, signal?: AbortSignal): Promise<string> {
  if (!isFetchable(url))
    throw new UserError("not-a-url", `${url} is no address to fetch a component from.`, {
      action: "It begins with https:// or http://.",
      exit: 2,
    });
  const text = await textAt(url, signal);
  const { component, problem } = readComponent(text);
  if (component === undefined)
    throw new UserError("not-a-component", `What is at ${url} is no component: ${problem}`, {
      action: "Is it the address of the YAML itself, not of a page that shows it?",
    });
  makeFolder(workspace);
  const folder = join(workspace.root, fetchedFolder);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, fetchedName(url));
  writeFileSync(path, text);
  return path;
}

async function textAt(url: string, signal: AbortSignal | undefined): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const failed = (why: string, cause?: unknown): UserError =>
    new UserError("not-fetched", `${url} cannot be fetched: ${why}.`, {
      action: "Is the address right, and is there a connection?",
      cause,
    });
  try {
    const response = await fetch(url, {
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      headers: { accept: "text/yaml, application/yaml, text/plain, */*;q=0.1" },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw failed(`it answers ${response.status} ${response.statusText}`.trim());
    }
    const parts: Uint8Array[] = [];
    let size = 0;
    const reader = response.body?.getReader();
    for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
      // SAFETY: a response's body gives bytes.
      const part = read.value as Uint8Array;
      size += part.length;
      if (size > mostBytes) {
        await reader?.cancel();
        throw failed("it is too large to be a component");
      }
      parts.push(part);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    if (timeout.aborted) throw failed(`it did not answer within ${timeoutMs / 1000} seconds`, error);
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw failed(cause instanceof Error ? cause.message : String(cause), error);
  }
}
