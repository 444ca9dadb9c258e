import { readdirSync, readFileSync } from "node:fs";
import type { Files } from "../../../language/source.ts";

/** The files of this machine. */
export const diskFiles: Files = {
  read: (path) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
  list: (path) => {
    try {
      return readdirSync(path, { withFileTypes: true }).map((entry) => entry.name + (entry.isDirectory() ? "/" : ""));
    } catch {
      return [];
    }
  },
};
