import type { Span } from "../source.ts";
import { type Machine, raise } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import {
  plainText,
  argument,
  builtin,
  type CallArguments,
  type ClassValue,
  isObject,
  list,
  type NativeValue,
  tuple,
  unknown,
  type Value,
} from "./values.ts";

/** The text of a str or a path. */
export function pathText(value: Value): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof PathValue ? value.path : undefined;
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

export class PathValue implements NativeValue {
  readonly kind = "native";
  readonly type = "PosixPath";
  readonly path: string;
  private readonly machine: Machine;

  constructor(machine: Machine, path: string) {
    this.machine = machine;
    // pathlib drops `.` and doubled slashes, and keeps `..`.
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    this.path = (path.startsWith("/") ? "/" : "") + parts.join("/") || ".";
  }

  exists(): boolean {
    return this.isFile() || this.isFolder();
  }
  isFile(): boolean {
    return this.machine.files.read(absolutePath(this.machine, this.path)) !== undefined;
  }
  isFolder(): boolean {
    return this.machine.files.list(absolutePath(this.machine, this.path)).length > 0;
  }

  text(): string {
    return this.path;
  }
  repr(): string {
    return `PosixPath('${this.path}')`;
  }
  key(): string {
    return `path:${this.path}`;
  }

  operate(operator: string, other: Value, reflected: boolean): Value | undefined {
    const text = pathText(other);
    if (text === undefined) return undefined;
    if (operator === "/")
      return new PathValue(this.machine, joinPaths(reflected ? [text, this.path] : [this.path, text]));
    if (operator === "==" || operator === "!=")
      return (other instanceof PathValue && other.path === this.path) === (operator === "==");
    return operator === "<" ? this.path < text : operator === ">" ? this.path > text : undefined;
  }

  attribute(name: string, span: Span): Value | undefined {
    const at = (path: string): PathValue => new PathValue(this.machine, path);
    const { path } = this;
    const base = path === "/" ? "" : (path.split("/").at(-1) ?? "");
    const dot = base.lastIndexOf(".");
    const suffix = dot > 0 && dot < base.length - 1 ? base.slice(dot) : "";
    const parent = (of: string): string => (of.includes("/") ? of.slice(0, of.lastIndexOf("/")) || "/" : ".");
    const method = (work: (given: CallArguments) => Value): Value => builtin(name, work);
    const textOf = (given: CallArguments, index = 0): string =>
      pathText(argument(given, index) ?? null) ?? raise("TypeError", "expected a str or a path", given.span);
    switch (name) {
      case "name":
        return base;
      case "stem":
        return suffix === "" ? base : base.slice(0, -suffix.length);
      case "suffix":
        return suffix;
      case "suffixes":
        return list(
          base
            .replace(/^\.+/, "")
            .split(".")
            .slice(1)
            .map((part) => `.${part}`),
        );
      case "parent":
        return at(parent(path));
      case "parents": {
        const parents: Value[] = [];
        for (let one = path; one !== "/" && one !== "." && parents.length < 1000; ) {
          one = parent(one);
          parents.push(at(one));
        }
        return tuple(parents);
      }
      case "parts":
        return tuple([...(path.startsWith("/") ? ["/"] : []), ...path.split("/").filter((part) => part !== "")]);
      case "anchor":
      case "root":
        return path.startsWith("/") ? "/" : "";
      case "resolve":
      case "absolute":
        return method(() => at(absolutePath(this.machine, path)));
      case "expanduser":
        return method(() => (path.startsWith("~") ? unknown("the user's home folder is not known", span) : this));
      case "exists":
        return method(() => this.exists());
      case "is_file":
        return method(() => this.isFile());
      case "is_dir":
        return method(() => this.isFolder());
      case "is_absolute":
        return method(() => path.startsWith("/"));
      case "as_posix":
      case "__str__":
      case "__fspath__":
        return method(() => path);
      case "as_uri":
        return method(() => `file://${path}`);
      case "joinpath":
        return method((given) => at(joinPaths([path, ...given.positional.map((_, i) => textOf(given, i))])));
      case "with_suffix":
        return method((given) => at((suffix === "" ? path : path.slice(0, -suffix.length)) + textOf(given)));
      case "with_name":
        return method((given) => at(joinPaths([parent(path), textOf(given)])));
      case "with_stem":
        return method((given) => at(joinPaths([parent(path), textOf(given) + suffix])));
      case "relative_to":
        return method((given) => {
          const start = new PathValue(this.machine, textOf(given)).path;
          if (path === start) return at(".");
          return path.startsWith(`${start}/`)
            ? at(path.slice(start.length + 1))
            : raise("ValueError", `'${path}' is not in the subpath of '${start}'`, given.span);
        });
      case "read_text":
      case "read_bytes":
        return method((given) => readText(this.machine, path, given.span));
      case "open":
        return method((given) => openFile(this.machine, path, argument(given, 0, "mode") ?? "r", given.span));
      case "iterdir":
        return method(() =>
          list(
            this.machine.files
              .list(absolutePath(this.machine, path))
              .map((one) => at(joinPaths([path, one.replace(/\/$/, "")]))),
          ),
        );
      case "glob":
      case "rglob":
        return method((given) => list(this.find(textOf(given), name === "rglob").map(at)));
      case "mkdir":
      case "touch":
      case "write_text":
      case "unlink":
        // Reading a pipeline writes nothing.
        return method(() => null);
      default:
        return undefined;
    }
  }

