/**
 * TypeScript's own language service over files that have no server of TypeScript's: the text that the cells of a
 * notebook make. Loaded when the first such notebook is shown; lib.d.ts comes with ts-morph.
 */
import { getLibFiles, libFolderInMemoryPath } from "@ts-morph/common";
import { joined, parent } from "../declarations.ts";
import type { Files } from "../source.ts";
import { ts } from "./syntax.ts";

export interface TypeChecker {
  readonly service: ts.LanguageService;
  /** Forgets a file that is shown no more. */
  readonly forget: (path: string) => void;
  /** Takes a file in, with what it imports. */
  readonly look: (path: string) => void;
}

/** `rootOf` says whose `.millrace/types` a file has; undefined where it has none. */
export function createTypeChecker(files: Files, rootOf: (path: string) => string | undefined): TypeChecker {
  const shown = new Set<string>();
  const texts = new Map<string, { readonly text: string; readonly version: number }>();
  const libraries = new Map(getLibFiles().map(({ fileName, text }) => [`${libFolderInMemoryPath}/${fileName}`, text]));
  let settings: { readonly key: string; readonly options: ts.CompilerOptions } | undefined;

  const read = (path: string): string | undefined => libraries.get(path) ?? files.read(path);
  const exists = (path: string): boolean =>
    libraries.has(path) || files.list(parent(path) || "/").includes(path.slice(path.lastIndexOf("/") + 1));

  function known(path: string): { readonly text: string; readonly version: number } | undefined {
    const text = read(path);
    if (text === undefined) return undefined;
    const before = texts.get(path);
    if (before?.text === text) return before;
    const entry = { text, version: (before?.version ?? 0) + 1 };
    texts.set(path, entry);
    return entry;
  }

  /** Of the file that was looked at last: notebooks of one project have the same. */
  function options(): ts.CompilerOptions {
    const path = [...shown].at(-1) ?? "/";
    const config = configOf(path, files);
    const root = rootOf(path);
    const key = `${config}\n${root}\n${config === undefined ? "" : files.read(config)}`;
    if (settings?.key !== key) settings = { key, options: optionsOf(config, root, read, files) };
    return settings.options;
  }

  const service = ts.createLanguageService({
    getCompilationSettings: options,
    getScriptFileNames: () => [...shown],
    getScriptVersion: (path) => String(known(path)?.version ?? 0),
    getScriptSnapshot(path) {
      const entry = known(path);
      return entry && ts.ScriptSnapshot.fromString(entry.text);
    },
    getCurrentDirectory: () => parent([...shown].at(-1) ?? "/") || "/",
    getDefaultLibFileName: (each) => `${libFolderInMemoryPath}/${ts.getDefaultLibFileName(each)}`,
    readFile: read,
    fileExists: exists,
    directoryExists: (path) => path === libFolderInMemoryPath || files.list(path).length > 0,
    getDirectories: (path) => files.list(path).flatMap((name) => (name.endsWith("/") ? [name.slice(0, -1)] : [])),
  });

  return {
    service,
    forget(path) {
      shown.delete(path);
    },
    look(path) {
      // The last is whose settings count.
      shown.delete(path);
      shown.add(path);
    },
  };
}

/** The tsconfig.json that a file is governed by. */
function configOf(path: string, files: Files): string | undefined {
  for (let folder = parent(path); folder !== ""; folder = parent(folder))
    if (files.read(`${folder}/tsconfig.json`) !== undefined) return `${folder}/tsconfig.json`;
  return undefined;
}

/** The project's own, and what leads to Millrace's types where the project has none of that. */
function optionsOf(
  config: string | undefined,
  root: string | undefined,
  read: (path: string) => string | undefined,
  files: Files,
): ts.CompilerOptions {
  const host: ts.ParseConfigHost = {
    useCaseSensitiveFileNames: true,
    readFile: read,
    fileExists: (path) => files.read(path) !== undefined,
    readDirectory: () => [],
  };
  const own =
    config === undefined
      ? { strict: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.NodeNext }
      : ts.parseJsonConfigFileContent(ts.readConfigFile(config, read).config, host, parent(config)).options;
  const types = root === undefined ? undefined : joined(root, ".millrace/types");
  return {
    ...own,
    allowArbitraryExtensions: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    // As TypeScript had it before 6, whichever the project has.
    types: own.types ?? ["*"],
    ...(types === undefined || root === undefined
      ? {}
      : {
          rootDirs: [...new Set([...(own.rootDirs ?? []), root, types])],
          paths: { millrace: [`${types}/millrace.d.ts`], ...own.paths },
        }),
  };
}
