/** The names of a module as bindings: each is evaluated when it is first asked for. */
import { bind } from "./assign.ts";
import { type Context, type Session, report, spanOf } from "./context.ts";
import { exported as millraceExports } from "./definers.ts";
import { yamlComponent, definitionValue, pythonComponent, pythonDefinitions } from "./imported.ts";
import { globals } from "./library.ts";
import {
  type Import,
  type Module,
  boundNames,
  isScript,
  readModule,
  requiredModule,
  resolveModule,
} from "./modules.ts";
import { topLevel } from "./pipelines.ts";
import { type Binding, declareLazy, lookUp, read } from "./scope.ts";
import { ts } from "./syntax.ts";
import type { Json } from "../spec/types.ts";
import { type Value, constant, fromJson, object, unknown } from "./values.ts";

/** The module of a file with all its names; undefined where there is no such file. */
export function load(path: string, session: Session): Module | undefined {
  const known = session.modules.get(path);
  if (known) return known;
  const text = session.files.read(path);
  if (text === undefined) return undefined;
  const module = readModule(path, text);
  session.modules.set(path, module);
  for (const [name, value] of globals(session.options.env)) declareLazy(module.scope, name, () => value);
  for (const [name, each] of module.imports) declareLazy(module.scope, name, () => imported(each, module, session));
  for (const statement of module.file.statements) declareStatement(statement, module, session);
  return module;
}

function declareStatement(statement: ts.Statement, module: Module, session: Session): void {
  const { scope } = module;
  const context = topLevel(session);
  if (ts.isVariableStatement(statement)) {
    for (const each of statement.declarationList.declarations) declareVariable(each, module, context);
  } else if (ts.isFunctionDeclaration(statement) && statement.name) {
    declareLazy(scope, statement.name.text, () => ({ kind: "function", node: statement, scope }));
  } else if (ts.isClassDeclaration(statement) && statement.name) {
    declareLazy(scope, statement.name.text, () => staticMembers(statement, module, context));
  } else if (ts.isEnumDeclaration(statement)) {
    declareLazy(scope, statement.name.text, () => enumValue(statement, module, context));
  } else if (ts.isExportAssignment(statement)) {
    const naming = { symbol: "default", span: spanOf(statement, scope), topLevel: true };
    declareLazy(scope, "default", () => session.evaluate(statement.expression, scope, { ...context, naming }));
  }
}

function declareVariable(node: ts.VariableDeclaration, { scope }: Module, context: Context): void {
  const { initializer } = node;
  if (requiredModule(initializer) !== undefined) return;
  if (ts.isIdentifier(node.name)) {
    const naming = { symbol: node.name.text, span: spanOf(node.name, scope), topLevel: true };
    declareLazy(scope, node.name.text, () =>
      initializer ? context.session.evaluate(initializer, scope, { ...context, naming }) : constant(undefined),
    );
    return;
  }
  // `const { a, b } = settings;`: all names at once, when the first is asked for.
  const names = boundNames(node.name);
  let values: ReadonlyMap<string, Value> | undefined;
  const bound = () => {
    const inner = { path: scope.path, parent: scope, names: new Map<string, Binding>() };
    const value = initializer ? context.session.evaluate(initializer, scope, context) : unknown;
    bind(node.name, value, true, inner, context);
    return new Map(names.map((name) => [name, read(inner.names.get(name) ?? missing(name), undefined)] as const));
  };
  for (const name of names) declareLazy(scope, name, () => (values ??= bound()).get(name) ?? unknown);
}

function missing(name: string) {
  return { name, constant: true, region: undefined, value: unknown, lazy: undefined };
}

function enumValue(node: ts.EnumDeclaration, { scope }: Module, context: Context): Value {
  let next = 0;
  const entries = node.members.map((member) => {
    const value = member.initializer ? context.session.evaluate(member.initializer, scope, context) : constant(next);
    if (value.kind === "constant" && typeof value.value === "number") next = value.value + 1;
    const name = ts.isComputedPropertyName(member.name) ? member.name.getText() : member.name.text;
    return [name, { value, span: spanOf(member, scope) }] as const;
  });
  return object(entries);
}

