/**
 * PipelineSpec and PlatformSpec as JSON, names as in `pipeline_spec.proto` and
 * `kubernetes_executor_config.proto` (schema 2.1.0). Fields that we neither
 * write nor read stay in `unknown` maps, so that nothing is lost on a round trip.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type ParameterType =
  | "NUMBER_DOUBLE"
  | "NUMBER_INTEGER"
  | "STRING"
  | "BOOLEAN"
  | "LIST"
  | "STRUCT"
  | "TASK_FINAL_STATUS"
  | "TASK_CONFIG";

export interface ArtifactType {
  schemaTitle?: string;
  schemaVersion?: string;
  instanceSchema?: string;
}

export interface ParameterSpec {
  parameterType: ParameterType;
  defaultValue?: Json;
  isOptional?: boolean;
  description?: string;
  literals?: Json[];
}

export interface ArtifactSpec {
  artifactType: ArtifactType;
  isArtifactList?: boolean;
  isOptional?: boolean;
  description?: string;
}

export interface Definitions {
  parameters?: Record<string, ParameterSpec>;
  artifacts?: Record<string, ArtifactSpec>;
}

export interface ComponentSpec {
  inputDefinitions?: Definitions;
  outputDefinitions?: Definitions;
  dag?: DagSpec;
  executorLabel?: string;
  platformSpecs?: Json;
  taskConfigPassthroughs?: { field: string; applyToTask?: boolean }[];
}

export interface DagSpec {
  tasks: Record<string, TaskSpec>;
  outputs?: DagOutputs;
}

export interface DagOutputs {
  parameters?: Record<string, DagOutputParameter>;
  artifacts?: Record<string, { artifactSelectors: { producerSubtask: string; outputArtifactKey: string }[] }>;
}

export interface ParameterSelector {
  producerSubtask: string;
  outputParameterKey: string;
}

export interface DagOutputParameter {
  valueFromParameter?: ParameterSelector;
  valueFromOneof?: { parameterSelectors: ParameterSelector[] };
}

export interface TaskSpec {
  taskInfo?: { name: string };
  componentRef: { name: string };
  inputs?: { parameters?: Record<string, TaskParameterInput>; artifacts?: Record<string, TaskArtifactInput> };
  dependentTasks?: string[];
  cachingOptions?: { enableCache?: boolean; cacheKey?: string };
  triggerPolicy?: { condition?: string; strategy?: "ALL_UPSTREAM_TASKS_SUCCEEDED" | "ALL_UPSTREAM_TASKS_COMPLETED" };
  parameterIterator?: { itemInput: string; items: { raw?: string; inputParameter?: string } };
  artifactIterator?: { itemInput: string; items: { inputArtifact: string } };
  iteratorPolicy?: { parallelismLimit?: number };
  retryPolicy?: {
    maxRetryCount?: number;
    backoffDuration?: string;
    backoffFactor?: number;
    backoffMaxDuration?: string;
  };
}

export interface TaskParameterInput {
  taskOutputParameter?: { producerTask: string; outputParameterKey: string };
  runtimeValue?: { constant: Json };
  componentInputParameter?: string;
  taskFinalStatus?: { producerTask: string };
  parameterExpressionSelector?: string;
}

export interface TaskArtifactInput {
  taskOutputArtifact?: { producerTask: string; outputArtifactKey: string };
  componentInputArtifact?: string;
}

export interface ResourceSpec {
  cpuRequest?: number;
  cpuLimit?: number;
  memoryRequest?: number;
  memoryLimit?: number;
  resourceCpuRequest?: string;
  resourceCpuLimit?: string;
  resourceMemoryRequest?: string;
  resourceMemoryLimit?: string;
  accelerator?: { count?: string; type?: string; resourceCount?: string; resourceType?: string };
}

export interface ContainerSpec {
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
  resources?: ResourceSpec;
  imagePullPolicy?: string;
}

export interface ImporterSpec {
  artifactUri: { constant?: string; runtimeParameter?: string };
  typeSchema: ArtifactType;
  metadata?: Record<string, Json>;
  reimport?: boolean;
  downloadToWorkspace?: boolean;
}

export interface ExecutorSpec {
  container?: ContainerSpec;
  importer?: ImporterSpec;
}

export interface PipelineSpec {
  pipelineInfo: { name: string; displayName?: string; description?: string };
  components?: Record<string, ComponentSpec>;
  deploymentSpec: { executors?: Record<string, ExecutorSpec> };
  root: ComponentSpec;
  schemaVersion: string;
  sdkVersion: string;
  defaultPipelineRoot?: string;
}

/** `platforms.kubernetes.deploymentSpec.executors.<label>` is a KubernetesExecutorConfig (kubernetes_executor_config.proto). */
export interface PlatformSpec {
  platforms: {
    kubernetes?: {
      deploymentSpec?: { executors?: Record<string, Record<string, Json>> };
      pipelineConfig?: Record<string, Json>;
    };
  };
}

/** What a compiled file holds: one or two YAML documents. */
export interface PipelinePackage {
  readonly spec: PipelineSpec;
  /** Of the header comment. A pipeline's is `pipelineInfo.description` too; a component's stands only here. */
  readonly description?: string;
  readonly platform?: PlatformSpec;
}
