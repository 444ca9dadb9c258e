/** `tempfile`, `shutil`, `io`, `glob` and `csv`, over the files that `machine.files` keeps. */
import { FileValue, openBuiltin } from "./file-value.ts";
import { type Machine, raise } from "./machine.ts";
import { absolutePath, joinPaths, pathText } from "./paths.ts";
import { PathValue } from "./stdlib-path.ts";
import type { Names } from "./stdlib.ts";
import {
  argument,
  builtin,
  type CallArguments,
  dict,
  isObject,
  isUnknown,
  list,
  type NativeValue,
  plainText,
  tuple,
  unknown,
  type Value,
} from "./values.ts";

/** A name that nothing has yet. Python's own differs from run to run. */
function temporaryPath(machine: Machine, given: CallArguments, folder: boolean): string {
  const [suffix, prefix, within] = (["suffix", "prefix", "dir"] as const).map(
    (name, i) => pathText(argument(given, i, name) ?? null) ?? undefined,
  );
  for (let i = 1; ; i++) {
    const path = joinPaths([within ?? "/tmp", `${prefix ?? "tmp"}millrace${i}${suffix ?? ""}`]);
    const absolute = absolutePath(machine, path);
    if (machine.files.isFolder(absolute) || machine.files.read(absolute) !== undefined) continue;
    if (folder) machine.files.makeFolder(absolute);
    else machine.files.write(absolute, "");
    return path;
  }
}

export function tempfileModule(machine: Machine): Names {
  const temporaryFolder = (given: CallArguments): NativeValue => {
    const path = temporaryPath(machine, given, true);
    const cleanup = (): void => machine.files.remove(absolutePath(machine, path));
    return {
      kind: "native",
      type: "TemporaryDirectory",
      attribute: (name) =>
        name === "name"
          ? path
          : name === "cleanup"
            ? builtin(name, () => {
                cleanup();
                return null;
              })
            : undefined,
      enter: () => path,
      exit: cleanup,
    };
  };
  const temporaryFile = (given: CallArguments): Value => {
    // Mode and so on come before what the name is made of.
    const naming = { ...given, positional: [] };
    const mode = argument(given, 0, "mode");
    const binary = typeof mode === "string" ? mode.includes("b") : true;
    return new FileValue(machine, temporaryPath(machine, naming, false), "", binary);
  };
  return {
    TemporaryDirectory: builtin("TemporaryDirectory", temporaryFolder),
    NamedTemporaryFile: builtin("NamedTemporaryFile", temporaryFile),
    TemporaryFile: builtin("TemporaryFile", temporaryFile),
    mkdtemp: builtin("mkdtemp", (given) => temporaryPath(machine, given, true)),
    mkstemp: builtin("mkstemp", (given) => tuple([3n, temporaryPath(machine, given, false)])),
    gettempdir: builtin("gettempdir", () => "/tmp"),
    tempdir: null,
  };
}

export function shutilModule(machine: Machine): Names {
  const { files } = machine;
  const paths = (given: CallArguments): readonly [string, string] | undefined => {
    const [from, to] = [argument(given, 0, "src"), argument(given, 1, "dst")].map((one) => pathText(one ?? null));
    return from === undefined || to === undefined
      ? undefined
      : [absolutePath(machine, from), absolutePath(machine, to)];
  };
  const copyFile = (from: string, to: string, given: CallArguments): string => {
    const target = files.isFolder(to) ? joinPaths([to, from.slice(from.lastIndexOf("/") + 1)]) : to;
    const text = files.unknownAt(from) ?? files.read(from);
    if (text === undefined)
      return raise("FileNotFoundError", `[Errno 2] No such file or directory: '${from}'`, given.span);
    files.write(target, text);
    return target;
  };
  const copyTree = (from: string, to: string, given: CallArguments, depth = 0): void => {
    files.makeFolder(to);
    for (const name of depth < 20 ? files.list(from) : []) {
      const bare = name.replace(/\/$/, "");
      if (name.endsWith("/")) copyTree(joinPaths([from, bare]), joinPaths([to, bare]), given, depth + 1);
      // What is no text cannot be copied, nor read after.
      else if (files.read(joinPaths([from, bare])) !== undefined)
        copyFile(joinPaths([from, bare]), joinPaths([to, bare]), given);
    }
  };
  const onPair = (name: string, work: (from: string, to: string, given: CallArguments) => string): Value =>
    builtin(name, (given) => {
      const pair = paths(given);
      return pair === undefined ? unknown("these paths are not known", given.span) : work(...pair, given);
    });
  return {
    ...Object.fromEntries(["copy", "copy2", "copyfile"].map((name) => [name, onPair(name, copyFile)])),
    copytree: onPair("copytree", (from, to, given) => {
      copyTree(from, to, given);
      return to;
    }),
    move: onPair("move", (from, to, given) => {
      if (files.isFolder(from)) copyTree(from, to, given);
      else copyFile(from, to, given);
      files.remove(from);
      return to;
    }),
    rmtree: builtin("rmtree", (given) => {
      const path = pathText(argument(given, 0, "path") ?? null);
      if (path !== undefined) files.remove(absolutePath(machine, path));
      return null;
    }),
    which: builtin("which", ({ span }) => unknown("which programs there are differs from machine to machine", span)),
  };
}

