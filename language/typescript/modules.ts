/** Modules of a workspace: parsed once a text, their names resolved when asked for. */
import type { Files } from "../source.ts";
import type { Session } from "./context.ts";
import type { Scope } from "./scope.ts";
import { ts } from "./syntax.ts";

export type TypeDeclaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.EnumDeclaration;

/** What makes a name of a module; `export default` makes the name "default". */
export type Declaration =
  | ts.VariableDeclaration
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.EnumDeclaration
  | ts.ExportAssignment;

export interface Module extends ModuleNames {
  readonly scope: Scope;
}

/** What a module has, by the text alone. */
export interface ModuleNames {
  readonly path: string;
  readonly file: ts.SourceFile;
  readonly imports: ReadonlyMap<string, Import>;
  readonly declarations: ReadonlyMap<string, Declaration>;
  readonly types: ReadonlyMap<string, TypeDeclaration>;
  /** Exported name → local name. */
  readonly exports: ReadonlyMap<string, string>;
  /** `export * from`, `export { a } from`. */
  readonly reexports: readonly { readonly from: string; readonly name: string | undefined; readonly as: string }[];
}

/** `name` is undefined for `import * as`. */
export interface Import {
  readonly from: string;
  readonly name: string | undefined;
  readonly node: ts.Node;
}

interface Parsed {
  readonly text: string;
  readonly file: ts.SourceFile;
}

/** Syntax trees of the texts seen last, so that an edit parses one file. */
const parsed = new Map<string, Parsed>();
const keptTrees = 200;

export function parse(path: string, text: string): ts.SourceFile {
  const known = parsed.get(path);
  if (known?.text === text) return known.file;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  parsed.delete(path);
  parsed.set(path, { text, file });
  const [oldest] = parsed.keys();
  if (parsed.size > keptTrees && oldest !== undefined) parsed.delete(oldest);
  return file;
}

/** The module of a path that has been loaded: every scope's own. */
export function moduleOf(session: Session, path: string): Module {
  const module = session.modules.get(path);
  if (!module) throw new Error(`${path} has not been loaded.`);
  return module;
}

const known = new WeakMap<ts.SourceFile, ModuleNames>();

/** The names of a module, without what they are (`load` in declarations.ts asks). */
export function readModule(path: string, text: string): ModuleNames {
  const file = parse(path, text);
  const before = known.get(file);
  if (before) return before;
  const module = readNames(path, file);
  known.set(file, module);
  return module;
}

function readNames(path: string, file: ts.SourceFile): ModuleNames {
  const imports = new Map<string, Import>();
  const declarations = new Map<string, Declaration>();
  const types = new Map<string, TypeDeclaration>();
  const exports = new Map<string, string>();
  const reexports: { from: string; name: string | undefined; as: string }[] = [];
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) readImport(statement, imports);
    else if (ts.isImportEqualsDeclaration(statement)) readImportEquals(statement, imports);
    else if (
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isEnumDeclaration(statement)
    ) {
      types.set(statement.name.text, statement);
      exports.set(statement.name.text, statement.name.text);
    } else if (ts.isVariableStatement(statement)) {
      for (const each of statement.declarationList.declarations) readRequire(each, imports);
      for (const { name } of statement.declarationList.declarations)
        for (const each of boundNames(name)) exports.set(each, each);
    } else if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name) {
      const isDefault = statement.modifiers?.some((each) => each.kind === ts.SyntaxKind.DefaultKeyword);
      exports.set(isDefault ? "default" : statement.name.text, statement.name.text);
    } else if (ts.isExportAssignment(statement)) exports.set("default", "default");
    else if (ts.isExportDeclaration(statement)) readExport(statement, exports, reexports);
    readDeclarations(statement, declarations);
  }
  return { path, file, imports, declarations, types, exports, reexports };
}

