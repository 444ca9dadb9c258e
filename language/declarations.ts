/**
 * Types of Python and compiled components for TypeScript, as text: what `import { train } from
 * "./steps.py"` means to the compiler. `types-folder.ts` puts them on the disk.
 */
import type { Definition } from "./analyze.ts";
import type { ValueType } from "./graph/model.ts";
import { lineStarts, positionAt, type Files, type Span } from "./source.ts";
import type { ArtifactSpec, ParameterSpec, ParameterType } from "./spec/types.ts";

export interface Declarations {
  readonly text: string;
  /** Source map, version 3: leads *go to definition* from a name to its place in the file. */
  readonly map: string;
}

/** `steps.py` → `steps.d.py.ts`, as TypeScript's `allowArbitraryExtensions` looks for it. */
export function declarationPath(path: string): string {
  const [, stem = path, ending = ""] = /^(.*)\.([^.]+)$/.exec(path) ?? [];
  return `${stem}.d.${ending}.ts`;
}

/** Declarations of what a file defines, for `target`, where `source` is the file as seen from there. */
export function declarationsOf(
  path: string,
  definitions: readonly Definition[],
  files: Files,
  source: string,
): Declarations {
  const isCompiled = !path.endsWith(".py");
  const used = new Set(["Component"]);
  const declared = (isCompiled ? definitions.slice(0, 1) : definitions).flatMap((definition) => [
    comment(definition.description, "\n"),
    isCompiled ? "declare const " : "export declare const ",
    { name: isCompiled ? "component" : definition.symbol, span: definition.nameSpan },
    ": ",
    ...typeOf(definition, used),
    isCompiled ? ";\nexport default component;\n\n" : ";\n\n",
  ]);
  const names = [...used].sort().map((name) => `type ${name}`);
  const file = path.slice(path.lastIndexOf("/") + 1);
  const head = `// Made by Millrace from ${file}; every edit there makes it anew.\nimport { ${names.join(", ")} } from "millrace";\n\n`;
  return mapped([head, ...declared], path, files, source);
}

/** Settings that a TypeScript project extends, as `.millrace/tsconfig.json`. */
export const typesConfig = {
  compilerOptions: {
    allowArbitraryExtensions: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    rootDirs: ["..", "./types"],
    paths: { millrace: ["./types/millrace.d.ts"] },
  },
};

/** The tsconfig.json of a new project. */
export const newSettings = `{
  "extends": "./.millrace/tsconfig.json",
  "compilerOptions": {
    "target": "es2023",
    "module": "nodenext",
    "strict": true
  }
}
`;

/**
 * The folder whose `.millrace/types` a TypeScript file gets its types from: that which the nearest
 * tsconfig.json extends, else that of the tsconfig.json, else the workspace's own. Undefined for
 * a file outside of every workspace folder, where nothing is to be written.
 */
export function typesRoot(path: string, files: Files, folders: readonly string[]): string | undefined {
  const inside = folders.filter((folder) => path.startsWith(`${folder}/`));
  const workspace = inside.sort((a, b) => b.length - a.length)[0];
  if (workspace === undefined) return undefined;
  for (let folder = parent(path); folder.length >= workspace.length; folder = parent(folder)) {
    const config = files.read(`${folder}/tsconfig.json`);
    if (config === undefined) continue;
    const extended = /"([^"]*?)\/?\.millrace\/tsconfig(?:\.json)?"/.exec(config)?.[1] ?? ".";
    const root = joined(folder, extended);
    return inside.some((each) => root === each || root.startsWith(`${each}/`)) ? root : undefined;
  }
  return workspace;
}

