/** The module `kfp.kubernetes`: functions that set up a task, and the two components for volumes. */
import { settings } from "../graph/configuration.ts";
import { diagnose } from "../diagnostics.ts";
import { createPvc, deletePvc } from "../graph/volume-claims.ts";
import { Refused, TaskValue } from "./channels.ts";
import { ComponentValue } from "./component.ts";
import type { DslContext } from "./context.ts";
import { hasName } from "./sdk-names.ts";
import { builtin, isUnknown, type ModuleValue, typeName, type Value } from "./values.ts";

/** `kfp.kubernetes`, or one of its own modules, where its functions are found as well. */
export function kubernetesModule(context: DslContext, path = "kfp.kubernetes"): ModuleValue {
  const names = new Map<string, Value>();
  return {
    kind: "module",
    name: path,
    path: undefined,
    names,
    lookup: (name) => {
      const known = names.get(name);
      if (known !== undefined) return known;
      const value = member(context, name) ?? ownModule(context, path, name);
      if (value !== undefined) names.set(name, value);
      return value;
    },
  };
}

/** `kubernetes.pod_metadata`: importing the package imports its modules. */
function ownModule({ machine }: DslContext, path: string, name: string): Value | undefined {
  return path === "kfp.kubernetes" && hasName(path, name) ? machine.module(`${path}.${name}`) : undefined;
}

function member(context: DslContext, name: string): Value | undefined {
  if (name === "CreatePVC") return new ComponentValue(context, createPvc);
  if (name === "DeletePVC") return new ComponentValue(context, deletePvc);
  const method = `kubernetes.${name}`;
  if (name === "pod_affinity" || name === "enable_shared_memory") return undefined; // In the spec, but not in the SDK.
  if (!Object.hasOwn(settings, method)) return undefined;
  return builtin(
    name,
    (given) => {
      const [first, ...positional] = given.positional;
      const keywords = new Map(given.keywords);
      const task = first ?? keywords.get("task");
      if (first === undefined) keywords.delete("task");
      const value = task?.value ?? null;
      if (value instanceof TaskValue) return value.configure(method, { positional, keywords, span: given.span });
      const span = task?.span ?? given.span;
      if (isUnknown(value)) context.machine.report(diagnose("not-known", span, "the task set up here", value.reason));
      else if (!(value instanceof Refused))
        context.machine.report(
          diagnose("wrong-value", span, `The task of ${name}`, `a task, not a ${typeName(value)}`),
        );
      return value;
    },
    method,
  );
}
