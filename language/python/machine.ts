import type { AnalyzeOptions, Work } from "../analyze.ts";
import type { Diagnostic } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { Overlay } from "./overlay.ts";
import type { Scope } from "./scope.ts";
import type { Look, Remembered } from "./remembered.ts";
import type { Sightings } from "./sightings.ts";
import type { Expression, Located, Module, Statement } from "./syntax.ts";
import type {
  CallArguments,
  ClassValue,
  FunctionValue,
  Given,
  InstanceValue,
  ListValue,
  ModuleValue,
  UnknownValue,
  Value,
} from "./values.ts";

/** How a block of statements ended, where it did not simply run to its end. */
export type Completion =
  // With a `doubt`, it may not have come to it.
  | { readonly kind: "return"; readonly value: Value; readonly span?: Span; readonly doubt?: UnknownValue }
  | { readonly kind: "break" | "continue"; readonly doubt?: UnknownValue };

/** What one analysis shares: its modules, its limits, and where its diagnostics go. */
export interface Machine {
  readonly files: Overlay;
  readonly options: AnalyzeOptions;
  /** By path; a module is here from the moment its execution begins. */
  readonly modules: Map<string, ModuleValue>;
  /** Folders of installed packages that were imported from. */
  readonly libraryFolders: Set<string>;
  /** Steps left for executing installed modules, which the file is not charged for. */
  libraryStepsLeft: number;
  /** The innermost call that the user's own code makes: there stands what an installed package finds wrong. */
  callSite: Span | undefined;
  /** The environment variable that was just asked for, until the expression that asked is known. */
  asked: string | undefined;
  /** Of all modules read, by path. */
  readonly texts: Map<string, string>;
  report: (diagnostic: Diagnostic) => void;
  /** Of the analysed file. */
  readonly folder: string;
  /** `sys.path`: folders that absolute imports look into. */
  readonly searchPath: ListValue;
  /** Evaluation steps left; a loop that never ends runs out of them. */
  stepsLeft: number;
  /** The expression that the last function to return gave. */
  returned: Span | undefined;
  /** Python calls on the stack. */
  depth: number;
  /** How many `try` statements that catch import errors are being executed. */
  importsGuarded: number;
  /** Components and pipelines of earlier analyses; absent where there are none to be had. */
  readonly memory: Remembered | undefined;
  /** The files and folders that were looked at, in order, for `memory`. */
  readonly journal: readonly Look[];
  /** Values of modules of ours that were imported by name, and those names. */
  readonly constants: Map<object, string>;
  readonly parse: (path: string, text: string) => Module;
  readonly work: ((work: Work) => void) | undefined;
  /** Of all modules read, by path. */
  readonly trees: Map<string, Module>;
  /** What was seen of the source so far, or, while what is remembered is made, of that; absent where nobody asks. */
  sightings: Sightings | undefined;

  // The parts of the evaluator that need one another; `evaluate.ts` ties them together.
  evaluate(scope: Scope, expression: Expression): Value;
  execute(scope: Scope, statements: readonly Statement[]): Completion | undefined;
  call(callee: Value, given: CallArguments): Value;
  /** The body of a user's function with its parameters bound; `resilient` as in Scope. */
  invoke(callee: FunctionValue, given: CallArguments, resilient: boolean): Value;
  /** `object.name`; undefined where there is none. */
  attribute(object: Value, name: string, span: Span): Value | undefined;
  iterate(value: Value, span: Span): readonly Value[];
  binary(operator: string, left: Value, right: Value, span: Span): Value;
  compare(operator: string, left: Value, right: Value, span: Span): Value;
  item(object: Value, key: Value, span: Span): Value;
  /** As `text`, for messages: what is not known is written `<unknown>`. */
  str(value: Value, span: Span): string;
  repr(value: Value, span: Span): string;
  /** `str(value)` or `repr(value)`; not known where anything in it is not. */
  text(value: Value, span: Span, how: "str" | "repr"): string | UnknownValue;
  /** `a.b.c` for a module; undefined where it cannot be found. */
  module(name: string): ModuleValue | undefined;
  /** A call, in a pipeline, of what cannot be read and is a step; `name` is what it is called by. */
  unreadStep: ((name: string, given: CallArguments, why: UnknownValue) => UnknownValue) | undefined;
  /** How often the graph of the open pipeline was changed; absent where there is no graph. */
  graphChanges: (() => number) | undefined;
  /** Notes down what a name, an attribute, an item or a call came out as: for who asks about the source. */
  see(scope: Scope, expression: Located, value: Value): void;
  /** The module at `parts` below a folder, for relative imports; of no parts, the folder's package. */
  moduleBelow(folder: string, parts: readonly string[]): ModuleValue | undefined;
}

/** Arguments of a call that is made by us, not by the source. */
export function arguments_(span: Span, ...values: readonly Value[]): CallArguments {
  return { positional: values.map((value): Given => ({ value, span })), keywords: new Map(), span };
}

/** Roughly a second of work. */
export const stepLimit = 3_000_000;

/** A path inside an installed package. */
export function isLibrary({ libraryFolders }: Machine, path: string): boolean {
  for (const folder of libraryFolders) if (path.startsWith(`${folder}/`)) return true;
  return false;
}

/** What a task, a component or a pipeline takes beside the steps of its statements: all that is written of it. */
export const stepsOfDefinition = 150;

/** What an exception takes that is caught. */
export const stepsOfException = 100;

