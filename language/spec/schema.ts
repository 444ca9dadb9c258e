/**
 * The messages of `pipeline_spec.proto` (schema 2.1.0, and what 2.0.0 had in its place), with all their fields. The writer
 * takes from here which numbers are integers, the reader what to refuse and what it does not know: kept as it is.
 * `any` is a protobuf Value or Struct, or what we do not read.
 */
export type Shape =
  | "any"
  | "string"
  | "boolean"
  | "integer"
  | "double"
  | { readonly kind: "map"; readonly of: Shape }
  | { readonly kind: "list"; readonly of: Shape }
  /** One of these names. */
  | { readonly kind: "enum"; readonly names: readonly string[] }
  | {
      readonly kind: "message";
      readonly fields: Readonly<Record<string, Shape>>;
      /** `a|b`: the one or, as schema 2.0.0 had it, the other. */
      readonly required: readonly string[];
      /** Of a Struct: KFP's server takes what it does not know, and does nothing with it. */
      readonly isOpen: boolean;
    };

const map = (of: Shape): Shape => ({ kind: "map", of });
const list = (of: Shape): Shape => ({ kind: "list", of });
const message = (fields: Readonly<Record<string, Shape>>, required: readonly string[] = [], isOpen = false): Shape => ({
  kind: "message",
  fields,
  required,
  isOpen,
});
const open = (fields: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape =>
  message(fields, required, true);

const names = (...all: readonly string[]): Shape => ({ kind: "enum", names: all });

const artifactType = message({
  schemaTitle: "string",
  schemaVersion: "string",
  instanceSchema: "string",
  schemaUri: "string",
});

const definitions = message({
  parameters: map(
    message(
      {
        parameterType: names(
          "STRING",
          "NUMBER_INTEGER",
          "NUMBER_DOUBLE",
          "BOOLEAN",
          "LIST",
          "STRUCT",
          "TASK_FINAL_STATUS",
          "TASK_CONFIG",
        ),
        type: "string",
        defaultValue: "any",
        isOptional: "boolean",
        description: "string",
        literals: list("any"),
      },
      ["parameterType|type"],
    ),
  ),
  artifacts: map(
    message(
      {
        artifactType,
        isArtifactList: "boolean",
        isOptional: "boolean",
        description: "string",
        properties: "any",
        customProperties: "any",
        metadata: "any",
      },
      ["artifactType"],
    ),
  ),
});

const task = message(
  {
    taskInfo: message({ name: "string" }),
    componentRef: message({ name: "string" }, ["name"]),
    inputs: message({
      parameters: map(
        message({
          taskOutputParameter: message({ producerTask: "string", outputParameterKey: "string" }, [
            "producerTask",
            "outputParameterKey",
          ]),
          runtimeValue: message({ constant: "any", constantValue: "any" }),
          componentInputParameter: "string",
          taskFinalStatus: message({ producerTask: "string" }, ["producerTask"]),
          parameterExpressionSelector: "string",
        }),
      ),
      artifacts: map(
        message({
          taskOutputArtifact: message({ producerTask: "string", outputArtifactKey: "string" }, [
            "producerTask",
            "outputArtifactKey",
          ]),
          componentInputArtifact: "string",
        }),
      ),
    }),
    dependentTasks: list("string"),
    cachingOptions: message({ enableCache: "boolean", cacheKey: "string" }),
    triggerPolicy: message({
      condition: "string",
      strategy: names("TRIGGER_STRATEGY_UNSPECIFIED", "ALL_UPSTREAM_TASKS_SUCCEEDED", "ALL_UPSTREAM_TASKS_COMPLETED"),
    }),
    parameterIterator: message({ itemInput: "string", items: message({ raw: "string", inputParameter: "string" }) }, [
      "itemInput",
      "items",
    ]),
    artifactIterator: message({ itemInput: "string", items: message({ inputArtifact: "string" }) }, [
      "itemInput",
      "items",
    ]),
    iteratorPolicy: message({ parallelismLimit: "integer" }),
    retryPolicy: message({
      maxRetryCount: "integer",
      backoffDuration: "string",
      backoffFactor: "double",
      backoffMaxDuration: "string",
    }),
  },
  ["componentRef"],
);

const parameterSelector = message({ producerSubtask: "string", outputParameterKey: "string" }, [
  "producerSubtask",
  "outputParameterKey",
]);
const artifactSelector = message({ producerSubtask: "string", outputArtifactKey: "string" }, [
  "producerSubtask",
  "outputArtifactKey",
]);

const component = message({
  inputDefinitions: definitions,
  outputDefinitions: definitions,
  executorLabel: "string",
  singlePlatformSpecs: "any",
  taskConfigPassthroughs: "any",
  dag: message(
    {
      tasks: map(task),
      outputs: message({
        parameters: map(
          message({
            valueFromParameter: parameterSelector,
            valueFromOneof: message({ parameterSelectors: list(parameterSelector) }, ["parameterSelectors"]),
          }),
        ),
        artifacts: map(message({ artifactSelectors: list(artifactSelector) }, ["artifactSelectors"])),
      }),
    },
    ["tasks"],
  ),
});

/** `deploymentSpec` is a Struct in the proto, so its numbers are doubles; its form is PipelineDeploymentConfig's. */
const executor = open({
  container: open(
    {
      image: "string",
      command: list("string"),
      args: list("string"),
      env: list(open({ name: "string", value: "string" })),
      lifecycle: "any",
      resources: open({
        cpuLimit: "double",
        cpuRequest: "double",
        memoryLimit: "double",
        memoryRequest: "double",
        resourceCpuLimit: "any",
        resourceCpuRequest: "any",
        resourceMemoryLimit: "any",
        resourceMemoryRequest: "any",
        accelerator: open({ type: "string", count: "string", resourceType: "string", resourceCount: "string" }),
      }),
    },
    ["image"],
  ),
  importer: open({
    artifactUri: open({ constant: "string", constantValue: "any", runtimeParameter: "string" }),
    typeSchema: artifactType,
    metadata: map("any"),
    reimport: "boolean",
    downloadToWorkspace: "any",
    properties: "any",
    customProperties: "any",
  }),
  resolver: "any",
  customJob: "any",
});

export const pipelineSpecShape = message(
  {
    pipelineInfo: message({ name: "string", displayName: "string", description: "string" }, ["name"]),
    components: map(component),
    deploymentSpec: open({ executors: map(executor) }),
    root: component,
    schemaVersion: "string",
    sdkVersion: "string",
    defaultPipelineRoot: "string",
  },
  ["pipelineInfo", "root"],
);

export const platformSpecShape = message(
  {
    platforms: map(
      message({
        deploymentSpec: message({ executors: map(map("any")) }),
        platform: "any",
        config: "any",
        pipelineConfig: message({
          workspace: "any",
          resourceTtlOnCompletion: "integer",
          resourceTtlOnSuccess: "integer",
          resourceTtlOnFailure: "integer",
          activeDeadlineSeconds: "integer",
        }),
      }),
    ),
  },
  ["platforms"],
);

/** The shape of a member or an item; undefined where the schema does not name it. */
export function memberShape(shape: Shape | undefined, key: string): Shape | undefined {
  if (typeof shape !== "object") return undefined;
  switch (shape.kind) {
    case "map":
      return shape.of;
    case "message":
      return Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    case "list":
    case "enum":
      return undefined;
  }
}

export function itemShape(shape: Shape | undefined): Shape | undefined {
  return typeof shape === "object" && shape.kind === "list" ? shape.of : undefined;
}
