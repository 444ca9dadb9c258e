import { readdirSync, readFileSync } from "node:fs";
import type { Files } from "../../language/source.ts";

/** Files as they lie on the disk. */
export function diskFiles(): Files {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return {
    read(path) {
      try {
        return decoder.decode(readFileSync(path));
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

/** An absolute path as the front ends want it: with `/`. */
export function sourcePath(path: string): string {
  return process.platform === "win32" ? path.replaceAll("\\", "/") : path;
}
