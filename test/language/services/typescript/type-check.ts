/** The errors that TypeScript itself finds in a file of the tests, with the language's own types. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { path } from "./source.ts";

const root = join(import.meta.dirname, "../../../..");
const types = join(root, "language/millrace.d.ts");
const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
  paths: { millrace: [types] },
};
let text = "";
let version = 0;
const service = ts.createLanguageService({
  getCompilationSettings: () => options,
  getScriptFileNames: () => [path],
  getScriptVersion: (file) => (file === path ? String(version) : "1"),
  getScriptSnapshot: (file) => {
    const content = file === path ? text : ts.sys.fileExists(file) ? readFileSync(file, "utf8") : undefined;
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
  },
  getCurrentDirectory: () => "/w",
  getDefaultLibFileName: (each) => ts.getDefaultLibFilePath(each),
  fileExists: (file) => file === path || ts.sys.fileExists(file),
  readFile: (file) => (file === path ? text : ts.sys.readFile(file)),
});

export function typeErrors(source: string): readonly string[] {
  text = source;
  version++;
  return [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, " "),
  );
}