/** Files of other languages that a TypeScript text imports, as paths. */
export function importedComponents(path: string, text: string): readonly string[] {
  const found = [
    ...text.matchAll(/\b(?:from|import|require\s*\(|yaml\s*\()\s*["'](\.[^"'\n]*\.(?:py|ya?ml|json))["']/g),
  ];
  return [...new Set(found.map(([, relative = ""]) => joined(parent(path), relative)))];
}

export function joined(folder: string, relative: string): string {
  const parts = folder.split("/");
  for (const part of relative.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/") || "/";
}

export const parent = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** Text, or a name that leads to a place. */
type Part = string | { readonly name: string; readonly span: Span | undefined };

function typeOf(definition: Definition, used: Set<string>): Part[] {
  const component = definition.component?.();
  const inputs = new Map(component?.inputs.map((each) => [each.name, each]));
  const outputs = new Map(component?.outputs.map((each) => [each.name, each]));
  const members = (
    { parameters = {}, artifacts = {} }: Definition["inputs"],
    known: typeof outputs,
    areInputs: boolean,
  ) => [
    ...Object.entries(artifacts).map(([name, spec]) =>
      member(
        name,
        artifactType(spec, used),
        areInputs && spec.isOptional === true,
        spec.description,
        known.get(name)?.span,
      ),
    ),
    ...Object.entries(parameters).map(([name, spec]) =>
      member(
        name,
        parameterType(spec, known.get(name)?.type, used),
        areInputs && (spec.isOptional === true || spec.defaultValue !== undefined),
        spec.description,
        known.get(name)?.span,
      ),
    ),
  ];
  return [
    "Component<",
    ...listed(members(definition.inputs, inputs, true), "{}"),
    ", ",
    ...listed(members(definition.outputs, outputs, false), "void"),
    ">",
  ];
}

function listed(members: readonly Part[][], none: string): Part[] {
  if (members.length === 0) return [none];
  return ["{ ", ...members.flatMap((each, index) => (index > 0 ? ["; ", ...each] : each)), " }"];
}

function member(
  name: string,
  type: string,
  isOptional: boolean,
  description: string | undefined,
  span: Span | undefined,
): Part[] {
  // The one output of a bare value is `Output` in the spec and `output` in TypeScript.
  const own = name === "Output" ? "output" : /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  return [comment(description?.replace(/\s+/g, " "), " "), { name: own, span }, `${isOptional ? "?" : ""}: ${type}`];
}

function comment(text: string | undefined, after: string): string {
  return text ? `/** ${text.replaceAll("*/", "* /").trim()} */${after}` : "";
}

const parameterTypes: Readonly<Record<ParameterType, string>> = {
  STRING: "string",
  NUMBER_INTEGER: "Int",
  NUMBER_DOUBLE: "number",
  BOOLEAN: "boolean",
  LIST: "readonly any[]",
  STRUCT: "{ readonly [key: string]: any }",
  TASK_FINAL_STATUS: "FinalStatus",
  TASK_CONFIG: "TaskConfig",
};

function parameterType(
  { parameterType: type, literals }: ParameterSpec,
  known: ValueType | undefined,
  used: Set<string>,
): string {
  if (literals && literals.length > 0) return literals.map((each) => JSON.stringify(each)).join(" | ");
  return valueType(known?.kind === "parameter" && known.type === type ? known : { kind: "parameter", type }, used);
}

/**
 * The spec says LIST; of what is known only where the Python annotation stands: `list[int]`. A struct's values
 * stay `any`: with a type, each would be perhaps undefined under `noUncheckedIndexedAccess`.
 */
function valueType(type: ValueType, used: Set<string>): string {
  if (type.kind === "artifact") return artifactType({ artifactType: type.type, isArtifactList: type.list }, used);
  if (type.literals && type.literals.length > 0) return type.literals.map((each) => JSON.stringify(each)).join(" | ");
  if (type.element && type.type === "LIST") {
    const element = valueType(type.element, used);
    return `readonly ${/[|{ ]/.test(element) ? `(${element})` : element}[]`;
  }
  const written = parameterTypes[type.type];
  if (/^[A-Z]/.test(written)) used.add(written);
  return written;
}

const artifactNames = new Set(
  "Artifact Dataset Model Metrics ClassificationMetrics SlicedClassificationMetrics HTML Markdown".split(" "),
);

function artifactType({ artifactType: type, isArtifactList }: ArtifactSpec, used: Set<string>): string {
  const [, title = ""] = /^system\.(.*)$/.exec(type.schemaTitle ?? "") ?? [];
  const name = artifactNames.has(title) ? title : "Artifact";
  used.add(name);
  return isArtifactList ? `readonly ${name}[]` : name;
}

// ── Source map ──────────────────────────────────────────────────────────────

function mapped(parts: readonly Part[], path: string, files: Files, source: string): Declarations {
  const starts = lineStarts(files.read(path) ?? "");
  const lines: string[][] = [[]];
  let text = "";
  let column = 0;
  let before = { column: 0, sourceLine: 0, sourceColumn: 0 };
  const mark = (at: number, offset: number): void => {
    const { line, character } = positionAt(starts, offset);
    const mappings = lines.at(-1) ?? [];
    const first = mappings.length === 0 ? at : at - before.column;
    mappings.push([first, 0, line - before.sourceLine, character - before.sourceColumn].map(vlq).join(""));
    before = { column: at, sourceLine: line, sourceColumn: character };
  };
  for (const part of parts) {
    const written = typeof part === "string" ? part : part.name;
    // Where a name begins and where it ends: both ends of a range lead somewhere.
    if (typeof part !== "string" && part.span?.path === path) {
      mark(column, part.span.start);
      mark(column + written.length, part.span.start + part.name.length);
    }
    text += written;
    for (let at = written.indexOf("\n"); at >= 0; at = written.indexOf("\n", at + 1)) lines.push([]);
    column = written.includes("\n") ? written.length - written.lastIndexOf("\n") - 1 : column + written.length;
  }
  const target = declarationPath(path.slice(path.lastIndexOf("/") + 1));
  const map = {
    version: 3,
    file: target,
    sources: [source],
    names: [],
    mappings: lines.map((each) => each.join(",")).join(";"),
  };
  return { text: `${text.trimEnd()}\n//# sourceMappingURL=${target}.map\n`, map: `${JSON.stringify(map)}\n` };
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A number of a source map: base 64 digits of five bits, the sign last. */
function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const five = rest & 31;
    rest >>>= 5;
    text += digits[rest > 0 ? five | 32 : five] ?? "";
  } while (rest > 0);
  return text;
}