/** A class as a pipeline sees it: its static constants and functions. */
function staticMembers(node: ts.ClassDeclaration, { scope }: Module, context: Context): Value {
  return object(
    node.members.flatMap((member) => {
      const isStatic =
        ts.canHaveModifiers(member) && member.modifiers?.some((each) => each.kind === ts.SyntaxKind.StaticKeyword);
      if (!isStatic || !member.name || ts.isComputedPropertyName(member.name)) return [];
      const span = spanOf(member, scope);
      if (ts.isMethodDeclaration(member))
        return [[member.name.text, { value: { kind: "function", node: member, scope }, span }] as const];
      if (!ts.isPropertyDeclaration(member) || !member.initializer) return [];
      return [
        [member.name.text, { value: context.session.evaluate(member.initializer, scope, context), span }] as const,
      ];
    }),
  );
}

function imported({ from, name, node }: Import, importer: Module, session: Session): Value {
  const context = topLevel(session);
  const span = spanOf(node, importer);
  if (from === "millrace") {
    if (name === undefined) return object([...millraceExports].map(([key, value]) => [key, { value, span }] as const));
    const value = millraceExports.get(name);
    if (!value) report(context, "unknown-export", span, undefined, name, "millrace");
    return value ?? unknown;
  }
  const path = resolveModule(session.files, importer.path, from);
  if (path === undefined) {
    if (from.startsWith(".")) report(context, "unresolved-import", span, undefined, from);
    // Bodies may use it; this is asked for only where a pipeline does.
    else
      report(
        context,
        "no-meaning",
        span,
        "Only local modules can be looked into; use it in a component's body.",
        `A value of the package "${from}"`,
      );
    return unknown;
  }
  if (path.endsWith(".py")) {
    if (name !== undefined) return pythonComponent(path, name, span, context);
    const all = pythonDefinitions(path, context);
    return object(all.map((each) => [each.symbol, { value: definitionValue(each, span, context), span }] as const));
  }
  if (/\.ya?ml$/.test(path)) return yamlComponent(path, span, context);
  if (path.endsWith(".json")) return data(path, name, span, context);
  if (!isScript(path)) return unknown;
  if (name !== undefined) return exported(path, name, span, context);
  const module = load(path, session);
  const isExportEquals = module?.file.statements.some((each) => ts.isExportAssignment(each) && each.isExportEquals);
  if (isExportEquals) return exported(path, "default", span, context);
  return object(
    [...(module?.exports.keys() ?? [])].map(
      (key) => [key, { value: exported(path, key, span, context), span }] as const,
    ),
  );
}

/** A compiled component, or what JSON holds. */
function data(path: string, name: string | undefined, span: ReturnType<typeof spanOf>, context: Context): Value {
  const text = context.session.files.read(path) ?? "";
  if (text.includes("pipelineInfo")) return yamlComponent(path, span, context);
  try {
    // SAFETY: what JSON.parse gives is JSON.
    const whole = fromJson(JSON.parse(text) as Json, span);
    if (name === undefined || name === "default" || whole.kind !== "object") return whole;
    return whole.entries.get(name)?.value ?? unknown;
  } catch {
    report(context, "wrong-value", span, undefined, path, "JSON");
    return unknown;
  }
}

/** An export of a module, through re-exports. */
function exported(path: string, name: string, span: ReturnType<typeof spanOf>, context: Context): Value {
  const found = find(path, name, context.session, new Set());
  if (!found) report(context, "unknown-export", span, undefined, name, path);
  return found ?? unknown;
}

function find(path: string, name: string, session: Session, seen: Set<string>): Value | undefined {
  const key = `${path}#${name}`;
  const module = seen.has(key) ? undefined : load(path, session);
  if (!module) return undefined;
  seen.add(key);
  const local = module.exports.get(name);
  const binding = local === undefined ? undefined : lookUp(module.scope, local);
  if (binding) return read(binding, undefined);
  if (local !== undefined && module.types.has(local)) return unknown;
  for (const each of module.reexports) {
    if (each.name !== undefined && each.as !== name) continue;
    const from = resolveModule(session.files, path, each.from);
    const value = from === undefined ? undefined : find(from, each.name ?? name, session, seen);
    if (value) return value;
  }
  return undefined;
}
