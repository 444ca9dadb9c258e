/** Holds the walls of ARCHITECTURE.md: who may import what, no cycles, true paths, commands that exist. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

interface Row {
  /** Files that the row is about: a folder or one file. The longest that fits counts. */
  readonly of: string;
  readonly may: readonly string[];
  /** Only `import type`. */
  readonly types?: readonly string[];
  readonly packages: readonly string[];
  readonly node: boolean;
}

const lsp = [
  "vscode-languageserver",
  "vscode-languageserver-textdocument",
  "vscode-languageserver-types",
  "vscode-jsonrpc",
];
const rows: readonly Row[] = [
  { of: "language/", may: ["language/"], packages: ["yaml"], node: false },
  { of: "language/python/", may: ["language/"], packages: [], node: false },
  { of: "language/typescript/", may: ["language/"], packages: ["ts-morph", "@ts-morph/common"], node: false },
  { of: "language/dag/", may: ["language/"], packages: ["@hpcc-js/wasm-graphviz"], node: false },
  { of: "language/types-folder.ts", may: ["language/"], packages: [], node: true },
  { of: "language/layout-beside.ts", may: ["language/"], packages: [], node: true },
  { of: "language/layout-thread.ts", may: ["language/"], packages: [], node: true },
  {
    of: "language/open-files.ts",
    may: ["language/"],
    packages: ["vscode-languageserver-textdocument"],
    node: true,
  },
  { of: "language/announcements.ts", may: ["language/"], packages: lsp, node: false },
  { of: "language/requests.ts", may: ["language/"], packages: lsp, node: false },
  { of: "language/server.ts", may: ["language/"], packages: lsp, node: true },
  { of: "runtime/", may: ["language/", "runtime/"], packages: ["yaml", "vscode-jsonrpc"], node: true },
  { of: "runtime/cli/", may: ["language/", "runtime/"], packages: ["yaml"], node: true },
  { of: "runtime/compile/", may: ["language/", "runtime/"], packages: ["esbuild", "yaml"], node: true },
  { of: "runtime/local/", may: ["language/", "runtime/"], packages: ["@marcbachmann/cel-js"], node: true },
  {
    of: "runtime/cluster/",
    may: ["language/", "runtime/"],
    packages: ["@kubernetes/client-node", "yaml", "protobufjs", "@grpc/grpc-js"],
    node: true,
  },
  { of: "runtime/store/", may: ["language/", "runtime/"], packages: [], node: true },
  { of: "runtime/store/sqlite.ts", may: ["language/", "runtime/"], packages: ["better-sqlite3"], node: true },
  { of: "webview/", may: ["webview/"], types: ["language/"], packages: ["d3-*", "d3"], node: false },
  {
    of: "webview/dag/",
    may: ["webview/", "language/dag/mermaid.ts"],
    types: ["language/"],
    packages: ["d3-*", "d3"],
    node: false,
  },
  { of: "webview/renderer/", may: ["webview/"], types: ["language/"], packages: ["marked"], node: false },
  {
    of: "webview/ui.ts",
    may: ["webview/"],
    types: ["language/"],
    packages: ["@vscode/webview-ui-toolkit"],
    node: false,
  },
  {
    of: "extension/",
    may: [
      "extension/",
      "webview/protocol.ts",
      "webview/rpc.ts",
      "webview/words.ts",
      "language/source.ts",
      "language/cells.ts",
      "language/protocol.ts",
      "runtime/events.ts",
      "runtime/protocol.ts",
    ],
    types: ["language/", "runtime/", "webview/"],
    packages: ["vscode", "vscode-jsonrpc"],
    node: true,
  },
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !path.includes("node_modules/"));
}

function importsOf(path: string): Import[] {
  const file = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const to = specifier.text.startsWith(".")
      ? relative(root, resolve(root, dirname(path), specifier.text))
      : specifier.text;
    found.push({ from: path, to, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const named = clause?.namedBindings;
      const everyNameIsType =
        named !== undefined &&
        ts.isNamedImports(named) &&
        named.elements.length > 0 &&
        named.elements.every((e) => e.isTypeOnly);
      add(
        node.moduleSpecifier,
        clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || (everyNameIsType && !clause?.name),
      );
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const matches = (name: string, pattern: string) =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern || name.startsWith(`${pattern}/`);

/** Why an import is not allowed; undefined where it is. */
function refusal(rule: Row, { to, typeOnly }: Import): string | undefined {
  if (to.startsWith("node:") || builtinModules.includes(to))
    return rule.node || typeOnly ? undefined : "no Node built-ins here";
  const local = /^(language|runtime|webview|extension|test|samples)\//.test(to);
  if (!local)
    return rule.packages.some((pattern) => matches(to, pattern)) ? undefined : `package ${to} is not this folder's`;
  if (rule.may.some((prefix) => to.startsWith(prefix))) return undefined;
  if (rule.types?.some((prefix) => to.startsWith(prefix))) return typeOnly ? undefined : "types only";
  return `${rule.of} may not import ${to}`;
}

const all = ["language", "runtime", "webview", "extension"].flatMap(sources);
const imports = all.flatMap(importsOf);

describe("the import table", () => {
  test("every import is allowed", () => {
    const refused = imports.flatMap((one) => {
      const rule = rows.filter((row) => one.from.startsWith(row.of)).sort((a, b) => b.of.length - a.of.length)[0];
      const why = rule ? refusal(rule, one) : "no row for this file";
      return why ? [`${one.from} → ${one.to}: ${why}`] : [];
    });
    expect(refused).toEqual([]);
  });

  test("no cycles between files, types aside", () => {
    const graph = new Map<string, string[]>();
    for (const { from, to, typeOnly } of imports) if (!typeOnly) graph.set(from, [...(graph.get(from) ?? []), to]);
    const done = new Set<string>();
    const cycles: string[] = [];
    const walk = (path: string, stack: readonly string[]): void => {
      if (stack.includes(path)) {
        cycles.push([...stack.slice(stack.indexOf(path)), path].join(" → "));
        return;
      }
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) walk(next, [...stack, path]);
      done.add(path);
    };
    for (const path of graph.keys()) walk(path, []);
    expect(cycles).toEqual([]);
  });
});

test("every path that ARCHITECTURE.md names exists", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const named = [...text.matchAll(/`((?:language|runtime|webview|extension|samples|test|docs|\.ci)\/[\w./-]*)`/g)].map(
    (match) => match[1] ?? "",
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("commands of package.json and commands in the extension's code are the same", () => {
  interface Contributed {
    readonly command: string;
  }
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    contributes: { commands: Contributed[] };
  };
  const contributed = manifest.contributes.commands.map((one) => one.command).sort();
  const text = sources("extension")
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");
  const missing = contributed.filter((command) => !text.includes(`"${command}"`));
  expect(missing).toEqual([]);
  const registered = [...new Set([...text.matchAll(/"(millrace\.[\w.]+)":/g)].map((match) => match[1] ?? ""))];
  expect(registered.filter((command) => !contributed.includes(command)).sort()).toEqual([]);
});
