/**
 * What the finished tasks of a run read and wrote, from ML Metadata, where
 * KFP's driver and launcher put it (KFP up to 2.18; the KFP API itself never
 * tells, kubeflow/pipelines#9858). Over gRPC through a port-forward to a pod
 * of `metadata-grpc-service`.
 *
 * Messages: ml_metadata/proto/metadata_store.proto, the fields read here.
 */
import type { Duplex } from "node:stream";
import type { Type as MessageType } from "protobufjs";
import type { Json } from "../../language/spec/types.ts";
import type { Artifact, KeyedArtifact, TaskPath } from "../events.ts";
import { type Channel, channel, isNotFound } from "./grpc.ts";
import { get, list, number, record, text } from "./json.ts";

export interface TaskData {
  readonly path: TaskPath;
  readonly state: "RUNNING" | "COMPLETE" | "FAILED" | "CACHED" | "CANCELED" | "UNKNOWN";
  readonly inputs: Values;
  readonly outputs: Values;
}

export interface Values {
  readonly parameters: Readonly<Record<string, Json>>;
  readonly artifacts: readonly KeyedArtifact[];
}

export interface Mlmd {
  /** Of all tasks of a run; empty before its first driver has run. */
  tasks(runId: string, signal?: AbortSignal): Promise<readonly TaskData[]>;
  close(): void;
}

/** `dial` opens the way to port 8080 of a server; again when the way has broken. `idPrefix` tells artifacts of one cluster from another's. */
export async function openMlmd(dial: () => Promise<Duplex>, idPrefix: string): Promise<Mlmd> {
  const types = await messages();
  let open: Channel | undefined;

  async function ask(method: string, request: Json, signal: AbortSignal | undefined): Promise<Json> {
    if (!open || open.closed) open = channel(await dial());
    const requestType = types(`${method}Request`);
    const bytes = requestType.encode(requestType.fromObject(record(request))).finish();
    const answer = types(`${method}Response`).decode(
      await open.unary(`/ml_metadata.MetadataStoreService/${method}`, bytes, signal),
    );
    // SAFETY: toObject with these options gives strings, numbers, booleans, lists and plain objects.
    return answer.$type.toObject(answer, { longs: Number, enums: String, bytes: String });
  }

  return {
    async tasks(runId, signal) {
      let context: Json;
      try {
        context = await ask("GetContextByTypeAndName", { typeName: "system.PipelineRun", contextName: runId }, signal);
      } catch (error) {
        if (isNotFound(error)) return [];
        throw error;
      }
      const contextId = number(context, "context", "id");
      if (contextId === undefined) return [];
      const executions: Json[] = [];
      for (let token: string | undefined = ""; token !== undefined; ) {
        const page: Json = await ask(
          "GetExecutionsByContext",
          { contextId, options: { maxResultSize: 100, ...(token === "" ? {} : { nextPageToken: token }) } },
          signal,
        );
        executions.push(...list(page, "executions"));
        token = text(page, "nextPageToken") || undefined;
      }
      const executionIds = executions.flatMap((execution) => number(execution, "id") ?? []);
      const events =
        executionIds.length === 0 ? [] : list(await ask("GetEventsByExecutionIDs", { executionIds }, signal), "events");
      const artifactIds = [...new Set(events.flatMap((event) => number(event, "artifactId") ?? []))];
      const artifacts =
        artifactIds.length === 0
          ? null
          : await ask("GetArtifactsByID", { artifactIds, populateArtifactTypes: true }, signal);
      return taskData(executions, events, artifacts, idPrefix);
    },
    close: () => open?.close(),
  };
}

