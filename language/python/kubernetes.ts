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
  if (name === "pod_affinity" || name === "enable_shared_memory") return undefined; // In the spec, but not in the SDK.
  if (!Object.hasOwn(settings, method)) return undefined;
  return builtin(name, (given) => {
    const [first, ...positional] = given.positional;
    const keywords = new Map(given.keywords);
    const task = first ?? keywords.get("task");
    if (first === undefined) keywords.delete("task");
    const value = task?.value ?? null;
    if (value instanceof TaskValue) return value.configure(method, { positional, keywords, span: given.span });
    const span = task?.span ?? given.span;
    if (isUnknown(value)) context.machine.report(diagnose("not-known", span, "the task set up here", value.reason));
    else if (!(value instanceof Refused))
      context.machine.report(diagnose("wrong-value", span, `The task of ${name}`, `a task, not a ${typeName(value)}`));
    return value;
  });
}

function input(name: string, type: ParameterType, standard?: string | null): InputDefinition {
  return {
    name,
    type: { kind: "parameter", type },
    optional: standard !== undefined,
    ...(typeof standard === "string" && { defaultValue: standard }),
    ...(descriptions[name] !== undefined && { description: descriptions[name] }),
  };
}

/** What the SDK writes of each input into the spec of the two components. */
const descriptions: Readonly<Record<string, string>> = {
  access_modes: "Values for ``PersistentVolumeClaim.spec.accessModes``.",
  size: "The size of storage requested by the PVC that will be\nprovisioned. For example, ``'5Gi'``. Corresponds to\n`PersistentVolumeClaim.spec.resources.requests.storage\n<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaimSpec>`_.",
  pvc_name:
    "Name of the PVC. Corresponds to\n`PersistentVolumeClaim.metadata.name\n<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaim>`_.\nOnly one of ``pvc_name`` and ``pvc_name_suffix`` can be provided.",
  pvc_name_suffix:
    "Prefix to use for a dynamically generated name, which\nwill take the form ``<argo-workflow-name>-<pvc_name_suffix>``. Only\none of ``pvc_name`` and ``pvc_name_suffix`` can be provided.",
  storage_class_name:
    "Name of StorageClass from which to provision the PV\nto back the PVC. ``None`` indicates to use the cluster's default\nstorage_class_name. Set to ``''`` for a statically specified PVC.",
  volume_name:
    "Pre-existing PersistentVolume that should back the\nprovisioned PersistentVolumeClaim. Used for statically\nspecified PV only. Corresponds to\n`PersistentVolumeClaim.spec.volumeName\n<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaimSpec>`_.",
  annotations:
    "Annotations for the PVC's metadata. Corresponds to\n`PersistentVolumeClaim.metadata.annotations\n<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaim>`_.",
  data_source:
    "Specifies the data source for the PVC. This can be used to\ncreate a PVC from a VolumeSnapshot or to clone an existing PVC.\nShould be a dictionary with ``'apiGroup'``, ``'kind'``, and\n``'name'`` keys. For example:\n``{'apiGroup': 'snapshot.storage.k8s.io', 'kind': 'VolumeSnapshot', 'name': 'my-snapshot'}``.\nCorresponds to `PersistentVolumeClaim.spec.dataSource\n<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaimSpec>`_.",
};

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

const deletePvcName =
  "Name of the PVC to delete. Supports passing a runtime-generated name, such as a name provided by ``kubernetes.CreatePvcOp().outputs['name']``.";

const deletePvc: Component = {
  name: "deletepvc",
  inputs: [{ ...input("pvc_name", "STRING"), description: deletePvcName }],
  outputs: [],
  implementation: { kind: "container", container: { image: "argostub/deletepvc" } },
};
