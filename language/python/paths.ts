import type { Machine } from "./machine.ts";
import { isObject, type Value } from "./values.ts";

/** `type(x).__name__` of a `pathlib.Path`. */
export const pathType = "PosixPath";

/** The text of a str or a path. */
export function pathText(value: Value): string | undefined {
  if (typeof value === "string") return value;
  return isObject(value) && value.kind === "native" && value.type === pathType ? value.text?.() : undefined;
}

export function joinPaths(parts: readonly string[]): string {
  let result = "";
  for (const part of parts) {
    if (part.startsWith("/")) result = part;
    else result += (result === "" || result.endsWith("/") ? "" : "/") + part;
  }
  return result;
}

/** `os.path.normpath` */
export function normalPath(path: string): string {
  const absolute = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !absolute) parts.push(part);
  }
  return (absolute ? "/" : "") + parts.join("/") || ".";
}

/** A relative path is taken from the file's own folder: that is where its author runs it. */
export function absolutePath(machine: Machine, path: string): string {
  return normalPath(joinPaths([machine.folder, path]));
}