  /** Paths below this one whose name matches a pattern; deep, for `**` and `rglob`. */
  private find(pattern: string, deep: boolean): string[] {
    const last = pattern.split("/").at(-1) ?? "";
    const name = new RegExp(
      `^${last
        .replace(/[.+^${}()|\\]/g, "\\$&")
        .replaceAll("*", "[^/]*")
        .replaceAll("?", "[^/]")}$`,
    );
    const found: string[] = [];
    const visit = (folder: string, depth: number): void => {
      for (const one of this.machine.files.list(folder)) {
        if (found.length > 10_000) return;
        const bare = one.replace(/\/$/, "");
        if (name.test(bare)) found.push(joinPaths([folder, bare]));
        if (one.endsWith("/") && (deep || pattern.includes("**")) && depth < 20)
          visit(joinPaths([folder, bare]), depth + 1);
      }
    };
    visit(absolutePath(this.machine, this.path), 0);
    return found;
  }
}

function readText(machine: Machine, path: string, span: Span): Value {
  const text = machine.files.read(absolutePath(machine, path));
  return (
    text?.replace(/\r\n?/g, "\n") ?? raise("FileNotFoundError", `[Errno 2] No such file or directory: '${path}'`, span)
  );
}

/** A file of the workspace, open for reading; writing goes nowhere. */
export class FileValue implements NativeValue {
  readonly kind = "native";
  readonly type = "TextIOWrapper";
  private rest: Value;
  readonly path: string;

  constructor(path: string, rest: Value) {
    this.path = path;
    this.rest = rest;
  }

  private take(): Value {
    const { rest } = this;
    if (typeof rest === "string") this.rest = "";
    return rest;
  }
  private lines(): Value[] {
    const text = this.take();
    return typeof text === "string" ? (text.match(/[^\n]*\n|[^\n]+$/g) ?? []) : [];
  }
  attribute(name: string): Value | undefined {
    switch (name) {
      case "read":
        return builtin(name, () => this.take());
      case "readlines":
        return builtin(name, () => list(this.lines()));
      case "readline":
        return builtin(name, () => {
          const [first = "", ...rest] = this.lines();
          this.rest = rest.map(plainText).join("");
          return first;
        });
      case "write":
      case "close":
      case "flush":
        return builtin(name, () => null);
      case "name":
        return this.path;
      default:
        return undefined;
    }
  }
  iterate(): readonly Value[] {
    return this.lines();
  }
  enter(): Value {
    return this;
  }
  exit(): void {}
}

export function openFile(machine: Machine, path: string, mode: Value, span: Span): Value {
  if (typeof mode === "string" && /[wax+]/.test(mode)) return new FileValue(path, "");
  const text = readText(machine, path, span);
  return typeof text === "string" ? new FileValue(path, text) : text;
}

/** `open()` */
export function openBuiltin(machine: Machine): Value {
  return builtin("open", (given) => {
    const file = argument(given, 0, "file") ?? null;
    if (isObject(file) && file.kind === "unknown") return file;
    const path = pathText(file);
    if (path === undefined) return unknown("this file is not known", given.span);
    return openFile(machine, path, argument(given, 1, "mode") ?? "r", given.span);
  });
}

export function pathlibModule(machine: Machine): Names {
  const type: ClassValue = {
    kind: "class",
    name: "PosixPath",
    qualname: "PosixPath",
    module: "pathlib",
    bases: [],
    attributes: new Map<string, Value>([
      ["cwd", builtin("cwd", () => new PathValue(machine, machine.folder))],
      ["home", builtin("home", ({ span }) => unknown("the user's home folder is not known", span))],
    ]),
    construct: (given) => {
      const texts: string[] = [];
      for (const { value } of given.positional) {
        if (isObject(value) && value.kind === "unknown") return value;
        texts.push(
          pathText(value) ?? raise("TypeError", "argument should be a str or an os.PathLike object", given.span),
        );
      }
      return new PathValue(machine, texts.length === 0 ? "." : joinPaths(texts));
    },
  };
  return { Path: type, PurePath: type, PosixPath: type, PurePosixPath: type };
}
