/**
 * What the SDK's own functions take, as completion and hover show it: of tasks, of `kfp.dsl` and of
 * `kfp.kubernetes`. A test holds the names against those that the evaluator knows.
 */
export interface SdkMember {
  /** `name: type = default`, as Python writes them; absent for what is not called. */
  readonly parameters?: readonly string[];
  readonly says: string;
  /** What to write instead, and how its parameters are called there. */
  readonly replacement?: { readonly name: string; readonly parameters?: Readonly<Record<string, string>> };
}

function calls(says: string, ...parameters: string[]): SdkMember {
  return { parameters, says };
}

function old(name: string, parameters: Readonly<Record<string, string>>, ...own: string[]): SdkMember {
  return { parameters: own, says: `Deprecated: use ${name}.`, replacement: { name, parameters } };
}

export const taskMembers: Readonly<Record<string, SdkMember>> = {
  after: calls("Runs only when other steps are over.", "*tasks: PipelineTask"),
  output: { says: "Its only output." },
  outputs: { says: "Its outputs by name." },
  name: { says: "Its name in the pipeline." },
  inputs: { says: "What it was given." },
  dependent_tasks: { says: "The steps that it was told to run after." },
  ignore_upstream_failure: calls("Runs even where the steps before it failed."),
  set_accelerator_limit: calls("How many accelerators it gets.", "limit: int | str"),
  set_accelerator_type: calls("Which accelerator it gets.", "accelerator: str"),
  set_caching_options: calls(
    "Whether an earlier result may be taken instead, and under which key.",
    "enable_caching: bool",
    "cache_key: str = None",
  ),
  set_container_image: calls("Another image than its component's.", "name: str"),
  set_cpu_limit: calls('The most CPU it may use: "2", "500m".', "cpu: str"),
  set_cpu_request: calls('The CPU it is promised: "2", "500m".', "cpu: str"),
  set_debug_pause: calls(
    "Holds its pod, so that one can look inside.",
    "before: bool = False",
    "after: bool = True",
    "on_error: bool = False",
  ),
  set_display_name: calls("Its name as the UI shows it.", "name: str"),
  set_env_variable: calls("An environment variable.", "name: str", "value: str"),
  set_memory_limit: calls('The most memory it may use: "16Gi".', "memory: str"),
  set_memory_request: calls('The memory it is promised: "16Gi".', "memory: str"),
  set_retry: calls(
    "How often, and after what time, it is tried again.",
    "num_retries: int",
    'backoff_duration: str = "0s"',
    "backoff_factor: float = 2.0",
    'backoff_max_duration: str = "3600s"',
  ),
  set_gpu_limit: old("set_accelerator_limit", { gpu: "limit" }, "gpu: str"),
  add_node_selector_constraint: old("set_accelerator_type", {}, "accelerator: str"),
};

const optional = "optional: bool = False";

