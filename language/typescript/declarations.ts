/** The names of a module as bindings: each is evaluated when it is first asked for. */
import { bind } from "./assign.ts";
import { type Context, type Session, report, spanOf } from "./context.ts";
import { exported as millraceExports } from "./definers.ts";
import { yamlComponent, definitionValue, pythonComponent, pythonDefinitions } from "./imported.ts";
import { globals } from "./library.ts";
import {
  type Declaration,
  type Import,
  type Module,
  boundNames,
  isScript,
  readModule,
  resolveModule,
} from "./modules.ts";
import { topLevel } from "./pipelines.ts";
import { type Binding, type Scope, lookUp, read } from "./scope.ts";
import { ts } from "./syntax.ts";
import type { Json } from "../spec/types.ts";
import { type Value, constant, fromJson, object, unknown } from "./values.ts";

/** The module of a file with all its names; undefined where there is no such file. */
export function load(path: string, session: Session): Module | undefined {
  const known = session.modules.get(path);
  if (known) return known;
  const text = session.files.read(path);
  if (text === undefined) return undefined;
  const names = readModule(path, text);
  // Every definition is compiled in a session of its own: what nobody asks for there must cost nothing.
  const patterns = new Map<ts.VariableDeclaration, ReadonlyMap<string, Value>>();
  let always: ReadonlyMap<string, Value> | undefined;
  const unasked = (name: string): (() => Value) | undefined => {
    const declaration = names.declarations.get(name);
    if (declaration) return () => declared(name, declaration, module, patterns, session);
    const given = names.imports.get(name);
    if (given) return () => imported(given, module, session);
    const value = (always ??= globals(session.options.env)).get(name);
    return value && (() => value);
  };
  const module: Module = { ...names, scope: { path, parent: undefined, names: new Map(), unasked } };
  session.modules.set(path, module);
  return module;
}

/** `patterns` has what was made of patterns so far: all their names at once, when the first is asked for. */
function declared(
  name: string,
  node: Declaration,
  module: Module,
  patterns: Map<ts.VariableDeclaration, ReadonlyMap<string, Value>>,
  session: Session,
): Value {
  const { scope } = module;
  const context = topLevel(session);
  if (ts.isFunctionDeclaration(node)) return { kind: "function", node, scope };
  if (ts.isClassDeclaration(node)) return staticMembers(node, module, context);
  if (ts.isEnumDeclaration(node)) return enumValue(node, module, context);
  if (ts.isExportAssignment(node)) {
    const naming = { symbol: "default", span: spanOf(node, scope), topLevel: true };
    return session.evaluate(node.expression, scope, { ...context, naming });
  }
  const { initializer } = node;
  if (ts.isIdentifier(node.name)) {
    const naming = { symbol: name, span: spanOf(node.name, scope), topLevel: true };
    return initializer ? session.evaluate(initializer, scope, { ...context, naming }) : constant(undefined);
  }
  // `const { a, b } = settings;`
  const bound = patterns.get(node) ?? matched(node.name, initializer, scope, context);
  patterns.set(node, bound);
  return bound.get(name) ?? unknown;
}

function matched(
  pattern: ts.BindingPattern,
  initializer: ts.Expression | undefined,
  scope: Scope,
  context: Context,
): ReadonlyMap<string, Value> {
  const inner = { path: scope.path, parent: scope, names: new Map<string, Binding>() };
  const value = initializer ? context.session.evaluate(initializer, scope, context) : unknown;
  bind(pattern, value, true, inner, context);
  return new Map(
    boundNames(pattern).map((name) => [name, read(inner.names.get(name) ?? missing(name), undefined)] as const),
  );
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