/** Python's own limit is 1,000; ours is what the JavaScript stack carries for certain. */
export const depthLimit = 150;

/** Elements of a list, characters of a text: what a pipeline file may build. */
export const sizeLimit = 5_000_000;

/** A Python exception on its way to a handler. */
export class Raised extends Error {
  readonly exception: InstanceValue;
  readonly span: Span;
  /** Already told to the user. */
  readonly reported: boolean;
  constructor(exception: InstanceValue, span: Span, reported = false) {
    super();
    this.exception = exception;
    this.span = span;
    this.reported = reported;
  }
}

/** The file asks for more than can be done: no handler of its own stops that. */
export class OutOfBounds extends Error {
  readonly span: Span;
  constructor(what: string, span: Span) {
    super(what);
    this.span = span;
  }
}

/** Accounts for making something of that many elements or characters; refuses what is too large. */
export function charge(machine: Machine, size: number, span: Span): void {
  machine.stepsLeft -= size >> 4;
  if (size > sizeLimit) raise("MemoryError", "this is too large to be worked out while reading", span);
}

export function step(machine: Machine, span: () => Span): void {
  if (--machine.stepsLeft < 0) {
    throw new OutOfBounds(
      "this takes too many steps to be worked out while reading; is it a loop without an end?",
      span(),
    );
  }
}

/** The built-in exception classes, by name; made when first asked for. */
const exceptionBases: Readonly<Record<string, string>> = {
  BaseException: "",
  Exception: "BaseException",
  SystemExit: "BaseException",
  KeyboardInterrupt: "BaseException",
  GeneratorExit: "BaseException",
  StopIteration: "Exception",
  StopAsyncIteration: "Exception",
  ArithmeticError: "Exception",
  ZeroDivisionError: "ArithmeticError",
  OverflowError: "ArithmeticError",
  FloatingPointError: "ArithmeticError",
  AssertionError: "Exception",
  AttributeError: "Exception",
  FrozenInstanceError: "AttributeError",
  EOFError: "Exception",
  ImportError: "Exception",
  ModuleNotFoundError: "ImportError",
  LookupError: "Exception",
  IndexError: "LookupError",
  KeyError: "LookupError",
  MemoryError: "Exception",
  NameError: "Exception",
  UnboundLocalError: "NameError",
  OSError: "Exception",
  FileNotFoundError: "OSError",
  FileExistsError: "OSError",
  PermissionError: "OSError",
  NotADirectoryError: "OSError",
  IsADirectoryError: "OSError",
  TimeoutError: "OSError",
  ConnectionError: "OSError",
  ConnectionAbortedError: "ConnectionError",
  ConnectionRefusedError: "ConnectionError",
  ConnectionResetError: "ConnectionError",
  BrokenPipeError: "ConnectionError",
  BlockingIOError: "OSError",
  ChildProcessError: "OSError",
  InterruptedError: "OSError",
  ProcessLookupError: "OSError",
  RuntimeError: "Exception",
  NotImplementedError: "RuntimeError",
  RecursionError: "RuntimeError",
  SyntaxError: "Exception",
  IndentationError: "SyntaxError",
  TabError: "IndentationError",
  SystemError: "Exception",
  TypeError: "Exception",
  ValueError: "Exception",
  UnicodeError: "ValueError",
  UnicodeDecodeError: "UnicodeError",
  UnicodeEncodeError: "UnicodeError",
  UnicodeTranslateError: "UnicodeError",
  BufferError: "Exception",
  ReferenceError: "Exception",
  Warning: "Exception",
  DeprecationWarning: "Warning",
  FutureWarning: "Warning",
  UserWarning: "Warning",
  RuntimeWarning: "Warning",
  BytesWarning: "Warning",
  EncodingWarning: "Warning",
  ImportWarning: "Warning",
  PendingDeprecationWarning: "Warning",
  ResourceWarning: "Warning",
  SyntaxWarning: "Warning",
  UnicodeWarning: "Warning",
};

const exceptionClasses = new Map<string, ClassValue>();

export function exceptionClass(name: string): ClassValue | undefined {
  const known = exceptionClasses.get(name);
  if (known !== undefined) return known;
  const base =
    name === "IOError" || name === "EnvironmentError"
      ? "OSError"
      : Object.hasOwn(exceptionBases, name)
        ? exceptionBases[name]
        : undefined;
  if (base === undefined) return undefined;
  const parent = base === "" ? undefined : exceptionClass(base);
  const made: ClassValue = {
    kind: "class",
    name,
    qualname: name,
    module: "builtins",
    bases: parent === undefined ? [] : [parent],
    attributes: new Map(),
  };
  exceptionClasses.set(name, made);
  return made;
}

export function exception(name: string, message: string): InstanceValue {
  const type = exceptionClass(name) ?? exceptionClass("Exception");
  if (type === undefined) throw new Error(`no class ${name}`);
  const args: Value = { kind: "tuple", items: [message] };
  return { kind: "instance", class: type, attributes: new Map([["args", args]]) };
}

/** Raises a built-in exception. */
export function raise(name: string, message: string, span: Span): never {
  throw new Raised(exception(name, message), span);
}

/** `TypeError: …` of an exception, as Python's last line of a traceback has it. */
export function exceptionText({ class: type, attributes }: InstanceValue): { type: string; message: string } {
  const args = attributes.get("args");
  const first = typeof args === "object" && args?.kind === "tuple" ? args.items[0] : undefined;
  return { type: type.name, message: typeof first === "string" ? first : "" };
}
