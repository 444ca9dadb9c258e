import type { Files } from "../source.ts";
import type { UnknownValue } from "./values.ts";

/** What a module wrote: text; text that is made when it is first read; or what cannot be known. */
type Content = string | (() => string) | UnknownValue;

/**
 * The files as the module that is read has left them: what it writes is kept in memory and read back from
 * there. Nothing of it touches the disk.
 */
export interface Overlay extends Files {
  write(path: string, content: Content): void;
  /** Makes a folder, and those above it. */
  makeFolder(path: string): void;
  /** Removes a file, or a folder with all that is in it. */
  remove(path: string): void;
  isFolder(path: string): boolean;
  /** Whether anything was written, made or removed. */
  isTouched(): boolean;
  /** Why the content of a file that was written cannot be known; undefined for every other file. */
  unknownAt(path: string): UnknownValue | undefined;
}

export function overlayOf(files: Files): Overlay {
  const written = new Map<string, Content>();
  const folders = new Set<string>();
  const removed = new Set<string>();

  const isRemoved = (path: string): boolean => {
    if (removed.size === 0) return false;
    for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) if (removed.has(at)) return true;
    return false;
  };
  const isBelow = (path: string, folder: string): boolean => path.startsWith(folder === "/" ? "/" : `${folder}/`);

  function makeFolder(path: string): void {
    for (let at = path; at !== "" && !folders.has(at); at = at.slice(0, at.lastIndexOf("/"))) folders.add(at);
  }

  function list(path: string): readonly string[] {
    const names = new Set(isRemoved(path) ? [] : files.list(path));
    if (written.size + folders.size + removed.size === 0) return [...names];
    const start = path === "/" ? "/" : `${path}/`;
    for (const one of removed)
      if (one.startsWith(start)) {
        names.delete(one.slice(start.length));
        names.delete(`${one.slice(start.length)}/`);
      }
    for (const one of written.keys()) {
      const name = one.slice(start.length);
      if (one.startsWith(start) && !name.includes("/")) names.add(name);
    }
    for (const one of folders) {
      const name = one.slice(start.length);
      if (one.startsWith(start) && name !== "" && !name.includes("/")) names.add(`${name}/`);
    }
    return [...names].sort();
  }

  return {
    read(path) {
      const own = written.get(path);
      if (own === undefined) return isRemoved(path) ? undefined : files.read(path);
      if (typeof own === "string") return own;
      if (typeof own !== "function") return undefined;
      const text = own();
      written.set(path, text);
      return text;
    },
    list,
    write(path, content) {
      makeFolder(path.slice(0, path.lastIndexOf("/")));
      written.set(path, content);
    },
    makeFolder,
    remove(path) {
      for (const one of [...written.keys()]) if (one === path || isBelow(one, path)) written.delete(one);
      for (const one of [...folders]) if (one === path || isBelow(one, path)) folders.delete(one);
      removed.add(path);
    },
    isTouched: () => written.size + folders.size + removed.size > 0,
    isFolder: (path) => folders.has(path) || list(path).length > 0,
    unknownAt(path) {
      const own = written.get(path);
      return typeof own === "object" ? own : undefined;
    },
  };
}
