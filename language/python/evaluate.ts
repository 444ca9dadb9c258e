/** Ties the parts of the evaluator together. */
import type { AnalyzeOptions } from "../analyze.ts";
import type { Diagnostic } from "../diagnostics.ts";
import type { Files } from "../source.ts";
import { attribute, item } from "./attributes.ts";
import { builtinsModule } from "./builtins.ts";
import { call, invoke, iterate } from "./calls.ts";
import { evaluate, operatorHooks } from "./expressions.ts";
import { openBuiltin } from "./file-value.ts";
import { isLibrary, type Machine, stepLimit } from "./machine.ts";
import { importModule, moduleIn } from "./modules.ts";
import { binary, compare } from "./operators.ts";
import { overlayOf } from "./overlay.ts";
import { execute } from "./statements.ts";
import type { Memory } from "./memory.ts";
import { parseAgain } from "./parse-again.ts";
import type { Look } from "./remembered.ts";
import type { Meaning, Sightings } from "./sightings.ts";
import { isLoadedFirst, standardModule } from "./stdlib.ts";

import type { BinaryOperator, CompareOperator } from "./syntax.ts";
import { knownText, repr, str } from "./text.ts";
import { isObject, list, type ModuleValue, type UnknownValue, type Value } from "./values.ts";

export interface MachineOptions {
  readonly files: Files;
  readonly options: AnalyzeOptions;
  readonly folder: string;
  /** Folders for absolute imports, the file's own first. */
  readonly roots: readonly string[];
  /** Modules that are ours: the DSL. Asked before the workspace. */
  readonly own: (machine: Machine, name: string) => ModuleValue | undefined;
  readonly report: (diagnostic: Diagnostic) => void;
  /** Where what is seen of the source is noted down, and what it is called there. */
  readonly seen?: { readonly sightings: Sightings; readonly meaningOf: (value: Value) => Meaning | undefined };
  readonly memory?: Memory;
}

export function createMachine({
  files: given,
  options,
  folder,
  roots,
  own,
  report,
  seen,
  memory,
}: MachineOptions): Machine {
  const journal: Look[] = [];
  const files = memory ? journaled(given, journal) : given;
  const made = new Map<string, ModuleValue | undefined>();
  const searchPath = list([...roots]);
  const importRoots = {
    get folders(): string[] {
      return searchPath.items.flatMap((one) =>
        typeof one === "string" ? [one] : isObject(one) && one.kind === "native" ? [one.text?.() ?? ""] : [],
      );
    },
  };
  const machine: Machine = {
    files: overlayOf(files),
    options,
    folder,
    searchPath,
    modules: new Map(),
    libraryFolders: new Set(),
    libraryStepsLeft: stepLimit,
    callSite: undefined,
    asked: undefined,
    unreadStep: undefined,
    graphChanges: undefined,
    texts: new Map(),
    report: (diagnostic) => {
      const { callSite } = machine;
      if (!isLibrary(machine, diagnostic.span.path)) report(diagnostic);
      // What is wrong in an installed package is told where it is used, and only if that matters to who uses it.
      else if (callSite !== undefined && diagnostic.severity === "error") report({ ...diagnostic, span: callSite });
    },
    stepsLeft: stepLimit,
    returned: undefined,
    depth: 0,
    importsGuarded: 0,
    memory: memory?.remembered,
    journal,
    constants: new Map(),
    parse: (path, text) => parseAgain(path, text, memory?.parses, memory?.onWork),
    work: memory?.onWork,
    trees: new Map(),
    sightings: seen?.sightings,
    see({ module: { path } }, { start, end }, value) {
      if (!machine.sightings || path === undefined || !isObject(value)) return;
      if (machine.sightings.get(path, start, end)) return;
      const meaning = seen?.meaningOf(value);
      if (meaning) machine.sightings.add({ span: { path, start, end }, meaning });
    },
    evaluate: (scope, expression) => evaluate(machine, scope, expression),
    execute: (scope, statements) => execute(machine, scope, statements),
    call: (callee, given) => call(machine, callee, given),
    invoke: (callee, given, resilient) => invoke(machine, callee, given, resilient),
    attribute: (object, name, span) => attribute(machine, object, name, span),
    iterate: (value, span) => iterate(machine, value, span),
    // SAFETY: operators come from the syntax tree, or from code that names them.
    binary: (operator, left, right, span) => binary(machine, hooks, operator as BinaryOperator, left, right, span),
    // SAFETY: as above.
    compare: (operator, left, right, span) => compare(hooks, operator as CompareOperator, left, right, span),
    item: (object, key, span) => item(machine, object, key, span),
    str: (value, span) => shown(machine.text(value, span, "str")),
    repr: (value, span) => shown(machine.text(value, span, "repr")),
    text: (value, span, how) =>
      knownText(() => (how === "str" ? str(value, method(span), span) : repr(value, method(span)))),
    module: (name) => {
      if (name === "builtins") return builtins;
      if (made.has(name)) return made.get(name);
      const sdks = own(machine, name);
      const known = sdks ?? standardModule(machine, name);
      if (sdks === undefined && !isLoadedFirst(name)) {
        // Not remembered: the search path may change, and modules are known by their paths.
        const found = importModule(machine, importRoots, name);
        // A folder without a module in it gives way to Python's own.
        if (known === undefined || found?.path?.endsWith(".py") === true) return found;
      }
      if (known !== undefined) made.set(name, known);
      return known;
    },
    moduleBelow: (below, parts) => moduleIn(machine, importRoots, below, parts, moduleName(machine, below, parts)),
  };
  const hooks = operatorHooks(machine);
  const builtins = builtinsModule(machine);
  builtins.names.set("open", openBuiltin(machine));
  const method =
    (span: { path: string; start: number; end: number }) =>
    (self: Value, name: string): Value | undefined => {
      const found = machine.attribute(self, name, span);
      return found === undefined ? undefined : machine.call(found, { positional: [], keywords: new Map(), span });
    };
  return machine;
}

function shown(text: string | UnknownValue): string {
  return typeof text === "string" ? text : "<unknown>";
}

/** The files, with each look at one written down. */
function journaled(files: Files, journal: Look[]): Files {
  return {
    read(path) {
      const text = files.read(path);
      journal.push({ kind: "file", path, text });
      return text;
    },
    list(path) {
      const names = files.list(path);
      journal.push({ kind: "folder", path, names: names.join("\n") });
      return names;
    },
  };
}

/** The dotted name of a module that a relative import reached: from the topmost folder that is a package. */
export function moduleName(machine: Machine, folder: string, parts: readonly string[]): string {
  const names = [...parts];
  let at = folder;
  while (machine.files.read(`${at}/__init__.py`) !== undefined && at.includes("/")) {
    names.unshift(at.slice(at.lastIndexOf("/") + 1));
    at = at.slice(0, at.lastIndexOf("/"));
  }
  return names.join(".");
}
