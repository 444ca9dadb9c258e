import { Rejected } from "../compile/compile-file.ts";
import { diagnosticLine, place } from "./diagnostics.ts";
import type { Terminal } from "./terminal.ts";
import { hintAtPython } from "./with-python.ts";

/** What a command answers, or 2 after the reasons why the user's pipeline cannot be compiled. */
export async function refusing(terminal: Terminal, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    const diagnostics = place(error.diagnostics);
    if (terminal.json) terminal.document({ error: { code: "rejected", message: error.message }, diagnostics });
    else for (const diagnostic of diagnostics) terminal.complain(diagnosticLine(diagnostic, terminal));
    hintAtPython(error.diagnostics, terminal);
    return 2;
  }
}
