/**
 * The messages of `pipeline_spec.proto` (schema 2.1.0, and what 2.0.0 had in its place), as far as we read them. The writer
 * takes from here which numbers are integers, the reader what to refuse.
 * `any` is a protobuf Value or Struct; fields that are not named here are kept as they are.
 */
export type Shape =
  | "any"
  | "string"
  | "boolean"
  | "integer"
  | "double"
  | { readonly kind: "map"; readonly of: Shape }
  | { readonly kind: "list"; readonly of: Shape }
  | {
      readonly kind: "message";
      readonly fields: Readonly<Record<string, Shape>>;
      /** `a|b`: the one or, as schema 2.0.0 had it, the other. */
      readonly required: readonly string[];
    };

const map = (of: Shape): Shape => ({ kind: "map", of });
const list = (of: Shape): Shape => ({ kind: "list", of });
const message = (fields: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape => ({
  kind: "message",
  fields,
  required,
});

const artifactType = message({ schemaTitle: "string", schemaVersion: "string", instanceSchema: "string" });

const definitions = message({
  parameters: map(
    message(
      {
        parameterType: "string",
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
    message({ artifactType, isArtifactList: "boolean", isOptional: "boolean", description: "string" }, [
      "artifactType",
    ]),
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
    triggerPolicy: message({ condition: "string", strategy: "string" }),
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
const executor = message({
  container: message(
    {
      image: "string",
      command: list("string"),
      args: list("string"),
      env: list(message({ name: "string", value: "string" })),
      resources: message({
        cpuLimit: "double",
        cpuRequest: "double",
        memoryLimit: "double",
        memoryRequest: "double",
        accelerator: message({ type: "string", count: "string", resourceType: "string", resourceCount: "string" }),
      }),
    },
    ["image"],
  ),
  importer: message({
    artifactUri: message({ constant: "string", constantValue: "any", runtimeParameter: "string" }),
    typeSchema: artifactType,
    metadata: map("any"),
    reimport: "boolean",
  }),
});

export const pipelineSpecShape = message(
  {
    pipelineInfo: message({ name: "string", displayName: "string", description: "string" }, ["name"]),
    components: map(component),
    deploymentSpec: message({ executors: map(executor) }),
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
        pipelineConfig: message({
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
      return undefined;
  }
}

export function itemShape(shape: Shape | undefined): Shape | undefined {
  return typeof shape === "object" && shape.kind === "list" ? shape.of : undefined;
}
