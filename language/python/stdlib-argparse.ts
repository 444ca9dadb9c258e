/**
 * `argparse`, as a file that is given no arguments meets it: each option has its default. With `kfp dsl compile` a file
 * sees that command's own arguments instead, and stops at them.
 */
import { diagnose } from "../diagnostics.ts";
import { arguments_, type Machine, raise } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import type { Span } from "../source.ts";
import {
  argument,
  builtin,
  type CallArguments,
  type ClassValue,
  isObject,
  isUnknown,
  list,
  NotKnown,
  type NativeValue,
  plainText,
  truth,
  tuple,
  unknown,
  type Value,
} from "./values.ts";

/** What `default=argparse.SUPPRESS` is. */
const suppress = "==SUPPRESS==";

export function argparseModule(machine: Machine): Names {
  const namespace: ClassValue = {
    kind: "class",
    name: "Namespace",
    qualname: "Namespace",
    module: "argparse",
    bases: [],
    attributes: new Map(),
    construct: ({ keywords }, self) => ({
      kind: "instance",
      class: self,
      attributes: new Map([...keywords].map(([name, { value }]) => [name, value])),
    }),
  };
  namespace.attributes.set(
    "__repr__",
    builtin("__repr__", (given) => {
      const self = argument(given, 0) ?? null;
      const attributes = isObject(self) && self.kind === "instance" ? [...self.attributes] : [];
      const texts = attributes.map(([, value]) => machine.text(value, given.span, "repr"));
      const uncertain = texts.find((text) => typeof text !== "string");
      return uncertain ?? `Namespace(${attributes.map(([name], i) => `${name}=${plainText(texts[i])}`).join(", ")})`;
    }),
  );
  const formatters = ["HelpFormatter", "RawDescriptionHelpFormatter", "RawTextHelpFormatter"];
  const sdk = (name: string): ClassValue => ({
    kind: "class",
    name,
    qualname: name,
    module: "argparse",
    bases: [],
    attributes: new Map(),
  });
  return {
    ArgumentParser: {
      ...sdk("ArgumentParser"),
      construct: ({ keywords }) => new Parser(machine, namespace, keywords.get("argument_default")?.value ?? null),
    },
    Namespace: namespace,
    SUPPRESS: suppress,
    OPTIONAL: "?",
    ZERO_OR_MORE: "*",
    ONE_OR_MORE: "+",
    REMAINDER: "...",
    BooleanOptionalAction: sdk("BooleanOptionalAction"),
    ...Object.fromEntries(
      [...formatters, "ArgumentDefaultsHelpFormatter", "MetavarTypeHelpFormatter"].map((name) => [name, sdk(name)]),
    ),
  };
}

interface Option {
  readonly dest: string;
  default: Value;
  readonly type: Value;
  /** As argparse names it where it is missing; undefined where it may be. */
  readonly required: string | undefined;
}

class Parser implements NativeValue {
  readonly kind = "native";
  readonly type = "ArgumentParser";
  private readonly machine: Machine;
  private readonly namespace: ClassValue;
  private readonly standard: Value;
  private readonly options: Option[] = [];
  /** What `set_defaults` says. */
  private readonly further = new Map<string, Value>();
  /** Groups of which one has to be given, by the names of their options. */
  private readonly choices: string[][] = [];

  constructor(machine: Machine, namespace: ClassValue, standard: Value) {
    this.machine = machine;
    this.namespace = namespace;
    this.standard = standard;
  }

  attribute(name: string): Value | undefined {
    switch (name) {
      case "add_argument":
        return builtin(name, (given) => this.add(given));
      case "add_argument_group":
        return builtin(name, () => this.group());
      case "add_mutually_exclusive_group":
        return builtin(name, ({ keywords }) => {
          const choice: string[] = [];
          if (truth(keywords.get("required")?.value ?? false)) this.choices.push(choice);
          return this.group(choice);
        });
      case "add_subparsers":
        return builtin(name, ({ keywords }) =>
          this.commands(keywords.get("dest")?.value, keywords.get("required")?.value),
        );
      case "set_defaults":
        return builtin(name, ({ keywords }) => {
          for (const [dest, { value }] of keywords) {
            this.further.set(dest, value);
            for (const option of this.options) if (option.dest === dest) option.default = value;
          }
          return null;
        });
      case "get_default":
        return builtin(name, (given) => {
          const dest = plainText(argument(given, 0, "dest"));
          return this.options.find((option) => option.dest === dest)?.default ?? this.further.get(dest) ?? null;
        });
      case "parse_args":
        return builtin(name, (given) => {
          this.expectNone(given);
          const made = this.parse(given);
          if (argument(given, 0, "args") === undefined) this.machine.report(diagnose("command-line", given.span));
          return made;
        });
      case "parse_known_args":
        return builtin(name, (given) => {
          this.expectNone(given);
          return tuple([this.parse(given), list([])]);
        });
      case "error":
        return builtin(name, (given) => raise("SystemExit", plainText(argument(given, 0, "message")), given.span));
      case "exit":
        return builtin(name, (given) => raise("SystemExit", plainText(argument(given, 0, "status")), given.span));
      case "print_help":
      case "print_usage":
        return builtin(name, () => null);
      default:
        return unknown(`"ArgumentParser.${name}" is not worked out while reading`);
    }
  }

