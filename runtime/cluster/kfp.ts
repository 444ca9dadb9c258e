/**
 * Kubeflow Pipelines' REST API, v2beta1 (kfp 2.17.0, kfp_api_single_file.swagger.json).
 *
 * Reached through the Kubernetes API server's service proxy: one HTTP request
 * with the login that we have, no second connection to keep alive, and it
 * survives a restart of the KFP pod, which breaks a port-forward. Where the
 * user may not use `services/proxy` (403), through a port-forward to a pod of
 * the service.
 */
import type http from "node:http";
import type { Json, PipelinePackage } from "../../language/spec/types.ts";
import type { RunState } from "../events.ts";
import { UserError } from "../user-error.ts";
import type { Cluster, KfpPlace } from "./connect.ts";
import { explain } from "./connect.ts";
import { HttpError, send, sendForText, type Call, type Server } from "./http.ts";
import { get, list, text, time } from "./json.ts";
import { podOfService } from "./pods.ts";

export interface Kfp {
  health(signal?: AbortSignal): Promise<{ readonly version: string; readonly multiUser: boolean }>;
  create(request: CreateRun, signal?: AbortSignal): Promise<KfpRun>;
  get(id: string, signal?: AbortSignal): Promise<KfpRun>;
  /** Newest first. */
  list(options?: { readonly limit?: number; readonly signal?: AbortSignal }): Promise<readonly KfpRun[]>;
  terminate(id: string, signal?: AbortSignal): Promise<void>;
  retry(id: string, signal?: AbortSignal): Promise<void>;
  /** The log of a pod that may be gone, from the archive. Throws HttpError where it was not kept. */
  archivedLog(run: string, pod: string, signal?: AbortSignal): Promise<string>;
}

export interface CreateRun {
  readonly name: string;
  readonly package: PipelinePackage;
  readonly parameters: Readonly<Record<string, Json>>;
}

export interface KfpRun {
  readonly id: string;
  readonly name: string;
  readonly state: RunState;
  readonly createdAt?: number;
  readonly finishedAt?: number;
  readonly error?: string;
  /** The package as it was submitted. */
  readonly spec?: Json;
}

/** A way for requests to KFP: adds what stands before `/apis`. */
export type Route = (call: Call) => { readonly server: Server; readonly call: Call };

/** Through the API server of a cluster. */
export function kfpOfCluster(cluster: Cluster, place: KfpPlace): Kfp {
  const prefix = `/api/v1/namespaces/${place.service}/services/ml-pipeline:8888/proxy`;
  const direct: Server = {
    name: cluster.name,
    url: new URL("http://ml-pipeline:8888"),
    options: () => tunnelled(cluster, place.service),
  };
  let route: Route = (call) => ({ server: cluster, call: { ...call, path: prefix + call.path } });
  return kfp(cluster, place.runs, async (attempt) => {
    try {
      return await attempt(route);
    } catch (error) {
      // KFP's own refusals say so in its words; this one is the API server's.
      if (!(error instanceof HttpError) || error.status !== 403 || !error.message.includes("services/proxy"))
        throw error;
      route = (call) => ({ server: direct, call });
      return attempt(route);
    }
  });
}

type Attempt = <T>(attempt: (route: Route) => Promise<T>) => Promise<T>;

function kfp(server: Server, namespace: string | undefined, through: Attempt): Kfp {
  const ask = (call: Call) =>
    through((route) => {
      const routed = route({ ...call, path: `/apis/v2beta1${call.path}` });
      return send(routed.server, routed.call);
    });
  let multiUser: boolean | undefined;

  async function health(signal?: AbortSignal): Promise<{ version: string; multiUser: boolean }> {
    const answer = await ask({ path: "/healthz", signal });
    multiUser = get(answer, "multi_user") === true;
    return { version: text(answer, "tag_name") ?? "unknown", multiUser };
  }

  /** Multi-user servers want to be told the namespace; others refuse it. */
  async function scope(signal: AbortSignal | undefined): Promise<string | undefined> {
    if (multiUser === undefined) await health(signal);
    return multiUser ? namespace : undefined;
  }

  return {
    health,
    async create(request, signal) {
      const where = await scope(signal);
      const experiment = where ? await defaultExperiment(ask, where, signal) : undefined;
      try {
        const answer = await ask({
          path: "/runs",
          method: "POST",
          signal,
          body: {
            display_name: request.name,
            pipeline_spec: submitted(request.package),
            runtime_config: { parameters: request.parameters },
            ...(experiment ? { experiment_id: experiment } : {}),
          },
        });
        return runOf(answer);
      } catch (error) {
        if (error instanceof HttpError && error.status === 400) {
          throw new UserError(
            "run-refused",
            `KFP on "${server.name}" refuses this pipeline: ${firstSentence(error.message)}`,
            {
              action: "Change the pipeline or its parameters.",
              cause: error,
              exit: 2,
            },
          );
        }
        throw explain(server, error, "create a run");
      }
    },
    get: async (id, signal) => runOf(await ask({ path: `/runs/${id}`, signal })),
    async list({ limit = 50, signal } = {}) {
      const where = await scope(signal);
      const query = new URLSearchParams({
        page_size: String(limit),
        sort_by: "created_at desc",
        ...(where ? { namespace: where } : {}),
      });
      return list(await ask({ path: `/runs?${query.toString()}`, signal }), "runs").map(runOf);
    },
    async terminate(id, signal) {
      await ask({ path: `/runs/${id}:terminate`, method: "POST", signal });
    },
    async retry(id, signal) {
      await ask({ path: `/runs/${id}:retry`, method: "POST", signal });
    },
    archivedLog: (run, pod, signal) =>
      through((route) => {
        const routed = route({ path: `/apis/v1alpha1/runs/${run}/nodes/${pod}/log`, signal });
        return sendForText(routed.server, routed.call);
      }),
  };
}

