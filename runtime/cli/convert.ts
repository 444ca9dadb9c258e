import { basename, dirname, resolve } from "node:path";
import type { Analysis } from "../../language/analyze.ts";
import { analyzeFile } from "../../language/analyze-file.ts";
import { convertPipeline } from "../../language/convert/pipeline.ts";
import { difference } from "../../language/convert/same-spec.ts";
import { type Files, lineStarts, positionAt, type Span } from "../../language/source.ts";
import { compileFile, sdkVersion } from "../compile/compile-file.ts";
import { diskFiles, sourcePath } from "../compile/disk.ts";
import { findWorkspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { command } from "./command.ts";
import { compileHelp, compileOptions, writeResult } from "./compile.ts";
import { shownPath } from "./diagnostics.ts";
import { refusing } from "./refusing.ts";

export const convert = command({
  usage: "convert FILE.py [-o OUT.ts]",
  options: { ...compileOptions, output: { type: "string", short: "o" } },
  help: [["-o, --output OUT.ts", "where to write it; stdout otherwise"], ...compileHelp],
  examples: ["convert pipeline.py -o pipeline.ts"],
  arity: [1, 1],
  run: ({ args: [path = ""], options, terminal }) =>
    refusing(terminal, async () => {
      const files = diskFiles();
      const roots = [findWorkspace(dirname(path)).root, ...(options["python-path"] ?? [])];
      const { definition, path: source } = await compileFile(path, { pipeline: options.pipeline, roots, files });
      if (definition.kind !== "pipeline" || !source.endsWith(".py"))
        throw new UserError("not-converted", `${path} has no Python pipeline to convert.`, { exit: 2 });

      const analyses = new Map<string, Analysis>();
      const analyzeOptions = {
        sdkVersion: options["sdk-version"] ?? sdkVersion,
        roots: roots.map((root) => sourcePath(resolve(root))),
        env: {},
      };
      const analyze = async (file: string): Promise<void> => {
        if (!analyses.has(file)) analyses.set(file, await analyzeFile(file, files, analyzeOptions));
      };
      // The definition of an analysis of our own: its components are known by identity.
      await analyze(sourcePath(source));
      const own = analyses.get(sourcePath(source))?.definitions.find(({ symbol }) => symbol === definition.symbol);
      for (const task of own?.graph?.tasks ?? []) if (task.component.span) await analyze(task.component.span.path);
      const out = options.output;
      const target = sourcePath(resolve(out ?? source.replace(/\.py$/, ".ts")));
      const conversion = convertPipeline(own ?? definition, (file) => analyses.get(file)?.definitions ?? [], target);
      if (conversion.kind === "unfit") {
        throw new UserError(
          "not-converted",
          `"${definition.symbol}" cannot be written in TypeScript: ${conversion.reason}${conversion.span ? ` (${lineOf(conversion.span, files)})` : ""}.`,
          {
            action: "It stays as it is: TypeScript pipelines can call it, imported from its file.",
            exit: 2,
          },
        );
      }
      const { text, components } = conversion;
      const written = new Map([[target, text], ...components.map((each) => [each.path, each.text] as const)]);
      const compiled = own?.compile().compiled;
      const differs = compiled && difference(compiled, target, written, files, analyzeOptions);
      if (differs !== undefined)
        throw new UserError(
          "not-converted",
          `"${definition.symbol}" in TypeScript would not be the same: ${differs}.`,
          {
            action: "It stays as it is: TypeScript pipelines can call it, imported from its file.",
            exit: 2,
          },
        );
      if (out !== undefined) {
        for (const each of components) keepOthers(each.path, each.text, files.read(each.path));
        for (const each of components) writeResult(each.path, each.text);
        writeResult(out, text);
      }
      if (terminal.json)
        terminal.document({
          pipeline: definition.name,
          ...(out === undefined
            ? { text, components }
            : { output: out, components: components.map((each) => each.path) }),
        });
      else if (out !== undefined)
        terminal.note([`${out}: ${definition.name}`, ...components.map((each) => each.path)].join("\n"));
      else {
        terminal.write(text);
        if (components.length > 0)
          terminal.note(
            `It imports ${components.map((each) => basename(each.path)).join(", ")}: -o writes them beside it.`,
          );
      }
      return 0;
    }),
});

/** `pipeline.py:12` */
function lineOf({ path, start }: Span, files: Files): string {
  const { line } = positionAt(lineStarts(files.read(path) ?? ""), start);
  return `${shownPath(path)}:${line + 1}`;
}

/** Nobody asked for this file by its name: what is there already stays. */
function keepOthers(path: string, text: string, there: string | undefined): void {
  if (there === undefined || there === text) return;
  throw new UserError("not-converted", `${path} is there already, and it is not the component that is to be written.`, {
    action: "Write to another folder with -o, or move it.",
    exit: 2,
  });
}
