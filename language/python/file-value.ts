/** `open()`: files are read from the workspace, and written into memory. */
import type { Span } from "../source.ts";
import { charge, type Machine, raise } from "./machine.ts";
import { absolutePath, pathText } from "./paths.ts";
import {
  argument,
  builtin,
  type BytesValue,
  isObject,
  isUnknown,
  list,
  type NativeValue,
  plainText,
  unknown,
  type Value,
} from "./values.ts";

/** The text of a file; raises where there is none. An unknown value where the module wrote what cannot be known. */
export function readText(machine: Machine, path: string, span: Span): Value {
  const absolute = absolutePath(machine, path);
  return (
    machine.files.unknownAt(absolute) ??
    machine.files.read(absolute)?.replace(/\r\n?/g, "\n") ??
    raise("FileNotFoundError", `[Errno 2] No such file or directory: '${path}'`, span)
  );
}

export function utf8(text: string): BytesValue {
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return { kind: "bytes", bytes };
}

export function textOfBytes({ bytes }: BytesValue): string {
  return new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}

/** Writes a text or bytes: all else makes what is in the file unknown. */
export function writeFile(machine: Machine, path: string, content: Value, span: Span): void {
  const absolute = absolutePath(machine, path);
  if (typeof content === "string") {
    charge(machine, content.length, span);
    machine.files.write(absolute, content);
  } else if (isObject(content) && content.kind === "bytes") machine.files.write(absolute, textOfBytes(content));
  else machine.files.write(absolute, isUnknown(content) ? content : unknown("what was written is not text", span));
}

/** An open file, or a text that is used like one (`io.StringIO`: it has no path). */
export class FileValue implements NativeValue {
  readonly kind = "native";
  readonly type: string;
  readonly path: string | undefined;
  private readonly machine: Machine;
  private readonly binary: boolean;
  private content: Value;
  /** How much of the content was read. */
  private at = 0;

  constructor(machine: Machine, path: string | undefined, content: Value, binary = false) {
    this.machine = machine;
    this.path = path;
    this.content = content;
    this.binary = binary;
    this.type = path === undefined ? (binary ? "BytesIO" : "StringIO") : "TextIOWrapper";
  }

  /** What was not read yet, which is read with this. */
  rest(): Value {
    const { content, at } = this;
    if (typeof content !== "string") return content;
    this.at = content.length;
    return this.out(content.slice(at));
  }

  write(value: Value, span: Span): void {
    if (isUnknown(this.content)) return;
    const text = isObject(value) && value.kind === "bytes" ? textOfBytes(value) : value;
    if (typeof text !== "string" && !isUnknown(text)) raise("TypeError", "write() argument must be str", span);
    this.content = typeof text === "string" ? `${plainText(this.content)}${text}` : text;
    if (this.path !== undefined) writeFile(this.machine, this.path, this.content, span);
  }

  private out(text: string): Value {
    return this.binary ? utf8(text) : text;
  }

  private line(): string {
    const text = plainText(this.content);
    const end = text.indexOf("\n", this.at);
    const line = text.slice(this.at, end < 0 ? text.length : end + 1);
    this.at += line.length;
    return line;
  }

  private lines(): Value[] {
    const lines: Value[] = [];
    for (let line = this.line(); line !== ""; line = this.line()) lines.push(this.out(line));
    return lines;
  }

  attribute(name: string): Value | undefined {
    switch (name) {
      case "read":
        return builtin(name, (given) => {
          const size = argument(given, 0);
          if (typeof size !== "bigint" || size < 0n || typeof this.content !== "string") return this.rest();
          const text = this.content.slice(this.at, this.at + Number(size));
          this.at += text.length;
          return this.out(text);
        });
      case "getvalue":
        return this.path === undefined
          ? builtin(name, () => (typeof this.content === "string" ? this.out(this.content) : this.content))
          : undefined;
      case "readlines":
        return builtin(name, () => (isUnknown(this.content) ? this.content : list(this.lines())));
      case "readline":
        return builtin(name, () => (isUnknown(this.content) ? this.content : this.out(this.line())));
      case "seek":
        return builtin(name, (given) => {
          this.at = Number(plainText(argument(given, 0)));
          return BigInt(this.at);
        });
      case "write":
        return builtin(name, (given) => {
          const value = argument(given, 0) ?? null;
          this.write(value, given.span);
          return typeof value === "string" ? BigInt(value.length) : null;
        });
      case "writelines":
        return builtin(name, (given) => {
          for (const line of this.machine.iterate(argument(given, 0) ?? null, given.span)) this.write(line, given.span);
          return null;
        });
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
  const letters = typeof mode === "string" ? mode : "r";
  const binary = letters.includes("b");
  const absolute = absolutePath(machine, path);
  if (/[wx]/.test(letters)) {
    if (letters.includes("x") && machine.files.read(absolute) !== undefined)
      return raise("FileExistsError", `[Errno 17] File exists: '${path}'`, span);
    machine.files.write(absolute, "");
    return new FileValue(machine, path, "", binary);
  }
  if (letters.includes("a"))
    return new FileValue(
      machine,
      path,
      machine.files.unknownAt(absolute) ?? machine.files.read(absolute) ?? "",
      binary,
    );
  return new FileValue(machine, path, readText(machine, path, span), binary);
}

/** `open()` */
export function openBuiltin(machine: Machine): Value {
  return builtin("open", (given) => {
    const file = argument(given, 0, "file") ?? null;
    if (isUnknown(file)) return file;
    const path = pathText(file);
    if (path === undefined) return unknown("this file is not known", given.span);
    return openFile(machine, path, argument(given, 1, "mode") ?? "r", given.span);
  });
}
