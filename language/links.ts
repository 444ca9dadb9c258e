import { languageOf } from "./analyze-file.ts";
import type { Files, Span } from "./source.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Where go to definition leads in TypeScript: from `"./steps.py"` to the file, and from a name to the Python or
 * compiled component of that name in a file that is imported. Else undefined.
 */
export async function linkedPlace(
  path: string,
  text: string,
  offset: number,
  files: Files,
  workspace: Workspace,
): Promise<Span | undefined> {
  if (languageOf(path) !== "typescript") return undefined;
  const file = importAt(text, offset);
  if (file !== undefined) {
    const target = join(path.slice(0, path.lastIndexOf("/")), file);
    return files.read(target) === undefined ? undefined : { path: target, start: 0, end: 0 };
  }
  const symbol = wordAt(text, offset, /[\w$]/);
  if (symbol === "") return undefined;
  await workspace.analysis(path);
  for (const source of workspace.sources(path)) {
    if (source === path || languageOf(source) === "typescript" || files.read(source) === undefined) continue;
    const { definitions } = await workspace.analysis(source);
    const found = definitions.find((definition) => definition.symbol === symbol);
    if (found) return found.nameSpan;
  }
  return undefined;
}

function wordAt(text: string, offset: number, part: RegExp): string {
  let [start, end] = [offset, offset];
  while (start > 0 && part.test(text[start - 1] ?? "")) start--;
  while (end < text.length && part.test(text[end] ?? "")) end++;
  return text.slice(start, end);
}

/** The path of the import whose quotes are around an offset. */
function importAt(text: string, offset: number): string | undefined {
  const from = text.lastIndexOf("\n", offset - 1) + 1;
  const to = text.indexOf("\n", offset);
  const line = text.slice(from, to < 0 ? text.length : to);
  for (const match of line.matchAll(/["'](\.[^"']*\.(?:py|ya?ml|json))["']/g)) {
    const start = from + match.index;
    if (start <= offset && offset <= start + match[0].length) return match[1];
  }
  return undefined;
}

function join(folder: string, relative: string): string {
  const parts = folder.split("/");
  for (const part of relative.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
