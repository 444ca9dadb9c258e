/** The module `kfp.kubernetes`: functions that set up a task, and the two components for volumes. */
import { settings } from "../graph/configuration.ts";
import { diagnose } from "../diagnostics.ts";
import type { Component, InputDefinition } from "../graph/model.ts";
import type { ParameterType } from "../spec/types.ts";
import { Refused, TaskValue } from "./channels.ts";
import { ComponentValue } from "./component.ts";
import type { DslContext } from "./context.ts";
import { builtin, isUnknown, type ModuleValue, typeName, type Value } from "./values.ts";

export function kubernetesModule(context: DslContext): ModuleValue {
  const names = new Map<string, Value>();
  return {
    kind: "module",
    name: "kfp.kubernetes",
    path: undefined,
    names,
    lookup: (name) => {
      const known = names.get(name);
      if (known !== undefined) return known;
      const value = member(context, name);
      if (value !== undefined) names.set(name, value);
      return value;
    },
  };
}

function member(context: DslContext, name: string): Value | undefined {
  if (name === "CreatePVC") return new ComponentValue(context, createPvc);
  if (name === "DeletePVC") return new ComponentValue(context, deletePvc);
  const method = `kubernetes.${name}`;
  if (!Object.hasOwn(settings, method)) return undefined;
  return builtin(name, (given) => {
    const [first, ...positional] = given.positional;
    const keywords = new Map(given.keywords);
    const task = first ?? keywords.get("task");
    if (first === undefined) keywords.delete("task");
    const value = task?.value ?? null;
    if (value instanceof TaskValue) return value.configure(method, { positional, keywords, span: given.span });
    const span = task?.span ?? given.span;
    if (isUnknown(value)) context.machine.report(diagnose("not-known", span, "which task this sets up", value.reason));
    else if (!(value instanceof Refused)) context.machine.report(diagnose("wrong-value", span, `The task of ${name}`, `a task, not a ${typeName(value)}`));
    return value;
  });
}

function input(name: string, type: ParameterType, standard?: string | null): InputDefinition {
  return {
    name,
    type: { kind: "parameter", type },
    optional: standard !== undefined,
    ...(typeof standard === "string" && { defaultValue: standard }),
  };
}

const createPvc: Component = {
  name: "createpvc",
  inputs: [
    input("access_modes", "LIST"),
    input("size", "STRING"),
    input("pvc_name", "STRING", null),
    input("pvc_name_suffix", "STRING", null),
    input("storage_class_name", "STRING", ""),
    input("volume_name", "STRING", null),
    input("annotations", "STRUCT", null),
    input("data_source", "STRUCT", null),
  ],
  outputs: [{ name: "name", type: { kind: "parameter", type: "STRING" } }],
  implementation: { kind: "container", container: { image: "argostub/createpvc" } },
};

const deletePvc: Component = {
  name: "deletepvc",
  inputs: [input("pvc_name", "STRING")],
  outputs: [],
  implementation: { kind: "container", container: { image: "argostub/deletepvc" } },
};
