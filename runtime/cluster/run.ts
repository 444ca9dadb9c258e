/**
 * Runs on a cluster, for the command line and the runtime server: `runOnCluster`
 * submits a package and follows it, `attach` follows one that is under way,
 * `terminateRun` ends one that nobody follows. All speak in the events of a
 * local run and keep logs where a local run keeps them.
 */
import type { Json, PipelinePackage, PipelineSpec } from "../../language/spec/types.ts";
import type { EventSink, RunId, RunState, SourceRef } from "../events.ts";
import type { Target } from "../protocol.ts";
import { completeParameters } from "../local/parameters.ts";
import { type Cluster, connect, explain, findKfp } from "./connect.ts";
import { type Kfp, kfpOfCluster } from "./kfp.ts";
import { observe, type ObserveOptions } from "./observe.ts";

export interface FollowOptions extends Pick<ObserveOptions, "signal" | "detach" | "notice" | "patienceMs" | "quietMs"> {
  readonly run: RunId;
  readonly target: Target;
  readonly sink: EventSink;
  /** Folder of the run (`.millrace/runs/<id>`): logs are in `logs/` of it, as a local run's. */
  readonly folder: string;
}

export interface SubmitOptions extends FollowOptions {
  readonly parameters: Readonly<Record<string, Json>>;
  readonly caching: boolean;
  /** Digest under which the store keeps the package's YAML. */
  readonly spec: string;
  readonly source?: SourceRef;
  /** What KFP calls the run; default: the pipeline's name and the run's id. */
  readonly name?: string;
}

/**
 * Submits the package and follows the run to its end. Aborting `signal`
 * terminates it on the cluster; aborting `detach` leaves it running there.
 * Answers the run's last known state. Throws UserError before anything was
 * submitted (cluster not there, login refused, no KFP, package refused) and
 * where the cluster stays away for longer than `patienceMs`.
 */
export async function runOnCluster(pkg: PipelinePackage, options: SubmitOptions): Promise<RunState> {
  return withKfp(options.target, options.signal, async (cluster, kfp, place) => {
    const parameters = completeParameters(options.parameters, pkg.spec.root.inputDefinitions);
    const submitted = options.caching ? pkg : { ...pkg, spec: withoutCaching(pkg.spec) };
    const created = await kfp
      .create(
        { name: options.name ?? `${pkg.spec.pipelineInfo.name} ${options.run}`, package: submitted, parameters },
        options.signal,
      )
      .catch((error: unknown) => {
        throw explain(cluster, error, "create a run");
      });
    options.sink({
      kind: "run-created",
      run: options.run,
      at: created.createdAt ?? Date.now(),
      spec: options.spec,
      pipeline: pkg.spec.pipelineInfo.name,
      target: options.target.name,
      parameters,
      remote: created.id,
      ...(options.source ? { source: options.source } : {}),
    });
    return observe({ ...options, remote: created.id, spec: pkg.spec, cluster, kfp, place });
  });
}

/**
 * Follows a run that is under way, or catches up with one that has ended:
 * after a restart of the editor, a lost connection, a detached start. Events
 * that were told before are told again; they change nothing.
 */
export async function attach(
  spec: PipelineSpec,
  options: FollowOptions & { readonly remote: string },
): Promise<RunState> {
  return withKfp(options.target, options.detach, (cluster, kfp, place) =>
    observe({ ...options, spec, cluster, kfp, place }),
  );
}

/** Ends a run that nobody follows. `attach` tells what became of it. */
export async function terminateRun(target: Target, remote: string, signal?: AbortSignal): Promise<void> {
  await withKfp(target, signal, async (cluster, kfp) => {
    await kfp.terminate(remote, signal).catch((error: unknown) => {
      throw explain(cluster, error, "terminate the run");
    });
  });
}

async function withKfp<T>(
  target: Target,
  signal: AbortSignal | undefined,
  use: (cluster: Cluster, kfp: Kfp, place: { service: string; runs: string }) => Promise<T>,
): Promise<T> {
  const cluster = await connect(target);
  try {
    const place = await findKfp(cluster, signal);
    return await use(cluster, kfpOfCluster(cluster, place), place);
  } finally {
    cluster.close();
  }
}

function withoutCaching(spec: PipelineSpec): PipelineSpec {
  const component = (of: PipelineSpec["root"]): PipelineSpec["root"] =>
    of.dag
      ? {
          ...of,
          dag: {
            ...of.dag,
            tasks: Object.fromEntries(
              Object.entries(of.dag.tasks).map(([name, task]) => [name, { ...task, cachingOptions: {} }]),
            ),
          },
        }
      : of;
  return {
    ...spec,
    root: component(spec.root),
    ...(spec.components
      ? { components: Object.fromEntries(Object.entries(spec.components).map(([name, of]) => [name, component(of)])) }
      : {}),
  };
}