  /** A list of arguments is known where it is empty. */
  private expectNone(given: CallArguments): void {
    const args = argument(given, 0, "args") ?? null;
    const other = argument(given, 1, "namespace") ?? null;
    if (isUnknown(args)) throw new NotKnown(args);
    const isEmpty = args === null || (isObject(args) && args.kind === "list" && args.items.length === 0);
    if (!isEmpty || other !== null)
      throw new NotKnown(unknown("what a parser makes of arguments is not worked out while reading", given.span));
  }

  private group(choice?: string[]): NativeValue {
    return {
      kind: "native",
      type: "_ArgumentGroup",
      attribute: (name) =>
        name === "add_argument" ? builtin(name, (given) => this.add(given, choice)) : this.attribute(name),
    };
  }

  /** Commands of which none is given: only what says which it is comes of them. */
  private commands(dest: Value = null, required: Value = false): NativeValue {
    const { machine, namespace } = this;
    if (typeof dest === "string")
      this.options.push({ dest, default: null, type: null, required: truth(required) ? dest : undefined });
    return {
      kind: "native",
      type: "_SubParsersAction",
      attribute: (name) =>
        name === "add_parser" ? builtin(name, () => new Parser(machine, namespace, null)) : undefined,
    };
  }

  private add(given: CallArguments, choice?: string[]): Value {
    const named = (name: string): Value => given.keywords.get(name)?.value ?? null;
    const flags = given.positional.map(({ value }) => {
      if (isUnknown(value)) throw new NotKnown(value);
      return plainText(value);
    });
    const [first = plainText(named("dest"))] = flags;
    const isOption = first.startsWith("-");
    const long = flags.find((flag) => flag.startsWith("--")) ?? first;
    const dest = plainText(named("dest")) || (isOption ? long.replace(/^-+/, "").replaceAll("-", "_") : first);
    choice?.push(first);
    const action = named("action");
    if (isUnknown(action)) throw new NotKnown(action);
    if (action === "help" || action === "version") return null;
    const nargs = named("nargs");
    const isRequired = isOption ? truth(named("required")) : nargs !== "?" && nargs !== "*" && nargs !== "...";
    const shown = flags.join("/") || plainText(named("metavar")) || dest;
    this.options.push({
      dest,
      default: this.defaultOf(given, dest, action, isOption ? null : nargs),
      type: nargs === "*" && !isOption ? null : named("type"),
      required: isRequired ? shown : undefined,
    });
    return null;
  }

  private defaultOf({ keywords }: CallArguments, dest: string, action: Value, nargs: Value): Value {
    const given = keywords.get("default")?.value;
    if (given !== undefined && given !== null) return given;
    if (nargs === "*" || nargs === "...") return list([]);
    if (given === null) return null;
    const set = this.further.get(dest) ?? (this.standard === null ? undefined : this.standard);
    if (action === "store_true") return set ?? false;
    return action === "store_false" ? (set ?? true) : (set ?? null);
  }

  /** The namespace of what nobody gave. */
  private parse({ span }: CallArguments): Value {
    const missing = this.options.flatMap(({ required }) => required ?? []);
    if (missing.length > 0) raise("SystemExit", `the following arguments are required: ${missing.join(", ")}`, span);
    const [choice] = this.choices;
    if (choice !== undefined) raise("SystemExit", `one of the arguments ${choice.join(" ")} is required`, span);
    const attributes = new Map<string, Value>();
    // The first option of a name says what it is by default.
    for (const option of this.options)
      if (option.default !== suppress && !attributes.has(option.dest))
        attributes.set(option.dest, this.converted(option, span));
    for (const [dest, value] of this.further) if (!attributes.has(dest)) attributes.set(dest, value);
    return { kind: "instance", class: this.namespace, attributes };
  }

  /** Only text is given to the type: what the file writes itself is what it says. */
  private converted({ default: value, type }: Option, span: Span): Value {
    return typeof value === "string" && type !== null ? this.machine.call(type, arguments_(span, value)) : value;
  }
}