/** Joins the answers. Executions know their parent by id, so paths are put together from the root. */
export function taskData(
  executions: readonly Json[],
  events: readonly Json[],
  answer: Json,
  idPrefix: string,
): readonly TaskData[] {
  const byId = new Map(executions.map((execution) => [number(execution, "id") ?? -1, execution]));
  const artifacts = new Map(list(answer, "artifacts").map((artifact) => [number(artifact, "id") ?? -1, artifact]));
  const typeNames = new Map(
    list(answer, "artifactTypes").map((type) => [number(type, "id") ?? -1, text(type, "name") ?? ""]),
  );

  return executions.map((execution) => {
    const of = events.filter((event) => number(event, "executionId") === number(execution, "id"));
    const side = (type: string): KeyedArtifact[] =>
      of
        .filter((event) => text(event, "type") === type)
        .flatMap((event) => {
          const found = artifacts.get(number(event, "artifactId") ?? -1);
          const key = list(event, "path", "steps").flatMap((step) => text(step, "key") ?? [])[0];
          return found && key !== undefined ? [{ key, artifact: artifactOf(found, typeNames, idPrefix) }] : [];
        });
    const custom = get(execution, "customProperties");
    return {
      path: pathOf(execution, byId),
      state: stateOf(text(execution, "lastKnownState")),
      inputs: { parameters: struct(get(custom, "inputs")), artifacts: side("INPUT") },
      outputs: { parameters: struct(get(custom, "outputs")), artifacts: side("OUTPUT") },
    };
  });
}

function pathOf(execution: Json, byId: ReadonlyMap<number, Json>): TaskPath {
  const steps: string[] = [];
  for (let at: Json | undefined = execution; at !== undefined; ) {
    const name = text(at, "customProperties", "task_name", "stringValue") ?? "";
    const iteration = number(at, "customProperties", "iteration_index", "intValue");
    const parent: number = number(at, "customProperties", "parent_dag_id", "intValue") ?? 0;
    at = byId.get(parent);
    steps.unshift(at === undefined ? "root" : iteration === undefined || iteration < 0 ? name : `[${iteration}]`);
  }
  // An iteration is written onto the loop that is its parent.
  return steps.join(".").replaceAll(".[", "[");
}

function stateOf(state: string | undefined): TaskData["state"] {
  switch (state) {
    case "RUNNING":
    case "COMPLETE":
    case "FAILED":
    case "CACHED":
    case "CANCELED":
      return state;
    default:
      return "UNKNOWN";
  }
}

function artifactOf(found: Json, typeNames: ReadonlyMap<number, string>, idPrefix: string): Artifact {
  const metadata: Record<string, Json> = {};
  for (const [name, value] of Object.entries({
    ...record(found, "properties"),
    ...record(found, "customProperties"),
  }).sort(byName)) {
    // How the launcher reaches its object store: no business of whoever reads about the artifact.
    if (name === "store_session_info" || name === "display_name") continue;
    metadata[name] = plain(value);
  }
  const id = number(found, "id") ?? 0;
  return {
    // Ids begin at 1 in each database; the time of creation tells a cluster that was set up anew.
    id: `${idPrefix}/${id}-${(number(found, "createTimeSinceEpoch") ?? 0).toString(36)}`,
    name: text(found, "customProperties", "display_name", "stringValue") ?? text(found, "name") ?? "",
    type: text(found, "type") ?? typeNames.get(number(found, "typeId") ?? -1) ?? "system.Artifact",
    uri: text(found, "uri") ?? "",
    metadata,
  };
}

/** Parameters are kept as one Struct under `inputs` and `outputs`. */
function struct(value: Json | undefined): Readonly<Record<string, Json>> {
  const found = value === undefined ? {} : plain(value);
  return record(found);
}

/** ml_metadata.Value and google.protobuf.Value, as the JSON they stand for. */
function plain(value: Json): Json {
  for (const [kind, held] of Object.entries(record(value))) {
    switch (kind) {
      case "structValue":
        // Maps come in any order; the same values are to be the same text.
        return Object.fromEntries(
          Object.entries(record(held, "fields"))
            .sort(byName)
            .map(([name, field]) => [name, plain(field)]),
        );
      case "listValue":
        return list(held, "values").map(plain);
      case "nullValue":
        return null;
      default:
        return held;
    }
  }
  return null;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Looks message types up by name, made of the descriptor below. */
async function messages(): Promise<(name: string) => MessageType> {
  const { default: protobuf } = await import("protobufjs/light.js");
  const root = protobuf.Root.fromJSON({
    nested: {
      google: { nested: { protobuf: { nested: googleMessages } } },
      ml_metadata: { nested: mlmdMessages },
    },
  });
  return (name) => root.lookupType(`ml_metadata.${name}`);
}

const field = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ rule: "repeated", type, id });
const map = (type: string, id: number) => ({ keyType: "string", type, id });