function readDeclarations(statement: ts.Statement, declarations: Map<string, Declaration>): void {
  if (ts.isVariableStatement(statement)) {
    for (const each of statement.declarationList.declarations)
      if (requiredModule(each.initializer) === undefined)
        for (const name of boundNames(each.name)) declarations.set(name, each);
  } else if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name)
    declarations.set(statement.name.text, statement);
  else if (ts.isEnumDeclaration(statement)) declarations.set(statement.name.text, statement);
  else if (ts.isExportAssignment(statement)) declarations.set("default", statement);
}

function readImport(statement: ts.ImportDeclaration, imports: Map<string, Import>): void {
  const clause = statement.importClause;
  if (!clause || !ts.isStringLiteral(statement.moduleSpecifier)) return;
  const from = statement.moduleSpecifier.text;
  if (clause.name) imports.set(clause.name.text, { from, name: "default", node: clause.name });
  const bindings = clause.namedBindings;
  if (!bindings) return;
  if (ts.isNamespaceImport(bindings)) imports.set(bindings.name.text, { from, name: undefined, node: bindings });
  else
    for (const each of bindings.elements)
      imports.set(each.name.text, { from, name: (each.propertyName ?? each.name).text, node: each });
}

/** `import lib = require("./lib")`. */
function readImportEquals(statement: ts.ImportEqualsDeclaration, imports: Map<string, Import>): void {
  const { moduleReference: reference, name } = statement;
  if (ts.isExternalModuleReference(reference) && ts.isStringLiteral(reference.expression))
    imports.set(name.text, { from: reference.expression.text, name: undefined, node: name });
}

/** `const lib = require("./lib")`, `const { a, b: c } = require("./lib")`. */
function readRequire({ name, initializer }: ts.VariableDeclaration, imports: Map<string, Import>): void {
  const from = requiredModule(initializer);
  if (from === undefined) return;
  if (ts.isIdentifier(name)) imports.set(name.text, { from, name: undefined, node: name });
  else if (ts.isObjectBindingPattern(name))
    for (const each of name.elements)
      if (ts.isIdentifier(each.name) && !each.dotDotDotToken)
        imports.set(each.name.text, { from, name: (each.propertyName ?? each.name).getText(), node: each });
}

/** The path in `require("…")`. */
export function requiredModule(node: ts.Expression | undefined): string | undefined {
  if (!node || !ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  const [path] = node.arguments;
  return node.expression.text === "require" && path && ts.isStringLiteral(path) ? path.text : undefined;
}

function readExport(
  statement: ts.ExportDeclaration,
  exports: Map<string, string>,
  reexports: { from: string; name: string | undefined; as: string }[],
): void {
  const from =
    statement.moduleSpecifier && ts.isStringLiteral(statement.moduleSpecifier)
      ? statement.moduleSpecifier.text
      : undefined;
  const clause = statement.exportClause;
  if (!clause) {
    if (from !== undefined) reexports.push({ from, name: undefined, as: "*" });
    return;
  }
  if (!ts.isNamedExports(clause)) return;
  for (const each of clause.elements) {
    const name = (each.propertyName ?? each.name).text;
    if (from === undefined) exports.set(each.name.text, name);
    else reexports.push({ from, name, as: each.name.text });
  }
}

export function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));
}

/** What a local name is called in "millrace": `Dataset` for `import { Dataset as D }`; undefined for other names. */
export function importedName(module: ModuleNames, name: string): string | undefined {
  const found = module.imports.get(name);
  return found?.from === "millrace" ? found.name : undefined;
}

/** A type of the module or one that it imports from another. */
export function findType(
  session: Session,
  module: ModuleNames,
  name: string,
  depth = 0,
): { node: TypeDeclaration; module: ModuleNames } | undefined {
  const local = module.types.get(name);
  if (local) return { node: local, module };
  const imported = module.imports.get(name);
  if (imported?.name === undefined || depth > 20) return undefined;
  return exportedType(session, module, imported.from, imported.name, depth + 1);
}

