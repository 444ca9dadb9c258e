/**
 * Types for what a TypeScript pipeline imports: `.millrace/types/<path>/steps.d.py.ts` for a
 * Python file, `component.d.yaml.ts` for a compiled one, `millrace.d.ts` for the language
 * itself, and the `.millrace/tsconfig.json` that leads the compiler to them.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { Definition } from "../../language/analyze.ts";
import { analyzeFile, languageOf } from "../../language/analyze-file.ts";
import type { Files } from "../../language/source.ts";
import type { ArtifactSpec, Definitions, ParameterSpec, ParameterType } from "../../language/spec/types.ts";
import { sdkVersion } from "./compile-file.ts";
import { sourcePath } from "./disk.ts";
import { ownFile } from "./own-file.ts";

/**
 * Writes the declarations of the given Python and YAML files, or of all of the workspace where none
 * are given; gives the paths that are there now. A file that has no component any more loses its own.
 * What is unchanged is not touched, so that watchers stay quiet.
 */
export async function writeDeclarations(
  root: string,
  files: Files,
  paths = importable(root, files),
): Promise<readonly string[]> {
  const types = join(root, ".millrace", "types");
  const written = [
    write(join(root, ".millrace", "tsconfig.json"), `${JSON.stringify(tsconfig, undefined, 2)}\n`),
    write(join(types, "millrace.d.ts"), ownFile("millrace.d.ts")),
  ];
  for (const path of paths) {
    const analysis = await analyzeFile(sourcePath(resolve(path)), files, {
      sdkVersion,
      roots: [sourcePath(resolve(root))],
      env: {},
    });
    const target = join(types, relative(root, declarationPath(path)));
    const isOutside = relative(root, path).startsWith("..");
    if (isOutside || analysis.definitions.length === 0) rmSync(target, { force: true });
    else written.push(write(target, declarationsOf(basename(path), analysis.definitions)));
  }
  return written;
}

/** `steps.py` → `steps.d.py.ts`, as TypeScript's `allowArbitraryExtensions` looks for it. */
export function declarationPath(path: string): string {
  const [, stem = path, ending = ""] = /^(.*)\.([^.]+)$/.exec(path) ?? [];
  return `${stem}.d.${ending}.ts`;
}

/** The text of one file's declarations. */
export function declarationsOf(file: string, definitions: readonly Definition[]): string {
  const isCompiled = !file.endsWith(".py");
  const used = new Set<string>(["Component"]);
  const declared = definitions.map((definition) => {
    const inputs = membersOf(definition.inputs, used, true);
    const outputs = membersOf(definition.outputs, used, false);
    const description = definition.description
      ? `/** ${definition.description.replaceAll("*/", "* /").trim()} */\n`
      : "";
    const type = `Component<${inputs ? `{ ${inputs} }` : "{}"}, ${outputs ? `{ ${outputs} }` : "void"}>`;
    return isCompiled
      ? `${description}declare const component: ${type};\nexport default component;\n`
      : `${description}export declare const ${definition.symbol}: ${type};\n`;
  });
  const head = `// Made by Millrace from ${file}; every edit there makes it anew.\n`;
  const names = [...used].sort().map((name) => `type ${name}`);
  return `${head}import { ${names.join(", ")} } from "millrace";\n\n${(isCompiled ? declared.slice(0, 1) : declared).join("\n")}`;
}

const tsconfig = {
  compilerOptions: {
    allowArbitraryExtensions: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    rootDirs: ["..", "./types"],
    paths: { millrace: ["./types/millrace.d.ts"] },
  },
};

function membersOf({ parameters = {}, artifacts = {} }: Definitions, used: Set<string>, areInputs: boolean): string {
  const members: string[] = [];
  for (const [name, spec] of Object.entries(artifacts))
    members.push(member(name, artifactType(spec, used), areInputs && spec.isOptional, spec.description));
  for (const [name, spec] of Object.entries(parameters)) {
    members.push(
      member(
        name,
        parameterType(spec, used),
        areInputs && (spec.isOptional === true || spec.defaultValue !== undefined),
        spec.description,
      ),
    );
  }
  return members.join("; ");
}

function member(name: string, type: string, optional: boolean | undefined, description: string | undefined): string {
  // The one output of a bare value is `Output` in the spec and `output` in TypeScript.
  const own = name === "Output" ? "output" : /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  const comment = description ? `/** ${description.replaceAll("*/", "* /").replace(/\s+/g, " ")} */ ` : "";
  return `${comment}${own}${optional ? "?" : ""}: ${type}`;
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

function parameterType({ parameterType: type, literals }: ParameterSpec, used: Set<string>): string {
  if (literals && literals.length > 0) return literals.map((each) => JSON.stringify(each)).join(" | ");
  const written = parameterTypes[type];
  if (/^[A-Z]/.test(written)) used.add(written);
  return written;
}

const artifacts = new Set(
  "Artifact Dataset Model Metrics ClassificationMetrics SlicedClassificationMetrics HTML Markdown".split(" "),
);

function artifactType({ artifactType: type, isArtifactList }: ArtifactSpec, used: Set<string>): string {
  const [, title = ""] = /^system\.(.*)$/.exec(type.schemaTitle ?? "") ?? [];
  const name = artifacts.has(title) ? title : "Artifact";
  used.add(name);
  return isArtifactList ? `readonly ${name}[]` : name;
}

/** Python and YAML files of a workspace, hidden folders and installed packages left out. */
function importable(root: string, files: Files): string[] {
  const found: string[] = [];
  const folders = [sourcePath(resolve(root))];
  for (let folder = folders.pop(); folder !== undefined && found.length < 20_000; folder = folders.pop()) {
    for (const name of files.list(folder)) {
      if (name.endsWith("/")) {
        if (!/^\.|^node_modules\/|^__pycache__\/|^dist\/|^venv\//.test(name))
          folders.push(`${folder}/${name.slice(0, -1)}`);
      } else if (mayHoldComponents(`${folder}/${name}`, files)) found.push(`${folder}/${name}`.split("/").join(sep));
    }
  }
  return found.sort();
}

/** A look at the text saves an analysis of every file of the workspace. */
function mayHoldComponents(path: string, files: Files): boolean {
  const language = languageOf(path);
  if (language !== "python" && language !== "yaml") return false;
  const text = files.read(path) ?? "";
  return language === "python" ? /\bkfp\b/.test(text) : text.includes("pipelineInfo");
}

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  if (read(path) !== text) writeFileSync(path, text);
  return path;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
