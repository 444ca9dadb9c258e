import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { compileFile, sdkVersion } from "../compile/compile-file.ts";
import { findWorkspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { command } from "./command.ts";
import { diagnosticLine, place } from "./diagnostics.ts";
import { refusing } from "./refusing.ts";
import { compiledBy, pythonHelp, pythonOptions, withPython } from "./with-python.ts";

export const compileOptions = {
  pipeline: { type: "string" },
  "sdk-version": { type: "string" },
  "python-path": { type: "string", multiple: true },
  ...pythonOptions,
} as const;

export const compileHelp = [
  ["--pipeline NAME", "which one, where the file has several: function, variable, or the pipeline's own name"],
  ["--sdk-version V", `the kfp version that is written into it (${sdkVersion})`],
  ["--python-path DIR", "another import root; may be repeated"],
  ...pythonHelp,
] as const;

export const compile = command({
  usage: "compile FILE [-o OUT.yaml]",
  options: { ...compileOptions, output: { type: "string", short: "o" } },
  help: [["-o, --output OUT.yaml", "where to write it; stdout otherwise"], ...compileHelp],
  examples: ["compile samples/churn/pipeline.py -o churn.yaml", "compile steps.py --pipeline train"],
  arity: [1, 1],
  run: ({ args: [path = ""], options, terminal, signal }) =>
    refusing(terminal, async () => {
      const roots = [findWorkspace(dirname(path)).root, ...(options["python-path"] ?? [])];
      const file = await compileFile(path, {
        pipeline: options.pipeline,
        sdkVersion: options["sdk-version"],
        roots,
        ...withPython(path, options, roots, terminal, signal),
      });
      const { yaml } = file;
      const diagnostics = place(file.diagnostics);
      const out = options.output;
      if (out !== undefined) writeResult(out, yaml);
      if (terminal.json) {
        const { name, symbol, kind } = file.definition;
        terminal.document({
          pipeline: name,
          symbol,
          kind,
          ...(file.definition.byPython ? { byPython: file.definition.byPython } : {}),
          ...(out === undefined ? { yaml } : { output: out }),
          diagnostics,
        });
        return 0;
      }
      for (const diagnostic of diagnostics) terminal.complain(diagnosticLine(diagnostic, terminal));
      if (out === undefined) terminal.write(yaml);
      else terminal.note(`${out}: ${file.definition.name}`);
      if (file.definition.byPython) terminal.note(compiledBy(file.definition.byPython));
      return 0;
    }),
});

/** Writes a file that was asked for by name. */
export function writeResult(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    throw new UserError(
      "cannot-write",
      `Cannot write ${path}: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  }
}
