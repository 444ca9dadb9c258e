import { dirname } from "node:path";
import { analyzeOnDisk } from "../compile/compile-file.ts";
import { findWorkspace } from "../store/workspace.ts";
import { command } from "./command.ts";
import { diagnosticLine, place } from "./diagnostics.ts";

export const check = command({
  usage: "check FILE...",
  options: { "python-path": { type: "string", multiple: true } },
  help: [["--python-path DIR", "another import root; may be repeated"]],
  examples: ["check samples/churn/pipeline.py", "check --json *.py"],
  arity: [1, Number.POSITIVE_INFINITY],
  async run({ args, options, terminal }) {
    const found = [];
    for (const path of args) {
      const roots = [findWorkspace(dirname(path)).root, ...(options["python-path"] ?? [])];
      found.push(...place((await analyzeOnDisk(path, { roots })).diagnostics));
    }
    if (terminal.json) terminal.document(found);
    else {
      for (const diagnostic of found) terminal.out(diagnosticLine(diagnostic, terminal, terminal.paint));
      if (found.length === 0)
        terminal.note(args.length === 1 ? "No problems." : `No problems in ${args.length} files.`);
    }
    return found.some(({ severity }) => severity === "error") ? 2 : 0;
  },
});