/** One document is sent as it is; two as `{ pipeline_spec, platform_spec }`. */
function submitted(pkg: PipelinePackage): Json {
  // SAFETY: specs are plain JSON; their interfaces only lack the index signature of `Json`.
  const spec = pkg.spec as unknown as Json;
  return pkg.platform ? { pipeline_spec: spec, platform_spec: pkg.platform as unknown as Json } : spec;
}

function runOf(answer: Json): KfpRun {
  const createdAt = time(answer, "created_at");
  const finishedAt = time(answer, "finished_at");
  // Unfinished runs have the epoch there.
  const finished = finishedAt !== undefined && finishedAt > 0 ? { finishedAt } : {};
  const error = text(answer, "error", "message");
  const spec = get(answer, "pipeline_spec");
  return {
    id: text(answer, "run_id") ?? "",
    name: text(answer, "display_name") ?? "",
    state: stateOf(answer),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...finished,
    ...(error === undefined ? {} : { error }),
    ...(spec === undefined ? {} : { spec }),
  };
}

/** A terminated run ends as FAILED in KFP 2.17; that somebody wanted it is in its history only. */
function stateOf(answer: Json): RunState {
  const wanted = list(answer, "state_history").some((entry) => text(entry, "state") === "CANCELING");
  const state = text(answer, "state");
  switch (state) {
    case "SUCCEEDED":
    case "CANCELED":
      return state;
    case "FAILED":
      return wanted ? "CANCELED" : "FAILED";
    case "SKIPPED":
      return "SUCCEEDED";
    case "RUNNING":
    case "PAUSED":
      return wanted ? "CANCELING" : "RUNNING";
    case "CANCELING":
      return "CANCELING";
    default:
      return wanted ? "CANCELING" : "PENDING";
  }
}

async function defaultExperiment(
  ask: (call: Call) => Promise<Json>,
  namespace: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const query = new URLSearchParams({ namespace, page_size: "100" });
  const experiments = list(await ask({ path: `/experiments?${query.toString()}`, signal }), "experiments");
  const found = experiments.find((experiment) => text(experiment, "display_name") === "Default");
  if (found) return text(found, "experiment_id");
  return text(
    await ask({ path: "/experiments", method: "POST", body: { display_name: "Default", namespace }, signal }),
    "experiment_id",
  );
}

/** KFP's errors repeat themselves from layer to layer; the first is the nearest to the user. */
function firstSentence(message: string): string {
  const cause = message.split("InvalidInputError: ").at(-1) ?? message;
  const end = cause.indexOf("\n");
  const sentence = (end < 0 ? cause : cause.slice(0, end)).trim();
  return sentence.endsWith(".") ? sentence : `${sentence}.`;
}

/** Each request through a port-forward of its own to a pod of the service. */
async function tunnelled(cluster: Cluster, namespace: string): Promise<http.RequestOptions> {
  const pod = await podOfService(cluster, namespace, "ml-pipeline");
  if (pod === undefined)
    throw new UserError(
      "kfp-down",
      `No pod of ml-pipeline is ready in namespace "${namespace}" of cluster "${cluster.name}".`,
      { action: "Try again when KFP runs." },
    );
  const stream = await cluster.tunnel(namespace, pod, 8888);
  return {
    // A Duplex is all that HTTP needs of a socket; `agent: false` keeps it from being pooled.
    createConnection: () => stream,
    headers: { connection: "close" },
  };
}
