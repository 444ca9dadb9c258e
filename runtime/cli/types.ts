import { writeDeclarations } from "../compile/declarations.ts";
import { diskFiles } from "../compile/disk.ts";
import { findWorkspace, makeFolder, workspaceAt } from "../store/workspace.ts";
import { command } from "./command.ts";
import { shownPath } from "./diagnostics.ts";

export const types = command({
  usage: "types [DIR]",
  options: {},
  help: [],
  examples: ["types", "types pipelines --json"],
  arity: [0, 1],
  async run({ args: [folder], options, terminal }) {
    const workspace = folder === undefined ? findWorkspace(options.workspace ?? process.cwd()) : workspaceAt(folder);
    makeFolder(workspace);
    const written = await writeDeclarations(workspace.root, diskFiles());
    if (terminal.json) terminal.document(written);
    else for (const path of written) terminal.out(shownPath(path));
    return 0;
  },
});
