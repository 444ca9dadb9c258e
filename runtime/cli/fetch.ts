import { fetchComponent } from "../compile/fetch-component.ts";
import { findWorkspace } from "../store/workspace.ts";
import { command } from "./command.ts";

export const fetchCommand = command({
  usage: "fetch URL...",
  options: {},
  help: [],
  examples: ["fetch https://raw.githubusercontent.com/OWNER/REPOSITORY/main/component.yaml"],
  arity: [1, Number.POSITIVE_INFINITY],
  async run({ args, options, terminal, signal }) {
    const workspace = findWorkspace(options.workspace ?? process.cwd());
    const fetched = [];
    for (const url of args) {
      const path = await fetchComponent(url, workspace, signal);
      fetched.push({ url, path });
      if (!terminal.json) terminal.out(path);
    }
    if (terminal.json) terminal.document(fetched);
    return 0;
  },
});
