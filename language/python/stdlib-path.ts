import type { Span } from "../source.ts";
import { type Machine, raise } from "./machine.ts";
import { openFile, readText, utf8, writeFile } from "./file-value.ts";
import { absolutePath, joinPaths, pathText, pathType } from "./paths.ts";
import type { Names } from "./stdlib.ts";
import {
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

/** What else `pathlib.Path` has. */
const others = new Set(
  "cwd drive expanduser group hardlink_to home is_block_device is_char_device is_fifo is_mount is_relative_to is_reserved is_socket is_symlink lstat match owner readlink rename replace root samefile stat symlink_to link_to walk".split(
    " ",
  ),
);

export class PathValue implements NativeValue {
  readonly kind = "native";
  readonly type = pathType;
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
    const path = absolutePath(this.machine, this.path);
    return this.machine.files.read(path) !== undefined || this.machine.files.unknownAt(path) !== undefined;
  }
  isFolder(): boolean {
    return this.machine.files.isFolder(absolutePath(this.machine, this.path));
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
        return method((given) => readText(this.machine, path, given.span));
      case "read_bytes":
        return method((given) => {
          const text = readText(this.machine, path, given.span);
          return typeof text === "string" ? utf8(text) : text;
        });
      case "write_text":
      case "write_bytes":
        return method((given) => {
          writeFile(this.machine, path, argument(given, 0, "data") ?? null, given.span);
          return null;
        });
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
        return method(() => {
          this.machine.files.makeFolder(absolutePath(this.machine, path));
          return null;
        });
      case "touch":
        return method((given) => {
          if (!this.exists()) writeFile(this.machine, path, "", given.span);
          return null;
        });
      case "unlink":
      case "rmdir":
        return method(() => {
          this.machine.files.remove(absolutePath(this.machine, path));
          return null;
        });
      case "chmod":
      case "lchmod":
        return method(() => null);
      default:
        return others.has(name)
          ? unknown(`what "${name}" of a path gives is not worked out while reading`, span)
          : undefined;
    }
  }

  /** Paths below this one that match a pattern: `*` within a name, `**` over folders; anywhere below, for `rglob`. */
  find(pattern: string, deep: boolean): string[] {
    const found = new Set<string>();
    const { files } = this.machine;
    const visit = (path: string, parts: readonly string[], depth: number): void => {
      const [first, ...rest] = parts;
      if (found.size > 10_000 || depth > 20) return;
      if (first === undefined) {
        found.add(path);
        return;
      }
      if (first === "**") visit(path, rest, depth + 1);
      const name = nameMatcher(first);
      for (const one of files.list(path)) {
        const bare = one.replace(/\/$/, "");
        const below = joinPaths([path, bare]);
        if (first === "**") {
          if (one.endsWith("/")) visit(below, parts, depth + 1);
        } else if (name.test(bare) && (rest.length === 0 || one.endsWith("/"))) visit(below, rest, depth + 1);
      }
    };
    const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
    visit(absolutePath(this.machine, this.path), deep ? ["**", ...parts] : parts, 0);
    return [...found];
  }
}

function nameMatcher(pattern: string): RegExp {
  const body = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]");
  try {
    return new RegExp(`^${body}$`);
  } catch {
    // A bracket that is not closed stands for itself.
    return new RegExp(`^${body.replaceAll("[", "\\[")}$`);
  }
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