export const kubernetesMembers: Readonly<Record<string, SdkMember>> = {
  CreatePVC: calls(
    "A step that makes a persistent volume claim.",
    "access_modes: list[str]",
    "size: str",
    "pvc_name: str = None",
    "pvc_name_suffix: str = None",
    'storage_class_name: str = ""',
    "volume_name: str = None",
    "annotations: dict[str, str] = None",
    "data_source: dict[str, str] = None",
  ),
  DeletePVC: calls("A step that deletes a persistent volume claim.", "pvc_name: str"),
  add_ephemeral_volume: calls(
    "A volume that lives as long as the pod.",
    "task: PipelineTask",
    "volume_name: str",
    "mount_path: str",
    "access_modes: list[str]",
    "size: str",
    "storage_class_name: str = None",
    "labels: dict[str, str] = None",
    "annotations: dict[str, str] = None",
  ),
  add_node_affinity: calls(
    "Nodes that the pod must, or with a weight would rather, run on.",
    "task: PipelineTask",
    "match_expressions: list[dict] = None",
    "match_fields: list[dict] = None",
    "weight: int = None",
  ),
  add_node_affinity_json: calls("Node affinity as a struct.", "task: PipelineTask", "node_affinity_json: dict"),
  add_node_selector: calls(
    "A label that the pod's node must have.",
    "task: PipelineTask",
    "label_key: str",
    "label_value: str",
  ),
  add_node_selector_json: calls("Node labels as a struct.", "task: PipelineTask", "node_selector_json: dict"),
  add_pod_annotation: calls(
    "An annotation of the pod.",
    "task: PipelineTask",
    "annotation_key: str",
    "annotation_value: str",
  ),
  add_pod_label: calls("A label of the pod.", "task: PipelineTask", "label_key: str", "label_value: str"),
  add_toleration: calls(
    "A taint of nodes that the pod puts up with.",
    "task: PipelineTask",
    "key: str = None",
    "operator: str = None",
    "value: str = None",
    "effect: str = None",
    "toleration_seconds: int = None",
  ),
  add_toleration_json: calls(
    "Tolerations as a struct or a list.",
    "task: PipelineTask",
    "toleration_json: dict | list",
  ),
  empty_dir_mount: calls(
    "An empty folder of the pod's own.",
    "task: PipelineTask",
    "volume_name: str",
    "mount_path: str",
    "medium: str = None",
    "size_limit: str = None",
  ),
  mount_pvc: calls(
    "A persistent volume claim.",
    "task: PipelineTask",
    "pvc_name: str",
    "mount_path: str",
    'sub_path: str = ""',
  ),
  set_image_pull_policy: calls("When the image is pulled.", "task: PipelineTask", "policy: str"),
  set_image_pull_secrets: calls("Secrets to pull the image with.", "task: PipelineTask", "secret_names: list[str]"),
  set_security_context: calls(
    "Who the container runs as.",
    "task: PipelineTask",
    "run_as_user: int = None",
    "run_as_group: int = None",
    "run_as_non_root: bool = None",
  ),
  set_timeout: calls("How many seconds the pod may take.", "task: PipelineTask", "seconds: int"),
  use_config_map_as_env: calls(
    "Keys of a config map as environment variables.",
    "task: PipelineTask",
    "config_map_name: str",
    "config_map_key_to_env: dict[str, str]",
    optional,
  ),
  use_config_map_as_volume: calls(
    "A config map as files.",
    "task: PipelineTask",
    "config_map_name: str",
    "mount_path: str",
    optional,
  ),
  use_field_path_as_env: calls(
    "A field of the pod as an environment variable.",
    "task: PipelineTask",
    "env_name: str",
    "field_path: str",
  ),
  use_secret_as_env: calls(
    "Keys of a secret as environment variables.",
    "task: PipelineTask",
    "secret_name: str",
    "secret_key_to_env: dict[str, str]",
    optional,
  ),
  use_secret_as_volume: calls(
    "A secret as files.",
    "task: PipelineTask",
    "secret_name: str",
    "mount_path: str",
    optional,
  ),
};

const described = ["base_image: str = None", "packages_to_install: list[str] = None"];

const artifact = ["name: str = None", "uri: str = None", "metadata: dict = None"];

