/** The quick fix that leads a TypeScript project to the types of `millrace` and of its Python components. */
import { importedComponents, joined, newSettings, typesRoot } from "../declarations.ts";
import type { Files, Span } from "../source.ts";
import { ts } from "./syntax.ts";

/** Changes of a tsconfig.json, which is made first where it is not there. Edits from last to first. */
export interface SettingsFix {
  readonly title: string;
  readonly path: string;
  readonly isNew: boolean;
  readonly edits: readonly { readonly span: Span; readonly text: string }[];
}

/** For a span that touches an import of `millrace`, a Python or a compiled file; undefined where all is set up. */
export function settingsFix(
  path: string,
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
  files: Files,
  folders: readonly string[],
): SettingsFix | undefined {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const components = new Set(importedComponents(path, text));
  const folder = path.slice(0, path.lastIndexOf("/"));
  const touched = file.statements.filter(ts.isImportDeclaration).some(({ pos, end: last, moduleSpecifier }) => {
    if (last < start || end < pos || !ts.isStringLiteral(moduleSpecifier)) return false;
    return moduleSpecifier.text === "millrace" || components.has(joined(folder, moduleSpecifier.text));
  });
  const root = touched ? typesRoot(path, files, folders) : undefined;
  if (root === undefined) return undefined;
  const config = `${root}/tsconfig.json`;
  const settings = files.read(config);
  if (settings === undefined) {
    const edits = [{ span: { path: config, start: 0, end: 0 }, text: newSettings }];
    return governed(path, root, files)
      ? undefined
      : { title: "Make tsconfig.json for Millrace's types", path: config, isNew: true, edits };
  }
  const edits = extendingEdits(config, settings);
  return edits.length > 0
    ? { title: "Add Millrace's types to tsconfig.json", path: config, isNew: false, edits }
    : undefined;
}

/** Whether a tsconfig.json between the file and the root leads there: it stands elsewhere than the types. */
function governed(path: string, root: string, files: Files): boolean {
  for (let at = path.lastIndexOf("/"); at > root.length; at = path.lastIndexOf("/", at - 1))
    if (files.read(`${path.slice(0, at)}/tsconfig.json`) !== undefined) return true;
  return false;
}

/** What `extends`, and `paths` and `rootDirs` where the project's own hide those that it extends, still lack. */
function extendingEdits(path: string, text: string): SettingsFix["edits"] {
  const [settings] = ts.parseJsonText(path, text).statements;
  const whole = settings?.expression;
  if (!whole || !ts.isObjectLiteralExpression(whole)) return [];
  const edits: { span: Span; text: string }[] = [];
  const put = (start: number, end: number, written: string) =>
    edits.push({ span: { path, start, end }, text: written });
  const own = '"./.millrace/tsconfig.json"';
  // The first place in braces or brackets, whatever stands before them.
  const first = ({ pos }: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression) => afterTrivia(text, pos) + 1;

  const options = member(whole, "compilerOptions");
  if (options && ts.isObjectLiteralExpression(options)) {
    const paths = member(options, "paths");
    if (paths && ts.isObjectLiteralExpression(paths) && !member(paths, "millrace"))
      put(
        first(paths),
        first(paths),
        ` "millrace": ["./.millrace/types/millrace.d.ts"]${paths.properties.length > 0 ? "," : " "}`,
      );
    const roots = member(options, "rootDirs");
    if (roots && ts.isArrayLiteralExpression(roots) && !roots.elements.some((each) => names(each, ".millrace/types")))
      put(first(roots), first(roots), `"./.millrace/types"${roots.elements.length > 0 ? ", " : ""}`);
  }
  const extended = member(whole, "extends");
  if (!extended) put(first(whole), first(whole), `\n  "extends": ${own}${whole.properties.length > 0 ? "," : "\n"}`);
  else if (ts.isArrayLiteralExpression(extended)) {
    if (!extended.elements.some((each) => names(each, ".millrace/tsconfig")))
      put(extended.end - 1, extended.end - 1, `${extended.elements.length > 0 ? ", " : ""}${own}`);
  } else if (!names(extended, ".millrace/tsconfig"))
    put(
      afterTrivia(text, extended.pos),
      extended.end,
      `[${text.slice(afterTrivia(text, extended.pos), extended.end)}, ${own}]`,
    );
  return edits.sort((a, b) => b.span.start - a.span.start);
}

function afterTrivia(text: string, pos: number): number {
  const [, last] = [...(ts.getLeadingCommentRanges(text, pos) ?? [])].slice(-1).flatMap((each) => [each.pos, each.end]);
  const from = last ?? pos;
  return from + (/\S/.exec(text.slice(from))?.index ?? 0);
}

function member(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const found = object.properties.find(
    (each): each is ts.PropertyAssignment =>
      ts.isPropertyAssignment(each) && ts.isStringLiteral(each.name) && each.name.text === name,
  );
  return found?.initializer;
}

function names(node: ts.Expression, part: string): boolean {
  return ts.isStringLiteral(node) && node.text.includes(part);
}
