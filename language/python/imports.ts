import { diagnose } from "../diagnostics.ts";
import { type Machine, raise } from "./machine.ts";
import { type Scope, spanOf } from "./scope.ts";
import { successorAdvice } from "./first-version.ts";
import { missingPart } from "./sdk-names.ts";
import type { ImportFromStatement, ImportStatement } from "./syntax.ts";
import { isObject, member, type ModuleValue, unknown, type Value } from "./values.ts";

export function executeImport(machine: Machine, scope: Scope, statement: ImportStatement): void {
  for (const name of statement.names) {
    const span = spanOf(scope, name);
    const path = name.path.join(".");
    const found = machine.module(path);
    if (found === undefined) {
      missing(machine, path, span);
      scope.set(name.as ?? name.path[0] ?? "", outside(path, span));
      continue;
    }
    // `import a.b` binds `a`, which then has `b`; every part on the way is imported too.
    let parent: Value | undefined;
    for (const [i, part] of name.path.entries()) {
      const module: Value =
        i === name.path.length - 1
          ? found
          : (machine.module(name.path.slice(0, i + 1).join(".")) ?? outside(path, span));
      if (parent !== undefined && isObject(parent) && parent.kind === "module" && parent.path !== undefined)
        parent.names.set(part, module);
      if (i === 0 && name.as === undefined) scope.set(part, module);
      parent = module;
    }
    if (name.as !== undefined) scope.set(name.as, found);
  }
}

export function executeImportFrom(machine: Machine, scope: Scope, statement: ImportFromStatement): void {
  const span = spanOf(scope, { start: statement.pathStart, end: statement.pathEnd });
  const find = (parts: readonly string[]): ModuleValue | undefined => {
    if (statement.level === 0) return machine.module(parts.join("."));
    const folder = folderAbove(scope.module.path ?? "", statement.level);
    return folder === undefined ? undefined : machine.moduleBelow(folder, parts);
  };
  const written = ".".repeat(statement.level) + statement.path.join(".");
  const module = find(statement.path);
  if (module === undefined && !(statement.level > 0 && statement.path.length === 0)) {
    missing(machine, written, span);
    // A relative import names a file of this very package: its absence is an error.
    if (statement.level > 0) machine.report(diagnose("unresolved-import", span, written));
    for (const { name, as } of statement.names) scope.set(as ?? name, outside(`${written}.${name}`, span));
    return;
  }
  if (statement.names.length === 0) {
    if (module !== undefined) star(machine, scope, module);
    return;
  }
  for (const one of statement.names) {
    const at = spanOf(scope, one);
    const own = module === undefined ? undefined : member(module, one.name);
    const value = own === undefined ? find([...statement.path, one.name]) : own;
    if (value === undefined) {
      const from = module?.name ?? written;
      if (machine.importsGuarded > 0) raise("ImportError", `cannot import name '${one.name}' from '${from}'`, at);
      machine.report(diagnose("unresolved-name", at, one.name, from, successorAdvice(from, one.name)));
      scope.set(one.as ?? one.name, unknown(`"${from}" has no "${one.name}"`, at));
    } else {
      if (module?.path === undefined && isObject(value)) machine.constants.set(value, `${written}.${one.name}`);
      scope.set(one.as ?? one.name, value);
      const { name, start } = one;
      machine.see(scope, { start, end: start + name.length }, value);
    }
  }
}

/** The folder that one leading dot of a relative import in a file means, or more dots above it. */
function folderAbove(path: string, level: number): string | undefined {
  const parts = path.split("/");
  return parts.length > level ? parts.slice(0, -level).join("/") : undefined;
}

function star(machine: Machine, scope: Scope, module: ModuleValue): void {
  const bind = (name: string, value: Value): void => {
    if (module.path === undefined && isObject(value)) machine.constants.set(value, `${module.name}.${name}`);
    scope.set(name, value);
  };
  const all = module.names.get("__all__");
  const listed =
    all !== undefined && isObject(all) && (all.kind === "list" || all.kind === "tuple") ? all.items : undefined;
  if (listed !== undefined) {
    for (const name of listed) {
      const value = typeof name === "string" ? member(module, name) : undefined;
      if (typeof name === "string" && value !== undefined) bind(name, value);
    }
    return;
  }
  for (const [name, value] of module.names) if (!name.startsWith("_")) bind(name, value);
}

/** In a `try` that catches it, the import fails as it does where the module is not installed. */
function missing(machine: Machine, path: string, span: ReturnType<typeof spanOf>): void {
  if (machine.importsGuarded > 0) raise("ModuleNotFoundError", `No module named '${path}'`, span);
  const gone = missingPart(path);
  if (gone !== undefined)
    machine.report(diagnose("unresolved-name", span, gone.name, gone.parent, successorAdvice(gone.parent, gone.name)));
}

function outside(path: string, span: ReturnType<typeof spanOf>): Value {
  return { ...unknown(`"${path}" is not in the workspace, so it cannot be read`, span), outside: true };
}
