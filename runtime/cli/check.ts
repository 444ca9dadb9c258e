import { dirname } from "node:path";
import { analyzeOnDisk } from "../compile/compile-file.ts";
import { findWorkspace } from "../store/workspace.ts";
import { describe, UserError } from "../user-error.ts";
import { command } from "./command.ts";
import { diagnosticLine, place } from "./diagnostics.ts";
import { pythonHelp, pythonOptions, withPython } from "./with-python.ts";

export const check = command({
  usage: "check FILE...",
  options: { "python-path": { type: "string", multiple: true }, ...pythonOptions },
  help: [["--python-path DIR", "another import root; may be repeated"], ...pythonHelp],
  examples: ["check samples/churn/pipeline.py", "check --json *.py"],
  arity: [1, Number.POSITIVE_INFINITY],
  async run({ args, options, terminal, signal }) {
    const found = [];
    const empty: string[] = [];
    let worst = 0;
    for (const path of args) {
      const roots = [findWorkspace(dirname(path)).root, ...(options["python-path"] ?? [])];
      try {
        const chosen = { roots, ...withPython(path, options, roots, terminal, signal) };
        const { diagnostics, definitions } = await analyzeOnDisk(path, chosen);
        found.push(...place(diagnostics));
        if (definitions.length === 0 && diagnostics.length === 0) empty.push(path);
      } catch (error) {
        // One that cannot be read keeps nothing from being said of the others.
        if (!(error instanceof UserError) || args.length === 1) throw error;
        terminal.complain(`${terminal.paintError("red", "error:")} ${describe(error)}`);
        worst = Math.max(worst, error.exit);
      }
    }
    if (terminal.json) terminal.document(found);
    else {
      for (const path of empty) terminal.note(`${path} has no pipeline or component in it.`);
      for (const diagnostic of found) terminal.out(diagnosticLine(diagnostic, terminal, terminal.paint));
      if (found.length === 0 && worst === 0)
        terminal.note(args.length === 1 ? "No problems." : `No problems in ${args.length} files.`);
    }
    return Math.max(worst, found.some(({ severity }) => severity === "error") ? 2 : 0);
  },
});
