/**
 * Names of the SDK's public modules that have no part in what a pipeline is, but can be imported: of kfp 2.17.0, by
 * `dir()`, without the standard library's modules that happen to be there. What has a part in one is in `dsl.ts`.
 */
const names: Readonly<Record<string, readonly string[]>> = {
  kfp: words(
    "Client cli client compiler components dsl kubeflow_client kubernetes local os pipeline_spec registry sys version warnings v2",
  ),
  "kfp.dsl": words(
    `Annotated EmbeddedAnnotation InputAnnotation OutputAnnotation T TypeVar os`,
    `base_component component_decorator component_factory component_task_config constants`,
    `container_component_artifact_channel container_component_class container_component_decorator executor`,
    `executor_main for_loop graph_component importer_component importer_node kfp_config`,
    `notebook_component_decorator notebook_helpers pipeline_channel pipeline_config pipeline_context pipeline_task`,
    `placeholders python_component structures task_config task_final_status tasks_group templates types utils`,
    `v1_modelbase v1_structures yaml_component`,
  ),
  "kfp.components": words("base_component load_yaml_utilities placeholders"),
  "kfp.v2": words("compiler components dsl"),
  "kfp.compiler": words("KubernetesManifestOptions compiler compiler_utils pipeline_spec_builder"),
  "kfp.client": words(
    `Client KF_PIPELINES_SA_TOKEN_ENV KF_PIPELINES_SA_TOKEN_PATH ServiceAccountTokenVolumeCredentials`,
    `TokenCredentialsBase auth client set_volume_credentials token_credentials_base`,
  ),
  "kfp.kubernetes": words(
    `common config_map empty_dir field image kubernetes_executor_config_pb2 node_affinity node_selector pod_metadata`,
    `secret security_context timeout toleration volume`,
  ),
  "kfp.local": words(
    `DockerRunner SubprocessRunner config init logging_utils pipeline_orchestrator placeholder_utils status utils`,
  ),
  "kfp.registry": words("ApiAuth RegistryClient registry_client"),
};

/** Whether a public module has a name or a module below it; of modules that are not public nothing is known. */
export function hasName(module: string, name: string): boolean {
  return names[module]?.includes(name) ?? true;
}

/** Whether there may be a module of that dotted name. */
export function hasModule(name: string): boolean {
  return missingPart(name) === undefined;
}

/** What of a dotted name the SDK does not have: `gcp`, `onprem` and others went with its first version. */
export function missingPart(path: string): { readonly parent: string; readonly name: string } | undefined {
  const [top = "", ...parts] = path.split(".");
  if (top !== "kfp") return undefined;
  for (const [i, name] of parts.entries()) {
    const parent = [top, ...parts.slice(0, i)].join(".");
    if (!hasName(parent, name)) return { parent, name };
  }
  return undefined;
}

function words(...texts: readonly string[]): readonly string[] {
  return texts.join(" ").split(" ");
}
