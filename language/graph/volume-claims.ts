/**
 * CreatePVC and DeletePVC of kfp.kubernetes (`kfp/kubernetes/volume.py`, 2.17.0): container
 * components that the driver performs itself; no pod runs. Their descriptions are part of the
 * bytes that the SDK writes, which is why they stand here word for word.
 */
import type { Component, InputDefinition } from "./model.ts";
import type { ParameterType } from "../spec/types.ts";

const reference =
  "<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaim";

function input(name: string, type: ParameterType, optional: boolean, ...description: string[]): InputDefinition {
  return { name, type: { kind: "parameter", type }, optional, description: description.join("\n") };
}

export const createPvc: Component = {
  name: "createpvc",
  inputs: [
    input(
      "pvc_name",
      "STRING",
      true,
      "Name of the PVC. Corresponds to",
      "`PersistentVolumeClaim.metadata.name",
      `${reference}>\`_.`,
      "Only one of ``pvc_name`` and ``pvc_name_suffix`` can be provided.",
    ),
    input(
      "pvc_name_suffix",
      "STRING",
      true,
      "Prefix to use for a dynamically generated name, which",
      "will take the form ``<argo-workflow-name>-<pvc_name_suffix>``. Only",
      "one of ``pvc_name`` and ``pvc_name_suffix`` can be provided.",
    ),
    input("access_modes", "LIST", false, "Values for ``PersistentVolumeClaim.spec.accessModes``."),
    input(
      "size",
      "STRING",
      false,
      "The size of storage requested by the PVC that will be",
      "provisioned. For example, ``'5Gi'``. Corresponds to",
      "`PersistentVolumeClaim.spec.resources.requests.storage",
      `${reference}Spec>\`_.`,
    ),
    {
      ...input(
        "storage_class_name",
        "STRING",
        true,
        "Name of StorageClass from which to provision the PV",
        "to back the PVC. ``None`` indicates to use the cluster's default",
        "storage_class_name. Set to ``''`` for a statically specified PVC.",
      ),
      defaultValue: "",
    },
    input(
      "volume_name",
      "STRING",
      true,
      "Pre-existing PersistentVolume that should back the",
      "provisioned PersistentVolumeClaim. Used for statically",
      "specified PV only. Corresponds to",
      "`PersistentVolumeClaim.spec.volumeName",
      `${reference}Spec>\`_.`,
    ),
    input(
      "annotations",
      "STRUCT",
      true,
      "Annotations for the PVC's metadata. Corresponds to",
      "`PersistentVolumeClaim.metadata.annotations",
      `${reference}>\`_.`,
    ),
    input(
      "data_source",
      "STRUCT",
      true,
      "Specifies the data source for the PVC. This can be used to",
      "create a PVC from a VolumeSnapshot or to clone an existing PVC.",
      "Should be a dictionary with ``'apiGroup'``, ``'kind'``, and",
      "``'name'`` keys. For example:",
      "``{'apiGroup': 'snapshot.storage.k8s.io', 'kind': 'VolumeSnapshot', 'name': 'my-snapshot'}``.",
      "Corresponds to `PersistentVolumeClaim.spec.dataSource",
      `${reference}Spec>\`_.`,
    ),
  ],
  outputs: [{ name: "name", type: { kind: "parameter", type: "STRING" } }],
  implementation: { kind: "container", container: { image: "argostub/createpvc" } },
};

export const deletePvc: Component = {
  name: "deletepvc",
  inputs: [
    input(
      "pvc_name",
      "STRING",
      false,
      "Name of the PVC to delete. Supports passing a runtime-generated name, such as a name provided by ``kubernetes.CreatePvcOp().outputs['name']``.",
    ),
  ],
  outputs: [],
  implementation: { kind: "container", container: { image: "argostub/deletepvc" } },
};
