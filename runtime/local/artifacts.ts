import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { cp, lstat, readdir, readlink, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Artifact } from "../events.ts";
import type { WrittenArtifact } from "./executor.ts";
import { localPath } from "./placeholders.ts";

/** Content of a file or folder: sha-256 in hex and bytes. Undefined where nothing is there, or it is not on this machine. */
export async function measure(
  uri: string,
): Promise<{ readonly digest: string; readonly sizeBytes: number } | undefined> {
  if (!isLocal(uri)) return undefined;
  const path = localPath(uri);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? measureFolder(path) : { digest: await digestOf(path), sizeBytes: found.size };
}

/** Whether a URI names a path of this machine. */
export function isLocal(uri: string): boolean {
  return uri.startsWith("file://") || isAbsolute(uri);
}

/** The record of an artifact that a task wrote; `id` is `<run>/<task>/<key>[/index]`. */
export async function record(written: WrittenArtifact, id: string): Promise<Artifact> {
  const { name, type, uri, metadata, customPath } = written;
  // What stands at a path of the component's own choosing belongs to it: copied, not moved.
  if (customPath !== undefined && customPath !== uri && isLocal(uri))
    await cp(customPath, localPath(uri), { recursive: true, force: true });
  return { id, name, type, uri, metadata, ...(await measure(uri)) };
}

/**
 * Whether a recorded artifact is still what it was. A file whose size is the
 * same and which nobody touched since `since` (milliseconds since 1970) is not
 * read again: a cache hit must not cost a read of all data.
 */
export async function isUnchanged(artifact: Artifact, since: number): Promise<boolean> {
  if (artifact.digest === undefined || !isLocal(artifact.uri)) return true;
  const path = localPath(artifact.uri);
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (found.isFile()) {
    if (found.size !== artifact.sizeBytes) return false;
    if (Math.max(found.mtimeMs, found.ctimeMs) <= since) return true;
  }
  return (await measure(artifact.uri))?.digest === artifact.digest;
}

/** sha-256 over the sorted relative paths and contents; a link is its target's name, so that a loop ends. */
async function measureFolder(folder: string): Promise<{ digest: string; sizeBytes: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for (const { entry, path } of files) {
    const content = entry.isSymbolicLink()
      ? `link ${await readlink(path)}`
      : entry.isFile()
        ? await digestOf(path)
        : "other";
    hash.update(`${path.slice(folder.length).replaceAll("\\", "/")}\0${content}\0`);
    if (entry.isFile()) sizeBytes += (await stat(path)).size;
  }
  return { digest: hash.digest("hex"), sizeBytes };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    // SAFETY: a stream without an encoding gives buffers.
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}
