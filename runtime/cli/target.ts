import { resolve } from "node:path";
import type { Targets } from "../protocol.ts";
import { addTarget, chooseTarget, readTargets, removeTarget } from "../run/targets.ts";
import { findWorkspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { command } from "./command.ts";
import { type Terminal, table } from "./terminal.ts";

export const target = command({
  usage: "target [list | add NAME | remove NAME | use NAME]",
  options: { kubeconfig: { type: "string" }, context: { type: "string" }, namespace: { type: "string", short: "n" } },
  help: [
    [
      "--kubeconfig FILE",
      "of `add`: where the cluster's address and login are; KUBECONFIG or ~/.kube/config otherwise",
    ],
    ["--context NAME", "of `add`: which context of it; its current one otherwise"],
    ["-n, --namespace NAME", "of `add`: where runs go in the cluster"],
  ],
  examples: ["target", "target add dev --context minikube --namespace kubeflow", "target use dev", "target remove dev"],
  arity: [0, 2],
  run: ({ args: [verb = "list", name], options, terminal }) => {
    const workspace = findWorkspace(options.workspace ?? process.cwd());
    if (verb === "list") {
      list(readTargets(workspace), terminal);
      return 0;
    }
    if (name === undefined)
      throw new UserError("usage", `millrace target ${verb} needs a name.`, {
        action: "See millrace target --help.",
        exit: 2,
      });
    switch (verb) {
      case "add": {
        const { kubeconfig, context, namespace } = options;
        addTarget(workspace, {
          name,
          kind: "kubernetes",
          ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(kubeconfig) }),
          ...(context === undefined ? {} : { context }),
          ...(namespace === undefined ? {} : { namespace }),
        });
        terminal.note(`Target ${name} was added. See whether it can be reached: millrace doctor --target ${name}.`);
        return 0;
      }
      case "remove":
        removeTarget(workspace, name);
        terminal.note(`Target ${name} was removed.`);
        return 0;
      case "use":
        chooseTarget(workspace, name);
        terminal.note(`Runs that say nothing go to ${name}.`);
        return 0;
      default:
        throw new UserError("usage", `millrace target cannot ${verb}.`, {
          action: "It can list, add, remove and use.",
          exit: 2,
        });
    }
  },
});

function list({ all, chosen }: Targets, terminal: Terminal): void {
  if (terminal.json) {
    terminal.document(all.map((known) => ({ ...known, chosen: known.name === chosen })));
    return;
  }
  const rows = all.map((known) => [
    known.name === chosen ? "*" : " ",
    known.name,
    known.kind === "local"
      ? "this machine"
      : `context ${known.context ?? "(current)"}, namespace ${known.namespace ?? "(of the context)"}`,
    known.kubeconfig ?? "",
  ]);
  for (const line of table(rows, Number.POSITIVE_INFINITY)) terminal.out(line.trimEnd());
}
