/** Imports of a TypeScript file: names that it uses and does not have, from `millrace` and from components beside it. */
import { ts } from "../../typescript/syntax.ts";
import type { Complaint, Edit, Fix } from "../fixes.ts";
import type { Offered } from "./offers.ts";
import type { Reading } from "./reading.ts";

/**
 * Writes names (`train`, `type Int`) into the import of a module, or an import of its own behind the others.
 * Undefined where all are there.
 */
export function importEdit(
  { path, text, file }: Reading,
  from: string,
  ...wanted: readonly string[]
): Edit | undefined {
  if (wanted.length === 0) return undefined;
  const imports = file.statements.filter(ts.isImportDeclaration);
  const isDefault = /\.(?:ya?ml|json)$/.test(from);
  for (const { importClause, moduleSpecifier } of imports) {
    if (!ts.isStringLiteral(moduleSpecifier) || moduleSpecifier.text !== from || isDefault) continue;
    const bindings = importClause?.namedBindings;
    if (!bindings || !ts.isNamedImports(bindings) || importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) continue;
    const there = bindings.elements.map((each) => each.getText(file));
    const missing = wanted.filter((name) => !there.includes(name));
    if (missing.length === 0) return undefined;
    const all = [...there];
    // Each before the first that follows it, values before what is `type` only.
    for (const name of missing) {
      const at = all.findIndex((each) => follows(each, name));
      all.splice(at < 0 ? all.length : at, 0, name);
    }
    const own = text.slice(bindings.getStart(file), bindings.end);
    const [open, separator, close] = own.includes("\n") ? ["{\n  ", ",\n  ", ",\n}"] : ["{ ", ", ", " }"];
    return {
      span: { path, start: bindings.getStart(file), end: bindings.end },
      text: open + all.join(separator) + close,
    };
  }
  const last = imports.at(-1);
  const statement = isDefault
    ? `import ${wanted[0]} from "${from}";`
    : `import { ${wanted.join(", ")} } from "${from}";`;
  if (last) return insertion(path, last.end, `\n${statement}`);
  return insertion(path, file.statements[0]?.getStart(file) ?? text.length, `${statement}\n`);
}

function follows(other: string, name: string): boolean {
  const [a, b] = [other.startsWith("type "), name.startsWith("type ")];
  return a === b ? other > name : a;
}

function insertion(path: string, at: number, text: string): Edit {
  return { span: { path, start: at, end: at }, text };
}

/** A file as an import names it: `./steps.py`, `../lib/steps.py`. */
export function relativePath(importer: string, target: string): string {
  const from = importer.split("/").slice(0, -1);
  const to = target.split("/");
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  const up = from.slice(shared).map(() => "..");
  const path = [...up, ...to.slice(shared)].join("/");
  return up.length === 0 ? `./${path}` : path;
}

/** Imports for a name that is not defined, one for each file that has a component of that name. */
export function offeredFix(
  reading: Reading,
  { start, end }: Complaint,
  offered: (name: string) => readonly Offered[],
): readonly Fix[] {
  const name = reading.text.slice(start, end);
  return offered(name).flatMap(({ path }) => {
    const from = relativePath(reading.path, path);
    const edit = importEdit(reading, from, name);
    return edit ? [{ title: `Import ${name} from ${from}`, edits: [edit] }] : [];
  });
}