export function ioModule(machine: Machine): Names {
  return {
    open: openBuiltin(machine),
    StringIO: builtin("StringIO", (given) => new FileValue(machine, undefined, argument(given, 0) ?? "")),
    BytesIO: builtin("BytesIO", (given) => {
      const bytes = argument(given, 0);
      const text = isObject(bytes ?? null) ? machine.attribute(bytes ?? null, "decode", given.span) : undefined;
      const content = text === undefined ? "" : machine.call(text, { ...given, positional: [], keywords: new Map() });
      return new FileValue(machine, undefined, content, true);
    }),
    TextIOBase: unknown("the classes of io are not worked out"),
  };
}

export function globModule(machine: Machine): Names {
  const glob = (given: CallArguments): Value => {
    const pattern = pathText(argument(given, 0, "pathname") ?? null);
    if (pattern === undefined) return unknown("this pattern is not known", given.span);
    const parts = pattern.split("/");
    const first = parts.findIndex((part) => /[*?[]/.test(part));
    if (first < 0) return list(new PathValue(machine, pattern).exists() ? [pattern] : []);
    const below = parts.slice(first).join("/");
    const start = parts.slice(0, first).join("/") || (pattern.startsWith("/") ? "/" : ".");
    const found = new PathValue(machine, start).find(below, false);
    // Hidden files are only found by who asks for them.
    const shown = found.filter((path) => !/(?:^|\/)\.[^/]/.test(path.slice(absolutePath(machine, start).length)));
    const root = absolutePath(machine, start);
    return list(
      shown.map((path) =>
        first === 0 ? path.slice(root.length + 1) : joinPaths([start, path.slice(root.length + 1)]),
      ),
    );
  };
  return { glob: builtin("glob", glob), iglob: builtin("iglob", glob) };
}

export function csvModule(machine: Machine): Names {
  const rows = (given: CallArguments): string[][] | Value => {
    const source = argument(given, 0) ?? null;
    const text =
      source instanceof FileValue
        ? source.rest()
        : isUnknown(source)
          ? source
          : machine
              .iterate(source, given.span)
              .map((line) => plainText(line).replace(/\n?$/, "\n"))
              .join("");
    if (typeof text !== "string") return text;
    const delimiter = given.keywords.get("delimiter")?.value;
    return parseCsv(text, typeof delimiter === "string" && delimiter !== "" ? delimiter : ",");
  };
  const quoted = (value: Value): string => {
    const text = value === null ? "" : machine.str(value, { path: "", start: 0, end: 0 });
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const line = (values: readonly Value[]): string => `${values.map(quoted).join(",")}\r\n`;
  const writer = (file: Value, fields: readonly Value[] | undefined): NativeValue => {
    const put = (values: readonly Value[], given: CallArguments): null => {
      if (file instanceof FileValue) file.write(line(values), given.span);
      return null;
    };
    const cells = (row: Value, given: CallArguments): readonly Value[] =>
      fields === undefined
        ? machine.iterate(row, given.span)
        : fields.map((field) =>
            isObject(row) && row.kind === "dict" ? (row.entries.get(`s${plainText(field)}`)?.[1] ?? "") : "",
          );
    return {
      kind: "native",
      type: "writer",
      attribute: (name) => {
        if (name === "writerow") return builtin(name, (given) => put(cells(argument(given, 0) ?? null, given), given));
        if (name === "writeheader") return builtin(name, (given) => put(fields ?? [], given));
        if (name !== "writerows") return undefined;
        return builtin(name, (given) => {
          for (const row of machine.iterate(argument(given, 0) ?? null, given.span)) put(cells(row, given), given);
          return null;
        });
      },
    };
  };
  return {
    reader: builtin("reader", (given) => {
      const found = rows(given);
      return Array.isArray(found) ? list(found.map((row) => list([...row]))) : found;
    }),
    DictReader: builtin("DictReader", (given) => {
      const found = rows(given);
      if (!Array.isArray(found)) return found;
      const named = argument(given, 1, "fieldnames") ?? null;
      const names = named === null ? (found.shift() ?? []) : machine.iterate(named, given.span);
      return list(
        found
          .filter((row) => row.length > 0)
          .map((row) => dict(names.map((name, i) => [name, row[i] ?? null] as const))),
      );
    }),
    writer: builtin("writer", (given) => writer(argument(given, 0) ?? null, undefined)),
    DictWriter: builtin("DictWriter", (given) =>
      writer(argument(given, 0) ?? null, machine.iterate(argument(given, 1, "fieldnames") ?? null, given.span)),
    ),
    QUOTE_ALL: 1n,
    QUOTE_MINIMAL: 0n,
    QUOTE_NONE: 3n,
  };
}

/** RFC 4180, as Python's default dialect reads it. */
function parseCsv(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quotes = false;
  const endRow = (): void => {
    rows.push(row.length === 0 && field === "" ? [] : [...row, field]);
    row = [];
    field = "";
  };
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (quotes) {
      if (char !== '"') field += char;
      else if (text.charAt(i + 1) === '"') {
        field += '"';
        i++;
      } else quotes = false;
    } else if (char === '"' && field === "") quotes = true;
    else if (char === delimiter) {
      row.push(field);
      field = "";
    } else if (char === "\n" || char === "\r") {
      if (char === "\r" && text.charAt(i + 1) === "\n") i++;
      endRow();
    } else field += char;
  }
  if (field !== "" || row.length > 0) endRow();
  return rows;
}
