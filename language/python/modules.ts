import { diagnose } from "../diagnostics.ts";
import { libraryFolder } from "./libraries.ts";
import { isLibrary, type Machine, OutOfBounds } from "./machine.ts";
import { Scope } from "./scope.ts";
import { list, type ModuleValue, type Value, unknown } from "./values.ts";

/** Absolute imports look into these folders, in this order. */
export interface ImportRoots {
  readonly folders: readonly string[];
}

/**
 * The module of a dotted name, executed once, or the same one again. Undefined
 * where no root has it.
 */
export function importModule(machine: Machine, roots: ImportRoots, name: string): ModuleValue | undefined {
  const parts = name.split(".");
  for (const folder of roots.folders) {
    const found = moduleIn(machine, roots, folder, parts, name);
    if (found !== undefined) return found;
  }
  const installed = libraryFolder(machine.files, machine.options.libraries ?? [], parts[0] ?? "");
  if (installed === undefined) return undefined;
  machine.libraryFolders.add(installed);
  return moduleIn(machine, roots, installed, parts, name);
}

/** The module at `parts` below a folder: a file, a package, or a folder of modules. */
export function moduleIn(
  machine: Machine,
  roots: ImportRoots,
  folder: string,
  parts: readonly string[],
  name: string,
): ModuleValue | undefined {
  const base = [folder === "/" ? "" : folder, ...parts].join("/");
  // A package's own `__init__` runs before its modules do.
  for (const path of [`${base}/__init__.py`, `${base}.py`]) {
    if (parts.length === 0 && !path.endsWith("__init__.py")) continue;
    const known = machine.modules.get(path);
    if (known !== undefined) return known;
    const text = machine.files.read(path);
    if (text === undefined) continue;
    for (let i = 1; i < parts.length; i++) {
      const parent = [folder === "/" ? "" : folder, ...parts.slice(0, i)].join("/");
      if (!machine.modules.has(`${parent}/__init__.py`))
        moduleIn(machine, roots, folder, parts.slice(0, i), name.split(".").slice(0, i).join("."));
    }
    return (isLibrary(machine, path) ? runLibrary : runModule)(machine, path, text, name);
  }
  if (machine.files.list(base).length === 0) return undefined;
  const known = machine.modules.get(base);
  if (known !== undefined) return known;
  const namespace: ModuleValue = { kind: "module", name, path: base, names: new Map() };
  machine.modules.set(base, namespace);
  return namespace;
}

/** An installed module runs on an account of its own; what is wrong with it is not the file's. */
function runLibrary(machine: Machine, path: string, text: string, name: string): ModuleValue {
  const { stepsLeft, callSite } = machine;
  machine.stepsLeft = machine.libraryStepsLeft;
  machine.callSite = undefined;
  try {
    return runModule(machine, path, text, name);
  } catch (problem) {
    const begun = machine.modules.get(path);
    if (!(problem instanceof OutOfBounds) || begun === undefined) throw problem;
    return begun;
  } finally {
    machine.libraryStepsLeft = machine.stepsLeft;
    machine.stepsLeft = stepsLeft;
    machine.callSite = callSite;
  }
}

/** Executes a module's text. It is known to the machine before it runs, for cycles of imports. */
export function runModule(machine: Machine, path: string, text: string, name: string): ModuleValue {
  const names = new Map<string, Value>([
    ["__name__", name],
    ["__file__", path],
    ["__doc__", null],
    ["__package__", path.endsWith("/__init__.py") ? name : name.split(".").slice(0, -1).join(".")],
    ["__annotations__", unknown("module annotations are not kept")],
  ]);
  if (path.endsWith("/__init__.py")) names.set("__path__", list([path.slice(0, path.lastIndexOf("/"))]));
  const module: ModuleValue = { kind: "module", name, path, names };
  machine.modules.set(path, module);
  machine.texts.set(path, text);
  const tree = machine.parse(path, text);
  machine.trees.set(path, tree);
  const { body, problems } = tree;
  machine.work?.({ kind: "module", path });
  for (const { message, start, end } of problems)
    machine.report(diagnose("syntax-error", { path, start, end }, message));
  const scope = new Scope("module", module, undefined, "", names);
  scope.resilient = true;
  const [first] = body;
  if (first?.kind === "expression" && first.value.kind === "constant" && typeof first.value.value === "string")
    names.set("__doc__", first.value.value);
  const { importsGuarded, depth } = machine;
  machine.importsGuarded = 0;
  machine.execute(scope, body);
  machine.importsGuarded = importsGuarded;
  machine.depth = depth;
  return module;
}
