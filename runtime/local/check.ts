import type { ComponentSpec, PipelinePackage } from "../../language/spec/types.ts";
import { UserError } from "../user-error.ts";

/**
 * Throws UserError (exit 2) where a package refers to a component or an executor
 * that it does not hold, or holds itself: a compiler never writes that, a hand may. Or where a group has no step, which
 * the SDK writes and no KFP server runs.
 */
export function checkPackage({ spec }: PipelinePackage): void {
  const fail = (what: string): never => {
    throw new UserError("spec", `The compiled pipeline ${spec.pipelineInfo.name} is not valid: ${what}.`, {
      exit: 2,
      action: "Compile it again.",
    });
  };
  const check = (component: ComponentSpec, name: string, outer: readonly string[]): void => {
    if (outer.includes(name)) fail(`component ${name} contains itself`);
    const { dag, executorLabel } = component;
    if (dag === undefined && executorLabel === undefined) {
      throw new UserError("spec", `The group ${name.replace(/^comp-/, "")} has no step in it.`, {
        exit: 2,
        action: "Give it one, or take it out: KFP's server does not run such a pipeline either.",
      });
    }
    if (dag === undefined) {
      const executor = spec.deploymentSpec.executors?.[executorLabel ?? ""];
      if (executor === undefined)
        fail(`component ${name} refers to executor ${executorLabel ?? "none"}, which is not there`);
      else if (!executor.container && !executor.importer)
        fail(`executor ${executorLabel ?? ""} is neither a container nor an importer`);
      return;
    }
    for (const [task, { componentRef }] of Object.entries(dag.tasks)) {
      const inner = spec.components?.[componentRef.name];
      if (inner === undefined) fail(`task ${task} refers to component ${componentRef.name}, which is not there`);
      else check(inner, componentRef.name, [...outer, name]);
    }
  };
  check(spec.root, "root", []);
}