const googleMessages = {
  Struct: { fields: { fields: map("Value", 1) } },
  ListValue: { fields: { values: many("Value", 1) } },
  Value: {
    oneofs: { kind: { oneof: ["nullValue", "numberValue", "stringValue", "boolValue", "structValue", "listValue"] } },
    fields: {
      nullValue: field("int32", 1),
      numberValue: field("double", 2),
      stringValue: field("string", 3),
      boolValue: field("bool", 4),
      structValue: field("Struct", 5),
      listValue: field("ListValue", 6),
    },
  },
};

const listOptions = { fields: { maxResultSize: field("int32", 1), nextPageToken: field("string", 3) } };

const mlmdMessages = {
  Value: {
    oneofs: { value: { oneof: ["intValue", "doubleValue", "stringValue", "structValue", "boolValue"] } },
    fields: {
      intValue: field("int64", 1),
      doubleValue: field("double", 2),
      stringValue: field("string", 3),
      structValue: field("google.protobuf.Struct", 4),
      boolValue: field("bool", 6),
    },
  },
  Context: { fields: { id: field("int64", 1), name: field("string", 3) } },
  Execution: {
    fields: { id: field("int64", 1), lastKnownState: field("ExecutionState", 3), customProperties: map("Value", 5) },
  },
  ExecutionState: { values: { UNKNOWN: 0, NEW: 1, RUNNING: 2, COMPLETE: 3, FAILED: 4, CACHED: 5, CANCELED: 6 } },
  Event: {
    fields: {
      artifactId: field("int64", 1),
      executionId: field("int64", 2),
      path: field("EventPath", 3),
      type: field("EventType", 4),
    },
  },
  EventPath: { fields: { steps: many("EventStep", 1) } },
  EventStep: {
    oneofs: { value: { oneof: ["index", "key"] } },
    fields: { index: field("int64", 1), key: field("string", 2) },
  },
  EventType: {
    values: {
      UNKNOWN: 0,
      DECLARED_OUTPUT: 1,
      DECLARED_INPUT: 2,
      INPUT: 3,
      OUTPUT: 4,
      INTERNAL_INPUT: 5,
      INTERNAL_OUTPUT: 6,
      PENDING_OUTPUT: 7,
    },
  },
  Artifact: {
    fields: {
      id: field("int64", 1),
      typeId: field("int64", 2),
      uri: field("string", 3),
      properties: map("Value", 4),
      customProperties: map("Value", 5),
      name: field("string", 7),
      type: field("string", 8),
      createTimeSinceEpoch: field("int64", 9),
    },
  },
  ArtifactType: { fields: { id: field("int64", 1), name: field("string", 2) } },
  ListOperationOptions: listOptions,
  GetContextByTypeAndNameRequest: { fields: { typeName: field("string", 1), contextName: field("string", 2) } },
  GetContextByTypeAndNameResponse: { fields: { context: field("Context", 1) } },
  GetExecutionsByContextRequest: {
    fields: { contextId: field("int64", 1), options: field("ListOperationOptions", 2) },
  },
  GetExecutionsByContextResponse: { fields: { executions: many("Execution", 1), nextPageToken: field("string", 2) } },
  GetEventsByExecutionIDsRequest: { fields: { executionIds: many("int64", 1) } },
  GetEventsByExecutionIDsResponse: { fields: { events: many("Event", 1) } },
  GetArtifactsByIDRequest: { fields: { artifactIds: many("int64", 1), populateArtifactTypes: field("bool", 3) } },
  GetArtifactsByIDResponse: { fields: { artifacts: many("Artifact", 1), artifactTypes: many("ArtifactType", 2) } },
};
