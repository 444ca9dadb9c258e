/** Names of the SDK's first version that are gone, and what a pipeline of the second writes instead (KFP's migration guide). */
const successors: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kfp: {
    aws: "kfp.kubernetes.use_secret_as_env",
    azure: "kfp.kubernetes.use_secret_as_env",
    gcp: "kfp.kubernetes.use_secret_as_volume",
    onprem: "kfp.kubernetes.mount_pvc",
    containers: "@dsl.component(target_image=…)",
    run_pipeline_func_on_cluster: "kfp.Client().create_run_from_pipeline_func",
  },
  "kfp.compiler": {
    build_python_component: "@dsl.component(target_image=…)",
    VersionedDependency: "packages_to_install of @dsl.component",
  },
  "kfp.components": {
    ComponentStore: "kfp.components.load_component_from_file",
    InputBinaryFile: "kfp.dsl.InputPath",
    InputPath: "kfp.dsl.InputPath",
    InputTextFile: "kfp.dsl.InputPath",
    OutputBinaryFile: "kfp.dsl.OutputPath",
    OutputPath: "kfp.dsl.OutputPath",
    OutputTextFile: "kfp.dsl.OutputPath",
    create_component_from_func: "@dsl.component",
    create_component_from_func_v2: "@dsl.component",
    create_graph_component_from_pipeline_func: "@dsl.pipeline, called as a component",
    func_to_component_text: "@dsl.component and kfp.compiler.Compiler().compile",
    func_to_container_op: "@dsl.component",
    load_component: "kfp.components.load_component_from_file",
  },
  "kfp.dsl": {
    ArgoVolume: "kfp.kubernetes.mount_pvc",
    ContainerOp: "@dsl.container_component",
    EXECUTION_ID_PLACEHOLDER: "dsl.PIPELINE_TASK_ID_PLACEHOLDER",
    PipelineParam: "a parameter of the pipeline's function",
    PipelineVolume: "kfp.kubernetes.mount_pvc",
    ResourceOp: "a component that calls the Kubernetes API",
    RUN_ID_PLACEHOLDER: "dsl.PIPELINE_JOB_ID_PLACEHOLDER",
    VolumeOp: "kfp.kubernetes.CreatePVC",
    get_pipeline_conf: "dsl.PipelineConfig",
  },
};

/** What to do about a name of the first version, to be put behind what is wrong; empty where it never was one. */
export function successorAdvice(module: string, name: string): string {
  const names = successors[module];
  const instead = names !== undefined && Object.hasOwn(names, name) ? names[name] : undefined;
  return instead === undefined ? "" : `: it was of KFP 1; use ${instead}`;
}
