/** The files that the language server reads: open editors before the disk. */
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { languageOf } from "./analyze-file.ts";
import type { Files } from "./source.ts";

export interface OpenFiles extends Files {
  /** By path; a document that is no file has its URI as path. */
  readonly open: Map<string, TextDocument>;
  /** As `read`, of a file that is one of many: large ones are passed over, and nothing is kept. */
  glance(path: string): string | undefined;
  /** The path of a URI; of one that is no file, itself, with the ending of its language. */
  readonly pathOf: (uri: string, languageId?: string) => string;
  readonly uriOf: (path: string) => string;
}

const mostBytes = 64_000_000;
const mostBytesAtAGlance = 4_000_000;

const endings: Readonly<Record<string, string>> = { python: ".py", typescript: ".ts", yaml: ".yaml", json: ".json" };

export function createOpenFiles(): OpenFiles {
  const open = new Map<string, TextDocument>();
  const onDisk = new Map<string, { readonly stamp: string; readonly text: string | undefined }>();

  function read(path: string, atAGlance: boolean): string | undefined {
    const document = open.get(path);
    if (document) return document.getText();
    try {
      const found = statSync(path);
      if (!found.isFile() || found.size > (atAGlance ? mostBytesAtAGlance : mostBytes)) return undefined;
      const stamp = `${found.mtimeMs} ${found.size} ${found.ino}`;
      const known = onDisk.get(path);
      if (known?.stamp === stamp) return known.text;
      const text = decode(readFileSync(path));
      if (!atAGlance) onDisk.set(path, { stamp, text });
      return text;
    } catch {
      // Gone, or not to be read: for who asks that is the same.
      onDisk.delete(path);
      return undefined;
    }
  }

  return {
    open,
    read: (path) => read(path, false),
    glance: (path) => read(path, true),
    list(path) {
      try {
        const entries = readdirSync(path, { withFileTypes: true });
        return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
      } catch {
        return [];
      }
    },
    pathOf(uri, languageId = "") {
      if (uri.startsWith("file:")) return fileURLToPath(uri).replaceAll("\\", "/");
      // An untitled document has a language but no ending.
      const path = uri.replace(/[?#].*$/s, "");
      return languageOf(path) ? path : path + (endings[languageId] ?? "");
    },
    uriOf(path) {
      const document = open.get(path);
      if (document) return document.uri;
      return /^[a-z][\w+.-]+:/i.test(path) && !/^[a-z]:\//i.test(path) ? path : pathToFileURL(path).href;
    },
  };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Folders of installed things and of tools, whose files are nobody's pipelines. */
const passedOver = new Set(["node_modules", "__pycache__", "site-packages"]);
const mostFolders = 50_000;

/**
 * The files below folders that may hold pipelines, by their endings; each folder once, however many links
 * lead to it. Ends early where there are more folders than any workspace of pipelines has.
 */
export async function* filesBelow(folders: readonly string[]): AsyncGenerator<string, void> {
  const waiting = folders.map((path) => path.replace(/\/+$/, ""));
  const seen = new Set<string>();
  for (let path = waiting.shift(); path !== undefined && seen.size < mostFolders; path = waiting.shift()) {
    const place = await stat(path || "/", { bigint: true }).catch(() => undefined);
    if (!place?.isDirectory() || seen.has(`${place.dev}:${place.ino}`)) continue;
    seen.add(`${place.dev}:${place.ino}`);
    const entries: Dirent[] = await readdir(path || "/", { withFileTypes: true }).catch(() => []);
    // A virtual environment.
    if (entries.some(({ name }) => name === "pyvenv.cfg")) continue;
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const below = `${path}/${entry.name}`;
      if (entry.isFile() || entry.isSymbolicLink()) {
        if (languageOf(below) !== undefined) yield below;
        if (!entry.isSymbolicLink()) continue;
      }
      if (!entry.name.startsWith(".") && !passedOver.has(entry.name) && !entry.isFile()) waiting.push(below);
    }
  }
}
