import { type Machine, raise } from "./machine.ts";
import { environ } from "./environment.ts";
import { absolutePath, joinPaths, normalPath, pathText } from "./paths.ts";
import { PathValue } from "./stdlib-path.ts";
import type { Names } from "./stdlib.ts";
import {
  argument,
  builtin,
  type CallArguments,
  type DictValue,
  dict,
  isObject,
  list,
  plainText,
  tuple,
  unknown,
  type Value,
  keyOf,
} from "./values.ts";

export function osModule(machine: Machine): Names {
  const variables = environ(machine);
  const getenv = (given: CallArguments): Value => {
    const name = argument(given, 0, "key");
    if (typeof name !== "string") return name ?? null;
    return variables.entries.get(keyOf(name))?.[1] ?? argument(given, 1, "default") ?? null;
  };
  const onPath = (name: string, work: (path: string) => void): Value =>
    builtin(name, (given) => {
      const path = pathText(argument(given, 0) ?? null);
      // An unknown path is nowhere that is read again.
      if (path !== undefined) work(absolutePath(machine, path));
      return null;
    });
  return {
    environ: variables,
    getenv: builtin("getenv", getenv),
    path: {
      kind: "module",
      name: "posixpath",
      path: undefined,
      names: new Map(Object.entries(osPathModule(machine, variables))),
      lookup: (member) =>
        member.startsWith("__") ? undefined : unknown(`"os.path.${member}" is not worked out while reading`),
    },
    sep: "/",
    pardir: "..",
    curdir: ".",
    linesep: "\n",
    name: "posix",
    getcwd: builtin("getcwd", () => machine.folder),
    listdir: builtin("listdir", (given) => {
      const folder = pathText(argument(given, 0) ?? ".");
      if (folder === undefined) return unknown("this folder is not known", given.span);
      return list(machine.files.list(absolutePath(machine, folder)).map((name) => name.replace(/\/$/, "")));
    }),
    makedirs: onPath("makedirs", (path) => machine.files.makeFolder(path)),
    mkdir: onPath("mkdir", (path) => machine.files.makeFolder(path)),
    remove: onPath("remove", (path) => machine.files.remove(path)),
    unlink: onPath("unlink", (path) => machine.files.remove(path)),
    rmdir: onPath("rmdir", (path) => machine.files.remove(path)),
    chdir: builtin("chdir", () => null),
    close: builtin("close", () => null),
    walk: builtin("walk", (given) => {
      const top = pathText(argument(given, 0, "top") ?? null);
      return top === undefined ? unknown("this folder is not known", given.span) : list(walk(machine, top));
    }),
    cpu_count: builtin("cpu_count", ({ span }) => unknown("it differs from machine to machine", span)),
    fspath: builtin("fspath", (given) => pathText(argument(given, 0) ?? null) ?? argument(given, 0) ?? null),
  };
}

/** `os.walk`: folder, folders in it, files in it; from the top. */
function walk(machine: Machine, top: string): Value[] {
  const found: Value[] = [];
  const visit = (folder: string, depth: number): void => {
    const names = machine.files.list(absolutePath(machine, folder));
    const folders = names.filter((name) => name.endsWith("/")).map((name) => name.slice(0, -1));
    const files = names.filter((name) => !name.endsWith("/"));
    found.push(tuple([folder, list([...folders]), list([...files])]));
    if (depth < 20 && found.length < 10_000) for (const name of folders) visit(joinPaths([folder, name]), depth + 1);
  };
  visit(top, 0);
  return found;
}

export function osPathModule(machine: Machine, variables: DictValue = environ(machine)): Names {
  const onText = (name: string, work: (text: string, given: CallArguments) => Value): Value =>
    builtin(name, (given) => {
      const value = argument(given, 0) ?? null;
      if (isObject(value) && value.kind === "unknown") return value;
      const text = pathText(value);
      return text === undefined
        ? raise("TypeError", "expected str, bytes or os.PathLike object", given.span)
        : work(text, given);
    });
  const split = (text: string): [string, string] => {
    const at = text.lastIndexOf("/") + 1;
    const head = text.slice(0, at);
    return [/^\/*$/.test(head) ? head : head.replace(/\/+$/, ""), text.slice(at)];
  };
  const extension = (text: string): [string, string] => {
    const at = text.lastIndexOf(".");
    const base = text.lastIndexOf("/") + 1;
    return at > base && /[^.]/.test(text.slice(base, at)) ? [text.slice(0, at), text.slice(at)] : [text, ""];
  };
  return {
    sep: "/",
    pardir: "..",
    curdir: ".",
    extsep: ".",
    join: builtin("join", (given) => {
      const texts: string[] = [];
      for (const { value } of given.positional) {
        if (isObject(value) && value.kind === "unknown") return value;
        const text = pathText(value);
        if (text === undefined)
          return raise("TypeError", "join() argument must be str, bytes, or os.PathLike object", given.span);
        texts.push(text);
      }
      return joinPaths(texts);
    }),
    dirname: onText("dirname", (text) => split(text)[0]),
    basename: onText("basename", (text) => split(text)[1]),
    split: onText("split", (text) => tuple(split(text))),
    splitext: onText("splitext", (text) => tuple(extension(text))),
    abspath: onText("abspath", (text) => absolutePath(machine, text)),
    realpath: onText("realpath", (text) => absolutePath(machine, text)),
    normpath: onText("normpath", (text) => normalPath(text)),
    expanduser: onText("expanduser", (text, { span }) =>
      text.startsWith("~") ? unknown("the user's home folder is not known", span) : text,
    ),
    expandvars: onText("expandvars", (text) =>
      text.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, a?: string, b?: string) => {
        const value = variables.entries.get(keyOf(a ?? b ?? ""))?.[1];
        return value === undefined ? whole : plainText(value);
      }),
    ),
    isabs: onText("isabs", (text) => text.startsWith("/")),
    exists: onText("exists", (text) => new PathValue(machine, text).exists()),
    isfile: onText("isfile", (text) => new PathValue(machine, text).isFile()),
    isdir: onText("isdir", (text) => new PathValue(machine, text).isFolder()),
    relpath: builtin("relpath", (given) => {
      const [path, start] = [argument(given, 0) ?? null, argument(given, 1, "start") ?? machine.folder].map(pathText);
      if (path === undefined || start === undefined) return unknown("this path is not known", given.span);
      const [to, from] = [absolutePath(machine, path).split("/"), absolutePath(machine, start).split("/")];
      let same = 0;
      while (same < from.length && same < to.length && from[same] === to[same]) same++;
      return [...from.slice(same).map(() => ".."), ...to.slice(same)].join("/") || ".";
    }),
  };
}

export function sysModule(machine: Machine): Names {
  const version = (numbers: readonly bigint[]): Value => tuple([...numbers, "final", 0n]);
  return {
    // Changes to the search path are seen by the imports after them: `evaluate.ts` reads this very list.
    path: machine.searchPath,
    argv: list([""]),
    modules: dict(),
    version: "3.11.0",
    version_info: version([3n, 11n, 0n]),
    platform: "linux",
    executable: unknown("which Python compiles the file is not known"),
    exit: builtin("exit", ({ span }) => raise("SystemExit", "", span)),
    stdout: unknown("output while compiling"),
    stderr: unknown("output while compiling"),
    maxsize: 9223372036854775807n,
  };
}
