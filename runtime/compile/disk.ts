import { isUtf8 } from "node:buffer";
import { accessSync, constants, readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import type { Files } from "../../language/source.ts";
import { UserError } from "../user-error.ts";

/** Files as they lie on the disk. */
export function diskFiles(): Files {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return {
    read(path) {
      try {
        // A pipe would be waited for, perhaps forever.
        const { size } = regular(statSync(path));
        return size > mostBytes ? undefined : decoder.decode(readFileSync(path));
      } catch {
        return undefined;
      }
    },
    list(path) {
      try {
        return readdirSync(path, { withFileTypes: true }).map((entry) =>
          entry.isDirectory() ? `${entry.name}/` : entry.name,
        );
      } catch {
        return [];
      }
    },
  };
}

/** More than any pipeline has; what is larger was named by mistake. */
const mostBytes = 32 * 1024 * 1024;

function regular(stats: Stats): Stats {
  if (!stats.isFile()) throw new Error("not a file");
  return stats;
}

/** Throws UserError for a path that is there and can hold no source: a folder, a pipe, a data set, what may not be read. */
export function checkReadable(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  if (stats.isDirectory())
    throw new UserError("not-a-file", `${path} is a folder.`, { action: "Name a file in it.", exit: 2 });
  if (!stats.isFile())
    throw new UserError("not-a-file", `${path} is no ordinary file.`, {
      action: "Write what it gives to a file first.",
      exit: 2,
    });
  if (stats.size > mostBytes) {
    const size = `${Math.round(stats.size / 1024 / 1024)} MiB`;
    throw new UserError("file-too-large", `${path} is too large to be a pipeline: ${size}.`, {
      action: "Is it the right file?",
      exit: 2,
    });
  }
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new UserError("cannot-read", `${path} may not be read.`, { action: "Check its permissions.", cause });
  }
}

/** Where a file's text ends being UTF-8, from 0, the column in bytes; undefined where it does not. */
export function firstBadByte(path: string): { readonly line: number; readonly character: number } | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  if (isUtf8(bytes)) return undefined;
  for (let line = 0, start = 0; start <= bytes.length; line++) {
    const found = bytes.indexOf(10, start);
    const end = found === -1 ? bytes.length : found;
    const text = bytes.subarray(start, end);
    if (!isUtf8(text)) return { line, character: goodBytes(text) };
    start = end + 1;
  }
  return undefined;
}

/** How many bytes can be read before one that cannot. */
function goodBytes(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (good + 1 < bad) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

/** An absolute path as the front ends want it: with `/`. */
export function sourcePath(path: string): string {
  return process.platform === "win32" ? path.replaceAll("\\", "/") : path;
}