function exportedType(
  session: Session,
  importer: ModuleNames,
  from: string,
  name: string,
  depth: number,
): { node: TypeDeclaration; module: ModuleNames } | undefined {
  const path = resolveModule(session.files, importer.path, from);
  const text = path === undefined ? undefined : session.files.read(path);
  if (path === undefined || text === undefined || !isScript(path) || depth > 20) return undefined;
  const module = session.modules.get(path) ?? readModule(path, text);
  const found = findType(session, module, module.exports.get(name) ?? name, depth + 1);
  if (found) return found;
  for (const each of module.reexports) {
    if (each.name !== undefined && each.as !== name) continue;
    const through = exportedType(session, module, each.from, each.name ?? name, depth + 1);
    if (through) return through;
  }
  return undefined;
}

export function isScript(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}

const endings = ["", ".ts", ".mts", ".cts", ".tsx", "/index.ts"];

/** The file of a relative import, or of one that a tsconfig.json maps, as `tsc` finds it; undefined for packages. */
export function resolveModule(files: Files, importer: string, from: string): string | undefined {
  const folder = importer.slice(0, importer.lastIndexOf("/"));
  if (from.startsWith("/")) return fileAt(files, from);
  if (from.startsWith(".")) return fileAt(files, joined(folder, from));
  if (from === "millrace" || from.startsWith("node:")) return undefined;
  for (const path of mappedPaths(files, folder, from)) {
    const found = fileAt(files, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fileAt(files: Files, path: string): string | undefined {
  const source = path.replace(/\.([cm]?)js$/, ".$1ts");
  return [...endings.map((ending) => path + ending), source].find((each) => files.read(each) !== undefined);
}

interface Mapping {
  readonly base: string;
  /** Whether every name is looked for in the base. */
  readonly isBaseUrl: boolean;
  readonly paths: readonly (readonly [pattern: string, targets: readonly string[]])[];
}

/** Where `paths` and `baseUrl` of the nearest tsconfig.json say that a module may be. */
function mappedPaths(files: Files, folder: string, from: string): string[] {
  const mapping = mappingOf(files, folder);
  if (!mapping) return [];
  const found: string[] = [];
  for (const [pattern, targets] of mapping.paths) {
    const [before = "", after] = pattern.split("*");
    const fits =
      after === undefined
        ? from === pattern
        : from.startsWith(before) && from.endsWith(after) && from.length >= before.length + after.length;
    if (!fits) continue;
    const middle = after === undefined ? "" : from.slice(before.length, from.length - after.length);
    found.push(
      ...targets.map((each) =>
        joined(
          mapping.base,
          each.replace("*", () => middle),
        ),
      ),
    );
  }
  return mapping.isBaseUrl ? [...found, joined(mapping.base, from)] : found;
}

function mappingOf(files: Files, folder: string): Mapping | undefined {
  for (let at = folder; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    if (files.read(`${at}/tsconfig.json`) !== undefined) return mappingIn(files, `${at}/tsconfig.json`, 0);
  }
  return undefined;
}

/** Of a tsconfig.json, or of that which it extends: the nearest that says something. */
function mappingIn(files: Files, path: string, depth: number): Mapping | undefined {
  const text = files.read(path);
  if (text === undefined || depth > 10) return undefined;
  const config: unknown = ts.parseConfigFileTextToJson(path, text).config;
  const folder = path.slice(0, path.lastIndexOf("/"));
  const options = field(config, "compilerOptions");
  const paths = field(options, "paths");
  const baseUrl = field(options, "baseUrl");
  if (paths !== undefined || typeof baseUrl === "string") {
    const isBaseUrl = typeof baseUrl === "string";
    const entries = typeof paths === "object" && paths !== null ? Object.entries(paths) : [];
    return {
      base: isBaseUrl ? joined(folder, baseUrl) : folder,
      isBaseUrl,
      paths: entries.map(([pattern, targets]: [string, unknown]) => [pattern, texts(targets)] as const),
    };
  }
  for (const each of texts(field(config, "extends")).toReversed()) {
    if (!each.startsWith(".")) continue;
    const found = mappingIn(files, joined(folder, each.endsWith(".json") ? each : `${each}.json`), depth + 1);
    if (found) return found;
  }
  return undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function texts(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((each) => typeof each === "string");
}

function joined(folder: string, relative: string): string {
  const parts = folder.split("/");
  for (const part of relative.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/") || "/";
}