/** What is written in pipelines; other members of the module are found by their names alone. */
export const dslMembers: Readonly<Record<string, SdkMember>> = {
  component: calls(
    "Makes a component of a Python function.",
    ...described,
    "target_image: str = None",
    "pip_index_urls: list[str] = None",
    "pip_trusted_hosts: list[str] = None",
    "use_venv: bool = False",
    "install_kfp_package: bool = True",
    "kfp_package_path: str = None",
    "additional_funcs: list[Callable] = None",
    "embedded_artifact_path: str = None",
    "task_config_passthroughs: list = None",
  ),
  container_component: calls("Makes a component of a function that returns a ContainerSpec."),
  notebook_component: calls("Makes a component of a notebook.", "notebook_path: str", ...described),
  pipeline: calls(
    "Makes a pipeline of a function.",
    "name: str = None",
    "description: str = None",
    "pipeline_root: str = None",
    "display_name: str = None",
    "pipeline_config: PipelineConfig = None",
  ),
  importer: calls(
    "An artifact that exists already.",
    "artifact_uri: str",
    "artifact_class: type[Artifact]",
    "reimport: bool = False",
    "metadata: dict = None",
    "download_to_workspace: bool = False",
  ),
  If: calls("Steps that run where a condition holds.", "condition", "name: str = None"),
  Elif: calls("Steps that run where no arm before it did, and a condition holds.", "condition", "name: str = None"),
  Else: calls("Steps that run where no arm before it did.", "name: str = None"),
  Condition: old("If", {}, "condition", "name: str = None"),
  OneOf: calls("The output of whichever arm ran.", "*channels"),
  ParallelFor: calls("Steps that run for each item of a list.", "items", "name: str = None", "parallelism: int = None"),
  Collected: calls("The outputs of all turns of a loop, as a list.", "output"),
  ExitHandler: calls(
    "Steps after which a last one runs, whatever became of them.",
    "exit_task: PipelineTask",
    "name: str = None",
  ),
  ContainerSpec: calls(
    "An image and its command line.",
    "image: str",
    "command: list[str] = None",
    "args: list[str] = None",
  ),
  ConcatPlaceholder: calls("Texts and placeholders, put together.", "items: list"),
  IfPresentPlaceholder: calls(
    "A part of a command line for an input that may be absent.",
    "input_name: str",
    "then",
    "else_ = None",
  ),
  PipelineConfig: calls(
    "Settings of a pipeline.",
    "workspace: WorkspaceConfig = None",
    "ttl_seconds_after_finished: int = None",
    "ttl_seconds_after_success: int = None",
    "ttl_seconds_after_failure: int = None",
    "active_deadline_seconds: int = None",
  ),
  WorkspaceConfig: calls(
    "A folder that the steps of a run share.",
    "size: str",
    "kubernetes: KubernetesWorkspaceConfig = None",
  ),
  KubernetesWorkspaceConfig: calls("How a workspace's volume is claimed.", "pvcSpecPatch: dict = None"),
  TaskConfigPassthrough: calls(
    "A setting that the component's body takes itself.",
    "field: TaskConfigField",
    "apply_to_task: bool = False",
  ),
  Input: { says: "An input artifact: Input[Dataset]." },
  Output: { says: "An output artifact: Output[Model]." },
  EmbeddedInput: { says: "A file or folder that travels with the component: EmbeddedInput[Dataset]." },
  get_uri: calls("Where the running step may write an artifact of its own making.", 'suffix: str = "Output"'),
  run_notebook: calls("Runs the notebook of a notebook component.", "**parameters"),
  InputPath: calls("An input as the path of a file.", "type = None"),
  OutputPath: calls("An output as the path of a file to write.", "type = None"),
  Artifact: calls("Any artifact.", ...artifact),
  Dataset: calls("A data set.", ...artifact),
  Model: calls("A model.", ...artifact),
  Metrics: calls("Numbers by name.", ...artifact),
  ClassificationMetrics: calls("A confusion matrix or an ROC curve.", ...artifact),
  SlicedClassificationMetrics: calls("Classification metrics by slice.", ...artifact),
  HTML: calls("A page that the UI shows.", ...artifact),
  Markdown: calls("A text that the UI shows.", ...artifact),
  PipelineTask: { says: "A step." },
  PipelineTaskFinalStatus: { says: "How the steps of an exit handler ended: for its exit task." },
  TaskConfig: { says: "The settings that a component's body takes itself." },
  TaskConfigField: { says: "One of those settings." },
  PIPELINE_JOB_NAME_PLACEHOLDER: { says: "The run's name." },
  PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER: { says: "The run's name as a resource." },
  PIPELINE_JOB_ID_PLACEHOLDER: { says: "The run's id." },
  PIPELINE_TASK_NAME_PLACEHOLDER: { says: "The step's name." },
  PIPELINE_TASK_ID_PLACEHOLDER: { says: "The step's id." },
  PIPELINE_ROOT_PLACEHOLDER: { says: "The folder of the run's artifacts." },
  PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER: { says: "When the run was created." },
  PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER: { says: "When the run was due." },
  PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER: { says: "What the executor is given, as JSON." },
  PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER: { says: "The path that the executor writes its answer to." },
  WORKSPACE_PATH_PLACEHOLDER: { says: "The path of the workspace." },
};

