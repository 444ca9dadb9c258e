import { isWritten, writeTypes } from "../../language/types-folder.ts";
import { workspaceTypes } from "../compile/declarations.ts";
import { diskFiles } from "../compile/disk.ts";
import { findWorkspace, workspaceAt } from "../store/workspace.ts";
import { command } from "./command.ts";
import { shownPath } from "./diagnostics.ts";

export const types = command({
  usage: "types [DIR]",
  options: { check: { type: "boolean" } },
  help: [["--check", "write nothing; exit status 1 and their names where some are not as they are to be"]],
  examples: ["types", "types --check", "types pipelines --json"],
  arity: [0, 1],
  async run({ args: [folder], options, terminal }) {
    const { root } = folder === undefined ? findWorkspace(options.workspace ?? process.cwd()) : workspaceAt(folder);
    const all = await workspaceTypes(root, diskFiles());
    const stale = all.filter((file) => !isWritten(file));
    if (!options.check) writeTypes(root, stale);
    const named = (options.check ? stale : all.filter(({ text }) => text !== undefined))
      .map(({ path }) => path)
      .filter((path) => path.endsWith("ts") || path.endsWith("tsconfig.json"));
    if (terminal.json) terminal.document(named);
    else for (const path of named) terminal.out(shownPath(path));
    if (options.check && stale.length > 0) terminal.complain("Some types are not up to date. Run `millrace types`.");
    return options.check && stale.length > 0 ? 1 : 0;
  },
});