const componentsMembers: Readonly<Record<string, SdkMember>> = {
  load_component_from_file: calls("A component or pipeline of a YAML file.", "file_path: str"),
  load_component_from_text: calls("A component or pipeline of a YAML text.", "text: str"),
  load_component_from_url: calls("A component or pipeline of a YAML file elsewhere.", "url: str", "auth: tuple = None"),
};

const compilerMembers: Readonly<Record<string, SdkMember>> = {
  Compiler: calls("Writes pipelines and components as YAML."),
  compile: calls(
    "Writes a pipeline or a component as YAML.",
    "pipeline_func: BaseComponent",
    "package_path: str",
    "pipeline_name: str = None",
    "pipeline_display_name: str = None",
    "pipeline_parameters: dict = None",
    "type_check: bool = True",
    "kubernetes_manifest_options: KubernetesManifestOptions = None",
    "kubernetes_manifest_format: bool = False",
  ),
};

const groups: Readonly<Record<string, Readonly<Record<string, SdkMember>>>> = {
  dsl: dslMembers,
  kubernetes: kubernetesMembers,
  task: taskMembers,
  components: componentsMembers,
  compiler: compilerMembers,
};

/** The member that a meaning's name leads to: `dsl.If`, `kubernetes.mount_pvc`, `task.set_retry`. */
export function sdkMember(name: string): SdkMember | undefined {
  const [group = "", member = ""] = name.split(".");
  const members = groups[group];
  return members && Object.hasOwn(members, member) ? members[member] : undefined;
}

/** `mount_path` of `mount_path: str = ""`. */
export function parameterName(parameter: string): string {
  return /^\*{0,2}\w+/.exec(parameter)?.[0] ?? parameter;
}

/** Texts that a parameter takes, where they are few or the usual ones. By `member.parameter`. */
export const usualTexts: Readonly<Record<string, readonly string[]>> = {
  "task.set_accelerator_type.accelerator": accelerators(),
  "task.add_node_selector_constraint.accelerator": accelerators(),
  "dsl.component.base_image": images(),
  "dsl.notebook_component.base_image": images(),
  "kubernetes.set_image_pull_policy.policy": ["Always", "IfNotPresent", "Never"],
  "kubernetes.add_toleration.operator": ["Equal", "Exists"],
  "kubernetes.add_toleration.effect": ["NoExecute", "NoSchedule", "PreferNoSchedule"],
  "kubernetes.empty_dir_mount.medium": ["Memory"],
};

/** Resource names of device plug-ins on Kubernetes first, then the types that Vertex AI takes. */
function accelerators(): readonly string[] {
  return [
    "nvidia.com/gpu",
    "amd.com/gpu",
    "gpu.intel.com/i915",
    "habana.ai/gaudi",
    "aws.amazon.com/neuron",
    "google.com/tpu",
    "NVIDIA_TESLA_T4",
    "NVIDIA_L4",
    "NVIDIA_TESLA_V100",
    "NVIDIA_TESLA_A100",
    "NVIDIA_A100_80GB",
    "NVIDIA_H100_80GB",
    "TPU_V3",
  ];
}

/** Python's own images, that of the SDK's default first. */
function images(): readonly string[] {
  return ["3.11", "3.12", "3.13", "3.11-slim", "3.12-slim", "3.13-slim"].map((tag) => `python:${tag}`);
}
